//! The audit trail, searched. Each search is itself written to it.

use axum::{Json, extract::State};
use domain::{
    audit::{Action, Actor},
    client::ClientId,
    ids::EventId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::audit::{
    asking::{find_actor, find_person, record_search},
    search::{Filter, Found, Party, Reading, search},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    problem::Problem,
    program::Auditor,
    request::{Asked, limit},
};
use crate::state::Admin;

/// Which events to list: those for which everything that is given holds.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A person who did it or to whom it was done: an identifier or an account id.
    person: Option<String>,
    /// Who did it: an identifier, an account id, `client:ID`, `operator` or `service`.
    actor: Option<String>,
    /// The client at which it was done, or to whose registration.
    client: Option<String>,
    /// What was done, by its name, such as `client.updated`.
    action: Option<String>,
    /// Not before this instant (RFC 3339).
    from: Option<String>,
    /// Before this instant (RFC 3339).
    until: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many a page has.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// An event of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditEvent {
    id: String,
    #[schema(format = DateTime, value_type = String)]
    at: String,
    action: String,
    actor: Involved,
    target: Involved,
    /// At which client.
    client: Option<String>,
    /// From which network: never a whole address.
    network: Option<String>,
    /// What else there is to say.
    #[schema(value_type = Option<Object>)]
    details: Option<Value>,
    /// Its place in the chain, once it is sealed.
    sequence: Option<u64>,
    /// Whether what was personal of it is gone.
    erased: bool,
}

/// Who did it, or on whom or what it was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Involved {
    /// `account`, `client`, `operator`, `service`, …
    kind: String,
    id: Option<String>,
}

/// A page of events, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditPage {
    items: Vec<AuditEvent>,
    next_cursor: Option<String>,
}

/// Searches the audit trail.
#[utoipa::path(get, path = "/audit", params(Wanted), tag = "audit",
    responses((status = 200, description = "A page of events", body = AuditPage)))]
pub(super) async fn list(
    State(app): State<Admin>,
    auditor: Auditor,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<AuditPage>, Problem> {
    let most = limit(wanted.limit)?;
    let after = wanted.cursor.as_deref().map(event).transpose()?;
    let filter = filter(&app, &wanted).await?;
    // Nobody looks without a trace.
    let (writer, actor) = (
        app.database.writer(),
        Actor::Client(auditor.client().clone()),
    );
    record_search(writer, &app.ambient, actor, Action::AuditSearched, &filter).await?;
    let one_more = u32::try_from(most + 1).unwrap_or(u32::MAX);
    let reader = app.database.reader();
    let mut found = search(reader, &filter, Reading::Backward(after), one_more).await?;
    let more = found.len() > most;
    found.truncate(most);
    let last = found.last().filter(|_| more);
    Ok(Json(AuditPage {
        next_cursor: last.map(|found| found.id().to_string()),
        items: found.iter().map(AuditEvent::of).collect::<Result<_, _>>()?,
    }))
}

async fn filter(app: &Admin, wanted: &Wanted) -> Result<Filter, Problem> {
    let reader = app.database.reader();
    let mut filter = Filter::default();
    if let Some(text) = &wanted.person {
        let found = find_person(reader, text).await?;
        filter.person = Some(found.ok_or_else(|| unknown("person", "nobody has this identifier"))?);
    }
    if let Some(text) = &wanted.actor {
        let found = find_actor(reader, text).await?;
        let advice = "an identifier, an account id, client:ID, operator or service";
        filter.actor = Some(found.ok_or_else(|| unknown("actor", advice))?);
    }
    if let Some(text) = &wanted.client {
        let id = ClientId::parse(text);
        filter.client = Some(id.map_err(|fault| unknown("client", &fault.to_string()))?);
    }
    if let Some(text) = &wanted.action {
        let action = Action::parse(text).ok_or_else(|| unknown("action", "there is none so"))?;
        filter.action = Some(action.as_str().to_owned());
    }
    let instants = [("from", &wanted.from), ("until", &wanted.until)];
    let [from, until] = instants.map(|(name, text)| instant(name, text.as_deref()));
    (filter.from, filter.until) = (from?, until?);
    Ok(filter)
}

fn instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = text.map(str::parse).transpose();
    let read = read.map_err(|_| unknown(name, "an instant such as 2026-11-01T08:00:00Z"))?;
    // The first millisecond of our clock is that of event ids.
    Ok(read.map(|at: Timestamp| at.max(Timestamp::UNIX_EPOCH)))
}

fn event(text: &str) -> Result<EventId, Problem> {
    text.parse()
        .map_err(|_| unknown("cursor", "next_cursor of the page before"))
}

fn unknown(member: &str, advice: &str) -> Problem {
    Problem::bad_request(format!("{member}: {advice}"))
}

impl AuditEvent {
    fn of(found: &Found) -> Result<Self, Problem> {
        let details = found.details()?;
        Ok(Self {
            id: found.id().to_string(),
            at: found.at()?.to_string(),
            action: found.action().to_owned(),
            actor: Involved::of(found.actor()),
            target: Involved::of(found.target()),
            client: found.client().map(str::to_owned),
            network: found.network().map(str::to_owned),
            details: details.is_object().then_some(details),
            sequence: found.sequence(),
            erased: found.is_erased(),
        })
    }
}

impl Involved {
    fn of(party: Party) -> Self {
        Self {
            kind: party.kind,
            id: party.id,
        }
    }
}
