//! Pages that the journeys of recovery share.

use axum::{http::StatusCode, response::Response};
use domain::secret::{Token, TokenHash};
use idp::http::{routes::LostPassword, visit::Visit};
use serde::{Deserialize, Serialize};
use web::{Link, Page, PageError, Route, TextKey};

use super::unavailable;
use crate::{
    limits::{self, Limit},
    schools::FindSchool,
    state::SelfService,
    ways::Return,
};

/// For how long somebody waits whose network asked for too many messages.
const NETWORK_WAIT: std::time::Duration = std::time::Duration::from_mins(10);

/// The hash of a token that a link carried: what a journey keeps of it.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Kept([u8; 32]);

impl Kept {
    pub(super) fn of(token: &Token) -> Self {
        Self(*token.hash().as_bytes())
    }

    pub(super) fn hash(&self) -> TokenHash {
        TokenHash::from_slice(&self.0).expect("32 bytes are a hash")
    }
}

/// Counts a request for a message against its network.
pub(crate) async fn admit(app: &SelfService, visit: &Visit) -> Result<(), PageError> {
    let allowed = limits::allows(app, Limit::Network, &visit.network).await;
    if allowed.map_err(unavailable)? {
        Ok(())
    } else {
        Err(PageError::too_many(NETWORK_WAIT))
    }
}

/// What a page of asking leads to besides.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WaysOn {
    /// « Annuler ».
    cancel: String,
    /// « Je contacte mon établissement ».
    school: String,
}

impl WaysOn {
    pub(crate) fn of(back: &Return) -> Self {
        Self {
            cancel: back.sign_in(),
            school: back.on(&FindSchool),
        }
    }
}

/// « Vérifiez vos emails ! », « Vérifiez votre téléphone ! »: the same whoever asked.
#[derive(Debug, Serialize)]
pub(super) struct SentPage {
    title: TextKey,
    text: TextKey,
    hint: TextKey,
    sign_in: String,
    again: String,
    ways: WaysOn,
}

impl SentPage {
    pub(super) fn identifier_mailed(back: &Return, again: String) -> Self {
        Self {
            title: TextKey::new("recovery-check-mail"),
            text: TextKey::new("recovery-identifier-sent"),
            hint: TextKey::new("recovery-mail-hint"),
            sign_in: back.sign_in(),
            again,
            ways: WaysOn::of(back),
        }
    }

    pub(super) fn identifier_texted(back: &Return, again: String) -> Self {
        Self {
            title: TextKey::new("recovery-check-phone"),
            text: TextKey::new("recovery-identifier-sent"),
            hint: TextKey::new("recovery-sms-hint"),
            sign_in: back.sign_in(),
            again,
            ways: WaysOn::of(back),
        }
    }

    pub(super) fn password_mailed(back: &Return, again: String) -> Self {
        Self {
            title: TextKey::new("recovery-check-mail"),
            text: TextKey::new("recovery-password-sent"),
            hint: TextKey::new("recovery-spam-hint"),
            sign_in: back.sign_in(),
            again,
            ways: WaysOn::of(back),
        }
    }
}

impl Page for SentPage {
    const TEMPLATE: &'static str = "self-service/recovery_sent.html";
    const QUESTION: Option<&'static str> = Some("message-non-recu");

    fn samples() -> Vec<Self> {
        let back = Return::default();
        let again = || "/identifiant-perdu".to_owned();
        vec![
            Self::identifier_mailed(&back, again()),
            Self::identifier_texted(&back, again()),
            Self::password_mailed(&back, again()),
        ]
    }
}

/// Something was done, and what comes next.
#[derive(Debug, Serialize)]
pub(super) struct DonePage {
    pub(super) title: TextKey,
    pub(super) text: TextKey,
    pub(super) next: TextKey,
    pub(super) button: TextKey,
    pub(super) target: String,
}

impl Page for DonePage {
    const TEMPLATE: &'static str = "self-service/recovery_done.html";
    const QUESTION: Option<&'static str> = Some("mot-de-passe-refuse");

    fn samples() -> Vec<Self> {
        vec![Self {
            title: TextKey::new("recovery-set-title"),
            text: TextKey::new("recovery-set-text"),
            next: TextKey::new("recovery-set-next"),
            button: TextKey::new("recovery-sign-in"),
            target: "/compte".into(),
        }]
    }
}

/// The form again, with what is wrong.
pub(crate) fn again<P: Page>(visit: &Visit, page: &P) -> (StatusCode, Response) {
    (StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(page))
}

/// A step that was taken, that waited too long, or that another browser began.
pub(super) fn over() -> PageError {
    let title = TextKey::new("recovery-over-title");
    let text = TextKey::new("recovery-over-text");
    PageError::new(StatusCode::GONE, "etape-perimee", title, text).way_on(Link::new(
        TextKey::new("recovery-again"),
        LostPassword.path(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_render() {
        web::testing::assert_renders::<SentPage>();
        web::testing::assert_renders::<DonePage>();
    }
}
