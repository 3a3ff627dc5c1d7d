//! « J'active mon compte »: from the school's letter to the service that was wanted.

use tests::{
    Answer, Person, Request, Service, Visitor,
    form::Form,
    service::{eventually, texts},
};
use tokio::task::JoinSet;

const ZOE: Person = Person {
    identifier: "z.martin4",
    password: "Prov-H3w8-t5Rn",
};
const ZOES_DATE: &str = "04/01/2014";
const NEW: &str = "girafe violon couloir";

/// Somebody with a letter, at the first page of their activation.
struct Newcomer {
    visitor: Visitor,
    request: Request,
    page: Answer,
}

impl Newcomer {
    async fn comes(service: &Service, person: Person) -> Self {
        let mut visitor = service.visitor(person);
        let request = service.portal().request();
        let page = visitor.browser.open(&request.url()).await;
        let page = visitor.types_password(&page).await;
        assert_heading(&page, "J’active mon compte");
        Self {
            visitor,
            request,
            page,
        }
    }

    /// Fills the page's form and goes on.
    async fn fills(&mut self, fields: &[(&str, &str)]) -> &Answer {
        let form = step_form(&self.page);
        let form = fields
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.page = self.visitor.browser.submit(&form).await;
        &self.page
    }

    async fn date(&mut self, date: &str) -> &Answer {
        self.fills(&[("date-de-naissance", date)]).await
    }

    async fn password(&mut self, password: &str) -> &Answer {
        self.fills(&[
            ("nouveau-mot-de-passe", password),
            ("confirmation-mot-de-passe", password),
        ])
        .await
    }

    async fn skips(&mut self) -> &Answer {
        self.fills(&[("choix", "passer")]).await
    }

    fn is_at(&self, step: &str) -> bool {
        self.page.url.ends_with(step)
    }
}

/// The form of the step itself.
fn step_form(page: &Answer) -> Form {
    let forms = Form::all(&page.text());
    let form = forms
        .into_iter()
        .find(|form| form.action.starts_with("/activation/"));
    form.unwrap_or_else(|| panic!("no step in {}", page.summary()))
}

fn assert_heading(page: &Answer, heading: &str) {
    assert!(
        page.text().contains(&format!("<h1>{heading}</h1>")),
        "{}",
        page.summary()
    );
}

async fn account(service: &Service, column: &str, identifier: &str) -> Vec<String> {
    let statement = format!("select {column} as it from account where identifier = '{identifier}'");
    texts(service.database.reader(), &statement, "it").await
}

async fn events(service: &Service, action: &str) -> usize {
    let statement = format!("select action from audit_event where action = '{action}'");
    texts(service.database.reader(), &statement, "action")
        .await
        .len()
}

#[tokio::test]
async fn a_pupil_gets_from_the_letter_to_the_service() {
    let service = Service::start().await;
    let mut zoe = Newcomer::comes(&service, ZOE).await;
    assert!(zoe.page.text().contains(">Date de naissance<"));
    zoe.date(ZOES_DATE).await;
    zoe.password(NEW).await;
    assert!(zoe.is_at("/email"), "{}", zoe.page.summary());
    assert!(zoe.page.text().contains("responsables légaux"), "under 15");
    let address = ("email", "Zoe.Martin@example.org");
    zoe.fills(&[address, ("confirmation-email", "zoe.martin@example.org")])
        .await;
    assert!(zoe.is_at("/recapitulatif"), "no phone for a pupil");
    assert!(zoe.page.text().contains("Zoe.Martin@example.org"));
    let answer = zoe.fills(&[]).await.clone();
    let callback = zoe.request.callback(&answer);
    let tokens = service.portal().tokens(&callback).await;
    assert!(!tokens.id.is_empty());
    assert_eq!(account(&service, "state", "z.martin4").await, ["active"]);
    eventually("the address is asked to be confirmed", async || {
        !service.inbox.messages().is_empty()
    })
    .await;
    let mail = &service.inbox.messages()[0];
    assert_eq!(mail.to, "Zoe.Martin@example.org");
    assert!(mail.text.contains("\nz.martin4\n"));
    assert!(
        mail.text
            .contains("\nhttps://compte.example/compte/email/confirmation?jeton=")
    );
    // From now on the chosen password opens the account, and the letter nothing.
    let mut again = service.visitor(Person {
        password: NEW,
        ..ZOE
    });
    again.signs_in_at(&service.portal()).await;
    let mut late = service.visitor(ZOE);
    let page = late.browser.open(&service.portal().request().url()).await;
    assert_eq!(late.types_password(&page).await.status, 422);
}

