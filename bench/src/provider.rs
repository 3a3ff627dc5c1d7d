//! Préau as an operator sets it up: a configuration, a migrated store, registrations,
//! people; then `serve`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{ambient::Ambient, secret::Secret};
use idp::settings::PasswordSettings;
use serde_json::{Value, json};

use crate::{
    fault::{Doing, Fault},
    people,
    process::{Server, free_port, run},
};

/// The relying party that signs people in.
pub(crate) const PORTAL: &str = "bench-portal";
/// The service that asks for tokens in its own name.
pub(crate) const SERVICE: &str = "bench-service";
/// The program that reads registrations.
pub(crate) const ADMINISTRATION: &str = "bench-administration";
/// Where the portal's codes go; nobody listens there.
pub(crate) const REDIRECT_URI: &str = "http://localhost:9/callback";
/// The scope of every sign-in: all that families' services ask for.
pub(crate) const SCOPE: &str = "openid profile email phone offline_access family";

/// The two memories that a provider is set up on.
#[derive(Clone, Debug)]
pub(crate) enum Stores {
    /// SQLite for both.
    Sqlite,
    /// PostgreSQL, and Redis.
    Servers {
        /// Of a database that is migrated.
        postgres: String,
        /// Of a server.
        redis: String,
    },
}

/// A provider that is set up in a folder.
pub(crate) struct Provider {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
    hash: String,
    /// The clients' secret.
    pub(crate) secret: String,
}

impl Provider {
    /// Sets up a provider without people.
    pub(crate) fn set_up(folder: &Path, stores: &Stores) -> Result<Self, Fault> {
        Self::set_up_with(folder, stores, "")
    }

    /// The same with these sections more.
    pub(crate) fn set_up_with(
        folder: &Path,
        stores: &Stores,
        sections: &str,
    ) -> Result<Self, Fault> {
        let ambient = Ambient::system();
        let hash = idp::passwords::hash(
            &PasswordSettings::default(),
            &ambient,
            &Secret::new(people::PASSWORD),
        );
        let provider = Self {
            binary: binary()?,
            folder: folder.to_owned(),
            port: free_port()?,
            hash: hash.expect("the default parameters are sound"),
            secret: STANDARD
                .encode(ambient.random::<24>())
                .replace(['+', '/'], "-"),
        };
        fs::create_dir_all(folder).doing("make a folder")?;
        let configuration = provider.configuration(stores, &ambient) + sections;
        provider.write("preau.toml", &configuration)?;
        provider.write("clients.json", &provider.registrations())?;
        run(&mut provider.command(&["migrate"]))?;
        let registrations = folder.join("clients.json");
        run(provider.command(&["client", "apply"]).arg(registrations))?;
        Ok(provider)
    }

    /// Applies registrations beside its own.
    pub(crate) fn register(&self, registrations: &str) -> Result<(), Fault> {
        self.write("more-clients.json", registrations)?;
        let file = self.folder.join("more-clients.json");
        run(self.command(&["client", "apply"]).arg(file)).map(drop)
    }

    /// Imports people from a number on, until there are `end` or the time is over. The
    /// number of people then in the store.
    pub(crate) fn import(&self, first: usize, end: usize, time: Duration) -> Result<usize, Fault> {
        let begun = Instant::now();
        let file = self.folder.join("people.json");
        let (mut next, end) = (first, people::whole_households(end));
        while next < end && begun.elapsed() < time {
            next += people::write(&file, next, end, &self.hash)?;
            let import = &mut self.command(&["directory", "import", "--format", "preau"]);
            run(import.arg(&file))?;
        }
        Ok(next)
    }

    /// Imports a directory document.
    pub(crate) fn import_document(&self, document: &Value) -> Result<(), Fault> {
        self.write("document.json", &document.to_string())?;
        let import = &mut self.command(&["directory", "import", "--format", "preau"]);
        run(import.arg(self.folder.join("document.json"))).map(drop)
    }

    /// The hash of everybody's password.
    pub(crate) fn hash(&self) -> &str {
        &self.hash
    }

    /// Starts `serve` and waits for its `ready`.
    pub(crate) fn serve(&self) -> Result<Server, Fault> {
        let log = self.folder.join("serve.log");
        Server::start(&mut self.command(&["serve"]), self.port, &log)
    }

    /// Starts `serve` without waiting.
    pub(crate) fn spawn(&self) -> Result<Server, Fault> {
        let log = self.folder.join("serve.log");
        let mut command = self.command(&["serve"]);
        Server::spawn(command.stdout(std::process::Stdio::null()), self.port, &log)
    }

    /// Its host, as requests name it.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The database of a provider on SQLite.
    pub(crate) fn sqlite_url(&self) -> String {
        format!("sqlite:{}", self.folder.join("preau.db").display())
    }

    /// Bytes of its file.
    pub(crate) fn sqlite_bytes(&self) -> u64 {
        let file = fs::metadata(self.folder.join("preau.db"));
        file.map_or(0, |file| file.len())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.folder.join("preau.toml"));
        command
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Fault> {
        fs::write(self.folder.join(name), text).doing(format!("write {name}"))
    }

    /// All defaults, behind a proxy: what is measured is what an operator gets.
    fn configuration(&self, stores: &Stores, ambient: &Ambient) -> String {
        let (port, host) = (self.port, self.host());
        let key = STANDARD.encode(ambient.random::<32>());
        let (database, redis) = match stores {
            Stores::Sqlite => (self.sqlite_url(), String::new()),
            Stores::Servers { postgres, redis } => {
                (postgres.clone(), format!("[redis]\nurl = \"{redis}\"\n"))
            }
        };
        format!(
            "[server]\nissuer = \"http://{host}\"\nlisten = \"127.0.0.1:{port}\"\n\
             trusted_proxies = [\"127.0.0.1\"]\n\
             [database]\nurl = \"{database}\"\n{redis}\
             [secrets]\nmaster_key = \"{key}\"\n"
        )
    }

    fn registrations(&self) -> String {
        json!([
            {
                "client_id": PORTAL,
                "client_name": "Portail de mesure",
                "client_secret": self.secret,
                "redirect_uris": [REDIRECT_URI],
                "grant_types": ["authorization_code", "refresh_token"],
                "scope": SCOPE,
                "sector": PORTAL,
                "first_party": true,
                "id_token_signed_response_alg": "ES256",
            },
            {
                "client_id": SERVICE,
                "client_name": "Service de mesure",
                "client_secret": self.secret,
                "grant_types": ["client_credentials"],
                "scope": "directory:read",
                "sector": SERVICE,
            },
            {
                "client_id": ADMINISTRATION,
                "client_name": "Administration de mesure",
                "client_secret": self.secret,
                "grant_types": ["client_credentials"],
                "scope": "clients:read",
                "sector": ADMINISTRATION,
            },
        ])
        .to_string()
    }
}

/// The `preau` beside this program, unless `PREAU_BIN` names another.
fn binary() -> Result<PathBuf, Fault> {
    if let Some(named) = env::var_os("PREAU_BIN") {
        return Ok(named.into());
    }
    let own = env::current_exe().doing("find this program")?;
    let beside = own.with_file_name("preau");
    if beside.is_file() {
        return Ok(beside);
    }
    let words = "there is no preau beside this program: build it, or name it by PREAU_BIN";
    Err(Fault::Tool(words.into()))
}
