//! « J'active mon compte » through FranceConnect: a guardian without a letter, for whom it
//! vouches, and who proves the birth dates of their children.

use demo::france_connect::Behaviour;
use tests::{
    Answer, Person, Request, Service, Visitor,
    form::Form,
    france_connect::FranceConnect,
    service::{eventually, texts},
};
use tokio::task::JoinSet;

const PAUL: &str = "paul-durand";
const CLAIRE: &str = "claire-martin";
const INES: &str = "30/05/2018";
const ZOE: &str = "04/01/2014";
/// No school knows when Paul was born.
const PAUL_WITHOUT_DATE: [&str; 2] = [
    "update directory_record set birth_date = null where family_name_normal = 'durand' and kind = \
     'guardian'",
    "update account set birth_date = null where identifier = 'p.durand8'",
];

/// Somebody who comes from FranceConnect.
struct Newcomer {
    visitor: Visitor,
    request: Request,
    page: Answer,
}

impl Newcomer {
    async fn comes(service: &Service, fc: &FranceConnect, citizen: &str) -> Self {
        let mut visitor = service.visitor(Person::NOBODY);
        let request = service.portal().request();
        let page = visitor.identifies_as(fc, &request, citizen).await;
        Self {
            visitor,
            request,
            page,
        }
    }

    async fn fills(&mut self, fields: &[(&str, &str)]) -> &Answer {
        let form = step_form(&self.page);
        let form = fields
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.page = self.visitor.browser.submit(&form).await;
        &self.page
    }

    async fn date(&mut self, date: &str) -> &Answer {
        self.fills(&[("date-de-naissance-1", date)]).await
    }

    async fn skips(&mut self) -> &Answer {
        self.fills(&[("choix", "passer")]).await
    }

    /// From the children's dates to the recapitulation, without contacts.
    async fn hurries(&mut self, date: &str) {
        self.date(date).await;
        assert!(self.is_at("/email"), "{}", self.page.summary());
        self.skips().await;
        assert!(self.is_at("/telephone"), "{}", self.page.summary());
        self.skips().await;
        assert!(self.is_at("/recapitulatif"), "{}", self.page.summary());
    }

    fn is_at(&self, step: &str) -> bool {
        self.page.url.ends_with(step)
    }

    /// The page of another step of this activation.
    fn step(&self, step: &str) -> String {
        let (before, _) = self.page.url.rsplit_once('/').unwrap();
        format!("{before}/{step}")
    }
}

fn step_form(page: &Answer) -> Form {
    let forms = Form::all(&page.text());
    let form = forms
        .into_iter()
        .find(|form| form.action.starts_with("/activation"));
    form.unwrap_or_else(|| panic!("no step in {}", page.summary()))
}

async fn bonds_of(service: &Service, identifier: &str) -> usize {
    let statement = format!(
        "select bond.subject from bond join account on account.id = bond.account_id where \
         account.identifier = '{identifier}'"
    );
    let found = texts(service.database.reader(), &statement, "subject").await;
    found.len()
}

async fn state_of(service: &Service, identifier: &str) -> String {
    let statement = format!("select state from account where identifier = '{identifier}'");
    let found = texts(service.database.reader(), &statement, "state").await;
    found[0].clone()
}

