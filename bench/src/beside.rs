//! Sign-ins by password while as many people press « S'identifier avec … » of an upstream
//! that is well, slow, or down: each waits for where that leads, and begins again a second
//! later.

use std::{env, path::Path, process::Command, time::Duration};

use tokio::time::sleep;

use crate::{
    browser::Browser,
    fault::{Doing, Fault},
    load::{CONNECTIONS, Outcome, Window, Work, rate_beside},
    process::{Server, free_port},
    provider::{Provider, Stores},
    upstream::WELL,
    wire::Connection,
    works::SignIns,
};

/// For how long somebody is away, or looks at the page that says that nobody answers.
const LOOKS: Duration = Duration::from_secs(1);

/// How the upstream is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Health {
    /// It answers at once.
    Well,
    /// It answers after ten seconds.
    Slow,
    /// Nobody listens there.
    Down,
}

impl Health {
    const ALL: [Self; 3] = [Self::Well, Self::Slow, Self::Down];

    const fn name(self) -> &'static str {
        match self {
            Self::Well => "bien",
            Self::Slow => "lent",
            Self::Down => "absent",
        }
    }

    /// What its button is answered with.
    const fn status(self) -> u16 {
        match self {
            Self::Well => 303,
            Self::Slow | Self::Down => 503,
        }
    }
}

/// A provider with upstreams of every health, and whoever signs in there.
pub(crate) struct Beside {
    host: String,
    server: Server,
    sign_ins: Vec<SignIns>,
    _upstream: Server,
}

impl Beside {
    /// Sets it up in a folder, with that many people.
    pub(crate) fn start(folder: &Path, people: usize, time: Duration) -> Result<Self, Fault> {
        let (port, absent) = (free_port()?, free_port()?);
        let own = env::current_exe().doing("find this program")?;
        let mut command = Command::new(own);
        command.arg("upstream").arg(port.to_string());
        let upstream = Server::start(&mut command, port, &folder.join("upstream.log"))?;
        let issuer = |health| match health {
            Health::Well => format!("http://127.0.0.1:{port}{WELL}"),
            Health::Slow => format!("http://127.0.0.1:{port}/api/v2"),
            Health::Down => format!("http://127.0.0.1:{absent}/api/v2"),
        };
        let section = |health: Health| {
            let (name, issuer) = (health.name(), issuer(health));
            format!(
                "[upstream.{name}]\nissuer = \"{issuer}\"\nclient_id = \"bench\"\n\
                 client_secret = \"a-secret-of-the-bench\"\n"
            )
        };
        let sections = Health::ALL.map(section).concat();
        let folder = folder.join("beside");
        let provider = Provider::set_up_with(&folder, &Stores::Sqlite, &sections)?;
        let people = provider.import(0, people, time)?;
        Ok(Self {
            host: provider.host(),
            server: provider.serve()?,
            sign_ins: SignIns::workers(&provider, people, CONNECTIONS),
            _upstream: upstream,
        })
    }

    /// How often a second people sign in by password while as many others are at the button.
    pub(crate) async fn rate(&mut self, health: Health, window: Window) -> Result<f64, Fault> {
        let mut others: Vec<Clicks> = (0..CONNECTIONS)
            .map(|_| Clicks {
                host: self.host.clone(),
                health,
            })
            .collect();
        let address = self.server.address;
        rate_beside(address, &mut self.sign_ins, &mut others, window).await
    }
}

/// Somebody at the button of an upstream.
struct Clicks {
    host: String,
    health: Health,
}

impl Work for Clicks {
    async fn once(&mut self, connection: &mut Connection) -> Result<Outcome, Fault> {
        let mut browser = Browser::new(&self.host);
        let (name, status) = (self.health.name(), self.health.status());
        browser.goes_to(connection, name, status).await?;
        sleep(LOOKS).await;
        Ok(Outcome::Done)
    }
}
