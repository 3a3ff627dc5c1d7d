//! Somebody new for the console: an account of their own, appointed to one thing.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    account::{AccountState, PasswordState, PersonKind},
    audit::{Action, Actor, Target},
    identifier::AccountIdentifier,
    ids::AccountId,
    name::{self, PersonName},
    secret::Token,
};
use idp::app::unavailable;
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    accounts::{self, NewAccount},
    appointments::{self, Appointment},
    audit::{self, Event},
    invitations,
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    RoleChoice,
    person::{readable, show_link},
    role_choices,
    routes::{Agents, NewAgent},
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

#[derive(Default, Deserialize)]
pub(super) struct AgentForm {
    #[serde(default)]
    prenom: String,
    #[serde(default)]
    nom: String,
    #[serde(default)]
    identifiant: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    uai: String,
}

impl AgentForm {
    fn read(&self) -> Result<(PersonName, AccountIdentifier), FormErrors> {
        let mut errors = FormErrors::none();
        for (field, typed) in [("prenom", &self.prenom), ("nom", &self.nom)] {
            if name::check(typed).is_err() {
                errors = errors.field(field, TextKey::new("agents-name-fault"));
            }
        }
        let identifier = AccountIdentifier::parse(&self.identifiant);
        if identifier.is_err() {
            errors = errors.field("identifiant", TextKey::new("agents-identifier-fault"));
        }
        match identifier {
            Ok(identifier) if errors.is_empty() => Ok((
                PersonName {
                    given: self.prenom.trim().to_owned(),
                    family: self.nom.trim().to_owned(),
                },
                identifier,
            )),
            _ => Err(errors),
        }
    }
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    let form = AgentForm::default();
    let page = NewAgentPage::of(visitor.frame(), &form, FormErrors::none());
    Ok(visitor.view().render(&page))
}

pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Posted(form): Posted<AgentForm>,
) -> Result<Response, PageError> {
    let again = |errors| {
        let page = NewAgentPage::of(visitor.frame(), &form, errors);
        let page = visitor.view().render(&page);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let (name, identifier) = match form.read() {
        Ok(read) => read,
        Err(errors) => return again(errors),
    };
    let to = match readable(&app, &form.role, &form.uai).await? {
        Ok(to) => to,
        Err(errors) => return again(errors),
    };
    let actor = Actor::Account(visitor.account().id);
    let made = make(&app, actor, name, identifier, &to).await;
    match made.map_err(unavailable)? {
        Some((account, token)) => {
            let account = accounts::find_by_id(app.database.writer(), account).await;
            let account = account.map_err(unavailable)?;
            let account = account.ok_or_else(PageError::not_found)?;
            show_link(&app, &visitor, &account, &token).await
        }
        None => {
            again(FormErrors::none().field("identifiant", TextKey::new("agents-identifier-taken")))
        }
    }
}

/// The account, which opens by an invitation alone; none where the identifier was given
/// before.
async fn make(
    app: &Admin,
    actor: Actor,
    name: PersonName,
    identifier: AccountIdentifier,
    to: &Appointment,
) -> Result<Option<(AccountId, Token)>, StoreError> {
    let id = AccountId::new(&app.ambient);
    let account = NewAccount {
        id,
        kind: match to {
            Appointment::Administrator | Appointment::Auditor => PersonKind::Administrator,
            Appointment::Officer(_) => PersonKind::Officer,
        },
        identifier,
        state: AccountState::Known,
        name,
        birth_date: None,
        locale: "fr".to_owned(),
        password: PasswordState::Absent,
        password_hash: None,
        additional_claims: serde_json::Map::new(),
    };
    let transaction = app.database.begin().await?;
    if !accounts::insert(&transaction, &app.ambient, account).await? {
        return Ok(None);
    }
    let event = Event::new(Action::AccountCreated, actor.clone(), Target::Account(id));
    audit::record(&transaction, &app.ambient, event).await?;
    appointments::insert(&transaction, &app.ambient, actor.clone(), id, to).await?;
    let token = invitations::insert(&transaction, &app.ambient, actor, id).await?;
    transaction.commit().await?;
    Ok(Some((id, token)))
}

/// The context of `admin/agents/new.html`.
#[derive(Debug, Serialize)]
struct NewAgentPage {
    frame: Frame,
    given: String,
    family: String,
    identifier: String,
    uai: String,
    choices: Vec<RoleChoice>,
    action: String,
    back: String,
    errors: FormErrors,
}

impl NewAgentPage {
    fn of(frame: Frame, form: &AgentForm, errors: FormErrors) -> Self {
        Self {
            frame,
            given: form.prenom.clone(),
            family: form.nom.clone(),
            identifier: form.identifiant.clone(),
            uai: form.uai.clone(),
            choices: role_choices(&form.role),
            action: NewAgent.path().into_owned(),
            back: Agents.path().into_owned(),
            errors,
        }
    }
}

impl Page for NewAgentPage {
    const TEMPLATE: &'static str = "admin/agents/new.html";

    fn samples() -> Vec<Self> {
        let form = AgentForm {
            prenom: "Odile".into(),
            nom: "RENAUD".into(),
            identifiant: "o.renaud".into(),
            role: "officer".into(),
            uai: "0750002".into(),
        };
        let sample = |form: &AgentForm, errors| Self::of(Frame::sample(), form, errors);
        let fault = FormErrors::none().field("uai", TextKey::new("agents-uai-fault"));
        vec![
            sample(&AgentForm::default(), FormErrors::none()),
            sample(&form, fault),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<NewAgentPage>();
    }
}
