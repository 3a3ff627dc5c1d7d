//! How long `serve` takes to its first answer, and what memory it holds.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{
    fault::Fault,
    process::Server,
    provider::Provider,
    series::Series,
    wire::{Connection, get},
};

/// Short beside what is measured, long enough not to take a core from it.
const LOOK_AGAIN: Duration = Duration::from_micros(500);
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts `serve` a number of times, on a store that has its keys: milliseconds from
/// exec to the first answered request. The last one runs on.
pub(crate) async fn measure(
    provider: &Provider,
    path: &str,
    times: usize,
) -> Result<(Series, Server), Fault> {
    let mut series = Series::default();
    // The first start makes the keys, and is not counted.
    let mut server = provider.serve()?;
    for _ in 0..times {
        server.stop()?;
        let begun = Instant::now();
        server = provider.spawn()?;
        first_answer(server.address, path).await?;
        series.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok((series, server))
}

/// Waits for the first answer with status 200.
pub(crate) async fn first_answer(address: SocketAddr, path: &str) -> Result<(), Fault> {
    let request = get(&address.to_string(), path, "");
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if answers(address, &request).await {
            return Ok(());
        }
        sleep(LOOK_AGAIN).await;
    }
    Err(Fault::Tool(format!("nobody answers at {address}{path}")))
}

async fn answers(address: SocketAddr, request: &[u8]) -> bool {
    let Ok(mut connection) = Connection::open(address).await else {
        return false;
    };
    let answer = connection.exchange(request).await;
    answer.is_ok_and(|answer| answer.status == 200)
}
