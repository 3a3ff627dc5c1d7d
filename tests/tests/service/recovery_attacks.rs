//! Attacks on recovery, each named after its class.

use std::time::Duration;

use http::Method;
use tests::{Answer, Browser, Person, Service, door::header_map, service::texts};
use tokio::task::JoinSet;

use crate::lost::{
    PASSWORD, asks_for_identifier, asks_for_identifier_by_sms, asks_for_password, code, confirm,
    email, heading, link, messages, opens, opens_link, phone, sets, settle, types_code,
};

/// All that an answer tells, without what is random in every answer.
fn comparable(answer: &Answer) -> (u16, Vec<String>, String) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", without_tokens(value.to_str().unwrap())))
        .collect();
    headers.sort();
    (answer.status, headers, without_tokens(&answer.text()))
}

/// Tokens are 43 signs of base64url.
fn without_tokens(text: &str) -> String {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut out = String::new();
    let mut word = String::new();
    for sign in text.chars().chain(['\n']) {
        if is_sign(sign) {
            word.push(sign);
            continue;
        }
        out.push_str(if word.len() == 43 { "TOKEN" } else { &word });
        out.push(sign);
        word.clear();
    }
    out
}

/// Accounts in every state, with confirmed contacts where they may have any.
async fn people(service: &Service) -> Vec<&'static str> {
    service.set_state(Person::LEO, "suspended").await;
    service.set_state(Person::ADAM, "merged").await;
    service.set_state(Person::LINA, "closed").await;
    for (identifier, address) in [
        ("a.dubois6", email("adam@example.org")),
        ("l.dubois7", email("lina@example.org")),
        ("z.martin4", email("zoe@example.org")),
        ("p.durand8", email("paul@example.org")),
        ("f.petit10", email("francois@example.org")),
        ("f.petit10", phone("+33639980010")),
        ("p.durand8", phone("+33639980008")),
    ] {
        confirm(service, identifier, address).await;
    }
    vec![
        "c.martin1",
        "x.inconnu9",
        "l.martin3",
        "z.martin4",
        "n.dubois5",
        "a.dubois6",
        "l.dubois7",
        "p.durand8",
        "f.petit10",
        "admin",
        "ecole.college",
        "c.martin2",
        "é@ç,, pas un identifiant",
    ]
}

/// Status, headers and text of an answer.
type Seen = (u16, Vec<String>, String);

fn assert_alike(answers: &[(String, Seen)]) {
    for pair in answers.windows(2) {
        assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
    }
}

#[tokio::test]
async fn enumeration_by_content_lost_password_answers_all_alike() {
    let service = Service::start().await;
    let people = people(&service).await;
    for choice in ["email", "sms"] {
        let mut answers = Vec::new();
        for who in &people {
            let mut browser = service.browser();
            let form = browser.open("/mot-de-passe-perdu").await;
            let form = form.form_with("identifiant");
            let form = form.with("identifiant", who).with("choix", choice);
            let first = browser.submit_only(&form).await;
            let second = browser.follow(first.clone()).await;
            let (first, second) = (comparable(&first), comparable(&second));
            let whole = format!("{}{}", first.2, second.2);
            answers.push((
                (*who).to_owned(),
                (first.0, [first.1, second.1].concat(), whole),
            ));
        }
        assert_alike(&answers);
    }
}

#[tokio::test]
async fn enumeration_by_content_wrong_codes_are_answered_all_alike() {
    let service = Service::start().await;
    let mut each = Vec::new();
    for who in people(&service).await {
        let mut browser = service.browser();
        let page = asks_for_password(&mut browser, who, "sms").await;
        let mut answers = Vec::new();
        for typed in [
            "", "123", "00000000", "00000000", "00000000", "00000000", "00000000",
        ] {
            answers.push(comparable(&types_code(&mut browser, &page, typed).await));
        }
        let again = browser.submit(&page.form("/renvoi")).await;
        answers.push(comparable(&again));
        each.push((who, answers));
    }
    for pair in each.windows(2) {
        assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
    }
    assert!(each[0].1[2].2.contains("Ce code n’est pas le bon"));
    assert!(each[0].1[6].2.contains("Ce code ne sert plus"));
}

