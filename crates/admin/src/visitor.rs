//! Who is at the console, with what powers: what every page of it begins with.

use axum::{
    extract::{FromRef as _, FromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    account::Account,
    acr::Acr,
    permission::{Permission, Powers},
    school::Uai,
};
use idp::{
    App,
    app::unavailable,
    http::{
        account::{Asked, RecentlySignedIn, SignedIn, ask},
        routes::Account as MyAccount,
    },
};
use serde::Serialize;
use store::appointments;
use web::{Link, PageError, Route as _, TextKey, View};

use crate::{
    routes::{Home, SECTIONS, Section},
    state::Admin,
};

/// Somebody who was appointed to something, signed in with a second factor. Others are led
/// to the sign-in, or told that the console is not for them.
#[derive(Debug)]
pub struct Visitor {
    /// The request and the session.
    pub signed_in: SignedIn,
    /// All that they were appointed to, read just now: an appointment that ended gives
    /// nothing from then on.
    pub powers: Powers,
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

    /// Refuses whoever lacks a permission of the whole service.
    ///
    /// # Errors
    /// The page that says so.
    pub fn must(&self, permission: Permission) -> Result<(), PageError> {
        if self.powers.may(permission) {
            Ok(())
        } else {
            Err(not_allowed())
        }
    }

    /// Refuses whoever lacks a permission at a school. The answer is that there is no such
    /// page: nobody learns whom other schools know.
    ///
    /// # Errors
    /// The page that says so.
    pub fn must_at(&self, permission: Permission, school: &Uai) -> Result<(), PageError> {
        if self.powers.may_at(permission, school) {
            Ok(())
        } else {
            Err(PageError::not_found())
        }
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

impl FromRequestParts<Admin> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, state).await?;
        admit(&App::from_ref(state), parts, signed_in).await
    }
}

/// A [`Visitor`] who signed in within the last five minutes: for what is dangerous.
#[derive(Debug)]
pub struct RecentVisitor(pub Visitor);

impl FromRequestParts<Admin> for RecentVisitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Response> {
        let RecentlySignedIn(signed_in) =
            RecentlySignedIn::from_request_parts(parts, state).await?;
        let visitor = admit(&App::from_ref(state), parts, signed_in).await?;
        Ok(Self(visitor))
    }
}

async fn admit(app: &App, parts: &Parts, signed_in: SignedIn) -> Result<Visitor, Response> {
    let account = signed_in.live.account.id;
    let powers = appointments::powers_of(app.database.reader(), account).await;
    let powers = powers.map_err(|error| unavailable(error).into_response())?;
    if powers.is_empty() {
        return Err(not_for_them().into_response());
    }
    if !signed_in.live.reaches(Acr::SecondFactor) {
        let path = parts.uri.path_and_query();
        let path = path.map_or(Home::PATTERN.to_owned(), ToString::to_string);
        let asked = Asked {
            account: Some(account),
            since: None,
            acr: Some(Acr::SecondFactor),
        };
        return Err(ask(app, &signed_in.visit, path, asked).await);
    }
    Ok(Visitor { signed_in, powers })
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
