//! Whoever FranceConnect knows, and whose active account is not bound to it, binds it by a
//! code at one of its confirmed contacts (product.md, Activation): never a match alone.

use tests::{
    Answer, Person, Request, Service, Visitor, france_connect::FranceConnect, service::texts,
};

use crate::lost::{code, messages, other_than, settle, types_code};

const CLAIRE: &str = "claire-martin";

/// Somebody who came from FranceConnect and was turned away.
struct Stranger {
    visitor: Visitor,
    request: Request,
    page: Answer,
}

impl Stranger {
    async fn comes(service: &Service, fc: &FranceConnect, citizen: &str) -> Self {
        let mut visitor = service.visitor(Person::NOBODY);
        let request = service.portal().request();
        let page = visitor.identifies_as(fc, &request, citizen).await;
        assert_eq!(page.status, 403, "{}", page.summary());
        Self {
            visitor,
            request,
            page,
        }
    }

    fn link(&self) -> String {
        let text = self.page.text();
        let link = text.split("href=\"/relier/").nth(1).expect("a link");
        format!("/relier/{}", link.split('"').next().unwrap())
    }

    /// Names an account, and where its code goes.
    async fn asks(&mut self, identifier: &str, choice: &str) -> Answer {
        let page = self.visitor.browser.open(&self.link()).await;
        let form = page.form_with("identifiant");
        let form = form.with("identifiant", identifier).with("choix", choice);
        self.visitor.browser.submit(&form).await
    }

    async fn types(&mut self, page: &Answer, code: &str) -> Answer {
        types_code(&mut self.visitor.browser, page, code).await
    }
}

/// Claire's account, which FranceConnect does not open yet.
async fn unbound() -> (Service, FranceConnect) {
    let (service, fc) = Box::pin(FranceConnect::with_service()).await;
    service.sql("delete from bond").await;
    (service, fc)
}

async fn bonds(service: &Service) -> Vec<String> {
    let statement = "select account.identifier from bond join account on account.id = \
                     bond.account_id order by account.identifier";
    texts(service.database.reader(), statement, "identifier").await
}

#[tokio::test]
async fn a_code_at_a_confirmed_contact_binds_and_signs_in() {
    for (choice, to) in [
        ("email", "claire.martin@example.org"),
        ("sms", "+33639980001"),
    ] {
        let (service, fc) = unbound().await;
        let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
        let page = claire.asks("C.Martin1", choice).await;
        let sent = messages(&service, 1).await.remove(0);
        assert_eq!(sent.to, to);
        assert!(bonds(&service).await.is_empty(), "nothing yet");
        let answer = claire.types(&page, &code(&sent)).await;
        let tokens = service
            .portal()
            .tokens(&claire.request.callback(&answer))
            .await;
        assert_eq!(tokens.id_claims()["acr"], "eidas1");
        assert_eq!(bonds(&service).await, ["c.martin1"]);
        // Every confirmed contact is told, with the way to take it back.
        let told = messages(&service, 3).await;
        let told = told
            .iter()
            .filter(|message| message.text.contains("/ce-n-est-pas-moi"));
        assert_eq!(told.count(), 2, "{choice}");
        // From then on FranceConnect alone is enough.
        let mut again = service.visitor(Person::NOBODY);
        let request = service.portal().request();
        let answer = again.identifies_as(&fc, &request, CLAIRE).await;
        assert_eq!(request.callback(&answer).error(), "");
    }
}

/// Whoever is named, the pages are the same, and nothing is sent where the identity is not
/// the owner's.
#[tokio::test]
async fn nobody_learns_whether_the_account_is_theirs() {
    let (service, fc) = unbound().await;
    let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
    let seen = |page: &Answer| {
        let text = page.text();
        let main = text.split("<h1").nth(1).unwrap_or_default().to_owned();
        let parts = main.split(['"', '/']).filter(|part| part.len() < 40);
        (page.status, parts.collect::<String>())
    };
    let own = claire.asks("c.martin1", "email").await;
    let expected = seen(&own);
    messages(&service, 1).await;
    for other in [
        "l.martin3",
        "n.dubois5",
        "c.martin2",
        "ecole.college",
        "x.inconnu9",
        "%",
    ] {
        let page = claire.asks(other, "email").await;
        assert_eq!(seen(&page), expected, "{other}");
        let wrong = claire.types(&page, "12345678").await;
        assert_eq!(wrong.status, 422, "{other}");
    }
    assert_eq!(settle(&service).await.len(), 1, "one code, to the owner");
    // A namesake of another birth date is somebody else.
    service
        .sql("update account set birth_date = '1979-03-22' where identifier = 'c.martin1'")
        .await;
    claire.asks("c.martin1", "email").await;
    assert_eq!(settle(&service).await.len(), 1);
    assert!(bonds(&service).await.is_empty());
}

