//! Second factors: no path to a session, a code, a grouping or a change in « Mon compte »
//! without the factor of an account that has one.

use std::time::Duration;

use domain::account::PersonKind;
use serde_json::json;
use tests::{
    Answer, Person, Service, Visitor, form::Form, france_connect::FranceConnect, service::texts,
    visitor::DEMO_KEY,
};
use tokio::task::JoinSet;

const OVERVIEW: &str = "/compte/verification-en-deux-etapes";
const ADD: &str = "/compte/verification-en-deux-etapes/application";
const MFA: &str = "urn:preau:acr:mfa";
const PASSWORD: &str = "urn:preau:acr:password";
const STEP: u64 = 30;

/// The key that a page shows to be typed by hand.
fn shown_key(page: &Answer) -> String {
    let text = page.text();
    let rest = text
        .split(r#"<p class="value secret" translate="no">"#)
        .nth(1);
    let key = rest.and_then(|rest| rest.split('<').next());
    let key = key.unwrap_or_else(|| panic!("no key in {}", page.summary()));
    key.replace(' ', "")
}

/// The recovery codes that a page shows.
fn shown_codes(page: &Answer) -> Vec<String> {
    let text = page.text();
    let codes = text.split(r#"<li class="secret">"#).skip(1);
    let codes: Vec<_> = codes
        .filter_map(|rest| rest.split('<').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 10, "{}", page.summary());
    codes
}

/// Sets an application up in « Mon compte »; the recovery codes.
pub(crate) async fn sets_up(visitor: &mut Visitor) -> Vec<String> {
    let overview = visitor.browser.open(OVERVIEW).await;
    let page = visitor.browser.submit(&overview.form(ADD)).await;
    visitor.key = Some(shown_key(&page));
    let done = visitor.types_code(&page).await;
    shown_codes(&done)
}

/// Claire, who has a second factor since a minute, and her recovery codes.
async fn claire(service: &Service) -> (Visitor, Vec<String>) {
    let mut claire = service.at_account(Person::CLAIRE).await;
    let codes = sets_up(&mut claire).await;
    service.advance_seconds(60);
    (claire, codes)
}

/// Another browser of the same person, who types the password at the portal.
async fn after_the_password(service: &Service, claire: &Visitor) -> (Visitor, Answer) {
    let mut again = service.visitor(claire.person);
    again.key.clone_from(&claire.key);
    let page = again.browser.open(&service.portal().request().url()).await;
    let asked = again.types_password(&page).await;
    assert!(asked.is_second_factor(), "{}", asked.summary());
    (again, asked)
}

async fn types(visitor: &mut Visitor, page: &Answer, code: &str) -> Answer {
    let form = page.form_with("code").with("code", code);
    visitor.browser.submit(&form).await
}

fn has_session(visitor: &Visitor) -> bool {
    visitor.browser.cookie("session").is_some()
}

async fn actions(service: &Service) -> Vec<String> {
    let statement =
        "select action from audit_event where action like 'second_factor.%' order by at";
    texts(service.database.reader(), statement, "action").await
}

#[tokio::test]
async fn a_code_follows_the_password_and_tokens_say_so() {
    let service = Service::start().await;
    let (claire, _) = claire(&service).await;
    let (mut again, asked) = after_the_password(&service, &claire).await;
    assert!(!has_session(&again), "no session before the code");
    let back = again.types_code(&asked).await;
    assert!(back.location().is_some(), "{}", back.summary());
    let portal = service.portal();
    let tokens = again.signs_in_at(&portal).await;
    let claims = tokens.id_claims();
    assert_eq!(claims["acr"], MFA);
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(
        actions(&service).await,
        ["second_factor.added", "second_factor.recovery_codes_made"]
    );
}

#[tokio::test]
async fn a_wrong_code_opens_nothing() {
    let service = Service::start().await;
    let (claire, _) = claire(&service).await;
    let (mut again, asked) = after_the_password(&service, &claire).await;
    let mut nadia = service.at_account(Person::NADIA).await;
    sets_up(&mut nadia).await;
    service.advance_seconds(60);
    for code in ["000000", &nadia.code(), "12345", "", "abcdef"] {
        let refused = types(&mut again, &asked, code).await;
        assert_eq!(refused.status, 422, "{code}");
        assert!(!has_session(&again));
    }
    let silent = service.portal().asks_for("openid").with("prompt", "none");
    let answer = again.browser.open(&silent.url()).await;
    assert_eq!(silent.callback(&answer).error(), "login_required");
}

#[tokio::test]
async fn a_code_is_good_once() {
    let service = Service::start().await;
    let (claire, _) = claire(&service).await;
    let (mut one, first) = after_the_password(&service, &claire).await;
    let (mut two, second) = after_the_password(&service, &claire).await;
    let code = one.code();
    assert!(types(&mut one, &first, &code).await.location().is_some());
    assert_eq!(types(&mut two, &second, &code).await.status, 422);
    // Nor is the one of the step before, once a later one was taken.
    service.advance_seconds(STEP);
    let earlier = two.code();
    service.advance_seconds(STEP);
    let later = two.code();
    assert!(types(&mut two, &second, &later).await.location().is_some());
    let (mut three, third) = after_the_password(&service, &claire).await;
    assert_eq!(types(&mut three, &third, &earlier).await.status, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_typed_fifty_times_at_once_begins_one_session() {
    let service = Service::start().await;
    let (claire, _) = claire(&service).await;
    let mut waiting = Vec::new();
    for _ in 0..50 {
        waiting.push(after_the_password(&service, &claire).await);
    }
    let code = claire.code();
    let mut tasks = JoinSet::new();
    for (mut visitor, page) in waiting {
        let form = page.form_with("code").with("code", &code);
        tasks.spawn(async move {
            visitor.browser.submit_only(&form).await;
            has_session(&visitor)
        });
    }
    let sessions = tasks.join_all().await;
    assert_eq!(sessions.into_iter().filter(|session| *session).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_code_typed_fifty_times_at_once_begins_one_session() {
    let service = Service::start().await;
    let (claire, codes) = claire(&service).await;
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let (mut visitor, page) = after_the_password(&service, &claire).await;
        let address = page.url.replace("second-facteur", "code-de-secours");
        let page = visitor.browser.open(&address).await;
        waiting.push((visitor, page));
    }
    let mut tasks = JoinSet::new();
    for (mut visitor, page) in waiting {
        let form = page.form_with("code").with("code", &codes[0]);
        tasks.spawn(async move {
            visitor.browser.submit_only(&form).await;
            has_session(&visitor)
        });
    }
    let sessions = tasks.join_all().await;
    assert_eq!(sessions.into_iter().filter(|session| *session).count(), 1);
}

#[tokio::test]
async fn a_recovery_code_takes_the_place_of_a_code_once() {
    let service = Service::start().await;
    let (claire, codes) = claire(&service).await;
    for (code, is_good) in [(&codes[0], true), (&codes[0], false), (&codes[1], true)] {
        let (mut again, asked) = after_the_password(&service, &claire).await;
        let address = asked.url.replace("second-facteur", "code-de-secours");
        let page = again.browser.open(&address).await;
        let answer = types(&mut again, &page, &code.to_uppercase()).await;
        assert_eq!(answer.location().is_some(), is_good, "{}", answer.summary());
        assert_eq!(has_session(&again), is_good);
    }
    // Another account's are none of hers.
    let mut nadia = service.at_account(Person::NADIA).await;
    let hers = sets_up(&mut nadia).await;
    let (mut again, asked) = after_the_password(&service, &claire).await;
    let address = asked.url.replace("second-facteur", "code-de-secours");
    let page = again.browser.open(&address).await;
    assert_eq!(types(&mut again, &page, &hers[0]).await.status, 422);
    let used = actions(&service).await;
    let used = used
        .iter()
        .filter(|action| action.ends_with("recovery_code_used"));
    assert_eq!(used.count(), 2);
}

#[tokio::test]
async fn what_the_password_proved_is_of_its_browser_and_sign_in_and_ends() {
    let service = Service::start().await;
    let (claire, _) = claire(&service).await;
    let (mut again, asked) = after_the_password(&service, &claire).await;
    // Another browser with the address, and the form of it.
    let mut other = service.visitor(Person::CLAIRE);
    other.browser.open("/aide").await;
    let stolen = other.browser.open(&asked.url).await;
    assert_eq!(stolen.status, 403, "{}", stolen.summary());
    // Another sign-in of the same browser.
    let page = again.browser.open(&service.portal().request().url()).await;
    let address = format!("{}/second-facteur", page.url);
    let led = again.browser.open(&address).await;
    assert!(led.is_sign_in(), "{}", led.summary());
    let form = asked.form_with("code").with("code", &again.code());
    let form = Form {
        action: address,
        ..form
    };
    let led = again.browser.submit(&form).await;
    assert!(
        led.is_sign_in() && !has_session(&again),
        "{}",
        led.summary()
    );
    // The sign-in page is not skipped either.
    let page = again
        .browser
        .open(asked.url.trim_end_matches("/second-facteur"))
        .await;
    assert!(page.is_sign_in(), "{}", page.summary());
    // Ten minutes later it is over.
    service.advance(Duration::from_mins(10));
    let late = again.types_code(&asked).await;
    assert!(
        late.is_sign_in() && !has_session(&again),
        "{}",
        late.summary()
    );
}

#[tokio::test]
async fn a_new_password_ends_what_the_old_one_proved() {
    let service = Service::start().await;
    let (claire, _) = claire(&service).await;
    let (mut again, asked) = after_the_password(&service, &claire).await;
    let now = (service.clock_seconds() + 1) * 1000;
    service
        .sql(&format!(
            "update account set sessions_from = {now} where identifier = 'c.martin1'"
        ))
        .await;
    service.advance_seconds(1);
    let led = again.types_code(&asked).await;
    assert!(
        led.is_sign_in() && !has_session(&again),
        "{}",
        led.summary()
    );
}

#[tokio::test]
async fn wrong_codes_are_counted_by_account_and_slow_down() {
    let service = Service::start().await;
    let (claire, _) = claire(&service).await;
    for tries in 0..5 {
        // Each in a browser, a network and a sign-in of its own.
        let (mut again, asked) = after_the_password(&service, &claire).await;
        assert_eq!(
            types(&mut again, &asked, "000000").await.status,
            422,
            "{tries}"
        );
    }
    let (mut again, asked) = after_the_password(&service, &claire).await;
    assert_eq!(
        again.types_code(&asked).await.status,
        429,
        "a right one waits too"
    );
    // The browser that signed in before has a count of its own.
    let mut own = claire.clone();
    own.browser.forget("session");
    let page = own.browser.open("/compte").await;
    let asked_at_home = own.types_password(&page).await;
    let home = own.types_code(&asked_at_home).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    service.advance_seconds(30);
    let back = again.types_code(&asked).await;
    assert!(back.location().is_some(), "{}", back.summary());
    tests::service::eventually("the owner is told", async || {
        let messages = service.inbox.messages();
        messages.iter().any(|message| {
            let subject = message.subject.as_deref().unwrap_or_default();
            subject.contains("connaît peut-être votre mot de passe")
        })
    })
    .await;
}

#[tokio::test]
async fn a_recovered_password_does_not_replace_the_factor() {
    use crate::lost;
    let service = Service::start().await;
    let (mut claire, _) = claire(&service).await;
    // That she has a factor is told to her first, by mail and by SMS.
    lost::messages(&service, 2).await;
    let mut browser = service.browser();
    let new = lost::opens_link(&service, &mut browser, "c.martin1").await;
    lost::sets(&mut browser, &new, "c.martin1", lost::PASSWORD).await;
    claire.person.password = lost::PASSWORD;
    let (mut again, asked) = after_the_password(&service, &claire).await;
    assert!(again.types_code(&asked).await.location().is_some());
}

#[tokio::test]
async fn france_connect_is_followed_by_the_factor_too() {
    let (service, fc) = FranceConnect::with_service().await;
    let (claire, _) = claire(&service).await;
    let mut again = service.visitor(Person::CLAIRE);
    again.key.clone_from(&claire.key);
    let portal = service.portal();
    let request = portal.request();
    let asked = again.identifies_as(&fc, &request, "claire-martin").await;
    assert!(
        asked.is_second_factor() && !has_session(&again),
        "{}",
        asked.summary()
    );
    let back = again.types_code(&asked).await;
    let claims = portal.tokens(&request.callback(&back)).await.id_claims();
    assert_eq!(claims["acr"], "eidas1");
    assert_eq!(claims["amr"], json!(["fc", "otp", "mfa"]));
    let stepped = portal.request().with("acr_values", MFA);
    let tokens = portal.tokens(&again.follows(&stepped).await).await;
    assert_eq!(tokens.id_claims()["acr"], MFA);
}

#[tokio::test]
async fn grouping_asks_for_the_factor_of_the_other_account() {
    let service = Service::start().await;
    // The other Claire, active, with a factor.
    service
        .sql(
            "update account set state = 'active', password_state = 'chosen' \
             where identifier = 'c.martin2'",
        )
        .await;
    let mut other = service.at_account(Person::OTHER_CLAIRE).await;
    let codes = sets_up(&mut other).await;
    service.advance_seconds(60);
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = claire.browser.open("/compte/enfants/ajouter").await;
    let form = page
        .form("/compte/enfants/ajouter")
        .with("identifiant", Person::OTHER_CLAIRE.identifier)
        .with("mot-de-passe", Person::OTHER_CLAIRE.password);
    let asked = claire.browser.submit(&form).await;
    assert!(asked.url.contains("/ajouter/code/"), "{}", asked.summary());
    assert_eq!(types(&mut claire, &asked, "000000").await.status, 422);
    assert!(
        !asked.text().contains("Zoé"),
        "nothing of the other account"
    );
    // The page is of this session alone.
    let mut nadia = service.at_account(Person::NADIA).await;
    let led = nadia.browser.open(&asked.url).await;
    assert!(led.url.ends_with("/ajouter"), "{}", led.summary());
    let recapitulation = types(&mut claire, &asked, &codes[0]).await;
    assert!(
        recapitulation.text().contains("Zoé"),
        "{}",
        recapitulation.summary()
    );
    let forms = Form::all(&recapitulation.text());
    let confirm = forms
        .into_iter()
        .find(|form| form.action.starts_with("/compte/enfants/ajouter/"));
    claire.browser.submit(&confirm.unwrap()).await;
    let left = "select count(*) || '' as n from account \
                where identifier = 'c.martin2' \
                and (id in (select account_id from second_factor) \
                     or id in (select account_id from recovery_code))";
    let left = texts(service.database.reader(), left, "n").await;
    assert_eq!(left, ["0"], "the factor of the merged account has ended");
}

#[tokio::test]
async fn changes_ask_for_password_and_factor_again() {
    let service = Service::start().await;
    let (mut claire, _) = claire(&service).await;
    service.advance_seconds(5 * 60);
    for path in [
        OVERVIEW,
        "/compte/email",
        "/compte/telephone",
        "/compte/mot-de-passe",
    ] {
        let asked = claire.browser.open(path).await;
        assert!(asked.is_sign_in(), "{path}: {}", asked.summary());
        let asked = claire.types_password(&asked).await;
        assert!(asked.is_second_factor(), "{path}: {}", asked.summary());
        // What the password proved opens none of it.
        assert!(claire.browser.open(path).await.is_sign_in(), "{path}");
        let back = claire.types_code(&asked).await;
        assert!(back.url.ends_with(path), "{path}: {}", back.summary());
        service.advance_seconds(5 * 60 + 1);
    }
    let overview = claire.browser.open(OVERVIEW).await;
    assert!(overview.is_sign_in());
}

#[tokio::test]
async fn a_factor_that_is_added_ends_other_sessions_and_its_owner_is_told() {
    let service = Service::start().await;
    let mut elsewhere = service.at_account(Person::CLAIRE).await;
    let tokens = elsewhere.signs_in_at(&service.portal()).await;
    service.advance_seconds(1);
    let before = service.inbox.messages().len();
    let (mut claire, _) = claire(&service).await;
    assert!(elsewhere.browser.open("/compte").await.is_sign_in());
    assert_eq!(service.portal().refresh(&tokens.refresh).await.status, 400);
    assert!(
        claire
            .browser
            .open("/compte")
            .await
            .url
            .ends_with("/compte")
    );
    let told = crate::lost::messages(&service, before + 2)
        .await
        .split_off(before);
    assert!(
        told.iter()
            .all(|message| message.text.contains("en deux étapes"))
    );
}

#[tokio::test]
async fn this_was_not_me_removes_a_factor_that_a_thief_set_up() {
    let service = Service::start().await;
    let before = service.inbox.messages().len();
    let (thief, _) = claire(&service).await;
    let told = crate::lost::messages(&service, before + 2)
        .await
        .split_off(before);
    let mail = told
        .iter()
        .find(|message| message.to.contains('@'))
        .unwrap();
    let mut owner = service.browser();
    let page = owner.open(&crate::lost::link(mail)).await;
    let form = Form::all(&page.text())
        .into_iter()
        .find(|form| form.action.starts_with("/ce-n-est-pas-moi/"));
    owner.submit(&form.unwrap()).await;
    assert!(thief.clone().browser.open("/compte").await.is_sign_in());
    let new = crate::lost::opens_link(&service, &mut owner, "c.martin1").await;
    crate::lost::sets(&mut owner, &new, "c.martin1", crate::lost::PASSWORD).await;
    assert!(crate::lost::opens(&service, Person::CLAIRE, crate::lost::PASSWORD).await);
    let left = "select count(*) || '' as n from recovery_code";
    assert_eq!(texts(service.database.reader(), left, "n").await, ["0"]);
}

#[tokio::test]
async fn a_family_may_take_it_away_again_and_staff_may_not() {
    let service = Service::start().await;
    let (mut claire, codes) = claire(&service).await;
    let overview = claire.browser.open(OVERVIEW).await;
    let removal = format!("{OVERVIEW}/retrait");
    let home = claire.browser.submit(&overview.form(&removal)).await;
    assert!(
        home.text().contains("Rien ne sera plus demandé"),
        "{}",
        home.summary()
    );
    let mut again = service.at_account(Person::CLAIRE).await;
    assert!(has_session(&again));
    assert!(
        !again
            .browser
            .open(OVERVIEW)
            .await
            .text()
            .contains(&codes[0])
    );
    let mut odile = service.at_account(Person::ODILE).await;
    let overview = odile.browser.open(OVERVIEW).await;
    assert!(!overview.text().contains("/retrait"));
    let form = Form {
        action: removal,
        ..overview.form(ADD)
    };
    assert_eq!(odile.browser.submit(&form).await.status, 404);
}

#[tokio::test]
async fn new_recovery_codes_void_those_before() {
    let service = Service::start().await;
    let (mut claire, old) = claire(&service).await;
    let overview = claire.browser.open(OVERVIEW).await;
    let form = overview.form(&format!("{OVERVIEW}/codes"));
    let new = shown_codes(&claire.browser.submit(&form).await);
    for (code, is_good) in [(&old[0], false), (&new[0], true)] {
        let (mut again, asked) = after_the_password(&service, &claire).await;
        let address = asked.url.replace("second-facteur", "code-de-secours");
        let page = again.browser.open(&address).await;
        types(&mut again, &page, code).await;
        assert_eq!(has_session(&again), is_good);
    }
}

/// Officers and administrators, without a factor: as a new version finds them.
async fn without_factor(service: &Service) {
    service.sql("delete from second_factor").await;
}

#[tokio::test]
async fn staff_set_up_a_factor_before_their_first_session() {
    for person in [Person::ODILE, Person::ALIX] {
        let service = Service::start().await;
        without_factor(&service).await;
        let mut visitor = service.visitor(person);
        let request = service.portal().request();
        let page = visitor.browser.open(&request.url()).await;
        let enrolment = visitor.types_password(&page).await;
        assert!(
            enrolment.url.ends_with("/verification-en-deux-etapes"),
            "{}",
            enrolment.summary()
        );
        assert!(!has_session(&visitor));
        // The page for a code, and the end of the enrolment, lead back.
        let transaction = page.url.clone();
        for path in ["second-facteur", "code-de-secours"] {
            let led = visitor.browser.open(&format!("{transaction}/{path}")).await;
            assert!(led.is_sign_in(), "{path}: {}", led.summary());
        }
        let form = enrolment.form_with("code");
        let seen = Form {
            action: format!("{}/suite", form.action),
            ..form.clone()
        };
        assert!(visitor.browser.submit(&seen).await.is_sign_in());
        assert_eq!(
            visitor
                .browser
                .submit(&form.clone().with("code", "000000"))
                .await
                .status,
            422
        );
        assert!(!has_session(&visitor));
        visitor.key = Some(shown_key(&enrolment));
        let codes = visitor.types_code(&enrolment).await;
        shown_codes(&codes);
        assert!(!has_session(&visitor), "not before the codes were seen");
        let form = Form::all(&codes.text())
            .into_iter()
            .find(|form| form.action.ends_with("/suite"));
        let form = form.unwrap();
        let back = visitor.browser.submit(&form).await;
        assert!(has_session(&visitor), "{}", back.summary());
        // Once.
        let mut replayed = visitor.clone();
        replayed.browser.forget("session");
        replayed.browser.submit(&form).await;
        assert!(!has_session(&replayed));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_first_factors_at_once_one_is_set_up() {
    let service = Service::start().await;
    without_factor(&service).await;
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let mut visitor = service.visitor(Person::ALIX);
        let page = visitor.browser.open("/compte").await;
        let enrolment = visitor.types_password(&page).await;
        visitor.key = Some(shown_key(&enrolment));
        waiting.push((visitor, enrolment));
    }
    let mut tasks = JoinSet::new();
    for (mut visitor, page) in waiting {
        let form = page.form_with("code").with("code", &visitor.code());
        tasks.spawn(async move { visitor.browser.submit(&form).await.status == 200 });
    }
    tasks.join_all().await;
    let added = actions(&service).await;
    let added = added
        .iter()
        .filter(|action| *action == "second_factor.added");
    assert_eq!(added.count(), 1);
}

#[tokio::test]
async fn staff_whose_factor_was_removed_cannot_set_one_up_with_the_password() {
    let service = Service::start().await;
    service
        .sql("update second_factor set sealed_totp = null, totp_step = null, totp_at = null")
        .await;
    let mut alix = service.visitor(Person::ALIX);
    let page = alix.browser.open("/compte").await;
    let barred = alix.types_password(&page).await;
    assert_eq!(barred.status, 403, "{}", barred.summary());
    assert!(!has_session(&alix));
    let led = alix
        .browser
        .open(&format!("{}/verification-en-deux-etapes", page.url))
        .await;
    assert!(led.is_sign_in(), "{}", led.summary());
}

#[tokio::test]
async fn a_session_of_staff_without_a_factor_does_not_stand() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    assert!(!PersonKind::Guardian.must_have_second_factor());
    service
        .sql("update account set kind = 'officer' where identifier = 'c.martin1'")
        .await;
    assert!(claire.browser.open("/compte").await.is_sign_in());
}

#[tokio::test]
async fn a_relying_party_that_asks_for_a_factor_gets_it_or_an_error() {
    let service = Service::start().await;
    let portal = service.portal();
    let essential = json!({"id_token": {"acr": {"essential": true, "value": MFA}}}).to_string();
    let essential = || portal.request().with("claims", &essential);
    // Nadia has none: told of as she is, or an error where it is essential.
    let mut nadia = service.visitor(Person::NADIA);
    let wished = portal.request().with("acr_values", MFA);
    let tokens = portal.tokens(&nadia.follows(&wished).await).await;
    assert_eq!(tokens.id_claims()["acr"], PASSWORD);
    service.advance_seconds(1);
    let error = nadia.follows(&essential()).await.error().to_owned();
    assert_eq!(error, "unmet_authentication_requirements");
    // Claire has one.
    let (mut claire, _) = claire(&service).await;
    claire.browser.forget("session");
    let tokens = portal.tokens(&claire.follows(&essential()).await).await;
    assert_eq!(tokens.id_claims()["acr"], MFA);
    let metadata = service
        .door
        .get("/.well-known/openid-configuration")
        .await
        .json();
    let offered = metadata["acr_values_supported"].as_array().unwrap().clone();
    assert_eq!(offered, [json!(PASSWORD), json!(MFA)]);
}

#[tokio::test]
async fn the_key_and_the_codes_are_kept_sealed_and_hashed() {
    let service = Service::start().await;
    let (claire, codes) = claire(&service).await;
    let sealed = texts(
        service.database.reader(),
        "select sealed_totp from second_factor",
        "sealed_totp",
    )
    .await;
    let key = claire.key.clone().unwrap();
    assert!(
        sealed
            .iter()
            .all(|sealed| !sealed.contains(&key) && !sealed.contains(DEMO_KEY))
    );
    let data = {
        let mut claire = claire.clone();
        claire.browser.open("/compte/donnees.json").await.text()
    };
    assert!(data.contains("second_factor") && !data.contains(&key));
    assert!(codes.iter().all(|code| !data.contains(code.as_str())));
}
