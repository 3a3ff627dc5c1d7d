//! Deaths under a recovery of a password, by mail and by SMS, and under « Ce n'est pas moi ».

use tests::{Person, Service, Tokens, Visitor, france_connect::FranceConnect};

use super::{Journey, Walk, column, contacts, dies_at_every_write, events, form, form_to, written};
use crate::lost::{PASSWORD, code, link, opens, opens_link, sets};

const LOST: &str = "/mot-de-passe-perdu";
const MAIL: &str = "claire.martin@example.org";
const SMS: &str = "+33639980001";

/// What a recovery leaves: the account as others see it.
struct Before {
    tokens: Tokens,
    hash: String,
}

const HASH: &str = "select password_hash as it from account where identifier = 'c.martin1'";

impl Before {
    async fn of(service: &Service) -> Self {
        let mut claire = service.visitor(Person::CLAIRE);
        Self {
            tokens: claire.signs_in_at(&service.portal()).await,
            hash: column(service, HASH).await,
        }
    }

    async fn sees(&self, service: &Service) -> String {
        let stands = service.portal().userinfo(&self.tokens.access).await.status == 200;
        let same = column(service, HASH).await == self.hash;
        format!(
            "{}; the password of before {same}, its tokens {stands}; set {}, told {}",
            contacts(service, "c.martin1").await,
            events(service, "password.recovered").await,
            written(service, "account_changed").await,
        )
    }
}

/// The new password into the page at hand, and then a sign-in with it.
async fn chooses<J: Journey>(walk: &mut Walk<'_, J>) {
    let fields = [
        ("identifiant", "c.martin1"),
        ("nouveau-mot-de-passe", PASSWORD),
        ("confirmation-mot-de-passe", PASSWORD),
    ];
    let page = form(&walk.page, "/mot-de-passe/nouveau/");
    walk.sends(page, &fields).await;
    assert!(
        [200, 410].contains(&walk.page.status),
        "{}",
        walk.page.summary()
    );
    assert!(opens(walk.service, Person::CLAIRE, PASSWORD).await);
}

struct ByMail(Before);

impl Journey for ByMail {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let before = Before::of(service).await;
        (Self(before), service.visitor(Person::CLAIRE))
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        walk.opens(LOST).await;
        let fields = [("identifiant", "c.martin1"), ("choix", "email")];
        let asked = form(&walk.page, LOST);
        let mail = walk.asks(asked, &fields, |mail| mail.to == MAIL).await;
        walk.opens(&link(&mail)).await;
        chooses(walk).await;
    }

    async fn sees(&self, service: &Service) -> String {
        self.0.sees(service).await
    }
}

#[tokio::test]
async fn a_recovery_by_mail_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<ByMail>()).await;
}

struct BySms(Before);

impl BySms {
    /// From the identifier to the page for the code, with the code.
    async fn asks(walk: &mut Walk<'_, Self>) -> String {
        walk.opens(LOST).await;
        let fields = [("identifiant", "c.martin1"), ("choix", "sms")];
        let asked = form(&walk.page, LOST);
        code(&walk.asks(asked, &fields, |sms| sms.to == SMS).await)
    }
}

impl Journey for BySms {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let before = Before::of(service).await;
        (Self(before), service.visitor(Person::CLAIRE))
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let sent = Self::asks(walk).await;
        let page = walk.page.form_with("code");
        walk.sends(page, &[("code", &sent)]).await;
        if form_to(&walk.page, "/mot-de-passe/nouveau/").is_none() {
            // The code was spent, and its answer lost: whoever is left there asks for another.
            assert!([422, 410].contains(&walk.page.status));
            let sent = Self::asks(walk).await;
            let page = walk.page.form_with("code");
            walk.sends(page, &[("code", &sent)]).await;
        }
        chooses(walk).await;
    }

    async fn sees(&self, service: &Service) -> String {
        self.0.sees(service).await
    }
}

#[tokio::test]
async fn a_recovery_by_sms_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<BySms>()).await;
}

struct NotMe {
    before: Before,
    link: String,
}

impl Journey for NotMe {
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor) {
        let mut thief = service.browser();
        let page = opens_link(service, &mut thief, "c.martin1").await;
        sets(&mut thief, &page, "c.martin1", PASSWORD).await;
        let notice = crate::lost::messages(service, 3).await;
        let notice = notice.iter().rfind(|mail| mail.to == MAIL).unwrap();
        let stolen = Person {
            password: PASSWORD,
            ..Person::CLAIRE
        };
        let tokens = service.visitor(stolen).signs_in_at(&service.portal()).await;
        let before = Before {
            tokens,
            hash: column(service, HASH).await,
        };
        let link = link(notice);
        (Self { before, link }, service.visitor(Person::CLAIRE))
    }

    async fn goes(walk: &mut Walk<'_, Self>) {
        let link = walk.journey.link.clone();
        walk.opens(&link).await;
        let page = form(&walk.page, "/ce-n-est-pas-moi/");
        walk.sends(page, &[]).await;
        assert!(
            [200, 410].contains(&walk.page.status),
            "{}",
            walk.page.summary()
        );
        assert!(!opens(walk.service, Person::CLAIRE, PASSWORD).await);
    }

    async fn sees(&self, service: &Service) -> String {
        self.before.sees(service).await
    }
}

#[tokio::test]
async fn taking_an_account_back_survives_a_death_at_every_write() {
    Box::pin(dies_at_every_write::<NotMe>()).await;
}