#[tokio::test]
async fn a_guardian_says_any_child_s_date_and_may_give_a_number() {
    let service = Service::start().await;
    let mut claire = Newcomer::comes(&service, Person::OTHER_CLAIRE).await;
    assert!(
        claire
            .page
            .text()
            .contains(">Date de naissance de l’un de vos enfants<")
    );
    claire.date("4.1.2014").await;
    claire.password(NEW).await;
    claire.skips().await;
    assert!(claire.is_at("/telephone"), "{}", claire.page.summary());
    assert_eq!(
        claire
            .fills(&[("telephone", "01 99 00 12 34")])
            .await
            .status,
        422,
        "no SMS there"
    );
    claire.fills(&[("telephone", "06 39 98 00 09")]).await;
    assert!(claire.page.text().contains("+33639980009"));
    let answer = claire.fills(&[]).await.clone();
    let callback = claire.request.callback(&answer);
    let tokens = service.portal().tokens(&callback).await;
    let info = service.portal().userinfo(&tokens.access).await.json();
    assert_eq!(info["phone_number_verified"], false);
    assert!(info.get("email").is_none());
}

#[tokio::test]
async fn three_wrong_dates_end_the_provisional_password() {
    let service = Service::start().await;
    let mut zoe = Newcomer::comes(&service, ZOE).await;
    // What cannot be read is no try.
    for unread in ["", "31/02/2014", "04/01/14", "01/01/2999"] {
        assert_eq!(zoe.date(unread).await.status, 422, "{unread}");
    }
    for left in ["2", "1"] {
        let page = zoe.date("05/01/2014").await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains(&format!("Il reste {left} essai")));
    }
    let last = zoe.date("05/01/2014").await.clone();
    assert_eq!(last.status, 403);
    assert!(last.text().contains("Je contacte mon établissement"));
    assert_eq!(
        account(&service, "password_state", "z.martin4").await,
        ["absent"]
    );
    assert_eq!(events(&service, "password.provisional_ended").await, 1);
    let mut again = service.visitor(ZOE);
    let page = again.browser.open(&service.portal().request().url()).await;
    assert_eq!(again.types_password(&page).await.status, 422);
    let refused = "select typed from refused_birth_date";
    let refused = texts(service.database.reader(), refused, "typed").await;
    assert_eq!(refused, ["2014-01-05"; 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_dates_at_once_are_all_counted_and_none_is_tried_after_the_third() {
    let mut service = Service::start().await;
    let other = service.second_node().await;
    let zoe = Newcomer::comes(&service, ZOE).await;
    let mut tasks = JoinSet::new();
    for turn in 0..50 {
        let mut browser = zoe.visitor.browser.clone();
        if turn % 2 == 1 {
            browser.moves_to(&other);
        }
        let date = format!("{:02}/02/2014", turn % 28 + 1);
        let form = step_form(&zoe.page).with("date-de-naissance", &date);
        tasks.spawn(async move { browser.submit_only(&form).await.status });
    }
    let statuses = tasks.join_all().await;
    let tried = statuses.iter().filter(|status| **status == 422).count();
    assert_eq!(tried, 2, "{statuses:?}");
    assert!(statuses.iter().all(|status| [422, 403].contains(status)));
    let rows = texts(
        service.database.reader(),
        "select typed from refused_birth_date",
        "typed",
    )
    .await;
    assert_eq!(rows.len(), 3);
}

#[tokio::test]
async fn a_second_device_takes_up_the_steps_and_the_first_one_s_form_expires() {
    let service = Service::start().await;
    let mut first = Newcomer::comes(&service, ZOE).await;
    first.date(ZOES_DATE).await;
    first.password(NEW).await;
    let mut second = Newcomer::comes(&service, ZOE).await;
    assert!(second.is_at("/email"), "{}", second.page.summary());
    let page_of_first = first.page.clone();
    let expired = first.skips().await.clone();
    assert_eq!(expired.status, 403);
    assert!(expired.text().contains("page-perimee"));
    let reloaded = first.visitor.browser.open(&page_of_first.url).await;
    assert!(reloaded.is_sign_in(), "{}", reloaded.summary());
    second.skips().await;
    let answer = second.fills(&[]).await.clone();
    second.request.callback(&answer).code();
    let mut zoe = service.visitor(Person {
        password: NEW,
        ..ZOE
    });
    zoe.signs_in_at(&service.portal()).await;
}

#[tokio::test]
async fn a_new_letter_begins_anew() {
    let service = Service::start().await;
    let mut first = Newcomer::comes(&service, ZOE).await;
    first.date(ZOES_DATE).await;
    first.password(NEW).await;
    service.advance_seconds(3600);
    let now = service.clock_seconds() * 1000;
    service
        .sql(&format!(
            "update account set password_set_at = {now} where identifier = 'z.martin4'"
        ))
        .await;
    service.advance_seconds(60);
    let second = Newcomer::comes(&service, ZOE).await;
    assert!(
        second.is_at("/date-de-naissance"),
        "{}",
        second.page.summary()
    );
}

#[tokio::test]
async fn back_and_reload_lose_and_double_nothing() {
    let service = Service::start().await;
    let mut zoe = Newcomer::comes(&service, ZOE).await;
    let date_page = zoe.page.clone();
    zoe.date(ZOES_DATE).await;
    let password_page = zoe.page.clone();
    zoe.password(NEW).await;
    let email = ("email", "zoe@example.org");
    zoe.fills(&[email, ("confirmation-email", email.1)]).await;
    assert!(zoe.is_at("/recapitulatif"));
    // The first form again, with a wrong date: it is done, and counts for nothing.
    let stale = step_form(&date_page).with("date-de-naissance", "05/01/2014");
    let led = zoe.visitor.browser.submit(&stale).await;
    assert!(led.url.ends_with("/recapitulatif"));
    assert_eq!(events(&service, "activation.birth_date_refused").await, 0);
    // Back to the password, chosen anew, and then not asked for the rest again.
    zoe.page = zoe.visitor.browser.open(&password_page.url).await;
    zoe.password("tulipe couloir girafe").await;
    assert!(zoe.is_at("/recapitulatif"), "{}", zoe.page.summary());
    assert!(zoe.page.text().contains("zoe@example.org"));
    let url = zoe.page.url.clone();
    zoe.page = zoe.visitor.browser.open(&url).await;
    let answer = zoe.fills(&[]).await.clone();
    zoe.request.callback(&answer).code();
    let mut again = service.visitor(Person {
        password: "tulipe couloir girafe",
        ..ZOE
    });
    again.signs_in_at(&service.portal()).await;
}

#[tokio::test]
async fn no_step_can_be_skipped_in_any_order() {
    const STEPS: [&str; 5] = [
        "date-de-naissance",
        "mot-de-passe",
        "email",
        "telephone",
        "recapitulatif",
    ];
    let service = Service::start().await;
    for (reached, here) in STEPS.iter().enumerate() {
        let mut claire = Newcomer::comes(&service, Person::OTHER_CLAIRE).await;
        let base = claire.page.url.rsplit_once('/').unwrap().0.to_owned();
        assert!(claire.is_at(here), "{}", claire.page.summary());
        let csrf = step_form(&claire.page).value("csrf").unwrap().to_owned();
        for (index, step) in STEPS.iter().enumerate().skip(reached + 1) {
            let everything = [
                ("csrf", csrf.as_str()),
                ("date-de-naissance", ZOES_DATE),
                ("nouveau-mot-de-passe", NEW),
                ("confirmation-mot-de-passe", NEW),
                ("choix", "passer"),
            ];
            let url = format!("{base}/{step}");
            let posted = claire.visitor.browser.post(&url, &everything).await;
            let led = claire.visitor.browser.follow(posted).await;
            assert!(led.url.ends_with(here), "{reached} {index}");
            let shown = claire.visitor.browser.open(&url).await;
            assert!(shown.url.ends_with(here), "{reached} {index}");
        }
        assert_eq!(account(&service, "state", "c.martin2").await, ["known"]);
        match reached {
            0 => claire.date(ZOES_DATE).await,
            1 => claire.password(NEW).await,
            2 | 3 => claire.skips().await,
            _ => claire.fills(&[]).await,
        };
    }
    assert_eq!(account(&service, "state", "c.martin2").await, ["active"]);
}

#[tokio::test]
async fn an_activation_goes_on_in_its_own_browser_alone() {
    let service = Service::start().await;
    let mut zoe = Newcomer::comes(&service, ZOE).await;
    zoe.date(ZOES_DATE).await;
    let mut thief = service.visitor(Person::LEO);
    thief.browser.open(&service.portal().request().url()).await;
    assert_eq!(thief.browser.open(&zoe.page.url).await.status, 403);
    let form = step_form(&zoe.page)
        .with("nouveau-mot-de-passe", NEW)
        .with("confirmation-mot-de-passe", NEW);
    assert_eq!(thief.browser.submit(&form).await.status, 403);
}

#[tokio::test]
async fn a_password_is_refused_that_is_known_to_others() {
    let service = Service::start().await;
    let mut zoe = Newcomer::comes(&service, ZOE).await;
    zoe.date(ZOES_DATE).await;
    for refused in ["court", "motdepasse123", "Zoe-Martin-2014", ZOE.password] {
        let page = zoe.password(refused).await;
        assert_eq!(page.status, 422, "{refused}");
        assert!(!page.text().contains(refused), "{refused}");
    }
}

#[tokio::test]
async fn an_account_that_is_suspended_meanwhile_is_not_activated() {
    let service = Service::start().await;
    let mut zoe = Newcomer::comes(&service, ZOE).await;
    zoe.date(ZOES_DATE).await;
    zoe.password(NEW).await;
    zoe.skips().await;
    service.set_state(ZOE, "suspended").await;
    let led = zoe.fills(&[]).await;
    assert!(led.is_sign_in(), "{}", led.summary());
    assert!(zoe.visitor.browser.cookie("session").is_none());
    assert_eq!(account(&service, "state", "z.martin4").await, ["suspended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_form_fifty_times_at_once_activates_once() {
    let mut service = Service::start().await;
    let other = service.second_node().await;
    let mut zoe = Newcomer::comes(&service, ZOE).await;
    zoe.date(ZOES_DATE).await;
    zoe.password(NEW).await;
    let email = ("email", "zoe@example.org");
    zoe.fills(&[email, ("confirmation-email", email.1)]).await;
    let form = step_form(&zoe.page);
    let mut tasks = JoinSet::new();
    for turn in 0..50 {
        let mut browser = zoe.visitor.browser.clone();
        if turn % 2 == 1 {
            browser.moves_to(&other);
        }
        let form = form.clone();
        tasks.spawn(async move {
            let answer = browser.submit_only(&form).await;
            (answer.status, browser.cookie("session").is_some())
        });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|(status, _)| *status == 303));
    assert_eq!(answers.iter().filter(|(_, entered)| *entered).count(), 1);
    assert_eq!(events(&service, "account.activated").await, 1);
    let sent = texts(
        service.database.reader(),
        "select template from outbox",
        "template",
    )
    .await;
    assert_eq!(sent, ["confirm_email"]);
}
