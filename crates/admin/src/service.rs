//! How the service does: messages that wait or were given up, what was counted since this
//! node began, other providers.

use axum::{extract::State, response::Response};
use domain::permission::Permission;
use idp::app::unavailable;
use serde::Serialize;
use store::outbox::{Backlog, ListedMessage, backlog, find_parked};
use web::{Locale, Page, PageError, moment::said};

use crate::{
    door::{Entry, Needs},
    routes::Service,
    state::Admin,
    visitor::{Frame, Visitor},
};

/// The latest messages that were given up.
const MOST: u64 = 20;

pub(crate) fn entries() -> Vec<Entry> {
    let needs = Needs::Service(Permission::WatchService);
    vec![Entry::get::<Service, _, _>(needs, get)]
}

async fn get(State(app): State<Admin>, visitor: Visitor) -> Result<Response, PageError> {
    let reader = app.database.reader();
    let backlog = backlog(reader).await.map_err(unavailable)?;
    let parked = find_parked(reader, MOST).await;
    let parked = parked.map_err(unavailable)?;
    let locale = visitor.view().locale();
    let upstreams = app.upstreams.iter().map(|upstream| UpstreamLine {
        title: upstream.title().to_owned(),
        rests: upstream.is_resting(),
    });
    Ok(visitor.view().render(&ServicePage {
        frame: visitor.frame(),
        backlog: BacklogLine::of(&backlog, locale),
        parked: parked
            .iter()
            .map(|message| MessageLine::of(message, locale))
            .collect(),
        wrong_codes: app.counters.wrong_codes(),
        braked_codes: app.counters.braked_codes(),
        upstreams: upstreams.collect(),
    }))
}

#[derive(Debug, Serialize)]
struct BacklogLine {
    pending: u64,
    parked: u64,
    oldest: Option<String>,
}

impl BacklogLine {
    fn of(backlog: &Backlog, locale: Locale) -> Self {
        Self {
            pending: backlog.pending,
            parked: backlog.parked,
            oldest: backlog.oldest_pending.map(|at| said(at, locale)),
        }
    }
}

/// A message that was given up: never to whom, nor what.
#[derive(Debug, Serialize)]
struct MessageLine {
    id: String,
    template: String,
    channel: &'static str,
    attempts: u32,
    cause: Option<String>,
    ended: Option<String>,
}

impl MessageLine {
    fn of(message: &ListedMessage, locale: Locale) -> Self {
        Self {
            id: message.id.to_string(),
            template: message.template.clone(),
            channel: message.channel.as_str(),
            attempts: message.attempts,
            cause: message.cause.clone(),
            ended: message.ended_at.map(|at| said(at, locale)),
        }
    }
}

#[derive(Debug, Serialize)]
struct UpstreamLine {
    title: String,
    rests: bool,
}

/// The context of `admin/service.html`.
#[derive(Debug, Serialize)]
struct ServicePage {
    frame: Frame,
    backlog: BacklogLine,
    parked: Vec<MessageLine>,
    wrong_codes: u64,
    braked_codes: u64,
    upstreams: Vec<UpstreamLine>,
}

impl Page for ServicePage {
    const TEMPLATE: &'static str = "admin/service.html";

    fn samples() -> Vec<Self> {
        let at = jiff::Timestamp::constant(1_788_249_600, 0);
        let message = ListedMessage {
            id: "0198f0a0-0000-7000-8000-000000000005"
                .parse()
                .expect("an id"),
            channel: domain::contact::Channel::Email,
            template: "account_changed".into(),
            state: store::outbox::MessageState::Parked,
            attempts: 12,
            cause: Some("refused: 550".into()),
            created_at: at,
            next_attempt_at: None,
            ended_at: Some(at),
        };
        let sample = |parked: u64, rests| Self {
            frame: Frame::sample(),
            backlog: BacklogLine::of(
                &Backlog {
                    pending: parked,
                    parked,
                    oldest_pending: (parked > 0).then_some(at),
                },
                Locale::Fr,
            ),
            parked: (0..parked)
                .map(|_| MessageLine::of(&message, Locale::Fr))
                .collect(),
            wrong_codes: parked,
            braked_codes: parked,
            upstreams: vec![UpstreamLine {
                title: "FranceConnect".into(),
                rests,
            }],
        };
        vec![sample(0, false), sample(1, true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ServicePage>();
    }
}
