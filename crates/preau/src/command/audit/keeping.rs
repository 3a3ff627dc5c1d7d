//! `preau audit prune` and `erase`: as the keeper of the trail.

use clap::Args;
use domain::account::AccountState;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;
use store::{
    Database, accounts,
    audit::{AuditKeys, keeping, verification::verify},
};

use super::looking::person;
use crate::command::{failure::Failure, place::Opened, report::Report};

#[derive(Args, Debug)]
pub(super) struct Erase {
    /// Whose, by identifier or account id
    person: String,
    /// Also where the account is not closed: evidence of what happened to it goes with it
    #[arg(long)]
    in_use: bool,
}

pub(super) async fn prune(opened: &Opened) -> Result<Report, Failure> {
    let settings = &opened.config.audit;
    let keys = AuditKeys::find(opened.database.reader(), &opened.vault).await?;
    let verified = verify(&opened.database, &keys, &[]).await?;
    if let Some(broken) = verified.broken {
        return Err(Failure::Other(format!(
            "nothing is pruned, since the trail is broken: {broken}"
        )));
    }
    let keeper = keeper(opened).await?;
    let before = ago(opened, settings.retention_days);
    let day = before.to_zoned_datetime(TimeZone::UTC).date();
    let pruned = keeping::prune(&keeper, &opened.ambient, day).await?;
    let erased = match settings.personal_days {
        Some(days) => keeping::erase_before(&keeper, &opened.ambient, ago(opened, days)).await?,
        None => 0,
    };
    keeper.close().await;
    let (days, events) = (pruned.days.len(), pruned.events);
    let text = format!(
        "pruned {days} days before {day}, with {events} events; erased what was personal of {erased}"
    );
    let document = json!({
        "before": day, "days": pruned.days, "events": events, "erased": erased,
    });
    Ok(Report::new(text, document))
}

pub(super) async fn erase(opened: &Opened, arguments: &Erase) -> Result<Report, Failure> {
    let account = person(opened, &arguments.person).await?;
    let found = accounts::find_by_id(opened.database.reader(), account).await?;
    let is_in_use = found.is_some_and(|account| account.state != AccountState::Closed);
    if is_in_use && !arguments.in_use {
        return Err(Failure::Other(format!(
            "the account of {} is not closed: what happened to it may have to be told. \
             With --in-use it is erased all the same",
            arguments.person
        )));
    }
    let keeper = keeper(opened).await?;
    let erased = keeping::erase_account(&keeper, &opened.ambient, account).await?;
    keeper.close().await;
    let text = format!("erased what was personal of {erased} events");
    Ok(Report::new(text, json!({ "erased": erased })))
}

async fn keeper(opened: &Opened) -> Result<Database, Failure> {
    let url = opened.config.audit.keeper_url.as_ref();
    let url = url.unwrap_or(&opened.config.database.url);
    Ok(Database::connect(url, 2).await?)
}

fn ago(opened: &Opened, days: u32) -> Timestamp {
    let now = opened.ambient.now();
    let ago = now.checked_sub(SignedDuration::from_hours(i64::from(days) * 24));
    ago.unwrap_or(Timestamp::MIN)
}
