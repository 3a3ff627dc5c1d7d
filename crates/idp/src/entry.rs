//! A person comes in: a second factor is asked for where there is one, the sign-in is
//! written down, the session begins, the browser is remembered.
//!
//! No session begins but here, and none of an account with a second factor without it:
//! whatever proves a person first leads to [`enter`], which looks.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::Account,
    acr::{Acr, Amr},
    audit::{Action, Actor, Target},
    second_factor::Demand,
    totp::TotpKey,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    StoreError,
    audit::{self, Event},
    grants, second_factors,
};
use web::{PageError, Route};

use crate::{
    app::{App, unavailable},
    device::Device,
    flow::{Step, wait},
    guard::coarse,
    http::{
        pages::{factor_ended, open},
        routes::{Enrolment, SecondFactor, SignIn},
        visit::Visit,
    },
    passkeys::Proved,
    proven::Proven,
    sessions::{LiveSession, Opening, Through},
    transactions::{Destination, Transaction},
};

/// How a person proved who they are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Means {
    /// What it reached.
    pub acr: Acr,
    /// By which methods.
    pub amr: Vec<Amr>,
    /// Through which upstream, if any.
    pub through: Option<Through>,
}

impl Means {
    /// By password alone.
    pub fn password() -> Self {
        Self {
            acr: Acr::Password,
            amr: vec![Amr::Pwd],
            through: None,
        }
    }

    /// Through an upstream, which vouched for this level.
    pub fn upstream(acr: Acr, through: Through) -> Self {
        Self {
            acr,
            amr: vec![Amr::Fc],
            through: Some(through),
        }
    }

    /// Those of a session.
    fn of(live: &LiveSession) -> Self {
        let session = &live.session;
        Self {
            acr: session.acr,
            amr: session.amr.clone(),
            through: session.through.clone(),
        }
    }

    /// By a passkey alone: a key that the person has, unlocked by what they know or are.
    pub fn passkey() -> Self {
        Self {
            acr: Acr::SecondFactor,
            amr: vec![Amr::Pop, Amr::User, Amr::Mfa],
            through: None,
        }
    }

    /// And a second proof. What another provider vouched for stays what it was.
    #[must_use]
    pub fn and(mut self, second: Second) -> Self {
        if self.acr == Acr::Password {
            self.acr = Acr::SecondFactor;
        }
        let methods: &[Amr] = match second {
            Second::Code => &[Amr::Otp],
            Second::Passkey => &[Amr::Pop, Amr::User],
        };
        self.amr.retain(|own| *own != Amr::Mfa);
        self.amr.retain(|own| !methods.contains(own));
        self.amr.extend(methods);
        self.amr.push(Amr::Mfa);
        self
    }

    /// Whether a second factor is among them.
    pub fn have_second_factor(&self) -> bool {
        self.amr.contains(&Amr::Mfa)
    }
}

/// What follows a first proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Second {
    /// A code that was good once (RFC 8176: `otp`).
    Code,
    /// A passkey.
    Passkey,
}

/// The cookies of a person who came in.
#[derive(Debug)]
#[must_use = "without its cookies the session is nobody's"]
pub struct Entered([HeaderValue; 2]);

impl Entered {
    /// Sends the browser on, with its cookies.
    pub fn leading_to(self, route: &impl Route) -> Response {
        self.along(Redirect::to(&route.path()).into_response())
    }

