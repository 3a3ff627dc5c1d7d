//! Links: a guardian's legal representation of a pupil.

use serde::{Deserialize, Serialize};

/// What the guardian is to the pupil (contract.md, `relationship`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    /// Mother.
    Mother,
    /// Father.
    Father,
    /// Guardian by decision (tutor, child welfare, foster care).
    Guardian,
    /// Any other legal representative.
    Other,
}

impl Relationship {
    const ALL: [Self; 4] = [Self::Mother, Self::Father, Self::Guardian, Self::Other];

    /// The value in claims, files and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mother => "mother",
            Self::Father => "father",
            Self::Guardian => "guardian",
            Self::Other => "other",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|relationship| relationship.as_str() == text)
    }
}
