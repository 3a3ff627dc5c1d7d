//! The order of the steps, and the one way into each page.

use std::borrow::Cow;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Account, AccountState},
    contact::PhoneNumber,
    identifier::AccountIdentifier,
    ids::ProofId,
    name::PersonName,
    secret::{Token, TokenHash},
};
use idp::{
    app::{App, unavailable},
    http::{routes, visit::Visit},
};
use serde::{Deserialize, Serialize};
use store::{
    ConnectionTrait, StoreError, accounts,
    proofs::{self, Purpose},
};
use web::{Link, PageError, Route, TextKey};

use crate::{
    journeys::{self, Journey, State},
    ways::Return,
};

macro_rules! journey_routes {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name<'a> {
            /// The journey's name.
            pub(super) journey: &'a str,
        }

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path.replace("{journey}", self.journey).into()
            }
        }
    )*};
}

journey_routes! {
    /// The code that was sent.
    Code = "/inscription/{journey}/code";
    /// Another code, please.
    Resend = "/inscription/{journey}/renvoi";
    /// The children's birth dates.
    Children = "/inscription/{journey}/enfants";
    /// The password.
    Password = "/inscription/{journey}/mot-de-passe";
    /// What was chosen, and the terms.
    Recapitulation = "/inscription/{journey}/recapitulatif";
    /// The identifier, at the end.
    Identifier = "/inscription/{journey}/identifiant";
}

/// A self-registration under way, in the browser that began it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Registration {
    /// The names that were typed.
    pub(super) name: PersonName,
    /// The number that was typed.
    pub(super) number: PhoneNumber,
    /// How far it has come.
    pub(super) stage: Stage,
}

impl State for Registration {
    const WHAT: &'static str = "registration";
}

/// How far a registration has come, with what proves it. A proof is the store's, of one
/// account, and is spent at the end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// A code was asked for; whether it was sent is nobody's to see.
    Code { code: ProofId },
    /// The code was right.
    Children { proof: String },
    /// The birth dates were right.
    Password { proof: String },
    /// A password was chosen.
    Terms {
        proof: String,
        password_hash: String,
    },
    /// The account is active.
    Done { identifier: AccountIdentifier },
}

impl Stage {
    fn path(&self, journey: &str, back: &Return) -> String {
        match self {
            Self::Code { .. } => back.on(&Code { journey }),
            Self::Children { .. } => back.on(&Children { journey }),
            Self::Password { .. } => back.on(&Password { journey }),
            Self::Terms { .. } => back.on(&Recapitulation { journey }),
            Self::Done { .. } => back.on(&Identifier { journey }),
        }
    }
}

/// The journey of a name, whatever its stage.
///
/// # Errors
/// The page of an end: too late, or another browser.
pub(super) async fn open(
    app: &App,
    visit: &Visit,
    name: &str,
    back: &Return,
) -> Result<Journey<Registration>, PageError> {
    let found = journeys::find(app, visit, name)
        .await
        .map_err(unavailable)?;
    found.ok_or_else(|| expired(back))
}

/// To the page of the stage that the journey has reached.
pub(super) fn onward(journey: &Journey<Registration>, back: &Return) -> Response {
    let path = journey.data.stage.path(&journey.name.expose(), back);
    Redirect::to(&path).into_response()
}

/// Takes the journey to its next stage and leads there; where another tab was faster, its
/// word counts.
///
/// # Errors
/// A page, where the store does not answer.
pub(super) async fn advance(
    app: &App,
    visit: &Visit,
    mut journey: Journey<Registration>,
    stage: Stage,
    back: &Return,
) -> Result<Response, PageError> {
    journey.data.stage = stage;
    let replaced = journeys::replace(app, visit, &journey).await;
    if replaced.map_err(unavailable)? {
        return Ok(onward(&journey, back));
    }
    let name = journey.name.expose();
    Ok(onward(&open(app, visit, &name, back).await?, back))
}

/// The account that a proof is of, as long as it waits to be activated.
///
/// # Errors
/// The database's.
pub(super) async fn proven(
    app: &App,
    connection: &impl ConnectionTrait,
    proof: &str,
) -> Result<Option<Account>, StoreError> {
    let Some(token) = hash_of(proof) else {
        return Ok(None);
    };
    let now = app.ambient.now();
    let found = proofs::find(connection, Purpose::Registration, &token, now).await?;
    let Some(id) = found.and_then(|proof| proof.account) else {
        return Ok(None);
    };
    let account = accounts::find_by_id(connection, id).await?;
    Ok(account.filter(|account| account.state == AccountState::Known))
}

/// What the store knows a proof by.
pub(super) fn hash_of(proof: &str) -> Option<TokenHash> {
    Token::parse(proof).map(|token| token.hash())
}

/// The time for a registration is over, it has ended, or another browser began it.
pub(super) fn expired(back: &Return) -> PageError {
    let title = TextKey::new("error-form-expired-title");
    let text = TextKey::new("registration-expired-text");
    let again = back.on(&routes::Registration);
    PageError::new(StatusCode::FORBIDDEN, "page-perimee", title, text)
        .way_on(Link::new(TextKey::new("registration-again"), again))
}

/// Where the forms and links of every page lead.
#[derive(Debug, Serialize)]
pub(super) struct Ways {
    action: String,
    cancel: String,
}

impl Ways {
    pub(super) fn of(route: &impl Route, back: &Return) -> Self {
        Self {
            action: back.on(route),
            cancel: back.sign_in(),
        }
    }

    /// For samples.
    pub(super) fn sample() -> Self {
        let journey = &Token::from_bytes([7; 32]).expose();
        let back = Return::to(Token::from_bytes([8; 32]));
        Self::of(&Code { journey }, &back)
    }
}
