//! One passkey fewer: asked again first, and never the last that is needed.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::PersonKind, audit::Action, ids::PasskeyId, passkey::Removal};
use idp::{
    entry::renew,
    http::{
        account::{RecentlySignedIn, SignedIn},
        routes,
    },
    notices::tell_of_change,
};
use notify::messages::WhatChanged;
use serde::Serialize;
use store::{
    ConnectionTrait, StoreError, accounts, contacts,
    passkeys::{self, Passkey},
    second_factors,
};
use web::{Page, PageError, Posted, Route};

use super::{
    super::{
        changing::{self, unavailable},
        routes::{Passkeys, RemovePasskey},
    },
    adding::Nothing,
    removal_of_one,
};
use crate::{done::Done, state::SelfService};

/// Asks whether it shall be.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(id): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    let found = find(app.database.reader(), &signed_in, &id).await;
    let Some(found) = found.map_err(unavailable)? else {
        return Ok(Redirect::to(&Passkeys.path()).into_response());
    };
    Ok(signed_in.view().render(&found.page(&signed_in)))
}

/// Takes it away, and ends whatever else is signed in: it may have come by it.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(id): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let found = find(&transaction, &signed_in, &id).await;
    let Some(found) = found.map_err(unavailable)? else {
        return Ok(Redirect::to(&Passkeys.path()).into_response());
    };
    if found.removal != Removal::Allowed {
        let page = signed_in.view().render(&found.page(&signed_in));
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let account = &signed_in.live.account;
    found.remove(&transaction).await.map_err(unavailable)?;
    let event = changing::own_event(Action::PasskeyRemoved, account, &signed_in.visit);
    changing::record(&app, &transaction, event).await?;
    let before = contacts::find_all(&transaction, account.id).await;
    let before = before.map_err(unavailable)?;
    tell_of_change(&app, &transaction, account, WhatChanged::Passkey, &before)
        .await
        .map_err(unavailable)?;
    let ended = accounts::end_sessions(&transaction, account.id, app.ambient.now()).await;
    ended.map_err(unavailable)?;
    changing::commit(&app, transaction).await?;
    let entered = renew(&app, &signed_in.visit, &signed_in.live).await?;
    Ok(Done::PasskeyRemoved.along(&app, entered.leading_to(&routes::Account)))
}

/// A passkey of the account.
struct Found {
    passkey: Passkey,
    is_last: bool,
    /// Whether they are asked for after the password.
    asked: bool,
    removal: Removal,
}

async fn find(
    connection: &impl ConnectionTrait,
    signed_in: &SignedIn,
    id: &str,
) -> Result<Option<Found>, StoreError> {
    let account = &signed_in.live.account;
    let own = passkeys::find_all(connection, account.id).await?;
    let count = own.len();
    let wanted = id.parse::<PasskeyId>().ok();
    let Some(passkey) = own.into_iter().find(|own| Some(own.id) == wanted) else {
        return Ok(None);
    };
    Ok(Some(Found {
        passkey,
        is_last: count == 1,
        asked: second_factors::passkeys_asked_since(connection, account.id)
            .await?
            .is_some(),
        removal: removal_of_one(connection, account, count).await?,
    }))
}

impl Found {
    /// Takes it away. With the last one they are no longer asked for after the password;
    /// where nothing else is either, recovery codes stand in for nothing.
    async fn remove(&self, transaction: &impl ConnectionTrait) -> Result<(), StoreError> {
        let account = self.passkey.account;
        passkeys::remove(transaction, account, self.passkey.id).await?;
        if self.is_last
            && second_factors::stop_asking_for_passkeys(transaction, account).await?
            && !second_factors::has_application(transaction, account).await?
        {
            second_factors::remove_recovery_codes(transaction, account).await?;
        }
        Ok(())
    }

    fn page(&self, signed_in: &SignedIn) -> RemovalPage {
        let kind = signed_in.live.account.kind;
        let name = self.passkey.name.clone();
        let last_asked = self.is_last && self.asked;
        RemovalPage::of(kind, name, self.passkey.id, last_asked, self.removal)
    }
}

/// Why it cannot go.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Needed {
    LastFactor,
    LastWayIn,
}

/// The context of `self-service/passkey_removal.html`.
#[derive(Debug, Serialize)]
struct RemovalPage {
    guardian: bool,
    name: String,
    /// Whether none will be asked for after the password any more.
    last_asked: bool,
    needed: Option<Needed>,
    action: String,
    back: String,
}

impl RemovalPage {
    fn of(
        kind: PersonKind,
        name: String,
        id: PasskeyId,
        last_asked: bool,
        removal: Removal,
    ) -> Self {
        Self {
            guardian: kind == PersonKind::Guardian,
            name,
            last_asked,
            needed: match removal {
                Removal::Allowed => None,
                Removal::LastFactor => Some(Needed::LastFactor),
                Removal::LastWayIn => Some(Needed::LastWayIn),
            },
            action: RemovePasskey { passkey: id }.path().into_owned(),
            back: Passkeys.path().into_owned(),
        }
    }
}

impl Page for RemovalPage {
    const TEMPLATE: &'static str = "self-service/passkey_removal.html";
    const QUESTION: Option<&'static str> = Some("cles-d-acces");

    fn samples() -> Vec<Self> {
        let sample = |kind, last_asked, removal| {
            let id = PasskeyId::new(&domain::ambient::Ambient::system());
            Self::of(kind, "Tablette du salon".into(), id, last_asked, removal)
        };
        vec![
            sample(PersonKind::Pupil, false, Removal::Allowed),
            sample(PersonKind::Guardian, true, Removal::Allowed),
            sample(PersonKind::Officer, true, Removal::LastFactor),
            sample(PersonKind::Guardian, true, Removal::LastWayIn),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<RemovalPage>();
    }
}
