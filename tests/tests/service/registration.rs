//! « Je n'ai pas encore d'identifiant »: a guardian without a letter.

use tests::{
    Answer, Person, Request, Service, Visitor,
    form::Form,
    service::{eventually, texts},
};
use tokio::task::JoinSet;

const PAUL: [&str; 3] = ["Durand", "paul", "06 39 98 00 08"];
const NADIA: [&str; 3] = ["Dubois", "Nadia", "06 39 98 00 05"];
const INES: &str = "30/05/2018";
const NEW: &str = "girafe violon couloir";

/// Somebody without an identifier.
struct Newcomer {
    visitor: Visitor,
    request: Request,
    page: Answer,
}

impl Newcomer {
    /// At the page that asks for the code.
    async fn named(service: &Service, named: [&str; 3]) -> Self {
        let mut visitor = service.visitor(Person::NOBODY);
        let request = service.portal().request();
        let sign_in = visitor.browser.open(&request.url()).await;
        let link = link(&sign_in, "/inscription");
        let page = visitor.browser.open(&link).await;
        let mut newcomer = Self {
            visitor,
            request,
            page,
        };
        let [family, given, number] = named;
        newcomer
            .fills(&[("nom", family), ("prenom", given), ("telephone", number)])
            .await;
        newcomer
    }

    async fn fills(&mut self, fields: &[(&str, &str)]) -> &Answer {
        let form = step_form(&self.page);
        let form = fields
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.page = self.visitor.browser.submit(&form).await;
        &self.page
    }

    /// With the code that came, at the children's dates.
    async fn types_code(&mut self, service: &Service) {
        let code = code(service, 1).await;
        self.fills(&[("code", &code)]).await;
        assert!(self.is_at("/enfants"), "{}", self.page.summary());
    }

    async fn types_password(&mut self) {
        self.fills(&[
            ("nouveau-mot-de-passe", NEW),
            ("confirmation-mot-de-passe", NEW),
        ])
        .await;
    }

    fn is_at(&self, step: &str) -> bool {
        let path = self.page.url.split('?').next().unwrap();
        path.ends_with(step)
    }
}

fn step_form(page: &Answer) -> Form {
    let forms = Form::all(&page.text());
    let form = forms
        .into_iter()
        .find(|form| form.action.starts_with("/inscription"));
    form.unwrap_or_else(|| panic!("no step in {}", page.summary()))
}

/// The address of the page's link that begins so.
fn link(page: &Answer, begin: &str) -> String {
    let text = page.text();
    let rest = text.split(&format!("href=\"{begin}")).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no link in {}", page.summary()));
    let path = format!("{begin}{}", rest.split('"').next().unwrap());
    tests::form::unescape(&path)
}

/// The code of the newest of so many messages.
async fn code(service: &Service, messages: usize) -> String {
    eventually("a code arrives", async || {
        service.inbox.messages().len() >= messages
    })
    .await;
    let text = service.inbox.messages()[messages - 1].text.clone();
    let runs = text.split(|sign: char| !sign.is_ascii_digit());
    runs.map(str::to_owned)
        .find(|run| run.len() >= 6)
        .unwrap_or_else(|| panic!("no code in {text}"))
}

/// Codes are made after the answer.
async fn codes(service: &Service, expected: usize) {
    eventually("codes are made", async || {
        let statement = "select purpose from proof where purpose = 'registration_code'";
        let made = texts(service.database.reader(), statement, "purpose").await;
        made.len() == expected
    })
    .await;
}

async fn state(service: &Service) -> Vec<String> {
    let statement = "select state from account where identifier = 'p.durand8'";
    texts(service.database.reader(), statement, "state").await
}

#[tokio::test]
async fn a_guardian_without_a_letter_gets_to_the_service() {
    let service = Service::start().await;
    let mut paul = Newcomer::named(&service, PAUL).await;
    assert!(paul.is_at("/code"), "{}", paul.page.summary());
    paul.types_code(&service).await;
    paul.fills(&[("date-de-naissance-1", INES)]).await;
    assert!(paul.is_at("/mot-de-passe"), "{}", paul.page.summary());
    paul.types_password().await;
    assert!(paul.is_at("/recapitulatif"), "{}", paul.page.summary());
    paul.fills(&[]).await;
    assert!(paul.is_at("/identifiant"), "{}", paul.page.summary());
    assert!(paul.page.text().contains("p.durand8"));
    assert_eq!(state(&service).await, ["active"]);
    eventually("the identifier arrives", async || {
        service.inbox.messages().len() == 2
    })
    .await;
    let sms = &service.inbox.messages()[1];
    assert_eq!(sms.to, "+33639980008");
    assert!(sms.text.contains("\np.durand8\n"));
    // Nobody is signed in by it; the request of before goes on after a sign-in.
    assert!(paul.visitor.browser.cookie("session").is_none());
    let again = paul.visitor.browser.open(&paul.page.url.clone()).await;
    assert!(again.text().contains("p.durand8"), "reloaded");
    let back = link(&paul.page, "/connexion/");
    let page = paul.visitor.browser.open(&back).await;
    let answer = paul.visitor.types(&page, "p.durand8", NEW).await;
    let callback = paul.request.callback(&answer);
    let tokens = service.portal().tokens(&callback).await;
    let info = service.portal().userinfo(&tokens.access).await.json();
    assert_eq!(info["phone_number"], "+33639980008");
    assert_eq!(info["phone_number_verified"], true);
}