#[tokio::test]
async fn enumeration_by_content_lost_identifier_answers_all_alike() {
    let service = Service::start().await;
    people(&service).await;
    let mut answers = Vec::new();
    for address in [
        "claire.martin@example.org",
        "nobody@example.org",
        "nadia.dubois@example.org",
        "leo.martin@example.org",
        "adam@example.org",
        "zoe@example.org",
        "francois@example.org",
        "alix.moreau@example.org",
    ] {
        let answer = asks_for_identifier(&mut service.browser(), address).await;
        answers.push((address.to_owned(), comparable(&answer)));
    }
    assert_alike(&answers);
    let mut answers = Vec::new();
    for number in [
        "+33639980001",
        "+33639980099",
        "+33639980008",
        "+12025550123",
    ] {
        let answer = asks_for_identifier_by_sms(&mut service.browser(), number).await;
        answers.push((number.to_owned(), comparable(&answer)));
    }
    assert_alike(&answers);
}

#[tokio::test]
async fn nothing_is_sent_to_whom_nothing_may_be_sent() {
    let service = Service::start().await;
    service.set_state(Person::CLAIRE, "suspended").await;
    for (identifier, address) in [
        ("z.martin4", email("zoe@example.org")),
        ("c.martin2", email("claire2@example.org")),
        ("p.durand8", phone("+33639980008")),
    ] {
        confirm(&service, identifier, address).await;
    }
    for address in [
        "nadia.dubois@example.org",
        "claire.martin@example.org",
        "zoe@example.org",
        "claire2@example.org",
        "alix.moreau@example.org",
        "nobody@example.org",
    ] {
        asks_for_identifier(&mut service.browser(), address).await;
    }
    for who in [
        "n.dubois5",
        "c.martin1",
        "z.martin4",
        "c.martin2",
        "p.durand8",
        "admin",
        "a.dubois6",
    ] {
        for choice in ["email", "sms"] {
            asks_for_password(&mut service.browser(), who, choice).await;
        }
    }
    let sent = settle(&service).await;
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test]
async fn enumeration_by_side_effect_a_network_waits_whoever_it_names() {
    let service = Service::start().await;
    let mut pages = Vec::new();
    for who in ["c.martin1", "x.inconnu9"] {
        let mut browser = service.browser();
        let page = browser.open("/mot-de-passe-perdu").await;
        let form = page.form_with("identifiant").with("identifiant", who);
        let mut statuses = Vec::new();
        for _ in 0..60 {
            statuses.push(browser.submit_only(&form).await.status);
        }
        assert!(statuses.iter().all(|status| *status == 303), "{who}");
        let late = browser.submit_only(&form).await;
        assert_eq!(late.status, 429, "{who}");
        pages.push((late.header("retry-after").to_owned(), late.body.len()));
        let mut neighbour = service.browser();
        let other = asks_for_password(&mut neighbour, who, "email").await;
        assert_eq!(other.status, 200, "another network goes on");
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn bombing_of_a_victim_one_contact_gets_ten_messages_and_nobody_sees_it() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for turn in 0..40 {
        let mut browser = service.browser();
        let answer = if turn % 2 == 0 {
            asks_for_identifier(&mut browser, "Claire.martin@example.org").await
        } else {
            asks_for_password(&mut browser, "c.martin1", "email").await
        };
        if turn % 2 == 0 {
            answers.push((turn.to_string(), comparable(&answer)));
        }
    }
    assert_alike(&answers);
    assert_eq!(settle(&service).await.len(), 10);
    service.advance(Duration::from_mins(10));
    asks_for_identifier(&mut service.browser(), "claire.martin@example.org").await;
    messages(&service, 12).await;
}

#[tokio::test]
async fn host_header_poisoning_links_stand_on_the_configured_issuer() {
    let service = Service::start().await;
    for (count, (name, value)) in [
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "666"),
        ("x-original-host", "evil.example"),
        ("host", "evil.example"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut browser = service.browser().with_header(name, value);
        asks_for_password(&mut browser, "c.martin1", "email").await;
        let mail = &messages(&service, count + 1).await[count];
        let begin = "https://compte.example/mot-de-passe/lien?jeton=";
        assert!(link(mail).starts_with(begin), "{name}: {}", mail.text);
        assert!(!format!("{mail:?}").contains("evil"), "{name}");
    }
}

#[tokio::test]
async fn prefetch_by_mail_scanners_uses_nothing_up() {
    let service = Service::start().await;
    asks_for_password(&mut service.browser(), "c.martin1", "email").await;
    let link = link(&messages(&service, 1).await[0]);
    for _ in 0..3 {
        let mut scanner = service.browser();
        let page = scanner.open(&link).await;
        assert_eq!(heading(&page), "Modifier le mot de passe");
        // One that posts what it finds cannot name the account.
        let blind = page.form_with("nouveau-mot-de-passe");
        assert_eq!(scanner.submit(&blind).await.status, 422);
        let guess = sets(&mut scanner, &page, "x", PASSWORD).await;
        assert_eq!(guess.status, 422);
    }
    let path = link.trim_start_matches("https://compte.example");
    for method in [Method::HEAD, Method::GET, Method::OPTIONS] {
        let answer = service.door.send(method, path, header_map(&[]), Vec::new());
        answer.await;
    }
    assert!(opens(&service, Person::CLAIRE, Person::CLAIRE.password).await);
    let mut claire = service.browser();
    let page = claire.open(&link).await;
    let done = sets(&mut claire, &page, "c.martin1", PASSWORD).await;
    assert_eq!(heading(&done), "Votre mot de passe est modifié");
}

#[tokio::test]
async fn referrer_leak_the_token_leaves_the_address_at_once() {
    let service = Service::start().await;
    let mut claire = service.browser();
    asks_for_password(&mut claire, "c.martin1", "email").await;
    let link = link(&messages(&service, 1).await[0]);
    let token = link.split("jeton=").nth(1).unwrap().to_owned();
    let first = claire.get(&link).await;
    assert_eq!(
        (first.status, first.header("referrer-policy")),
        (303, "no-referrer")
    );
    assert_eq!(first.header("cache-control"), "no-store");
    let page = claire.follow(first.clone()).await;
    for answer in [&first, &page] {
        assert!(!format!("{:?}{}", answer.headers, answer.text()).contains(&token));
    }
    for outside in ["http://", "https://", "//"] {
        let opening = format!("src=\"{outside}");
        assert!(!page.text().contains(&opening));
    }
    // One that is over leaves it too.
    let over = claire.get("/mot-de-passe/lien?jeton=x").await;
    assert_eq!(
        (over.status, over.header("referrer-policy")),
        (303, "no-referrer")
    );
    assert_eq!(claire.follow(over).await.status, 410);
}

#[tokio::test]
async fn token_quality_a_link_dies_with_its_use_a_newer_one_its_day_and_its_address() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let page = opens_link(&service, &mut claire, "c.martin1").await;
    // A newer one.
    let newer = opens_link(&service, &mut claire, "c.martin1").await;
    assert_eq!(
        sets(&mut claire, &page, "c.martin1", PASSWORD).await.status,
        410
    );
    // Its use: the form again, and the link again.
    let used = link(&service.inbox.messages()[1]);
    let done = sets(&mut claire, &newer, "c.martin1", PASSWORD).await;
    assert_eq!(done.status, 200);
    assert_eq!(
        sets(&mut claire, &newer, "c.martin1", PASSWORD)
            .await
            .status,
        410
    );
    assert_eq!(claire.open(&used).await.status, 410);
    // Its day.
    let late = opens_link(&service, &mut claire, "c.martin1").await;
    let unopened = link(service.inbox.messages().last().unwrap());
    service.advance(Duration::from_hours(24));
    assert_eq!(
        sets(&mut claire, &late, "c.martin1", PASSWORD).await.status,
        410
    );
    assert_eq!(claire.open(&unopened).await.status, 410);
    // Its address.
    let page = opens_link(&service, &mut claire, "c.martin1").await;
    confirm(&service, "c.martin1", email("autre@example.org")).await;
    assert_eq!(
        sets(&mut claire, &page, "c.martin1", PASSWORD).await.status,
        410
    );
}