#[tokio::test]
async fn neither_identity_nor_code_works_in_another_browser() {
    let (service, fc) = unbound().await;
    let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
    let page = claire.asks("c.martin1", "email").await;
    let right = code(&messages(&service, 1).await[0]);
    let mut mallory = service.visitor(Person::NOBODY);
    mallory.browser.open("/compte").await;
    for path in [claire.link(), page.url.clone()] {
        let answer = mallory.browser.open(&path).await;
        assert_eq!(answer.status, 410, "{path}: {}", answer.summary());
    }
    // Mallory's own identity with the code that Claire was sent.
    let mut other = Stranger::comes(&service, &fc, "inconnu-sanslien").await;
    let others = other.asks("c.martin1", "email").await;
    assert_eq!(other.types(&others, &right).await.status, 422);
    assert!(bonds(&service).await.is_empty());
    let answer = claire.types(&page, &right).await;
    assert_eq!(claire.request.callback(&answer).error(), "");
}

#[tokio::test]
async fn five_wrong_codes_end_it_and_a_right_one_is_good_once() {
    let (service, fc) = unbound().await;
    let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
    let page = claire.asks("c.martin1", "sms").await;
    let right = code(&messages(&service, 1).await[0]);
    for _ in 0..5 {
        assert_eq!(claire.types(&page, &other_than(&right)).await.status, 422);
    }
    assert_eq!(claire.types(&page, &right).await.status, 422, "too late");
    let resent = page.form("/renvoi");
    let page = claire.visitor.browser.submit(&resent).await;
    let sent = messages(&service, 2).await;
    let second = code(&sent[1]);
    let answer = claire.types(&page, &second).await;
    assert_eq!(claire.request.callback(&answer).error(), "");
    let form = page.form_with("code").with("code", &second);
    let late = claire.visitor.browser.submit(&form).await;
    assert_eq!(late.status, 410, "{}", late.summary());
    assert_eq!(bonds(&service).await, ["c.martin1"]);
}

/// A civil status that changed gives a new subject: the bond follows its owner so alone.
#[tokio::test]
async fn a_new_subject_takes_the_place_of_the_old_one() {
    let (service, fc) = FranceConnect::with_service().await;
    let changed = service
        .sql(
            "update bond set subject = 'ancien' where account_id = (select id from account where \
             identifier = 'c.martin1')",
        )
        .await;
    assert_eq!(changed, 1);
    let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
    let page = claire.asks("c.martin1", "email").await;
    let right = code(&messages(&service, 1).await[0]);
    let answer = claire.types(&page, &right).await;
    assert_eq!(claire.request.callback(&answer).error(), "");
    let old = "select subject from bond where subject = 'ancien'";
    assert!(
        texts(service.database.reader(), old, "subject")
            .await
            .is_empty()
    );
    assert_eq!(bonds(&service).await, ["c.martin1", "f.petit10"]);
}

/// A subject that opens another account stays there, whatever state that is in.
#[tokio::test]
async fn a_subject_that_opens_another_account_is_not_moved() {
    let (service, fc) = FranceConnect::with_service().await;
    service
        .sql(
            "update bond set account_id = (select id from account where identifier = 'c.martin2') \
             where account_id = (select id from account where identifier = 'c.martin1')",
        )
        .await;
    let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
    let page = claire.asks("c.martin1", "email").await;
    let right = code(&messages(&service, 1).await[0]);
    assert_eq!(claire.types(&page, &right).await.status, 422);
    assert_eq!(bonds(&service).await, ["c.martin2", "f.petit10"]);
}

#[tokio::test]
async fn what_changed_since_the_code_was_sent_voids_it() {
    for change in [
        "update account set state = 'suspended' where identifier = 'c.martin1'",
        "update contact set state = 'unconfirmed', confirmed_at = null where channel = 'email' and \
         account_id = (select id from account where identifier = 'c.martin1')",
        "update account set birth_date = '1979-03-22' where identifier = 'c.martin1'",
    ] {
        let (service, fc) = unbound().await;
        let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
        let page = claire.asks("c.martin1", "email").await;
        let right = code(&messages(&service, 1).await[0]);
        assert_eq!(service.sql(change).await, 1, "{change}");
        assert_eq!(claire.types(&page, &right).await.status, 422, "{change}");
        assert!(bonds(&service).await.is_empty(), "{change}");
    }
}

#[tokio::test]
async fn an_identity_waits_for_35_minutes_and_a_code_for_30() {
    let (service, fc) = unbound().await;
    let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
    let page = claire.asks("c.martin1", "email").await;
    let right = code(&messages(&service, 1).await[0]);
    service.advance_seconds(30 * 60);
    assert_eq!(claire.types(&page, &right).await.status, 422);
    service.advance_seconds(5 * 60);
    assert_eq!(
        claire.visitor.browser.open(&claire.link()).await.status,
        410
    );
    assert!(bonds(&service).await.is_empty());
}

/// Whoever has a second factor is asked for it, whichever door they come through.
#[tokio::test]
async fn a_second_factor_comes_before_the_session() {
    let (service, fc) = unbound().await;
    let has_one = "insert into second_factor (account_id, first_at, sealed_totp, totp_step, totp_at) \
                   select id, 1, 'x', 1, 1 from account where identifier = 'c.martin1'";
    assert_eq!(service.sql(has_one).await, 1);
    let mut claire = Stranger::comes(&service, &fc, CLAIRE).await;
    let page = claire.asks("c.martin1", "email").await;
    let right = code(&messages(&service, 1).await[0]);
    let answer = claire.types(&page, &right).await;
    assert!(
        answer.text().contains("Code de vérification"),
        "{}",
        answer.summary()
    );
    assert!(claire.visitor.browser.cookie("session").is_none());
}