#[tokio::test]
async fn enumeration_by_content_the_pages_are_the_same_for_nobody() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for named in [
        PAUL,
        ["Durant", "Paul", "06 39 98 00 08"],
        ["Durand", "Paul", "06 39 98 00 07"],
        // Claire is active, and her number confirmed; Nadia has none.
        ["MARTIN", "Claire", "06 39 98 00 01"],
        ["Dubois", "Nadia", "06 39 98 00 05"],
    ] {
        let mut somebody = Newcomer::named(&service, named).await;
        codes(&service, answers.len() + 1).await;
        let page = somebody.page.clone();
        let tried = somebody.fills(&[("code", "00000000")]).await.clone();
        let names = |answer: &Answer| {
            let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            names
        };
        answers.push([
            (page.status, page.body.len(), names(&page)),
            (tried.status, tried.body.len(), names(&tried)),
        ]);
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
    assert_eq!((answers[0][0].0, answers[0][1].0), (200, 422));
    eventually("two messages arrive", async || {
        service.inbox.messages().len() == 2
    })
    .await;
    let messages = service.inbox.messages();
    let to_claire = messages.iter().find(|sms| sms.to == "+33639980001");
    let to_claire = &to_claire.unwrap().text;
    assert!(to_claire.contains("\nc.martin1\n") && to_claire.contains("Mot de passe perdu"));
    assert!(messages.iter().any(|sms| sms.to == "+33639980008"));
}

#[tokio::test]
async fn several_candidates_get_nothing() {
    let service = Service::start().await;
    // Another never activated Claire, and this one, with one number.
    service
        .sql(
            "update directory_record set phone = '+33639980008', family_name = 'DURAND', \
             family_name_normal = 'durand', given_name = 'Paul', given_name_normal = 'paul' \
             where account_id = (select id from account where identifier = 'c.martin2')",
        )
        .await;
    service
        .sql(
            "update account set family_name = 'DURAND', family_name_normal = 'durand', \
             given_name = 'Paul', given_name_normal = 'paul' where identifier = 'c.martin2'",
        )
        .await;
    let paul = Newcomer::named(&service, PAUL).await;
    assert!(paul.is_at("/code"));
    codes(&service, 1).await;
    let sent = texts(
        service.database.reader(),
        "select template from outbox",
        "template",
    )
    .await;
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test]
async fn otp_brute_force_five_wrong_codes_end_it_and_a_resend_gives_no_new_tries() {
    let service = Service::start().await;
    let mut paul = Newcomer::named(&service, PAUL).await;
    let first = code(&service, 1).await;
    for left in ["4", "3", "2"] {
        let page = paul.fills(&[("code", "00000000")]).await;
        assert!(page.text().contains(&format!("Il reste {left} essai")));
    }
    // The same person in another browser and spelling: the old code dies, its tries stay.
    let mut elsewhere = Newcomer::named(&service, ["DURAND", "PAUL", "+33 6 39 98 00 08"]).await;
    let second = code(&service, 2).await;
    assert_eq!(paul.fills(&[("code", &first)]).await.status, 422, "dead");
    for left in ["1", "0"] {
        let page = elsewhere.fills(&[("code", "00000000")]).await;
        assert_eq!(page.status, 422);
        assert!(left == "0" || page.text().contains(&format!("Il reste {left} essai")));
    }
    assert_eq!(elsewhere.fills(&[("code", &second)]).await.status, 422);
    assert_eq!(state(&service).await, ["known"]);
}

#[tokio::test]
async fn three_wrong_dates_end_the_registration_and_officers_see_which() {
    let service = Service::start().await;
    let mut paul = Newcomer::named(&service, PAUL).await;
    paul.types_code(&service).await;
    for left in ["2", "1"] {
        let page = paul.fills(&[("date-de-naissance-1", "30/05/2017")]).await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains(&format!("Il reste {left} essai")));
        assert!(
            page.text()
                .contains("l’école ou l’établissement de votre enfant")
        );
    }
    let last = paul.fills(&[("date-de-naissance-1", "30/05/2017")]).await;
    assert_eq!(last.status, 403);
    let refused = "select pupil.identifier from refused_birth_date refused \
                   join account pupil on pupil.id = refused.pupil_account_id";
    let refused = texts(service.database.reader(), refused, "identifier").await;
    assert_eq!(refused, ["i.durand9"; 3]);
    // A new code does not help on the same day; on the next it does.
    for (messages, right) in [(2, false), (3, true)] {
        let mut again = Newcomer::named(&service, PAUL).await;
        let code = code(&service, messages).await;
        again.fills(&[("code", &code)]).await;
        let page = again.fills(&[("date-de-naissance-1", INES)]).await;
        assert_eq!(page.status == 200, right, "{}", page.summary());
        service.advance(std::time::Duration::from_hours(25));
    }
}

