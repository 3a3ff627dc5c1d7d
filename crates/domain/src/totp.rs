//! Codes of an authenticator application: six digits that change every 30 seconds (RFC
//! 6238, with the parameters that every application knows: SHA-1, six digits, 30 seconds).

use std::fmt;

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::ambient::Ambient;

const DIGITS: usize = 6;

/// The fewest bytes of a key (RFC 4226, section 4), and the most that HMAC-SHA-1 uses whole.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=64;

/// The key that an application and the service share.
#[derive(Clone)]
pub struct TotpKey(Secret);

impl TotpKey {
    /// A new random one, of the 160 bits that RFC 4226 recommends.
    pub fn generate(ambient: &Ambient) -> Self {
        Self(Secret::from(ambient.random::<20>()))
    }

    /// Reads base32 (RFC 4648, section 6), as people and files write it: spaces and the
    /// case of letters do not count.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let key = Secret::try_from_base32(letters.to_ascii_uppercase()).ok()?;
        Self::from_bytes(key.as_bytes())
    }

    /// Reads what [`Self::as_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let is_sound = KEY_BYTES.contains(&bytes.len());
        is_sound.then(|| Self(Secret::from(bytes.to_vec())))
    }

    /// The bytes, to be sealed.
    pub const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// In base32, to be typed into an application.
    pub fn expose(&self) -> String {
        self.0.to_base32()
    }

    /// The address that applications read from a QR code (Key Uri Format): who asks for the
    /// codes, and for which account.
    pub fn address(&self, issuer: &str, account: &str) -> String {
        // A colon parts the two.
        let issuer = issuer.replace(':', " ");
        let account = account.replace(':', " ");
        let named = self.builder().with_issuer(Some(issuer));
        let totp = named.with_account_name(account).build();
        let totp = totp.expect("a key has enough bytes and the names no colon");
        totp.to_url().expect("an identifier is not empty")
    }

    /// The code of an instant.
    pub fn code_at(&self, now: Timestamp) -> TotpCode {
        TotpCode(self.totp().generate(seconds(now)).to_string())
    }

    /// The step that a code is of: the current one, the one before or the one after (RFC
    /// 6238, section 5.2). A step is good once, which is its keeper's to see to.
    pub fn step_of(&self, code: &TotpCode, now: Timestamp) -> Option<i64> {
        let step = self.totp().check(&code.0, seconds(now))?;
        i64::try_from(step).ok()
    }

    fn totp(&self) -> Totp {
        let totp = self.builder().build();
        totp.expect("a key has enough bytes")
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(self.0.clone())
    }
}

impl PartialEq for TotpKey {
    fn eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.as_bytes(), other.as_bytes()).into()
    }
}

impl fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpKey(…)")
    }
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or_default()
}

/// Six digits.
#[derive(Clone)]
pub struct TotpCode(String);

impl TotpCode {
    /// Reads what a person typed; spaces between digits do not count.
    pub fn parse_as_written(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let sound = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        sound.then_some(Self(digits))
    }

    /// The digits: for the demo, which shows them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B, the rows of SHA-1: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let key = TotpKey::from_bytes(b"12345678901234567890").unwrap();
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, code) in table {
            assert_eq!(key.code_at(at(second)).expose(), code, "{second}");
            let typed = TotpCode::parse_as_written(code).unwrap();
            assert_eq!(key.step_of(&typed, at(second)), Some(second / 30));
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let key = TotpKey::from_bytes(b"12345678901234567890").unwrap();
        let now = 1_800_000_015;
        let code = key.code_at(at(now));
        for (distance, step) in [
            (-30, Some(now / 30)),
            (0, Some(now / 30)),
            (30, Some(now / 30)),
        ] {
            assert_eq!(key.step_of(&code, at(now + distance)), step, "{distance}");
        }
        for distance in [-60, 60, 90] {
            assert_eq!(key.step_of(&code, at(now + distance)), None, "{distance}");
        }
    }

    #[test]
    fn a_key_reads_back_as_people_write_it() {
        let key = TotpKey::parse("PREAUDEMOPREAUDEMOPREAUDEMOPREAU").unwrap();
        assert_eq!(key.as_bytes().len(), 20);
        assert_eq!(key.expose(), "PREAUDEMOPREAUDEMOPREAUDEMOPREAU");
        assert_eq!(
            TotpKey::parse("prea udem opre audemopreaudemopreau"),
            Some(key)
        );
        for text in ["", "PREAUDEMO", "PREAUDEMOPREAUDEMOPREAUDEMOPREA1", "é"] {
            assert_eq!(TotpKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_address_names_service_and_account() {
        let key = TotpKey::parse("PREAUDEMOPREAUDEMOPREAUDEMOPREAU").unwrap();
        assert_eq!(
            key.address("Préau", "ecole.college"),
            "otpauth://totp/Pr%C3%A9au:ecole.college\
             ?secret=PREAUDEMOPREAUDEMOPREAUDEMOPREAU&issuer=Pr%C3%A9au"
        );
    }

    #[test]
    fn codes_are_six_digits_as_people_write_them() {
        for text in ["123456", "123 456", " 123456\u{a0}"] {
            assert_eq!(TotpCode::parse_as_written(text).unwrap().expose(), "123456");
        }
        for text in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert!(TotpCode::parse_as_written(text).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_and_codes_do_not_print() {
        let key = TotpKey::parse("PREAUDEMOPREAUDEMOPREAUDEMOPREAU").unwrap();
        assert_eq!(format!("{key:?}"), "TotpKey(…)");
        assert_eq!(format!("{:?}", key.code_at(at(0))), "TotpCode(…)");
    }
}
