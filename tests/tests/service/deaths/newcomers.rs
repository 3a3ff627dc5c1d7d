//! Deaths under an activation with a letter, and under a registration without one.

use tests::{
    Answer, Person, Request, Service, Visitor, form::Form, france_connect::FranceConnect,
    visitor::sign_in_form,
};

use super::{Journey, Walk, column, contacts, dies_at_every_write, events, form, form_to, written};
use crate::lost::code;

const NEW: &str = "girafe violon couloir";
const PASSWORDS: [(&str, &str); 2] = [
    ("nouveau-mot-de-passe", NEW),
    ("confirmation-mot-de-passe", NEW),
];
const ZOE: Person = Person {
    identifier: "z.martin4",
    password: "Prov-H3w8-t5Rn",
};

/// Signs in with the new password where the request waits, unless it has gone on already.
async fn arrives<J: Journey>(walk: &mut Walk<'_, J>, request: &Request, identifier: &str) {
    // A sign-in whose answer was lost has ended: its page leads back to the service, which
    // begins another.
    for _ in 0..2 {
        if walk.page.status != 303 {
            walk.opens(&request.url()).await;
        }
        if walk.page.is_sign_in() {
            let fields = [("identifiant", identifier), ("mot-de-passe", NEW)];
            walk.sends(sign_in_form(&walk.page), &fields).await;
        }
    }
    assert!(!request.callback(&walk.page).code().is_empty());
}

async fn account(service: &Service, identifier: &str) -> String {
    let statement = format!(
        "select state || ' ' || password_state as it from account where identifier = '{identifier}'"
    );
    format!(
        "{}; {}; activated {}",
        column(service, &statement).await,
        contacts(service, identifier).await,
        events(service, "account.activated").await,
    )
}

struct Letter(Request);

impl Letter {
    fn step(page: &Answer) -> Form {
        form(page, "/activation/")
    }
}

impl Journey for Letter {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        (Self(service.portal().request()), service.visitor(ZOE))
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let request = &walk.journey.0;
        walk.opens(&request.url()).await;
        let fields = [
            ("identifiant", ZOE.identifier),
            ("mot-de-passe", ZOE.password),
        ];
        walk.sends(sign_in_form(&walk.page), &fields).await;
        let date = [("date-de-naissance", "04/01/2014")];
        walk.sends(Self::step(&walk.page), &date).await;
        walk.sends(Self::step(&walk.page), &PASSWORDS).await;
        let address = "zoe.martin@example.org";
        let address = [("email", address), ("confirmation-email", address)];
        walk.sends(Self::step(&walk.page), &address).await;
        walk.sends(Self::step(&walk.page), &[]).await;
        arrives(walk, request, ZOE.identifier).await;
    }

    async fn sees(&self, service: &Service) -> String {
        let account = account(service, ZOE.identifier).await;
        let mails = written(service, "confirm_email").await;
        format!("{account}; mails {mails}")
    }
}

#[tokio::test]
async fn an_activation_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<Letter>()).await;
}

struct Registration(Request);

impl Registration {
    /// The code that came, and the page for it.
    async fn names_themselves(walk: &mut Walk<'_, Self>) -> String {
        walk.opens("/inscription").await;
        let fields = [
            ("nom", "Durand"),
            ("prenom", "paul"),
            ("telephone", "06 39 98 00 08"),
        ];
        let named = form(&walk.page, "/inscription");
        let is_code = |sms: &notify::transport::ReceivedMessage| sms.text.contains("code");
        code(&walk.asks(named, &fields, is_code).await)
    }
}

impl Journey for Registration {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let request = service.portal().request();
        (Self(request), service.visitor(Person::NOBODY))
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let sent = Self::names_themselves(walk).await;
        walk.sends(walk.page.form_with("code"), &[("code", &sent)])
            .await;
        if !walk.page.text().contains("date-de-naissance-1") {
            // The code was spent, and its answer lost: another is asked for.
            assert_eq!(walk.page.status, 422, "{}", walk.page.summary());
            let sent = Self::names_themselves(walk).await;
            walk.sends(walk.page.form_with("code"), &[("code", &sent)])
                .await;
        }
        let dates = [("date-de-naissance-1", "30/05/2018")];
        walk.sends(form(&walk.page, "/inscription/"), &dates).await;
        walk.sends(form(&walk.page, "/inscription/"), &PASSWORDS)
            .await;
        if let Some(last) = form_to(&walk.page, "/inscription/") {
            walk.sends(last, &[]).await;
        }
        let request = &walk.journey.0;
        arrives(walk, request, "p.durand8").await;
    }

    async fn sees(&self, service: &Service) -> String {
        let account = account(service, "p.durand8").await;
        let given = written(service, "identifier_given").await;
        format!("{account}; identifiers sent {given}")
    }
}

#[tokio::test]
async fn a_registration_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<Registration>()).await;
}
