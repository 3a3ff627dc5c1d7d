//! People who come with a browser.

use domain::{ambient::Ambient, totp::TotpKey};

use crate::{
    answer::Answer,
    browser::Browser,
    relying_party::{RelyingParty, Tokens},
    request::{Callback, Request},
};

/// Somebody and what they type.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The identifier.
    pub identifier: &'static str,
    /// The password.
    pub password: &'static str,
}

/// The key of the second factor of the demo's officer and administrator.
pub const DEMO_KEY: &str = "PREAUDEMOPREAUDEMOPREAUDEMOPREAU";

macro_rules! people {
    ($($(#[$doc:meta])* $name:ident = $identifier:literal, $password:literal;)*) => {
        impl Person {$(
            $(#[$doc])*
            pub const $name: Self = Self { identifier: $identifier, password: $password };
        )*}
    };
}

people! {
    /// Guardian of Léo, with confirmed contacts.
    CLAIRE = "c.martin1", "Cartable-bleu-2026";
    /// Never activated: a provisional password.
    OTHER_CLAIRE = "c.martin2", "Prov-Z7k4-m9Qx";
    /// Pupil of sixteen.
    LEO = "l.martin3", "Trousse-verte-2026";
    /// Guardian of Adam and Lina, her e-mail not confirmed.
    NADIA = "n.dubois5", "Ardoise-rouge-2026";
    /// Pupil under fifteen at first.
    ADAM = "a.dubois6", "Compas-jaune-2026";
    /// Pupil of a primary school.
    LINA = "l.dubois7", "Regle-grise-2026";
    /// School officer.
    ODILE = "ecole.college", "Tableau-noir-2026";
    /// Administrator, with every standard claim.
    ALIX = "admin", "Grande-rentree-2026";
    /// Nobody.
    NOBODY = "x.inconnu9", "Cartable-bleu-2026";
}

/// A person at a browser.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who.
    pub person: Person,
    /// Their browser.
    pub browser: Browser,
    /// What their authenticator application was set up with, in base32.
    pub key: Option<String>,
    clock: Option<Ambient>,
}

impl Visitor {
    /// At a browser.
    pub fn new(person: Person, browser: Browser) -> Self {
        let staff = [Person::ODILE.identifier, Person::ALIX.identifier];
        Self {
            person,
            browser,
            key: staff
                .contains(&person.identifier)
                .then(|| DEMO_KEY.to_owned()),
            clock: None,
        }
    }

    /// With a clock, for an authenticator application.
    #[must_use]
    pub fn with_clock(self, clock: &Ambient) -> Self {
        Self {
            clock: Some(clock.clone()),
            ..self
        }
    }

    /// The code that the person's application shows now.
    pub fn code(&self) -> String {
        let key = self.key.as_deref().and_then(TotpKey::parse);
        let (key, clock) = key
            .zip(self.clock.as_ref())
            .expect("a person with an application");
        key.code_at(clock.now()).expose().to_owned()
    }

    /// Types the code of the moment into the page, and follows.
    pub async fn types_code(&mut self, page: &Answer) -> Answer {
        let form = page.form_with("code").with("code", &self.code());
        self.browser.submit(&form).await
    }

    /// Follows a request until the service leads elsewhere, typing the password and
    /// agreeing where a page asks.
    pub async fn follows(&mut self, request: &Request) -> Callback {
        let answer = self.browser.open(&request.url()).await;
        let answer = self.goes_on(answer).await;
        request.callback(&answer)
    }

    /// Goes on from a page until the service leads elsewhere, or shows another page than
    /// those for signing in and agreeing.
    pub async fn goes_on(&mut self, mut answer: Answer) -> Answer {
        if answer.is_sign_in() {
            answer = self.types_password(&answer).await;
        }
        if answer.is_second_factor() {
            answer = self.types_code(&answer).await;
        }
        if answer.is_consent() {
            answer = self
                .browser
                .submit(&answer.form("/autorisation").with("choix", "autoriser"))
                .await;
        }
        answer
    }

    /// Types identifier and password into the page, and follows.
    pub async fn types_password(&mut self, page: &Answer) -> Answer {
        self.types(page, self.person.identifier, self.person.password)
            .await
    }

    /// Types these into the page, and follows.
    pub async fn types(&mut self, page: &Answer, identifier: &str, password: &str) -> Answer {
        let form = sign_in_form(page);
        self.browser
            .submit(
                &form
                    .with("identifiant", identifier)
                    .with("mot-de-passe", password),
            )
            .await
    }

    /// Signs in at a relying party, which asks for all that it may.
    pub async fn signs_in_at(&mut self, client: &RelyingParty) -> Tokens {
        let callback = self.follows(&client.request()).await;
        client.tokens(&callback).await
    }
}

/// The form that asks for identifier and password.
pub fn sign_in_form(page: &Answer) -> crate::form::Form {
    let forms = crate::form::Form::all(&page.text());
    let form = forms
        .into_iter()
        .find(|form| form.value("mot-de-passe").is_some());
    form.unwrap_or_else(|| panic!("no sign-in form in {}", page.summary()))
}
