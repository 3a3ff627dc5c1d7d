//! What was chosen, the terms, and the end: the account is active.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    account::{Account, PersonKind},
    audit::{Action, Actor, Target},
    contact::{Address, ContactState, Current, Proposal},
    secret::Token,
};
use idp::{
    app::{App, unavailable},
    entry::{Means, enter},
    guard::coarse,
    http::visit::Visit,
    sessions::Through,
};
use notify::NotifyError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    DatabaseTransaction, StoreError, accounts,
    activations::{self, NumberProof, Step, Vouched},
    audit::{self, Event},
    bonds::{self, BoundBy},
    contacts,
};
use web::{Page, PageError, Posted, Route, headers::Policy};

use super::steps::{Email, Held, Opened, Password, Phone, Ways, open, open_page, to_sign_in};
use crate::{confirmations::ask_to_confirm, state::SelfService};

const STEP: Step = Step::Terms;

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let held = match open_page(&app, &visit, &name, STEP).await? {
        Ok(held) => held,
        Err(elsewhere) => return Ok(elsewhere),
    };
    Ok(visit.view.render(&RecapitulationPage::new(&app, &held)))
}

/// The page posts nothing but its proof: the button accepts the terms.
#[derive(Deserialize)]
pub(super) struct Accepted {}

/// Activates the account, signs its owner in, and leads on to what they came for.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Accepted {}): Posted<Accepted>,
) -> Result<Response, PageError> {
    let held = match open(&app, &visit, &name).await? {
        Opened::Held(held) if held.activation.reached == STEP => held,
        Opened::Held(held) => return Ok(held.furthest()),
        // Twice pressed, or taken up elsewhere: the sign-in knows.
        Opened::Lost => return Ok(to_sign_in(&name)),
    };
    match activate(&app, &visit, &held).await.map_err(unavailable)? {
        Some(account) => {
            app.notifier.nudge();
            let means = held.vouched.map_or_else(Means::password, through);
            enter(&app, &visit, &name, &account, means).await
        }
        None => Ok(to_sign_in(&name)),
    }
}

/// As at a sign-in through the upstream.
fn through(vouched: Vouched) -> Means {
    let through = Through {
        upstream: vouched.upstream,
        sealed_id_token: vouched.sealed_id_token,
    };
    Means::upstream(vouched.acr, through)
}

/// The whole effect in one transaction, once: none where it was done, or where the
/// activation is not held any more.
async fn activate(app: &App, visit: &Visit, held: &Held) -> Result<Option<Account>, NotifyError> {
    let now = app.ambient.now();
    let transaction = app.database.begin().await?;
    accounts::lock(&transaction, held.id()).await?;
    let found = activations::find(&transaction, held.id(), &held.holder, now).await?;
    let taken = activations::take(&transaction, held.id(), &held.holder).await?;
    let (Some((account, _)), Some(activation)) = (found, taken) else {
        return Ok(None);
    };
    let vouched = activation.vouched(&app.vault)?;
    let hash = activation.password_hash.as_deref();
    if hash.is_some() == vouched.is_some() {
        return Ok(None);
    }
    if !accounts::activate(&transaction, account.id, hash, now).await? {
        return Ok(None);
    }
    if let Some(vouched) = &vouched
        && !bind(app, &transaction, &account, vouched).await?
    {
        return Ok(None);
    }
    let own = [
        activation.email.map(Address::Email),
        activation.phone.map(Address::Phone),
    ];
    for address in own.into_iter().flatten() {
        give(app, &transaction, &account, &address).await?;
    }
    let event = Event::new(
        Action::AccountActivated,
        Actor::Account(account.id),
        Target::Account(account.id),
    );
    let event = event.from_network(coarse(&visit.network));
    audit::record(&transaction, &app.ambient, event).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    accounts::find_by_id(app.database.writer(), account.id)
        .await
        .map_err(NotifyError::from)
}

