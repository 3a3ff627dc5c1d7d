//! Registrations that several people change at once: nothing is lost, and whoever comes later
//! is told.

use std::process::ExitCode;

use domain::{
    ambient::Ambient,
    audit::Actor,
    client::{ClientId, Registration},
};
use idp::{
    registrar::{Acts, Author, Registrar, RegistrarFault},
    settings::ClientSettings,
};
use sea_orm::DatabaseBackend;
use serde_json::json;
use store::{
    ConnectionTrait as _, Database,
    clients::{
        StoredClient,
        changes::{By, Replaces},
        find_by_id,
    },
};
use tests::{
    seed::{self, OwnDatabase},
    service::{command, eventually, texts},
};

/// A store with the client `atelier` in its first version.
struct House {
    registrar: Registrar,
    database: Database,
    own: OwnDatabase,
}

fn atelier() -> ClientId {
    ClientId::parse("atelier").unwrap()
}

fn named(name: &str) -> Registration {
    let document = json!({
        "client_id": "atelier", "client_name": name, "redirect_uris": ["https://atelier.example/cb"],
    });
    serde_json::from_value(document).unwrap()
}

impl House {
    async fn new() -> Self {
        let own = seed::copy().await;
        let database = Database::connect(&own.url, 4).await.unwrap();
        let fetcher = ClientSettings::default().fetcher().unwrap();
        let ambient = Ambient::system();
        let house = Self {
            registrar: Registrar::new(database.clone(), ambient, [0; 32], fetcher),
            database,
            own,
        };
        let by = By::actor(Actor::Operator);
        let registered =
            house.acts(async |acts| acts.register(&named("Atelier").sound().unwrap(), &by).await);
        assert_eq!(registered.await.unwrap(), 1);
        house
    }

    async fn begin(&self) -> Acts<'_> {
        let author = Author::trusted(Actor::Operator);
        self.registrar.begin(author).await.unwrap()
    }

    async fn acts<T>(
        &self,
        act: impl AsyncFnOnce(&Acts<'_>) -> Result<T, RegistrarFault>,
    ) -> Result<T, RegistrarFault> {
        // In boxes: what is done at once is one future.
        let acts = Box::pin(self.begin()).await;
        let done = Box::pin(act(&acts)).await?;
        Box::pin(acts.commit()).await?;
        Ok(done)
    }

    /// Does the second while the first is under way, and commits the first when the second
    /// waits for it.
    async fn while_under_way<T>(
        &self,
        first: impl AsyncFnOnce(&Acts<'_>),
        second: impl Future<Output = T>,
    ) -> T {
        let acts = Box::pin(self.begin()).await;
        Box::pin(first(&acts)).await;
        let commit = async {
            Box::pin(self.somebody_waits()).await;
            Box::pin(acts.commit()).await.unwrap();
        };
        tokio::join!(commit, second).1
    }

    /// On SQLite whoever writes waits before anything is read: there is nothing to see.
    async fn somebody_waits(&self) {
        let reader = self.database.reader();
        if reader.get_database_backend() != DatabaseBackend::Postgres {
            return tokio::task::yield_now().await;
        }
        let waiting = "select cast(count(*) as text) as waiting from pg_stat_activity \
                       where datname = current_database() and wait_event_type = 'Lock'";
        eventually("the second waits for the first", async || {
            texts(reader, waiting, "waiting").await != ["0"]
        })
        .await;
    }

    async fn stands(&self) -> Option<StoredClient> {
        let reader = self.database.reader();
        find_by_id(reader, &atelier()).await.unwrap()
    }
}

async fn save(acts: &Acts<'_>) {
    let saved = named("Nom enregistré").sound().unwrap();
    let saved = acts.change(&atelier(), &saved, Replaces::Version(1)).await;
    assert_eq!(saved.unwrap(), 2);
}

#[tokio::test]
async fn a_stop_during_a_save_keeps_both() {
    let house = House::new().await;
    let stop = house.acts(async |acts| acts.enable(&atelier(), false).await);
    let stopped = house.while_under_way(save, stop).await;
    assert_eq!(stopped.unwrap(), 3);
    let client = house.stands().await.unwrap();
    assert_eq!(client.registration.client_name, "Nom enregistré");
    assert!(!client.registration.enabled);
}

#[tokio::test]
async fn a_save_during_a_stop_is_told_and_starts_nothing() {
    let house = House::new().await;
    let save = house.acts(async |acts| {
        let saved = named("Nom enregistré").sound().unwrap();
        acts.change(&atelier(), &saved, Replaces::Version(1)).await
    });
    let stop = async |acts: &Acts<'_>| {
        acts.enable(&atelier(), false).await.unwrap();
    };
    let told = house.while_under_way(stop, save).await;
    assert!(matches!(told, Err(RegistrarFault::Conflict(2))), "{told:?}");
    assert!(!house.stands().await.unwrap().registration.enabled);
}

