//! Walks under « Mon compte »: a new address, a new number, a grouping, a reported link
//! that is taken back.

use tests::{Browser, Person, Service, Visitor, service::texts};

use super::{Course, Stage, Thief, alone, events, every_order_and_omission};
use crate::lost::{code, link, messages};

/// Somebody at the service, and all the addresses that forms of theirs were posted to.
struct Owner {
    visitor: Visitor,
    /// The secret of forms: a browser without a session has one too.
    csrf: String,
    targets: Vec<String>,
}

impl Owner {
    /// Nobody is signed in; a guess for where the last step stands.
    async fn outside(service: &Service, person: Person, guess: &str) -> Self {
        let mut visitor = service.visitor(person);
        let page = visitor.browser.open("/inscription").await;
        let csrf = page.form("/inscription").value("csrf").unwrap().to_owned();
        Self {
            visitor,
            csrf,
            targets: vec![guess.to_owned()],
        }
    }

    async fn signs_in(&mut self) {
        let page = self.visitor.browser.open("/compte").await;
        if page.is_sign_in() {
            self.visitor.types_password(&page).await;
        }
    }

    fn browser(&mut self) -> &mut Browser {
        &mut self.visitor.browser
    }

    async fn posts(&mut self, url: &str, fields: &[(&str, &str)]) -> tests::Answer {
        let csrf = self.csrf.clone();
        let all = [&[("csrf", csrf.as_str())], fields].concat();
        let answer = self.browser().post(url, &all).await;
        self.browser().follow(answer).await
    }

    /// The last step, wherever it may stand.
    async fn finishes(&mut self, fields: &[(&str, &str)]) {
        for target in self.targets.clone() {
            self.posts(&target, fields).await;
        }
    }

    async fn is_stolen(&self, thief: &mut Thief, fields: &[(&str, &str)]) {
        for target in &self.targets {
            thief.posts(target, fields).await;
        }
    }

    /// The page's own address takes its form.
    fn learns(&mut self, page: &tests::Answer, begin: &str) {
        let path = page.url.split("example").last().unwrap();
        let path = path.split('?').next().unwrap();
        if path.starts_with(begin) && !self.targets.iter().any(|seen| seen == path) {
            self.targets.push(path.to_owned());
        }
    }
}

const GUESS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct Address {
    owner: Owner,
    link: String,
}

const ADDRESS: &str = "adam@example.net";
const CONFIRMATION: &str = "/compte/email/confirmation/";

impl Course for Address {
    const STEPS: usize = 4;

    type Beside = ();

    async fn stage() -> Stage<()> {
        alone().await
    }

    async fn begins(stage: &Stage<()>) -> Self {
        let guess = format!("{CONFIRMATION}{GUESS}");
        Self {
            owner: Owner::outside(&stage.service, Person::ADAM, &guess).await,
            link: format!("/compte/email/confirmation?jeton={GUESS}"),
        }
    }

    async fn takes(&mut self, stage: &Stage<()>, step: usize) {
        match step {
            0 => self.owner.signs_in().await,
            1 => {
                let before = stage.service.inbox.messages().len();
                let fields = [("email", ADDRESS), ("confirmation-email", ADDRESS)];
                let page = self.owner.posts("/compte/email", &fields).await;
                if page.url.ends_with("/compte") {
                    let sent = messages(&stage.service, before + 1).await;
                    self.link = link(&sent[before]);
                }
            }
            2 => {
                let link = self.link.clone();
                let page = self.owner.browser().open(&link).await;
                self.owner.learns(&page, CONFIRMATION);
            }
            _ => self.owner.finishes(&[]).await,
        }
    }

    async fn is_stolen(&mut self, thief: &mut Thief, step: usize) {
        match step {
            2 => drop(thief.browser.open(&self.link).await),
            3 => self.owner.is_stolen(thief, &[]).await,
            _ => {}
        }
    }

    async fn effects(service: &Service) -> usize {
        events(service, "contact.confirmed").await
    }

    async fn clears(service: &Service) {
        let own = "(select id from account where identifier = 'a.dubois6')";
        let clear = format!("delete from contact where account_id = {own}");
        service.sql(&clear).await;
    }
}

#[tokio::test]
async fn a_new_address_comes_of_all_its_steps_in_order_alone() {
    Box::pin(every_order_and_omission::<Address>()).await;
}

struct Number {
    owner: Owner,
    code: String,
}

impl Course for Number {
    const STEPS: usize = 3;

    type Beside = ();

    async fn stage() -> Stage<()> {
        alone().await
    }

    async fn begins(stage: &Stage<()>) -> Self {
        let guess = format!("/compte/telephone/{GUESS}");
        Self {
            owner: Owner::outside(&stage.service, Person::CLAIRE, &guess).await,
            code: "12345678".into(),
        }
    }

    async fn takes(&mut self, stage: &Stage<()>, step: usize) {
        match step {
            0 => self.owner.signs_in().await,
            1 => {
                let before = stage.service.inbox.messages().len();
                let fields = [("telephone", "06 39 98 00 02")];
                let page = self.owner.posts("/compte/telephone", &fields).await;
                if page.text().contains("name=\"code\"") {
                    let sent = messages(&stage.service, before + 1).await;
                    self.code = code(&sent[before]);
                    self.owner.learns(&page, "/compte/telephone/");
                }
            }
            _ => {
                let code = self.code.clone();
                self.owner.finishes(&[("code", &code)]).await;
            }
        }
    }

