//! Accounts that are grouped and parted again by an officer: each opens by as much as before.

use domain::ids::AccountId;
use store::bonds::{self, BoundBy};
use tests::{Answer, Person, Service, Visitor, france_connect::FranceConnect};

use super::{
    appoint, at_console, does, does_checked, form_of, id_of,
    links::{children, claire_groups},
    odile, page_of, password_on, way_to_undo,
};
use crate::{
    passkeys::{by_passkey, has_session, with_passkey},
    second_factor::sets_up,
};

/// Claire's account of the lycée is the college's too, and her other one is in use.
pub(crate) async fn both_at_the_college(service: &Service) {
    let record = "update directory_record set school_uai = '0750002V' where source_key in \
                  ('R-0001', 'E-0001')";
    assert_eq!(service.sql(record).await, 2);
    service.set_state(Person::OTHER_CLAIRE, "active").await;
}

/// The officer groups Claire's account into her other one.
pub(crate) async fn groups(officer: &mut Visitor, service: &Service) {
    let way = format!("{}/regroupement", page_of(service, "c.martin2").await);
    let form = form_of(officer, &way).await;
    let form = form
        .with("identifiant", "c.martin1")
        .with("verifie-identity_paper", "oui");
    let page = officer.browser.submit(&form).await;
    assert!(page.url.contains("fait=regroupement"), "{}", page.summary());
}

async fn undoes(officer: &mut Visitor, service: &Service) {
    let kept = page_of(service, "c.martin2").await;
    let way = way_to_undo(officer, &kept).await;
    let done = does_checked(officer, &way).await;
    assert_eq!(done.status, 200, "{}", done.summary());
}

/// Claire after her password, at a new browser; the key of her application is known.
async fn after_the_password(service: &Service, key: Option<&String>) -> (Visitor, Answer) {
    let mut again = service.visitor(Person::CLAIRE);
    again.key = key.cloned();
    let page = again.browser.open("/compte").await;
    let asked = again.types_password(&page).await;
    (again, asked)
}

async fn types(visitor: &mut Visitor, page: &Answer, code: &str) -> Answer {
    let form = page.form_with("code").with("code", code);
    visitor.browser.submit(&form).await
}

/// Types a recovery code in the place of the application's.
async fn types_recovery_code(service: &Service, code: &str) -> Answer {
    let (mut visitor, asked) = after_the_password(service, None).await;
    let address = asked.url.replace("second-facteur", "code-de-secours");
    let page = visitor.browser.open(&address).await;
    types(&mut visitor, &page, code).await
}

fn assert_home(answer: &Answer) {
    assert!(answer.url.ends_with("/compte"), "{}", answer.summary());
}

#[tokio::test]
async fn a_grouping_that_is_undone_leaves_the_account_its_second_factor() {
    let service = Service::start().await;
    both_at_the_college(&service).await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    let codes = sets_up(&mut claire).await;
    service.advance_seconds(60);
    let mut odile = odile(&service).await;
    let (mut before, asked) = after_the_password(&service, claire.key.as_ref()).await;
    let code = before.code();
    assert_home(&types(&mut before, &asked, &code).await);
    assert_home(&types_recovery_code(&service, &codes[0]).await);

    groups(&mut odile, &service).await;
    let (browser, answer) = by_passkey(&service, &mut device).await;
    assert!(!has_session(&browser), "{}", answer.summary());
    undoes(&mut odile, &service).await;

    let (mut again, asked) = after_the_password(&service, claire.key.as_ref()).await;
    assert!(asked.is_second_factor(), "{}", asked.summary());
    assert!(!has_session(&again.browser));
    let replayed = types(&mut again, &asked, &code).await;
    assert_eq!(replayed.status, 422, "a code that was taken stays so");
    service.advance_seconds(30);
    assert_home(&again.types_code(&replayed).await);
    assert_eq!(types_recovery_code(&service, &codes[0]).await.status, 422);
    assert_home(&types_recovery_code(&service, &codes[1]).await);
    let (browser, answer) = by_passkey(&service, &mut device).await;
    assert!(has_session(&browser), "{}", answer.summary());
}

