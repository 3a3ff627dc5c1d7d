//! « Ajouter des élèves depuis un autre compte »: an account that has no password is proven
//! through FranceConnect, as at its own sign-in, and grouped like any other.

use tests::{
    Answer, Person, Service, Visitor, form::Form, france_connect::FranceConnect, service::texts,
};

const SEARCH: &str = "/compte/enfants/ajouter";
const CLAIRE: &str = "claire-martin";

/// Claire signed in with her password to `c.martin1`; FranceConnect opens her other account.
async fn two_accounts() -> (Service, FranceConnect, Visitor) {
    let (service, fc) = Box::pin(FranceConnect::with_service()).await;
    let changes = [
        "update account set state = 'active', password_state = 'absent', password_hash = null, \
         password_set_at = null where identifier = 'c.martin2'",
        "update bond set account_id = (select id from account where identifier = 'c.martin2') \
         where account_id = (select id from account where identifier = 'c.martin1')",
    ];
    for change in changes {
        assert_eq!(service.sql(change).await, 1, "{change}");
    }
    let claire = Box::pin(service.at_account(Person::CLAIRE)).await;
    (service, fc, claire)
}

/// The address with which the browser comes back that asked for the proof.
async fn comes_back(visitor: &mut Visitor, fc: &FranceConnect, citizen: &str) -> String {
    let page = visitor.browser.open(SEARCH).await;
    let form = page.form("/ajouter/avec/franceconnect");
    let sent = visitor.browser.submit_only(&form).await;
    let there = sent.location().expect("sent on").to_string();
    fc.answers(&mut fc.browser(), &there, citizen).await
}

async fn proves(visitor: &mut Visitor, fc: &FranceConnect, citizen: &str) -> Answer {
    let back = comes_back(visitor, fc, citizen).await;
    visitor.browser.open(&back).await
}

fn confirmation(page: &Answer) -> Form {
    let forms = Form::all(&page.text());
    let form = forms
        .into_iter()
        .find(|form| form.action.starts_with("/compte/enfants/ajouter/"));
    form.unwrap_or_else(|| panic!("nothing to confirm in {}", page.summary()))
}

async fn states(service: &Service) -> Vec<String> {
    let statement = "select identifier, state from account where identifier like 'c.martin%' order \
                     by identifier";
    texts(service.database.reader(), statement, "state").await
}

#[tokio::test]
async fn an_account_without_password_is_proven_and_grouped() {
    let (service, fc, mut claire) = two_accounts().await;
    let recapitulation = proves(&mut claire, &fc, CLAIRE).await;
    assert!(
        recapitulation.text().contains("Zoé"),
        "{}",
        recapitulation.summary()
    );
    assert_eq!(states(&service).await, ["active", "active"], "nothing yet");
    // The session stayed what it was: nobody was signed in, and no level reached.
    let portal = service.portal();
    let callback = claire.follows(&portal.request()).await;
    let tokens = portal.tokens(&callback).await;
    assert_eq!(tokens.id_claims()["acr"], "urn:preau:acr:password");
    let done = claire.browser.submit(&confirmation(&recapitulation)).await;
    assert!(done.text().contains("Zoé") && done.text().contains("Léo"));
    assert_eq!(states(&service).await, ["active", "merged"]);
    // Its bond moved: FranceConnect opens the account that was kept.
    let mut again = service.visitor(Person::NOBODY);
    let request = portal.request();
    let answer = again.identifies_as(&fc, &request, CLAIRE).await;
    let tokens = portal.tokens(&request.callback(&answer)).await;
    let told = portal.userinfo(&tokens.access).await.json();
    assert_eq!(told["children"].as_array().unwrap().len(), 2);
    // The proof is good once.
    let late = claire.browser.submit(&confirmation(&recapitulation)).await;
    assert_eq!(late.status, 410);
}

