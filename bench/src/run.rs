//! A whole run, from empty folders to the report.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use store::testing::fresh_postgres;

use crate::{
    beside::Beside,
    ceilings, enumeration,
    fault::{Doing, Fault},
    growth,
    load::Window,
    measured::{Journey, METADATA, Measured},
    peer::Peer,
    process::{Server, free_port},
    provider::{Provider, Stores},
    registrations,
    report::{self, PeerStart, Report, Start},
    start,
    suite::{Figure, Figures, Suite},
};

/// People of the store on which most is measured.
const PEOPLE: usize = 10_000;
/// Starts that are measured.
const STARTS: usize = 7;
const SEEDING: Duration = Duration::from_mins(2);
/// What is measured on servers too: all that their stores have a part in.
const ON_SERVERS: [(Figure, Journey); 6] = [
    (Figure::ClientCredentials, Journey::ClientCredentials),
    (Figure::UserInfo, Journey::UserInfo),
    (Figure::Introspection, Journey::Introspection),
    (Figure::Refresh, Journey::Refresh),
    (Figure::CodeExchange, Journey::CodeExchange),
    (Figure::SignIn, Journey::SignIn),
];

/// What a run does.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Rounds of everything.
    pub(crate) rounds: usize,
    /// Seconds of one figure in a round.
    pub(crate) seconds: u64,
    /// Stores of these sizes, in people, for lookups.
    pub(crate) sizes: &'static [usize],
    /// Journeys, where not all are measured.
    pub(crate) only: Vec<Journey>,
    /// Whether people can be told apart by time.
    pub(crate) enumeration: bool,
}

impl Plan {
    /// Whether a journey is measured.
    pub(crate) fn wants(&self, journey: Journey) -> bool {
        self.only.is_empty() || self.only.contains(&journey)
    }

    pub(crate) const fn window(&self) -> Window {
        Window {
            ramp: Duration::from_millis(500),
            length: Duration::from_secs(self.seconds),
        }
    }
}

/// Measures everything, prints the table and writes it. Whether all was measured.
///
/// # Errors
/// Where nothing can be measured at all.
pub(crate) async fn run(plan: &Plan) -> Result<bool, Fault> {
    let folder = tempfile::tempdir().doing("make a folder")?;
    let before = load_average();
    let mut faults = Vec::new();
    let (figures, start) = sqlite(folder.path(), plan).await?;
    let servers = on_servers(folder.path(), plan).await;
    let servers = servers.unwrap_or_else(|fault| {
        faults.push(format!("PostgreSQL and Redis: {fault}"));
        Figures::new()
    });
    let larger = folder.path().join("larger");
    let sizes = growth::measure(&larger, plan.sizes, plan.rounds, plan.window()).await;
    let enumeration = if plan.enumeration {
        enumeration::measure(&folder.path().join("enumeration")).await
    } else {
        Ok(Vec::new())
    };
    let registered = folder.path().join("registrations");
    let registered = registrations::measure(&registered, plan.rounds, plan.window()).await;
    let report = Report {
        cores: ceilings::cores(),
        loads: [before, load_average()],
        figures,
        servers,
        start,
        growth: sizes.unwrap_or_else(|fault| {
            faults.push(format!("larger stores: {fault}"));
            Vec::new()
        }),
        enumeration: enumeration.unwrap_or_else(|fault| {
            faults.push(format!("enumeration: {fault}"));
            Vec::new()
        }),
        registrations: registered
            .map_err(|fault| faults.push(format!("registrations: {fault}")))
            .ok(),
        faults,
    };
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    print!("{}", report.write(&target.join("bench"))?);
    Ok(report.faults.is_empty())
}

/// Measures whether people can be told apart by time, and nothing else.
///
/// # Errors
/// Where it cannot be measured.
pub(crate) async fn enumeration() -> Result<(), Fault> {
    let folder = tempfile::tempdir().doing("make a folder")?;
    let told = enumeration::measure(folder.path()).await?;
    print!("{}", report::enumeration(&told));
    Ok(())
}

async fn sqlite(folder: &Path, plan: &Plan) -> Result<(Figures, Start), Fault> {
    let provider = Provider::set_up(&folder.join("sqlite"), &Stores::Sqlite)?;
    let people = provider.import(0, PEOPLE, SEEDING)?;
    let (ours, server) = start::measure(&provider, METADATA, STARTS).await?;
    // Memory is idle once what the start needed has been given back.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = server.memory()?;
    let measured = Measured::prepare(&provider, server, people).await?;
    let peer = Peer::start(folder).await?;
    let peer_idle = peer.as_ref().map(|peer| peer.server.memory()).transpose()?;
    let empty = empty_route(folder)?;
    let beside = plan.wants(Journey::SignIn);
    let beside = beside.then(|| Beside::start(folder, PEOPLE, SEEDING));
    let beside = beside.transpose()?;
    let mut suite = Suite::new(folder, plan, measured, peer, empty, beside).await?;
    let figures = suite.run().await?;
    let peer = match (&suite.peer, peer_idle) {
        (Some(peer), Some(idle)) => Some(PeerStart {
            milliseconds: peer.started_in.as_secs_f64() * 1000.0,
            idle,
            after: peer.server.memory()?,
        }),
        _ => None,
    };
    let after = suite.measured.server().memory()?;
    Ok((
        figures,
        Start {
            people,
            ours,
            idle,
            after,
            peer,
        },
    ))
}

fn empty_route(folder: &Path) -> Result<Server, Fault> {
    let own = env::current_exe().doing("find this program")?;
    let port = free_port()?;
    let mut command = Command::new(own);
    command.arg("empty-route").arg(port.to_string());
    Server::start(&mut command, port, &folder.join("empty-route.log"))
}

/// The journeys on PostgreSQL and Redis, where `cargo xtask bench` started them.
async fn on_servers(folder: &Path, plan: &Plan) -> Result<Figures, Fault> {
    let mut figures = Figures::new();
    let (Some(database), Ok(redis)) = (fresh_postgres().await?, env::var("PREAU_TEST_REDIS"))
    else {
        return Ok(figures);
    };
    let stores = Stores::Servers {
        postgres: database.url.expose().to_owned(),
        redis,
    };
    database.database.close().await;
    let provider = Provider::set_up(&folder.join("servers"), &stores)?;
    let people = provider.import(0, PEOPLE, SEEDING)?;
    let mut measured = Measured::prepare(&provider, provider.serve()?, people).await?;
    for _ in 0..plan.rounds {
        for (figure, journey) in ON_SERVERS {
            if !plan.wants(journey) {
                continue;
            }
            let rate = measured.rate(journey, plan.window()).await?;
            figures.entry(figure).or_default().push(rate);
        }
    }
    Ok(figures)
}

fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}
