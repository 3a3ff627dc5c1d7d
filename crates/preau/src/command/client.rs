//! `preau client`: registrations at the command line. Every act is the registrar's, so
//! that the command, the API and the console do the same.

mod apply;
mod files;
mod initial_tokens;
mod secrets;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{audit::Actor, client::ClientId};
use idp::registrar::{Author, Registrar};
use serde_json::{Value, json};
use store::clients::{
    self, StoredClient,
    changes::Replaces,
    history::{self, Version},
};

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
    /// List the registrations
    List,
    /// Show one registration, as a file that `apply` takes
    Show(One),
    /// Make registrations what files say; the same files again change nothing
    #[command(
        after_help = "All of them are applied, or none. Each is then managed by its file: the console changes it no more.\nA secret is generated, and shown once, for a client that needs one and has none.\nStatus of --check: 0 as the files say, 2 not so."
    )]
    Apply(Applying),
    /// Stop a client: its tokens end at once
    Disable(One),
    /// Let a client work again
    Enable(One),
    /// Delete a registration with its grants and consents
    Delete(One),
    /// Let the console change a registration that a file manages
    Release(One),
    /// Show what was changed, the newest first
    History(One),
    /// Make a registration again what it was after a change of its history
    Undo {
        #[command(flatten)]
        client: One,
        /// The version to go back to
        version: i64,
    },
    /// Add, list and remove secrets; several overlap during a rotation
    #[command(subcommand)]
    Secret(secrets::Command),
    /// Make, list and remove tokens with which programs register clients (RFC 7591)
    #[command(subcommand)]
    InitialToken(initial_tokens::Command),
}

#[derive(Args, Debug)]
struct One {
    /// The client's id
    #[arg(value_parser = ClientId::parse)]
    id: ClientId,
}

#[derive(Args, Debug)]
struct Applying {
    /// TOML, JSON or YAML files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
    /// Only say whether anything would change, by the status too
    #[arg(long)]
    check: bool,
    /// Also delete registrations that a file managed and none of these does
    #[arg(long)]
    prune: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    // Files are read first: a fault in them needs no store.
    let described = match &arguments.command {
        Command::Apply(applying) => Some(files::read_all(&applying.files)?),
        _ => None,
    };
    let opened = arguments.place.open().await?;
    match &arguments.command {
        Command::List => list(&opened).await,
        Command::Show(One { id }) => show(&opened, id).await,
        Command::Apply(applying) => {
            apply::run(&opened, described.unwrap_or_default(), applying).await
        }
        Command::Disable(One { id }) => enable(&opened, id, false).await,
        Command::Enable(One { id }) => enable(&opened, id, true).await,
        Command::Delete(One { id }) => delete(&opened, id).await,
        Command::Release(One { id }) => release(&opened, id).await,
        Command::History(One { id }) => tell_history(&opened, id).await,
        Command::Undo { client, version } => undo(&opened, &client.id, *version).await,
        Command::Secret(command) => secrets::run(&opened, command).await,
        Command::InitialToken(command) => initial_tokens::run(&opened, command).await,
    }
}

/// The registrar over an open store.
async fn registrar(opened: &Opened) -> Result<Registrar, Failure> {
    let fetcher = opened.config.clients.fetcher();
    let fetcher = fetcher.map_err(|network| Failure::Other(format!("{network} is no network")))?;
    let key = opened.secrets().await?.client_secrets;
    let (database, ambient) = (opened.database.clone(), opened.ambient.clone());
    Ok(Registrar::new(database, ambient, key, fetcher))
}

const fn operator() -> Author {
    Author::trusted(Actor::Operator)
}

async fn list(opened: &Opened) -> Result<Report, Failure> {
    let clients = clients::find_all(opened.database.reader()).await?;
    let ids = clients.iter().map(|client| &client.registration.client_id);
    let used = match clients.len() {
        0..=1000 => clients::uses::find(opened.database.reader(), ids).await?,
        _ => std::collections::HashMap::new(),
    };
    let lines: Vec<String> = clients.iter().map(line).collect();
    let documents = clients.iter().map(|client| {
        let registration = &client.registration;
        let last_used = used.get(registration.client_id.as_str());
        json!({
            "client_id": registration.client_id,
            "client_name": registration.client_name,
            "token_endpoint_auth_method": registration.token_endpoint_auth_method,
            "environment": registration.environment,
            "enabled": registration.enabled,
            "secrets": client.secrets.len(),
            "version": client.version,
            "managed_by": client.managed_by,
            "last_used_at": last_used.map(ToString::to_string),
        })
    });
    let documents = documents.collect();
    Ok(Report::new(lines.join("\n"), documents))
}