#[tokio::test]
async fn who_proves_the_children_s_dates_activates_and_arrives() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut paul = Newcomer::comes(&service, &fc, PAUL).await;
    assert!(paul.is_at("/enfants"), "{}", paul.page.summary());
    let text = paul.page.text();
    assert!(text.contains("J’active mon compte") && text.contains("Paul DURAND"));
    assert_eq!(text.matches("name=\"date-de-naissance-").count(), 1);
    assert!(!text.contains("password"), "{text}");
    let refused = paul.date("31/05/2018").await;
    assert_eq!(refused.status, 422);
    paul.hurries(INES).await;
    let recapitulation = paul.page.text();
    assert!(recapitulation.contains("p.durand8"));
    assert!(!recapitulation.contains("mot-de-passe"), "{recapitulation}");
    let answer = paul.fills(&[]).await.clone();
    let tokens = service
        .portal()
        .tokens(&paul.request.callback(&answer))
        .await;
    assert_eq!(tokens.id_claims()["acr"], "eidas1");
    let told = service.portal().userinfo(&tokens.access).await.json();
    assert_eq!(told["children"][0]["given_name"], "Inès");
    assert_eq!(bonds_of(&service, "p.durand8").await, 1);

    // From now on the bond signs in, and no password does.
    let again = Newcomer::comes(&service, &fc, PAUL).await;
    let target = again.page.location().map(String::from).unwrap_or_default();
    assert!(target.contains("code="), "{}", again.page.summary());
    assert_eq!(service.upstream_refusals().await, [""; 0]);
}

#[tokio::test]
async fn where_no_school_knows_the_date_a_code_goes_to_the_number_that_it_knows() {
    let (service, fc) = FranceConnect::with_service().await;
    for statement in PAUL_WITHOUT_DATE {
        assert_eq!(service.sql(statement).await, 1);
    }
    let mut paul = Newcomer::comes(&service, &fc, PAUL).await;
    assert!(paul.is_at("/code"), "{}", paul.page.summary());
    assert!(service.inbox.messages().is_empty(), "a page sends nothing");
    // The dates are not asked before.
    let children = paul.step("enfants");
    let sent_back = paul.visitor.browser.open(&children).await;
    assert!(sent_back.url.ends_with("/code"), "{}", sent_back.summary());
    paul.fills(&[]).await;
    eventually("the code arrives", async || {
        service.inbox.messages().len() == 1
    })
    .await;
    let message = service.inbox.messages()[0].clone();
    assert_eq!(message.to, "+33639980008");
    let runs = message.text.split(|sign: char| !sign.is_ascii_digit());
    let code = runs.into_iter().find(|run| run.len() == 8).unwrap();
    let wrong = if code == "00000000" {
        "11111111"
    } else {
        "00000000"
    };
    assert_eq!(paul.fills(&[("code", wrong)]).await.status, 422);
    paul.fills(&[("code", code)]).await;
    assert!(paul.is_at("/enfants"), "{}", paul.page.summary());
    paul.hurries(INES).await;
    let answer = paul.fills(&[]).await.clone();
    let tokens = service
        .portal()
        .tokens(&paul.request.callback(&answer))
        .await;
    let told = service.portal().userinfo(&tokens.access).await.json();
    assert_eq!(told["phone_number"], "+33639980008");
    assert_eq!(told["phone_number_verified"], true);
}

/// Whoever cannot be told apart, or has nothing to prove it by, sees what nobody sees.
#[tokio::test]
async fn who_cannot_be_told_apart_gets_the_neutral_page() {
    let cases: [(&[&str], &str); 5] = [
        (
            &[
                "update directory_record set birth_date = '1980-06-16' where family_name_normal = \
              'durand' and kind = 'guardian'",
            ],
            "unknown",
        ),
        (
            &[
                "update directory_record set family_name_normal = 'durand', given_name_normal = \
              'paul', family_name = 'DURAND', given_name = 'Paul' where kind = 'guardian' and \
              account_id = (select id from account where identifier = 'c.martin2')",
            ],
            "several",
        ),
        (
            &[
                PAUL_WITHOUT_DATE[0],
                PAUL_WITHOUT_DATE[1],
                "update directory_record set phone = null where family_name_normal = 'durand'",
            ],
            "no_number",
        ),
        (
            &[
                "update record_link set ended_at = 1 where guardian_record_id in (select id from \
              directory_record where family_name_normal = 'durand' and kind = 'guardian')",
            ],
            "no_children",
        ),
        (
            &["update account set state = 'closed' where identifier = 'p.durand8'"],
            "unknown",
        ),
    ];
    for (statements, reason) in cases {
        let (service, fc) = FranceConnect::with_service().await;
        for statement in statements {
            assert!(service.sql(statement).await > 0, "{statement}");
        }
        let newcomer = Newcomer::comes(&service, &fc, PAUL).await;
        assert_eq!(newcomer.page.status, 403, "{}", newcomer.page.summary());
        assert!(newcomer.page.text().contains("amont-inconnu"), "{reason}");
        assert_eq!(service.upstream_refusals().await, [reason]);
        assert_eq!(bonds_of(&service, "p.durand8").await, 0);
    }
}

