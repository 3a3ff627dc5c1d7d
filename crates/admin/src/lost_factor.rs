//! A second factor that was lost, of somebody whose school cannot help: an administrator asks
//! for its removal, which waits for a day, or for an officer of the school.

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{desk::Checked, identifier::AccountIdentifier, permission::Permission};
use idp::{App, app::unavailable, guard::coarse};
use serde::{Deserialize, Serialize};
use store::desk::{self, Desk};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use crate::{
    desk::{
        act::{FIRST_CHECK, Field},
        acting::{TICK, Ticked},
        resets::{self, Removal},
    },
    door::{Entry, Needs},
    routes::LostFactor,
    state::Admin,
    visitor::{Frame, Visitor},
};

const IDENTIFIER: &str = "identifiant";

pub(crate) fn entries() -> Vec<Entry> {
    let needs = Needs::Service(Permission::RemoveAnyFactor);
    vec![
        Entry::get::<LostFactor, _, _>(needs, get).recently(),
        Entry::post::<LostFactor, _, _>(needs, post).recently(),
    ]
}

/// What the address may say beside the path; whatever else it says means nothing.
#[derive(Deserialize)]
struct After {
    #[serde(default)]
    fait: String,
}

async fn get(visitor: Visitor, Query(after): Query<After>) -> Result<Response, PageError> {
    let page = LostFactorPage::of(visitor.frame(), "", &[], FormErrors::none());
    let page = LostFactorPage {
        is_done: after.fait == "demande",
        ..page
    };
    Ok(visitor.view().render(&page))
}

async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Posted(form): Posted<Ticked>,
) -> Result<Response, PageError> {
    let typed = form.value(IDENTIFIER);
    let checked = form.checked();
    let again = |errors| {
        let page = LostFactorPage::of(visitor.frame(), typed, &checked, errors);
        let page = visitor.view().render(&page);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    if checked.is_empty() {
        let none = TextKey::new("desk-checked-none");
        return again(FormErrors::none().field(FIRST_CHECK, none));
    }
    match ask(&app, &visitor, typed, &checked).await? {
        Removal::Asked => {
            let way = format!("{}?fait=demande", LostFactor.path());
            Ok(Redirect::to(&way).into_response())
        }
        Removal::Already => {
            let already = TextKey::new("desk-pending-already");
            again(FormErrors::none().field(IDENTIFIER, already))
        }
        Removal::Nothing => {
            let none = TextKey::new("lost-factor-none");
            again(FormErrors::none().field(IDENTIFIER, none))
        }
    }
}

/// Asks for it at one of the person's schools.
async fn ask(
    app: &App,
    visitor: &Visitor,
    typed: &str,
    checked: &[Checked],
) -> Result<Removal, PageError> {
    let Ok(identifier) = AccountIdentifier::parse(typed) else {
        return Ok(Removal::Nothing);
    };
    let found = desk::find_anywhere(app.database.reader(), &identifier).await;
    let Some((school, account)) = found.map_err(unavailable)? else {
        return Ok(Removal::Nothing);
    };
    let desk = Desk {
        officer: visitor.account().id,
        school,
        network: coarse(&visitor.signed_in.visit.network),
    };
    resets::ask_removal(app, &desk, account, checked).await
}

/// The context of `admin/lost_factor.html`.
#[derive(Debug, Serialize)]
struct LostFactorPage {
    frame: Frame,
    action: String,
    identifier: String,
    checks: Field,
    tick: &'static str,
    is_done: bool,
    errors: FormErrors,
}

impl LostFactorPage {
    fn of(frame: Frame, identifier: &str, checked: &[Checked], errors: FormErrors) -> Self {
        Self {
            frame,
            action: LostFactor.path().into_owned(),
            identifier: identifier.to_owned(),
            checks: Field::checks(checked),
            tick: TICK,
            is_done: false,
            errors,
        }
    }
}

impl Page for LostFactorPage {
    const TEMPLATE: &'static str = "admin/lost_factor.html";

    fn samples() -> Vec<Self> {
        let none = FormErrors::none().field(IDENTIFIER, TextKey::new("lost-factor-none"));
        let unchecked = FormErrors::none().field(FIRST_CHECK, TextKey::new("desk-checked-none"));
        let sample = |errors| {
            let checked = [Checked::IdentityPaper];
            Self::of(Frame::sample(), "n.dubois5", &checked, errors)
        };
        vec![
            sample(none),
            sample(unchecked),
            Self {
                is_done: true,
                ..sample(FormErrors::none())
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<LostFactorPage>();
    }
}
