//! A guardian who is signed in binds an upstream to the account (product.md, Activation:
//! to an active account a sign-in binds, never a match alone).

use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    account::{Account, PersonKind},
    audit::{Action, Actor, Target},
    ids::AccountId,
    matching::{Agreement, Candidate, Match, find},
};
use notify::{NotifyError, messages::WhatChanged};
use serde_json::json;
use store::{
    StoreError, accounts,
    audit::{self, Event},
    bonds::{self, BoundBy},
    contacts,
};
use web::{PageError, Route};

use super::{begin::send_on, callback::Arrival, pages::not_theirs};
use crate::{
    app::{App, unavailable},
    flow::{Step, wait},
    guard::coarse,
    http::{
        account::{RecentlySignedIn, SignedIn},
        routes,
    },
    notices::tell_of_change,
    sessions::LiveSession,
    transactions::{Destination, Transaction},
    upstream::{Identified, Purpose, Upstream},
};

/// Sends a guardian who signed in just now to the upstream; the way back leads to this
/// path.
///
/// # Errors
/// A page, where the upstream or a store does not answer.
pub async fn begin(
    app: &App,
    signed_in: &RecentlySignedIn,
    upstream: &Upstream,
    path: String,
) -> Result<Response, PageError> {
    let RecentlySignedIn(signed_in) = signed_in;
    let purpose = Purpose::Link(signed_in.live.account.id);
    send_from_account(app, signed_in, upstream, path, purpose).await
}

/// Sends who is signed in to the upstream; the way back leads to this path.
pub(super) async fn send_from_account(
    app: &App,
    signed_in: &SignedIn,
    upstream: &Upstream,
    path: String,
    purpose: Purpose,
) -> Result<Response, PageError> {
    let destination = Destination::Page {
        path,
        account: Some(signed_in.live.account.id),
        since: None,
        acr: None,
    };
    let browser = signed_in.visit.view.browser();
    let transaction = Transaction::new(destination, Some(&browser), app.ambient.now());
    let name = wait(app, Step::first(transaction)).await?;
    send_on(app, &signed_in.visit, upstream, &name.expose(), purpose).await
}

impl Arrival<'_> {
    /// Binds who came to the account that they are signed in to: one page for all that
    /// stands in the way, so that nobody learns whom another account is bound to.
    pub(super) async fn link(
        &self,
        account: AccountId,
        who: Identified,
    ) -> Result<Response, PageError> {
        let live = self.visit.session.as_ref();
        let Some(live) = live.filter(|live| live.account.id == account) else {
            return Err(self.refuse("other_session", not_theirs).await);
        };
        if !may_be(&live.account, &who) {
            return Err(self.refuse("other_person", not_theirs).await);
        }
        if !self.bind(live, &who).await.map_err(unavailable)? {
            return Err(self.refuse("bound_elsewhere", not_theirs).await);
        }
        self.app.notifier.nudge();
        let transaction = self.errand.sign_in.as_str();
        Ok(Redirect::to(&routes::SignIn { transaction }.path()).into_response())
    }

    /// The whole effect in one transaction. `false` where the subject is bound, or the
    /// account has a bond of this upstream, or the session was ended meanwhile.
    async fn bind(&self, live: &LiveSession, who: &Identified) -> Result<bool, NotifyError> {
        let app = self.app;
        let transaction = app.database.begin().await?;
        accounts::lock(&transaction, live.account.id).await?;
        let account = accounts::find_by_id(&transaction, live.account.id).await?;
        let account = account.filter(|account| account.upholds(live.session.auth_time));
        let Some(account) = account else {
            return Ok(false);
        };
        let pivot = who.kept().to_string();
        let by = BoundBy {
            issuer: self.upstream.issuer(),
            subject: &who.subject,
            pivot: pivot.as_bytes(),
        };
        if !bonds::insert(&transaction, &app.ambient, &app.vault, account.id, &by).await? {
            return Ok(false);
        }
        let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
        let event = Event::new(Action::UpstreamBound, actor, target)
            .from_network(coarse(&self.visit.network))
            .with(json!({ "upstream": self.upstream.name() }));
        audit::record(&transaction, &app.ambient, event).await?;
        let before = contacts::find_all(&transaction, account.id).await?;
        tell_of_change(app, &transaction, &account, WhatChanged::Upstream, &before).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(true)
    }
}

/// Whether the identity may be that of the account's owner: an account that opens to
/// somebody of another name, or born on another day, would be shared.
pub(super) fn may_be(account: &Account, who: &Identified) -> bool {
    let Ok(pivot) = who.claims.pivot() else {
        return false;
    };
    let owner = [Candidate {
        key: (),
        name: account.name.clone(),
        birth_date: account.birth_date,
    }];
    let agrees = !matches!(
        find(&pivot, &owner),
        Match::None | Match::Several | Match::One((), Agreement::Differs)
    );
    account.kind == PersonKind::Guardian && agrees
}
