//! The order of the steps, and the one way into each page.

use std::borrow::Cow;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Account, PersonKind},
    ids::AccountId,
    secret::{Token, TokenHash},
};
use idp::{
    app::{App, unavailable},
    flow,
    http::{
        pages,
        routes::{Abandon, SignIn},
        visit::Visit,
    },
};
use serde::Serialize;
use store::activations::{self, Done, NumberProof, Step, Vouched};
use web::{Link, PageError, Route, TextKey};

use crate::state::SelfService;

macro_rules! step_routes {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name<'a> {
            /// The sign-in transaction's name.
            pub(super) transaction: &'a str,
        }

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path.replace("{transaction}", self.transaction).into()
            }
        }
    )*};
}

step_routes! {
    /// A birth date.
    BirthDate = "/activation/{transaction}/date-de-naissance";
    /// The birth dates of all children, where an upstream vouches for their guardian.
    Children = "/activation/{transaction}/enfants";
    /// The code for the number that the school knows, likewise.
    Code = "/activation/{transaction}/code";
    /// A code, please.
    SendCode = "/activation/{transaction}/envoi";
    /// The new password.
    Password = "/activation/{transaction}/mot-de-passe";
    /// The e-mail address.
    Email = "/activation/{transaction}/email";
    /// The mobile number.
    Phone = "/activation/{transaction}/telephone";
    /// What was chosen, and the terms.
    Recapitulation = "/activation/{transaction}/recapitulatif";
}

/// Where a step's page is.
pub(super) fn path_of(step: Step, transaction: &str) -> String {
    match step {
        Step::BirthDate => BirthDate { transaction }.path().into_owned(),
        Step::Password => Password { transaction }.path().into_owned(),
        Step::Email => Email { transaction }.path().into_owned(),
        Step::Phone => Phone { transaction }.path().into_owned(),
        Step::Terms => Recapitulation { transaction }.path().into_owned(),
    }
}

/// The step after one: pupils give no phone number, and whoever came through an upstream
/// chooses no password.
pub(super) fn after(step: Step, kind: PersonKind, is_vouched: bool) -> Step {
    match step {
        Step::BirthDate if is_vouched => Step::Email,
        Step::BirthDate => Step::Password,
        Step::Password => Step::Email,
        Step::Email if kind == PersonKind::Guardian => Step::Phone,
        Step::Email | Step::Phone | Step::Terms => Step::Terms,
    }
}

/// An activation that this browser holds.
pub(super) struct Held {
    /// The account, which waits to be activated.
    pub(super) account: Account,
    /// What was done so far.
    pub(super) activation: activations::Activation,
    /// What an upstream vouched for, where it stands on that.
    pub(super) vouched: Option<Vouched>,
    /// Who holds it.
    pub(super) holder: TokenHash,
    /// The sign-in transaction's name, sound.
    pub(super) name: String,
    waiting: flow::Step,
}

impl Held {
    /// The account's id.
    pub(super) const fn id(&self) -> AccountId {
        self.account.id
    }

    /// Whether a page may be shown or posted now: a step that is reached, that this
    /// person has, and that is not done for good.
    fn allows(&self, step: Step) -> bool {
        let reached = self.activation.reached;
        let is_theirs = match step {
            Step::Phone => self.account.kind == PersonKind::Guardian,
            Step::Password | Step::BirthDate => self.vouched.is_none(),
            Step::Email | Step::Terms => true,
        };
        let is_done_for_good = step == Step::BirthDate && reached > step;
        is_theirs && !is_done_for_good && step <= reached
    }

    /// The page of the furthest step.
    pub(super) fn furthest(&self) -> Response {
        let transaction = self.name.as_str();
        let number = self.vouched.as_ref().map(|vouched| &vouched.number);
        let path = match (self.activation.reached, number) {
            (Step::BirthDate, Some(NumberProof::Needed { .. })) => {
                Code { transaction }.path().into_owned()
            }
            (Step::BirthDate, Some(_)) => Children { transaction }.path().into_owned(),
            (reached, _) => path_of(reached, transaction),
        };
        Redirect::to(&path).into_response()
    }

    /// Where the page of a step leads.
    pub(super) fn ways(&self, step: Step) -> Ways {
        let ways = Ways::of(step, &self.name);
        match self.vouched {
            Some(_) => ways.through_upstream(),
            None => ways,
        }
    }

    /// What an upstream vouched for, as long as its own questions are open.
    pub(super) fn vouched_and_open(&self) -> Option<&Vouched> {
        let is_open = self.activation.reached == Step::BirthDate;
        self.vouched.as_ref().filter(|_| is_open)
    }

    /// Writes a step down and leads to the next page; to the recapitulation where the
    /// person came back from it.
    ///
    /// # Errors
    /// The expired page, where another device took the activation up meanwhile.
    pub(super) async fn save(
        self,
        app: &App,
        done: Done,
        step: Step,
    ) -> Result<Response, PageError> {
        let next = after(step, self.account.kind, self.vouched.is_some());
        let writer = app.database.writer();
        let now = app.ambient.now();
        let saved = activations::save(writer, self.id(), &self.holder, &done, next, now).await;
        if !saved.map_err(unavailable)? {
            return Err(expired(&self.name));
        }
        self.keep_waiting(app).await?;
        let came_back = self.activation.reached == Step::Terms;
        let next = if came_back { Step::Terms } else { next };
        Ok(Redirect::to(&path_of(next, &self.name)).into_response())
    }

    /// Gives the sign-in that waits its whole time again.
    pub(super) async fn keep_waiting(&self, app: &App) -> Result<(), PageError> {
        if let Some(token) = &self.waiting.name {
            let (version, transaction) = (self.waiting.version, &self.waiting.transaction);
            let replaced = app.transactions.replace(token, version, transaction);
            replaced.await.map_err(unavailable)?;
        }
        Ok(())
    }
}

