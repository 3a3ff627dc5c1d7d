//! New passwords: which are refused, and how strong one is.
//!
//! Rules are NIST SP 800-63B's and ASVS 5.0's, chapter 6.2: a length, no composition,
//! nothing that everybody or anybody who knows the person would try first.

use std::collections::HashSet;

use zxcvbn::Score;

use crate::{
    identifier::AccountIdentifier,
    name::{self, PersonName},
};

/// The shortest password, in characters (Unicode scalar values, as typed).
pub const MIN_PASSWORD: usize = 12;

/// The longest password, in bytes of UTF-8: a bound on what is hashed.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// How many characters the meter looks at. Its cost grows fast with signs that may stand
/// for letters: a tenth of a second for 32 of them, a second for 100. What comes after
/// can only make a password stronger.
pub const MEASURED_CHARACTERS: usize = 32;

/// With fewer letters left, a password is made of the words that were taken out.
const FEWEST_OTHER_LETTERS: usize = 4;

/// Words of the service itself, which anybody would try (ASVS 5.0, 6.1.2).
const PRODUCT: [&str; 3] = ["Préau", "ÉduConnect", "Éducation nationale"];

/// Why a password is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than [`MIN_PASSWORD`] characters.
    #[error("a password has at least {MIN_PASSWORD} characters")]
    TooShort,
    /// More than [`MAX_PASSWORD_BYTES`] bytes.
    #[error("a password has at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// Among the commonest, with or without a decoration.
    #[error("the password is one of the commonest")]
    Common,
    /// Made of the person's names, identifier, school, or the product's name.
    #[error("the password is made of what is known about its owner")]
    Personal,
}

/// Checks a new password, as typed: nothing is trimmed, cut or normalised before it is
/// counted or kept.
///
/// # Errors
/// The first fault, in the order of [`PasswordFault`].
pub fn check(
    password: &str,
    context: &PasswordContext,
    common: &CommonPasswords,
) -> Result<(), PasswordFault> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(PasswordFault::TooShort);
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(PasswordFault::TooLong);
    }
    if common.has(password) {
        return Err(PasswordFault::Common);
    }
    if context.makes_up(password) {
        return Err(PasswordFault::Personal);
    }
    Ok(())
}

/// The commonest passwords: a package's list, and the operator's own.
#[derive(Clone, Default)]
pub struct CommonPasswords {
    operators: HashSet<String>,
}

impl CommonPasswords {
    /// Adds an operator's list: one password a line, compared without case. Empty lines
    /// do not count.
    #[must_use]
    pub fn with_list(mut self, lines: &str) -> Self {
        let lines = lines.lines().filter(|line| !line.is_empty());
        self.operators.extend(lines.map(str::to_lowercase));
        self
    }

    /// Whether the password is on a list, whatever its case, or is a word of a list with
    /// no more than its own length of digits and signs around it.
    pub fn has(&self, password: &str) -> bool {
        let lower = password.to_lowercase();
        let core = lower.trim_matches(|c: char| !c.is_alphabetic());
        let plain = lower.trim_end_matches(|c: char| !c.is_alphanumeric());
        let half = |part: &str| !part.is_empty() && 2 * part.len() >= lower.len();
        self.lists(password)
            || [&*lower, core, plain]
                .into_iter()
                .any(|part| half(part) && self.lists(part))
    }

    fn lists(&self, text: &str) -> bool {
        passwords::analyzer::is_common_password(text) || self.operators.contains(text)
    }
}

impl std::fmt::Debug for CommonPasswords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CommonPasswords(+{})", self.operators.len())
    }
}

/// What is known about the owner of a password, from which it must not be made.
#[derive(Clone, Debug)]
pub struct PasswordContext {
    words: Vec<String>,
}

impl Default for PasswordContext {
    fn default() -> Self {
        let none = Self { words: Vec::new() };
        PRODUCT.into_iter().fold(none, Self::text)
    }
}

impl PasswordContext {
    /// Adds the person's names.
    #[must_use]
    pub fn person(self, name: &PersonName) -> Self {
        self.text(&name.given).text(&name.family)
    }

    /// Adds the account's identifier.
    #[must_use]
    pub fn identifier(self, identifier: &AccountIdentifier) -> Self {
        self.text(identifier.as_str())
    }

    /// Adds the name of a school of the person or of their children.
    #[must_use]
    pub fn school(self, name: &str) -> Self {
        self.text(name)
    }

    /// Each word by itself: a text is made of them in any order.
    fn text(mut self, text: &str) -> Self {
        let normal = name::normalise(text);
        let words = normal.split(' ').map(letters);
        self.words.extend(words.filter(|word| word.len() > 1));
        self
    }

    /// Whether little is left of the password without these words, digits and signs.
    fn makes_up(&self, password: &str) -> bool {
        let all = letters(&name::normalise(password));
        let left = self.fewest_other_letters(&all);
        left < all.len() && left < FEWEST_OTHER_LETTERS
    }

    /// How many letters no word covers, when the words are laid out best.
    fn fewest_other_letters(&self, text: &str) -> usize {
        let mut fewest = vec![0];
        for end in 1..=text.len() {
            let with_word = |word: &&String| text[..end].ends_with(word.as_str());
            let before = self.words.iter().filter(with_word);
            let best = before.map(|word| fewest[end - word.len()]).min();
            let alone = fewest[end - 1] + 1;
            fewest.push(best.map_or(alone, |best| best.min(alone)));
        }
        fewest[text.len()]
    }
}

/// The letters of a text in the normal form of names: ASCII, lower case.
fn letters(normal: &str) -> String {
    normal.chars().filter(char::is_ascii_alphabetic).collect()
}

/// How strong a password is. The meter informs; it refuses nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Strength {
    /// Très faible.
    VeryWeak,
    /// Faible.
    Weak,
    /// Moyen.
    Fair,
    /// Fort.
    Strong,
    /// Très Fort.
    VeryStrong,
}

impl Strength {
    /// All levels, the weakest first.
    pub const ALL: [Self; 5] = [
        Self::VeryWeak,
        Self::Weak,
        Self::Fair,
        Self::Strong,
        Self::VeryStrong,
    ];

    /// Measures the first [`MEASURED_CHARACTERS`] characters of a password; words of the
    /// context count for little.
    pub fn of(password: &str, context: &PasswordContext) -> Self {
        let measured: String = password.chars().take(MEASURED_CHARACTERS).collect();
        let words: Vec<&str> = context.words.iter().map(String::as_str).collect();
        match zxcvbn::zxcvbn(&measured, &words).score() {
            Score::Zero => Self::VeryWeak,
            Score::One => Self::Weak,
            Score::Two => Self::Fair,
            Score::Three => Self::Strong,
            _ => Self::VeryStrong,
        }
    }

    /// The level as a number from 0 to 4, as the meter shows it.
    pub const fn score(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests;