/// Binds the upstream's subject to the account, and keeps what it vouched for; a number
/// that a code reached counts as confirmed. `false` where the subject is bound meanwhile:
/// nothing may be committed then.
async fn bind(
    app: &App,
    transaction: &DatabaseTransaction,
    account: &Account,
    vouched: &Vouched,
) -> Result<bool, StoreError> {
    let pivot = vouched.pivot.to_string();
    let bound = BoundBy {
        issuer: &vouched.issuer,
        subject: &vouched.subject,
        pivot: pivot.as_bytes(),
    };
    if !bonds::insert(transaction, &app.ambient, &app.vault, account.id, &bound).await? {
        return Ok(false);
    }
    if let NumberProof::Given { number } = &vouched.number {
        let current = Current {
            address: Address::Phone(number.clone()),
            state: ContactState::Confirmed,
        };
        contacts::put_current(transaction, &app.ambient, account.id, &current).await?;
    }
    let event = Event::new(
        Action::UpstreamBound,
        Actor::Account(account.id),
        Target::Account(account.id),
    );
    let event = event.with(json!({ "upstream": vouched.upstream }));
    audit::record(transaction, &app.ambient, event).await?;
    Ok(true)
}

/// Puts a contact in force, unconfirmed, and asks for its confirmation; one that an
/// import confirmed stays in force until then.
async fn give(
    app: &App,
    transaction: &DatabaseTransaction,
    account: &Account,
    address: &Address,
) -> Result<(), NotifyError> {
    let before = contacts::find_all(transaction, account.id).await?;
    match before.of(address.channel()).propose(address) {
        Proposal::Unchanged => return Ok(()),
        Proposal::First | Proposal::Again | Proposal::InsteadOfUnconfirmed => {
            let current = Current {
                address: address.clone(),
                state: ContactState::Unconfirmed,
            };
            contacts::put_current(transaction, &app.ambient, account.id, &current).await?;
        }
        Proposal::InsteadOfConfirmed => {
            contacts::put_pending(transaction, &app.ambient, account.id, address).await?;
        }
    }
    if let Address::Email(address) = address {
        ask_to_confirm(app, transaction, account, address).await?;
    }
    Ok(())
}

/// The context of `self-service/activation/recapitulation.html`.
#[derive(Debug, Serialize)]
struct RecapitulationPage {
    person: String,
    identifier: String,
    email: Option<String>,
    guardian: bool,
    telephone: Option<String>,
    /// The upstream in the place of a password.
    upstream: Option<String>,
    change_password: String,
    change_email: String,
    change_phone: String,
    ways: Ways,
}

impl RecapitulationPage {
    fn new(app: &App, held: &Held) -> Self {
        let transaction = &held.name;
        let vouched = held.vouched.as_ref();
        let upstream = vouched.and_then(|vouched| app.upstreams.find(&vouched.upstream));
        let activation = &held.activation;
        Self {
            person: held.account.name.full(),
            identifier: held.account.identifier.to_string(),
            email: activation.email.as_ref().map(ToString::to_string),
            guardian: held.account.kind == PersonKind::Guardian,
            telephone: activation.phone.as_ref().map(ToString::to_string),
            upstream: upstream.map(|upstream| upstream.title().to_owned()),
            change_password: Password { transaction }.path().into_owned(),
            change_email: Email { transaction }.path().into_owned(),
            change_phone: Phone { transaction }.path().into_owned(),
            ways: held.ways(STEP),
        }
    }
}

impl Page for RecapitulationPage {
    const TEMPLATE: &'static str = "self-service/activation/recapitulation.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("activer-avec-la-lettre");

    fn samples() -> Vec<Self> {
        let transaction = &Token::from_bytes([7; 32]).expose();
        let sample = |guardian, contact: Option<&str>, upstream: Option<&str>| Self {
            person: "Marie-Charlotte de La Tour d’Auvergne-Lauraguais".into(),
            identifier: "m.delatourdauvergnelauraguais1".into(),
            email: contact.map(|name| format!("{name}@example.org")),
            guardian,
            telephone: contact.map(|_| "+33639980001".into()),
            upstream: upstream.map(str::to_owned),
            change_password: Password { transaction }.path().into_owned(),
            change_email: Email { transaction }.path().into_owned(),
            change_phone: Phone { transaction }.path().into_owned(),
            ways: Ways::sample(STEP),
        };
        vec![
            sample(true, Some("marie.charlotte"), None),
            sample(true, None, Some("FranceConnect")),
            sample(false, None, None),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<RecapitulationPage>();
    }
}
