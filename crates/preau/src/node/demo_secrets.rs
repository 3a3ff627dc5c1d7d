//! Secrets that everybody can read in the demo's files: no production runs on them.

use domain::{client::ClientId, secret::Secret, totp::TotpKey};
use jiff::Timestamp;
use store::{
    Database, ServiceSecrets, StoreError, Vault,
    clients::{self, SecretHash},
    second_factors,
};

/// The demo's confidential relying parties and their secrets (config/demo-clients).
const KNOWN: [(&str, &str); 4] = [
    ("portail", "portail-secret-demo-only"),
    ("ent", "ent-secret-demo-only"),
    ("service", "service-secret-demo-only"),
    ("admin-cli", "admin-cli-secret-demo-only"),
];

/// The key of the second factor of the demo's officer and administrator
/// (config/demo-people.json), in base32.
const AUTHENTICATOR: &str = "PREAUDEMOPREAUDEMOPREAUDEMOPREAU";

/// That key.
pub(crate) fn authenticator() -> TotpKey {
    TotpKey::parse(AUTHENTICATOR).expect("the demo's key is base32")
}

/// Whether an officer or an administrator has the demo's second factor.
pub(super) async fn is_second_factor(
    database: &Database,
    vault: &Vault,
) -> Result<bool, StoreError> {
    second_factors::is_of_staff(database.reader(), vault, &authenticator()).await
}

/// The client that has a secret of the demo, if any has.
pub(super) async fn find(
    database: &Database,
    secrets: &ServiceSecrets,
    now: Timestamp,
) -> Result<Option<ClientId>, StoreError> {
    for (id, secret) in KNOWN {
        let id = ClientId::parse(id).expect("the demo's clients have sound ids");
        let Some(client) = clients::find_by_id(database.reader(), &id).await? else {
            continue;
        };
        let hash = SecretHash::of(&secrets.client_secrets, &Secret::new(secret));
        if client.secrets.iter().any(|stored| stored.is(&hash, now)) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}
