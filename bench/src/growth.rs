//! The same lookups in stores of different sizes.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use domain::{identifier::AccountIdentifier, secret::Secret};
use serde::Serialize;
use store::{Database, accounts};

use crate::{
    fault::Fault,
    load::Window,
    measured::{Journey, Measured},
    people,
    provider::{Provider, Stores},
    series::Series,
};

/// How long seeding may take in all.
const SEEDING: Duration = Duration::from_mins(15);

/// What lookups came to at one size.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Size {
    /// People in the store.
    pub(crate) people: usize,
    /// People imported a second, up to this size.
    pub(crate) imported: Option<f64>,
    /// The sign-in's query by the store's own function, one after the other, a second.
    pub(crate) by_identifier: Series,
    /// `UserInfo` with the scope `family`, a second.
    pub(crate) user_info: Series,
    /// Bytes of the database file.
    pub(crate) bytes: u64,
}

/// Seeds a store up to each size in turn, and measures at each.
pub(crate) async fn measure(
    folder: &Path,
    sizes: &[usize],
    rounds: usize,
    window: Window,
) -> Result<Vec<Size>, Fault> {
    let provider = Provider::set_up(folder, &Stores::Sqlite)?;
    let seeding = Instant::now();
    let (mut people, mut measured) = (0, Vec::new());
    for size in sizes {
        let (before, began) = (people, Instant::now());
        let left = SEEDING.saturating_sub(seeding.elapsed());
        people = provider.import(before, *size, left)?;
        if people == before {
            eprintln!("no time is left to seed {size} people");
            break;
        }
        let new = u32::try_from(people - before).unwrap_or(u32::MAX);
        let imported = f64::from(new) / began.elapsed().as_secs_f64();
        eprintln!("{people} people, {imported:.0} imported a second");
        let mut at_size = at(&provider, people, rounds, window).await?;
        at_size.imported = Some(imported);
        measured.push(at_size);
    }
    Ok(measured)
}

async fn at(
    provider: &Provider,
    people: usize,
    rounds: usize,
    window: Window,
) -> Result<Size, Fault> {
    let database = Database::connect(&Secret::new(provider.sqlite_url()), 1).await?;
    let mut journeys = Measured::prepare(provider, provider.serve()?, people).await?;
    let mut size = Size {
        people,
        bytes: provider.sqlite_bytes(),
        ..Size::default()
    };
    for round in 0..rounds {
        let rate = by_identifier(&database, people, round, window.length).await?;
        size.by_identifier.push(rate);
        size.user_info
            .push(journeys.rate(Journey::UserInfo, window).await?);
    }
    database.close().await;
    Ok(size)
}

async fn by_identifier(
    database: &Database,
    people: usize,
    round: usize,
    length: Duration,
) -> Result<f64, Fault> {
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < length {
        let person = people::guardian(round * 1_000_003 + done as usize, people);
        let identifier = AccountIdentifier::parse(&person).expect("identifiers of ours are sound");
        let found = accounts::find_by_identifier(database.reader(), &identifier).await?;
        found.ok_or_else(|| Fault::Tool(format!("{identifier} was not imported")))?;
        done += 1;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}
