//! One person of the console: their appointments, more of them, and the end of one.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Account, PersonKind},
    audit::Actor,
    ids::AccountId,
    permission::Powers,
    secret::Token,
};
use idp::{app::unavailable, http::routes::Invitation};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, accounts,
    appointments::{self, Appointment, End},
    invitations, schools,
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    RoleChoice, RoleLine, read_appointment, role_choices, role_lines,
    routes::{Agent, Agents, EndAppointment, InviteAgent},
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Somebody of the console, by the id in an address. Families' accounts are nobody here.
async fn open(app: &Admin, id: &str) -> Result<Account, PageError> {
    let id: AccountId = id.parse().map_err(|_| PageError::not_found())?;
    let account = accounts::find_by_id(app.database.reader(), id).await;
    let account = account.map_err(unavailable)?;
    let is_staff = |account: &Account| match account.kind {
        PersonKind::Officer | PersonKind::Administrator => true,
        PersonKind::Pupil | PersonKind::Guardian => false,
    };
    account.filter(is_staff).ok_or_else(PageError::not_found)
}

pub(super) async fn get(
    State(app): State<Admin>,
    Path(id): Path<String>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let account = open(&app, &id).await?;
    let form = AppointmentForm::default();
    show(&app, &visitor, &account, &form, FormErrors::none()).await
}

/// Makes a new link, shown once; those before end.
pub(super) async fn invite(
    State(app): State<Admin>,
    Path(id): Path<String>,
    visitor: Visitor,
    Posted(_): Posted<AppointmentForm>,
) -> Result<Response, PageError> {
    let account = open(&app, &id).await?;
    let transaction = app.database.begin().await.map_err(unavailable)?;
    let actor = Actor::Account(visitor.account().id);
    let token = invitations::insert(&transaction, &app.ambient, actor, account.id).await;
    let token = token.map_err(unavailable)?;
    let committed = transaction.commit().await;
    committed.map_err(|error| unavailable(StoreError::from(error)))?;
    show_link(&app, &visitor, &account, &token).await
}

/// The page of somebody, with the link by which they set up their own access.
pub(super) async fn show_link(
    app: &Admin,
    visitor: &Visitor,
    account: &Account,
    token: &Token,
) -> Result<Response, PageError> {
    let powers = appointments::powers_of(app.database.reader(), account.id).await;
    let powers = powers.map_err(unavailable)?;
    let form = AppointmentForm::default();
    let none = FormErrors::none();
    let mut page = AgentPage::of(visitor.frame(), account, &powers, &form, none);
    let address = app.site.urls.absolute(&Invitation);
    page.link = Some(format!("{address}?jeton={}", token.expose()));
    Ok(visitor.view().render(&page))
}

