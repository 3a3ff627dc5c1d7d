//! Other providers, such as FranceConnect, that open the account: linking one, and taking
//! it away again (product.md, Mon compte).

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Account, PasswordState, PersonKind},
    audit::Action,
};
use idp::{
    http::{
        account::{RecentlySignedIn, SignedIn},
        routes,
        upstream::linking,
    },
    notices::tell_of_change,
    upstream::Upstream,
};
use notify::messages::WhatChanged;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    ConnectionTrait, StoreError,
    bonds::{self, Bond},
    contacts, passkeys,
};
use web::{Page, PageError, Posted, Route, headers::Policy};

use super::{
    changing::{self, unavailable},
    routes::{LinkUpstream, UnlinkUpstream, UpstreamOfAccount},
};
use crate::state::SelfService;

/// A line of « Mes informations ».
#[derive(Debug, Serialize)]
pub(super) struct Line {
    title: String,
    linked: bool,
    href: String,
}

impl Line {
    pub(super) fn sample(linked: bool) -> Self {
        let upstream = "franceconnect";
        Self {
            title: "FranceConnect".into(),
            linked,
            href: UpstreamOfAccount { upstream }.path().into_owned(),
        }
    }
}

/// All that are configured, of a guardian; of others none.
pub(super) async fn lines(app: &SelfService, account: &Account) -> Result<Vec<Line>, StoreError> {
    if account.kind != PersonKind::Guardian || app.upstreams.iter().next().is_none() {
        return Ok(Vec::new());
    }
    let bonds = bonds::find_by_account(app.database.reader(), account.id).await?;
    let line = |upstream: &Upstream| Line {
        title: upstream.title().to_owned(),
        linked: bonds.iter().any(|bond| bond.issuer == upstream.issuer()),
        href: UpstreamOfAccount {
            upstream: upstream.name(),
        }
        .path()
        .into_owned(),
    };
    Ok(app.upstreams.iter().map(line).collect())
}

/// Says what is so, and what the button will do.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    let upstream = find(&app, &signed_in, &name)?;
    let page = page(&app, &signed_in, upstream).await?;
    Ok(signed_in.view().render(&page))
}

/// Where somebody is led who had to sign in again.
pub(super) async fn back(Path(name): Path<String>) -> Redirect {
    Redirect::to(&UpstreamOfAccount { upstream: &name }.path())
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Goes to the upstream; its answer binds.
pub(super) async fn link(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    signed_in: RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let upstream = find(&app, &signed_in.0, &name)?;
    let path = UpstreamOfAccount { upstream: &name }.path().into_owned();
    linking::begin(&app, &signed_in, upstream, path).await
}

/// Ends the bond, unless it is the last way in.
pub(super) async fn unlink(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let upstream = find(&app, &signed_in, &name)?;
    if end(&app, &signed_in, upstream).await? {
        return Ok(Redirect::to(&routes::Account.path()).into_response());
    }
    let page = page(&app, &signed_in, upstream).await?;
    let body = signed_in.view().render(&page);
    Ok((StatusCode::CONFLICT, body).into_response())
}

/// In one transaction that holds the account: of two bonds that are ended at once one
/// stays where there is no password. `false` where nothing was changed.
async fn end(
    app: &SelfService,
    signed_in: &SignedIn,
    upstream: &Upstream,
) -> Result<bool, PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let bonds = bonds::find_by_account(&transaction, account.id).await;
    let passkeys = passkeys::count(&transaction, account.id).await;
    let passkeys = passkeys.map_err(unavailable)?;
    if is_last_way_in(account, &bonds.map_err(unavailable)?, passkeys) {
        return Ok(false);
    }
    let removed = bonds::remove(&transaction, account.id, upstream.issuer()).await;
    if !removed.map_err(unavailable)? {
        return Ok(false);
    }
    let event = changing::own_event(Action::UpstreamUnbound, account, &signed_in.visit);
    let event = event.with(json!({ "upstream": upstream.name() }));
    changing::record(app, &transaction, event).await?;
    tell(app, &transaction, account).await?;
    changing::commit(app, transaction).await?;
    Ok(true)
}

async fn tell(
    app: &SelfService,
    transaction: &impl ConnectionTrait,
    account: &Account,
) -> Result<(), PageError> {
    let before = contacts::find_all(transaction, account.id).await;
    let before = before.map_err(unavailable)?;
    tell_of_change(app, transaction, account, WhatChanged::Upstream, &before)
        .await
        .map_err(unavailable)
}

fn is_last_way_in(account: &Account, bonds: &[Bond], passkeys: u64) -> bool {
    account.password != PasswordState::Chosen && passkeys == 0 && bonds.len() <= 1
}

fn find<'a>(
    app: &'a SelfService,
    signed_in: &SignedIn,
    name: &str,
) -> Result<&'a Upstream, PageError> {
    let is_guardian = signed_in.live.account.kind == PersonKind::Guardian;
    let upstream = app.upstreams.find(name).filter(|_| is_guardian);
    upstream.ok_or_else(PageError::not_found)
}

async fn page(
    app: &SelfService,
    signed_in: &SignedIn,
    upstream: &Upstream,
) -> Result<UpstreamPage, PageError> {
    let account = &signed_in.live.account;
    let bonds = bonds::find_by_account(app.database.reader(), account.id).await;
    let bonds = bonds.map_err(unavailable)?;
    let linked = bonds.iter().any(|bond| bond.issuer == upstream.issuer());
    let passkeys = passkeys::count(app.database.reader(), account.id).await;
    let last = linked && is_last_way_in(account, &bonds, passkeys.map_err(unavailable)?);
    Ok(UpstreamPage::new(
        upstream.title().to_owned(),
        upstream.name(),
        linked,
        last,
    ))
}

/// The context of `self-service/upstream.html`.
#[derive(Debug, Serialize)]
struct UpstreamPage {
    title: String,
    linked: bool,
    /// It cannot be taken away.
    last: bool,
    action: String,
    back: String,
}

impl UpstreamPage {
    fn new(title: String, upstream: &str, linked: bool, last: bool) -> Self {
        let action = if linked {
            UnlinkUpstream { upstream }.path().into_owned()
        } else {
            LinkUpstream { upstream }.path().into_owned()
        };
        Self {
            title,
            linked,
            last,
            action,
            back: routes::Account.path().into_owned(),
        }
    }
}

impl Page for UpstreamPage {
    const TEMPLATE: &'static str = "self-service/upstream.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("franceconnect");

    fn samples() -> Vec<Self> {
        let sample =
            |linked, last| Self::new("FranceConnect".into(), "franceconnect", linked, last);
        vec![
            sample(false, false),
            sample(true, false),
            sample(true, true),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<UpstreamPage>();
    }
}
