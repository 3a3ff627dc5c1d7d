//! `preau client initial-token`: tokens with which programs register clients (RFC 7591,
//! section 3), where the configuration allows it.

use clap::Subcommand;
use domain::ids::InitialTokenId;
use idp::registrar::{InitialTokenWish, RegistrarFault};
use serde_json::{Value, json};
use store::clients::tokens::{self, InitialToken};

use super::{operator, registrar};
use crate::command::{failure::Failure, place::Opened, report::Report};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Make a token; it is shown once
    Add {
        /// What it is for
        #[arg(long)]
        label: String,
        /// How many clients it may register
        #[arg(long, default_value_t = InitialTokenWish::USES)]
        uses: u32,
        /// Days after which it ends
        #[arg(long, default_value_t = InitialTokenWish::DAYS)]
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
        Command::Add { label, uses, days } => {
            let (label, uses, days) = (label.clone(), *uses, *days);
            add(opened, InitialTokenWish { label, uses, days }).await
        }
        Command::List => {
            let all = tokens::find_initial(opened.database.reader()).await?;
            let lines: Vec<String> = all.iter().map(line).collect();
            let documents = all.iter().map(document).collect();
            Ok(Report::new(lines.join("\n"), documents))
        }
        Command::Remove { id } => remove(opened, *id).await,
    }
}

async fn add(opened: &Opened, wish: InitialTokenWish) -> Result<Report, Failure> {
    wish.check().map_err(Failure::other)?;
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    let made = acts.make_initial_token(wish).await;
    let made = made.map_err(Failure::other)?;
    acts.commit().await.map_err(Failure::other)?;
    let token = made.token.expose();
    let mut document = document(&made.kept);
    document["initial_access_token"] = token.as_str().into();
    let line = line(&made.kept);
    let text = format!("{line}\n  initial access token, shown this once: {token}");
    Ok(Report::new(text, document))
}

async fn remove(opened: &Opened, id: InitialTokenId) -> Result<Report, Failure> {
    let registrar = registrar(opened).await?;
    let acts = registrar.begin(operator()).await.map_err(Failure::other)?;
    let removed = acts.remove_initial_token(id).await;
    removed.map_err(|fault| match fault {
        RegistrarFault::Unknown => Failure::Other(format!("there is no initial token {id}")),
        other => Failure::other(other),
    })?;
    acts.commit().await.map_err(Failure::other)?;
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
