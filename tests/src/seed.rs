//! A store that every test gets a copy of: migrated, with keys, people and registrations.

use std::path::Path;

use domain::{ambient::Ambient, audit::Actor, secret::Secret};
use idp::{
    passwords,
    settings::{KeySettings, PasswordSettings},
    signing_keys::SigningKeys,
};
use store::{
    ConnectionTrait, Database, ServiceSecrets, Vault,
    clients::{
        self as registrations, SecretHash,
        changes::{By, NewSecret},
    },
    directory::{self, Document, Options},
    testing,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::clients;

/// The master key of the tests.
pub const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Password hashing that costs nothing: what it costs is another test's subject.
pub fn cheap_passwords() -> PasswordSettings {
    PasswordSettings {
        memory_kib: 64,
        passes: 1,
        ..PasswordSettings::default()
    }
}

/// A database of a test's own; the SQLite file goes away with it.
pub struct OwnDatabase {
    /// Where it is.
    pub url: Secret,
    _folder: Option<TempDir>,
}

/// Whether the tests run on PostgreSQL and Redis.
pub fn on_servers() -> bool {
    std::env::var("PREAU_TEST_STORE").is_ok_and(|store| store == "postgres")
}

/// A copy of the template.
pub async fn copy() -> OwnDatabase {
    static TEMPLATE: OnceCell<Template> = OnceCell::const_new();
    match TEMPLATE.get_or_init(make).await {
        Template::Sqlite(bytes) => {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let file = folder.path().join("preau.db");
            std::fs::write(&file, bytes).expect("the copy can be written");
            OwnDatabase {
                url: sqlite_url(&file),
                _folder: Some(folder),
            }
        }
        Template::Postgres(url) => copy_postgres(url).await,
    }
}

/// A copy that a production start takes: without the secrets and the second factors of the
/// demo, which `serve` refuses.
pub async fn copy_for_production() -> OwnDatabase {
    let own = copy().await;
    let database = Database::connect(&own.url, 2)
        .await
        .expect("the copy opens");
    let delete = "delete from client_secret where client_id in \
                  ('portail', 'ent', 'service', 'admin-cli')";
    database
        .writer()
        .execute_unprepared(delete)
        .await
        .expect("secrets can be deleted");
    database
        .writer()
        .execute_unprepared("delete from second_factor")
        .await
        .expect("the demo's second factors can be deleted");
    database.close().await;
    own
}

enum Template {
    Sqlite(Vec<u8>),
    Postgres(Secret),
}

async fn make() -> Template {
    if on_servers() {
        let fresh = testing::fresh_postgres().await.expect("the server answers");
        let fresh = fresh.expect("PREAU_TEST_POSTGRES names a server");
        seed(&fresh.database).await;
        fresh.database.close().await;
        return Template::Postgres(fresh.url);
    }
    let fresh = testing::fresh_sqlite().await.expect("SQLite opens a file");
    seed(&fresh.database).await;
    fresh.database.clone().close().await;
    let file = fresh.url.expose().trim_start_matches("sqlite:").to_owned();
    Template::Sqlite(std::fs::read(file).expect("the template can be read"))
}

async fn copy_postgres(template: &Secret) -> OwnDatabase {
    let (server, name) = template
        .expose()
        .rsplit_once('/')
        .expect("the URL names a database");
    let random: [u8; 8] = Ambient::system().random();
    let own = format!("preau_{:016x}", u64::from_be_bytes(random));
    let admin = Secret::new(format!("{server}/postgres"));
    let admin = Database::connect(&admin, 2)
        .await
        .expect("the server answers");
    let create = format!("create database {own} template {name}");
    admin
        .writer()
        .execute_unprepared(&create)
        .await
        .expect("the template can be copied");
    admin.close().await;
    OwnDatabase {
        url: Secret::new(format!("{server}/{own}")),
        _folder: None,
    }
}

fn sqlite_url(file: &Path) -> Secret {
    Secret::new(format!("sqlite:{}", file.display()))
}

/// Puts keys, registrations and people into a migrated database.
pub async fn seed(database: &Database) {
    let ambient = Ambient::system();
    let vault = Vault::new(&Secret::new(MASTER_KEY), &[]).expect("the key is one");
    let secrets = ServiceSecrets::load_or_create(database, &vault, &ambient).await;
    let secrets = secrets.expect("secrets can be written");
    SigningKeys::load(database, &vault, &ambient, &KeySettings::default())
        .await
        .expect("keys can be made");
    let transaction = database.begin().await.expect("a transaction begins");
    let by = By::actor(Actor::Service);
    for client in clients::all() {
        let registration = client.registration.sound().expect("a sound registration");
        registrations::apply(&transaction, &ambient, &by, &registration)
            .await
            .expect("a registration can be written");
        if let Some(secret) = &client.secret {
            let hash = SecretHash::of(&secrets.client_secrets, secret);
            let id = &registration.client_id;
            let secret = NewSecret::plain(&hash);
            registrations::add_secret(&transaction, &ambient, Actor::Service, id, &secret)
                .await
                .expect("a secret can be written");
        }
    }
    transaction
        .commit()
        .await
        .expect("registrations are written");
    import(database, &ambient, &vault).await;
}

async fn import(database: &Database, ambient: &Ambient, vault: &Vault) {
    let hash = |password: &Secret| {
        passwords::hash(&cheap_passwords(), &Ambient::system(), password)
            .expect("cheap parameters are sound")
    };
    let options = Options {
        dry_run: false,
        actor: Actor::Service,
        hash: &hash,
        issuer_of: &|name| Some(format!("https://{name}.example")),
        vault,
        known_key: None,
    };
    let report = directory::import(database, ambient, people(), options).await;
    let report = report.expect("the import goes through");
    assert!(report.refusals.is_empty(), "{:?}", report.refusals);
}

/// The demo's people, with passwords in the place of hashes that are slow to check.
fn people() -> Document {
    let file = include_bytes!("../../config/demo-people.json");
    let mut file: serde_json::Value = serde_json::from_slice(file).expect("the file is JSON");
    for person in demo::people::people() {
        let entries = file["people"].as_array_mut().expect("a list of people");
        let entry = entries
            .iter_mut()
            .find(|entry| entry["identifier"] == *person.identifier);
        if let (Some(entry), Some(password)) = (entry, person.password) {
            entry["password"] = serde_json::json!({ "plain": password });
        }
    }
    Document::read(file.to_string().as_bytes()).expect("the file is a directory document")
}
