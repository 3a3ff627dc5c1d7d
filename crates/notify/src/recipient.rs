//! Whom a message goes to.

use domain::{contact::Address, ids::AccountId};

/// A language that every message has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Language {
    /// French, the default.
    #[default]
    French,
    /// English.
    English,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::French, Self::English];

    /// The language's tag (BCP 47), as accounts and the outbox hold it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The language of a tag, exactly as [`Self::tag`] gives it; otherwise the default.
    pub fn of_tag(tag: &str) -> Self {
        let known = Self::ALL.into_iter().find(|language| language.tag() == tag);
        known.unwrap_or_default()
    }
}

/// Whom a message goes to. The address is the stored one, never one that a request
/// named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// Whose account the message is about, if any.
    pub account: Option<AccountId>,
    /// Where it goes.
    pub address: Address,
    /// In which language.
    pub language: Language,
}
