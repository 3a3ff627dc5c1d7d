//! Walks of activation with a letter and through FranceConnect, and of registration.

use tests::{Answer, Browser, Person, Service, Visitor, france_connect::FranceConnect};

use super::{Course, Stage, Thief, alone, events, every_order_and_omission};
use crate::lost::code;

const NEW: &str = "girafe violon couloir";
const PASSWORDS: [(&str, &str); 2] = [
    ("nouveau-mot-de-passe", NEW),
    ("confirmation-mot-de-passe", NEW),
];

/// What somebody has seen of a journey whose steps stand under a name.
struct Seen {
    browser: Browser,
    csrf: String,
    /// Where its steps stand: all that stood in an address, and a guess.
    bases: Vec<String>,
}

impl Seen {
    async fn nothing(service: &Service, root: &str) -> Self {
        let mut browser = service.browser();
        let page = browser.open("/inscription").await;
        let csrf = page.form("/inscription").value("csrf").unwrap().to_owned();
        let bases = vec![format!("{root}{}/", "A".repeat(43))];
        Self {
            browser,
            csrf,
            bases,
        }
    }

    fn learns(&mut self, page: &Answer, root: &str) {
        let path = page.url.split("example").last().unwrap();
        let path = path.split('?').next().unwrap();
        if let Some((base, _)) = path.rsplit_once('/')
            && path.starts_with(root)
        {
            self.bases.push(format!("{base}/"));
        }
    }

    async fn posts(&mut self, step: &str, fields: &[(&str, &str)]) {
        for base in self.bases.clone() {
            let csrf = self.csrf.clone();
            let all = [&[("csrf", csrf.as_str())], fields].concat();
            let answer = self.browser.post(&format!("{base}{step}"), &all).await;
            self.browser.follow(answer).await;
        }
    }

    async fn is_stolen(&self, thief: &mut Thief, step: &str, fields: &[(&str, &str)]) {
        for base in &self.bases {
            thief.posts(&format!("{base}{step}"), fields).await;
        }
    }
}

struct Registration {
    seen: Seen,
    code: String,
}

fn registration_step(step: usize, code: &str) -> (&'static str, Vec<(&'static str, &str)>) {
    match step {
        1 => ("code", vec![("code", code)]),
        2 => ("enfants", vec![("date-de-naissance-1", "30/05/2018")]),
        3 => ("mot-de-passe", PASSWORDS.to_vec()),
        _ => ("recapitulatif", Vec::new()),
    }
}

impl Registration {
    async fn names_themselves(&mut self, service: &Service) {
        let page = self.seen.browser.open("/inscription").await;
        let form = page.form("/inscription").with("nom", "Durand");
        let form = form
            .with("prenom", "Paul")
            .with("telephone", "06 39 98 00 08");
        let before = service.inbox.messages().len();
        let page = self.seen.browser.submit(&form).await;
        let sent = crate::lost::messages(service, before + 1).await;
        self.code = code(&sent[before]);
        self.seen.learns(&page, "/inscription/");
    }
}

impl Course for Registration {
    const STEPS: usize = 5;

    type Beside = ();

    async fn stage() -> Stage<()> {
        alone().await
    }

    async fn begins(stage: &Stage<()>) -> Self {
        let seen = Seen::nothing(&stage.service, "/inscription/").await;
        let code = String::new();
        Self { seen, code }
    }

    async fn takes(&mut self, stage: &Stage<()>, step: usize) {
        if step == 0 {
            return self.names_themselves(&stage.service).await;
        }
        let (path, fields) = registration_step(step, &self.code);
        self.seen.posts(path, &fields).await;
    }

    async fn is_stolen(&mut self, thief: &mut Thief, step: usize) {
        if step > 0 {
            let (path, fields) = registration_step(step, &self.code);
            self.seen.is_stolen(thief, path, &fields).await;
        }
    }

    async fn effects(service: &Service) -> usize {
        events(service, "account.activated").await
    }
}