#[tokio::test]
async fn token_quality_the_database_holds_no_token_and_no_code() {
    let service = Service::start().await;
    asks_for_password(&mut service.browser(), "c.martin1", "email").await;
    asks_for_password(&mut service.browser(), "c.martin1", "sms").await;
    let mut all = messages(&service, 2).await;
    all.sort_by_key(|message| message.subject.is_none());
    let token = link(&all[0]).split("jeton=").nth(1).map(str::to_owned);
    let secrets = [token.unwrap(), code(&all[1])];
    let dump =
        "select purpose || coalesce(contact, '') || cast(details as text) as dump from proof";
    let rows = texts(service.database.reader(), dump, "dump").await;
    assert_eq!(rows.len(), 2);
    for secret in &secrets {
        assert!(rows.iter().all(|row| !row.contains(secret)));
    }
}

#[tokio::test]
async fn lock_not_uniform_an_account_suspended_meanwhile_gets_no_password() {
    let service = Service::start().await;
    let mut by_mail = service.browser();
    let page = opens_link(&service, &mut by_mail, "c.martin1").await;
    let mut by_sms = service.browser();
    let ask = asks_for_password(&mut by_sms, "c.martin1", "sms").await;
    let right = code(&messages(&service, 2).await[1]);
    let new = types_code(&mut by_sms, &ask, &right).await;
    service.set_state(Person::CLAIRE, "suspended").await;
    assert_eq!(
        sets(&mut by_mail, &page, "c.martin1", PASSWORD)
            .await
            .status,
        410
    );
    assert_eq!(sets(&mut by_sms, &new, "", PASSWORD).await.status, 410);
    service.set_state(Person::CLAIRE, "active").await;
    assert!(opens(&service, Person::CLAIRE, Person::CLAIRE.password).await);
}

