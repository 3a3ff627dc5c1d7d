//! An end of the chain that somebody wrote down elsewhere. Whoever has the database and the
//! master key can put an earlier state back, or make a whole new chain that fits itself:
//! neither comes to the end that was noted.

use std::{fmt, str::FromStr};

use super::chain;

/// A place of the chain and its seal, written `PLACE:SEAL`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    place: u64,
    seal: String,
}

/// A text is no noted end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write the place, a colon and the seal of 64 digits, as `preau audit verify` prints them")]
pub struct NotNoted;

impl Noted {
    /// Which seal: the first is 1; 0 of a chain that has not begun.
    pub const fn place(&self) -> u64 {
        self.place
    }

    /// Whether this seal has its place.
    pub(super) fn is_at(&self, sequence: i64) -> bool {
        u64::try_from(sequence) == Ok(self.place)
    }

    /// Whether this is the seal.
    pub(super) fn is(&self, hash: &[u8]) -> bool {
        self.seal == chain::hex(hash)
    }
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.place, self.seal)
    }
}

impl FromStr for Noted {
    type Err = NotNoted;

    fn from_str(text: &str) -> Result<Self, NotNoted> {
        let (place, seal) = text.trim().split_once(':').ok_or(NotNoted)?;
        let is_seal = seal.len() == 64 && seal.bytes().all(|digit| digit.is_ascii_hexdigit());
        match place.parse() {
            Ok(place) if is_seal => Ok(Self {
                place,
                seal: seal.to_ascii_lowercase(),
            }),
            _ => Err(NotNoted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_is_read_back_and_nothing_else_is() {
        let seal = "ab".repeat(32);
        let printed = format!("12:{seal}");
        let noted: Noted = printed.parse().unwrap();
        assert_eq!(noted.to_string(), printed);
        assert_eq!(
            noted,
            format!(" 12:{} ", seal.to_uppercase()).parse().unwrap()
        );
        assert!(noted.is_at(12) && noted.is(&[0xab; 32]));
        assert!(!noted.is_at(-12) && !noted.is(&[0xac; 32]));
        for text in ["", "12", &seal, &format!("-1:{seal}"), "12:ab"] {
            assert_eq!(text.parse::<Noted>(), Err(NotNoted), "{text}");
        }
    }
}
