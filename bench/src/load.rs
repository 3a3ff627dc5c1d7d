//! The load: a number of connections, each with its own work, over a bounded time.

use std::{
    cell::Cell,
    net::SocketAddr,
    pin::pin,
    time::{Duration, Instant},
};

use futures_util::{
    future::{Either, select},
    stream::{FuturesUnordered, StreamExt},
};

use crate::{
    fault::{Doing, Fault},
    wire::Connection,
};

/// Connections at once, as many as the figures of others were measured with.
pub(crate) const CONNECTIONS: usize = 32;

/// Work that can be done again and again on a connection.
pub(crate) trait Work {
    /// Does it once.
    ///
    /// # Errors
    /// [`Fault`] for whatever is not the expected answer.
    async fn once(&mut self, connection: &mut Connection) -> Result<Outcome, Fault>;
}

/// What doing it once came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// It was done.
    Done,
    /// There is nothing left to do: what the work lives on is used up.
    Exhausted,
}

/// When work counts. Before and after it, work goes on all the same, so that what is
/// under way at both ends of the time weighs alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// The time before counting.
    pub(crate) ramp: Duration,
    /// The time that is counted.
    pub(crate) length: Duration,
}

/// Does the work of all workers at once, each on a connection of its own: how often a
/// second it was done.
///
/// # Errors
/// The first [`Fault`]: a rate with failures in it means nothing.
pub(crate) async fn rate<W: Work>(
    address: SocketAddr,
    workers: &mut [W],
    window: Window,
) -> Result<f64, Fault> {
    let mut connections = connect(address, workers.len()).await?;
    let tally = Tally::begin(window);
    all(workers, &mut connections, &tally).await?;
    Ok(tally.rate())
}

/// The same while others do their own work, which is not counted and is left where it is
/// when the time is over.
///
/// # Errors
/// The first [`Fault`], of either.
pub(crate) async fn rate_beside<W: Work, O: Work>(
    address: SocketAddr,
    workers: &mut [W],
    others: &mut [O],
    window: Window,
) -> Result<f64, Fault> {
    let mut connections = connect(address, workers.len()).await?;
    let mut of_others = connect(address, others.len()).await?;
    let tally = Tally::begin(window);
    let endless = Tally::begin(Window {
        ramp: Duration::ZERO,
        length: Duration::from_hours(1),
    });
    let counted = pin!(all(workers, &mut connections, &tally));
    let beside = pin!(all(others, &mut of_others, &endless));
    let (Either::Left((ended, _)) | Either::Right((ended, _))) = select(counted, beside).await;
    ended?;
    Ok(tally.rate())
}

async fn connect(address: SocketAddr, count: usize) -> Result<Vec<Connection>, Fault> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        connections.push(Connection::open(address).await.doing("connect")?);
    }
    Ok(connections)
}

async fn all<W: Work>(
    workers: &mut [W],
    connections: &mut [Connection],
    tally: &Tally,
) -> Result<(), Fault> {
    let mut running: FuturesUnordered<_> = workers
        .iter_mut()
        .zip(connections)
        .map(|(worker, connection)| repeat(worker, connection, tally))
        .collect();
    while let Some(ended) = running.next().await {
        ended?;
    }
    Ok(())
}

async fn repeat<W: Work>(
    worker: &mut W,
    connection: &mut Connection,
    tally: &Tally,
) -> Result<(), Fault> {
    while tally.goes_on() {
        match worker.once(connection).await? {
            Outcome::Done => tally.count(),
            Outcome::Exhausted => return Ok(()),
        }
    }
    Ok(())
}

/// Counts what was done between two instants.
struct Tally {
    begin: Instant,
    end: Instant,
    done: Cell<u32>,
    last: Cell<Instant>,
}

impl Tally {
    fn begin(window: Window) -> Self {
        let begin = Instant::now() + window.ramp;
        Self {
            begin,
            end: begin + window.length,
            done: Cell::new(0),
            last: Cell::new(begin),
        }
    }

    fn goes_on(&self) -> bool {
        Instant::now() < self.end
    }

    fn count(&self) {
        let now = Instant::now();
        if now >= self.begin && now < self.end {
            self.done.set(self.done.get() + 1);
            self.last.set(now);
        }
    }

    /// Work that ran out early is divided by the time that it lasted.
    fn rate(&self) -> f64 {
        let lasted = self.last.get() - self.begin;
        let window = self.end - self.begin;
        // Within a tenth of the window the last one is just the last one.
        let time = if lasted * 10 < window * 9 {
            lasted
        } else {
            window
        };
        f64::from(self.done.get()) / time.as_secs_f64().max(0.001)
    }
}
