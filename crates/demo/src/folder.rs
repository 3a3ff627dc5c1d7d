//! The demo's data folder: the provider's configuration and its database.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::ambient::Ambient;
use serde::Serialize;
use tempfile::TempDir;
use thiserror::Error;

use crate::{
    france_connect::{PREAU_CLIENT_ID, PREAU_CLIENT_SECRET},
    ports::Ports,
};

/// The simulator's name in the configuration, which stands in addresses.
pub const UPSTREAM: &str = "franceconnect";

/// The configuration's file, as `--data DIR` of other commands finds it.
pub const CONFIG_FILE: &str = "preau.toml";
const DATABASE_FILE: &str = "preau.db";

/// A data folder: kept, or removed when this is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    temporary: Option<TempDir>,
}

/// Where the provider keeps what it knows: SQLite in the folder, unless it is told otherwise.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    /// The URL of a main store elsewhere.
    pub database: Option<String>,
    /// The URL of a Redis for what is ephemeral.
    pub redis: Option<String>,
}

/// The folder cannot be used.
#[derive(Debug, Error)]
#[error("{}: {reason}", path.display())]
pub struct FolderError {
    path: PathBuf,
    reason: String,
}

impl Folder {
    /// Opens the folder, making it where there is none; a temporary one without a path.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(path: Option<&Path>) -> Result<Self, FolderError> {
        match path {
            Some(path) => Self::kept(path),
            None => Self::temporary(),
        }
    }

    /// Where it is, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes away at the end.
    pub const fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Writes the configuration for these ports and stores; the master key of an earlier start
    /// stays, since the store is sealed with it. The file's path.
    ///
    /// # Errors
    /// [`FolderError`], also where the configuration that is there cannot be read: a
    /// new key would make the store unreadable.
    pub fn write_config(
        &self,
        ports: Ports,
        stores: Stores,
        ambient: &Ambient,
    ) -> Result<PathBuf, FolderError> {
        let file = self.path.join(CONFIG_FILE);
        let master_key = match earlier_master_key(&file)? {
            Some(key) => key,
            None => STANDARD.encode(ambient.random::<32>()),
        };
        let config = Config {
            server: Server {
                issuer: ports.issuer(),
                listen: [
                    format!("127.0.0.1:{}", ports.provider()),
                    format!("[::1]:{}", ports.provider()),
                ],
                grace: 1,
            },
            database: Url {
                url: stores
                    .database
                    .unwrap_or_else(|| sqlite_url(&self.path.join(DATABASE_FILE))),
            },
            redis: stores.redis.map(|url| Url { url }),
            secrets: Secrets { master_key },
            upstream: BTreeMap::from([(UPSTREAM, Upstream::simulator(ports))]),
        };
        let text = toml::to_string(&config).expect("texts and numbers can be written as TOML");
        write_private(&file, &format!("{HEADER}{text}")).map_err(|error| fault(&file, &error))?;
        Ok(file)
    }

    fn kept(path: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(path).map_err(|error| fault(path, &error))?;
        let path = fs::canonicalize(path).map_err(|error| fault(path, &error))?;
        Ok(Self {
            path,
            temporary: None,
        })
    }

    fn temporary() -> Result<Self, FolderError> {
        let made = tempfile::Builder::new().prefix("preau-demo-").tempdir();
        let folder = made.map_err(|error| fault(&std::env::temp_dir(), &error))?;
        Ok(Self {
            path: folder.path().to_owned(),
            temporary: Some(folder),
        })
    }
}

const HEADER: &str =
    "# Written by `preau demo` at each start: for trying things out, never for production.\n";

#[derive(Serialize)]
struct Config {
    server: Server,
    database: Url,
    #[serde(skip_serializing_if = "Option::is_none")]
    redis: Option<Url>,
    secrets: Secrets,
    upstream: BTreeMap<&'static str, Upstream>,
}

#[derive(Serialize)]
struct Server {
    issuer: String,
    listen: [String; 2],
    grace: u64,
}

#[derive(Serialize)]
struct Url {
    url: String,
}

#[derive(Serialize)]
struct Secrets {
    master_key: String,
}

#[derive(Serialize)]
struct Upstream {
    issuer: String,
    client_id: &'static str,
    client_secret: &'static str,
}

impl Upstream {
    fn simulator(ports: Ports) -> Self {
        Self {
            issuer: ports.simulator_issuer(),
            client_id: PREAU_CLIENT_ID,
            client_secret: PREAU_CLIENT_SECRET,
        }
    }
}

fn earlier_master_key(file: &Path) -> Result<Option<String>, FolderError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(file, &error)),
    };
    let config: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| fault(file, &error.message()))?;
    let key = config
        .get("secrets")
        .and_then(|secrets| secrets.get("master_key")?.as_str());
    let lacks = "has no secrets.master_key, without which the store beside it cannot be read";
    key.map(|key| Some(key.to_owned()))
        .ok_or_else(|| fault(file, &lacks))
}

/// A URL parts the path from options at `?` and reads `%` as an escape.
fn sqlite_url(file: &Path) -> String {
    let path = file.display().to_string();
    format!("sqlite:{}", path.replace('%', "%25").replace('?', "%3f"))
}

/// Written beside its place and moved there, so that a crash leaves the old file or the
/// new one, for its owner's eyes alone.
fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().sync_all()?;
    beside.persist(file)?;
    Ok(())
}

fn fault(path: &Path, reason: &impl ToString) -> FolderError {
    FolderError {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master_key(file: &Path) -> String {
        earlier_master_key(file).unwrap().unwrap()
    }

    #[test]
    fn a_later_start_keeps_the_key_and_takes_the_new_ports() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(Some(&parent.path().join("own"))).unwrap();
        let ambient = Ambient::system();
        let file = folder
            .write_config(
                Ports::from_first(8080).unwrap(),
                Stores::default(),
                &ambient,
            )
            .unwrap();
        let key = master_key(&file);
        folder
            .write_config(
                Ports::from_first(9300).unwrap(),
                Stores::default(),
                &ambient,
            )
            .unwrap();
        assert_eq!(master_key(&file), key);
        assert!(
            fs::read_to_string(&file)
                .unwrap()
                .contains("http://localhost:9300")
        );
    }

    #[test]
    fn a_configuration_without_a_key_is_never_overwritten() {
        let folder = Folder::open(None).unwrap();
        fs::write(folder.path().join(CONFIG_FILE), "[secrets]\n").unwrap();
        let refused = folder.write_config(
            Ports::from_first(8080).unwrap(),
            Stores::default(),
            &Ambient::system(),
        );
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .contains("secrets.master_key")
        );
    }

    #[test]
    fn a_temporary_folder_goes_away() {
        let folder = Folder::open(None).unwrap();
        let path = folder.path().to_owned();
        assert!(folder.is_temporary() && path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }
}
