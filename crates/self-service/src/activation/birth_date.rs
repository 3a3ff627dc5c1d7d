//! The birth date: a pupil's own, or that of any one child of a guardian.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    account::{Account, PasswordState, PersonKind},
    birth_dates::{Pupil, fits_any},
    clock::legal_date,
    date::parse_date_as_written,
};
use idp::{
    app::{App, unavailable},
    http::visit::Visit,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::{
    ConnectionTrait, StoreError, accounts,
    activations::{self, Done, Step},
    people,
    refused_dates::{self, Refused},
};
use web::{FormErrors, Link, Page, PageError, Posted, TextKey, headers::Policy};

use super::steps::{Held, Ways, expired, open_form, open_page, path_of};
use crate::{dates::fault_text, state::SelfService, ways::SCHOOLS};

const FIELD: &str = "date-de-naissance";
const STEP: Step = Step::BirthDate;

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let held = match open_page(&app, &visit, &name, STEP).await? {
        Ok(held) => held,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = BirthDatePage::new(&held, String::new(), FormErrors::none());
    Ok(visit.view.render(&page))
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct BirthDateForm {
    #[serde(default, rename = "date-de-naissance")]
    date: String,
}

/// Takes the date.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<BirthDateForm>,
) -> Result<Response, PageError> {
    let held = match open_form(&app, &visit, &name, STEP).await? {
        Ok(held) => held,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let again = |errors| {
        let page = BirthDatePage::new(&held, form.date.clone(), errors);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let typed = match parse_date_as_written(&form.date, legal_date(app.ambient.now())) {
        Ok(typed) => typed,
        Err(fault) => return again(FormErrors::none().field(FIELD, fault_text(fault))),
    };
    match judge(&app, &held, typed).await.map_err(unavailable)? {
        Judged::Right => {
            held.keep_waiting(&app).await?;
            let next = path_of(Step::Password, &held.name);
            Ok(axum::response::Redirect::to(&next).into_response())
        }
        Judged::Wrong { left: 0 } => Err(ended()),
        Judged::Wrong { left } => again(
            FormErrors::none()
                .field(FIELD, TextKey::new("activation-date-refused"))
                .value("left", left.to_string()),
        ),
        Judged::Lost => Err(expired(&held.name)),
    }
}

/// What a date came to.
enum Judged {
    Right,
    Wrong {
        left: usize,
    },
    /// The activation is another device's by now, or over.
    Lost,
}

/// Judges in one transaction that holds the account: tries made at once are counted one
/// after another, and none after the last.
async fn judge(app: &App, held: &Held, typed: Date) -> Result<Judged, StoreError> {
    let now = app.ambient.now();
    let transaction = app.database.begin().await?;
    accounts::lock(&transaction, held.id()).await?;
    let found = activations::find(&transaction, held.id(), &held.holder, now).await?;
    let Some((account, activation)) = found else {
        return Ok(Judged::Lost);
    };
    if activation.reached > STEP {
        return Ok(Judged::Right);
    }
    let pupils = pupils_of(&transaction, &account).await?;
    let judged = if fits_any(&pupils, typed) {
        let (holder, done) = (&held.holder, Done::BirthDate);
        activations::save(&transaction, account.id, holder, &done, Step::Password, now).await?;
        Judged::Right
    } else {
        let refused = refusal(&pupils, typed);
        let since = provisional_since(&account);
        let left = refused_dates::record(&transaction, &app.ambient, account.id, since, &[refused])
            .await?;
        Judged::Wrong { left }
    };
    transaction.commit().await?;
    Ok(judged)
}

/// Whose dates will do.
async fn pupils_of(
    connection: &impl ConnectionTrait,
    account: &Account,
) -> Result<Vec<Pupil>, StoreError> {
    if account.kind != PersonKind::Guardian {
        return Ok(vec![Pupil {
            account: account.id,
            birth_date: account.birth_date,
        }]);
    }
    let facts = people::find_whole(connection, account.id).await?;
    let children = facts.map(|facts| facts.children).unwrap_or_default();
    let pupils = children.iter().map(|child| Pupil {
        account: child.account,
        birth_date: child.birth_date,
    });
    Ok(pupils.collect())
}

/// Whose date was refused can be said of one pupil alone.
fn refusal(pupils: &[Pupil], typed: Date) -> Refused {
    let pupil = match pupils {
        [only] => Some(only.account),
        _ => None,
    };
    Refused { pupil, typed }
}

const fn provisional_since(account: &Account) -> Timestamp {
    match account.password {
        PasswordState::Provisional { since } => since,
        PasswordState::Absent | PasswordState::Chosen => Timestamp::MIN,
    }
}

/// The last try was wrong: the provisional password has ended, and the school helps.
fn ended() -> PageError {
    let title = TextKey::new("activation-ended-title");
    let text = TextKey::new("activation-ended-text");
    PageError::new(StatusCode::FORBIDDEN, "activation-arretee", title, text)
        .way_on(Link::new(TextKey::new("activation-schools"), SCHOOLS))
}

/// The context of `self-service/activation/birth_date.html`.
#[derive(Debug, Serialize)]
struct BirthDatePage {
    person: String,
    of_child: bool,
    date: String,
    ways: Ways,
    errors: FormErrors,
}

impl BirthDatePage {
    fn new(held: &Held, date: String, errors: FormErrors) -> Self {
        Self {
            person: held.account.name.full(),
            of_child: held.account.kind == PersonKind::Guardian,
            date,
            ways: held.ways(STEP),
            errors,
        }
    }
}

impl Page for BirthDatePage {
    const TEMPLATE: &'static str = "self-service/activation/birth_date.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("date-refusee");

    fn samples() -> Vec<Self> {
        let sample = |of_child, errors| Self {
            person: "Zoé MARTIN".into(),
            of_child,
            date: "04/01/2013".into(),
            ways: Ways::sample(STEP),
            errors,
        };
        let refused = FormErrors::none()
            .field(FIELD, TextKey::new("activation-date-refused"))
            .value("left", "1");
        vec![sample(false, FormErrors::none()), sample(true, refused)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<BirthDatePage>();
    }
}
