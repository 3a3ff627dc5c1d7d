//! « Mon compte »: FranceConnect is linked to an account by who is signed in to it, and
//! taken away again.

use tests::{
    Answer, Person, Service, Visitor,
    form::Form,
    france_connect::FranceConnect,
    service::{eventually, texts},
};

const PAGE: &str = "/compte/fournisseurs/franceconnect";
const CLAIRE: &str = "claire-martin";

/// The address with which the browser comes back that asked for the link.
async fn comes_back(visitor: &mut Visitor, fc: &FranceConnect, citizen: &str) -> String {
    let page = visitor.browser.open(PAGE).await;
    let sent = visitor.browser.submit_only(&page.form("/liaison")).await;
    let there = sent.location().expect("sent on").to_string();
    fc.answers(&mut fc.browser(), &there, citizen).await
}

async fn links(visitor: &mut Visitor, fc: &FranceConnect, citizen: &str) -> Answer {
    let back = comes_back(visitor, fc, citizen).await;
    visitor.browser.open(&back).await
}

async fn bonds(service: &Service) -> Vec<String> {
    let statement = "select account.identifier from bond join account on account.id = \
                     bond.account_id order by account.identifier";
    texts(service.database.reader(), statement, "identifier").await
}

/// Claire with her password, whom FranceConnect does not know here yet.
async fn unbound() -> (Service, FranceConnect, Visitor) {
    let (service, fc) = Box::pin(FranceConnect::with_service()).await;
    service.sql("delete from bond").await;
    let claire = Box::pin(service.at_account(Person::CLAIRE)).await;
    (service, fc, claire)
}

#[tokio::test]
async fn whoever_is_signed_in_links_it_and_signs_in_with_it() {
    let (service, fc, mut claire) = unbound().await;
    let home = claire.browser.open("/compte").await;
    assert!(home.text().contains("Lier FranceConnect"));
    let done = links(&mut claire, &fc, CLAIRE).await;
    assert!(done.url.ends_with(PAGE), "{}", done.summary());
    assert!(done.text().contains("Ne plus utiliser FranceConnect"));
    assert_eq!(bonds(&service).await, ["c.martin1"]);
    let mut again = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    let answer = again.identifies_as(&fc, &request, CLAIRE).await;
    let tokens = service.portal().tokens(&request.callback(&answer)).await;
    assert_eq!(tokens.id_claims()["acr"], "eidas1");
}

#[tokio::test]
async fn a_link_is_told_to_the_owner_who_can_take_it_back() {
    let (service, fc, mut claire) = unbound().await;
    links(&mut claire, &fc, CLAIRE).await;
    let mail = "claire.martin@example.org";
    let arrived = || {
        let all = service.inbox.messages();
        all.into_iter().find(|message| message.to == mail)
    };
    eventually("the notice arrives", async || arrived().is_some()).await;
    let text = arrived().unwrap().text;
    assert!(text.contains("FranceConnect"), "{text}");
    let link = text.lines().find(|line| line.contains("/ce-n-est-pas-moi"));
    let mut owner = service.visitor(Person::CLAIRE);
    let page = owner.browser.open(link.unwrap().trim()).await;
    let form = Form::all(&page.text());
    let form = form
        .into_iter()
        .find(|form| form.action.contains("ce-n-est-pas-moi"))
        .unwrap_or_else(|| panic!("no form in {}", page.summary()));
    owner.browser.submit(&form).await;
    assert!(bonds(&service).await.is_empty());
}

/// Nobody links somebody else, and one page stands for all that hinders.
#[tokio::test]
async fn another_person_s_identity_is_not_bound() {
    let (service, fc, mut claire) = unbound().await;
    let other = links(&mut claire, &fc, "paul-durand").await;
    assert_eq!(other.status, 409, "{}", other.summary());
    assert!(other.text().contains("amont-autre-personne"));
    service
        .sql("update account set birth_date = '1979-03-22' where identifier = 'c.martin1'")
        .await;
    let younger = links(&mut claire, &fc, CLAIRE).await;
    assert!(younger.text().contains("amont-autre-personne"));
    assert_eq!(service.upstream_refusals().await, ["other_person"; 2]);
    assert!(bonds(&service).await.is_empty());
}

#[tokio::test]
async fn a_subject_that_opens_another_account_stays_there() {
    let (service, fc) = FranceConnect::with_service().await;
    service
        .sql(
            "update bond set account_id = (select id from account where identifier = 'c.martin2') \
             where account_id = (select id from account where identifier = 'c.martin1')",
        )
        .await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let refused = links(&mut claire, &fc, CLAIRE).await;
    assert!(refused.text().contains("amont-autre-personne"));
    assert_eq!(service.upstream_refusals().await, ["bound_elsewhere"]);
    assert_eq!(bonds(&service).await, ["c.martin2", "f.petit10"]);
}

/// security.md 4.4: an answer to another session's question binds nothing.
#[tokio::test]
async fn the_answer_is_for_the_session_that_asked() {
    let (service, fc, mut claire) = unbound().await;
    let back = comes_back(&mut claire, &fc, CLAIRE).await;
    let mut mallory = service.at_account(Person::NADIA).await;
    assert_eq!(mallory.browser.open(&back).await.status, 400);
    // The next person at the same computer.
    let out = claire.browser.open("/deconnexion").await;
    claire.browser.submit(&out.form("/deconnexion")).await;
    let page = claire.browser.open("/compte").await;
    let Person {
        identifier,
        password,
    } = Person::NADIA;
    claire.types(&page, identifier, password).await;
    let late = claire.browser.open(&back).await;
    assert!(late.status >= 400, "{}", late.summary());
    assert!(bonds(&service).await.is_empty());
}

#[tokio::test]
async fn it_can_be_taken_away_unless_it_is_the_last_way_in() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = claire.browser.open(PAGE).await;
    let form = page.form("/retrait");
    let home = claire.browser.submit(&form).await;
    assert!(
        home.text().contains("Lier FranceConnect"),
        "{}",
        home.summary()
    );
    assert_eq!(bonds(&service).await, ["f.petit10"]);

    let mut francois = service.visitor(Person::NOBODY);
    let page = francois.browser.open("/compte").await;
    let sent = francois.chooses_france_connect(&page).await;
    let there = sent.location().unwrap();
    let mut browser = fc.browser();
    let back = fc
        .answers(&mut browser, there.as_str(), "francois-petit")
        .await;
    francois.browser.open(&back).await;
    let page = francois.browser.open(PAGE).await;
    assert!(page.text().contains("votre seul moyen de connexion"));
    let own = francois.browser.open("/compte").await.form("/deconnexion");
    let mut forged = own;
    forged.action = format!("{PAGE}/retrait");
    assert_eq!(francois.browser.submit(&forged).await.status, 409);
    assert_eq!(bonds(&service).await, ["f.petit10"]);
}

#[tokio::test]
async fn pupils_and_services_without_it_have_no_such_page() {
    let (service, _fc) = FranceConnect::with_service().await;
    let mut leo = service.at_account(Person::LEO).await;
    assert_eq!(leo.browser.open(PAGE).await.status, 404);
    let home = leo.browser.open("/compte").await;
    assert!(!home.text().contains("FranceConnect"));
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    assert_eq!(claire.browser.open(PAGE).await.status, 404);
}
