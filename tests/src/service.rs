//! The service of one test: nodes of the binary's own making, in this process.

use std::{ffi::OsStr, net::TcpListener, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser as _;
use domain::{ambient::Ambient, audit::Actor, entropy::SystemEntropy, secret::Secret};
use idp::{
    settings::{KeySettings, Seconds},
    signing_keys::SigningKeys,
};
use notify::MemoryInbox;
use preau::{
    config::Config,
    node::{Extras, Node},
};
use sea_orm::Statement;
use store::{
    ConnectionTrait, Database, Vault,
    clients::{self as registrations, changes::By},
};

use crate::{
    browser::Browser,
    clients,
    clock::TestClock,
    door::Door,
    france_connect,
    relying_party::RelyingParty,
    seed::{self, MASTER_KEY, OwnDatabase},
    visitor::{Person, Visitor},
};

/// The issuer of all tests.
pub const ISSUER: &str = "https://compte.example";

/// How long a test waits for what a node does by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running service on a store of its own.
pub struct Service {
    /// The first node's door.
    pub door: Door,
    /// The clock of all nodes.
    pub clock: TestClock,
    /// Clock and randomness of all nodes.
    pub ambient: Ambient,
    /// Every message that was sent.
    pub inbox: Arc<MemoryInbox>,
    /// The main store, to look at and to change from behind.
    pub database: Database,
    config: Config,
    nodes: Vec<Node>,
    _own: OwnDatabase,
}

impl Service {
    /// One node on a fresh store.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let own = seed::copy().await;
        // From here on: what the seed did is no request's.
        crate::statements::record();
        let mut config = config(&own.url, &crate::request::random()[..20]);
        change(&mut config);
        let clock = TestClock::new();
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let inbox = Arc::new(MemoryInbox::new(ambient.clone(), 1000));
        let node = start(&config, &ambient, &inbox).await;
        Self {
            door: Door::new(&config.server.issuer, node.address()),
            database: Database::connect(&own.url, 2)
                .await
                .expect("the store opens"),
            clock,
            ambient,
            inbox,
            config,
            nodes: vec![node],
            _own: own,
        }
    }

    /// One more node on the same stores.
    pub async fn second_node(&mut self) -> Door {
        let node = start(&self.config, &self.ambient, &self.inbox).await;
        let door = Door::new(&self.config.server.issuer, node.address());
        self.nodes.push(node);
        door
    }

    /// Lets time pass on all nodes.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// The same in seconds.
    pub fn advance_seconds(&self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// What a node of another process needs to be one of this service.
    pub(crate) fn described(&self) -> Described {
        Described {
            database: self.config.database.url.expose().to_owned(),
            redis_prefix: self.config.redis.prefix.clone(),
            france_connect: france_connect::issuer(&self.config),
            now: self.ambient.now(),
        }
    }

    /// The time of all nodes, in seconds since the epoch.
    pub fn clock_seconds(&self) -> i64 {
        self.ambient.now().as_second()
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        Browser::new(self.door.clone())
    }

    /// Somebody with a new browser.
    pub fn visitor(&self, person: Person) -> Visitor {
        Visitor::new(person, self.browser()).with_clock(&self.ambient)
    }

    /// Somebody with a new browser at « Mon compte », signed in just now.
    pub async fn at_account(&self, person: Person) -> Visitor {
        let mut visitor = self.visitor(person);
        let page = visitor.browser.open("/compte").await;
        let home = visitor.goes_on(page).await;
        assert!(home.url.ends_with("/compte"), "{}", home.summary());
        visitor
    }

    /// A relying party.
    pub fn client(&self, id: &str) -> RelyingParty {
        clients::party(id, &self.door)
    }

    /// The portal of the demo.
    pub fn portal(&self) -> RelyingParty {
        self.client("portail")
    }

    /// Changes the store from behind; how many rows. Marked, so that it does not count as
    /// a statement of the service.
    pub async fn sql(&self, statement: &str) -> u64 {
        let statement = format!("/* test */ {statement}");
        let done = self.database.writer().execute_unprepared(&statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"))
            .rows_affected()
    }

    /// Gives an account another state.
    pub async fn set_state(&self, person: Person, state: &str) {
        let merged = if state == "merged" {
            "(select id from account where identifier = 'admin')"
        } else {
            "null"
        };
        let rows = self
            .sql(&format!(
                "update account set state = '{state}', merged_into = {merged} \
                 where identifier = '{}'",
                person.identifier
            ))
            .await;
        assert_eq!(rows, 1);
    }

    /// Changes a registration, and waits until every node knows.
    pub async fn change_client(
        &self,
        id: &str,
        change: impl FnOnce(&mut domain::client::Registration),
    ) {
        let id = domain::client::ClientId::parse(id).expect("an id");
        let stored = registrations::find_by_id(self.database.reader(), &id).await;
        let mut registration = stored
            .expect("the store answers")
            .expect("a client")
            .registration;
        change(&mut registration);
        let transaction = self.database.begin().await.expect("a transaction begins");
        let by = By::actor(Actor::Service);
        let registration = registration.sound().expect("a sound registration");
        registrations::apply(&transaction, &self.ambient, &by, &registration)
            .await
            .expect("the registration is written");
        transaction
            .commit()
            .await
            .expect("the registration is written");
    }

    /// What the first node tells those who watch it; `server.metrics_listen` must be set.
    pub async fn metrics(&self) -> String {
        let address = self.nodes[0].metrics_address();
        let address = address.expect("it has a listener for metrics");
        let door = Door::new(&self.config.server.issuer, address);
        door.get("/metrics").await.text()
    }

    /// Rotates the signing keys, as `preau keys rotate` does.
    pub async fn rotate_keys(&self) {
        let vault = Vault::new(&Secret::new(MASTER_KEY), &[]).expect("the key is one");
        let settings = KeySettings::default();
        let keys = SigningKeys::load(&self.database, &vault, &self.ambient, &settings).await;
        let keys = keys.expect("the keys can be read");
        assert_eq!(
            keys.rotate(None, Actor::Service)
                .await
                .expect("they rotate"),
            3
        );
    }

    /// Runs a command of `preau`, as an operator at this service's store; its status.
    pub async fn command(&self, arguments: &[&str]) -> ExitCode {
        command(&self.config.database.url, arguments).await
    }

    /// Has the first node carry out what the desk's acts come to by themselves, as its
    /// worker does every minute; how many there were.
    pub async fn carries_out_what_is_due(&self) -> usize {
        let done = admin::carry_out_due(self.nodes[0].app()).await;
        done.expect("the store answers")
    }

    /// Stops all nodes.
    pub async fn stop(self) {
        for node in self.nodes {
            node.stop().await;
        }
        self.database.close().await;
    }
}

/// Runs a command of `preau`, as an operator at a store; its status.
///
/// # Panics
/// For arguments that are none.
pub async fn command(database: &Secret, arguments: &[&str]) -> ExitCode {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("preau.toml");
    std::fs::write(&file, text(database)).expect("the settings can be written");
    let all = std::iter::once(OsStr::new("preau"))
        .chain(arguments.iter().map(OsStr::new))
        .chain([OsStr::new("--config"), file.as_os_str()]);
    let arguments = preau::command::Arguments::try_parse_from(all);
    let arguments = arguments.unwrap_or_else(|fault| panic!("{fault}"));
    // A command has a runtime of its own.
    let run = tokio::task::spawn_blocking(move || preau::command::run(arguments));
    run.await.expect("the command runs")
}

/// Asks again until it is so, for what a node does by itself after a moment.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let done = tokio::time::timeout(PATIENCE, asked).await;
    assert!(done.is_ok(), "{what}: not within {PATIENCE:?}");
}

/// A service, for a node of another process.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Described {
    pub(crate) database: String,
    pub(crate) redis_prefix: String,
    /// The issuer of its FranceConnect, if it has one.
    pub(crate) france_connect: Option<String>,
    pub(crate) now: jiff::Timestamp,
}

