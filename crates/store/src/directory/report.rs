//! What an import came to.

use serde::Serialize;

use super::document::EntryFault;

/// What an import changed, or in a dry run would change, and what it refused.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Report {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Schools.
    pub schools: Counts,
    /// Accounts.
    pub people: Counts,
    /// Directory records.
    pub records: Counts,
    /// Links; one that was ended or taken up again is an updated one.
    pub links: Counts,
    /// The entries that were refused, list by list as the file has them.
    pub refusals: Vec<Refusal>,
    /// What was left out of entries that were taken.
    pub left_out: Vec<Refusal>,
}

/// How many entries of a list came to what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    /// There was none.
    pub created: u64,
    /// There was another.
    pub updated: u64,
    /// There was the same.
    pub unchanged: u64,
}

/// An entry, or a member of one, that was not taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Refusal {
    /// Where it stands, such as `people[3].identifier`.
    pub path: String,
    /// What is wrong, without the value.
    pub message: String,
    /// Where it stands, to be sorted by.
    #[serde(skip)]
    pub(super) place: Place,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Where an entry stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) list: List,
    pub(super) index: usize,
}

/// The lists of a file, in the order in which they are imported.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum List {
    Schools,
    People,
    Records,
    Links,
}

impl List {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Schools => "schools",
            Self::People => "people",
            Self::Records => "records",
            Self::Links => "links",
        }
    }
}

impl Place {
    /// The refusal of the entry for one of its members.
    pub(super) fn refuse(self, member: &str, message: impl Into<String>) -> Refusal {
        let (list, index) = (self.list.as_str(), self.index);
        let dot = if member.is_empty() { "" } else { "." };
        Refusal {
            path: format!("{list}[{index}]{dot}{member}"),
            message: message.into(),
            place: self,
        }
    }

    /// The refusal of an entry that could not be read.
    pub(super) fn refuse_fault(self, fault: &EntryFault) -> Refusal {
        self.refuse(&fault.member, fault.message.as_str())
    }
}