#[tokio::test]
async fn what_another_school_undoes_later_opens_by_the_last_password() {
    const OTHER: &str = "0750003W";
    let service = Service::start().await;
    let record = "update directory_record set account_id = \
                  (select id from account where identifier = 'c.martin2') \
                  where source_key = 'R-0201'";
    assert_eq!(service.sql(record).await, 1);
    let first = Person::OTHER_CLAIRE.password;
    claire_groups(&service, first).await;
    let mut odile = odile(&service).await;
    let kept = page_of(&service, "c.martin1").await;
    let way = way_to_undo(&mut odile, &kept).await;
    assert_eq!(does_checked(&mut odile, &way).await.status, 200);
    let account = page_of(&service, "c.martin2").await;
    let letter = does(&mut odile, &format!("{account}/mot-de-passe")).await;
    let last = password_on(&letter);
    claire_groups(&service, &last).await;

    appoint(&service, Person::ALIX, Some(OTHER)).await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let kept = id_of(&service, "c.martin1").await;
    let kept = format!("/admin/ecoles/{OTHER}/personnes/{kept}");
    let way = way_to_undo(&mut alix, &kept).await;
    assert_eq!(does_checked(&mut alix, &way).await.status, 200);
    let mut other = service.visitor(Person::OTHER_CLAIRE);
    let page = other.browser.open("/compte").await;
    assert_eq!(other.types(&page, "c.martin2", first).await.status, 422);
    let page = other.types(&page, "c.martin2", &last).await;
    assert!(page.url.contains("/activation/"), "{}", page.summary());
}

/// Who FranceConnect's Claire is, as services learn it.
async fn as_citizen(service: &Service, fc: &FranceConnect) -> Option<(tests::Tokens, Vec<String>)> {
    let portal = service.portal();
    let request = portal.request();
    let mut visitor = service.visitor(Person::NOBODY);
    let answer = visitor.identifies_as(fc, &request, "claire-martin").await;
    answer.location()?;
    let tokens = portal.tokens(&request.callback(&answer)).await;
    let children = children(service, &tokens).await;
    Some((tokens, children))
}

#[tokio::test]
async fn who_came_to_the_kept_account_by_a_bond_goes_back_with_it() {
    let (service, fc) = FranceConnect::with_service().await;
    both_at_the_college(&service).await;
    let mut odile = odile(&service).await;
    groups(&mut odile, &service).await;
    service.advance_seconds(1);
    let (tokens, mut both) = as_citizen(&service, &fc).await.unwrap();
    both.sort();
    assert_eq!(both, ["Léo", "Zoé"], "it opens the kept account");
    service.advance_seconds(1);
    undoes(&mut odile, &service).await;
    let left = service.portal().userinfo(&tokens.access).await;
    assert_eq!(left.status, 401, "nothing of it stays at the kept account");
    service.advance_seconds(1);
    let (_, own) = as_citizen(&service, &fc).await.unwrap();
    assert_eq!(own, ["Léo"]);
}

#[tokio::test]
async fn a_bond_that_ended_since_the_kept_account_has_one_comes_again() {
    let (service, fc) = FranceConnect::with_service().await;
    both_at_the_college(&service).await;
    let claire = id_of(&service, "c.martin1").await;
    let own = bonds::find_by_account(service.database.reader(), claire).await;
    let issuer = own.unwrap().remove(0).issuer;
    bind(&service, &issuer, id_of(&service, "c.martin2").await).await;
    let mut odile = odile(&service).await;
    groups(&mut odile, &service).await;
    assert!(
        as_citizen(&service, &fc).await.is_none(),
        "it opens nothing"
    );
    undoes(&mut odile, &service).await;
    service.advance_seconds(1);
    let (_, own) = as_citizen(&service, &fc).await.unwrap();
    assert_eq!(own, ["Léo"]);
}

async fn bind(service: &Service, issuer: &str, account: AccountId) {
    let key = domain::secret::Secret::new(tests::seed::MASTER_KEY);
    let vault = store::Vault::new(&key, &[]).unwrap();
    let by = BoundBy {
        issuer,
        subject: "another citizen",
        pivot: b"{}",
    };
    let writer = service.database.writer();
    let bound = bonds::insert(writer, &service.ambient, &vault, account, &by).await;
    assert!(bound.unwrap());
}