#[tokio::test]
async fn a_registration_comes_of_all_its_steps_in_order_alone() {
    Box::pin(every_order_and_omission::<Registration>()).await;
}

const ZOE: Person = Person {
    identifier: "z.martin4",
    password: "Prov-H3w8-t5Rn",
};

struct Letter(Seen);

fn letter_step(step: usize) -> (&'static str, Vec<(&'static str, &'static str)>) {
    match step {
        1 => (
            "date-de-naissance",
            vec![("date-de-naissance", "04/01/2014")],
        ),
        2 => ("mot-de-passe", PASSWORDS.to_vec()),
        3 => ("email", vec![("choix", "passer")]),
        _ => ("recapitulatif", Vec::new()),
    }
}

impl Course for Letter {
    const STEPS: usize = 5;

    type Beside = ();

    async fn stage() -> Stage<()> {
        alone().await
    }

    async fn begins(stage: &Stage<()>) -> Self {
        Self(Seen::nothing(&stage.service, "/activation/").await)
    }

    async fn takes(&mut self, stage: &Stage<()>, step: usize) {
        if step > 0 {
            let (path, fields) = letter_step(step);
            return self.0.posts(path, &fields).await;
        }
        let mut zoe = Visitor::new(ZOE, self.0.browser.clone());
        let request = stage.service.portal().request();
        let page = zoe.browser.open(&request.url()).await;
        let page = zoe.types_password(&page).await;
        self.0.browser = zoe.browser;
        self.0.learns(&page, "/activation/");
    }

    async fn is_stolen(&mut self, thief: &mut Thief, step: usize) {
        if step > 0 {
            let (path, fields) = letter_step(step);
            self.0.is_stolen(thief, path, &fields).await;
        }
    }

    async fn effects(service: &Service) -> usize {
        events(service, "account.activated").await
    }

    /// Another device would take its steps up.
    async fn clears(service: &Service) {
        service.sql("delete from activation").await;
    }
}

#[tokio::test]
async fn an_activation_comes_of_all_its_steps_in_order_alone() {
    Box::pin(every_order_and_omission::<Letter>()).await;
}

struct Vouched(Seen);

fn vouched_step(step: usize) -> (&'static str, Vec<(&'static str, &'static str)>) {
    match step {
        1 => ("enfants", vec![("date-de-naissance-1", "30/05/2018")]),
        2 => ("email", vec![("choix", "passer")]),
        3 => ("telephone", vec![("choix", "passer")]),
        _ => ("recapitulatif", Vec::new()),
    }
}

impl Course for Vouched {
    const STEPS: usize = 5;

    type Beside = FranceConnect;

    async fn stage() -> Stage<FranceConnect> {
        let (service, beside) = FranceConnect::with_service().await;
        Stage { service, beside }
    }

    async fn begins(stage: &Stage<FranceConnect>) -> Self {
        Self(Seen::nothing(&stage.service, "/activation/").await)
    }

    async fn takes(&mut self, stage: &Stage<FranceConnect>, step: usize) {
        if step > 0 {
            let (path, fields) = vouched_step(step);
            return self.0.posts(path, &fields).await;
        }
        let mut paul = Visitor::new(Person::NOBODY, self.0.browser.clone());
        let request = stage.service.portal().request();
        let page = paul
            .identifies_as(&stage.beside, &request, "paul-durand")
            .await;
        self.0.browser = paul.browser;
        self.0.learns(&page, "/activation/");
    }

    async fn is_stolen(&mut self, thief: &mut Thief, step: usize) {
        if step > 0 {
            let (path, fields) = vouched_step(step);
            self.0.is_stolen(thief, path, &fields).await;
        }
    }

    async fn effects(service: &Service) -> usize {
        events(service, "account.activated").await
    }

    async fn clears(service: &Service) {
        service.sql("delete from activation").await;
    }
}

#[tokio::test]
async fn an_activation_through_france_connect_comes_of_all_its_steps_in_order_alone() {
    Box::pin(every_order_and_omission::<Vouched>()).await;
}
