//! The vault: secrets at rest.
//!
//! What must be read again (private keys, a message's link) is sealed with the master
//! key of the configuration. What must only be recognised or derived again (client
//! secrets, subjects, successors of refresh tokens) uses keys that the service made
//! for itself at its first start and keeps sealed, so that the master key can be
//! replaced without changing a single subject.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{ambient::Ambient, secret::Secret};
use hmac::{Hmac, KeyInit, Mac};
use josekit::jwe::{Dir, JweHeader, deserialize_compact, serialize_compact};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{db::Database, entity::service_secret, error::StoreError, time::millis};

/// Seals and opens with the master key of the configuration.
#[derive(Clone)]
pub struct Vault {
    keys: Vec<MasterKey>,
}

#[derive(Clone)]
struct MasterKey {
    id: String,
    bytes: [u8; 32],
}

/// A configured master key that is not 32 bytes in base64.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 32 random bytes in base64, as `openssl rand -base64 32` prints them")]
pub struct NotAMasterKey;

impl Vault {
    /// With the key that seals, and earlier ones that still open.
    ///
    /// # Errors
    /// [`NotAMasterKey`].
    pub fn new(current: &Secret, earlier: &[Secret]) -> Result<Self, NotAMasterKey> {
        let keys = std::iter::once(current)
            .chain(earlier)
            .map(MasterKey::parse);
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
        })
    }

    /// Seals bytes (RFC 7516: `dir`, A256GCM). A value sealed as one thing does not
    /// open as another.
    pub fn seal(&self, what: &'static str, plain: &[u8]) -> String {
        let key = &self.keys[0];
        let mut header = JweHeader::new();
        header.set_content_encryption("A256GCM");
        header.set_key_id(&key.id);
        let encrypter = Dir
            .encrypter_from_bytes(key.derive(what))
            .expect("a derived key has the length of the algorithm");
        serialize_compact(plain, &header, &encrypter)
            .expect("sealing with a sound key does not fail")
    }

    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`].
    pub fn open(&self, what: &'static str, sealed: &str) -> Result<Vec<u8>, StoreError> {
        self.keys
            .iter()
            .find_map(|key| key.open(what, sealed))
            .ok_or(StoreError::Unsealable(what))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl MasterKey {
    fn parse(text: &Secret) -> Result<Self, NotAMasterKey> {
        let decoded = STANDARD
            .decode(text.expose().trim())
            .map_err(|_| NotAMasterKey)?;
        let bytes: [u8; 32] = decoded.try_into().map_err(|_| NotAMasterKey)?;
        let digest = Sha256::digest(hmac_sha256(&bytes, b"id"));
        let id = STANDARD.encode(&digest[..6]);
        Ok(Self { id, bytes })
    }

    fn derive(&self, what: &str) -> [u8; 32] {
        hmac_sha256(&self.bytes, format!("seal {what}").as_bytes())
    }

    fn open(&self, what: &str, sealed: &str) -> Option<Vec<u8>> {
        let decrypter = Dir.decrypter_from_bytes(self.derive(what)).ok()?;
        let (plain, _) = deserialize_compact(sealed, &decrypter).ok()?;
        Some(plain)
    }
}

/// HMAC with SHA-256.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Keys that the service made for itself, one for each purpose.
#[derive(Clone)]
pub struct ServiceSecrets {
    /// Derives pairwise subjects.
    pub subjects: [u8; 32],
    /// Hashes client secrets.
    pub client_secrets: [u8; 32],
    /// Derives the successor of a refresh token.
    pub refresh_tokens: [u8; 32],
    /// Signs CSRF tokens and the browser's cookies.
    pub cookies: [u8; 32],
    /// Hashes codes that are sent by SMS, and what their tries are counted under.
    pub codes: [u8; 32],
}

impl ServiceSecrets {
    /// Reads them, making those that are missing: the first node to start makes them,
    /// and a node that starts at the same time takes the same ones.
    ///
    /// # Errors
    /// The database's, or [`StoreError::Unsealable`] with a wrong master key.
    pub async fn load_or_create(
        database: &Database,
        vault: &Vault,
        ambient: &Ambient,
    ) -> Result<Self, StoreError> {
        let stored = service_secret::Entity::find()
            .all(database.reader())
            .await?;
        let made = [
            "subjects",
            "client_secrets",
            "refresh_tokens",
            "cookies",
            "codes",
        ];
        let missing = made
            .iter()
            .any(|name| stored.iter().all(|row| row.name != *name));
        let stored = if missing {
            create(database, vault, ambient, &made).await?;
            service_secret::Entity::find()
                .all(database.writer())
                .await?
        } else {
            stored
        };
        let key = |name: &str| open_key(vault, &stored, name);
        Ok(Self {
            subjects: key("subjects")?,
            client_secrets: key("client_secrets")?,
            refresh_tokens: key("refresh_tokens")?,
            cookies: key("cookies")?,
            codes: key("codes")?,
        })
    }
}

impl std::fmt::Debug for ServiceSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServiceSecrets(…)")
    }
}

const SERVICE_SECRET: &str = "service secret";

async fn create(
    database: &Database,
    vault: &Vault,
    ambient: &Ambient,
    names: &[&str],
) -> Result<(), StoreError> {
    let rows = names.iter().map(|name| service_secret::ActiveModel {
        name: Set((*name).to_owned()),
        sealed: Set(vault.seal(SERVICE_SECRET, &ambient.random::<32>())),
        created_at: Set(millis(ambient.now())),
    });
    service_secret::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(service_secret::Column::Name)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(database.writer())
        .await?;
    Ok(())
}

fn open_key(
    vault: &Vault,
    stored: &[service_secret::Model],
    name: &str,
) -> Result<[u8; 32], StoreError> {
    let row = stored.iter().find(|row| row.name == name);
    let sealed = row.map(|row| row.sealed.as_str()).unwrap_or_default();
    vault
        .open(SERVICE_SECRET, sealed)?
        .try_into()
        .map_err(|_| StoreError::Unsealable(SERVICE_SECRET))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master(byte: u8) -> Secret {
        Secret::new(STANDARD.encode([byte; 32]))
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_and_purpose_alone() {
        let vault = Vault::new(&master(1), &[]).unwrap();
        let sealed = vault.seal("signing key", b"private");
        assert_eq!(vault.open("signing key", &sealed).unwrap(), b"private");
        assert!(vault.open("message", &sealed).is_err());
        let other = Vault::new(&master(2), &[]).unwrap();
        assert!(other.open("signing key", &sealed).is_err());
    }

    #[test]
    fn an_earlier_key_still_opens() {
        let sealed = Vault::new(&master(1), &[])
            .unwrap()
            .seal("message", b"link");
        let rotated = Vault::new(&master(2), &[master(1)]).unwrap();
        assert_eq!(rotated.open("message", &sealed).unwrap(), b"link");
    }

    #[test]
    fn short_keys_are_refused() {
        assert!(Vault::new(&Secret::new("c2hvcnQ="), &[]).is_err());
    }
}
