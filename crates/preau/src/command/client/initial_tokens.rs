//! `preau client initial-token`: tokens with which programs register clients (RFC 7591,
//! section 3), where the configuration allows it.

use clap::Subcommand;
use domain::{audit::Actor, ids::InitialTokenId, secret::Token};
use jiff::ToSpan;
use serde_json::{Value, json};
use store::clients::tokens::{self, InitialToken};

use crate::command::{failure::Failure, place::Opened, report::Report};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Make a token; it is shown once
    Add {
        /// What it is for
        #[arg(long)]
        label: String,
        /// How many clients it may register
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        uses: u32,
        /// Days after which it ends
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
        days: u32,
    },
    /// List the tokens
    List,
    /// Withdraw a token
    Remove {
        /// Its id, as `list` shows it
        id: InitialTokenId,
    },
}

pub(super) async fn run(opened: &Opened, command: &Command) -> Result<Report, Failure> {
    match command {
        Command::Add { label, uses, days } => add(opened, label, *uses, *days).await,
        Command::List => {
            let all = tokens::find_initial(opened.database.reader()).await?;
            let lines: Vec<String> = all.iter().map(line).collect();
            let documents = all.iter().map(document).collect();
            Ok(Report::new(lines.join("\n"), documents))
        }
        Command::Remove { id } => remove(opened, *id).await,
    }
}

async fn add(opened: &Opened, label: &str, uses: u32, days: u32) -> Result<Report, Failure> {
    let now = opened.ambient.now();
    let made = InitialToken {
        id: InitialTokenId::new(&opened.ambient),
        label: label.to_owned(),
        created_at: now,
        expires_at: now + (i64::from(days) * 24).hours(),
        uses_left: uses,
    };
    let token = Token::generate(&opened.ambient);
    let transaction = opened.database.begin().await?;
    let (ambient, actor) = (&opened.ambient, Actor::Operator);
    tokens::make_initial(&transaction, ambient, actor, &token, &made).await?;
    transaction.commit().await.map_err(Failure::other)?;
    let mut document = document(&made);
    document["initial_access_token"] = token.expose().into();
    let text = format!(
        "{}\n  initial access token, shown this once: {}",
        line(&made),
        token.expose()
    );
    Ok(Report::new(text, document))
}

async fn remove(opened: &Opened, id: InitialTokenId) -> Result<Report, Failure> {
    let transaction = opened.database.begin().await?;
    let ambient = &opened.ambient;
    let removed = tokens::remove_initial(&transaction, ambient, Actor::Operator, id).await?;
    transaction.commit().await.map_err(Failure::other)?;
    if !removed {
        return Err(Failure::Other(format!("there is no initial token {id}")));
    }
    Ok(Report::new(
        format!("{id}: removed"),
        json!({"id": id, "result": "removed"}),
    ))
}

fn line(token: &InitialToken) -> String {
    let (id, uses, end, label) = (token.id, token.uses_left, token.expires_at, &token.label);
    format!("{id}  {uses} left  ends {end:.0}  {label}")
}

fn document(token: &InitialToken) -> Value {
    json!({
        "id": token.id,
        "label": token.label,
        "created_at": token.created_at.to_string(),
        "expires_at": token.expires_at.to_string(),
        "uses_left": token.uses_left,
    })
}
