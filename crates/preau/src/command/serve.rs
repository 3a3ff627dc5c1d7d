//! `preau serve`.

use std::{io, time::Instant};

use clap::Args;
use domain::ambient::Ambient;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{failure::Failure, place::Place, report::Report};
use crate::{
    config::Config,
    logs,
    node::{Extras, Node},
    traces::Traces,
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &Arguments) -> Result<Report, Failure> {
    let started = Instant::now();
    let config = Config::load(&arguments.place.sources())?;
    let traces = match &config.traces {
        Some(settings) => Traces::begin(settings).map_err(Failure::other)?,
        None => Traces::default(),
    };
    logs::begin(&config.logs, &traces);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime
        .map_err(Failure::other)?
        .block_on(serve(config, started))?;
    traces.end();
    Ok(Report::silent())
}

async fn serve(config: Config, started: Instant) -> Result<(), Failure> {
    let mut signals = Signals::listen().map_err(Failure::other)?;
    let issuer = config.server.issuer.clone();
    let extras = Extras {
        production: true,
        ..Extras::default()
    };
    let node = Node::start_with(config, Ambient::system(), extras)
        .await
        .map_err(Failure::other)?;
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(issuer, addresses = ?node.addresses(), milliseconds, "ready");
    super::report::print_line(&format!("ready {issuer}"));
    while signals.next().await == Wish::Reload {
        match node.reload_certificate().await {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(%error, "the certificate was not read again"),
        }
    }
    tracing::info!("stopping");
    node.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// What a signal asks for.
#[derive(PartialEq, Eq)]
enum Wish {
    Reload,
    Stop,
}

struct Signals {
    hang_up: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.hang_up.recv() => Wish::Reload,
            _ = self.interrupt.recv() => Wish::Stop,
            _ = self.terminate.recv() => Wish::Stop,
        }
    }
}

/// Ready at Ctrl-C or SIGTERM.
#[cfg(feature = "demo")]
pub(super) fn until_told_to_stop() -> io::Result<impl Future<Output = ()> + Send> {
    let mut signals = Signals::listen()?;
    Ok(async move { while signals.next().await != Wish::Stop {} })
}