    /// Goes along with an answer.
    pub fn along(self, mut response: Response) -> Response {
        for cookie in self.0 {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Somebody proved to be the account's owner just now, for the sign-in that waits under
/// this name: a session begins and leads on, or the second factor comes first.
///
/// # Errors
/// A page: that the account's factor has ended and it must have one, that the sign-in is
/// over, or that a store does not answer.
pub async fn enter(
    app: &App,
    visit: &Visit,
    name: &str,
    account: &Account,
    means: Means,
) -> Result<Response, PageError> {
    // Of before the question: a factor that is set up meanwhile ends this session.
    let at = app.ambient.now();
    let standing = second_factors::standing(app.database.reader(), account.id);
    let standing = standing.await.map_err(unavailable)?;
    let enrolling = match Demand::of(account.kind, standing) {
        Demand::Nothing => return complete(app, visit, name, account, means, at).await,
        Demand::Factor => None,
        Demand::Enrolment => Some(TotpKey::generate(&app.ambient)),
        Demand::Invitation => return Err(factor_ended()),
    };
    let is_enrolment = enrolling.is_some();
    let proven = Proven::new(
        account.id,
        at,
        means,
        enrolling.map(|key| (key, &app.vault)),
    );
    let step = open(app, visit, name).await?;
    proven.wait_in(app, step).await?;
    let next: Response = if is_enrolment {
        Redirect::to(&Enrolment { transaction: name }.path()).into_response()
    } else {
        Redirect::to(&SecondFactor { transaction: name }.path()).into_response()
    };
    Ok(next)
}

/// The same for somebody who proved it by a passkey, which is two factors: the session
/// begins.
///
/// # Errors
/// A page, where a store does not answer.
pub(crate) async fn enter_by_passkey(
    app: &App,
    visit: &Visit,
    name: &str,
    proved: &Proved,
) -> Result<Response, PageError> {
    let Proved { account, at } = proved;
    complete(app, visit, name, account, Means::passkey(), *at).await
}

/// The same for somebody who comes to a page of ours, without a sign-in that waits.
///
/// # Errors
/// As [`enter`].
pub async fn enter_at(
    app: &App,
    visit: &Visit,
    path: String,
    account: &Account,
    means: Means,
) -> Result<Response, PageError> {
    let destination = Destination::Page {
        path,
        account: Some(account.id),
        since: None,
        acr: None,
    };
    let browser = visit.view.browser();
    let transaction = Transaction::new(destination, Some(&browser), app.ambient.now());
    let name = wait(app, Step::first(transaction)).await?;
    enter(app, visit, &name.expose(), account, means).await
}

/// Begins the session of somebody who proved all that is asked of them.
pub(crate) async fn complete(
    app: &App,
    visit: &Visit,
    name: &str,
    account: &Account,
    means: Means,
    at: Timestamp,
) -> Result<Response, PageError> {
    let entered = begin_session(app, visit, account, means, at).await?;
    Ok(entered.leading_to(&SignIn { transaction: name }))
}

/// Begins the session anew at the level that it had: whatever else was signed in to the
/// account has just been ended by its owner.
///
/// # Errors
/// A page, where a store does not answer.
pub async fn renew(app: &App, visit: &Visit, live: &LiveSession) -> Result<Entered, PageError> {
    let now = app.ambient.now();
    begin_session(app, visit, &live.account, Means::of(live), now).await
}

/// The same, after a code of a second factor that is the account's since just now.
///
/// # Errors
/// A page, where a store does not answer.
pub async fn renew_with_code(
    app: &App,
    visit: &Visit,
    live: &LiveSession,
) -> Result<Entered, PageError> {
    let now = app.ambient.now();
    let means = Means::of(live).and(Second::Code);
    begin_session(app, visit, &live.account, means, now).await
}

/// Begins a session for who proved to be the account's owner at that instant.
async fn begin_session(
    app: &App,
    visit: &Visit,
    account: &Account,
    means: Means,
    at: Timestamp,
) -> Result<Entered, PageError> {
    let before = visit.session.as_ref();
    let opening = app.sessions.open(account, before);
    // Written down first: nobody is signed in without a trace.
    record(app, visit, account, &opening, means.acr)
        .await
        .map_err(unavailable)?;
    let device = Device::of(&visit.headers);
    let session_cookie = app
        .sessions
        .begin(opening, account, (means, at), device, before)
        .await
        .map_err(unavailable)?;
    let known_cookie = app.guard.remember(&visit.headers, account.id);
    Ok(Entered([session_cookie, known_cookie]))
}

/// Writes the sign-in down, and ends what hung on another person's session in this
/// browser: two people share a computer, never a session.
async fn record(
    app: &App,
    visit: &Visit,
    account: &Account,
    opening: &Opening,
    level: Acr,
) -> Result<(), StoreError> {
    let event = Event::new(
        Action::SignedIn,
        Actor::Account(account.id),
        Target::Account(account.id),
    );
    // By this its owner finds the session in the list of their own, and can end it.
    let event = event
        .from_network(coarse(&visit.network))
        .with(json!({ "session": opening.id, "key": opening.key(), "level": level }));
    let other = visit
        .session
        .as_ref()
        .filter(|live| live.account.id != account.id);
    let Some(other) = other else {
        // One statement needs no transaction around it.
        return audit::record(app.database.writer(), &app.ambient, event).await;
    };
    let transaction = app.database.begin().await?;
    grants::end_with_session(&transaction, other.session.id, app.ambient.now()).await?;
    audit::record(&transaction, &app.ambient, event).await?;
    transaction.commit().await?;
    Ok(())
}
