//! E-mail addresses and phone numbers of accounts.

use std::fmt;

use serde::{Deserialize, Serialize};

mod book;

pub use self::book::{Address, Contacts, Current, Proposal, Slots};

/// By which way a message reaches a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// SMS.
    Sms,
}

impl Channel {
    /// The value in the inbox and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Email, Self::Sms]
            .into_iter()
            .find(|channel| channel.as_str() == text)
    }
}

/// A text that is no address of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ContactFault {
    /// Not of the form `name@host.domain`, or with signs that mail systems misread.
    #[error("an e-mail address looks like name@example.org")]
    Email,
    /// Not E.164.
    #[error("a phone number in international form looks like +33639980001")]
    Phone,
}

/// An e-mail address, in the one form in which it is stored, compared and written to:
/// the host in lower case, the local part as given.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MAX_EMAIL: usize = 254;

impl EmailAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// [`ContactFault::Email`].
    pub fn parse(text: &str) -> Result<Self, ContactFault> {
        let text = text.trim();
        let (local, host) = text.rsplit_once('@').ok_or(ContactFault::Email)?;
        if text.len() > MAX_EMAIL || !is_local_part(local) || !is_host(host) {
            return Err(ContactFault::Email);
        }
        Ok(Self(format!("{local}@{}", host.to_ascii_lowercase())))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two addresses are compared: providers in use do not tell
    /// case apart.
    pub fn comparable(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn is_local_part(local: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    !local.is_empty()
        && local.len() <= 64
        && local.bytes().all(plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.contains('.') && host.split('.').all(label)
}

/// A phone number in international form (E.164): a plus sign and 8 to 15 digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number that is in international form already.
    ///
    /// # Errors
    /// [`ContactFault::Phone`].
    pub fn parse(text: &str) -> Result<Self, ContactFault> {
        let digits = text.strip_prefix('+').ok_or(ContactFault::Phone)?;
        let sound = (8..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        sound
            .then(|| Self(text.to_owned()))
            .ok_or(ContactFault::Phone)
    }

    /// The number, plus sign first.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_conversions {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = ContactFault;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(contact: $name) -> Self {
                contact.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_conversions!(EmailAddress);
text_conversions!(PhoneNumber);

/// Whether a current contact is known to be its owner's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    /// Given, not proven.
    Unconfirmed,
    /// Its owner proved that messages reach them.
    Confirmed,
}

impl ContactState {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Confirmed => "confirmed",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Unconfirmed, Self::Confirmed]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_one_form() {
        let address = EmailAddress::parse(" Claire.Martin@Example.ORG ").unwrap();
        assert_eq!(address.as_str(), "Claire.Martin@example.org");
        assert_eq!(address.comparable(), "claire.martin@example.org");
    }

    #[test]
    fn tricks_are_no_addresses() {
        for text in [
            "",
            "a",
            "a@b",
            "@example.org",
            "a@example.org\r\nBcc: b@example.org",
            "a b@example.org",
            "a@exa_mple.org",
            "a@-example.org",
            "a@@example.org",
            "a..b@example.org",
            "a@example..org",
            "a@example.org.",
            "\"a\"@example.org",
            "ａ@example.org",
            "a@example.org,b@example.org",
        ] {
            assert_eq!(
                EmailAddress::parse(text),
                Err(ContactFault::Email),
                "{text}"
            );
        }
    }

    #[test]
    fn phones_are_international() {
        assert!(PhoneNumber::parse("+33639980001").is_ok());
        for text in [
            "",
            "0639980001",
            "+0639980001",
            "+33 639980001",
            "+33639980001234567",
        ] {
            assert_eq!(PhoneNumber::parse(text), Err(ContactFault::Phone), "{text}");
        }
    }
}
