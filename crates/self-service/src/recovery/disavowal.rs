//! « Ce n'est pas moi »: the owner takes an account back from whoever changed it
//! (product.md, Recovery).

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Account, AccountState},
    audit::{Action, Actor, Target},
    contact::Contacts,
    ids::ChangeId,
    secret::{Secret, Token, TokenHash},
};
use idp::{
    guard::coarse,
    http::{routes::LostPassword, visit::Visit},
};
use jiff::ToSpan;
use notify::{Language, NotifyError, Recipient, messages::AccountTakenBack};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    ConnectionTrait, StoreError, accounts,
    audit::{self, Event},
    bonds,
    changes::{self, Change},
    contacts,
    proofs::{self, Proof, Purpose},
    second_factors,
};
use web::{Link, Page, PageError, Posted, Route, TextKey};

use super::{
    code::Nothing,
    link::{Carried, without_referrer},
    pages::{DonePage, Kept},
    routes::{Disavow, DisavowalDone},
    unavailable,
};
use crate::{
    journeys::{self, Journey, State as JourneyState},
    schools::FindSchool,
    state::SelfService,
};

/// A change's instant is taken within its transaction, which may have set the password a
/// moment before.
const ONE_TRANSACTION: i64 = 60;

/// Somebody who came with the link of a notice, in this browser.
#[derive(Serialize, Deserialize)]
struct Told {
    proof: Kept,
}

impl JourneyState for Told {
    const WHAT: &'static str = "disavowal";
}

/// The link of a notice: it changes nothing, and takes the token out of the address.
pub(super) async fn link(
    State(app): State<SelfService>,
    visit: Visit,
    Query(carried): Query<Carried>,
) -> Result<Response, PageError> {
    let opened = carried.open(&app, Purpose::Disavowal).await?;
    // A name that no journey has, so that a used token leaves the address too.
    let name = match &opened {
        Some((token, _)) => begin(&app, &visit, token).await?,
        None => Token::generate(&app.ambient),
    };
    let journey = &name.expose();
    Ok(without_referrer(Redirect::to(&Disavow { journey }.path())))
}

async fn begin(app: &SelfService, visit: &Visit, token: &Token) -> Result<Token, PageError> {
    let proof = Kept::of(token);
    let begun = journeys::begin(app, visit, &Told { proof }).await;
    begun.map_err(unavailable)
}

/// Says what the button will do.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name).await?;
    let (reader, now) = (app.database.reader(), app.ambient.now());
    let proof = journey.data.proof.hash();
    let found = proofs::find(reader, Purpose::Disavowal, &proof, now).await;
    let account = match found.map_err(unavailable)?.and_then(|proof| proof.account) {
        Some(account) => accounts::find_by_id(reader, account).await,
        None => return Err(over()),
    };
    let account = account.map_err(unavailable)?.ok_or_else(over)?;
    let action = Disavow { journey: &name };
    Ok(visit.view.render(&DisavowalPage {
        action: action.path().into_owned(),
        identifier: account.identifier.to_string(),
    }))
}

/// Takes the account back.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(_): Posted<Nothing>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name).await?;
    let nobodys = Secret::new(Token::generate(&app.ambient).expose());
    let Ok(hash) = app.passwords.hash(nobodys).await else {
        return Err(PageError::busy(std::time::Duration::from_secs(3)));
    };
    let taken = take_back(&app, &visit, &journey.data.proof.hash(), &hash).await;
    if !taken.map_err(unavailable)? {
        return Err(over());
    }
    app.notifier.nudge();
    journeys::end(&app, &journey.name)
        .await
        .map_err(unavailable)?;
    Ok(Redirect::to(&DisavowalDone.path()).into_response())
}

/// It is done, whoever asks: the page knows nothing.
pub(super) async fn done(visit: Visit) -> Response {
    visit.view.render(&DonePage {
        title: TextKey::new("disavowal-done-title"),
        text: TextKey::new("disavowal-done-text"),
        next: TextKey::new("disavowal-done-next"),
        button: TextKey::new("disavowal-done-button"),
        target: LostPassword.path().into_owned(),
    })
}

async fn open(app: &SelfService, visit: &Visit, name: &str) -> Result<Journey<Told>, PageError> {
    let found = journeys::find::<Told>(app, visit, name).await;
    found.map_err(unavailable)?.ok_or_else(over)
}

