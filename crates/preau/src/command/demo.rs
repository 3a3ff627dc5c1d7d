//! `preau demo`.

use std::path::PathBuf;

use clap::Args;
use demo::{
    folder::Stores,
    run::{Provider, Stage},
};
use domain::ambient::Ambient;
use store::{Database, ServiceSecrets, StoreError};
use url::Url;

use super::{failure::Failure, report::Report, serve::until_told_to_stop};
use crate::{
    config::{Config, ConfigError, LogFormat, LogSettings, Sources},
    logs,
    node::{Extras, Node, StartFault},
    traces::Traces,
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The provider's port; the portal, a simulator and the inbox take the next three
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// A folder to keep everything in; else a temporary one, removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A database in PostgreSQL instead of SQLite; its key is in the folder
    #[arg(long, value_name = "URL", requires = "data")]
    database: Option<String>,
    /// A Redis for what is ephemeral
    #[arg(long, value_name = "URL", requires = "data")]
    redis: Option<String>,
}

pub(super) fn run(arguments: Arguments) -> Result<Report, Failure> {
    let logs = LogSettings {
        format: LogFormat::Text,
        level: std::env::var("PREAU_LOG").unwrap_or_else(|_| "warn".to_owned()),
    };
    logs::begin(&logs, &Traces::default());
    // The portal's HTTP client needs it before the first node is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = demo::run::Options {
        port: arguments.port,
        data: arguments.data,
        stores: Stores {
            database: arguments.database,
            redis: arguments.redis,
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(Failure::other)?.block_on(async {
        let shutdown = until_told_to_stop().map_err(Failure::other)?;
        demo::run(options, Ambient::system(), OwnProvider, shutdown)
            .await
            .map_err(Failure::other)
    })?;
    Ok(Report::silent())
}

struct OwnProvider;

/// The demo's provider does not start.
#[derive(Debug, thiserror::Error)]
enum ProviderFault {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Start(#[from] StartFault),
    #[error("the demo's people were refused: {0}")]
    Refused(String),
}

impl Provider for OwnProvider {
    type Node = Node;
    type Error = ProviderFault;

    async fn start(&self, stage: Stage) -> Result<Node, ProviderFault> {
        let config = Config::load(&Sources {
            file: Some(stage.config.clone()),
            environment: Vec::new(),
        })?;
        let ambient = Ambient::system();
        seed(&config, &ambient, &stage).await?;
        let extras = Extras {
            listeners: stage.listeners,
            transport: Some(stage.inbox),
            portal: Url::parse(&stage.portal_url).ok(),
            production: false,
        };
        Ok(Node::start_with(config, ambient, extras).await?)
    }

    async fn stop(&self, node: Node) {
        node.stop().await;
    }
}

/// Migrates the store and puts the demo's people and relying parties into it.
async fn seed(config: &Config, ambient: &Ambient, stage: &Stage) -> Result<(), ProviderFault> {
    let database = Database::connect(&config.database.url, config.database.connections).await?;
    store::migration::migrate(&database).await?;
    let vault = config.secrets.vault();
    let secrets = ServiceSecrets::load_or_create(&database, &vault, ambient).await?;
    let report = demo::seed::seed(&database, ambient, &vault, &secrets, stage.ports).await?;
    database.close().await;
    match report.refusals.first() {
        Some(refusal) => Err(ProviderFault::Refused(refusal.to_string())),
        None => Ok(()),
    }
}
