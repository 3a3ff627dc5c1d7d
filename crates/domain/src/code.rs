//! Codes that are sent by SMS and typed by hand.

use std::fmt;

use subtle::ConstantTimeEq;

use crate::ambient::Ambient;

const DIGITS: usize = 8;

/// A one-time code of eight digits: 26 bits, so that five tries find it once in twenty
/// million (docs/SECURITY.md, Codes by SMS). Only a keyed hash of it is kept.
#[derive(Clone)]
pub struct OneTimeCode(String);

impl OneTimeCode {
    /// A new random one.
    pub fn generate(ambient: &Ambient) -> Self {
        // 2^64 is so far above 10^8 that no code is likelier than another by 10^-11.
        let random = u64::from_be_bytes(ambient.random());
        Self(format!("{:08}", random % 100_000_000))
    }

    /// Reads what a person typed; spaces between digits do not count.
    pub fn parse_as_written(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let sound = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        sound.then_some(Self(digits))
    }

    /// The digits, to be sent and hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for OneTimeCode {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_eight_digits_and_reads_back_with_spaces() {
        let code = OneTimeCode::generate(&Ambient::system());
        assert_eq!(code.expose().len(), DIGITS);
        let spaced = format!(" {} {}\u{a0}", &code.expose()[..4], &code.expose()[4..]);
        assert_eq!(OneTimeCode::parse_as_written(&spaced), Some(code));
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in ["", "1234567", "123456789", "1234567a", "１２３４５６７８"] {
            assert_eq!(OneTimeCode::parse_as_written(text), None, "{text}");
        }
    }
}