#[tokio::test]
async fn request_tampering_one_recipient_the_one_on_file() {
    let service = Service::start().await;
    let mut thief = service.browser();
    let page = thief.open("/identifiant-perdu/email").await;
    let csrf = page.form_with("email").value("csrf").unwrap().to_owned();
    let (claire, evil) = ("claire.martin@example.org", "evil@example.org");
    let twice = [("csrf", &*csrf), ("email", claire), ("email", evil)];
    let answer = thief.post("/identifiant-perdu/email", &twice).await;
    assert_eq!(answer.status, 400);
    for typed in [
        format!("{claire},{evil}"),
        format!("{claire};{evil}"),
        format!("{claire} {evil}"),
        format!("{claire}\r\nCc: {evil}"),
        format!("{claire}%0d%0aCc: {evil}"),
        format!("{claire}\0{evil}"),
        format!("\"{evil}\" <{claire}>"),
        format!("['{claire}', '{evil}']"),
    ] {
        let form = [("csrf", &*csrf), ("email", &*typed)];
        let answer = thief.post("/identifiant-perdu/email", &form).await;
        assert_eq!(answer.status, 422, "{typed}");
    }
    for (name, value) in [
        ("email", evil),
        ("to", evil),
        ("contact", evil),
        ("cc", evil),
    ] {
        let page = thief.open("/mot-de-passe-perdu").await;
        let form = page.form_with("identifiant");
        let form = form.with("identifiant", "c.martin1").with(name, value);
        thief.submit(&form).await;
    }
    let json = thief
        .clone()
        .with_header("content-type", "application/json");
    let mut json = json;
    let answer = json
        .post("/mot-de-passe-perdu", &[("identifiant", "c.martin1")])
        .await;
    assert_eq!(answer.status, 415);
    let sent = messages(&service, 4).await;
    assert!(sent.iter().all(|message| message.to == claire), "{sent:?}");
}

