//! The peer: the npm package `oidc-provider`, by the script beside this crate.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    fault::Fault,
    load::CONNECTIONS,
    process::{Server, free_port},
    start::first_answer,
    wire::{Connection, get},
    works::{Client, Repeated},
};

const SECRET: &str = "a-secret-of-the-peer-on-loopback-alone";
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// `https://api.example.org` as a form carries it.
const RESOURCE: &str = "&resource=https%3A%2F%2Fapi.example.org&scope=directory%3Aread";

/// A running peer with the work that it is measured by.
pub(crate) struct Peer {
    /// Its process.
    pub(crate) server: Server,
    /// From exec to its first answer, of this start.
    pub(crate) started_in: Duration,
    /// Its metadata.
    pub(crate) metadata: Vec<Repeated>,
    /// Its key set.
    pub(crate) jwks: Vec<Repeated>,
    /// `client_credentials`, JWT, ES256.
    pub(crate) client_credentials: Vec<Repeated>,
    /// Introspection of an opaque token.
    pub(crate) introspection: Vec<Repeated>,
}

impl Peer {
    /// Starts it; nothing where its package is not installed.
    pub(crate) async fn start(folder: &Path) -> Result<Option<Self>, Fault> {
        let Some(script) = script() else {
            return Ok(None);
        };
        let port = free_port()?;
        let mut command = Command::new("node");
        command.arg(script).arg(port.to_string()).arg(SECRET);
        let begun = Instant::now();
        let command = command.stdout(Stdio::null());
        let server = Server::spawn(command, port, &folder.join("peer.log"))?;
        first_answer(server.address, DISCOVERY).await?;
        let started_in = begun.elapsed();
        Self::of(server, port, started_in).await.map(Some)
    }

    async fn of(server: Server, port: u16, started_in: Duration) -> Result<Self, Fault> {
        let host = format!("localhost:{port}");
        let client = Client::new(&host, "bench-service", SECRET);
        let mut connection = Connection::open(server.address)
            .await
            .map_err(|error| Fault::Tool(format!("the peer does not answer: {error}")))?;
        let form = "grant_type=client_credentials";
        let tokens = client
            .tokens(&mut connection, "/token", "peer's token", form)
            .await?;
        let repeated = |step, request| Repeated::workers(step, vec![request], CONNECTIONS);
        let introspection = client.introspection("/token/introspection", &tokens.access_token);
        Ok(Self {
            metadata: repeated("peer's metadata", get(&host, DISCOVERY, "")),
            jwks: repeated("peer's key set", get(&host, "/jwks", "")),
            client_credentials: repeated(
                "peer's client_credentials",
                client.client_credentials("/token", RESOURCE),
            ),
            introspection: repeated("peer's introspection", introspection),
            server,
            started_in,
        })
    }
}

/// The script, where the packages of the tests are installed.
fn script() -> Option<PathBuf> {
    let root = env::current_dir().ok()?;
    let package = root.join("tests/node/node_modules/oidc-provider");
    package.is_dir().then(|| root.join("bench/peer.mjs"))
}
