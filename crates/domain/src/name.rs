//! Names of people: kept as given, compared in a normal form.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The longest name taken, in characters; longer ones are faults of a file.
pub const MAX_NAME: usize = 100;

/// A person's names as their school or they gave them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonName {
    /// Given name (prénom usuel).
    pub given: String,
    /// Family name (nom de famille).
    pub family: String,
}

impl PersonName {
    /// Given name, then family name, as people are shown.
    pub fn full(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// Whether both persons bear the same names, compared in the normal form.
    pub fn is_same_as(&self, other: &Self) -> bool {
        normalise(&self.given) == normalise(&other.given)
            && normalise(&self.family) == normalise(&other.family)
    }
}

/// A text with case and accents aside and its signs kept, to search within.
pub fn folded(text: &str) -> String {
    any_ascii::any_ascii(text).to_lowercase()
}

/// Why a name was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NameFault {
    /// Nothing is left of it in the normal form.
    #[error("a name needs at least one letter")]
    Empty,
    /// It is longer than [`MAX_NAME`].
    #[error("a name has at most {MAX_NAME} characters")]
    TooLong,
    /// It holds control characters.
    #[error("a name holds no control characters")]
    Control,
}

/// Checks a name as given.
///
/// # Errors
/// The first fault found.
pub fn check(name: &str) -> Result<(), NameFault> {
    if name.chars().count() > MAX_NAME {
        return Err(NameFault::TooLong);
    }
    if name.chars().any(char::is_control) {
        return Err(NameFault::Control);
    }
    if normalise(name).is_empty() {
        return Err(NameFault::Empty);
    }
    Ok(())
}

/// The normal form in which names are compared: no accents, no ligatures, no case;
/// hyphens, apostrophes and any run of spaces are one space.
///
/// `normalise("  LE-GŒUFF ")` and `normalise("Le Goeuff")` are the same.
pub fn normalise(name: &str) -> String {
    let letters: String = name.nfkd().filter(|c| !is_combining(*c)).collect();
    let ascii = any_ascii::any_ascii(&letters).to_lowercase();
    ascii
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_people_take_for_the_same_are_the_same() {
        for (one, other) in [
            ("LE-GŒUFF", "Le Goeuff"),
            ("D'Artagnan", "d’artagnan"),
            ("Zoé", "ZOE\u{301}"),
            ("Jean  Paul", "jean-paul"),
            ("Ægir", "AEGIR"),
            ("Strauß", "Strauss"),
            ("Łukasz", "LUKASZ"),
        ] {
            assert_eq!(normalise(one), normalise(other), "{one} / {other}");
        }
    }

    #[test]
    fn different_names_stay_different() {
        assert_ne!(normalise("Martin"), normalise("Martine"));
        assert_ne!(normalise("Legoff"), normalise("Le Goff"));
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(check(" - "), Err(NameFault::Empty));
        assert_eq!(check(&"a".repeat(101)), Err(NameFault::TooLong));
        assert_eq!(check("Bob\r\nBcc"), Err(NameFault::Control));
        assert_eq!(check("N'Guyễn"), Ok(()));
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(name in "\\PC{0,40}") {
            let once = normalise(&name);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn case_never_matters(name in "[a-zA-Zéèêëàâîïôöûüç' -]{0,40}") {
            prop_assert_eq!(normalise(&name.to_uppercase()), normalise(&name.to_lowercase()));
        }

        #[test]
        fn the_normal_form_is_plain(name in "\\PC{0,40}") {
            let normal = normalise(&name);
            prop_assert!(normal.chars().all(|c| c == ' ' || c.is_ascii_digit() || c.is_ascii_lowercase()));
            prop_assert!(!normal.starts_with(' ') && !normal.ends_with(' ') && !normal.contains("  "));
        }
    }
}
