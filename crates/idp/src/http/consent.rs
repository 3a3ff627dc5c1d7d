//! The consent page: once for each client that is not first-party, and each scope.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    claims,
    client::{ClientId, Environment, Registration},
    ids::AccountId,
    redirect::RedirectUri,
    scope::{Scope, ScopeSet},
    secret::Token,
};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    clients::{Origin, StoredClient},
    consents,
};
use url::Url;
use web::{Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{pages::open, routes, visit::Visit};
use crate::{
    app::{App, unavailable},
    flow::{Turn, advance, refuse},
    protocol::{authorization::AuthorizationRequest, refusal::Refusal},
    transactions::Destination,
};

/// Shows the page, or leads on where the person agreed already.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let asked = asked_by(&app, &step.transaction.destination);
    let turn = advance(&app, &visit.view, visit.session.as_ref(), step).await?;
    match (turn, asked, &visit.session) {
        (Turn::Consent(name, scope), Some((client, host)), Some(live)) => {
            let mut page = ConsentPage::new(&client, host, &scope, &name);
            page.person = live.account.name.full();
            page.named = named(&app, &client.registration.client_id, live.account.id);
            Ok(visit.view.render(&page))
        }
        (turn, ..) => Ok(turn.into_redirect()),
    }
}

/// What the page posts: the button that was pressed.
#[derive(Deserialize)]
pub(super) struct ConsentForm {
    choix: Choice,
    #[serde(default)]
    personne: String,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Autoriser,
    Refuser,
}

/// Takes the person's word.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<ConsentForm>,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let Destination::Client(request) = step.transaction.destination.clone() else {
        return Ok(to_sign_in(&name));
    };
    if form.choix == Choice::Refuser {
        return refuse(&app, &visit.view, step, &request, &Refusal::ConsentRefused).await;
    }
    let (Some(live), Some(token)) = (&visit.session, &step.name) else {
        return Ok(to_sign_in(&name));
    };
    // Two people may share a computer: only the one whom the page named has agreed.
    if form.personne != named(&app, &request.client_id, live.account.id) {
        return Ok(to_sign_in(&name));
    }
    let mut transaction = step.transaction;
    transaction.consent_given_by = Some(live.account.id);
    let replaced = app.transactions.replace(token, step.version, &transaction);
    if replaced.await.map_err(unavailable)? {
        remember(&app, live.account.id, &request)
            .await
            .map_err(unavailable)?;
    }
    Ok(to_sign_in(&name))
}

/// How the form names the person: by their subject at the client, which the client is
/// about to learn anyway.
fn named(app: &App, client: &ClientId, account: AccountId) -> String {
    let client = app.clients.find(client);
    let subject = client.map(|client| app.subjects.of(&client.registration.sector(), account));
    subject
        .map(|subject| subject.to_string())
        .unwrap_or_default()
}

async fn remember(
    app: &App,
    account: AccountId,
    request: &AuthorizationRequest,
) -> Result<(), StoreError> {
    let asked = request.scope.union(&request.claims_scope);
    // Nobody agreed to what the page did not show: offline access is asked for by
    // `prompt=consent` alone (OpenID Connect Core, section 11).
    let scope = if request.prompt.consent {
        asked
    } else {
        asked.without(Scope::OFFLINE_ACCESS)
    };
    let transaction = app.database.begin().await?;
    consents::give(
        &transaction,
        &app.ambient,
        account,
        &request.client_id,
        &scope,
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}

fn to_sign_in(name: &str) -> Response {
    Redirect::to(&routes::SignIn { transaction: name }.path()).into_response()
}

/// Who asks, and the host that this answer would go to: a client may have several.
fn asked_by(app: &App, destination: &Destination) -> Option<(Arc<StoredClient>, Option<String>)> {
    let Destination::Client(request) = destination else {
        return None;
    };
    let host = RedirectUri::new(request.return_to.redirect_uri()).host();
    Some((app.clients.find(&request.client_id)?, host))
}

/// The context of `idp/consent.html`.
#[derive(Debug, Serialize)]
struct ConsentPage {
    action: String,
    other_person: String,
    service: String,
    host: Option<String>,
    policy: Option<Url>,
    terms: Option<Url>,
    person: String,
    named: String,
    given: Vec<Given>,
    long_lived: bool,
    /// Whether nobody looked at the registration: its name may be anybody's.
    unverified: bool,
    /// Whether the service is only being tried.
    test: bool,
}

/// What a service gets, and what it says that it needs it for.
#[derive(Debug, Serialize)]
pub struct Given {
    text: TextKey,
    purposes: Vec<String>,
}

/// What these scopes give a client.
pub fn given(registration: &Registration, scope: &ScopeSet) -> Vec<Given> {
    let line = |scope| {
        let claims = claims::of_scopes().filter(|(name, _)| *name == scope);
        let claims = claims.flat_map(|(_, claims)| claims.iter().copied());
        let names = std::iter::once(scope).chain(claims);
        let purposes = names.filter_map(|name| registration.purpose(name));
        Some(Given {
            text: scope_text(scope)?,
            purposes: purposes.map(str::to_owned).collect(),
        })
    };
    scope.iter().filter_map(line).collect()
}

/// The same with a purpose, for samples of pages.
pub fn sample_given(scopes: &[&str]) -> Vec<Given> {
    let line = |scope: &&str| {
        let purpose =
            (*scope == "family").then(|| "Montrer le cahier de textes à la famille".into());
        Some(Given {
            text: scope_text(scope)?,
            purposes: purpose.into_iter().collect(),
        })
    };
    scopes.iter().filter_map(line).collect()
}

impl ConsentPage {
    fn new(client: &StoredClient, host: Option<String>, scope: &ScopeSet, name: &Token) -> Self {
        let registration = &client.registration;
        let name = name.expose();
        Self {
            action: routes::Consent { transaction: &name }.path().into_owned(),
            other_person: routes::OtherPerson { transaction: &name }
                .path()
                .into_owned(),
            service: registration.client_name.clone(),
            host,
            policy: registration.policy_uri.clone(),
            terms: registration.tos_uri.clone(),
            person: String::new(),
            named: String::new(),
            given: given(registration, scope),
            long_lived: scope.contains("offline_access"),
            unverified: client.origin == Origin::Dynamic,
            test: registration.environment == Environment::Test,
        }
    }
}

/// What a scope gives, in words; none for those that give nothing by themselves.
pub fn scope_text(scope: &str) -> Option<TextKey> {
    Some(match scope {
        "profile" => TextKey::new("idp-scope-profile"),
        "email" => TextKey::new("idp-scope-email"),
        "phone" => TextKey::new("idp-scope-phone"),
        "address" => TextKey::new("idp-scope-address"),
        "family" => TextKey::new("idp-scope-family"),
        _ => return None,
    })
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "idp/consent.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("donnees-transmises");

    fn samples() -> Vec<Self> {
        let sample = |scopes: &[&str], long_lived| Self {
            action: "/connexion/Sample/autorisation".into(),
            other_person: "/connexion/Sample/autre-compte".into(),
            service: "Bibliothèque de Trifouillis-les-Oies".into(),
            host: Some("bibliotheque.example".into()),
            policy: Url::parse("https://bibliotheque.example/donnees").ok(),
            terms: Url::parse("https://bibliotheque.example/conditions").ok(),
            person: "Claire MARTIN".into(),
            named: "Sample".into(),
            given: sample_given(scopes),
            long_lived,
            unverified: long_lived,
            test: long_lived,
        };
        vec![
            sample(&["profile", "email", "phone", "address", "family"], true),
            sample(&[], false),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ConsentPage>();
    }
}
