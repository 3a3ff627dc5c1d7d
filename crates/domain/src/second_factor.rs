//! Who needs a second factor, what a sign-in asks for it, and codes for who lost it.

use std::fmt;

use crate::{account::PersonKind, ambient::Ambient};

/// What an account has of a second factor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Standing {
    /// None, and never had one.
    Never,
    /// None any more.
    Ended,
    /// One at least.
    InForce,
}

/// What a right password, or another provider's word, must be followed by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Demand {
    /// Nothing.
    Nothing,
    /// The factor.
    Factor,
    /// A first factor is set up: this account must have one and never had.
    Enrolment,
    /// Nothing can follow: this account must have a factor, and its own has ended. Whoever
    /// knows the password would else set up theirs.
    Invitation,
}

impl Demand {
    /// Of an account.
    pub const fn of(kind: PersonKind, standing: Standing) -> Self {
        match (standing, kind.must_have_second_factor()) {
            (Standing::InForce, _) => Self::Factor,
            (Standing::Never | Standing::Ended, false) => Self::Nothing,
            (Standing::Never, true) => Self::Enrolment,
            (Standing::Ended, true) => Self::Invitation,
        }
    }
}

impl PersonKind {
    /// Whether accounts of this kind have power over others' data, and so a second factor.
    pub const fn must_have_second_factor(self) -> bool {
        match self {
            Self::Pupil | Self::Guardian => false,
            Self::Officer | Self::Administrator => true,
        }
    }
}

/// How many recovery codes an account is given.
pub const RECOVERY_CODES: usize = 10;

/// Digits and letters that are not taken for one another (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

const LENGTH: usize = 12;

/// A code that takes the second factor's place, once: sixty random bits, shown when it is
/// made and kept as a keyed hash alone.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; LENGTH]);

impl RecoveryCode {
    /// A new random one.
    pub fn generate(ambient: &Ambient) -> Self {
        // 32 divides 256: no sign is likelier than another.
        let random: [u8; LENGTH] = ambient.random();
        Self(random.map(|byte| SIGNS[usize::from(byte % 32)]))
    }

    /// Reads what a person typed: the case of letters, spaces and dashes do not count, and
    /// what is taken for a digit is that digit.
    pub fn parse_as_written(text: &str) -> Option<Self> {
        let is_written = |sign: &char| !sign.is_whitespace() && !matches!(sign, '-' | '–' | '‑');
        let signs: Option<Vec<u8>> = text.chars().filter(is_written).map(sign).collect();
        signs?.try_into().ok().map(Self)
    }

    /// The signs without dashes, to be hashed.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is shown: three groups of four.
    pub fn expose(&self) -> String {
        let groups = self.0.chunks(4).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

fn sign(written: char) -> Option<u8> {
    let sign = u8::try_from(written).ok()?.to_ascii_lowercase();
    let sign = match sign {
        b'o' => b'0',
        b'i' | b'l' => b'1',
        other => other,
    };
    SIGNS.contains(&sign).then_some(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_power_over_others_data_needs_a_factor() {
        use Standing::{Ended, InForce, Never};
        for family in [PersonKind::Pupil, PersonKind::Guardian] {
            assert_eq!(Demand::of(family, Never), Demand::Nothing);
            assert_eq!(Demand::of(family, Ended), Demand::Nothing);
            assert_eq!(Demand::of(family, InForce), Demand::Factor);
        }
        for staff in [PersonKind::Officer, PersonKind::Administrator] {
            assert_eq!(Demand::of(staff, Never), Demand::Enrolment);
            assert_eq!(Demand::of(staff, Ended), Demand::Invitation);
            assert_eq!(Demand::of(staff, InForce), Demand::Factor);
        }
    }

    #[test]
    fn a_recovery_code_reads_back_as_people_write_it() {
        let code = RecoveryCode::generate(&Ambient::system());
        let shown = code.expose();
        assert_eq!(shown.len(), 14);
        for written in [shown.clone(), shown.to_uppercase(), shown.replace('-', " ")] {
            assert_eq!(RecoveryCode::parse_as_written(&written), Some(code.clone()));
        }
        let taken_for = RecoveryCode::parse_as_written("OIL0-1111-0000").unwrap();
        assert_eq!(taken_for.expose(), "0110-1111-0000");
    }

    #[test]
    fn other_texts_are_no_recovery_codes() {
        for text in [
            "",
            "0000-0000-000",
            "0000-0000-00000",
            "uuuu-0000-0000",
            "éééé-0000-0000",
        ] {
            assert_eq!(RecoveryCode::parse_as_written(text), None, "{text}");
        }
    }

    #[test]
    fn a_recovery_code_does_not_print() {
        let code = RecoveryCode::generate(&Ambient::system());
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }
}
