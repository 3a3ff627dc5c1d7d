//! Secrets that everybody can read in the demo's files: no production runs on them.

use domain::{client::ClientId, secret::Secret};
use jiff::Timestamp;
use store::{
    Database, ServiceSecrets, StoreError,
    clients::{self, SecretHash},
};

/// The demo's confidential relying parties and their secrets (config/demo-clients).
const KNOWN: [(&str, &str); 4] = [
    ("portail", "portail-secret-demo-only"),
    ("ent", "ent-secret-demo-only"),
    ("service", "service-secret-demo-only"),
    ("admin-cli", "admin-cli-secret-demo-only"),
];

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
