//! Services that one uses, what each learns, and how to take that back.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::PersonKind,
    audit::{Action, Target},
    client::ClientId,
    scope::ScopeSet,
};
use idp::{
    http::{Given, account::SignedIn, given, routes, sample_given},
    issuing::claims_request,
};
use serde::{Deserialize, Serialize};
use store::{consents, grants};
use web::{Page, PageError, Posted, Route};

use super::routes::{Services, Withdraw};
use crate::{
    account::changing::{self, unavailable},
    state::SelfService,
};

/// What a service may learn.
#[derive(Default)]
struct Learned {
    scope: ScopeSet,
    signed_in: bool,
    long_lived: bool,
}

/// Shows them.
pub(super) async fn get(
    State(app): State<SelfService>,
    signed_in: SignedIn,
) -> Result<Response, PageError> {
    let learned = learned(&app, &signed_in).await?;
    let lines = learned.into_iter().filter_map(|(client, learned)| {
        let known = app.clients.find(&client)?;
        Some(Line {
            service: known.registration.client_name.clone(),
            gives: given(&known.registration, &learned.scope),
            signed_in: learned.signed_in,
            long_lived: learned.long_lived,
            asks: !known.registration.first_party,
            id: client.to_string(),
        })
    });
    Ok(signed_in.view().render(&ServicesPage {
        guardian: signed_in.live.account.kind == PersonKind::Guardian,
        lines: lines.collect(),
        ..ServicesPage::empty()
    }))
}

/// Where somebody is led who had to sign in again.
pub(super) async fn back() -> Redirect {
    Redirect::to(&Services.path())
}

#[derive(Deserialize)]
pub(super) struct WithdrawForm {
    service: String,
}

/// Takes back what was given to one: its tokens end at once, and it must ask again.
pub(super) async fn withdraw(
    State(app): State<SelfService>,
    signed_in: SignedIn,
    Posted(form): Posted<WithdrawForm>,
) -> Result<Response, PageError> {
    if let Ok(client) = ClientId::parse(&form.service) {
        take_back(&app, &signed_in, &client).await?;
    }
    Ok(back().await.into_response())
}

async fn take_back(
    app: &SelfService,
    signed_in: &SignedIn,
    client: &ClientId,
) -> Result<(), PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let now = app.ambient.now();
    let consented = consents::withdraw(&transaction, account.id, client)
        .await
        .map_err(unavailable)?;
    let ended = grants::end_at_client(&transaction, account.id, client, now)
        .await
        .map_err(unavailable)?;
    if !consented && ended == 0 {
        return Ok(());
    }
    let mut event = changing::own_event(Action::ConsentWithdrawn, account, &signed_in.visit);
    event.target = Target::Client(client.clone());
    changing::record(app, &transaction, event.at_client(client)).await?;
    changing::commit(app, transaction).await
}

async fn learned(
    app: &SelfService,
    signed_in: &SignedIn,
) -> Result<BTreeMap<ClientId, Learned>, PageError> {
    let (account, reader) = (&signed_in.live.account, app.database.reader());
    let mut learned: BTreeMap<ClientId, Learned> = BTreeMap::new();
    let consents = consents::find_of_account(reader, account.id).await;
    for (client, scope) in consents.map_err(unavailable)? {
        learned.entry(client).or_default().scope = scope;
    }
    let grants = grants::find_of_account(reader, account.id, app.ambient.now()).await;
    let grants = grants.map_err(unavailable)?;
    for grant in grants
        .iter()
        .filter(|grant| account.upholds(grant.auth_time))
    {
        let line = learned.entry(grant.client.clone()).or_default();
        line.scope = line.scope.union(&grant.scope).union(&named(app, grant));
        line.signed_in = true;
        line.long_lived |= grant.offline;
    }
    Ok(learned)
}

/// The scopes of claims that the service asked for by name.
fn named(app: &SelfService, grant: &grants::Grant) -> ScopeSet {
    let client = app.clients.find(&grant.client);
    let scopes =
        client.map(|client| claims_request(grant).scopes(&client.registration, &app.namespace));
    scopes.unwrap_or_default()
}

#[derive(Debug, Serialize)]
struct Line {
    service: String,
    id: String,
    gives: Vec<Given>,
    signed_in: bool,
    long_lived: bool,
    /// Whether it asks for consent again.
    asks: bool,
}

/// The context of `self-service/services.html`.
#[derive(Debug, Serialize)]
struct ServicesPage {
    withdraw: String,
    home: String,
    guardian: bool,
    lines: Vec<Line>,
}

impl ServicesPage {
    fn empty() -> Self {
        Self {
            withdraw: Withdraw.path().into_owned(),
            home: routes::Account.path().into_owned(),
            guardian: false,
            lines: Vec::new(),
        }
    }
}

impl Page for ServicesPage {
    const TEMPLATE: &'static str = "self-service/services.html";
    const QUESTION: Option<&'static str> = Some("donnees-transmises");

    fn samples() -> Vec<Self> {
        let line = |service: &str, scopes: &[&str], asks| Line {
            service: service.into(),
            id: "mediatheque".into(),
            gives: sample_given(scopes),
            signed_in: asks,
            long_lived: !asks,
            asks,
        };
        let lines = vec![
            line("Médiathèque de Trifouillis-les-Oies", &["profile"], true),
            line("Portail", &["profile", "email", "phone", "family"], false),
        ];
        let full = Self {
            guardian: true,
            lines,
            ..Self::empty()
        };
        vec![Self::empty(), full]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ServicesPage>();
    }
}
