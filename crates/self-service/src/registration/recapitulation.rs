//! What was chosen, the terms, and the end: the account is active.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    account::{Account, AccountState},
    audit::{Action, Actor, Target},
    contact::{Address, ContactState, Current, PhoneNumber},
};
use idp::{
    app::{App, unavailable},
    guard::coarse,
    http::visit::Visit,
};
use notify::{Language, NotifyError, Recipient, messages::IdentifierGiven};
use serde::{Deserialize, Serialize};
use store::{
    DatabaseTransaction, StoreError, accounts, activations,
    audit::{self, Event},
    contacts,
    proofs::{self, Purpose},
};
use web::{Page, PageError, Posted, headers::Policy};

use super::steps::{self, Stage, Ways, advance, hash_of, onward, open};
use crate::{state::SelfService, ways::Return};

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Terms { .. } = journey.data.stage else {
        return Ok(onward(&journey, &back));
    };
    Ok(visit.view.render(&RecapitulationPage {
        person: journey.data.name.full(),
        telephone: journey.data.number.to_string(),
        ways: Ways::of(&steps::Recapitulation { journey: &name }, &back),
    }))
}

/// The page posts nothing but its proof: the button accepts the terms.
#[derive(Deserialize)]
pub(super) struct Accepted {}

/// Activates the account, and leads to its identifier.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(Accepted {}): Posted<Accepted>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Terms {
        proof,
        password_hash,
    } = &journey.data.stage
    else {
        return Ok(onward(&journey, &back));
    };
    let number = &journey.data.number;
    let activated = activate(&app, &visit, proof, password_hash, number).await;
    match activated.map_err(unavailable)? {
        Some(account) => {
            app.notifier.nudge();
            let identifier = account.identifier;
            advance(&app, &visit, journey, Stage::Done { identifier }, &back).await
        }
        // Twice pressed: whoever was first leads on.
        None => Err(steps::expired(&back)),
    }
}

/// The whole effect in one transaction, once: none where the proof was spent before.
async fn activate(
    app: &App,
    visit: &Visit,
    proof: &str,
    hash: &str,
    number: &PhoneNumber,
) -> Result<Option<Account>, NotifyError> {
    let now = app.ambient.now();
    let Some(token) = hash_of(proof) else {
        return Ok(None);
    };
    let transaction = app.database.begin().await?;
    let spent = proofs::spend(&transaction, Purpose::Registration, &token, now).await?;
    let Some(id) = spent.and_then(|proof| proof.account) else {
        return Ok(None);
    };
    accounts::lock(&transaction, id).await?;
    let account = accounts::find_by_id(&transaction, id).await?;
    let Some(account) = account.filter(|account| account.state == AccountState::Known) else {
        return Ok(None);
    };
    if !accounts::activate(&transaction, id, Some(hash), now).await? {
        return Ok(None);
    }
    activations::drop_of_account(&transaction, id).await?;
    confirm_number(app, &transaction, &account, number).await?;
    for action in [Action::AccountActivated, Action::ContactConfirmed] {
        let event = Event::new(action, Actor::Account(id), Target::Account(id));
        let event = event.from_network(coarse(&visit.network));
        audit::record(&transaction, &app.ambient, event).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(Some(account))
}

/// The code proved that messages reach the number; it hears the identifier.
async fn confirm_number(
    app: &App,
    transaction: &DatabaseTransaction,
    account: &Account,
    number: &PhoneNumber,
) -> Result<(), NotifyError> {
    let address = Address::Phone(number.clone());
    let current = Current {
        address: address.clone(),
        state: ContactState::Confirmed,
    };
    contacts::put_current(transaction, &app.ambient, account.id, &current).await?;
    let recipient = Recipient {
        account: Some(account.id),
        address,
        language: Language::of_tag(&account.locale),
    };
    let message = IdentifierGiven {
        identifier: account.identifier.clone(),
    };
    app.notifier
        .enqueue(transaction, &recipient, &message)
        .await?;
    Ok(())
}

/// The context of `self-service/registration/recapitulation.html`.
#[derive(Debug, Serialize)]
struct RecapitulationPage {
    person: String,
    telephone: String,
    ways: Ways,
}

impl Page for RecapitulationPage {
    const TEMPLATE: &'static str = "self-service/registration/recapitulation.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("pas-encore-d-identifiant");

    fn samples() -> Vec<Self> {
        vec![Self {
            person: "Marie-Charlotte de La Tour d’Auvergne-Lauraguais".into(),
            telephone: "+33639980008".into(),
            ways: Ways::sample(),
        }]
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
