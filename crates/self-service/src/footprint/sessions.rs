//! Where one is signed in: each session can be ended, or all but this one.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::PersonKind, audit::Action, ids::SessionId};
use idp::{
    device::Device,
    http::{account::SignedIn, routes},
    sessions::Session,
};
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    StoreError,
    audit::{self, Past},
    grants,
};
use web::{Page, PageError, Posted, Route, moment::said};

use super::routes::{EndOtherSessions, EndSession, Sessions};
use crate::{
    account::changing::{self, unavailable},
    state::SelfService,
};

/// The most sign-ins that are looked through: many more than a person makes in the hours
/// that a session lives.
const MOST: u64 = 500;

/// The longest that a session can live, in hours, whatever the settings.
const LONGEST_HOURS: i64 = 24 * 31;

/// A session that stands.
struct Standing {
    session: Session,
    key: String,
    network: Option<String>,
}

/// Shows them, this one first.
pub(super) async fn get(
    State(app): State<SelfService>,
    signed_in: SignedIn,
) -> Result<Response, PageError> {
    let standing = find_all(&app, &signed_in).await.map_err(unavailable)?;
    let (this, locale) = (signed_in.live.session.id, signed_in.view().locale());
    let line = |standing: &Standing| Line {
        id: standing.session.id,
        device: standing.session.device.clone(),
        network: standing.network.clone(),
        began: said(standing.session.began_at, locale),
        seen: said(standing.session.seen_at, locale),
        this: standing.session.id == this,
    };
    let mut lines: Vec<_> = standing.iter().map(line).collect();
    lines.sort_by_key(|line| !line.this);
    Ok(signed_in.view().render(&SessionsPage {
        guardian: signed_in.live.account.kind == PersonKind::Guardian,
        lines,
        ..SessionsPage::empty()
    }))
}

/// Where somebody is led who had to sign in again.
pub(super) async fn back() -> Redirect {
    Redirect::to(&Sessions.path())
}

#[derive(Deserialize)]
pub(super) struct EndForm {
    session: String,
}

/// Ends one: of one's own alone, whatever id is named.
pub(super) async fn end(
    State(app): State<SelfService>,
    signed_in: SignedIn,
    Posted(form): Posted<EndForm>,
) -> Result<Response, PageError> {
    let named: Option<SessionId> = form.session.parse().ok();
    let standing = find_all(&app, &signed_in).await.map_err(unavailable)?;
    let chosen = |standing: &Standing| Some(standing.session.id) == named;
    end_all(&app, &signed_in, standing.into_iter().filter(chosen)).await?;
    Ok(back().await.into_response())
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Ends all but this one.
pub(super) async fn end_others(
    State(app): State<SelfService>,
    signed_in: SignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let this = signed_in.live.session.id;
    let standing = find_all(&app, &signed_in).await.map_err(unavailable)?;
    let others = |standing: &Standing| standing.session.id != this;
    end_all(&app, &signed_in, standing.into_iter().filter(others)).await?;
    Ok(back().await.into_response())
}

/// The sessions of the account that stand: every sign-in was written down with what finds
/// its session again.
async fn find_all(app: &SelfService, signed_in: &SignedIn) -> Result<Vec<Standing>, StoreError> {
    let account = &signed_in.live.account;
    let now = app.ambient.now();
    let since = now.saturating_sub(LONGEST_HOURS.hours()).unwrap_or(now);
    let reader = app.database.reader();
    let sign_ins = audit::find_sign_ins(reader, account.id, since, MOST).await?;
    let mut found = Vec::new();
    for Past {
        details, network, ..
    } in sign_ins
    {
        let Some(key) = details["key"].as_str() else {
            continue;
        };
        if let Some(session) = app.sessions.find_by_key(account, key).await? {
            found.push(Standing {
                session,
                key: key.to_owned(),
                network,
            });
        }
    }
    Ok(found)
}

/// Ends sessions and what hangs on them: the grants before and after, as at a sign-out.
async fn end_all(
    app: &SelfService,
    signed_in: &SignedIn,
    sessions: impl Iterator<Item = Standing>,
) -> Result<(), PageError> {
    let sessions: Vec<_> = sessions.collect();
    if sessions.is_empty() {
        return Ok(());
    }
    let now = app.ambient.now();
    let transaction = app.database.begin().await.map_err(unavailable)?;
    for Standing { session, .. } in &sessions {
        grants::end_with_session(&transaction, session.id, now)
            .await
            .map_err(unavailable)?;
    }
    let (account, visit) = (&signed_in.live.account, &signed_in.visit);
    let event = changing::own_event(Action::SessionsEnded, account, visit);
    let event = event.with(json!({ "sessions": sessions.len() }));
    changing::record(app, &transaction, event).await?;
    changing::commit(app, transaction).await?;
    for Standing { session, key, .. } in &sessions {
        app.sessions.end_by_key(key).await.map_err(unavailable)?;
        grants::end_with_session(app.database.writer(), session.id, now)
            .await
            .map_err(unavailable)?;
    }
    Ok(())
}

#[derive(Debug, Serialize)]
struct Line {
    id: SessionId,
    device: Device,
    network: Option<String>,
    began: String,
    seen: String,
    this: bool,
}

/// The context of `self-service/sessions.html`.
#[derive(Debug, Serialize)]
struct SessionsPage {
    end: String,
    end_others: String,
    home: String,
    guardian: bool,
    lines: Vec<Line>,
}

impl SessionsPage {
    fn empty() -> Self {
        Self {
            end: EndSession.path().into_owned(),
            end_others: EndOtherSessions.path().into_owned(),
            home: routes::Account.path().into_owned(),
            guardian: false,
            lines: Vec::new(),
        }
    }
}

impl Page for SessionsPage {
    const TEMPLATE: &'static str = "self-service/sessions.html";
    const QUESTION: Option<&'static str> = Some("ordinateur-partage");

    fn samples() -> Vec<Self> {
        let line = |browser: &str, network: Option<&str>, this| Line {
            id: SessionId::from_uuid(uuid::Uuid::nil()),
            device: Device {
                browser: browser.into(),
                system: browser.chars().skip(7).collect(),
            },
            network: network.map(str::to_owned),
            began: "1er septembre 2026, 9 h 05".into(),
            seen: "1er septembre 2026, 9 h 45".into(),
            this,
        };
        let alone = line("Firefox", Some("198.18.0.0/24"), true);
        let both = vec![line("Samsung Internet", None, true), line("", None, false)];
        let sample = |lines| Self {
            guardian: true,
            lines,
            ..Self::empty()
        };
        vec![sample(vec![alone]), sample(both)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<SessionsPage>();
    }
}