#[tokio::test]
async fn all_children_are_asked_for_in_any_order() {
    let service = Service::start().await;
    // Nadia's children, of an account that was never activated.
    service
        .sql(
            "update account set state = 'known', password_state = 'absent', password_hash = null, \
             password_set_at = null where identifier = 'n.dubois5'",
        )
        .await;
    service
        .sql(
            "update directory_record set phone = '+33639980005' \
             where account_id = (select id from account where identifier = 'n.dubois5')",
        )
        .await;
    let mut nadia = Newcomer::named(&service, ["Dubois", "Nadia", "06 39 98 00 05"]).await;
    nadia.types_code(&service).await;
    let dates = |one, other| [("date-de-naissance-1", one), ("date-de-naissance-2", other)];
    let wrong = nadia.fills(&dates("17/02/2017", "17/02/2017")).await;
    assert_eq!(wrong.status, 422, "one date twice");
    let statement = "select name from school where uai = '0750002V'";
    let school = texts(service.database.reader(), statement, "name").await;
    let named = tests::form::unescape(&wrong.text());
    assert!(named.contains(&school[0]), "Lina's date was right");
    nadia.fills(&dates("17/02/2017", "23/09/2012")).await;
    assert!(nadia.is_at("/mot-de-passe"), "{}", nadia.page.summary());
}

/// A child whose date no school knows cannot be asked about, and keeps nobody out.
#[tokio::test]
async fn a_child_without_a_known_date_is_not_asked_for() {
    let service = Service::start().await;
    let nadia = "(select id from account where identifier = 'n.dubois5')";
    for statement in [
        "update account set state = 'known', password_state = 'absent', password_hash = null, \
         password_set_at = null where identifier = 'n.dubois5'"
            .to_owned(),
        format!("update directory_record set phone = '+33639980005' where account_id = {nadia}"),
        "update account set birth_date = null where identifier = 'a.dubois6'".to_owned(),
    ] {
        assert!(service.sql(&statement).await > 0, "{statement}");
    }
    let mut somebody = Newcomer::named(&service, NADIA).await;
    somebody.types_code(&service).await;
    let text = somebody.page.text();
    assert_eq!(text.matches("name=\"date-de-naissance-").count(), 1);
    let wrong = somebody
        .fills(&[("date-de-naissance-1", "23/09/2012")])
        .await;
    assert_eq!(wrong.status, 422, "no school knows that date");
    somebody
        .fills(&[("date-de-naissance-1", "17/02/2017")])
        .await;
    assert!(
        somebody.is_at("/mot-de-passe"),
        "{}",
        somebody.page.summary()
    );
    // Without any date there is nobody to be asked, and no code is sent.
    let sent = service.inbox.messages().len();
    service
        .sql("update account set birth_date = null where identifier = 'l.dubois7'")
        .await;
    Newcomer::named(&service, NADIA).await;
    codes(&service, 2).await;
    let pending = "select template from outbox where state = 'pending'";
    let pending = texts(service.database.reader(), pending, "template").await;
    assert_eq!((pending.len(), service.inbox.messages().len()), (0, sent));
}

