//! A link of a mail: its first page moves the secret out of the address, and changes
//! nothing, since scanners of mails open links. What follows knows it by a name that is
//! good in this browser alone.

use axum::http::StatusCode;
use domain::secret::{Token, TokenHash};
use idp::{app::App, http::visit::Visit};
use serde::{Deserialize, Serialize};
use store::proofs::{self, Proof, Purpose};
use web::{Link, PageError, Route, TextKey};

use crate::{
    account::{changing::unavailable, routes::ChangeEmail},
    journeys::{self, Journey, State},
};

/// What a link has in its query.
#[derive(Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    pub(super) jeton: String,
}

/// Which proof a page is about: its hash, never its secret.
#[derive(Serialize, Deserialize)]
pub(super) struct Opened {
    purpose: String,
    hash: Vec<u8>,
}

impl State for Opened {
    const WHAT: &'static str = "email link";
}

/// Opens a link: the name under which its page stands in this browser.
pub(super) async fn open(
    app: &App,
    visit: &Visit,
    purpose: Purpose,
    query: &Query,
) -> Result<Token, PageError> {
    let hash = Token::parse(&query.jeton).ok_or_else(over)?.hash();
    let now = app.ambient.now();
    let proof = proofs::find(app.database.reader(), purpose, &hash, now).await;
    proof.map_err(unavailable)?.ok_or_else(over)?;
    let opened = Opened {
        purpose: purpose.as_str().to_owned(),
        hash: hash.as_bytes().to_vec(),
    };
    let begun = journeys::begin(app, visit, &opened).await;
    begun.map_err(unavailable)
}

/// A link that this browser opened, with its proof, which still stands.
pub(super) struct Standing {
    /// What to spend.
    pub(super) hash: TokenHash,
    /// What it proves.
    pub(super) proof: Proof,
    journey: Journey<Opened>,
}

impl Standing {
    /// Finds it again; a page where it has ended or another browser opened it.
    pub(super) async fn find(
        app: &App,
        visit: &Visit,
        purpose: Purpose,
        name: &str,
    ) -> Result<Self, PageError> {
        let journey = journeys::find::<Opened>(app, visit, name).await;
        let journey = journey.map_err(unavailable)?;
        let journey = journey.filter(|journey| journey.data.purpose == purpose.as_str());
        let journey = journey.ok_or_else(over)?;
        let hash = TokenHash::from_slice(&journey.data.hash).ok_or_else(over)?;
        let now = app.ambient.now();
        let proof = proofs::find(app.database.reader(), purpose, &hash, now).await;
        let proof = proof.map_err(unavailable)?.ok_or_else(over)?;
        Ok(Self {
            hash,
            proof,
            journey,
        })
    }

    /// Forgets it, after its effect.
    pub(super) async fn end(self, app: &App) -> Result<(), PageError> {
        let ended = journeys::end(app, &self.journey.name).await;
        ended.map(|_| ()).map_err(unavailable)
    }
}

/// The link was used, is too old, or something newer took its place.
pub(super) fn over() -> PageError {
    let title = TextKey::new("account-link-over-title");
    let text = TextKey::new("account-link-over");
    let way_on = Link::new(TextKey::new("account-link-over-way"), ChangeEmail.path());
    PageError::new(StatusCode::GONE, "lien-termine", title, text).way_on(way_on)
}
