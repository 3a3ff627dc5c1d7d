//! Subjects: how relying parties know a person (OpenID Connect Core, section 8).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use url::Host;

use crate::{client::ClientId, ids::AccountId};

/// The `sub` of a person at one sector: 43 signs of base64url.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

impl Subject {
    /// A subject that a token named.
    pub fn from_claim(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The claim's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The relying parties that know a person by the same subject: one for each sector,
/// or one for all clients of the type `public`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sector {
    /// All clients that an administrator gave this name.
    Named(String),
    /// All clients on this host (OpenID Connect Core, section 8.1).
    Host(String),
    /// One client, of whose redirect URIs none leads to a host that is anybody's.
    Client(ClientId),
    /// All clients registered with `subject_type` `public`.
    Public,
}

impl Sector {
    /// The sector that an administrator named: that of a host, where they wrote the host
    /// of a service, else one that no host can be in.
    pub fn named(name: &str) -> Self {
        let is_host = Host::parse(name).is_ok_and(|host| host.to_string() == name);
        if is_host && name.contains('.') {
            Self::Host(name.to_owned())
        } else {
            Self::Named(name.to_owned())
        }
    }
}

/// Derives subjects: an HMAC of sector and account with a secret of the service, so
/// that two sectors cannot compare notes and nobody can go back to the account.
#[derive(Clone)]
pub struct Subjects {
    key: [u8; 32],
}

impl Subjects {
    /// With the service's key; changing it changes every subject.
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The person's subject in a sector.
    pub fn of(&self, sector: &Sector, account: AccountId) -> Subject {
        let (tag, name) = match sector {
            Sector::Public => (0_u8, ""),
            Sector::Named(name) => (1, name.as_str()),
            // Under the tag of names, because subjects never change: [`Sector::named`]
            // takes no text for a name that is such a host.
            Sector::Host(host) if host.contains('.') => (1, host.as_str()),
            Sector::Host(host) => (3, host.as_str()),
            Sector::Client(id) => (4, id.as_str()),
        };
        Subject(URL_SAFE_NO_PAD.encode(self.derive(tag, account, name)))
    }

    /// By which a device tells whose a passkey is (Web Authentication, section 5.4.3): it says
    /// nothing, and is the same whenever it is asked for.
    pub fn user_handle(&self, account: AccountId) -> [u8; 16] {
        let derived = self.derive(2, account, "");
        std::array::from_fn(|at| derived[at])
    }

    fn derive(&self, tag: u8, account: AccountId, name: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes any key");
        mac.update(&[tag]);
        mac.update(account.as_uuid().as_bytes());
        mac.update(name.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subjects(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ambient::Ambient;

    #[test]
    fn a_person_has_one_subject_in_a_sector_and_another_elsewhere() {
        let ambient = Ambient::system();
        let subjects = Subjects::new(ambient.random());
        let (one, other) = (AccountId::new(&ambient), AccountId::new(&ambient));
        let ent = Sector::Named("ent".into());
        assert_eq!(subjects.of(&ent, one), subjects.of(&ent, one));
        assert_ne!(subjects.of(&ent, one), subjects.of(&ent, other));
        assert_ne!(subjects.of(&ent, one), subjects.of(&Sector::Public, one));
        assert_ne!(
            subjects.of(&ent, one),
            subjects.of(&Sector::Named("portail".into()), one)
        );
    }

    proptest! {
        #[test]
        fn sectors_of_different_kinds_have_no_subject_in_common(
            name in "[a-z0-9.:\\[\\]-]{1,12}",
            host in "[a-z0-9.:\\[\\]-]{1,12}",
            id in "[a-z0-9.-]{1,12}",
        ) {
            let named = Sector::named(&name);
            let client = Sector::Client(ClientId::parse(&id).unwrap());
            let subjects = Subjects::new([7; 32]);
            let account = AccountId::new(&Ambient::system());
            let of = |sector: &Sector| subjects.of(sector, account);
            prop_assert_ne!(of(&named), of(&client));
            prop_assert_ne!(of(&client), of(&Sector::named(&id)));
            if let Ok(host) = Host::parse(&host) {
                let host = Sector::Host(host.to_string());
                prop_assert_eq!(of(&named) == of(&host), named == host);
                prop_assert_ne!(of(&host), of(&client));
            }
        }
    }
}