/// security.md 4.1: the brake is one for all pages that take a code.
#[tokio::test]
async fn otp_brute_force_over_pages_meets_one_brake() {
    let service = Service::with(|config| {
        config.self_service.wrong_codes = 6;
        config.server.metrics_listen = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let mut paul = Newcomer::named(&service, PAUL).await;
    let right = code(&service, 1).await;
    for _ in 0..4 {
        assert_eq!(paul.fills(&[("code", "00000000")]).await.status, 422);
    }
    let mut claire = service.browser();
    let page = crate::lost::asks_for_password(&mut claire, "c.martin1", "sms").await;
    let of_claire = crate::lost::messages(&service, 2).await.pop().unwrap();
    let of_claire = crate::lost::code(&of_claire);
    for _ in 0..2 {
        let wrong = crate::lost::other_than(&of_claire);
        let answer = crate::lost::types_code(&mut claire, &page, &wrong).await;
        assert_eq!(answer.status, 422, "{}", answer.summary());
    }
    // From now on nobody's code is looked at, not even a right one.
    for _ in 0..2 {
        let answer = crate::lost::types_code(&mut claire, &page, &of_claire).await;
        assert_eq!(answer.status, 429, "{}", answer.summary());
        let page = paul.page.clone();
        assert_eq!(paul.fills(&[("code", &right)]).await.status, 429);
        paul.page = page;
    }
    // Whoever watches the service is told.
    let metrics = service.metrics().await;
    for line in ["preau_wrong_codes_total 6", "preau_braked_codes_total 4"] {
        assert!(metrics.lines().any(|told| told == line), "{metrics}");
    }
    service.advance(std::time::Duration::from_mins(10));
    paul.fills(&[("code", &right)]).await;
    assert!(paul.is_at("/enfants"), "{}", paul.page.summary());
}

#[tokio::test]
async fn no_step_can_be_skipped_in_any_order_nor_done_in_another_browser() {
    const STEPS: [&str; 4] = ["code", "enfants", "mot-de-passe", "recapitulatif"];
    let service = Service::start().await;
    let mut paul = Newcomer::named(&service, PAUL).await;
    let sent = code(&service, 1).await;
    let path = paul.page.url.split('?').next().unwrap().to_owned();
    let base = path.rsplit_once('/').unwrap().0.to_owned();
    for (reached, here) in STEPS.iter().enumerate() {
        assert!(paul.is_at(here), "{}", paul.page.summary());
        let csrf = step_form(&paul.page).value("csrf").unwrap().to_owned();
        let mut thief = Newcomer::named(&service, ["Voleur", "Victor", "06 39 98 00 66"]).await;
        for (index, step) in STEPS.iter().enumerate() {
            if index == reached {
                continue;
            }
            let everything = [
                ("csrf", csrf.as_str()),
                ("code", sent.as_str()),
                ("date-de-naissance-1", INES),
                ("nouveau-mot-de-passe", NEW),
                ("confirmation-mot-de-passe", NEW),
            ];
            let url = format!("{base}/{step}");
            let posted = paul.visitor.browser.post(&url, &everything).await;
            let led = paul.visitor.browser.follow(posted).await;
            assert!(led.url.ends_with(here), "{reached} {index}");
            assert_eq!(thief.visitor.browser.open(&url).await.status, 403);
        }
        let stolen = step_form(&paul.page).with("code", &sent);
        let csrf = step_form(&thief.page).value("csrf").unwrap().to_owned();
        let stolen = stolen.with("csrf", &csrf);
        assert_eq!(thief.visitor.browser.submit(&stolen).await.status, 403);
        thief.page = thief.visitor.browser.open("/inscription").await;
        assert_eq!(state(&service).await, ["known"]);
        match reached {
            0 => drop(paul.fills(&[("code", &sent)]).await),
            1 => drop(paul.fills(&[("date-de-naissance-1", INES)]).await),
            2 => paul.types_password().await,
            _ => drop(paul.fills(&[]).await),
        }
    }
    assert_eq!(state(&service).await, ["active"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_form_fifty_times_at_once_activates_once() {
    let mut service = Service::start().await;
    let other = service.second_node().await;
    let mut paul = Newcomer::named(&service, PAUL).await;
    paul.types_code(&service).await;
    paul.fills(&[("date-de-naissance-1", INES)]).await;
    paul.types_password().await;
    let form = step_form(&paul.page);
    let mut tasks = JoinSet::new();
    for turn in 0..50 {
        let mut browser = paul.visitor.browser.clone();
        if turn % 2 == 1 {
            browser.moves_to(&other);
        }
        let form = form.clone();
        tasks.spawn(async move { browser.submit_only(&form).await.status });
    }
    let statuses = tasks.join_all().await;
    assert!(
        statuses.iter().all(|status| [303, 403].contains(status)),
        "{statuses:?}"
    );
    let statement = "select action from audit_event where action = 'account.activated'";
    let activated = texts(service.database.reader(), statement, "action").await;
    assert_eq!(activated.len(), 1);
}

#[tokio::test]
async fn sms_bombing_of_a_number_is_silent_and_of_a_network_is_told() {
    let service = Service::start().await;
    for count in 1..=12 {
        let paul = Newcomer::named(&service, PAUL).await;
        assert!(paul.is_at("/code"), "{count}");
    }
    codes(&service, 12).await;
    let sent = texts(
        service.database.reader(),
        "select template from outbox",
        "template",
    )
    .await;
    assert_eq!(sent.len(), 10);
    let mut one = Newcomer::named(&service, PAUL).await;
    let mut last = 200;
    for _ in 0..60 {
        let resend = Form::all(&one.page.text())
            .into_iter()
            .find(|form| form.action.contains("/renvoi"));
        let Some(resend) = resend else { break };
        one.page = one.visitor.browser.submit(&resend).await;
        last = one.page.status;
    }
    assert_eq!(last, 429);
}