#[tokio::test]
async fn csrf_forms_of_other_sites_and_without_proof_send_nothing() {
    let service = Service::start().await;
    let mut browser = service.browser();
    let page = browser.open("/mot-de-passe-perdu").await;
    let form = page
        .form_with("identifiant")
        .with("identifiant", "c.martin1");
    let answer = browser.submit(&form.clone().without("csrf")).await;
    assert_eq!(answer.status, 403);
    let mut cross = browser.clone().with_header("sec-fetch-site", "cross-site");
    assert_eq!(cross.submit(&form).await.status, 403);
    let stranger = service.browser().submit(&form).await;
    assert_eq!(stranger.status, 403);
    assert!(settle(&service).await.is_empty());
}

#[tokio::test]
async fn lockout_as_a_weapon_recovery_by_mail_stays_open() {
    let service = Service::start().await;
    for _ in 0..8 {
        let mut guesser = service.visitor(Person::CLAIRE);
        crate::sign_in::try_password(&service, &mut guesser, "x").await;
    }
    let before = messages(&service, 1).await.len();
    assert_eq!(before, 1, "she is told");
    let mut claire = service.browser();
    let page = opens_link(&service, &mut claire, "c.martin1").await;
    let done = sets(&mut claire, &page, "c.martin1", PASSWORD).await;
    assert_eq!(heading(&done), "Votre mot de passe est modifié");
}

#[tokio::test]
async fn shared_mail_a_link_is_of_one_account_and_mixes_none() {
    let service = Service::start().await;
    confirm(&service, "l.martin3", email("claire.martin@example.org")).await;
    let mut family = service.browser();
    let page = opens_link(&service, &mut family, "l.martin3").await;
    assert_eq!(
        sets(&mut family, &page, "c.martin1", PASSWORD).await.status,
        422
    );
    assert_eq!(
        sets(&mut family, &page, "l.martin3", PASSWORD).await.status,
        200
    );
    assert!(opens(&service, Person::LEO, PASSWORD).await);
    assert!(opens(&service, Person::CLAIRE, Person::CLAIRE.password).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn double_spend_of_a_link_one_of_fifty_sets_a_password() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let page = opens_link(&service, &mut claire, "c.martin1").await;
    let mut tries = JoinSet::new();
    for number in 0..50 {
        let (mut browser, page) = (claire.clone(), page.clone());
        tries.spawn(async move {
            let password = format!("girafe violon {number:03}");
            let answer = sets(&mut browser, &page, "c.martin1", &password).await;
            (password, answer.status)
        });
    }
    let answers = tries.join_all().await;
    let set: Vec<_> = answers.iter().filter(|answer| answer.1 == 200).collect();
    assert_eq!(set.len(), 1, "{answers:?}");
    let known = [200, 410, 503];
    assert!(
        answers.iter().all(|answer| known.contains(&answer.1)),
        "{answers:?}"
    );
    assert!(opens(&service, Person::CLAIRE, &set[0].0).await);
}

/// What somebody may do who recovers, or who tries to without a proof.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Step {
    AskMail,
    AskSms,
    OpenLink,
    TypeCode,
    SetPassword,
}

const STEPS: [Step; 5] = [
    Step::AskMail,
    Step::AskSms,
    Step::OpenLink,
    Step::TypeCode,
    Step::SetPassword,
];

/// All orders of all choices of steps.
fn walks() -> Vec<Vec<Step>> {
    let mut all = vec![Vec::new()];
    let mut first = 0;
    while first < all.len() {
        let walk: Vec<Step> = all[first].clone();
        let further = STEPS.into_iter().filter(|step| !walk.contains(step));
        let further: Vec<_> = further
            .map(|step| [walk.clone(), vec![step]].concat())
            .collect();
        all.extend(further);
        first += 1;
    }
    all
}

/// What the pages of a walk gave.
struct Walker {
    browser: Browser,
    link: Option<String>,
    code: Option<(Answer, String)>,
    open: Option<Answer>,
    /// Names of journeys that were seen, for whoever tries them at other doors.
    names: Vec<String>,
    set: bool,
}

