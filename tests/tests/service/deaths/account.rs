//! Deaths under « Mon compte »: grouping, a new address, a new number, a reported link.

use serde_json::Value;
use tests::{Person, Service, Tokens, Visitor, france_connect::FranceConnect};

use super::{Journey, Walk, column, contacts, dies_at_every_write, events, form, written};
use crate::lost::{code, link};

const SEARCH: &str = "/compte/enfants/ajouter";
const CLAIRES: &str = "claire.martin@example.org";

/// Claire at « Mon compte », with tokens of a service that tell what others learn.
async fn claire(service: &Service) -> (Tokens, Visitor) {
    let mut claire = service.at_account(Person::CLAIRE).await;
    let tokens = claire.signs_in_at(&service.portal()).await;
    (tokens, claire)
}

async fn told(service: &Service, tokens: &Tokens) -> Value {
    service.portal().userinfo(&tokens.access).await.json()
}

async fn children(service: &Service, tokens: &Tokens) -> String {
    let told = told(service, tokens).await;
    let all = told["children"].as_array().cloned().unwrap_or_default();
    let names = all.iter().map(|child| child["given_name"].to_string());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names.join(" ")
}

struct Grouping(Tokens);

impl Journey for Grouping {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let (tokens, claire) = claire(service).await;
        (Self(tokens), claire)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        walk.opens(SEARCH).await;
        let fields = [
            ("identifiant", Person::OTHER_CLAIRE.identifier),
            ("mot-de-passe", Person::OTHER_CLAIRE.password),
        ];
        walk.sends(form(&walk.page, SEARCH), &fields).await;
        walk.sends(form(&walk.page, "/compte/enfants/"), &[]).await;
        // Pressed again after it was done, the button says that it was.
        assert!([200, 410].contains(&walk.page.status));
        let home = walk.opens("/compte/enfants").await;
        assert!(home.text().contains("Zoé"), "{}", home.summary());
    }

    async fn sees(&self, service: &Service) -> String {
        let other = "select state as it from account where identifier = 'c.martin2'";
        let rows = "select cast(count(*) as text) as it from account_grouping";
        format!(
            "children {}, other {}, groupings {} {}, told {}",
            children(service, &self.0).await,
            column(service, other).await,
            column(service, rows).await,
            events(service, "account.grouped").await,
            written(service, "accounts_grouped").await,
        )
    }
}

#[tokio::test]
async fn a_grouping_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<Grouping>()).await;
}

struct NewAddress(Tokens);

const ADDRESS: &str = "nouvelle@example.net";

impl Journey for NewAddress {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let (tokens, claire) = claire(service).await;
        (Self(tokens), claire)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        walk.opens("/compte/email").await;
        let fields = [("email", ADDRESS), ("confirmation-email", ADDRESS)];
        let wish = form(&walk.page, "/compte/email");
        let to_new = walk.asks(wish, &fields, |mail| mail.to == ADDRESS).await;
        walk.opens(&link(&to_new)).await;
        let recapitulation = form(&walk.page, "/compte/email/confirmation/");
        walk.sends(recapitulation, &[]).await;
        assert!([200, 410].contains(&walk.page.status));
    }

    async fn sees(&self, service: &Service) -> String {
        format!(
            "{}; services learn {}; confirmed {}, told {}",
            contacts(service, "c.martin1").await,
            told(service, &self.0).await["email"],
            events(service, "contact.confirmed").await,
            written(service, "account_changed").await,
        )
    }
}

#[tokio::test]
async fn a_change_of_address_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<NewAddress>()).await;
}

struct CancelledAddress(Tokens);

impl Journey for CancelledAddress {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let (tokens, claire) = claire(service).await;
        (Self(tokens), claire)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        walk.opens("/compte/email").await;
        let fields = [("email", ADDRESS), ("confirmation-email", ADDRESS)];
        let wish = form(&walk.page, "/compte/email");
        let to_old = walk.asks(wish, &fields, |mail| mail.to == CLAIRES).await;
        walk.opens(&link(&to_old)).await;
        let cancellation = form(&walk.page, "/compte/email/annulation");
        walk.sends(cancellation, &[]).await;
        assert!([200, 410].contains(&walk.page.status));
    }

    async fn sees(&self, service: &Service) -> String {
        let stands = service.portal().userinfo(&self.0.access).await.status == 200;
        format!(
            "{}; sessions stand {stands}; cancelled {}",
            contacts(service, "c.martin1").await,
            events(service, "contact.cancelled").await,
        )
    }
}

#[tokio::test]
async fn taking_a_change_of_address_back_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<CancelledAddress>()).await;
}

struct NewNumber(Tokens);

const NUMBER: &str = "+33639980002";

impl Journey for NewNumber {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let (tokens, claire) = claire(service).await;
        (Self(tokens), claire)
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        walk.opens("/compte/telephone").await;
        let wish = form(&walk.page, "/compte/telephone");
        let sms = walk
            .asks(wish, &[("telephone", NUMBER)], |sms| sms.to == NUMBER)
            .await;
        if !walk.page.text().contains("name=\"code\"") {
            // The number waits: its page leads to the code.
            walk.opens("/compte/telephone").await;
        }
        let page = form(&walk.page, "/compte/telephone/");
        walk.sends(page, &[("code", &code(&sms))]).await;
    }

    async fn sees(&self, service: &Service) -> String {
        format!(
            "{}; services learn {}; confirmed {}, told {}",
            contacts(service, "c.martin1").await,
            told(service, &self.0).await["phone_number"],
            events(service, "contact.confirmed").await,
            written(service, "account_changed").await,
        )
    }
}

#[tokio::test]
async fn a_change_of_number_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<NewNumber>()).await;
}
