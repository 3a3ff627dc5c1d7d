//! The door that stands before every page of the console: who came, with a second factor and
//! what powers; whether they have what the page needs; whether they signed in lately, where it
//! asks for that. No handler decides it again.

use std::time::Duration;

use axum::{
    Router,
    extract::{FromRef as _, FromRequestParts as _, Path, Request, State},
    handler::Handler,
    http::{StatusCode, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing,
};
use domain::{
    acr::Acr,
    permission::{Permission, Powers},
    school::Uai,
};
use http::Method;
use idp::{
    App,
    app::unavailable,
    http::{
        account::{Asked, RECENT, SignedIn, again_where_late, ask},
        routes::Account as MyAccount,
    },
};
use serde::Deserialize;
use store::appointments;
use web::{Link, PageError, Route, TextKey};

use crate::{routes::Home, state::Admin, visitor::Visitor};

/// For how long a sign-in opens the console, however long sessions last elsewhere.
const LONGEST: Duration = Duration::from_hours(12);

/// What a page asks of whoever comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// That they were appointed to anything.
    Console,
    /// A permission of the whole service.
    Service(Permission),
    /// A permission at the school that the address names; without it there is no such page.
    School(Permission),
}

impl Needs {
    /// Whether these powers will do, at this school where the page is one of a school.
    pub fn are_met(self, powers: &Powers, school: Option<&Uai>) -> bool {
        match self {
            Self::Console => !powers.is_empty(),
            Self::Service(permission) => powers.may(permission),
            Self::School(permission) => {
                school.is_some_and(|school| powers.may_at(permission, school))
            }
        }
    }
}

/// A page of the console.
pub struct Entry {
    /// How it is asked for.
    pub method: Method,
    /// Its address, with the names of its parts.
    pub pattern: &'static str,
    /// What it asks of whoever comes.
    pub needs: Needs,
    /// Whether it asks for a sign-in of the last five minutes: what is dangerous does.
    pub is_recent: bool,
    handler: routing::MethodRouter<Admin>,
}

impl Entry {
    /// A page that is looked at.
    pub(crate) fn get<R: Route, H, T>(needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Admin>,
        T: 'static,
    {
        Self::of::<R>(Method::GET, needs, routing::get(handler))
    }

    /// A form that is sent.
    pub(crate) fn post<R: Route, H, T>(needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Admin>,
        T: 'static,
    {
        Self::of::<R>(Method::POST, needs, routing::post(handler))
    }

    fn of<R: Route>(method: Method, needs: Needs, handler: routing::MethodRouter<Admin>) -> Self {
        Self {
            method,
            pattern: R::PATTERN,
            needs,
            is_recent: false,
            handler,
        }
    }

    /// The same for whoever signed in within the last five minutes; others are asked to do so
    /// again, and led back.
    pub(crate) fn recently(mut self) -> Self {
        self.is_recent = true;
        self
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.pattern, self.needs)
    }
}

/// The router of a table: each page behind a door of its own, which asks for what the page
/// needs before its handler is reached.
pub(crate) fn router(entries: Vec<Entry>, state: &Admin) -> Router<Admin> {
    entries.into_iter().fold(Router::new(), |router, entry| {
        let door = Door {
            state: state.clone(),
            needs: entry.needs,
            is_recent: entry.is_recent,
        };
        let door = middleware::from_fn_with_state(door, admit);
        router.route(entry.pattern, entry.handler.route_layer(door))
    })
}

/// What a page's door asks for.
#[derive(Clone)]
struct Door {
    state: Admin,
    needs: Needs,
    /// A sign-in of the last five minutes.
    is_recent: bool,
}

/// The door of a page: lets in whoever has what the page needs, and leaves them as
/// [`Visitor`] to its handler. Of a school's page that somebody may not see, the answer is
/// that there is none: nobody learns whom other schools know.
///
/// # Errors
/// The page that says why not, or the way to the sign-in.
async fn admit(
    State(door): State<Door>,
    request: Request,
    next: Next,
) -> Result<Response, Response> {
    let (mut parts, body) = request.into_parts();
    let signed_in = SignedIn::from_request_parts(&mut parts, &door.state).await?;
    let app = App::from_ref(&door.state);
    let powers = appointed(&app, &parts, &signed_in).await?;
    let school = match door.needs {
        Needs::School(_) => Some(school_of(&mut parts, &door.state).await?),
        Needs::Console | Needs::Service(_) => None,
    };
    if !door.needs.are_met(&powers, school.as_ref()) {
        let refusal = school.map_or_else(not_allowed, |_| PageError::not_found());
        return Err(refusal.into_response());
    }
    let longest = if door.is_recent { RECENT } else { LONGEST };
    if let Some(asked) = again_where_late(&app, &signed_in, longest, path(&parts)).await {
        return Err(asked);
    }
    parts.extensions.insert(Visitor {
        signed_in,
        powers,
        school,
        path: parts.uri.path().to_owned(),
    });
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// What somebody was appointed to, once they have signed in with a second factor.
async fn appointed(app: &App, parts: &Parts, signed_in: &SignedIn) -> Result<Powers, Response> {
    let account = signed_in.live.account.id;
    let powers = appointments::powers_of(app.database.reader(), account).await;
    let powers = powers.map_err(|error| unavailable(error).into_response())?;
    if powers.is_empty() {
        return Err(not_for_them().into_response());
    }
    if !signed_in.live.reaches(Acr::SecondFactor) {
        let asked = Asked {
            account: Some(account),
            since: None,
            acr: Some(Acr::SecondFactor),
        };
        return Err(ask(app, &signed_in.visit, path(parts), asked).await);
    }
    Ok(powers)
}

/// The school that the address names.
async fn school_of(parts: &mut Parts, state: &Admin) -> Result<Uai, Response> {
    let named = Path::<OfSchool>::from_request_parts(parts, state).await;
    let named = named.ok().and_then(|Path(of)| Uai::parse(&of.uai).ok());
    named.ok_or_else(|| PageError::not_found().into_response())
}

#[derive(Deserialize)]
struct OfSchool {
    uai: String,
}

fn path(parts: &Parts) -> String {
    let whole = parts.uri.path_and_query();
    whole.map_or_else(|| Home::PATTERN.to_owned(), ToString::to_string)
}

/// The console is for people who were appointed.
fn not_for_them() -> PageError {
    let title = TextKey::new("admin-not-for-you-title");
    let text = TextKey::new("admin-not-for-you-text");
    PageError::new(StatusCode::FORBIDDEN, "console-reservee", title, text).way_on(Link::new(
        TextKey::new("admin-to-account"),
        MyAccount.path(),
    ))
}

fn not_allowed() -> PageError {
    let title = TextKey::new("admin-not-allowed-title");
    let text = TextKey::new("admin-not-allowed-text");
    PageError::new(StatusCode::FORBIDDEN, "droit-absent", title, text)
        .way_on(Link::new(TextKey::new("admin-to-console"), Home.path()))
}
