//! « Journal »: the audit trail, searched by person, actor, client, action and day. A
//! search is itself written to the trail.

use std::collections::HashMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    audit::{Action, Actor},
    client::ClientId,
    ids::{AccountId, EventId},
};
use idp::app::unavailable;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    StoreError,
    audit::{
        asking::{find_actor, find_identifiers, find_person, record_search},
        search::{Filter, Found, Party, Reading, search},
    },
};
use url::form_urlencoded;
use web::{FormErrors, Page, PageError, Route as _, TextKey};

use crate::{
    routes::Journal,
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Events of a page.
const MOST: u32 = 50;

/// The longest text of a field, in bytes; a longer one finds nothing.
const LONGEST: usize = 200;

pub(crate) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let read = read(&app, &asked).await.map_err(unavailable)?;
    let (lines, errors) = match read {
        Ok(filter) => {
            let found = look(&app, &visitor, &asked, &filter).await;
            (found.map_err(unavailable)?, FormErrors::none())
        }
        Err(errors) => (Vec::new(), errors),
    };
    let page = JournalPage::new(visitor.frame(), asked, lines, errors);
    Ok(visitor.view().render(&page))
}

/// What the form asks for, as it was typed.
#[derive(Clone, Default, Debug, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    personne: String,
    acteur: String,
    client: String,
    action: String,
    du: String,
    au: String,
    /// The last event of the page before.
    avant: Option<EventId>,
}

impl Asked {
    /// Each field by its name in the form.
    fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("personne", self.personne.trim()),
            ("acteur", self.acteur.trim()),
            ("client", self.client.trim()),
            ("action", self.action.trim()),
            ("du", self.du.trim()),
            ("au", self.au.trim()),
        ]
    }

    /// The address of the page after this one.
    fn after(&self, last: EventId) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.fields() {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("avant", &last.to_string());
        format!("{}?{}", Journal::PATTERN, query.finish())
    }
}

/// What to look for, or what is wrong with the form.
async fn read(app: &Admin, asked: &Asked) -> Result<Result<Filter, FormErrors>, StoreError> {
    let mut filter = Filter::default();
    let mut errors = FormErrors::none();
    let reader = app.database.reader();
    for (name, text) in asked.fields() {
        if text.is_empty() {
            continue;
        }
        let is_known = text.len() <= LONGEST
            && match name {
                "personne" => {
                    filter.person = find_person(reader, text).await?;
                    filter.person.is_some()
                }
                "acteur" => {
                    filter.actor = find_actor(reader, text).await?;
                    filter.actor.is_some()
                }
                "client" => {
                    filter.client = ClientId::parse(text).ok();
                    filter.client.is_some()
                }
                "action" => {
                    filter.action = Action::parse(text).map(|action| action.as_str().to_owned());
                    filter.action.is_some()
                }
                "du" => {
                    filter.from = start_of(text, 0);
                    filter.from.is_some()
                }
                _ => {
                    filter.until = start_of(text, 1);
                    filter.until.is_some()
                }
            };
        if !is_known {
            errors = errors.field(name, fault_of(name));
        }
    }
    Ok(if errors.is_empty() {
        Ok(filter)
    } else {
        Err(errors)
    })
}

fn fault_of(field: &str) -> TextKey {
    match field {
        "personne" => TextKey::new("journal-person-fault"),
        "acteur" => TextKey::new("journal-actor-fault"),
        "client" => TextKey::new("journal-client-fault"),
        "action" => TextKey::new("journal-action-fault"),
        _ => TextKey::new("journal-day-fault"),
    }
}

