//! Passkeys: how many an account has, what they are called, which may be taken away.

use crate::account::PersonKind;

/// How many an account may have: one for each device of a family, and some to spare.
pub const MOST_PASSKEYS: u64 = 10;

/// What an owner calls a passkey, to tell it from others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// The most signs of a name.
    pub const LONGEST: usize = 40;

    /// Reads what a person typed; spaces around and between words count once. `None` where
    /// nothing is left, it is too long, or it has signs that are not shown.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<_> = text.split_whitespace().collect();
        let name = words.join(" ");
        let is_one = !name.is_empty()
            && name.chars().count() <= Self::LONGEST
            && !name.chars().any(is_hidden);
        is_one.then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control signs, and those that turn the direction of a text or take no room.
fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// What an account would have left without one of its passkeys.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// Whose it is.
    pub kind: PersonKind,
    /// Other passkeys.
    pub passkeys: u64,
    /// An authenticator application.
    pub application: bool,
    /// A password that its owner chose, or another provider that opens it.
    pub other_way_in: bool,
}

/// Whether a passkey may be taken away.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Removal {
    /// It may.
    Allowed,
    /// The account must have a second factor, and this is its last.
    LastFactor,
    /// Nothing else opens the account.
    LastWayIn,
}

impl Removal {
    /// Of a passkey without which this is left.
    pub const fn leaving(left: Left) -> Self {
        if left.passkeys > 0 {
            return Self::Allowed;
        }
        if left.kind.must_have_second_factor() && !left.application {
            return Self::LastFactor;
        }
        if left.other_way_in {
            Self::Allowed
        } else {
            Self::LastWayIn
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_few_words_that_show() {
        let parsed = |text: &str| PasskeyName::parse(text).map(|name| name.0);
        assert_eq!(
            parsed("  Téléphone  de Léo ").as_deref(),
            Some("Téléphone de Léo")
        );
        assert_eq!(parsed(&"é".repeat(40)), Some("é".repeat(40)));
        let too_long = "é".repeat(41);
        for text in ["", "  ", "a\u{7}b", "a\u{202e}b", "\u{200b}", &too_long] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn neither_the_last_factor_of_staff_nor_the_last_way_in_goes() {
        use Removal::{Allowed, LastFactor, LastWayIn};
        let after = |kind, passkeys, application, other_way_in| {
            Removal::leaving(Left {
                kind,
                passkeys,
                application,
                other_way_in,
            })
        };
        for kind in [PersonKind::Pupil, PersonKind::Guardian] {
            assert_eq!(after(kind, 1, false, false), Allowed);
            assert_eq!(after(kind, 0, false, true), Allowed);
            assert_eq!(after(kind, 0, true, false), LastWayIn);
        }
        for kind in [PersonKind::Officer, PersonKind::Administrator] {
            assert_eq!(after(kind, 1, false, true), Allowed);
            assert_eq!(after(kind, 0, false, true), LastFactor);
            assert_eq!(after(kind, 0, true, true), Allowed);
            assert_eq!(after(kind, 0, true, false), LastWayIn);
        }
    }
}
