//! The end of a registration: the identifier is shown.

use axum::{
    extract::{Path, State},
    response::Response,
};
use idp::http::visit::Visit;
use serde::Serialize;
use web::{Page, PageError, headers::Policy};

use super::steps::{Stage, onward, open};
use crate::{state::SelfService, ways::Return};

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Done { identifier } = &journey.data.stage else {
        return Ok(onward(&journey, &back));
    };
    Ok(visit.view.render(&IdentifierPage {
        identifier: identifier.to_string(),
        sign_in: back.sign_in(),
    }))
}

/// The context of `self-service/registration/identifier.html`.
#[derive(Debug, Serialize)]
struct IdentifierPage {
    identifier: String,
    sign_in: String,
}

impl Page for IdentifierPage {
    const TEMPLATE: &'static str = "self-service/registration/identifier.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("identifiant");

    fn samples() -> Vec<Self> {
        vec![Self {
            identifier: "p.durand8".into(),
            sign_in: Return::default().sign_in(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<IdentifierPage>();
    }
}