/// The activation that a form or page is about; else the answer to send instead.
pub(super) enum Opened {
    Held(Box<Held>),
    /// Nothing is held: another device took it up, or it is over.
    Lost,
}

pub(super) async fn open(app: &App, visit: &Visit, name: &str) -> Result<Opened, PageError> {
    let waiting = pages::open(app, visit, name).await?;
    pages::show_service(app, visit, &waiting.transaction);
    let Some(activating) = waiting.transaction.activating.clone() else {
        return Ok(Opened::Lost);
    };
    let Some(holder) = Token::parse(&activating.holder).map(|holder| holder.hash()) else {
        return Ok(Opened::Lost);
    };
    let (reader, now) = (app.database.reader(), app.ambient.now());
    let found = activations::find(reader, activating.account, &holder, now).await;
    Ok(match found.map_err(unavailable)? {
        Some((account, activation)) => Opened::Held(Box::new(Held {
            vouched: activation.vouched(&app.vault).map_err(unavailable)?,
            account,
            activation,
            holder,
            name: name.to_owned(),
            waiting,
        })),
        None => Opened::Lost,
    })
}

/// For a page or form of an upstream's own questions: what is held and what was vouched
/// for, or the way to where the person stands.
pub(super) async fn open_vouched(
    app: &App,
    visit: &Visit,
    name: &str,
) -> Result<Result<(Box<Held>, Vouched), Response>, PageError> {
    Ok(match open(app, visit, name).await? {
        Opened::Held(held) => match held.vouched_and_open().cloned() {
            Some(vouched) => Ok((held, vouched)),
            None => Err(held.furthest()),
        },
        Opened::Lost => Err(to_sign_in(name)),
    })
}

/// For the page of a step: what is held, or the way to where the person stands.
pub(super) async fn open_page(
    app: &App,
    visit: &Visit,
    name: &str,
    step: Step,
) -> Result<Result<Box<Held>, Response>, PageError> {
    Ok(match open(app, visit, name).await? {
        Opened::Held(held) if held.allows(step) => Ok(held),
        Opened::Held(held) => Err(held.furthest()),
        Opened::Lost => Err(to_sign_in(name)),
    })
}

/// For the form of a step: what is held, or the way to where the person stands; what was
/// posted then counts for nothing.
pub(super) async fn open_form(
    app: &App,
    visit: &Visit,
    name: &str,
    step: Step,
) -> Result<Result<Box<Held>, Response>, PageError> {
    match open(app, visit, name).await? {
        Opened::Held(held) if held.allows(step) => Ok(Ok(held)),
        Opened::Held(held) => Ok(Err(held.furthest())),
        Opened::Lost => Err(expired(name)),
    }
}

/// Leads to where the person stands.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    Ok(match open(&app, &visit, &name).await? {
        Opened::Held(held) => held.furthest(),
        Opened::Lost => to_sign_in(&name),
    })
}

/// To the sign-in that waits, which leads on where it is over already.
pub(super) fn to_sign_in(name: &str) -> Response {
    Redirect::to(&SignIn { transaction: name }.path()).into_response()
}

/// The form was shown for an activation that this browser does not hold any more.
pub(super) fn expired(name: &str) -> PageError {
    let title = TextKey::new("error-form-expired-title");
    let text = TextKey::new("activation-expired-text");
    let sign_in = SignIn { transaction: name }.path().into_owned();
    PageError::new(StatusCode::FORBIDDEN, "page-perimee", title, text)
        .way_on(Link::new(TextKey::new("activation-sign-in-again"), sign_in))
}

/// Where the forms of every page lead.
#[derive(Debug, Serialize)]
pub(super) struct Ways {
    action: String,
    abandon: String,
    /// How to go on later.
    later: TextKey,
}

impl Ways {
    pub(super) fn of(step: Step, transaction: &str) -> Self {
        Self::posting_to(path_of(step, transaction), transaction)
    }

    /// Where the form leads elsewhere than to a step's own page.
    pub(super) fn posting_to(action: String, transaction: &str) -> Self {
        Self {
            action,
            abandon: Abandon { transaction }.path().into_owned(),
            later: TextKey::new("activation-trouble-text"),
        }
    }

    fn through_upstream(self) -> Self {
        let later = TextKey::new("activation-trouble-upstream");
        Self { later, ..self }
    }

    /// For samples.
    pub(super) fn sample(step: Step) -> Self {
        Self::of(step, &Token::from_bytes([7; 32]).expose())
    }
}

#[cfg(test)]
mod tests {
    use idp::http::routes::Activation;

    use super::*;

    #[test]
    fn each_step_has_its_page_below_the_beginning() {
        for step in Step::ALL {
            let beginning = Activation { transaction: "abc" };
            assert!(path_of(step, "abc").starts_with(&format!("{}/", beginning.path())));
        }
    }

    #[test]
    fn whoever_an_upstream_vouches_for_chooses_no_password() {
        let guardian = PersonKind::Guardian;
        assert_eq!(after(Step::BirthDate, guardian, true), Step::Email);
        assert_eq!(after(Step::BirthDate, guardian, false), Step::Password);
    }

    #[test]
    fn only_guardians_are_asked_for_a_number() {
        for (kind, next) in [
            (PersonKind::Pupil, Step::Terms),
            (PersonKind::Guardian, Step::Phone),
            (PersonKind::Officer, Step::Terms),
        ] {
            assert_eq!(after(Step::Email, kind, false), next);
        }
        assert_eq!(after(Step::Phone, PersonKind::Guardian, false), Step::Terms);
    }
}
