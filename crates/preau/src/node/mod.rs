//! A node: the service at work, from its configuration until it is stopped.
//!
//! Several nodes may run in one process, as tests do: nothing here is global but the
//! cryptography that rustls uses.

mod backlog;
pub(crate) mod demo_secrets;
mod guard;
mod health;
mod listener;
mod metrics;
mod observe;
mod trail;
mod wiring;

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use domain::ambient::Ambient;
use idp::App;
use notify::Transport;
use store::Database;
use tokio::{sync::watch, task::JoinSet};
use url::Url;

pub use self::wiring::StartFault;
use self::{listener::Listeners, wiring::Wired};
use crate::config::Config;

/// What a node may be given beside its configuration.
#[derive(Default)]
pub struct Extras {
    /// Open sockets, in the place of `server.listen`.
    pub listeners: Vec<TcpListener>,
    /// Where every message goes, in the place of `mail` and `sms`: an inbox.
    pub transport: Option<Arc<dyn Transport>>,
    /// The portal that « Mon compte » links to: the demo's.
    pub portal: Option<Url>,
    /// Whether real people depend on it: then no secret may be the demo's.
    pub production: bool,
}

/// A running node. Dropped without [`Node::stop`] it ends at once, as a crash would.
pub struct Node {
    app: App,
    listeners: Listeners,
    tasks: JoinSet<()>,
    shutdown: watch::Sender<bool>,
    database: Database,
    grace: Duration,
}

impl Node {
    /// Starts a node on a store of this version's schema.
    ///
    /// # Errors
    /// [`StartFault`]; nothing is left running.
    pub async fn start(config: Config, ambient: Ambient) -> Result<Self, StartFault> {
        Self::start_with(config, ambient, Extras::default()).await
    }

    /// The same with what the demo and tests bring themselves. It accepts connections
    /// when this returns.
    ///
    /// # Errors
    /// [`StartFault`].
    pub async fn start_with(
        config: Config,
        ambient: Ambient,
        extras: Extras,
    ) -> Result<Self, StartFault> {
        // Another node of this process, or a test, may have chosen it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let database = wiring::open(&config).await?;
        let grace = Duration::from_secs(config.server.grace);
        let wiring = Box::pin(wiring::wire(&config, ambient, database.clone(), &extras));
        let wired = match wiring.await {
            Ok(wired) => wired,
            Err(fault) => {
                database.close().await;
                return Err(fault);
            }
        };
        let Wired {
            app,
            courier,
            sealer,
            router,
            metrics,
        } = wired;
        let listeners = Listeners::start(&config.server, extras.listeners, router, metrics).await?;
        let (shutdown, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(courier.run(until(stopped.clone())));
        tasks.spawn(trail::seal(sealer, until(stopped.clone())));
        tasks.spawn(admin::maintenance::run(app.clone(), until(stopped.clone())));
        tasks.spawn(idp::maintenance::run(app.clone(), until(stopped)));
        Ok(Self {
            app,
            listeners,
            tasks,
            shutdown,
            database,
            grace,
        })
    }

    /// The provider that it serves, for whoever has a worker's round done without its time.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// The first address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.listeners.addresses()[0]
    }

    /// Every address that it listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        self.listeners.addresses()
    }

    /// Where its metrics are, if anywhere.
    pub const fn metrics_address(&self) -> Option<SocketAddr> {
        self.listeners.metrics_address()
    }

    /// Reads certificate and key again.
    ///
    /// # Errors
    /// The fault of the files; the old certificate is used on.
    pub async fn reload_certificate(&self) -> std::io::Result<()> {
        self.listeners.reload_certificate().await
    }

    /// Stops accepting, lets requests finish within `server.grace`, then messages and
    /// maintenance, and closes the stores.
    pub async fn stop(mut self) {
        self.listeners.stop(self.grace).await;
        self.shutdown.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.grace, ended).await.is_err() {
            tracing::warn!("a message was still on its way at the end: it comes again");
        }
        self.tasks.abort_all();
        let closed = tokio::time::timeout(Duration::from_secs(1), self.database.close()).await;
        if closed.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }
}

/// Ready when the node stops.
async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the node is gone: the end as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
