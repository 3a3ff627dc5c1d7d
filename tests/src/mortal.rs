//! A node that dies: a process of its own on the stores of a [`Service`], which ends
//! without a word after its n-th write.
//!
//! What counts as a write is each statement that changes a row, as the database answers
//! it, and each commit. Nothing of the service knows of it: the process listens to what
//! the driver tells `tracing`, and aborts there. Other nodes deliver its messages, so
//! that what it writes is what it was asked for.

use std::{
    fmt::Debug,
    io::Write as _,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering},
};

use domain::{ambient::Ambient, entropy::SystemEntropy, secret::Secret};
use preau::node::{Extras, Node};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use tracing::{
    Event, Id, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::{
    Door,
    clock::TestClock,
    france_connect,
    service::{Described, ISSUER, Service, config},
};

/// What the process is told.
const SERVICE: &str = "PREAU_TEST_MORTAL_OF";
const DIES_AT: &str = "PREAU_TEST_MORTAL_AT";

/// A node that will die, seen from outside; killed when dropped.
pub struct Mortal {
    child: Child,
    /// Its door: once it is dead, answers have the status 0.
    pub door: Door,
}

impl Mortal {
    /// Starts `program` (this package's `mortal`), to die at its n-th write from now on.
    pub async fn start(program: &Path, service: &Service, dies_at: usize) -> Self {
        let described = serde_json::to_string(&service.described()).expect("it is a document");
        let child = Command::new(program)
            .env(SERVICE, described)
            .env(DIES_AT, dies_at.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.expect("the program starts");
        let told = child.stdout.take().expect("its output is ours");
        let mut line = String::new();
        let read = BufReader::new(told).read_line(&mut line).await;
        read.expect("its output can be read");
        let address: SocketAddr = line.trim().parse().expect("it tells where it listens");
        Self {
            child,
            door: Door::new(ISSUER, address).of_mortal(),
        }
    }

    /// Whether it has died.
    pub fn is_dead(&mut self) -> bool {
        let ended = self.child.try_wait().expect("a child of ours");
        ended.is_some_and(|status| {
            assert!(!status.success(), "it ended by itself: {status}");
            true
        })
    }
}

/// The process's own life: it serves until it dies, or is killed.
pub fn live() {
    let read = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing"));
    let described: Described = serde_json::from_str(&read(SERVICE)).expect("a service");
    let dies_at = read(DIES_AT).parse().expect("a number of writes");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let _node = start(&described, dies_at).await;
        std::future::pending::<()>().await;
    });
}

async fn start(described: &Described, dies_at: usize) -> Node {
    let database = Secret::new(described.database.clone());
    let mut config = config(&database, &described.redis_prefix);
    config.delivery.concurrency = 0;
    if let Some(issuer) = &described.france_connect {
        france_connect::configure(&mut config, issuer);
    }
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let nonblocking = socket.set_nonblocking(true);
    nonblocking.expect("a socket can be made non-blocking");
    let address = socket.local_addr().expect("it has an address");
    let extras = Extras {
        listeners: vec![socket],
        ..Extras::default()
    };
    let ambient = Ambient::new(TestClock::at(described.now), SystemEntropy);
    let node = Node::start_with(config, ambient, extras).await;
    let node = node.unwrap_or_else(|fault| panic!("the node does not start: {fault}"));
    let watch = Death {
        left: AtomicUsize::new(dies_at),
    };
    tracing_subscriber::registry()
        .with(watch.with_filter(filter_fn(is_watched)))
        .init();
    println!("{address}");
    std::io::stdout().flush().expect("somebody reads");
    node
}

/// The driver's statements, and the end of a transaction.
fn is_watched(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "sqlx::query" || is_commit(metadata)
}

fn is_commit(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.name() == "commit" && metadata.target().starts_with("sea_orm")
}

/// Counts down, and ends the process: no destructor runs, no buffer is written.
struct Death {
    left: AtomicUsize,
}

impl Death {
    fn count(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Death {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        if is_write(&statement.text()) {
            self.count();
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if context.metadata(&id).is_some_and(is_commit) {
            self.count();
        }
    }
}

/// Whether a row was to change, without what a node does by itself: it drops what has
/// ended, and looks after messages.
fn is_write(statement: &str) -> bool {
    let text = statement.trim().to_ascii_lowercase();
    let verb = ["insert", "update", "delete", "with"]
        .into_iter()
        .find(|verb| text.starts_with(verb));
    match verb {
        Some("insert") => true,
        Some("delete") => !text.contains("<="),
        Some(_) => !text.contains("outbox"),
        None => false,
    }
}

#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Statement {
    fn text(self) -> String {
        if self.whole.trim().is_empty() {
            self.summary
        } else {
            self.whole
        }
    }
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
