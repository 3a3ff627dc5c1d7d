//! An identity that opens no account, and whose bearer may have an active one: they bind it
//! by a code at one of its confirmed contacts (product.md, Activation). The way is offered
//! on the one page of everybody who does not come in; what follows is self-service's.

use axum::response::Response;
use domain::{
    account::{Account, AccountState, PersonKind},
    audit::{Action, Actor, Target},
};
use notify::{NotifyError, messages::WhatChanged};
use serde_json::json;
use store::{
    ConnectionTrait, StoreError,
    audit::{self, Event},
    bonds::{self, BoundBy},
    contacts,
};
use web::{Link, PageError, Route, TextKey};

use super::{callback::SEALED_AS, linking::may_be};
use crate::{
    app::{App, unavailable},
    entry::{Means, enter},
    guard::coarse,
    http::{routes::BindUpstream, visit::Visit},
    notices::tell_of_change,
    sessions::Through,
    upstream::{Errand, Identified, Upstream},
};

/// What the identity is sealed as while it waits.
const WAITS_AS: &str = "unbound identity";

/// An identity that waits, in the browser that brought it.
pub struct Bearer<'a> {
    /// The upstream that vouched.
    pub upstream: &'a Upstream,
    /// The sign-in that it was for, by name.
    pub sign_in: String,
    who: Identified,
}

/// Keeps the identity, and gives the link of the page.
pub(super) async fn offer(
    app: &App,
    visit: &Visit,
    upstream: &Upstream,
    errand: &Errand,
    who: &Identified,
) -> Result<Link, StoreError> {
    let document = serde_json::to_vec(who).expect("an identity is a document");
    let sealed = app.vault.seal(WAITS_AS, &document);
    let browser = visit.view.browser();
    let (errands, sign_in) = (&app.errands, &errand.sign_in);
    let name = errands
        .keep_unbound(upstream, &browser, sign_in, sealed)
        .await?;
    let route = BindUpstream { identity: &name };
    let path = route.path().into_owned();
    Ok(Link::new(TextKey::new("idp-upstream-bind"), path))
}

/// The identity of a name, as long as it waits and its upstream is configured.
///
/// # Errors
/// The store's, the vault's.
pub async fn find<'a>(
    app: &'a App,
    visit: &Visit,
    name: &str,
) -> Result<Option<Bearer<'a>>, StoreError> {
    let found = app.errands.find_unbound(visit.browser.as_ref(), name);
    let Some(unbound) = found.await? else {
        return Ok(None);
    };
    let opened = app.vault.open(WAITS_AS, &unbound.sealed)?;
    let who = serde_json::from_slice(&opened).ok();
    let upstream = app.upstreams.find(&unbound.upstream);
    Ok(who.zip(upstream).map(|(who, upstream)| Bearer {
        upstream,
        sign_in: unbound.sign_in,
        who,
    }))
}

impl Bearer<'_> {
    /// One text for one identity: under what its tries are counted.
    pub fn counted_as(&self) -> String {
        format!("{} {}", self.upstream.issuer(), self.who.subject)
    }

    /// Whether the account may be this person's: an active guardian's, of their names and
    /// of no other birth date.
    pub fn may_own(&self, account: &Account) -> bool {
        account.state == AccountState::Active
            && account.kind == PersonKind::Guardian
            && may_be(account, &self.who)
    }

    /// Binds the identity to an account that its owner proved in this transaction, in the
    /// place of what the account was bound to before, and tells the owner. `false` where
    /// the subject opens another account: nothing must be committed then.
    ///
    /// # Errors
    /// The store's.
    pub async fn bind(
        &self,
        app: &App,
        visit: &Visit,
        transaction: &impl ConnectionTrait,
        account: &Account,
    ) -> Result<bool, NotifyError> {
        let issuer = self.upstream.issuer();
        let rebound = bonds::remove(transaction, account.id, issuer).await?;
        let pivot = self.who.kept().to_string();
        let by = BoundBy {
            issuer,
            subject: &self.who.subject,
            pivot: pivot.as_bytes(),
        };
        if !bonds::insert(transaction, &app.ambient, &app.vault, account.id, &by).await? {
            return Ok(false);
        }
        let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
        let details = json!({ "upstream": self.upstream.name(), "by": "code", "again": rebound });
        let event = Event::new(Action::UpstreamBound, actor, target)
            .from_network(coarse(&visit.network))
            .with(details);
        audit::record(transaction, &app.ambient, event).await?;
        let before = contacts::find_all(transaction, account.id).await?;
        tell_of_change(app, transaction, account, WhatChanged::Upstream, &before).await?;
        Ok(true)
    }

    /// Signs its bearer in to the account that it was bound to just now, and leads on; a
    /// second factor is asked for as at any sign-in.
    ///
    /// # Errors
    /// Those of [`enter`].
    pub async fn enter(
        self,
        app: &App,
        visit: &Visit,
        account: &Account,
        name: &str,
    ) -> Result<Response, PageError> {
        let forgotten = app.errands.forget_unbound(name).await;
        forgotten.map_err(unavailable)?;
        let id_token = self.who.id_token.expose().as_bytes();
        let through = Through {
            upstream: self.upstream.name().to_owned(),
            sealed_id_token: app.vault.seal(SEALED_AS, id_token),
        };
        let means = Means::upstream(self.who.acr, through);
        enter(app, visit, &self.sign_in, account, means).await
    }
}
