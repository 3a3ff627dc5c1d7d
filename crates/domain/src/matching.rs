//! Which person of a school's file a pivot identity names (arrêté du 8 novembre 2018;
//! product.md, Activation). Names and birth date decide, never an e-mail address: people
//! share those. Where more than one person fits, nobody does.

use jiff::civil::Date;

use crate::name::{PersonName, normalise};

/// What an upstream provider vouched for, from the civil register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pivot {
    /// Name of birth.
    pub family_name: String,
    /// Nom d'usage (`preferred_username`), where there is one.
    pub name_in_use: Option<String>,
    /// Given names.
    pub given_names: GivenNames,
    /// Date of birth.
    pub birth: BirthDate,
}

/// Given names as they came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GivenNames {
    /// One by one (`given_name_array`): a space within one is part of it.
    Listed(Vec<String>),
    /// In one text (`given_name`): where the first one ends is not said.
    Joined(String),
}

/// A date of birth of which the civil register may not know all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BirthDate {
    /// All of it.
    Whole(Date),
    /// Year and month: « présumé né » within that month.
    Month(i16, i8),
    /// The year alone.
    Year(i16),
}

/// A date of birth that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no date of birth in the form YYYY-MM-DD")]
pub struct NotABirthDate;

impl BirthDate {
    /// Reads `birthdate`, which FranceConnect completes with 01 where the register has
    /// no day or month, beside `idp_birthdate`, which has 00 there.
    ///
    /// # Errors
    /// [`NotABirthDate`].
    pub fn read(birthdate: &str, idp_birthdate: Option<&str>) -> Result<Self, NotABirthDate> {
        let date: Date = birthdate.parse().map_err(|_| NotABirthDate)?;
        if date.to_string() != birthdate {
            return Err(NotABirthDate);
        }
        Ok(match idp_birthdate.map(|text| text.get(4..)) {
            Some(Some("-00-00")) => Self::Year(date.year()),
            Some(Some(rest)) if rest.ends_with("-00") => Self::Month(date.year(), date.month()),
            _ => Self::Whole(date),
        })
    }

    fn agreement(self, known: Date) -> Agreement {
        let (agrees, how) = match self {
            Self::Whole(date) => (date == known, Agreement::Same),
            Self::Month(year, month) => (
                (year, month) == (known.year(), known.month()),
                Agreement::Partly,
            ),
            Self::Year(year) => (year == known.year(), Agreement::Partly),
        };
        if agrees { how } else { Agreement::Differs }
    }
}

/// How a pivot's date of birth and a school's agree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Agreement {
    /// It is the same day.
    Same,
    /// What the register knows of it is the same.
    Partly,
    /// The school knows none.
    NotKnown,
    /// They are different: it is somebody else.
    Differs,
}

/// Names and birth date under which a person is known: one person may have several.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate<K> {
    /// Who.
    pub key: K,
    /// The names.
    pub name: PersonName,
    /// The birth date, where known.
    pub birth_date: Option<Date>,
}

/// Whom a pivot identity names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match<K> {
    /// Nobody.
    None,
    /// This person, and how the dates of birth agree; never [`Agreement::Differs`].
    One(K, Agreement),
    /// More than one: homonyms, whom a school must tell apart.
    Several,
}

/// Finds the person. A person fits whose names are the pivot's under one of the
/// candidates' entries and none of whose known birth dates differs from it.
pub fn find<K: Copy + PartialEq>(pivot: &Pivot, candidates: &[Candidate<K>]) -> Match<K> {
    let mut found: Option<(K, Agreement)> = None;
    for candidate in candidates {
        let key = candidate.key;
        if !pivot.bears(&candidate.name) || found.is_some_and(|(known, _)| known == key) {
            continue;
        }
        let agreement = agreement_of(pivot, candidates, key);
        if agreement == Agreement::Differs {
            continue;
        }
        if found.is_some() {
            return Match::Several;
        }
        found = Some((key, agreement));
    }
    found.map_or(Match::None, |(key, agreement)| Match::One(key, agreement))
}

