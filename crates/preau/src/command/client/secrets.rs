//! `preau client secret`: a rotation adds one, waits until nobody uses the other, and
//! removes that.

use clap::Subcommand;
use domain::{client::ClientId, ids::ClientSecretId};
use idp::registrar::SecretWish;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use store::clients::StoredSecret;

use super::{One, find, operator, registrar};
use crate::command::{failure::Failure, place::Opened, report::Report};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Make a secret beside those that there are; it is shown once
    Add {
        #[command(flatten)]
        client: One,
        /// What to call it
        #[arg(long)]
        label: Option<String>,
        /// Days after which it stops working by itself
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List the secrets with their last use
    List(One),
    /// Remove one secret: it stops working at once
    Remove {
        #[command(flatten)]
        client: One,
        /// The secret's id, as `list` shows it
        secret: ClientSecretId,
    },
}

pub(super) async fn run(opened: &Opened, command: &Command) -> Result<Report, Failure> {
    match command {
        Command::Add {
            client,
            label,
            days,
        } => add(opened, &client.id, label.clone(), *days).await,
        Command::List(One { id }) => {
            let client = find(opened, id).await?;
            let now = opened.ambient.now();
            let lines: Vec<String> = client.secrets.iter().map(|one| line(one, now)).collect();
            let documents = client.secrets.iter().map(document).collect();
            Ok(Report::new(lines.join("\n"), documents))
        }
        Command::Remove { client, secret } => remove(opened, &client.id, *secret).await,
    }
}

async fn add(
    opened: &Opened,
    id: &ClientId,
    label: Option<String>,
    days: Option<u32>,
) -> Result<Report, Failure> {
    find(opened, id).await?;
    let now = opened.ambient.now();
    let end = |days: u32| now + (i64::from(days) * 24).hours();
    let wish = SecretWish {
        label,
        expires_at: days.map(end),
        secret: None,
    };
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    let made = acts.add_secret(id, wish).await.map_err(Failure::other)?;
    acts.commit().await.map_err(Failure::other)?;
    let (secret, secret_id) = (made.secret.expose(), made.id);
    Ok(Report::new(
        format!("{id}: {secret_id}\n  client_secret, shown this once: {secret}"),
        json!({"client_id": id, "id": secret_id, "client_secret": secret}),
    ))
}

async fn remove(opened: &Opened, id: &ClientId, secret: ClientSecretId) -> Result<Report, Failure> {
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    let removed = acts.remove_secret(id, secret).await;
    removed.map_err(|_| Failure::Other(format!("{id} has no secret {secret}")))?;
    acts.commit().await.map_err(Failure::other)?;
    Ok(Report::new(
        format!("{id}: {secret} removed"),
        json!({"client_id": id, "id": secret, "result": "removed"}),
    ))
}

fn line(secret: &StoredSecret, now: Timestamp) -> String {
    let used = secret.last_used_at;
    let used = used.map_or("never".to_owned(), |at| format!("{at:.0}"));
    let end = match secret.expires_at {
        None => String::new(),
        Some(end) if secret.works(now) => format!("  ends {end:.0}"),
        Some(end) => format!("  ended {end:.0}"),
    };
    let label = secret.label.as_deref().unwrap_or("");
    let (id, made) = (secret.id, secret.created_at);
    format!("{id}  made {made:.0}  used {used}{end}  {label}")
}

fn document(secret: &StoredSecret) -> Value {
    let told = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": secret.id,
        "label": secret.label,
        "created_at": secret.created_at.to_string(),
        "expires_at": told(secret.expires_at),
        "last_used_at": told(secret.last_used_at),
    })
}
