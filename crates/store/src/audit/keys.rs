//! Keys that sign the heads of the trail and nothing else (`EdDSA`, RFC 8037).
//!
//! They are made by the first node that starts, kept sealed, and known to auditors by
//! their public halves. A later one signs; the earlier ones still verify.

use std::sync::Arc;

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::KeyId,
};
use josekit::{
    JoseError,
    jwk::{
        Jwk, KeyPair as _,
        alg::ed::{EdCurve, EdKeyPair},
    },
    jws::{
        EdDSA, JwsHeader, alg::eddsa::EddsaJwsSigner, alg::eddsa::EddsaJwsVerifier,
        deserialize_compact, serialize_compact,
    },
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::Event;
use crate::{db::Database, entity::audit_key, error::StoreError, time::millis, vault::Vault};

const SEALED_AS: &str = "audit key";

/// The keys of the trail; cheap to clone.
#[derive(Clone, Debug)]
pub struct AuditKeys(Arc<Vec<Key>>);

struct Key {
    id: String,
    /// Absent where only the public half is known: an auditor's.
    signer: Option<EddsaJwsSigner>,
    verifier: EddsaJwsVerifier,
    public: Value,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl AuditKeys {
    /// Opens the keys, making the first one where there is none; of nodes that start at
    /// once, one makes it.
    ///
    /// # Errors
    /// The database's, [`StoreError::Unsealable`] with a wrong master key, or
    /// [`StoreError::AuditKey`].
    pub async fn load_or_create(
        database: &Database,
        vault: &Vault,
        ambient: &Ambient,
    ) -> Result<Self, StoreError> {
        let keys = Self::find(database.reader(), vault).await?;
        if !keys.0.is_empty() {
            return Ok(keys);
        }
        insert(database, vault, ambient, 1).await?;
        Self::find(database.writer(), vault).await
    }

    /// Opens the keys that there are.
    ///
    /// # Errors
    /// As [`AuditKeys::load_or_create`].
    pub async fn find(
        connection: &impl ConnectionTrait,
        vault: &Vault,
    ) -> Result<Self, StoreError> {
        let rows = audit_key::Entity::find()
            .order_by_asc(audit_key::Column::Generation)
            .all(connection)
            .await?;
        let keys = rows.iter().map(|row| open(row, vault));
        Ok(Self(Arc::new(keys.collect::<Result<_, _>>()?)))
    }

    /// Makes a key that signs from now on; nodes at work learn of it when they meet it.
    ///
    /// # Errors
    /// As [`AuditKeys::load_or_create`].
    pub async fn rotate(
        database: &Database,
        vault: &Vault,
        ambient: &Ambient,
    ) -> Result<Self, StoreError> {
        let before = audit_key::Entity::find()
            .order_by_desc(audit_key::Column::Generation)
            .one(database.writer())
            .await?;
        let generation = before.map_or(1, |key| key.generation + 1);
        insert(database, vault, ambient, generation).await?;
        Self::find(database.writer(), vault).await
    }

    /// Whether no key was made since.
    pub(super) async fn are_latest(
        &self,
        connection: &impl ConnectionTrait,
    ) -> Result<bool, StoreError> {
        let latest = audit_key::Entity::find()
            .order_by_desc(audit_key::Column::Generation)
            .one(connection)
            .await?;
        let latest = latest.map(|key| key.id.to_string());
        Ok(latest.as_ref() == self.0.last().map(|key| &key.id))
    }

    /// Public keys alone, from a JWK set (RFC 7517, section 5) as [`AuditKeys::public`]
    /// gives it: what an auditor kept since before.
    ///
    /// # Errors
    /// [`StoreError::AuditKey`] where it is none.
    pub fn from_public(set: &Value) -> Result<Self, StoreError> {
        let malformed = || StoreError::AuditKey("not a JWK set of Ed25519 keys".into());
        let keys = set.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or_else(malformed)?.iter().map(|public| {
            let jwk = Jwk::from_map(public.as_object().ok_or_else(malformed)?.clone())?;
            Ok(Key {
                id: jwk.key_id().ok_or_else(malformed)?.to_owned(),
                signer: None,
                verifier: EdDSA.verifier_from_jwk(&jwk)?,
                public: public.clone(),
            })
        });
        Ok(Self(Arc::new(keys.collect::<Result<_, StoreError>>()?)))
    }

    /// The public halves, as a JWK set.
    pub fn public(&self) -> Value {
        let keys: Vec<_> = self.0.iter().map(|key| &key.public).collect();
        json!({ "keys": keys })
    }

    /// Signs with the latest key, as something (`typ`).
    pub(super) fn sign(
        &self,
        typ: &'static str,
        payload: &impl Serialize,
    ) -> Result<String, StoreError> {
        let missing = || StoreError::AuditKey("there is none to sign with".into());
        let key = self.0.last().ok_or_else(missing)?;
        let signer = key.signer.as_ref().ok_or_else(missing)?;
        let mut header = JwsHeader::new();
        header.set_token_type(typ);
        header.set_key_id(&key.id);
        let payload = serde_json::to_vec(payload).expect("a head is a document");
        Ok(serialize_compact(&payload, &header, signer)?)
    }

    /// What was signed as something, if one of the keys did.
    pub(super) fn open<T: DeserializeOwned>(&self, typ: &'static str, signed: &str) -> Option<T> {
        self.0.iter().find_map(|key| {
            let (payload, header) = deserialize_compact(signed, &key.verifier).ok()?;
            let is_it = header.token_type() == Some(typ) && header.key_id() == Some(&key.id);
            is_it.then(|| serde_json::from_slice(&payload).ok())?
        })
    }
}

impl From<JoseError> for StoreError {
    fn from(error: JoseError) -> Self {
        Self::AuditKey(error.to_string())
    }
}

/// Randomness is OpenSSL's own, as for every key that josekit makes.
async fn insert(
    database: &Database,
    vault: &Vault,
    ambient: &Ambient,
    generation: i32,
) -> Result<(), StoreError> {
    let pair = EdKeyPair::generate(EdCurve::Ed25519)?;
    let id = KeyId::new(ambient);
    let row = audit_key::ActiveModel {
        id: Set(id.as_uuid()),
        generation: Set(generation),
        public_key: Set(public(&pair, &id.to_string()).to_string()),
        sealed: Set(vault.seal(SEALED_AS, &pair.to_der_private_key())),
        created_at: Set(millis(ambient.now())),
    };
    let transaction = database.begin().await?;
    let mut once = OnConflict::column(audit_key::Column::Generation);
    let written = audit_key::Entity::insert(row)
        .on_conflict(once.do_nothing_on([audit_key::Column::Id]).to_owned())
        .exec_without_returning(&transaction)
        .await?;
    if written == 1 {
        let event = Event::new(Action::KeyCreated, Actor::Service, Target::Key(id));
        super::record(&transaction, ambient, event).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The public half is made from the private one: a row that was changed does not make
/// anybody trust another key.
fn open(row: &audit_key::Model, vault: &Vault) -> Result<Key, StoreError> {
    let private = vault.open(SEALED_AS, &row.sealed)?;
    let pair = EdKeyPair::from_der(&private)?;
    let id = row.id.to_string();
    Ok(Key {
        signer: Some(EdDSA.signer_from_der(&private)?),
        verifier: EdDSA.verifier_from_der(pair.to_der_public_key())?,
        public: public(&pair, &id),
        id,
    })
}

/// By name, so that nothing else can come along.
fn public(pair: &EdKeyPair, id: &str) -> Value {
    let jwk = pair.to_jwk_public_key();
    let mut public = json!({ "kid": id, "use": "sig", "alg": "EdDSA" });
    for member in ["kty", "crv", "x"] {
        if let Some(value) = jwk.parameter(member) {
            public[member] = value.clone();
        }
    }
    public
}
