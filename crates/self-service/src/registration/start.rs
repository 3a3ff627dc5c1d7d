//! Names and number: whom the registration is about.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    contact::PhoneNumber,
    ids::ProofId,
    name::{self, PersonName},
};
use idp::{
    app::unavailable,
    http::{routes, visit::Visit},
};
use serde::{Deserialize, Serialize};
use web::{FormErrors, Page, PageError, Posted, TextKey, headers::Policy};

use super::{
    sending,
    steps::{Code, Registration, Stage, Ways},
};
use crate::{
    journeys,
    limits::{self, Limit, WAIT},
    mobile,
    state::SelfService,
    ways::Return,
};

/// Shows the page.
pub(super) async fn get(visit: Visit, back: Return) -> Response {
    let page = StartPage::new(StartForm::default(), FormErrors::none(), &back);
    visit.view.render(&page)
}

/// What the page posts.
#[derive(Default, Deserialize)]
pub(super) struct StartForm {
    #[serde(default)]
    nom: String,
    #[serde(default)]
    prenom: String,
    #[serde(default)]
    telephone: String,
}

/// Asks for a code, and leads to its page: whether or not there is such a person.
pub(super) async fn post(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<StartForm>,
) -> Result<Response, PageError> {
    let (name, number) = match read(&form) {
        Ok(wanted) => wanted,
        Err(errors) => {
            let page = StartPage::new(form, errors, &back);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response());
        }
    };
    let allowed = limits::allows(&app, Limit::Network, &visit.network).await;
    if !allowed.map_err(unavailable)? {
        return Err(PageError::too_many(WAIT));
    }
    let code = ProofId::new(&app.ambient);
    let registration = Registration {
        name,
        number,
        stage: Stage::Code { code },
    };
    let begun = journeys::begin(&app, &visit, &registration).await;
    let journey = begun.map_err(unavailable)?.expose();
    sending::send_code(&app, &registration, code);
    let next = back.on(&Code { journey: &journey });
    Ok(axum::response::Redirect::to(&next).into_response())
}

fn read(form: &StartForm) -> Result<(PersonName, PhoneNumber), FormErrors> {
    let mut errors = FormErrors::none();
    if name::check(&form.nom).is_err() {
        errors = errors.field("nom", TextKey::new("registration-family-empty"));
    }
    if name::check(&form.prenom).is_err() {
        errors = errors.field("prenom", TextKey::new("registration-given-empty"));
    }
    match mobile::read("telephone", &form.telephone) {
        Ok(number) if errors.is_empty() => {
            let name = PersonName {
                given: form.prenom.trim().to_owned(),
                family: form.nom.trim().to_owned(),
            };
            Ok((name, number))
        }
        Ok(_) => Err(errors),
        Err(fault) => Err(errors.and(fault)),
    }
}

/// The context of `self-service/registration/start.html`.
#[derive(Debug, Serialize)]
struct StartPage {
    nom: String,
    prenom: String,
    telephone: String,
    ways: Ways,
    errors: FormErrors,
}

impl StartPage {
    fn new(form: StartForm, errors: FormErrors, back: &Return) -> Self {
        Self {
            nom: form.nom,
            prenom: form.prenom,
            telephone: form.telephone,
            ways: Ways::of(&routes::Registration, back),
            errors,
        }
    }
}

impl Page for StartPage {
    const TEMPLATE: &'static str = "self-service/registration/start.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("pas-encore-d-identifiant");

    fn samples() -> Vec<Self> {
        let empty = || StartForm::default();
        let errors = read(&empty()).err().unwrap_or_default();
        vec![
            Self::new(empty(), FormErrors::none(), &Return::default()),
            Self::new(empty(), errors, &Return::default()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<StartPage>();
    }

    #[test]
    fn every_empty_field_is_named() {
        let errors = format!("{:?}", read(&StartForm::default()).unwrap_err());
        for field in ["\"nom\"", "\"prenom\"", "\"telephone\""] {
            assert!(errors.contains(field), "{field}: {errors}");
        }
    }
}
