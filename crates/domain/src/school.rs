//! Schools, by their UAI code.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name;

/// A school's code in the national register (UAI, once RNE): seven digits and a
/// check letter. Checked for its form alone; [`Uai::has_valid_key`] tells whether the
/// letter agrees, since files in the field hold codes whose letter does not.
#[derive(
    Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Uai(String);

/// A text that is no UAI code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a UAI code has seven digits and a letter, such as 0750001U")]
pub struct NotAUai;

const KEYS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";

impl Uai {
    /// Reads a code, in either case.
    ///
    /// # Errors
    /// [`NotAUai`] where the form is wrong.
    pub fn parse(text: &str) -> Result<Self, NotAUai> {
        let code = text.trim().to_ascii_uppercase();
        let bytes = code.as_bytes();
        let sound = bytes.len() == 8
            && bytes[..7].iter().all(u8::is_ascii_digit)
            && bytes[7].is_ascii_uppercase();
        sound.then_some(Self(code)).ok_or(NotAUai)
    }

    /// Whether the letter is the number modulo 23 in the alphabet without I, O, Q.
    pub fn has_valid_key(&self) -> bool {
        let number: usize = self.0[..7].parse().unwrap_or_default();
        self.0.as_bytes()[7] == KEYS[number % KEYS.len()]
    }

    /// The code, letter in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Uai {
    type Error = NotAUai;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Uai> for String {
    fn from(uai: Uai) -> Self {
        uai.0
    }
}

impl fmt::Display for Uai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form in which towns are compared: as names are, with « St » and « Ste » in full.
pub fn town_form(town: &str) -> String {
    let normal = name::normalise(town);
    let words = normal.split(' ').map(|word| match word {
        "st" => "saint",
        "ste" => "sainte",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What a school teaches (contract.md, `level`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchoolLevel {
    /// École (primary).
    Ecole,
    /// Collège (lower secondary).
    College,
    /// Lycée (upper secondary).
    Lycee,
}

impl SchoolLevel {
    /// The value in claims, files and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ecole => "ecole",
            Self::College => "college",
            Self::Lycee => "lycee",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ecole, Self::College, Self::Lycee]
            .into_iter()
            .find(|level| level.as_str() == text)
    }
}

/// A school as claims show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct School {
    /// Its code.
    pub uai: Uai,
    /// Its name.
    pub name: String,
    /// What it teaches.
    pub level: SchoolLevel,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_has_a_valid_key() {
        assert!(Uai::parse("0951099d").unwrap().has_valid_key());
        assert!(!Uai::parse("0951099E").unwrap().has_valid_key());
    }

    #[test]
    fn towns_are_compared_as_they_are_said() {
        assert_eq!(town_form("St-Étienne-du-Grès"), "saint etienne du gres");
        assert_eq!(
            town_form(" SAINTE MÈRE-ÉGLISE"),
            town_form("Ste-Mère-Église")
        );
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "951099D",
            "09510990",
            "0951099DD",
            "O951099D",
            "é951099D",
        ] {
            assert_eq!(Uai::parse(text), Err(NotAUai), "{text}");
        }
    }
}
