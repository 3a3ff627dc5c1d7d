//! The file as it is read. An entry that is wrong is kept as its fault, so that the
//! others can go on.

use std::io::{BufReader, Read};

use domain::{
    account::PersonKind,
    contact::{EmailAddress, PhoneNumber},
    identifier::AccountIdentifier,
    link::Relationship,
    school::{SchoolLevel, Uai},
    secret::Secret,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::fields::{AuthenticatorKey, BirthDate, KeyText, Name, PasswordHash, SourceName, Text};

/// A directory file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, remote = "Self")]
pub struct Document {
    /// Schools.
    pub schools: Vec<Entry<SchoolEntry>>,
    /// People, by their accounts.
    pub people: Vec<Entry<PersonEntry>>,
    /// Directory records.
    pub records: Vec<Entry<RecordEntry>>,
    /// Links between records.
    pub links: Vec<Entry<LinkEntry>>,
}

impl Document {
    /// Reads a file, entry by entry.
    ///
    /// # Errors
    /// Where it is no JSON, or not an object of the four lists; what is wrong with a
    /// single entry stands in the report of the import.
    pub fn read(reader: impl Read) -> Result<Self, serde_json::Error> {
        serde_json::from_reader(BufReader::with_capacity(1 << 16, reader))
    }
}

/// Of an object alone: what serde derives would take an array as well.
impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with the lists schools, people, records and links")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Document, A::Error> {
        Document::deserialize(MapAccessDeserializer::new(members))
    }
}

/// An entry, or what is wrong with it.
#[derive(Debug)]
pub struct Entry<T>(pub(super) Result<T, EntryFault>);

/// What is wrong with an entry, without the value.
#[derive(Debug)]
pub(super) struct EntryFault {
    /// The member, such as `email.value`; empty for the entry itself.
    pub(super) member: String,
    /// What is wrong.
    pub(super) message: String,
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Entry<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if !value.is_object() {
            return Ok(Self(Err(EntryFault {
                member: String::new(),
                message: "an entry is an object".to_owned(),
            })));
        }
        Ok(Self(serde_path_to_error::deserialize(value).map_err(fault)))
    }
}

fn fault(error: serde_path_to_error::Error<serde_json::Error>) -> EntryFault {
    let path = error.path().to_string();
    EntryFault {
        member: if path == "." { String::new() } else { path },
        message: without_value(&error.into_inner().to_string()),
    }
}

/// Drops the value that serde quotes: it may be a name, or a password.
fn without_value(message: &str) -> String {
    let quotes = ["invalid type: ", "invalid value: ", "unknown variant "];
    if !quotes.iter().any(|start| message.starts_with(start)) {
        return message.to_owned();
    }
    let expected = message.rsplit_once(", expected ").map(|(_, rest)| rest);
    expected.map_or_else(
        || "a wrong value".to_owned(),
        |rest| format!("expected {rest}"),
    )
}

/// A school.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchoolEntry {
    /// Its code.
    pub uai: Uai,
    /// Its name.
    pub name: Text<200>,
    /// What it teaches.
    pub level: SchoolLevel,
    /// Where it is.
    pub town: Option<Text<100>>,
    /// How families reach it.
    pub email: Option<EmailAddress>,
    /// How families reach it.
    pub phone: Option<PhoneNumber>,
}

/// A person, by their account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// The account's identifier.
    pub identifier: AccountIdentifier,
    /// Whose account it is.
    pub kind: PersonKind,
    /// Given name.
    pub given_name: Name,
    /// Family name.
    pub family_name: Name,
    /// Birth date, where known.
    pub birth_date: Option<BirthDate>,
    /// What state a new account has.
    #[serde(default)]
    pub state: EntryState,
    /// The language of messages; French where absent.
    pub locale: Option<Language>,
    /// A password, for an account that has none.
    pub password: Option<Password>,
    /// Whether that password opens activation alone.
    #[serde(default)]
    pub provisional: bool,
    /// The key of an authenticator application, in base32: of officers, administrators and
    /// test persons.
    #[serde(default)]
    pub totp_secret: Option<AuthenticatorKey>,
    /// E-mail address.
    pub email: Option<ContactEntry<EmailAddress>>,
    /// Phone number.
    pub phone: Option<ContactEntry<PhoneNumber>>,
    /// Standard claims beyond these.
    pub claims: Option<Box<Claims>>,
    /// Subjects of other providers that sign in to the account.
    #[serde(default)]
    pub bonds: Vec<BondEntry>,
    /// The schools that an officer is appointed to.
    #[serde(default)]
    pub schools: Vec<Uai>,
}