/// The worst of what is known of a person, and « not known » where nothing is.
fn agreement_of<K: Copy + PartialEq>(
    pivot: &Pivot,
    candidates: &[Candidate<K>],
    key: K,
) -> Agreement {
    let known = candidates
        .iter()
        .filter(|candidate| candidate.key == key)
        .filter_map(|candidate| candidate.birth_date)
        .map(|known| pivot.birth.agreement(known));
    known.max().unwrap_or(Agreement::NotKnown)
}

impl Pivot {
    /// Whether a school may have written this person down under these names.
    pub fn bears(&self, name: &PersonName) -> bool {
        self.bears_given(&name.given) && self.bears_family(&name.family)
    }

    /// Normal forms of the family names by which a school's file can be searched, without
    /// repetition: with particles, with others and without. What is found must still be matched.
    pub fn family_names(&self) -> Vec<String> {
        let names = self.family_forms();
        let mut forms: Vec<String> = names
            .iter()
            .flat_map(|name| {
                let bare = without_particles(name);
                let with_particles = PARTICLES.map(|particle| format!("{particle} {bare}"));
                let alone = [name.clone(), squashed(name), squashed(&bare), bare];
                alone.into_iter().chain(with_particles)
            })
            .filter(|form| !form.is_empty())
            .collect();
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    /// Normal forms of the given names by which a school's file can be searched: the first
    /// one, the first two, and so on, in one word and in several.
    pub fn first_names(&self) -> Vec<String> {
        let parts: Vec<String> = match &self.given_names {
            GivenNames::Listed(names) => names.iter().map(|name| normalise(name)).collect(),
            GivenNames::Joined(names) => normalise(names).split(' ').map(str::to_owned).collect(),
        };
        let first = (1..=parts.len()).map(|count| &parts[..count]);
        let mut forms: Vec<String> = first
            .flat_map(|names| {
                let spaced = names.join(" ");
                let words = names.iter().map(|name| squashed(name));
                let hyphens = words.collect::<Vec<_>>().join(" ");
                let one_word = squashed(&spaced);
                [spaced, hyphens, one_word]
            })
            .filter(|form| !form.is_empty())
            .collect();
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    fn bears_family(&self, family: &str) -> bool {
        let family = normalise(family);
        let mut forms = self.family_forms().into_iter();
        !family.is_empty() && forms.any(|form| are_one_family_name(&form, &family))
    }

    /// Name of birth, nom d'usage, and both, as some schools write them.
    fn family_forms(&self) -> Vec<String> {
        let birth = normalise(&self.family_name);
        let in_use = self.name_in_use.as_deref().map(normalise);
        let in_use = in_use.filter(|name| !name.is_empty() && *name != birth);
        let mut forms = vec![birth.clone()];
        if let Some(in_use) = in_use {
            forms.push(format!("{birth} {in_use}"));
            forms.push(format!("{in_use} {birth}"));
            forms.push(in_use);
        }
        forms.retain(|form| !form.trim().is_empty());
        forms
    }

    /// A school writes the first given name, or the first few.
    fn bears_given(&self, given: &str) -> bool {
        let parts: Vec<String> = match &self.given_names {
            GivenNames::Listed(names) => names.iter().map(|name| squashed(name)).collect(),
            GivenNames::Joined(names) => normalise(names).split(' ').map(str::to_owned).collect(),
        };
        let given = squashed(given);
        let mut written = String::new();
        !given.is_empty()
            && parts.iter().any(|part| {
                written.push_str(part);
                written == given
            })
    }
}

/// « de La Tour », « La Tour » and « DELATOUR » are one name.
fn are_one_family_name(one: &str, other: &str) -> bool {
    squashed(one) == squashed(other)
        || squashed(&without_particles(one)) == squashed(&without_particles(other))
}

/// The normal form in one word: « Jean-Philippe », « Jean Philippe », « Jeanphilippe ».
fn squashed(name: &str) -> String {
    normalise(name).replace(' ', "")
}

const PARTICLES: [&str; 4] = ["de", "d", "du", "des"];

fn without_particles(normal: &str) -> String {
    let words: Vec<&str> = normal.split(' ').collect();
    let is_particle = |word: &&&str| PARTICLES.contains(word);
    let leading = words.iter().take_while(is_particle).count();
    // A name that is nothing but particles is a name.
    if leading == words.len() {
        return normal.to_owned();
    }
    words[leading..].join(" ")
}

#[cfg(test)]
mod tests;
