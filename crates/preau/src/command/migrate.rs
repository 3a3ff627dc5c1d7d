//! `preau migrate`.

use clap::Args;
use serde_json::json;
use store::migration::{self, Roles};

use super::{failure::Failure, place::Place, report::Report};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// On PostgreSQL: give the role that nodes connect as its rights, and no more
    #[arg(long, value_name = "ROLE")]
    grant_service: Option<String>,
    /// On PostgreSQL: give the role that prunes the audit trail its rights, and no more
    #[arg(long, value_name = "ROLE")]
    grant_keeper: Option<String>,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    let opened = arguments.place.open_any().await?;
    let steps = migration::migrate(&opened.database).await?;
    let roles = Roles {
        service: arguments.grant_service.clone(),
        keeper: arguments.grant_keeper.clone(),
    };
    let named = [&roles.service, &roles.keeper];
    let granted: Vec<_> = named.into_iter().flatten().cloned().collect();
    if !granted.is_empty() {
        migration::grant(&opened.database, &roles).await?;
    }
    opened.database.close().await;
    let mut text = match steps {
        0 => "the schema is up to date".to_owned(),
        1 => "took 1 step: the schema is up to date".to_owned(),
        steps => format!("took {steps} steps: the schema is up to date"),
    };
    for role in &granted {
        text = format!("{text}\n{role}: has its rights");
    }
    Ok(Report::new(
        text,
        json!({"steps": steps, "granted": granted}),
    ))
}