/// A subject of another provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BondEntry {
    /// The upstream's name in the configuration.
    pub upstream: Text<64>,
    /// Its subject.
    pub sub: Text<255>,
}

/// A state that a file may give an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Never activated.
    #[default]
    Known,
    /// In use.
    Active,
}

/// A language of messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

impl Language {
    /// As the account holds it (BCP 47).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }
}

/// A password: hashed beforehand, or plain for tests.
#[derive(Debug, Deserialize)]
#[serde(try_from = "PasswordMembers")]
pub enum Password {
    /// Hashed beforehand.
    Hash(PasswordHash),
    /// To be hashed by the import.
    Plain(Secret),
}

/// `Password` as it is written: a struct, since serde's faults of an enumeration would
/// name what stands there, which may be the password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordMembers {
    hash: Option<PasswordHash>,
    plain: Option<Secret>,
}

impl TryFrom<PasswordMembers> for Password {
    type Error = &'static str;

    fn try_from(members: PasswordMembers) -> Result<Self, Self::Error> {
        match (members.hash, members.plain) {
            (Some(hash), None) => Ok(Self::Hash(hash)),
            (None, Some(plain)) => Ok(Self::Plain(plain)),
            _ => Err("either hash or plain"),
        }
    }
}

/// An e-mail address or phone number of an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactEntry<T> {
    /// The address.
    pub value: T,
    /// Whether its owner proved it.
    pub confirmed: bool,
}

/// Standard claims that are asked of staff and test persons alone (OpenID Connect
/// Core, section 5.1).
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the standard's own names")]
pub struct Claims {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<Text<100>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<Text<100>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<Text<100>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Text<2000>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<Text<2000>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<Text<2000>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Text<100>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<Text<100>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// The claim `address` (OpenID Connect Core, section 5.1.1).
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the standard's own names")]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<Text<500>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<Text<200>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<Text<100>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text<100>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Text<20>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Text<100>>,
}

/// A pupil or a guardian as one source knows them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordEntry {
    /// The source.
    pub source: SourceName,
    /// The key in the source.
    pub key: KeyText,
    /// The school that knows them.
    pub school: Uai,
    /// Pupil or guardian.
    pub kind: PersonKind,
    /// The identifier of the account that a new record belongs to.
    pub person: AccountIdentifier,
    /// Given name, where it is not the person's.
    pub given_name: Option<Name>,
    /// Family name, where it is not the person's.
    pub family_name: Option<Name>,
    /// Birth date, where it is not the person's.
    pub birth_date: Option<BirthDate>,
    /// E-mail address as given to the school, where it is not the person's.
    pub email: Option<EmailAddress>,
    /// Phone number as given to the school, where it is not the person's.
    pub phone: Option<PhoneNumber>,
    /// The pupil's class.
    pub class: Option<Text<100>>,
}

/// A guardian's legal representation of a pupil, as one source asserts it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkEntry {
    /// The guardian's record.
    pub guardian: RecordReference,
    /// The pupil's record.
    pub pupil: RecordReference,
    /// What the guardian is to the pupil.
    pub relationship: Relationship,
    /// First or second legal representative.
    #[serde(default = "first", deserialize_with = "legal_rank")]
    pub rank: i32,
    /// Whether the source ends it.
    #[serde(default)]
    pub ended: bool,
}

const fn first() -> i32 {
    1
}

fn legal_rank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    match i32::deserialize(deserializer)? {
        rank @ (1 | 2) => Ok(rank),
        _ => Err(Error::custom(
            "the rank of a legal representative is 1 or 2",
        )),
    }
}

/// Names a record by its source and key.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RecordReference {
    /// The source.
    pub source: SourceName,
    /// The key in the source.
    pub key: KeyText,
}

impl<'de> Deserialize<'de> for RecordReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let text = |member: &str| written.get(member)?.as_str();
        let parts = match &written {
            Value::String(text) => text.split_once('/'),
            Value::Object(members) if members.len() == 2 => text("source").zip(text("key")),
            _ => None,
        };
        let read = parts.and_then(|(source, key)| {
            Some(Self {
                source: SourceName::parse(source)?,
                key: KeyText::parse(key)?,
            })
        });
        read.ok_or_else(|| Error::custom(r#""source/key" or {"source": …, "key": …}"#))
    }
}
