//! `preau audit search` and `export`.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use clap::Args;
use domain::{
    audit::{Action, Actor},
    client::ClientId,
    ids::AccountId,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;
use store::audit::{
    asking::{find_actor, find_person, record_search},
    search::{Filter, Found, Party, Reading, find_heads, search as find},
};

use crate::command::{failure::Failure, place::Opened, report::Report};

/// Events that are read at once.
const PAGE: u32 = 1000;

/// Which events.
#[derive(Args, Debug)]
pub(super) struct Wanted {
    /// Of this person, by identifier or account id: what they did and what was done to them
    #[arg(long, value_name = "PERSON")]
    person: Option<String>,
    /// By this actor: a person, `client:ID`, `operator` or `service`
    #[arg(long, value_name = "ACTOR")]
    actor: Option<String>,
    /// At this client, or of its registration
    #[arg(long, value_name = "CLIENT_ID", value_parser = client)]
    client: Option<ClientId>,
    /// Of this action, such as `account.signed_in`
    #[arg(long, value_parser = action)]
    action: Option<Action>,
    /// From this day (UTC) or instant
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// Before this day (UTC) or instant
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Timestamp>,
}

#[derive(Args, Debug)]
pub(super) struct Search {
    #[command(flatten)]
    wanted: Wanted,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    most: u32,
}

#[derive(Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    wanted: Wanted,
    /// Into this file, which must not exist, in the place of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn client(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).map_err(|fault| fault.to_string())
}

fn action(text: &str) -> Result<Action, String> {
    let known = || Action::ALL.map(Action::as_str).join(", ");
    Action::parse(text).ok_or_else(|| format!("there are {}", known()))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let day: Option<Date> = text.parse().ok();
    let start = day.and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok());
    let start = start.map(|start| start.timestamp());
    start.ok_or_else(|| "write 2026-09-01 or 2026-09-01T07:05:00Z".to_owned())
}

pub(super) async fn search(opened: &Opened, arguments: &Search) -> Result<Report, Failure> {
    let filter = filter(opened, &arguments.wanted).await?;
    write_down(opened, Action::AuditSearched, &filter).await?;
    let reading = Reading::Backward(None);
    let found = find(opened.database.reader(), &filter, reading, arguments.most).await?;
    let lines: Vec<_> = found.iter().map(line).collect();
    let documents: Value = found.iter().map(Found::document).collect();
    Ok(Report::new(lines.join("\n"), documents))
}

pub(super) async fn export(opened: &Opened, arguments: &Export) -> Result<Report, Failure> {
    let filter = filter(opened, &arguments.wanted).await?;
    write_down(opened, Action::AuditExported, &filter).await?;
    let written = match &arguments.output {
        None => write_all(opened, &filter, &mut io::stdout().lock()).await,
        Some(file) => match File::create_new(file) {
            Ok(created) => write_all(opened, &filter, &mut BufWriter::new(created)).await,
            Err(error) => Err(Failure::Other(format!("{}: {error}", file.display()))),
        },
    };
    written.map(|()| Report::silent())
}

async fn write_all(
    opened: &Opened,
    filter: &Filter,
    output: &mut impl Write,
) -> Result<(), Failure> {
    let reader = opened.database.reader();
    let mut after = None;
    loop {
        let page = find(reader, filter, Reading::Forward(after), PAGE).await?;
        for found in &page {
            writeln!(output, "{}", found.document()).map_err(Failure::other)?;
        }
        let Some(last) = page.last() else { break };
        after = Some(last.id());
    }
    if *filter == Filter::default() {
        for head in find_heads(reader).await? {
            writeln!(output, "{head}").map_err(Failure::other)?;
        }
    }
    output.flush().map_err(Failure::other)
}

async fn filter(opened: &Opened, wanted: &Wanted) -> Result<Filter, Failure> {
    let person = match &wanted.person {
        Some(text) => Some(person(opened, text).await?),
        None => None,
    };
    let actor = match wanted.actor.as_deref() {
        None => None,
        Some(text) => {
            let found = find_actor(opened.database.reader(), text).await?;
            let unknown = || Failure::Other(format!("{text}: there is no such actor"));
            Some(found.ok_or_else(unknown)?)
        }
    };
    Ok(Filter {
        person,
        actor,
        client: wanted.client.clone(),
        action: wanted.action.map(|action| action.as_str().to_owned()),
        from: wanted.from,
        until: wanted.until,
    })
}

pub(super) async fn person(opened: &Opened, text: &str) -> Result<AccountId, Failure> {
    let found = find_person(opened.database.reader(), text).await?;
    found.ok_or_else(|| Failure::Other(format!("{text}: nobody has this identifier")))
}

async fn write_down(opened: &Opened, action: Action, filter: &Filter) -> Result<(), Failure> {
    let writer = opened.database.writer();
    record_search(writer, &opened.ambient, Actor::Operator, action, filter).await?;
    Ok(())
}

fn line(found: &Found) -> String {
    let at = found
        .at()
        .map_or_else(|_| "?".to_owned(), |at| format!("{at:.0}"));
    let place = found.sequence();
    let place = place.map_or_else(|| "pending".to_owned(), |place| place.to_string());
    let told = [
        Some(format!("by {}", party(&found.actor()))),
        Some(format!("on {}", party(&found.target()))),
        found.client().map(|client| format!("at {client}")),
        found.network().map(|network| format!("from {network}")),
        found.is_erased().then(|| "(erased)".to_owned()),
    ];
    let told: Vec<_> = told.into_iter().flatten().collect();
    let details = found.details().unwrap_or_default();
    let details = if details.is_null() {
        String::new()
    } else {
        format!("  {details}")
    };
    format!(
        "{place:>8}  {at}  {:<28}  {}{details}",
        found.action(),
        told.join(" ")
    )
}

fn party(party: &Party) -> String {
    match &party.id {
        Some(id) => format!("{} {id}", party.kind),
        None => party.kind.clone(),
    }
}
