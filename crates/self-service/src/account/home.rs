//! The first page of « Mon compte ».

use axum::{extract::State, response::Response};
use domain::{
    account::{Account, PasswordState, PersonKind},
    contact::{Address, ContactState, Contacts, Slots},
    second_factor::Standing,
};
use idp::http::{account::SignedIn, routes::SignOut};
use serde::Serialize;
use store::{contacts, passkeys, pending_acts, second_factors};
use url::Url;
use web::{Locale, Page, PageError, Route};

use super::{
    changing::unavailable,
    chosen_password,
    routes::{ChangeEmail, ChangePassword, ChangePhone, ChoosePassword, Passkeys, SecondFactor},
    upstreams::{self, Line},
};
use crate::{
    done::{Done, Told},
    footprint::routes::{History, Language, MyData, Services, Sessions},
    recovery::school_request::RequestLine,
    state::SelfService,
};

/// Who is signed in, what is known of them, and the ways to change it.
pub(super) async fn get(
    State(app): State<SelfService>,
    signed_in: SignedIn,
) -> Result<Response, PageError> {
    let account = &signed_in.live.account;
    let contacts = contacts::find_all(app.database.reader(), account.id).await;
    let done = Done::read(&app, &signed_in.visit.headers);
    let (reader, now) = (app.database.reader(), app.ambient.now());
    let requests = pending_acts::find_of_account(reader, account.id, now).await;
    let requests = requests.map_err(unavailable)?;
    let locale = signed_in.view().locale();
    let page = AccountPage {
        done: done.map(Done::told),
        may_choose_password: chosen_password::is_offered(&app, account),
        upstreams: upstreams::lines(&app, account).await.map_err(unavailable)?,
        portal: app.portal().cloned(),
        two_steps: two_steps(&app, account).await?,
        passkeys: passkeys(&app, account).await?,
        requests: requests
            .iter()
            .map(|act| RequestLine::of(act, locale))
            .collect(),
        ..AccountPage::of(account, &contacts.map_err(unavailable)?)
    };
    let answer = signed_in.view().render(&page);
    Ok(match done {
        Some(_) => Done::forget(&app, answer),
        None => answer,
    })
}

/// What is asked after the password.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum TwoSteps {
    On,
    Off,
}

async fn two_steps(app: &SelfService, account: &Account) -> Result<TwoSteps, PageError> {
    let standing = second_factors::standing(app.database.reader(), account.id).await;
    Ok(match standing.map_err(unavailable)? {
        Standing::InForce => TwoSteps::On,
        Standing::Never | Standing::Ended => TwoSteps::Off,
    })
}

/// How many passkeys the account has, where there are passkeys.
async fn passkeys(app: &SelfService, account: &Account) -> Result<Option<u64>, PageError> {
    if app.passkeys.is_none() {
        return Ok(None);
    }
    let count = passkeys::count(app.database.reader(), account.id).await;
    count.map(Some).map_err(unavailable)
}

/// What the page shows of one channel.
#[derive(Debug, Default, Serialize)]
struct ContactLine {
    /// In force.
    current: Option<String>,
    /// Whether its owner proved it.
    confirmed: bool,
    /// What will take its place.
    pending: Option<String>,
}

impl ContactLine {
    fn of(slots: &Slots) -> Self {
        let text = |address: &Address| address.as_str().to_owned();
        let current = slots.current.as_ref();
        Self {
            current: current.map(|current| text(&current.address)),
            confirmed: current.is_some_and(|current| current.state == ContactState::Confirmed),
            pending: slots.pending.as_ref().map(text),
        }
    }
}

/// What the page reminds of.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reminder {
    /// Nothing is confirmed: who forgets the password must ask the school.
    NoWayBack,
    /// A number waits for its code.
    PhoneWaits,
}

impl Reminder {
    fn of(account: &Account, contacts: &Contacts) -> Option<Self> {
        if contacts.confirmed().next().is_none() {
            return Some(Self::NoWayBack);
        }
        let waits = contacts.phone.unconfirmed().is_some();
        (account.kind == PersonKind::Guardian && waits).then_some(Self::PhoneWaits)
    }
}

/// The addresses that the page leads to.
#[derive(Debug, Serialize)]
struct Ways {
    password: String,
    choose_password: String,
    email: String,
    phone: String,
    passkeys: String,
    two_steps: String,
    sessions: String,
    services: String,
    history: String,
    data: String,
    language: String,
    sign_out: String,
}

