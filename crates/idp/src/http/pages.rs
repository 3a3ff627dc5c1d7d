//! Pages that several endpoints show: what went wrong, and the way on.

use axum::http::StatusCode;
use domain::{account::PersonKind, client::Registration, secret::Token};
use serde::{Deserialize, Serialize};
use url::Url;
use web::{Link, Page, PageError, Route, TextKey, headers::Policy};

use super::{
    routes::{Abandon, Account, OtherPerson},
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    flow::Step,
    protocol::refusal::Unproven,
    transactions::{Absent, Destination, Transaction, Waiting},
};

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Opens a transaction that waits, or gives the page that leads on.
///
/// # Errors
/// That page.
pub async fn open(app: &App, visit: &Visit, name: &str) -> Result<Step, PageError> {
    let found = app.transactions.find(name, visit.browser.as_ref()).await;
    match found.map_err(unavailable)? {
        Ok(waiting) => claimed(app, visit, waiting, name).await,
        Err(Absent::Unknown) => Err(expired()),
        Err(Absent::Ended(transaction)) => Err(ended(app, &transaction)),
        Err(Absent::OtherBrowser(transaction)) => Err(other_browser(app, &transaction)),
    }
}

/// Shows for which service the person signs in, in its language.
pub fn show_service(app: &App, visit: &Visit, transaction: &Transaction) {
    let Destination::Client(request) = &transaction.destination else {
        return;
    };
    if let Some(client) = app.clients.find(&request.client_id) {
        visit.view.set_service(&client.registration.client_name);
        visit.view.prefer_locales(&request.ui_locales.join(" "));
    }
}

/// Gives a posted request, which came without cookies, to the first browser that comes
/// back with it. Where another came first, it has become that one's.
async fn claimed(
    app: &App,
    visit: &Visit,
    waiting: Waiting,
    name: &str,
) -> Result<Step, PageError> {
    let Waiting {
        mut transaction,
        mut version,
    } = waiting;
    let name = Token::parse(name);
    if let (true, Some(token)) = (transaction.is_unclaimed(), &name) {
        transaction.claim(&visit.view.browser());
        let replaced = app.transactions.replace(token, version, &transaction).await;
        if !replaced.map_err(unavailable)? {
            return Err(other_browser(app, &transaction));
        }
        version += 1;
    }
    Ok(Step {
        transaction,
        name,
        version,
    })
}

/// The time of a sign-in is over, or it never was.
fn expired() -> PageError {
    let title = TextKey::new("idp-expired-title");
    let text = TextKey::new("idp-expired-text");
    PageError::new(StatusCode::GONE, "connexion-perimee", title, text)
        .question("toujours-la-connexion")
        .way_on(to_account())
}

/// The transaction has led where it was to lead: somebody went back, or had two tabs.
pub(crate) fn ended(app: &App, transaction: &Transaction) -> PageError {
    let title = TextKey::new("idp-ended-title");
    let text = TextKey::new("idp-ended-text");
    let error = PageError::new(StatusCode::GONE, "connexion-terminee", title, text)
        .question("toujours-la-connexion");
    with_way_back(app, transaction, error)
}

/// The cookie of the browser that began is not there.
fn other_browser(app: &App, transaction: &Transaction) -> PageError {
    let title = TextKey::new("idp-other-browser-title");
    let text = TextKey::new("idp-other-browser-text");
    let error = PageError::new(StatusCode::FORBIDDEN, "autre-navigateur", title, text)
        .question("toujours-la-connexion");
    with_way_back(app, transaction, error)
}

/// A page of ours is for another account than the one that signed in for it.
pub(crate) fn other_account(path: String) -> PageError {
    let title = TextKey::new("idp-other-account-title");
    let text = TextKey::new("idp-other-account-text");
    PageError::new(StatusCode::FORBIDDEN, "autre-compte", title, text)
        .way_on(Link::new(TextKey::new("idp-other-account"), path))
}

/// The page asks for a second factor, which the person who signed in for it has not.
pub(crate) fn factor_missing() -> PageError {
    let title = TextKey::new("factor-missing-title");
    let text = TextKey::new("factor-missing-text");
    PageError::new(StatusCode::FORBIDDEN, "second-facteur-absent", title, text).way_on(to_account())
}

/// The account must have a second factor, and its own was removed.
pub(crate) fn factor_ended() -> PageError {
    let title = TextKey::new("factor-ended-title");
    let text = TextKey::new("factor-ended-text");
    PageError::new(StatusCode::FORBIDDEN, "second-facteur-retire", title, text).way_on(to_account())
}

/// The client was disabled or deleted while the person was signing in.
pub(crate) fn service_gone() -> PageError {
    let title = TextKey::new("idp-service-gone-title");
    let text = TextKey::new("idp-service-gone-text");
    PageError::new(StatusCode::FORBIDDEN, "service-ferme", title, text).way_on(to_account())
}

