//! Starts and stops the whole demo.

use std::{
    io::{self, Write as _},
    net::TcpListener,
    path::PathBuf,
    sync::Arc,
};

use domain::ambient::Ambient;
use notify::MemoryInbox;
use thiserror::Error;

use crate::{
    clients,
    folder::{Folder, FolderError, Stores},
    france_connect::{self, KeyFault, Registration, SLOW, SimulatorSettings},
    inbox, people,
    portal::{self, NoHttpClient, PortalSettings},
    ports::{PortError, Ports},
    serving::Serving,
};

/// How many messages the inbox keeps.
const MOST_MESSAGES: usize = 1000;

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The provider's port; the other sites follow.
    pub port: u16,
    /// Where everything is kept; a temporary folder where absent.
    pub data: Option<PathBuf>,
    /// Where the provider keeps what it knows.
    pub stores: Stores,
}

/// What the demo needs of the binary: the identity provider itself.
pub trait Provider {
    /// A provider at work, until it is stopped.
    type Node: Send;
    /// Why it could not start.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Reads the configuration, opens and migrates the store, calls
    /// [`seed`](crate::seed::seed), and starts the node on the open sockets, with the
    /// inbox as its only transport. It accepts connections when this returns.
    fn start(&self, stage: Stage) -> impl Future<Output = Result<Self::Node, Self::Error>> + Send;

    /// Stops it, within a second and a half.
    fn stop(&self, node: Self::Node) -> impl Future<Output = ()> + Send;
}

/// What a provider is started with.
#[derive(Debug)]
pub struct Stage {
    /// The configuration file, complete.
    pub config: PathBuf,
    /// Open sockets on the provider's port, non-blocking; to be used instead of
    /// `server.listen`.
    pub listeners: Vec<TcpListener>,
    /// Where every message goes.
    pub inbox: Arc<MemoryInbox>,
    /// The ports, for the registrations.
    pub ports: Ports,
    /// The portal's address, to which the provider's pages may link.
    pub portal_url: String,
}

/// Why the demo ended. Each is status 1 of the command.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The provider did not start.
    #[error("the identity provider did not start: {0}")]
    Provider(Box<dyn std::error::Error + Send + Sync>),
    /// The portal's HTTP client.
    #[error(transparent)]
    Portal(#[from] NoHttpClient),
    /// The FranceConnect simulator's keys.
    #[error(transparent)]
    Simulator(#[from] KeyFault),
    /// A socket, or the output.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs the demo until `shutdown` is over, and then ends within two seconds.
///
/// # Errors
/// [`DemoError`]; whatever was started is stopped again.
pub async fn run<P: Provider>(
    options: Options,
    ambient: Ambient,
    provider: P,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), DemoError> {
    let ports = Ports::from_first(options.port)?;
    let listeners = ports.bind()?;
    let folder = Folder::open(options.data.as_deref())?;
    let config = folder.write_config(ports, options.stores, &ambient)?;
    let inbox = Arc::new(MemoryInbox::new(ambient.clone(), MOST_MESSAGES));
    let stage = Stage {
        config,
        listeners: listeners.provider,
        inbox: inbox.clone(),
        ports,
        portal_url: format!("{}/", ports.portal_origin()),
    };
    let sites = Sites {
        portal: Serving::start(&portal_router(ports, ambient.clone())?, listeners.portal)?,
        simulator: Serving::start(&simulator_router(ports, ambient)?, listeners.simulator)?,
        inbox: Serving::start(&inbox::router(inbox, ports), listeners.inbox)?,
    };
    let outcome = play(&provider, stage, ports, &folder, shutdown).await;
    sites.stop().await;
    outcome
}

struct Sites {
    portal: Serving,
    simulator: Serving,
    inbox: Serving,
}

impl Sites {
    async fn stop(self) {
        tokio::join!(self.portal.stop(), self.simulator.stop(), self.inbox.stop());
    }
}

/// From the provider's start to its end. A signal during the start ends the demo too.
async fn play<P: Provider>(
    provider: &P,
    stage: Stage,
    ports: Ports,
    folder: &Folder,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), DemoError> {
    tokio::pin!(shutdown);
    let node = tokio::select! {
        started = provider.start(stage) => started.map_err(|error| DemoError::Provider(error.into()))?,
        () = &mut shutdown => return Ok(()),
    };
    let announced = announce(ports, folder);
    if announced.is_ok() {
        shutdown.await;
    }
    provider.stop(node).await;
    Ok(announced?)
}

fn portal_router(ports: Ports, ambient: Ambient) -> Result<axum::Router, NoHttpClient> {
    portal::router(PortalSettings {
        issuer: ports.issuer(),
        origin: ports.portal_origin(),
        client_id: clients::PORTAL.to_owned(),
        client_secret: clients::portal_secret(ports),
        people: people::people(),
        ambient,
    })
}

fn simulator_router(ports: Ports, ambient: Ambient) -> Result<axum::Router, KeyFault> {
    france_connect::router(SimulatorSettings {
        seal: None,
        origin: ports.simulator_origin(),
        registrations: vec![Registration::preau(&ports.issuer())],
        slowness: SLOW,
        ambient,
    })
}

/// Tells people what runs where, and programs that all of it accepts.
fn announce(ports: Ports, folder: &Folder) -> io::Result<()> {
    io::stderr().write_all(first_screen(ports, folder).as_bytes())?;
    let mut output = io::stdout().lock();
    writeln!(output, "ready {}", ports.issuer())?;
    output.flush()
}

fn first_screen(ports: Ports, folder: &Folder) -> String {
    let (issuer, portal, inbox) = (ports.issuer(), ports.portal_origin(), ports.inbox_origin());
    let simulator = ports.simulator_origin();
    let path = folder.path().display();
    let kept = if folder.is_temporary() {
        "removed at the end; --data DIR keeps one"
    } else {
        "kept"
    };
    format!(
        "\n\
         Préau, a demonstration on this machine alone\n\
         \n\
         \x20 portal             {portal}    a service that signs people in\n\
         \x20 identity provider  {issuer}    accounts and sign-in\n\
         \x20 FranceConnect      {simulator}    a simulator of it, which may be made to misbehave\n\
         \x20 inbox              {inbox}    every mail and SMS arrives here\n\
         \x20 data               {path} ({kept})\n\
         \n\
         Next: open {portal} and choose « Se connecter »,\n\
         for instance as c.martin1 with the password Cartable-bleu-2026.\n\
         Ctrl-C ends it.\n\n"
    )
}