/// An identity without what must be matched names nobody.
#[tokio::test]
async fn an_incomplete_identity_activates_nothing() {
    let (service, fc) = FranceConnect::with_service().await;
    for behaviour in [
        Behaviour::WithoutGivenName,
        Behaviour::WithoutFamilyName,
        Behaviour::WithoutBirthdate,
    ] {
        fc.behaves(behaviour).await;
        let newcomer = Newcomer::comes(&service, &fc, PAUL).await;
        assert!(
            newcomer.page.text().contains("amont-inconnu"),
            "{behaviour:?}: {}",
            newcomer.page.summary()
        );
    }
    assert_eq!(service.upstream_refusals().await, ["incomplete"; 3]);
}

#[tokio::test]
async fn three_wrong_dates_end_it_for_the_day() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut paul = Newcomer::comes(&service, &fc, PAUL).await;
    for _ in 0..2 {
        assert_eq!(paul.date("31/05/2018").await.status, 422);
    }
    let form = step_form(&paul.page);
    assert_eq!(paul.date("01/06/2018").await.status, 403);
    let late = paul
        .visitor
        .browser
        .submit(&form.with("date-de-naissance-1", INES))
        .await;
    assert!(!late.url.ends_with("/email"), "{}", late.summary());
    let mut again = Newcomer::comes(&service, &fc, PAUL).await;
    assert_eq!(again.date(INES).await.status, 403);
    service.advance_seconds(24 * 3600 + 1);
    let mut tomorrow = Newcomer::comes(&service, &fc, PAUL).await;
    tomorrow.hurries(INES).await;
}

#[tokio::test]
async fn no_step_can_be_left_out_and_no_password_be_chosen() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut paul = Newcomer::comes(&service, &fc, PAUL).await;
    let stand = paul.page.url.clone();
    for step in [
        "email",
        "telephone",
        "recapitulatif",
        "mot-de-passe",
        "code",
    ] {
        let url = paul.step(step);
        let answer = paul.visitor.browser.open(&url).await;
        assert_eq!(answer.url, stand, "{step}");
        let mut form = step_form(&paul.page).with("choix", "passer");
        form.action = form.action.replace("enfants", step);
        let answer = paul.visitor.browser.submit(&form).await;
        let refused = answer.url == stand || answer.status == 422 || answer.status == 400;
        assert!(refused, "{step}: {}", answer.summary());
    }
    paul.date(INES).await;
    for step in [
        "mot-de-passe",
        "date-de-naissance",
        "enfants",
        "recapitulatif",
    ] {
        let url = paul.step(step);
        let answer = paul.visitor.browser.open(&url).await;
        assert!(
            answer.url.ends_with("/email"),
            "{step}: {}",
            answer.summary()
        );
    }
    assert_eq!(state_of(&service, "p.durand8").await, "known");
}