/// A request that cannot be answered to anybody but the person: in plain words to them,
/// with a line for who integrates the service.
pub(super) fn unproven(fault: &Unproven) -> PageError {
    tracing::info!(
        ?fault,
        "an authorization request without a proven redirect URI"
    );
    let title = TextKey::new("idp-unproven-title");
    let text = TextKey::new("idp-unproven-text");
    PageError::new(StatusCode::BAD_REQUEST, "service-mal-regle", title, text)
        .detail(fault.to_string())
        .way_on(to_account())
}

/// A request to the authorization endpoint in another form than a form.
pub(super) fn not_a_form() -> PageError {
    let title = TextKey::new("idp-unproven-title");
    let text = TextKey::new("idp-unproven-text");
    PageError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "format", title, text)
        .detail("the body must be application/x-www-form-urlencoded")
}

fn with_way_back(app: &App, transaction: &Transaction, error: PageError) -> PageError {
    match home_of(app, transaction) {
        Some((name, home)) => error.value("service", name).way_on(Link::new(
            TextKey::new("idp-back-to-service"),
            home.to_string(),
        )),
        None => error.value("service", "Préau").way_on(to_account()),
    }
}

fn home_of(app: &App, transaction: &Transaction) -> Option<(String, Url)> {
    let Destination::Client(request) = &transaction.destination else {
        return None;
    };
    let client = app.clients.find(&request.client_id)?;
    let home = client.registration.home()?;
    Some((client.registration.client_name.clone(), home))
}

fn to_account() -> Link {
    Link::new(TextKey::new("idp-to-account"), Account.path())
}

/// Buttons of a page that stands between a person and a service.
#[derive(Debug, Serialize)]
struct Buttons {
    abandon: String,
    other_person: String,
}

impl Buttons {
    fn of(name: &Token) -> Self {
        let name = name.expose();
        Self {
            abandon: Abandon { transaction: &name }.path().into_owned(),
            other_person: OtherPerson { transaction: &name }.path().into_owned(),
        }
    }
}

/// The person who is signed in is not of a kind that the service takes.
#[derive(Debug, Serialize)]
pub(crate) struct WrongPersonPage {
    service: String,
    wanted: Vec<TextKey>,
    /// Whether it is the school that the service is not for.
    other_schools: bool,
    buttons: Buttons,
}

impl WrongPersonPage {
    pub(crate) fn new(registration: &Registration, name: &Token) -> Self {
        Self {
            service: registration.client_name.clone(),
            wanted: registration
                .person_kinds
                .iter()
                .copied()
                .map(kind_text)
                .collect(),
            other_schools: false,
            buttons: Buttons::of(name),
        }
    }

    pub(crate) fn of_other_schools(registration: &Registration, name: &Token) -> Self {
        Self {
            other_schools: true,
            ..Self::new(registration, name)
        }
    }
}

fn kind_text(kind: PersonKind) -> TextKey {
    match kind {
        PersonKind::Pupil => TextKey::new("idp-kind-pupil"),
        PersonKind::Guardian => TextKey::new("idp-kind-guardian"),
        PersonKind::Officer => TextKey::new("idp-kind-officer"),
        PersonKind::Administrator => TextKey::new("idp-kind-administrator"),
    }
}

impl Page for WrongPersonPage {
    const TEMPLATE: &'static str = "idp/wrong_person.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("mauvais-compte");

    fn samples() -> Vec<Self> {
        let kind = Self {
            service: "Mes démarches".into(),
            wanted: vec![
                kind_text(PersonKind::Guardian),
                kind_text(PersonKind::Officer),
            ],
            other_schools: false,
            buttons: Buttons::of(&Token::from_bytes([7; 32])),
        };
        let schools = Self {
            service: "ENT de la ville".into(),
            wanted: Vec::new(),
            other_schools: true,
            buttons: Buttons::of(&Token::from_bytes([7; 32])),
        };
        vec![kind, schools]
    }
}

/// The person is a pupil under fifteen, and the service may not sign them in.
#[derive(Debug, Serialize)]
pub(crate) struct UnderAgePage {
    service: String,
    buttons: Buttons,
}

impl UnderAgePage {
    pub(crate) fn new(registration: &Registration, name: &Token) -> Self {
        Self {
            service: registration.client_name.clone(),
            buttons: Buttons::of(name),
        }
    }
}

impl Page for UnderAgePage {
    const TEMPLATE: &'static str = "idp/under_age.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("donnees-transmises");

    fn samples() -> Vec<Self> {
        vec![Self {
            service: "Jeux de calcul".into(),
            buttons: Buttons::of(&Token::from_bytes([7; 32])),
        }]
    }
}

#[cfg(test)]
mod tests {
    use web::testing::assert_renders;

    use super::*;

    #[test]
    fn the_pages_render() {
        assert_renders::<WrongPersonPage>();
        assert_renders::<UnderAgePage>();
    }
}
