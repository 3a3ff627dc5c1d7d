//! Who is at the console, with what powers: what every page of it begins with.

use axum::{
    extract::{FromRef as _, FromRequestParts, Path, Request, State},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{account::Account, acr::Acr, permission::Powers, school::Uai};
use idp::{
    App,
    app::unavailable,
    http::{
        account::{Asked, SignedIn, again_where_late, ask},
        routes::Account as MyAccount,
    },
};
use serde::{Deserialize, Serialize};
use store::appointments;
use web::{Link, PageError, Route as _, TextKey, View};

use crate::{
    routes::{Home, SECTIONS, Section},
    state::Admin,
    table::Needs,
};

/// Somebody who was appointed to something, signed in with a second factor, and who has what
/// the page needs. Others never reach its handler.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The request and the session.
    pub signed_in: SignedIn,
    /// All that they were appointed to, read just now: an appointment that ended gives
    /// nothing from then on.
    pub powers: Powers,
    /// The school that the page is one of, where it is: they have what it needs there.
    pub school: Option<Uai>,
}

impl Visitor {
    /// The frame of the page.
    pub const fn view(&self) -> &View {
        self.signed_in.view()
    }

    /// Their account.
    pub const fn account(&self) -> &Account {
        &self.signed_in.live.account
    }

    /// What the head of every page of the console shows.
    pub fn frame(&self) -> Frame {
        let sections = SECTIONS.iter().filter(|section| {
            section
                .permission
                .is_none_or(|permission| self.powers.may_somewhere(permission))
        });
        Frame {
            name: self.account().name.full(),
            sections: sections.map(Entry::of).collect(),
        }
    }
}

/// What the head of every page of the console shows: `frame` in its context.
#[derive(Debug, Serialize)]
pub struct Frame {
    /// Who is signed in.
    name: String,
    /// Where they may go.
    sections: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    path: &'static str,
    title: TextKey,
}

impl Entry {
    const fn of(section: &Section) -> Self {
        Self {
            path: section.path,
            title: section.title,
        }
    }
}

impl Frame {
    /// An example, for pages' samples.
    pub fn sample() -> Self {
        Self {
            name: "Alix MOREAU".to_owned(),
            sections: SECTIONS.iter().map(Entry::of).collect(),
        }
    }
}

/// What the door of the page left ([`crate::table`]): a page without a door is never shown.
impl FromRequestParts<Admin> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &Admin) -> Result<Self, PageError> {
        let visitor = parts.extensions.remove();
        visitor.ok_or_else(|| unavailable("a page of the console has no door"))
    }
}

/// What a page's door asks for.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) state: Admin,
    pub(crate) needs: Needs,
    /// A sign-in of the last five minutes.
    pub(crate) is_recent: bool,
}

/// The door of a page: lets in whoever has what the page needs, and leaves them as
/// [`Visitor`] to its handler. Of a school's page that somebody may not see, the answer is
/// that there is none: nobody learns whom other schools know.
///
/// # Errors
/// The page that says why not, or the way to the sign-in.
pub(crate) async fn admit(
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
    if door.is_recent
        && let Some(asked) = again_where_late(&app, &signed_in, path(&parts)).await
    {
        return Err(asked);
    }
    parts.extensions.insert(Visitor {
        signed_in,
        powers,
        school,
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