async fn show(
    app: &Admin,
    visitor: &Visitor,
    account: &Account,
    form: &AppointmentForm,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let powers = appointments::powers_of(app.database.reader(), account.id).await;
    let powers = powers.map_err(unavailable)?;
    let is_refused = !errors.is_empty();
    let page = AgentPage::of(visitor.frame(), account, &powers, form, errors);
    let page = visitor.view().render(&page);
    if is_refused {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    Ok(page)
}

#[derive(Default, Deserialize)]
pub(super) struct AppointmentForm {
    #[serde(default)]
    role: String,
    #[serde(default)]
    uai: String,
}

/// Appoints to one thing more.
pub(super) async fn post(
    State(app): State<Admin>,
    Path(id): Path<String>,
    visitor: Visitor,
    Posted(form): Posted<AppointmentForm>,
) -> Result<Response, PageError> {
    let account = open(&app, &id).await?;
    let to = match readable(&app, &form.role, &form.uai).await? {
        Ok(to) => to,
        Err(errors) => return show(&app, &visitor, &account, &form, errors).await,
    };
    let transaction = app.database.begin().await.map_err(unavailable)?;
    let actor = Actor::Account(visitor.account().id);
    appointments::insert(&transaction, &app.ambient, actor, account.id, &to)
        .await
        .map_err(unavailable)?;
    let committed = transaction.commit().await;
    committed.map_err(|error| unavailable(StoreError::from(error)))?;
    Ok(Redirect::to(&Agent(account.id).path()).into_response())
}

/// An appointment that can be made: the school of an officer is one that is known.
pub(super) async fn readable(
    app: &Admin,
    role: &str,
    uai: &str,
) -> Result<Result<Appointment, FormErrors>, PageError> {
    let to = match read_appointment(role, uai) {
        Ok(to) => to,
        Err(errors) => return Ok(Err(errors)),
    };
    if let Some(school) = to.school() {
        let known = schools::find_by_uai(app.database.reader(), school).await;
        if known.map_err(unavailable)?.is_none() {
            let unknown = TextKey::new("agents-uai-unknown");
            return Ok(Err(FormErrors::none().field("uai", unknown)));
        }
    }
    Ok(Ok(to))
}

/// Whoever is asked for the password on the way to an end comes back to the person.
pub(super) async fn back(
    State(app): State<Admin>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let account = open(&app, &id).await?;
    Ok(Redirect::to(&Agent(account.id).path()).into_response())
}

/// Ends one.
pub(super) async fn end(
    State(app): State<Admin>,
    Path(id): Path<String>,
    visitor: Visitor,
    Posted(form): Posted<AppointmentForm>,
) -> Result<Response, PageError> {
    let account = open(&app, &id).await?;
    let Ok(to) = read_appointment(&form.role, &form.uai) else {
        return Err(PageError::not_found());
    };
    let transaction = app.database.begin().await.map_err(unavailable)?;
    let actor = Actor::Account(visitor.account().id);
    let ended = appointments::end(&transaction, &app.ambient, actor, account.id, &to);
    if ended.await.map_err(unavailable)? == End::LastAdministrator {
        drop(transaction);
        let errors = FormErrors::none().whole("role", TextKey::new("agents-last-administrator"));
        let form = AppointmentForm::default();
        return show(&app, &visitor, &account, &form, errors).await;
    }
    let committed = transaction.commit().await;
    committed.map_err(|error| unavailable(StoreError::from(error)))?;
    Ok(Redirect::to(&Agent(account.id).path()).into_response())
}

/// The context of `admin/agents/person.html`.
#[derive(Debug, Serialize)]
struct AgentPage {
    frame: Frame,
    name: String,
    identifier: String,
    active: bool,
    roles: Vec<RoleLine>,
    choices: Vec<RoleChoice>,
    uai: String,
    action: String,
    end: String,
    invite: String,
    link: Option<String>,
    back: String,
    errors: FormErrors,
}

impl AgentPage {
    fn of(
        frame: Frame,
        account: &Account,
        powers: &Powers,
        form: &AppointmentForm,
        errors: FormErrors,
    ) -> Self {
        Self {
            frame,
            name: account.name.full(),
            identifier: account.identifier.to_string(),
            active: account.state == domain::account::AccountState::Active,
            roles: role_lines(powers),
            choices: role_choices(&form.role),
            uai: form.uai.clone(),
            action: Agent(account.id).path().into_owned(),
            end: EndAppointment(account.id).path().into_owned(),
            invite: InviteAgent(account.id).path().into_owned(),
            link: None,
            back: Agents.path().into_owned(),
            errors,
        }
    }
}

impl Page for AgentPage {
    const TEMPLATE: &'static str = "admin/agents/person.html";

    fn samples() -> Vec<Self> {
        use domain::{permission::Role, school::Uai};
        let id: AccountId = "0198f0a0-0000-7000-8000-000000000001"
            .parse()
            .expect("an id");
        let college = Uai::parse("0750002V").expect("a code");
        let powers = Powers::default().with(Role::Auditor).at_school(college);
        let sample = |active, powers: &Powers, errors| Self {
            frame: Frame::sample(),
            name: "Odile RENAUD".into(),
            identifier: "ecole.college".into(),
            active,
            roles: role_lines(powers),
            choices: role_choices("officer"),
            uai: "0750009".into(),
            action: Agent(id).path().into_owned(),
            end: EndAppointment(id).path().into_owned(),
            invite: InviteAgent(id).path().into_owned(),
            link: (!active).then(|| "https://compte.example.org/invitation?jeton=AAAA".into()),
            back: Agents.path().into_owned(),
            errors,
        };
        let fault = FormErrors::none().field("uai", TextKey::new("agents-uai-fault"));
        vec![
            sample(true, &powers, FormErrors::none()),
            sample(false, &Powers::default(), fault),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<AgentPage>();
    }
}