impl Ways {
    fn new() -> Self {
        Self {
            password: ChangePassword.path().into_owned(),
            choose_password: ChoosePassword.path().into_owned(),
            email: ChangeEmail.path().into_owned(),
            phone: ChangePhone.path().into_owned(),
            passkeys: Passkeys.path().into_owned(),
            two_steps: SecondFactor.path().into_owned(),
            sessions: Sessions.path().into_owned(),
            services: Services.path().into_owned(),
            history: History.path().into_owned(),
            data: MyData.path().into_owned(),
            language: Language.path().into_owned(),
            sign_out: SignOut.path().into_owned(),
        }
    }
}

/// A language that messages can be in.
#[derive(Debug, Serialize)]
struct Choice {
    tag: &'static str,
    name: &'static str,
    chosen: bool,
}

/// The context of `self-service/account.html`.
#[derive(Debug, Serialize)]
struct AccountPage {
    person: String,
    identifier: String,
    guardian: bool,
    has_password: bool,
    may_choose_password: bool,
    two_steps: TwoSteps,
    passkeys: Option<u64>,
    email: ContactLine,
    phone: ContactLine,
    upstreams: Vec<Line>,
    languages: Vec<Choice>,
    reminder: Option<Reminder>,
    done: Option<Told>,
    portal: Option<Url>,
    requests: Vec<RequestLine>,
    ways: Ways,
}

impl AccountPage {
    fn of(account: &Account, contacts: &Contacts) -> Self {
        Self {
            person: account.name.full(),
            identifier: account.identifier.to_string(),
            guardian: account.kind == PersonKind::Guardian,
            has_password: account.password == PasswordState::Chosen,
            may_choose_password: false,
            two_steps: TwoSteps::Off,
            passkeys: None,
            email: ContactLine::of(&contacts.email),
            phone: ContactLine::of(&contacts.phone),
            upstreams: Vec::new(),
            languages: languages(&account.locale),
            reminder: Reminder::of(account, contacts),
            done: None,
            portal: None,
            requests: Vec::new(),
            ways: Ways::new(),
        }
    }
}

fn languages(chosen: &str) -> Vec<Choice> {
    let choice = |locale: Locale| Choice {
        tag: locale.tag(),
        name: locale.own_name(),
        chosen: locale.tag() == chosen,
    };
    Locale::ALL.into_iter().map(choice).collect()
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "self-service/account.html";

    fn samples() -> Vec<Self> {
        let long = "marie-charlotte.delatourdauvergnelauraguais@messagerie.example.org";
        let pupil = Self {
            person: "Léo MARTIN".into(),
            identifier: "l.martin3".into(),
            guardian: false,
            has_password: true,
            may_choose_password: false,
            two_steps: TwoSteps::Off,
            passkeys: Some(0),
            email: ContactLine::default(),
            phone: ContactLine::default(),
            upstreams: Vec::new(),
            languages: languages("fr"),
            reminder: Some(Reminder::NoWayBack),
            done: None,
            portal: None,
            requests: Vec::new(),
            ways: Ways::new(),
        };
        let guardian = |done: Option<Done>| Self {
            person: "Marie-Charlotte de La Tour d’Auvergne-Lauraguais".into(),
            identifier: "m.delatourdauvergnelauraguais1".into(),
            guardian: true,
            has_password: done.is_some(),
            may_choose_password: done.is_none(),
            two_steps: done.map_or(TwoSteps::Off, |_| TwoSteps::On),
            passkeys: done.map(|_| 2),
            email: ContactLine {
                current: Some(long.into()),
                confirmed: done.is_some(),
                pending: done.map(|_| long.into()),
            },
            phone: ContactLine {
                pending: Some("+33639980001".into()),
                ..ContactLine::default()
            },
            upstreams: vec![Line::sample(done.is_some())],
            languages: languages("en"),
            reminder: Some(Reminder::PhoneWaits),
            done: done.map(Done::told),
            portal: Url::parse("http://localhost:8081/").ok(),
            requests: vec![RequestLine::sample()],
            ways: Ways::new(),
        };
        let told = Done::ALL.map(|done| guardian(Some(done)));
        [pupil, guardian(None)].into_iter().chain(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<AccountPage>();
    }
}