fn line(client: &StoredClient) -> String {
    let registration = &client.registration;
    let method = registration.token_endpoint_auth_method.as_str();
    let state = if registration.enabled {
        ""
    } else {
        "  (disabled)"
    };
    let managed = client.managed_by.as_ref();
    let managed = managed.map_or_else(String::new, |place| format!("  [{place}]"));
    let (id, name) = (registration.client_id.as_str(), &registration.client_name);
    format!("{id:<24}  {method:<20}  {name}{state}{managed}")
}

async fn find(opened: &Opened, id: &ClientId) -> Result<StoredClient, Failure> {
    let client = clients::find_by_id(opened.database.reader(), id).await?;
    client.ok_or_else(|| unknown(id))
}

async fn show(opened: &Opened, id: &ClientId) -> Result<Report, Failure> {
    let document = clients::document(&find(opened, id).await?.registration);
    Ok(Report::new(format!("{document:#}"), document))
}

async fn enable(opened: &Opened, id: &ClientId, enabled: bool) -> Result<Report, Failure> {
    find(opened, id).await?;
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    let changed = acts.enable(id, enabled).await;
    changed.map_err(Failure::other)?;
    acts.commit().await.map_err(Failure::other)?;
    Ok(done(id, if enabled { "enabled" } else { "disabled" }))
}

async fn delete(opened: &Opened, id: &ClientId) -> Result<Report, Failure> {
    find(opened, id).await?;
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    let client = acts.find(id).await.map_err(Failure::other)?;
    acts.remove(&client, Replaces::Whatever)
        .await
        .map_err(Failure::other)?;
    acts.commit().await.map_err(Failure::other)?;
    Ok(done(id, "deleted"))
}

async fn release(opened: &Opened, id: &ClientId) -> Result<Report, Failure> {
    find(opened, id).await?;
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    acts.release(id).await.map_err(Failure::other)?;
    acts.commit().await.map_err(Failure::other)?;
    Ok(done(id, "released"))
}

async fn undo(opened: &Opened, id: &ClientId, version: i64) -> Result<Report, Failure> {
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    // The operator has the last word, as with `apply`.
    let restored = acts.restore(id, version, Replaces::Whatever).await;
    restored.map_err(Failure::other)?;
    acts.commit().await.map_err(Failure::other)?;
    Ok(done(id, "restored"))
}

fn done(id: &ClientId, result: &str) -> Report {
    let document = json!({"client_id": id, "result": result});
    Report::new(format!("{id}: {result}"), document)
}

async fn tell_history(opened: &Opened, id: &ClientId) -> Result<Report, Failure> {
    let lines = history::find(opened.database.reader(), id, None, 1000).await?;
    if lines.is_empty() {
        return Err(unknown(id));
    }
    let text: Vec<String> = lines.iter().map(history_line).collect();
    let documents: Vec<Value> = lines.iter().map(history_document).collect();
    Ok(Report::new(text.join("\n"), documents.into()))
}

fn history_line(line: &Version) -> String {
    let who = match &line.actor_id {
        Some(id) => format!("{} {id}", line.actor_kind),
        None => line.actor_kind.clone(),
    };
    let (version, at, act) = (line.version, line.at, line.act.as_str());
    format!("{version:>4}  {at:.0}  {act:<10}  {who}")
}

fn history_document(line: &Version) -> Value {
    json!({
        "version": line.version,
        "at": line.at.to_string(),
        "act": line.act.as_str(),
        "actor": {"kind": line.actor_kind, "id": line.actor_id},
        "managed_by": line.managed_by,
        "registration": line.registration,
    })
}

fn unknown(id: &ClientId) -> Failure {
    Failure::Other(format!("there is no client {id}"))
}
