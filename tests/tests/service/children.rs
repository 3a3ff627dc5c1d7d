//! « Mes enfants »: another account is grouped into this one, a wrong link is reported
//! (guide, sections 4.4.4 and 4.4.5).

use serde_json::Value;
use tests::{
    Answer, Person, Service, Tokens, Visitor, form::Form, france_connect::FranceConnect,
    service::texts,
};
use tokio::task::JoinSet;

const SEARCH: &str = "/compte/enfants/ajouter";
const MINE: &str = "/compte/enfants";

/// Names another account on the page of the search.
async fn searches(visitor: &mut Visitor, other: Person) -> Answer {
    let page = visitor.browser.open(SEARCH).await;
    let form = page.form(SEARCH);
    let form = form
        .with("identifiant", other.identifier)
        .with("mot-de-passe", other.password);
    visitor.browser.submit(&form).await
}

/// The confirmation of a page below « Mes enfants ».
fn confirmation(page: &Answer) -> Form {
    let forms = Form::all(&page.text());
    let form = forms
        .into_iter()
        .find(|form| form.action.starts_with("/compte/enfants/"));
    form.unwrap_or_else(|| panic!("nothing to confirm in {}", page.summary()))
}

async fn groups(visitor: &mut Visitor, other: Person) -> Answer {
    let recapitulation = searches(visitor, other).await;
    let form = confirmation(&recapitulation);
    visitor.browser.submit(&form).await
}

async fn children(service: &Service, tokens: &Tokens) -> Vec<String> {
    let told = service.portal().userinfo(&tokens.access).await.json();
    let all = told["children"].as_array().cloned().unwrap_or_default();
    let name = |child: &Value| child["given_name"].as_str().unwrap().to_owned();
    all.iter().map(name).collect()
}

async fn column(service: &Service, statement: &str, column: &str) -> Vec<String> {
    texts(service.database.reader(), statement, column).await
}

/// The links of the page that report a child.
fn reports(page: &Answer) -> Vec<String> {
    let text = page.text();
    let targets = text.split("href=\"").skip(1);
    let targets = targets.filter_map(|rest| rest.split('"').next());
    targets
        .filter(|target| target.ends_with("/signalement"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn guide_4_4_4_the_children_of_the_other_account_come_and_it_ends() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let tokens = claire.signs_in_at(&service.portal()).await;
    assert_eq!(children(&service, &tokens).await, ["Léo"]);
    let recapitulation = searches(&mut claire, Person::OTHER_CLAIRE).await;
    assert!(
        recapitulation.text().contains("Zoé"),
        "{}",
        recapitulation.summary()
    );
    assert_eq!(children(&service, &tokens).await, ["Léo"], "nothing yet");
    let done = claire.browser.submit(&confirmation(&recapitulation)).await;
    assert!(done.text().contains("Zoé") && done.text().contains("Léo"));
    // At once, for a token that was issued before as well.
    let mut names = children(&service, &tokens).await;
    names.sort();
    assert_eq!(names, ["Léo", "Zoé"]);
    // The other identifier signs in nowhere, with the answer of any wrong one.
    let mut other = service.visitor(Person::OTHER_CLAIRE);
    let page = other.browser.open("/compte").await;
    let refused = other.types_password(&page).await;
    assert_eq!(refused.status, 422, "{}", refused.summary());
    let told = column(
        &service,
        "select template from outbox order by template",
        "template",
    )
    .await;
    assert_eq!(told, ["accounts_grouped"; 2], "each confirmed contact");
}

/// security.md 4.5: what a thief would learn is what a sign-in tells.
#[tokio::test]
async fn what_stands_in_the_way_is_said_after_a_right_password_alone() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let wrong = |person: Person| Person {
        password: "pas-le-bon-mot-de-passe",
        ..person
    };
    let table = [
        (Person::CLAIRE, "c’est le compte avec lequel"),
        (Person::LEO, "pas celui d’un responsable"),
        (Person::ODILE, "pas celui d’un responsable"),
        (Person::NADIA, "n’est pas le même que le vôtre"),
    ];
    for (person, said) in table {
        let page = searches(&mut claire, person).await;
        assert_eq!(page.status, 422);
        let text = page.text().to_lowercase();
        assert!(text.contains(said), "{}: {text}", person.identifier);
    }
    let neutral = |page: &Answer| {
        let text = page.text();
        let summary = text.split("<h1").next().unwrap_or_default().to_owned();
        summary.split("<main").nth(1).unwrap_or_default().to_owned()
    };
    let unknown = searches(&mut claire, Person::NOBODY).await;
    for person in [Person::LEO, Person::NADIA, Person::OTHER_CLAIRE] {
        let page = searches(&mut claire, wrong(person)).await;
        assert_eq!(page.status, unknown.status);
        assert_eq!(neutral(&page), neutral(&unknown), "{}", person.identifier);
    }
}

/// security.md 4.5: the tries are those of a sign-in.
#[tokio::test]
async fn guessing_here_is_no_faster_than_at_the_sign_in() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let wrong = Person {
        password: "pas-le-bon-mot-de-passe",
        ..Person::OTHER_CLAIRE
    };
    for _ in 0..5 {
        assert_eq!(searches(&mut claire, wrong).await.status, 422);
    }
    assert_eq!(searches(&mut claire, wrong).await.status, 429);
    assert_eq!(
        searches(&mut claire, Person::OTHER_CLAIRE).await.status,
        429
    );
}

