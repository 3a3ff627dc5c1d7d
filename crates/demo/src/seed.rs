//! Puts the demo's people and relying parties into a store. Again changes nothing but
//! what the ports changed.

use domain::{ambient::Ambient, audit::Actor, secret::Secret};
use store::{
    Database, ServiceSecrets, StoreError, Vault, bonds,
    clients::{
        self as registrations, SecretHash,
        changes::{By, NewSecret},
    },
    directory::{self, Options, Report},
};

use crate::{clients, folder::UPSTREAM, people, ports::Ports};

/// Seeds a migrated store.
///
/// # Errors
/// The database's.
pub async fn seed(
    database: &Database,
    ambient: &Ambient,
    vault: &Vault,
    secrets: &ServiceSecrets,
    ports: Ports,
) -> Result<Report, StoreError> {
    let transaction = database.begin().await?;
    let by = By::actor(Actor::Service);
    for client in clients::clients(ports) {
        let registration = client.registration.sound();
        let registration = registration.expect("a test asserts that the demo's clients are sound");
        registrations::apply(&transaction, ambient, &by, &registration).await?;
        if let Some(secret) = &client.secret {
            let hash = SecretHash::of(&secrets.client_secrets, secret);
            let (id, secret) = (&registration.client_id, NewSecret::plain(&hash));
            registrations::add_secret(&transaction, ambient, Actor::Service, id, &secret).await?;
        }
    }
    // Bonds of an earlier start on other ports.
    bonds::move_all(&transaction, &ports.simulator_issuer()).await?;
    transaction.commit().await?;
    let options = Options {
        dry_run: false,
        actor: Actor::Service,
        hash: &hashed_beforehand,
        issuer_of: &|name| (name == UPSTREAM).then(|| ports.simulator_issuer()),
        vault,
        known_key: None,
    };
    directory::import(database, ambient, people::document(), options).await
}

fn hashed_beforehand(_: &Secret) -> String {
    unreachable!("the demo's file holds hashes alone, which a test of this crate asserts")
}

#[cfg(test)]
mod tests {
    use store::migration;

    use super::*;

    async fn seeded(folder: &std::path::Path, first: u16) -> (Database, Report) {
        let ambient = Ambient::system();
        let url = Secret::new(format!("sqlite:{}", folder.join("store.db").display()));
        let database = Database::connect(&url, 2).await.unwrap();
        migration::migrate(&database).await.unwrap();
        let key = Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let vault = Vault::new(&key, &[]).unwrap();
        let secrets = ServiceSecrets::load_or_create(&database, &vault, &ambient)
            .await
            .unwrap();
        let ports = Ports::from_first(first).unwrap();
        let report = seed(&database, &ambient, &vault, &secrets, ports)
            .await
            .unwrap();
        (database, report)
    }

    #[tokio::test]
    async fn nobody_is_refused_and_again_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (_, first) = seeded(folder.path(), 8080).await;
        assert!(first.refusals.is_empty(), "{:?}", first.refusals);
        assert_eq!(first.people.created, people::people().len() as u64);
        let (_, second) = seeded(folder.path(), 8080).await;
        assert_eq!((second.people.created, second.people.updated), (0, 0));
        assert_eq!((second.links.created, second.links.updated), (0, 0));
    }

    #[tokio::test]
    async fn other_ports_rewrite_the_portal_s_registration() {
        let folder = tempfile::tempdir().unwrap();
        seeded(folder.path(), 8080).await;
        let (database, _) = seeded(folder.path(), 9300).await;
        let stored = registrations::find_all(database.reader()).await.unwrap();
        let portal = stored
            .iter()
            .find(|client| client.registration.client_id.as_str() == clients::PORTAL);
        let portal = portal.unwrap();
        assert!(
            portal
                .registration
                .redirect_uri("http://localhost:9301/callback")
                .is_some()
        );
        assert_eq!(portal.secrets.len(), 1);
    }
}