#[tokio::test]
async fn a_release_during_a_stop_leaves_the_client_stopped() {
    let house = House::new().await;
    let managed = house.acts(async |acts| {
        let sound = named("Atelier").sound().unwrap();
        acts.apply(&sound, "atelier.toml").await
    });
    managed.await.unwrap();
    let release = house.acts(async |acts| acts.release(&atelier()).await);
    let stop = async |acts: &Acts<'_>| {
        acts.enable(&atelier(), false).await.unwrap();
    };
    house.while_under_way(stop, release).await.unwrap();
    let client = house.stands().await.unwrap();
    assert_eq!(client.managed_by, None);
    assert!(!client.registration.enabled);
}

#[tokio::test]
async fn what_is_released_while_files_are_applied_is_not_pruned() {
    let house = House::new().await;
    let managed = house.acts(async |acts| {
        let sound = named("Atelier").sound().unwrap();
        acts.apply(&sound, "atelier.toml").await
    });
    managed.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "client",
        "apply",
        "--prune",
        folder.path().to_str().unwrap(),
    ];
    let prune = command(&house.own.url, &arguments);
    let release = async |acts: &Acts<'_>| {
        acts.release(&atelier()).await.unwrap();
    };
    let status = house.while_under_way(release, prune).await;
    assert_eq!(status, ExitCode::SUCCESS);
    assert_eq!(house.stands().await.unwrap().managed_by, None);
}

#[tokio::test]
async fn an_undo_during_a_save_is_told() {
    let house = House::new().await;
    let undo = house.acts(async |acts| acts.restore(&atelier(), 1, Replaces::Version(1)).await);
    let told = house.while_under_way(save, undo).await;
    assert!(matches!(told, Err(RegistrarFault::Conflict(2))), "{told:?}");
    let client = house.stands().await.unwrap();
    assert_eq!(client.registration.client_name, "Nom enregistré");
}

#[tokio::test]
async fn an_undo_during_a_deletion_revives_nothing() {
    let house = House::new().await;
    let undo = house.acts(async |acts| acts.restore(&atelier(), 1, Replaces::Version(1)).await);
    let delete = async |acts: &Acts<'_>| {
        acts.delete(&atelier(), Replaces::Version(1)).await.unwrap();
    };
    let told = house.while_under_way(delete, undo).await;
    assert!(matches!(told, Err(RegistrarFault::Conflict(2))), "{told:?}");
    assert!(house.stands().await.is_none());
}

#[tokio::test]
async fn of_two_undone_deletions_the_second_is_told() {
    let house = House::new().await;
    let deleted = house.acts(async |acts| acts.delete(&atelier(), Replaces::Version(1)).await);
    deleted.await.unwrap();
    let restore = async |acts: &Acts<'_>| acts.restore(&atelier(), 1, Replaces::Nothing).await;
    let first = async |acts: &Acts<'_>| {
        restore(acts).await.unwrap();
        save_again(acts).await;
    };
    let second = house.acts(restore);
    let told = house.while_under_way(first, second).await;
    assert!(matches!(told, Err(RegistrarFault::Conflict(4))), "{told:?}");
    let client = house.stands().await.unwrap();
    assert_eq!(client.registration.client_name, "Nom enregistré");
}

async fn save_again(acts: &Acts<'_>) {
    let saved = named("Nom enregistré").sound().unwrap();
    let saved = acts.change(&atelier(), &saved, Replaces::Version(3)).await;
    assert_eq!(saved.unwrap(), 4);
}