/// security.md 4.5: a proof is of one account, for the one that asked, once.
#[tokio::test]
async fn a_proof_is_nobody_else_s_and_good_once() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let recapitulation = searches(&mut claire, Person::OTHER_CLAIRE).await;
    let form = confirmation(&recapitulation);

    let mut nadia = service.at_account(Person::NADIA).await;
    let shown = nadia.browser.open(&recapitulation.url).await;
    assert!(shown.status >= 400, "{}", shown.summary());
    let own = nadia.browser.open(SEARCH).await.form(SEARCH);
    let mut stolen = own;
    stolen.action = form.action.clone();
    let refused = nadia.browser.submit(&stolen).await;
    assert!(refused.status >= 400, "{}", refused.summary());

    let mut at_once = JoinSet::new();
    for _ in 0..20 {
        let (mut browser, form) = (claire.browser.clone(), form.clone());
        at_once.spawn(async move { browser.submit_only(&form).await.status });
    }
    let answers = at_once.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1);
    let groupings = "select cast(at as text) as at from account_grouping";
    assert_eq!(column(&service, groupings, "at").await.len(), 1);
    let again = claire.browser.submit(&form).await;
    assert!(again.status >= 400, "{}", again.summary());
}

/// A proof is worth nothing once the password that made it has changed.
#[tokio::test]
async fn a_proof_ends_with_what_it_stood_on() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let recapitulation = searches(&mut claire, Person::OTHER_CLAIRE).await;
    service.set_state(Person::OTHER_CLAIRE, "suspended").await;
    let form = confirmation(&recapitulation);
    let refused = claire.browser.submit(&form).await;
    assert!(refused.status >= 400, "{}", refused.summary());
    let merged = "select identifier from account where state = 'merged'";
    assert!(column(&service, merged, "identifier").await.is_empty());
}

/// product.md, Mon compte: the other account's bond moves, or ends where there is one.
#[tokio::test]
async fn france_connect_opens_the_account_that_stays() {
    let (service, fc) = FranceConnect::with_service().await;
    let moved = service
        .sql(
            "update bond set account_id = (select id from account where identifier = 'c.martin2') \
             where account_id = (select id from account where identifier = 'c.martin1')",
        )
        .await;
    assert_eq!(moved, 1);
    let mut claire = service.at_account(Person::CLAIRE).await;
    let done = groups(&mut claire, Person::OTHER_CLAIRE).await;
    assert!(done.text().contains("Zoé"), "{}", done.summary());
    let mut again = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    let answer = again.identifies_as(&fc, &request, "claire-martin").await;
    let tokens = service.portal().tokens(&request.callback(&answer)).await;
    assert_eq!(children(&service, &tokens).await.len(), 2);
}