/// The letter and FranceConnect lead to one account: neither takes up what the other
/// proved.
#[tokio::test]
async fn a_letter_and_an_identity_do_not_share_an_activation() {
    let (service, fc) = FranceConnect::with_service().await;
    service.sql("delete from bond").await;
    service
        .sql(
            "update directory_record set birth_date = '1978-03-22' where account_id = (select id \
             from account where identifier = 'c.martin2')",
        )
        .await;
    let mut proven = Newcomer::comes(&service, &fc, CLAIRE).await;
    proven.date(ZOE).await;
    assert!(proven.is_at("/email"), "{}", proven.page.summary());

    // Whoever has the letter starts at its beginning, and binds nothing.
    let mut letter = service.visitor(Person::OTHER_CLAIRE);
    let page = letter.browser.open(&service.portal().request().url()).await;
    let page = letter.types_password(&page).await;
    assert!(
        page.url.ends_with("/date-de-naissance"),
        "{}",
        page.summary()
    );
    let late = proven.skips().await;
    assert_eq!(late.status, 403, "{}", late.summary());

    // The other way round as well.
    let proven = Newcomer::comes(&service, &fc, CLAIRE).await;
    assert!(proven.is_at("/enfants"), "{}", proven.page.summary());
    let form = step_form(&page).with("date-de-naissance", ZOE);
    let late = letter.browser.submit(&form).await;
    assert_eq!(late.status, 403, "{}", late.summary());
    assert_eq!(bonds_of(&service, "c.martin2").await, 0);
}

#[tokio::test]
async fn what_was_vouched_for_counts_for_an_hour() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut paul = Newcomer::comes(&service, &fc, PAUL).await;
    let form = step_form(&paul.page).with("date-de-naissance-1", INES);
    service.advance_seconds(3601);
    let late = paul.visitor.browser.submit(&form).await;
    assert!(!late.url.ends_with("/email"), "{}", late.summary());
    assert_eq!(state_of(&service, "p.durand8").await, "known");
}

#[tokio::test]
async fn pressed_twenty_times_at_once_it_activates_once() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut paul = Newcomer::comes(&service, &fc, PAUL).await;
    paul.hurries(INES).await;
    let form = step_form(&paul.page);
    let mut at_once = JoinSet::new();
    for _ in 0..20 {
        let (mut browser, form) = (paul.visitor.browser.clone(), form.clone());
        at_once.spawn(async move { browser.submit_only(&form).await });
    }
    let answers = at_once.join_all().await;
    let entered = answers
        .iter()
        .filter(|answer| answer.header("set-cookie").contains("session"));
    assert_eq!(entered.count(), 1);
    assert_eq!(bonds_of(&service, "p.durand8").await, 1);
    assert_eq!(state_of(&service, "p.durand8").await, "active");
}

#[tokio::test]
async fn an_activation_that_was_finished_elsewhere_signs_nobody_in_here() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut paul = Newcomer::comes(&service, &fc, PAUL).await;
    paul.hurries(INES).await;
    let form = step_form(&paul.page);
    let mut other = Newcomer::comes(&service, &fc, PAUL).await;
    other.hurries(INES).await;
    other.fills(&[]).await;
    let late = paul.visitor.browser.submit(&form).await;
    assert!(late.location().is_none(), "{}", late.summary());
    assert!(paul.visitor.browser.cookie("session").is_none());
    assert_eq!(bonds_of(&service, "p.durand8").await, 1);
}

/// Another provider may sign in whom it is bound to, and name nobody else.
#[tokio::test]
async fn an_upstream_without_a_matching_rule_activates_nobody() {
    let (service, fc) = FranceConnect::with(|config| {
        let upstream = config.upstream.get_mut("franceconnect").unwrap();
        upstream.matching = idp::upstream::Matching::None;
    })
    .await;
    let paul = Newcomer::comes(&service, &fc, PAUL).await;
    assert_eq!(paul.page.status, 403, "{}", paul.page.summary());
    assert!(paul.page.text().contains("amont-inconnu"));
    assert_eq!(service.upstream_refusals().await, ["unmatched"]);
    let claire = Newcomer::comes(&service, &fc, CLAIRE).await;
    assert_eq!(claire.request.callback(&claire.page).error(), "");
}
