//! The values of a directory file's members, checked as they are read. No fault quotes
//! the value: reports travel further than files.

use domain::{name, secret::Secret, totp::TotpKey};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// Nobody in a directory was born before this year.
const EARLIEST_BIRTH: i16 = 1900;

/// A given name or a family name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name(String);

impl Name {
    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.trim().to_owned();
        name::check(&text).map_err(Error::custom)?;
        Ok(Self(text))
    }
}

/// A text for people or machines: not empty, of at most `MAX` characters, none of them
/// a control character.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.trim().to_owned();
        let length = text.chars().count();
        if length == 0 || length > MAX || text.chars().any(char::is_control) {
            let rule = format!("1 to {MAX} characters, none of them a control character");
            return Err(Error::custom(rule));
        }
        Ok(Self(text))
    }
}

/// The name of a source of records, such as a school's file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceName(String);

impl SourceName {
    const MAX: usize = 64;

    /// Reads a name. `None` where it is none: `source/key` must have one reading.
    pub fn parse(text: &str) -> Option<Self> {
        (is_key(text, Self::MAX) && !text.contains('/')).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SourceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            Error::custom("1 to 64 characters, without slashes, spaces and control characters")
        })
    }
}

/// The key of a record in its source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyText(String);

impl KeyText {
    const MAX: usize = 128;

    /// Reads a key. `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        is_key(text, Self::MAX).then(|| Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            Error::custom("1 to 128 characters, without spaces and control characters")
        })
    }
}

fn is_key(text: &str, max: usize) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    !text.is_empty() && text.chars().count() <= max && text.chars().all(plain)
}

/// A birth date. That it is not in the future is the import's to check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BirthDate(Date);

impl BirthDate {
    /// The date.
    pub const fn date(self) -> Date {
        self.0
    }
}

impl<'de> Deserialize<'de> for BirthDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date = Date::strptime("%Y-%m-%d", &text).ok();
        let written = date.filter(|date| date.to_string() == text);
        let sound = written.filter(|date| date.year() >= EARLIEST_BIRTH);
        sound
            .map(Self)
            .ok_or_else(|| Error::custom("a birth date looks like 2010-04-11"))
    }
}

/// An Argon2id hash in PHC form.
#[derive(Clone, PartialEq, Debug)]
pub struct PasswordHash(Secret);

impl PasswordHash {
    /// The hash.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl<'de> Deserialize<'de> for PasswordHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Secret::deserialize(deserializer)?;
        let parts: Vec<_> = text.expose().split('$').collect();
        let sound = matches!(parts[..], ["", "argon2id", "v=19", parameters, salt, hash]
            if parameters.starts_with("m=") && !salt.is_empty() && !hash.is_empty());
        if !sound {
            return Err(Error::custom(
                "an Argon2id hash in PHC form, $argon2id$v=19$m=…,t=…,p=…$salt$hash",
            ));
        }
        Ok(Self(text))
    }
}

/// The key of an authenticator application.
#[derive(Clone, PartialEq, Debug)]
pub struct AuthenticatorKey(TotpKey);

impl AuthenticatorKey {
    /// The key.
    pub const fn key(&self) -> &TotpKey {
        &self.0
    }
}

impl<'de> Deserialize<'de> for AuthenticatorKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Secret::deserialize(deserializer)?;
        let key = TotpKey::parse(text.expose());
        key.map(Self)
            .ok_or_else(|| Error::custom("base32 of 128 to 512 bits"))
    }
}
