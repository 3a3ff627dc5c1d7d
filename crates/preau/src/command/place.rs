//! Where a command finds its configuration and its store.

use std::path::PathBuf;

use clap::Args;
use domain::ambient::Ambient;
use store::{Database, ServiceSecrets, Vault};

use super::failure::Failure;
use crate::config::{Config, Sources};

/// The configuration's place, for every command that needs one.
#[derive(Args, Debug, Clone)]
pub(super) struct Place {
    /// The configuration file; else the one named by `PREAU_CONFIG`
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The data folder of a demo
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "config")]
    data: Option<PathBuf>,
}

impl Place {
    /// Whether it is a demo's folder: then its secrets may be the demo's.
    pub(super) const fn is_of_demo(&self) -> bool {
        self.data.is_some()
    }

    /// Where settings are read from.
    pub(super) fn sources(&self) -> Sources {
        if let Some(folder) = &self.data {
            // A demo's folder says everything; variables belong to another service.
            return Sources {
                file: Some(folder.join("preau.toml")),
                environment: Vec::new(),
            };
        }
        let named = || std::env::var_os("PREAU_CONFIG").map(PathBuf::from);
        let file = self.config.clone().or_else(named);
        Sources::of_process(file.as_deref())
    }

    /// Reads the configuration and opens the store, whatever its schema.
    pub(super) async fn open_any(&self) -> Result<Opened, Failure> {
        let config = Config::load(&self.sources())?;
        let database = Database::connect(&config.database.url, config.database.connections).await?;
        Ok(Opened {
            vault: config.secrets.vault(),
            config,
            database,
            ambient: Ambient::system(),
        })
    }

    /// Reads the configuration and opens a store of this version's schema.
    pub(super) async fn open(&self) -> Result<Opened, Failure> {
        let opened = self.open_any().await?;
        store::migration::check(&opened.database).await?;
        Ok(opened)
    }
}

/// An open store with what it is used with.
pub(super) struct Opened {
    pub(super) config: Config,
    pub(super) database: Database,
    pub(super) vault: Vault,
    pub(super) ambient: Ambient,
}

impl Opened {
    /// The service's own keys.
    pub(super) async fn secrets(&self) -> Result<ServiceSecrets, Failure> {
        let secrets = ServiceSecrets::load_or_create(&self.database, &self.vault, &self.ambient);
        Ok(secrets.await?)
    }
}
