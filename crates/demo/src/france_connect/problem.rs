//! The error pages: FranceConnect's codes, and the way back to the service where it is
//! known.

use axum::{http::StatusCode, response::Response};
use serde::Serialize;

use super::{
    back::{ABORTED, Return, TECHNICAL},
    interaction::Asked,
    visitor::Visitor,
};

/// Why a page of the simulator says no.
#[derive(Debug)]
pub(super) enum Problem {
    /// A parameter that the authorization endpoint does not take, or lacks, or that is
    /// not as it should be.
    Parameters(String),
    /// Nobody is registered under that id.
    UnknownClient,
    /// The redirect URI is not registered.
    RedirectUri,
    /// The service may not ask how the person identified themselves.
    Amr(Box<Asked>),
    /// No request of this browser waits under that name.
    SessionOver,
    /// A way back to nowhere.
    WayBack,
    /// The civil register knows nobody like that.
    IdentityNotFound(Box<Asked>),
    /// The civil register does not answer.
    RegisterDown(Box<Asked>),
    /// A parameter that the sign-out endpoint does not take, or lacks.
    SignOutParameters(String),
    /// An ID token that is not this simulator's, or another service's.
    SignOutHint(&'static str),
    /// Where to come back to after sign-out is not registered.
    SignOutUri,
    /// The sign-out itself fails, when told to.
    SignOut,
    /// A form that does not come from here.
    ForeignForm,
    /// OpenSSL failed.
    Keys,
    /// No such page.
    NotFound,
}

impl Problem {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Parameters(_)
            | Self::UnknownClient
            | Self::RedirectUri
            | Self::Amr(_)
            | Self::SignOutParameters(_)
            | Self::SignOutHint(_)
            | Self::SignOutUri
            | Self::SignOut => StatusCode::BAD_REQUEST,
            Self::SessionOver => StatusCode::UNAUTHORIZED,
            Self::IdentityNotFound(_) | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::RegisterDown(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::WayBack | Self::Keys => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotFound => StatusCode::NOT_FOUND,
        }
    }

    /// FranceConnect's code, where it has one for this. Those of `Y04` name places of the
    /// library that it stands on and change with it: no service may rely on them.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Parameters(_) => "Y030007",
            Self::UnknownClient => "Y04EA6EF",
            Self::RedirectUri => "Y04C013C",
            Self::Amr(_) => "Y100009",
            Self::SessionOver => "Y190001",
            Self::WayBack => "Y030030",
            Self::IdentityNotFound(_) => "Y010004",
            Self::RegisterDown(_) => "Y010011",
            Self::SignOutParameters(_) => "Y030008",
            Self::SignOutHint(_) => "Y046CD0",
            Self::SignOutUri => "Y04CFAEF",
            Self::SignOut => "Y046CD1",
            Self::ForeignForm => "Y470001",
            Self::Keys => "Y000000",
            Self::NotFound => "Y000404",
        }
    }

    /// What was wrong, for whoever writes the service.
    fn detail(&self) -> &str {
        match self {
            Self::Parameters(detail) | Self::SignOutParameters(detail) => detail,
            Self::UnknownClient => "invalid_client: client is invalid (client not found)",
            Self::RedirectUri => {
                "invalid_redirect_uri: redirect_uri did not match any of the client's \
                 registered redirect_uris"
            }
            Self::Amr(_) => "the client may not ask for the claim amr",
            Self::SessionOver => "no session of this browser has that interaction",
            Self::WayBack => "redirect_uri is missing or not registered",
            Self::IdentityNotFound(_) => "no sufficient match in the civil register",
            Self::RegisterDown(_) => "the civil register does not answer in time",
            Self::SignOutHint(detail) => detail,
            Self::SignOutUri => "post_logout_redirect_uri not registered",
            Self::SignOut => "the session that the cookie names is gone",
            Self::ForeignForm => "the form does not come from this site",
            Self::Keys => "a token could not be signed",
            Self::NotFound => "no such page",
        }
    }

    /// Where the person goes back to, where the service is known.
    fn way_back(&self) -> Option<Return> {
        let (asked, error, description) = match self {
            Self::IdentityNotFound(asked) => (asked, "access_denied", ABORTED),
            Self::RegisterDown(asked) => (asked, "temporarily_unavailable", TECHNICAL),
            Self::Amr(asked) => (asked, "server_error", TECHNICAL),
            _ => return None,
        };
        Some(asked.refused(error, description))
    }

    /// The page.
    pub(super) fn page(&self, visitor: &Visitor) -> Response {
        let simulator = &visitor.simulator;
        let way_back = self.way_back();
        let page = ProblemPage {
            code: self.code(),
            id: simulator.error_id(),
            detail: self.detail(),
            service: way_back.as_ref().map(|back| back.service.clone()),
            way_back: way_back.map(|back| back.by_hand(simulator)),
        };
        tracing::info!(code = page.code, "the simulator shows an error page");
        let mut response = visitor.render("demo/simulator-problem.html", page);
        *response.status_mut() = self.status();
        response
    }
}

/// The context of `demo/simulator-problem.html`.
#[derive(Serialize)]
struct ProblemPage<'a> {
    code: &'static str,
    id: String,
    detail: &'a str,
    service: Option<String>,
    way_back: Option<String>,
}

/// Whatever has no page.
pub(super) async fn not_found(visitor: Visitor) -> Response {
    Problem::NotFound.page(&visitor)
}
