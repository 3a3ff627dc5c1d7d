//! What was just done: said once, on top of « Mon compte ». It travels in a cookie of
//! ours, so that no link of a stranger can make the page say it.

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use idp::{app::App, http::routes::Account};
use serde::Serialize;
use web::{Route, TextKey, cookies::Lifetime};

const COOKIE: &str = "fait";

/// An act that « Mon compte » tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Done {
    /// The password was changed.
    Password,
    /// A message to confirm an address is on its way.
    EmailAsked,
    /// The address in force stays; the one that waited was dropped.
    EmailKept,
    /// An address was confirmed.
    EmailConfirmed,
    /// A number was confirmed.
    PhoneConfirmed,
    /// The number in force stays; the one that waited was dropped.
    PhoneKept,
    /// Another language was chosen.
    Language,
    /// No second factor is asked for any more.
    FactorRemoved,
    /// One of the second factors is gone, another stays.
    ApplicationRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was taken away.
    PasskeyRemoved,
}

/// What the page says of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Told {
    title: TextKey,
    text: TextKey,
    hint: Option<TextKey>,
}

impl Done {
    pub(crate) const ALL: [Self; 11] = [
        Self::Password,
        Self::EmailAsked,
        Self::EmailKept,
        Self::EmailConfirmed,
        Self::PhoneConfirmed,
        Self::PhoneKept,
        Self::Language,
        Self::FactorRemoved,
        Self::ApplicationRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Password => "mot-de-passe",
            Self::EmailAsked => "email-demande",
            Self::EmailKept => "email-garde",
            Self::EmailConfirmed => "email",
            Self::PhoneConfirmed => "telephone",
            Self::PhoneKept => "telephone-garde",
            Self::Language => "langue",
            Self::FactorRemoved => "deux-etapes",
            Self::ApplicationRemoved => "application-retiree",
            Self::PasskeyAdded => "cle-ajoutee",
            Self::PasskeyRemoved => "cle-retiree",
        }
    }

    /// Its words.
    pub(crate) const fn told(self) -> Told {
        let (title, text) = match self {
            Self::Password => (
                TextKey::new("account-done-password-title"),
                TextKey::new("account-done-password"),
            ),
            Self::EmailAsked => (
                TextKey::new("account-done-email-asked-title"),
                TextKey::new("account-done-email-asked"),
            ),
            Self::EmailKept => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-email-kept"),
            ),
            Self::EmailConfirmed => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-email"),
            ),
            Self::PhoneConfirmed => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-phone"),
            ),
            Self::PhoneKept => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-phone-kept"),
            ),
            Self::Language => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-language"),
            ),
            Self::FactorRemoved => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-factor-removed"),
            ),
            Self::ApplicationRemoved => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-application-removed"),
            ),
            Self::PasskeyAdded => (
                TextKey::new("account-done-passkey-added-title"),
                TextKey::new("account-done-passkey-added"),
            ),
            Self::PasskeyRemoved => (
                TextKey::new("account-done-title"),
                TextKey::new("account-done-passkey-removed"),
            ),
        };
        let hint = match self {
            Self::EmailAsked => Some(TextKey::new("account-done-email-asked-hint")),
            _ => None,
        };
        Told { title, text, hint }
    }

    /// Leads to « Mon compte », which tells.
    pub(crate) fn at_home(self, app: &App) -> Response {
        self.along(app, Redirect::to(&Account.path()).into_response())
    }

    /// Goes along with an answer that leads to « Mon compte ».
    pub(crate) fn along(self, app: &App, mut answer: Response) -> Response {
        let cookies = &app.site.cookies;
        let cookie = cookies.set(COOKIE, self.word(), Lifetime::BrowserSession);
        answer.headers_mut().append(header::SET_COOKIE, cookie);
        answer
    }

    /// What the browser is to be told.
    pub(crate) fn read(app: &App, headers: &HeaderMap) -> Option<Self> {
        let word = app.site.cookies.read(headers, COOKIE)?;
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    /// Marks it as told.
    pub(crate) fn forget(app: &App, mut answer: Response) -> Response {
        let cookie = app.site.cookies.clear(COOKIE);
        answer.headers_mut().append(header::SET_COOKIE, cookie);
        answer
    }
}
