//! `preau client`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{
    audit::Actor,
    client::{ClientId, Registration},
    secret::{Secret, Token},
};
use serde_json::{Value, json};
use store::{
    ConnectionTrait, ServiceSecrets,
    clients::{self, Applied, SecretHash},
};

use super::{
    failure::Failure,
    place::{Opened, Place},
    registration_files::{self, Described},
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
    Show {
        /// The client's id
        #[arg(value_parser = ClientId::parse)]
        id: ClientId,
    },
    /// Create or update registrations from files; the same files again change nothing
    #[command(
        after_help = "A secret is generated, and shown once, for a client that needs one and has none."
    )]
    Apply {
        /// TOML, JSON or YAML files, or folders of them
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Delete a registration with its grants and consents
    Delete {
        /// The client's id
        #[arg(value_parser = ClientId::parse)]
        id: ClientId,
    },
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    match &arguments.command {
        Command::List => list(&arguments.place.open().await?).await,
        Command::Show { id } => show(&arguments.place.open().await?, id).await,
        Command::Apply { files } => {
            let described = registration_files::read_all(files)?;
            apply_all(&arguments.place.open().await?, described).await
        }
        Command::Delete { id } => delete(&arguments.place.open().await?, id).await,
    }
}

async fn list(opened: &Opened) -> Result<Report, Failure> {
    let clients = clients::find_all(opened.database.reader()).await?;
    let lines = clients.iter().map(|client| {
        let Registration {
            client_id,
            client_name,
            enabled,
            ..
        } = &client.registration;
        let method = client.registration.token_endpoint_auth_method.as_str();
        let state = if *enabled { "" } else { "  (disabled)" };
        format!(
            "{:<24}  {method:<20}  {client_name}{state}",
            client_id.as_str()
        )
    });
    let documents = clients.iter().map(|client| {
        let registration = &client.registration;
        json!({
            "client_id": registration.client_id,
            "client_name": registration.client_name,
            "token_endpoint_auth_method": registration.token_endpoint_auth_method,
            "enabled": registration.enabled,
            "secrets": client.secrets.len(),
        })
    });
    Ok(Report::new(
        lines.collect::<Vec<_>>().join("\n"),
        documents.collect(),
    ))
}

async fn show(opened: &Opened, id: &ClientId) -> Result<Report, Failure> {
    let client = clients::find_by_id(opened.database.reader(), id).await?;
    let client = client.ok_or_else(|| unknown(id))?;
    let document = json!(client.registration);
    Ok(Report::new(format!("{document:#}"), document))
}

async fn delete(opened: &Opened, id: &ClientId) -> Result<Report, Failure> {
    let transaction = opened.database.begin().await?;
    let deleted = clients::delete(&transaction, &opened.ambient, Actor::Operator, id).await?;
    transaction.commit().await.map_err(Failure::other)?;
    if !deleted {
        return Err(unknown(id));
    }
    Ok(Report::new(
        format!("{id}: deleted"),
        json!({"client_id": id, "result": "deleted"}),
    ))
}

fn unknown(id: &ClientId) -> Failure {
    Failure::Other(format!("there is no client {id}"))
}

/// Applies all of them, or none.
async fn apply_all(opened: &Opened, described: Vec<Described>) -> Result<Report, Failure> {
    let secrets = opened.secrets().await?;
    let transaction = opened.database.begin().await?;
    let mut applied = Vec::new();
    for one in described {
        applied.push(apply(&transaction, opened, &secrets, one).await?);
    }
    transaction.commit().await.map_err(Failure::other)?;
    let lines: Vec<String> = applied.iter().map(Outcome::line).collect();
    let documents = applied.iter().map(Outcome::document).collect();
    Ok(Report::new(lines.join("\n"), documents))
}

/// What became of one registration.
struct Outcome {
    id: ClientId,
    result: &'static str,
    /// A secret that was made now, to be shown this once.
    made: Option<Secret>,
}

async fn apply(
    transaction: &impl ConnectionTrait,
    opened: &Opened,
    secrets: &ServiceSecrets,
    described: Described,
) -> Result<Outcome, Failure> {
    let Described {
        registration,
        secret,
    } = described;
    let id = registration.client_id.clone();
    let ambient = &opened.ambient;
    let applied = clients::apply(transaction, ambient, Actor::Operator, &registration).await?;
    let stored = clients::find_by_id(transaction, &id).await?;
    let lacks_one = stored.is_none_or(|client| client.secrets.is_empty());
    let needs_one = registration.token_endpoint_auth_method.has_secret() && lacks_one;
    let made =
        (needs_one && secret.is_none()).then(|| Secret::new(Token::generate(ambient).expose()));
    let mut added = false;
    if let Some(secret) = secret.as_ref().or(made.as_ref()) {
        let hash = SecretHash::of(&secrets.client_secrets, secret);
        added = clients::add_secret(transaction, ambient, Actor::Operator, &id, &hash).await?;
    }
    Ok(Outcome {
        result: result(applied, added),
        id,
        made,
    })
}

const fn result(applied: Applied, secret_added: bool) -> &'static str {
    match (applied, secret_added) {
        (Applied::Created, _) => "created",
        (Applied::Updated, _) | (Applied::Unchanged, true) => "updated",
        (Applied::Unchanged, false) => "unchanged",
    }
}

impl Outcome {
    fn line(&self) -> String {
        let line = format!("{}: {}", self.id, self.result);
        match &self.made {
            Some(secret) => format!(
                "{line}\n  client_secret, shown this once: {}",
                secret.expose()
            ),
            None => line,
        }
    }

    fn document(&self) -> Value {
        let mut document = json!({"client_id": self.id, "result": self.result});
        if let Some(secret) = &self.made {
            document["client_secret"] = secret.expose().into();
        }
        document
    }
}