/// The settings of a service as its file has them.
fn text(database: &Secret) -> String {
    format!(
        "server.issuer = \"{ISSUER}\"\n\
         server.trusted_proxies = [\"127.0.0.1\"]\n\
         server.grace = 5\n\
         database.url = \"{}\"\n\
         database.connections = 4\n\
         secrets.master_key = \"{MASTER_KEY}\"\n",
        database.expose()
    )
}

/// The settings of every node of a service.
pub(crate) fn config(database: &Secret, redis_prefix: &str) -> Config {
    let mut config = Config::parse(&text(database)).unwrap_or_else(|error| panic!("{error}"));
    config.passwords = seed::cheap_passwords();
    // Looked for as often as can be.
    config.keys.reload = Seconds(0);
    if seed::on_servers() {
        let redis = std::env::var("PREAU_TEST_REDIS").expect("PREAU_TEST_REDIS names a server");
        config.redis.url = Some(Secret::new(redis));
        redis_prefix.clone_into(&mut config.redis.prefix);
    }
    config
}

async fn start(config: &Config, ambient: &Ambient, inbox: &Arc<MemoryInbox>) -> Node {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    socket
        .set_nonblocking(true)
        .expect("a socket can be made non-blocking");
    let extras = Extras {
        listeners: vec![socket],
        transport: Some(inbox.clone()),
        ..Extras::default()
    };
    let node = Node::start_with(config.clone(), ambient.clone(), extras).await;
    node.unwrap_or_else(|fault| panic!("the node does not start: {fault}"))
}

/// A column of what a statement gives, as texts. Marked, as [`Service::sql`] marks.
pub async fn texts(
    connection: &impl ConnectionTrait,
    statement: &str,
    column: &str,
) -> Vec<String> {
    let marked = format!("/* test */ {statement}");
    let asked = Statement::from_string(connection.get_database_backend(), marked);
    let rows = connection.query_all_raw(asked).await;
    let rows = rows.unwrap_or_else(|error| panic!("{statement}: {error}"));
    rows.iter()
        .map(|row| row.try_get("", column).expect("a column of texts"))
        .collect()
}