/// When a day begins, or one so many days later, in the time of metropolitan France.
fn start_of(text: &str, later: i64) -> Option<Timestamp> {
    let day: Date = text.parse().ok()?;
    let day = day.checked_add(later.days()).ok()?;
    let start = day.to_zoned_datetime(paris()).ok()?;
    Some(start.timestamp())
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

/// Looks, once it is written down who looks for what.
async fn look(
    app: &Admin,
    visitor: &Visitor,
    asked: &Asked,
    filter: &Filter,
) -> Result<Vec<Line>, StoreError> {
    let actor = Actor::Account(visitor.account().id);
    let writer = app.database.writer();
    record_search(writer, &app.ambient, actor, Action::AuditSearched, filter).await?;
    let reader = app.database.reader();
    let found = search(reader, filter, Reading::Backward(asked.avant), MOST).await?;
    let people = found.iter().flat_map(|found| {
        let parties = [found.actor(), found.target()];
        parties.into_iter().filter_map(|party| party.account())
    });
    let people = find_identifiers(reader, people).await?;
    found.iter().map(|found| Line::of(found, &people)).collect()
}

/// An event, as it is shown.
#[derive(Clone, Debug, Serialize)]
struct Line {
    id: EventId,
    at: String,
    said: String,
    action: String,
    actor: Shown,
    target: Shown,
    client: Option<String>,
    network: Option<String>,
    details: Vec<(String, String)>,
    /// Its place in the chain, once it is sealed.
    place: Option<u64>,
    erased: bool,
}

/// An actor or a target, as it is shown.
#[derive(Clone, Debug, Serialize)]
struct Shown {
    kind: TextKey,
    name: Option<String>,
    /// Where everything of this person is listed.
    all: Option<String>,
}

impl Line {
    fn of(found: &Found, people: &HashMap<AccountId, String>) -> Result<Self, StoreError> {
        let at = found.at()?;
        Ok(Self {
            id: found.id(),
            at: at.to_string(),
            said: at
                .to_zoned_datetime(paris())
                .strftime("%d/%m/%Y %H:%M:%S")
                .to_string(),
            action: found.action().to_owned(),
            actor: Shown::of(&found.actor(), people),
            target: Shown::of(&found.target(), people),
            client: found.client().map(ToOwned::to_owned),
            network: found.network().map(ToOwned::to_owned),
            details: told(found.details()?),
            place: found.sequence(),
            erased: found.is_erased(),
        })
    }
}

impl Shown {
    fn of(party: &Party, people: &HashMap<AccountId, String>) -> Self {
        let account = party.account();
        let identifier = account.and_then(|account| people.get(&account));
        let all = account.map(|account| {
            let asked = Asked {
                personne: identifier.cloned().unwrap_or_else(|| account.to_string()),
                ..Asked::default()
            };
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("personne", &asked.personne);
            format!("{}?{}", Journal::PATTERN, query.finish())
        });
        Self {
            kind: kind_of(&party.kind),
            name: identifier.cloned().or_else(|| party.id.clone()),
            all,
        }
    }
}

fn kind_of(kind: &str) -> TextKey {
    match kind {
        "account" => TextKey::new("journal-kind-account"),
        "client" => TextKey::new("journal-kind-client"),
        "operator" => TextKey::new("journal-kind-operator"),
        "service" => TextKey::new("journal-kind-service"),
        "key" => TextKey::new("journal-kind-key"),
        "directory" => TextKey::new("journal-kind-directory"),
        "audit" => TextKey::new("journal-kind-audit"),
        _ => TextKey::new("journal-kind-other"),
    }
}

/// Each member with its value, but what finds a session again.
fn told(details: Value) -> Vec<(String, String)> {
    let Value::Object(members) = details else {
        return Vec::new();
    };
    let told = members
        .into_iter()
        .filter(|(name, value)| name != "key" && !value.is_null());
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    told.map(|(name, value)| (name, text(value))).collect()
}

/// The context of `admin/journal.html`.
#[derive(Debug, Serialize)]
struct JournalPage {
    frame: Frame,
    action: &'static str,
    asked: Asked,
    actions: Vec<&'static str>,
    errors: FormErrors,
    lines: Vec<Line>,
    older: Option<String>,
}

impl JournalPage {
    fn new(frame: Frame, asked: Asked, lines: Vec<Line>, errors: FormErrors) -> Self {
        let last = lines.last().filter(|_| lines.len() == MOST as usize);
        Self {
            frame,
            action: Journal::PATTERN,
            older: last.map(|last| asked.after(last.id)),
            asked,
            actions: Action::ALL.map(Action::as_str).to_vec(),
            errors,
            lines,
        }
    }
}

impl Page for JournalPage {
    const TEMPLATE: &'static str = "admin/journal.html";

    fn samples() -> Vec<Self> {
        let person = |name: &str| Shown {
            kind: kind_of("account"),
            name: Some(name.to_owned()),
            all: Some("/admin/journal?personne=c.martin1".to_owned()),
        };
        let line = |number: u64, actor: Shown, target: Shown| Line {
            id: EventId::earliest(Timestamp::UNIX_EPOCH),
            at: "2026-09-01T07:05:00Z".to_owned(),
            said: "01/09/2026 09:05:00".to_owned(),
            action: "consent.given".to_owned(),
            actor,
            target,
            client: (number == 1).then(|| "mediatheque".to_owned()),
            network: (number == 1).then(|| "198.18.0.0/24".to_owned()),
            details: vec![("scope".to_owned(), "openid family".to_owned())],
            place: (number == 1).then_some(12),
            erased: number == 2,
        };
        let operator = Shown {
            kind: kind_of("operator"),
            name: None,
            all: None,
        };
        let lines = vec![
            line(0, operator, person("c.martin1")),
            line(1, person("c.martin1"), person("l.martin3")),
            line(2, person("admin"), person("c.martin1")),
        ];
        let many = vec![lines[1].clone(); MOST as usize];
        let asked = Asked {
            personne: "c.martin1".to_owned(),
            action: "consent.given".to_owned(),
            ..Asked::default()
        };
        let fault = FormErrors::none().field("personne", fault_of("personne"));
        let sample =
            |asked: &Asked, lines, errors| Self::new(Frame::sample(), asked.clone(), lines, errors);
        vec![
            sample(&Asked::default(), lines, FormErrors::none()),
            sample(&asked, many, FormErrors::none()),
            sample(&asked, Vec::new(), FormErrors::none()),
            sample(&asked, Vec::new(), fault),
        ]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<JournalPage>();
    }

    #[test]
    fn a_day_is_one_of_paris() {
        let start = start_of("2026-09-01", 0).unwrap();
        assert_eq!(start.to_string(), "2026-08-31T22:00:00Z");
        let end = start_of("2026-09-01", 1).unwrap();
        assert_eq!(end.to_string(), "2026-09-01T22:00:00Z");
        assert_eq!(start_of("hier", 0), None);
        assert_eq!(start_of("9999-12-31", 1), None);
    }

    #[test]
    fn what_finds_a_session_is_not_shown() {
        let told = told(json!({"key": "hash", "session": "s", "client": null}));
        assert_eq!(told, [("session".to_owned(), "s".to_owned())]);
    }

    #[test]
    fn the_next_page_keeps_the_question() {
        let asked = Asked {
            personne: " c.martin1 ".to_owned(),
            action: "a&b".to_owned(),
            ..Asked::default()
        };
        let last = EventId::earliest(Timestamp::UNIX_EPOCH);
        let expected = format!("/admin/journal?personne=c.martin1&action=a%26b&avant={last}");
        assert_eq!(asked.after(last), expected);
    }
}