#[tokio::test]
async fn guide_4_4_5_a_reported_child_is_gone_at_once_and_can_come_back() {
    let service = Service::start().await;
    let mut nadia = service.at_account(Person::NADIA).await;
    let tokens = nadia.signs_in_at(&service.portal()).await;
    assert_eq!(children(&service, &tokens).await.len(), 2);
    let page = nadia.browser.open(MINE).await;
    let report = reports(&page).remove(0);
    let asked = nadia.browser.open(&report).await;
    assert_eq!(
        children(&service, &tokens).await.len(),
        2,
        "a page does nothing"
    );
    nadia.browser.submit(&confirmation(&asked)).await;
    let left = children(&service, &tokens).await;
    assert_eq!(left.len(), 1);
    assert_eq!(reports(&nadia.browser.open(MINE).await).len(), 1);
    // Her only child stays hers.
    let last = reports(&nadia.browser.open(MINE).await).remove(0);
    let mut form = confirmation(&asked);
    form.action = last;
    assert_eq!(nadia.browser.submit(&form).await.status, 409);
    assert_eq!(children(&service, &tokens).await, left);

    // At the next sign-in she is asked once, before the service's answer.
    let mut again = service.visitor(Person::NADIA);
    let request = service.portal().request();
    let page = again.browser.open(&request.url()).await;
    let asked = again.types_password(&page).await;
    assert!(
        asked.text().contains("Vérifiez vos enfants"),
        "{}",
        asked.summary()
    );
    let forms = Form::all(&asked.text());
    let form = forms
        .into_iter()
        .find(|form| form.action.contains("enfants") || form.action.contains("verification"))
        .expect("the question has a form");
    let answer = again.browser.submit(&form.with("choix", "retablir")).await;
    let tokens = service.portal().tokens(&request.callback(&answer)).await;
    assert_eq!(children(&service, &tokens).await.len(), 2);
}

/// Two words at once against the last two links leave one.
#[tokio::test]
async fn of_two_reports_at_once_of_the_last_two_children_one_counts() {
    let service = Service::start().await;
    let mut nadia = service.at_account(Person::NADIA).await;
    let tokens = nadia.signs_in_at(&service.portal()).await;
    let page = nadia.browser.open(MINE).await;
    let mut forms = Vec::new();
    for report in reports(&page) {
        forms.push(confirmation(&nadia.browser.open(&report).await));
    }
    assert_eq!(forms.len(), 2);
    let mut at_once = JoinSet::new();
    for form in forms {
        let mut browser = nadia.browser.clone();
        at_once.spawn(async move { browser.submit_only(&form).await.status });
    }
    let mut answers = at_once.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [303, 409]);
    assert_eq!(children(&service, &tokens).await.len(), 1);
}

/// Nobody says anything of another family's link.
#[tokio::test]
async fn another_s_child_cannot_be_reported() {
    let service = Service::start().await;
    let mut nadia = service.at_account(Person::NADIA).await;
    let page = nadia.browser.open(MINE).await;
    let asked = nadia.browser.open(&reports(&page)[0]).await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let leo = reports(&claire.browser.open(MINE).await).remove(0);
    let mut form = confirmation(&asked);
    form.action = leo;
    let action = form.action.clone();
    assert_eq!(nadia.browser.open(&action).await.status, 404);
    nadia.browser.submit(&form).await;
    let reported = "select cast(reported_at as text) as at from link_report";
    assert!(column(&service, reported, "at").await.is_empty());
}