/// The link was used, or its three days are over.
fn over() -> PageError {
    let title = TextKey::new("disavowal-over-title");
    let text = TextKey::new("disavowal-over-text");
    let lost = Link::new(TextKey::new("disavowal-done-button"), LostPassword.path());
    let school = Link::new(TextKey::new("recovery-school"), FindSchool.path());
    PageError::new(StatusCode::GONE, "lien-termine", title, text)
        .way_on(lost)
        .way_on(school)
}

/// Whether the account was taken back; otherwise nothing has changed.
async fn take_back(
    app: &SelfService,
    visit: &Visit,
    proof: &TokenHash,
    nobodys_hash: &str,
) -> Result<bool, NotifyError> {
    let transaction = app.database.begin().await?;
    let now = app.ambient.now();
    let spent = proofs::spend(&transaction, Purpose::Disavowal, proof, now).await?;
    let Some((account, change)) = read(app, &transaction, spent).await? else {
        return Ok(false);
    };
    accounts::lock(&transaction, account.id).await?;
    let since = change.at.saturating_sub(ONE_TRANSACTION.seconds());
    let since = since.unwrap_or(change.at);
    let voided =
        accounts::void_password(&transaction, account.id, since, nobodys_hash, now).await?;
    let factors = second_factors::remove_since(&transaction, account.id, since).await?;
    let unbound = bonds::remove_since(&transaction, account.id, since).await?;
    accounts::end_sessions(&transaction, account.id, now).await?;
    let contacts = without_pending(change.before);
    contacts::replace_all(&transaction, &app.ambient, account.id, &contacts).await?;
    proofs::end_all_since(&transaction, account.id, change.at, now).await?;
    let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
    let event = Event::new(Action::ChangeDisavowed, actor, target)
        .from_network(coarse(&visit.network))
        .with(
            json!({ "password_voided": voided, "bonds_ended": unbound, "factors_ended": factors }),
        );
    audit::record(&transaction, &app.ambient, event).await?;
    tell(app, &transaction, &account, &contacts).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(true)
}

/// The change that the proof takes back, and its account, as long as somebody owns it.
async fn read(
    app: &SelfService,
    connection: &impl ConnectionTrait,
    spent: Option<Proof>,
) -> Result<Option<(Account, Change)>, StoreError> {
    let change = spent.and_then(|proof| {
        let change = proof.details["change"].as_str()?;
        change.parse::<ChangeId>().ok()
    });
    let Some(change) = change else {
        return Ok(None);
    };
    let Some(change) = changes::find_by_id(connection, &app.vault, change).await? else {
        return Ok(None);
    };
    let account = accounts::find_by_id(connection, change.account).await?;
    let owned = account.filter(|account| {
        let state = account.state;
        matches!(state, AccountState::Active | AccountState::Suspended)
    });
    Ok(owned.map(|account| (account, change)))
}

fn without_pending(mut contacts: Contacts) -> Contacts {
    contacts.email.pending = None;
    contacts.phone.pending = None;
    contacts
}

/// Says how to go on, at the contacts that are in force again.
async fn tell(
    app: &SelfService,
    transaction: &impl ConnectionTrait,
    account: &Account,
    contacts: &Contacts,
) -> Result<(), NotifyError> {
    let identifier = account.identifier.clone();
    let message = AccountTakenBack { identifier };
    for address in contacts.confirmed() {
        let recipient = Recipient {
            account: Some(account.id),
            address: address.clone(),
            language: Language::of_tag(&account.locale),
        };
        app.notifier
            .enqueue(transaction, &recipient, &message)
            .await?;
    }
    Ok(())
}

#[derive(Debug, Serialize)]
struct DisavowalPage {
    action: String,
    identifier: String,
}

impl Page for DisavowalPage {
    const TEMPLATE: &'static str = "self-service/disavowal.html";
    const QUESTION: Option<&'static str> = Some("ce-n-est-pas-moi");

    fn samples() -> Vec<Self> {
        vec![Self {
            action: Disavow { journey: "Sample" }.path().into_owned(),
            identifier: "c.martin1".into(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<DisavowalPage>();
    }
}
