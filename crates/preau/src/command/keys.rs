//! `preau keys`.

use clap::{Args, Subcommand};
use domain::{ambient::Ambient, audit::Actor, signing::SigningAlgorithm};
use idp::{protocol::keys::KeyTimes, signing_keys::SigningKeys};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::keys::StoredKey;

use super::{
    failure::Failure,
    place::{Opened, Place},
    report::Report,
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List the signing keys
    List,
    /// Let the next key sign now, and publish another one ahead; running nodes follow
    Rotate {
        /// Only keys of this algorithm: `ES256`, `RS256` or `EdDSA`
        #[arg(long, value_parser = algorithm)]
        algorithm: Option<SigningAlgorithm>,
    },
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    let opened = arguments.place.open().await?;
    match &arguments.command {
        Command::List => list(&opened).await,
        Command::Rotate { algorithm } => rotate(&opened, *algorithm).await,
    }
}

fn algorithm(text: &str) -> Result<SigningAlgorithm, String> {
    let known = SigningAlgorithm::ALL
        .map(SigningAlgorithm::as_str)
        .join(", ");
    SigningAlgorithm::parse(text).ok_or_else(|| format!("there are {known}"))
}

async fn list(opened: &Opened) -> Result<Report, Failure> {
    report(&keys(opened).await?, &opened.ambient).await
}

async fn rotate(opened: &Opened, only: Option<SigningAlgorithm>) -> Result<Report, Failure> {
    let keys = keys(opened).await?;
    keys.rotate(only, Actor::Operator)
        .await
        .map_err(Failure::other)?;
    report(&keys, &opened.ambient).await
}

async fn keys(opened: &Opened) -> Result<SigningKeys, Failure> {
    let Opened {
        config,
        database,
        vault,
        ambient,
    } = opened;
    let keys = SigningKeys::load(database, vault, ambient, &config.keys).await;
    keys.map_err(Failure::other)
}

/// What a key does now.
fn state(
    key: &StoredKey,
    times: KeyTimes,
    all: &[(StoredKey, KeyTimes)],
    now: Timestamp,
) -> &'static str {
    let follows = |other: &StoredKey| {
        other.algorithm == key.algorithm
            && other.generation > key.generation
            && other.sign_from <= now
    };
    if times.sign_from > now {
        "next"
    } else if all.iter().any(|(other, _)| follows(other)) {
        "verifies"
    } else {
        "signs"
    }
}

async fn report(keys: &SigningKeys, ambient: &Ambient) -> Result<Report, Failure> {
    let all = keys.list().await.map_err(Failure::other)?;
    let now = ambient.now();
    let lines = all.iter().map(|(key, times)| {
        let (state, from) = (state(key, *times, &all, now), times.sign_from);
        format!(
            "{:<6}  {}  {state:<9} from {from:.0}",
            key.algorithm.as_str(),
            key.id
        )
    });
    let documents = all.iter().map(|(key, times)| {
        json!({
            "kid": key.id.to_string(),
            "alg": key.algorithm,
            "state": state(key, *times, &all, now),
            "sign_from": times.sign_from.to_string(),
            "retire_at": times.retire_at.map(|end| end.to_string()),
        })
    });
    let documents: Value = documents.collect();
    Ok(Report::new(lines.collect::<Vec<_>>().join("\n"), documents))
}
