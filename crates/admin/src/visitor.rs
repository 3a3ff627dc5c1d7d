//! Who is at the console, with what powers: what every page of it begins with.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{account::Account, permission::Powers, school::Uai};
use idp::{app::unavailable, http::account::SignedIn};
use serde::Serialize;
use web::{PageError, Route as _, TextKey, View};

use crate::{
    routes::{Home, SECTIONS, Section},
    state::Admin,
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
    /// The page's path.
    pub(crate) path: String,
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
            sections: sections
                .map(|section| Entry::of(section, &self.path))
                .collect(),
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
    about: Option<TextKey>,
    current: bool,
}

impl Entry {
    fn of(section: &Section, path: &str) -> Self {
        Self {
            path: section.path,
            title: section.title,
            about: section.about,
            current: section.holds(path),
        }
    }
}

impl Frame {
    /// An example, for pages' samples.
    pub fn sample() -> Self {
        Self {
            name: "Alix MOREAU".to_owned(),
            sections: SECTIONS
                .iter()
                .map(|section| Entry::of(section, Home::PATTERN))
                .collect(),
        }
    }
}

/// What the door of the page left ([`crate::door`]): a page without a door is never shown.
impl FromRequestParts<Admin> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &Admin) -> Result<Self, PageError> {
        let visitor = parts.extensions.remove();
        visitor.ok_or_else(|| unavailable("a page of the console has no door"))
    }
}
