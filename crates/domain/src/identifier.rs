//! Account identifiers, such as `c.martin1`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name;

/// The longest identifier, in characters.
pub const MAX_IDENTIFIER: usize = 64;

/// What a person types to say which account is theirs. Compared without case; never
/// changes and is never given again (product.md, Accounts).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountIdentifier(String);

/// A text that is no identifier: empty, too long, or with signs other than letters
/// without accents, digits, dots, hyphens and underscores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an identifier is made of letters without accents, digits, dots, hyphens and underscores")]
pub struct NotAnIdentifier;

impl AccountIdentifier {
    /// Reads what a person typed: surrounding spaces and case do not matter.
    ///
    /// # Errors
    /// [`NotAnIdentifier`] where no account can have it.
    pub fn parse(typed: &str) -> Result<Self, NotAnIdentifier> {
        let text = typed.trim();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if text.is_empty() || text.len() > MAX_IDENTIFIER || !text.bytes().all(plain) {
            return Err(NotAnIdentifier);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The stem of a family account's identifier: the initial of the given name, a
    /// dot, the family name without accents; a number follows it.
    pub fn stem(given: &str, family: &str) -> String {
        let initial: String = name::normalise(given).chars().take(1).collect();
        let family: String = name::normalise(family).replace(' ', "");
        let family: String = family.chars().take(40).collect();
        format!("{initial}.{family}")
    }

    /// The identifier in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountIdentifier {
    type Error = NotAnIdentifier;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AccountIdentifier> for String {
    fn from(identifier: AccountIdentifier) -> Self {
        identifier.0
    }
}

impl fmt::Display for AccountIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_surrounding_spaces_do_not_matter() {
        assert_eq!(
            AccountIdentifier::parse(" C.Martin1\t").unwrap().as_str(),
            "c.martin1"
        );
    }

    #[test]
    fn look_alikes_are_refused() {
        for typed in [
            "",
            "  ",
            "c martin",
            "c.mart\u{131}n1",
            "ｃ.martin1",
            "c.martin1\0",
            "a@b",
        ] {
            assert_eq!(
                AccountIdentifier::parse(typed),
                Err(NotAnIdentifier),
                "{typed}"
            );
        }
    }

    #[test]
    fn the_stem_has_no_accents() {
        assert_eq!(
            AccountIdentifier::stem("Éloïse", "Le Gœuff-N'Dour"),
            "e.legoeuffndour"
        );
    }
}