/// One page for all that stands in the way, and the reason in the audit trail.
#[tokio::test]
async fn nobody_else_s_identity_proves_anything() {
    let (service, fc, mut claire) = two_accounts().await;
    // Another guardian's account, an identity that opens nothing, one that must not enter.
    for (citizen, change, reason) in [
        ("francois-petit", "", "not_grouped"),
        ("inconnu-sanslien", "", "unknown"),
        ("paul-durand", "", "unknown"),
        (
            CLAIRE,
            "insert into second_factor (account_id, first_at, sealed_totp, totp_step, totp_at) \
             select id, 1, 'x', 1, 1 from account where identifier = 'c.martin2'",
            "second_factor",
        ),
        (
            CLAIRE,
            "update account set state = 'suspended' where identifier = 'c.martin2'",
            "not_admitted",
        ),
        (
            CLAIRE,
            "update bond set account_id = (select id from account where identifier = 'l.martin3') \
             where subject like '8224%'",
            "not_admitted",
        ),
        (
            CLAIRE,
            "update bond set account_id = (select id from account where identifier = 'c.martin1') \
             where subject like '8224%'",
            "not_grouped",
        ),
    ] {
        if !change.is_empty() {
            assert_eq!(service.sql(change).await, 1, "{change}");
        }
        let refused = proves(&mut claire, &fc, citizen).await;
        assert_eq!(refused.status, 409, "{citizen}: {}", refused.summary());
        assert!(refused.text().contains("amont-sans-compte"));
        let reasons = service.upstream_refusals().await;
        assert_eq!(
            reasons.last().map(String::as_str),
            Some(reason),
            "{citizen}"
        );
    }
    assert_eq!(states(&service).await[0], "active");
}

#[tokio::test]
async fn an_answer_is_for_the_browser_and_the_session_that_asked_once() {
    let (service, fc, mut claire) = two_accounts().await;
    let back = comes_back(&mut claire, &fc, CLAIRE).await;
    let mut mallory = service.at_account(Person::NADIA).await;
    assert_eq!(mallory.browser.open(&back).await.status, 400);
    // The same account in a session of its own: the answer is not for that one.
    let mut other = claire.clone();
    let out = other.browser.open("/deconnexion").await;
    other.browser.submit(&out.form("/deconnexion")).await;
    let page = other.browser.open("/compte").await;
    other.types_password(&page).await;
    let late = other.browser.open(&back).await;
    assert!(late.status >= 400, "{}", late.summary());
    assert_eq!(states(&service).await, ["active", "active"]);

    let mut claire = service.at_account(Person::CLAIRE).await;
    let back = comes_back(&mut claire, &fc, CLAIRE).await;
    let page = claire.browser.open(&back).await;
    assert_eq!(claire.browser.open(&back).await.status, 400, "good once");
    // The proof that it gave is for this session alone.
    let mut stolen = service.at_account(Person::CLAIRE).await;
    assert_eq!(stolen.browser.open(&page.url).await.status, 410);
    let mut nadia = service.at_account(Person::NADIA).await;
    assert_eq!(nadia.browser.open(&page.url).await.status, 410);
}

#[tokio::test]
async fn it_is_offered_to_guardians_where_it_is_configured() {
    let (service, _fc) = FranceConnect::with_service().await;
    let mut leo = service.at_account(Person::LEO).await;
    assert_eq!(leo.browser.open(SEARCH).await.status, 404);
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = claire.browser.open(SEARCH).await;
    assert!(!page.text().contains("/ajouter/avec/"));
    let mut forged = confirmation_of_search(&page);
    forged.action = format!("{SEARCH}/avec/franceconnect");
    assert_eq!(claire.browser.submit(&forged).await.status, 404);
}

fn confirmation_of_search(page: &Answer) -> Form {
    let forms = Form::all(&page.text());
    let form = forms.into_iter().find(|form| form.action == SEARCH);
    form.expect("the search")
}