    async fn is_stolen(&mut self, thief: &mut Thief, step: usize) {
        if step == 2 {
            self.owner.is_stolen(thief, &[("code", &self.code)]).await;
        }
    }

    async fn effects(service: &Service) -> usize {
        events(service, "contact.confirmed").await
    }
}

#[tokio::test]
async fn a_new_number_comes_of_all_its_steps_in_order_alone() {
    Box::pin(every_order_and_omission::<Number>()).await;
}

struct Grouping(Owner);

const SEARCH: &str = "/compte/enfants/ajouter";

impl Course for Grouping {
    const STEPS: usize = 3;

    type Beside = ();

    async fn stage() -> Stage<()> {
        alone().await
    }

    async fn begins(stage: &Stage<()>) -> Self {
        let guess = format!("{SEARCH}/{GUESS}");
        Self(Owner::outside(&stage.service, Person::CLAIRE, &guess).await)
    }

    async fn takes(&mut self, _: &Stage<()>, step: usize) {
        match step {
            0 => self.0.signs_in().await,
            1 => {
                let other = Person::OTHER_CLAIRE;
                let fields = [
                    ("identifiant", other.identifier),
                    ("mot-de-passe", other.password),
                ];
                let page = self.0.posts(SEARCH, &fields).await;
                self.0.learns(&page, &format!("{SEARCH}/"));
            }
            _ => self.0.finishes(&[]).await,
        }
    }

    async fn is_stolen(&mut self, thief: &mut Thief, step: usize) {
        if step == 2 {
            self.0.is_stolen(thief, &[]).await;
        }
    }

    async fn effects(service: &Service) -> usize {
        let groupings = "select cast(at as text) as at from account_grouping";
        texts(service.database.reader(), groupings, "at")
            .await
            .len()
    }
}

#[tokio::test]
async fn a_grouping_comes_of_all_its_steps_in_order_alone() {
    Box::pin(every_order_and_omission::<Grouping>()).await;
}

/// A link is reported, and taken back at the next sign-in.
struct Report {
    owner: Owner,
    questions: Vec<Question>,
}

/// The page of a sign-in that asks.
#[derive(Clone)]
struct Question {
    url: String,
    pupil: String,
    person: String,
}

impl Question {
    fn taken_back(&self) -> [(&str, &str); 3] {
        let (pupil, person) = (self.pupil.as_str(), self.person.as_str());
        [
            ("choix", "retablir"),
            ("eleve", pupil),
            ("personne", person),
        ]
    }
}

/// Where the first of Nadia's children is reported; a thief may know it.
async fn report_of(service: &Service) -> String {
    let mut nadia = service.at_account(Person::NADIA).await;
    let page = nadia.browser.open("/compte/enfants").await.text();
    let links = page
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next());
    let mut reports = links.filter(|link| link.ends_with("/signalement"));
    reports.next().expect("a child").to_owned()
}

impl Course for Report {
    const STEPS: usize = 4;

    const AGAIN: usize = 3;

    const THIEF: Person = Person::CLAIRE;

    type Beside = ();

    async fn stage() -> Stage<()> {
        alone().await
    }

    async fn begins(stage: &Stage<()>) -> Self {
        let report = report_of(&stage.service).await;
        Self {
            owner: Owner::outside(&stage.service, Person::NADIA, &report).await,
            questions: vec![Question {
                url: format!("/connexion/{GUESS}/enfants"),
                pupil: report.split('/').nth(3).unwrap().to_owned(),
                person: String::new(),
            }],
        }
    }

    async fn takes(&mut self, stage: &Stage<()>, step: usize) {
        match step {
            0 => self.owner.signs_in().await,
            1 => self.owner.finishes(&[]).await,
            2 => {
                self.owner.browser().forget("session");
                let request = stage.service.portal().request();
                let page = self.owner.browser().open(&request.url()).await;
                let page = self.owner.visitor.goes_on(page).await;
                if page.text().contains("Vérifiez vos enfants") {
                    let form = page.form_with("personne");
                    self.questions.push(Question {
                        url: form.action.clone(),
                        pupil: form.value("eleve").unwrap().to_owned(),
                        person: form.value("personne").unwrap().to_owned(),
                    });
                }
            }
            _ => {
                for question in self.questions.clone() {
                    let fields = question.taken_back();
                    self.owner.posts(&question.url, &fields).await;
                }
            }
        }
    }

    async fn is_stolen(&mut self, thief: &mut Thief, step: usize) {
        match step {
            1 => self.owner.is_stolen(thief, &[]).await,
            3 => {
                for question in &self.questions {
                    thief.posts(&question.url, &question.taken_back()).await;
                }
            }
            _ => {}
        }
    }

    async fn effects(service: &Service) -> usize {
        events(service, "link.restored").await
    }

    /// What an earlier walk reported.
    async fn clears(service: &Service) {
        service.sql("delete from link_report").await;
    }
}

#[tokio::test]
async fn a_report_is_taken_back_after_a_sign_in_that_asks_alone() {
    Box::pin(every_order_and_omission::<Report>()).await;
}