impl Walker {
    async fn takes(&mut self, service: &Service, step: Step, password: &str) {
        let before = service.inbox.messages().len();
        match step {
            Step::AskMail => {
                asks_for_password(&mut self.browser, "c.martin1", "email").await;
                self.link = Some(link(&messages(service, before + 1).await[before]));
            }
            Step::AskSms => {
                let page = asks_for_password(&mut self.browser, "c.martin1", "sms").await;
                self.names
                    .push(page.url.rsplit('/').next().unwrap().to_owned());
                self.code = Some((page, code(&messages(service, before + 1).await[before])));
            }
            Step::OpenLink => {
                let link = self.link.clone();
                let link = link.unwrap_or_else(|| "/mot-de-passe/lien?jeton=".into());
                let page = self.browser.open(&link).await;
                self.takes_page(page);
            }
            Step::TypeCode => {
                if let Some((page, code)) = self.code.clone() {
                    let page = types_code(&mut self.browser, &page, &code).await;
                    self.takes_page(page);
                }
            }
            Step::SetPassword => self.sets(password).await,
        }
    }

    fn takes_page(&mut self, page: Answer) {
        if heading(&page) == "Modifier le mot de passe" {
            self.open = Some(page);
        }
    }

    /// With the page, if there is one; without, at every door with every name.
    async fn sets(&mut self, password: &str) {
        if let Some(page) = self.open.clone() {
            let done = sets(&mut self.browser, &page, "c.martin1", password).await;
            self.set = done.status == 200;
            return;
        }
        let page = self.browser.open("/mot-de-passe-perdu").await;
        let csrf = page
            .form_with("identifiant")
            .value("csrf")
            .unwrap()
            .to_owned();
        let names = self.names.clone();
        for name in names.iter().map(String::as_str).chain(["", "x"]) {
            for door in ["/mot-de-passe/nouveau/", "/mot-de-passe-perdu/sms/"] {
                let form = [
                    ("csrf", &*csrf),
                    ("identifiant", "c.martin1"),
                    ("code", ""),
                    ("nouveau-mot-de-passe", password),
                    ("confirmation-mot-de-passe", password),
                ];
                let answer = self.browser.post(&format!("{door}{name}"), &form).await;
                assert!(answer.status >= 400, "{door}{name}: {}", answer.summary());
            }
        }
    }
}

fn position(walk: &[Step], step: Step) -> Option<usize> {
    walk.iter().position(|one| *one == step)
}

/// A password is set by a proof that was asked for, and only after it.
fn is_proven(walk: &[Step]) -> bool {
    let Some(set) = position(walk, Step::SetPassword) else {
        return false;
    };
    let by = |ask, prove| match (position(walk, ask), position(walk, prove)) {
        (Some(asked), Some(proven)) => asked < proven && proven < set,
        _ => false,
    };
    by(Step::AskMail, Step::OpenLink) || by(Step::AskSms, Step::TypeCode)
}

#[tokio::test]
async fn step_skipping_no_order_and_no_omission_sets_a_password_without_its_proof() {
    let service = Service::start().await;
    let walks = walks();
    assert_eq!(walks.len(), 326);
    let hash = "select password_hash from account where identifier = 'c.martin1'";
    for (number, walk) in walks.iter().enumerate() {
        service.advance(Duration::from_mins(10));
        let before = texts(service.database.reader(), hash, "password_hash").await;
        let mut walker = Walker {
            browser: service.browser(),
            link: None,
            code: None,
            open: None,
            names: Vec::new(),
            set: false,
        };
        let password = format!("girafe violon {number:03}");
        for step in walk {
            let sent = service.inbox.messages().len();
            walker.takes(&service, *step, &password).await;
            if walker.set && *step == Step::SetPassword {
                messages(&service, sent + 2).await;
            }
        }
        let after = texts(service.database.reader(), hash, "password_hash").await;
        assert_eq!(walker.set, is_proven(walk), "{walk:?}");
        assert_eq!(before != after, is_proven(walk), "{walk:?}");
    }
}
