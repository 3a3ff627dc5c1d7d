//! The form of a registration, new or not. Whoever changed it meanwhile is not overwritten
//! unseen: the form comes again with what was typed, and beside it what stands.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::audit::Actor;
use idp::{
    app::unavailable,
    registrar::{RegistrarFault, SecretWish},
};
use serde::{Deserialize, Serialize};
use store::clients::{
    StoredClient,
    changes::{By, Replaces},
    history,
};
use web::{Page, PageError, Posted, Route as _, TextKey, form::FormErrors};

use super::{
    fields::{self, Inputs, Part},
    head::{At, Head, begin, commit, find, unexpected},
    list::said,
    routes::{Client, ClientState, NewClient, Release},
    secrets::MadePage,
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// The form of a new registration.
pub(super) async fn get_new(visitor: Visitor) -> Result<Response, PageError> {
    Ok(new_form(&visitor, &fields::empty(), FormErrors::none()))
}

/// Registers it. Its secret, where it has one, is shown this once.
pub(super) async fn post_new(
    State(app): State<Admin>,
    visitor: Visitor,
    Posted(typed): Posted<Inputs>,
) -> Result<Response, PageError> {
    let registration = match fields::read(&typed) {
        Ok(registration) => registration,
        Err(errors) => return Ok(new_form(&visitor, &typed, errors)),
    };
    let sound = match app.registrar.check(registration).await {
        Ok(sound) => sound,
        Err(fault) => return Ok(new_form(&visitor, &typed, faults(fault)?)),
    };
    let acts = begin(&app, &visitor).await?;
    let by = By::actor(Actor::Account(visitor.account().id));
    if let Err(fault) = acts.register(&sound, &by).await {
        return Ok(new_form(&visitor, &typed, faults(fault)?));
    }
    let id = &sound.client_id;
    if !sound.token_endpoint_auth_method.has_secret() {
        commit(&app, acts).await?;
        return Ok(to_client(id.as_str()));
    }
    let made = acts.add_secret(id, SecretWish::default()).await;
    let made = made.map_err(unexpected)?;
    let client = acts.find(id).await.map_err(unexpected)?;
    commit(&app, acts).await?;
    Ok(visitor
        .view()
        .render(&MadePage::new(&visitor, &client, &made)))
}

/// The form of a registration.
pub(super) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let page = EditPage::of(&visitor, &client);
    Ok(visitor.view().render(&page))
}

/// Changes it, if it still is what the form was made from.
pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(typed): Posted<Inputs>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let from = typed
        .get("version")
        .and_then(|version| version.parse().ok());
    let again = |errors| {
        let mut page = EditPage::typed(&visitor, &client, &typed, errors);
        page.version = from.unwrap_or(client.version);
        Ok(visitor.view().render(&page))
    };
    let registration = match fields::read(&typed) {
        Ok(registration) => registration,
        Err(errors) => return again(errors),
    };
    let sound = match app.registrar.check(registration).await {
        Ok(sound) => sound,
        Err(fault) => return again(faults(fault)?),
    };
    let acts = begin(&app, &visitor).await?;
    // A form without its version is of no use to tell whose change it would undo.
    let replaces = Replaces::Version(from.unwrap_or_default());
    let changed = acts
        .change(&client.registration.client_id, &sound, replaces)
        .await;
    match changed {
        Ok(_) => {
            commit(&app, acts).await?;
            Ok(to_client(&id))
        }
        Err(RegistrarFault::Conflict(_)) => {
            drop(acts);
            conflict(&app, &visitor, &id, &typed).await
        }
        Err(RegistrarFault::Managed(_)) => Ok(to_client(&id)),
        Err(fault) => again(faults(fault)?),
    }
}

/// Tells who changed it, and what stands now beside what was typed.
async fn conflict(
    app: &Admin,
    visitor: &Visitor,
    id: &str,
    typed: &Inputs,
) -> Result<Response, PageError> {
    let client = find(app, id).await?;
    let reader = app.database.reader();
    let last = history::find(reader, &client.registration.client_id, None, 1).await;
    let last = last.map_err(unavailable)?;
    let stands = fields::inputs(&client.registration);
    let mut page = EditPage::typed(visitor, &client, typed, FormErrors::none());
    page.parts = fields::parts(typed, Some(&stands), true);
    page.conflict = last.first().map(|line| said(line.at));
    Ok(visitor.view().render(&page))
}

#[derive(Deserialize)]
pub(super) struct StateForm {
    #[serde(default)]
    actif: String,
}

/// Stops a client or lets it work again.
pub(super) async fn set_state(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(form): Posted<StateForm>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let acts = begin(&app, &visitor).await?;
    let id = &client.registration.client_id;
    let works = match form.actif.as_str() {
        "oui" => true,
        "non" => false,
        _ => return Err(PageError::not_found()),
    };
    let changed = acts.enable(id, works).await;
    changed.map_err(unexpected)?;
    commit(&app, acts).await?;
    Ok(to_client(id.as_str()))
}

/// Takes a client out of the hands of the file that manages it.
pub(super) async fn release(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(_): Posted<Inputs>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let acts = begin(&app, &visitor).await?;
    let id = &client.registration.client_id;
    acts.release(id).await.map_err(unexpected)?;
    commit(&app, acts).await?;
    Ok(to_client(id.as_str()))
}

/// Where somebody is led who had to sign in again.
pub(super) async fn back(Path(id): Path<String>) -> Response {
    to_client(&id)
}

pub(super) fn to_client(id: &str) -> Response {
    Redirect::to(&Client { id }.path()).into_response()
}

/// The faults that the form can show.
fn faults(fault: RegistrarFault) -> Result<FormErrors, PageError> {
    let none = FormErrors::none();
    Ok(match fault {
        RegistrarFault::Unsound(faults) => fields::told(&faults),
        RegistrarFault::Taken(_) => {
            none.field("client_id", TextKey::new("admin-client-fault-taken"))
        }
        RegistrarFault::Unfit(unfit) if unfit.member == "client_id" => {
            none.field("client_id", TextKey::new("admin-client-fault-renamed"))
        }
        RegistrarFault::Unfit(unfit) => none
            .field(unfit.member, TextKey::new("admin-client-fault-unreadable"))
            .value("detail", unfit.advice),
        other => return Err(unexpected(other)),
    })
}

fn new_form(visitor: &Visitor, typed: &Inputs, errors: FormErrors) -> Response {
    visitor.view().render(&NewPage {
        frame: visitor.frame(),
        action: NewClient.path().into_owned(),
        parts: fields::parts(typed, None, false),
        errors,
    })
}

/// The context of `admin/clients/new.html`.
#[derive(Debug, Serialize)]
struct NewPage {
    frame: Frame,
    action: String,
    parts: Vec<Part>,
    errors: FormErrors,
}

impl Page for NewPage {
    const TEMPLATE: &'static str = "admin/clients/new.html";

    fn samples() -> Vec<Self> {
        let taken = TextKey::new("admin-client-fault-taken");
        let sample = |errors| Self {
            frame: Frame::sample(),
            action: NewClient.path().into_owned(),
            parts: fields::parts(&fields::empty(), None, false),
            errors,
        };
        vec![
            sample(FormErrors::none()),
            sample(FormErrors::none().field("client_id", taken)),
        ]
    }
}

/// The context of `admin/clients/edit.html`.
#[derive(Debug, Serialize)]
struct EditPage {
    frame: Frame,
    head: Head,
    action: String,
    state: String,
    release: String,
    version: i64,
    parts: Vec<Part>,
    /// When somebody else changed it meanwhile.
    conflict: Option<String>,
    errors: FormErrors,
}

impl EditPage {
    fn of(visitor: &Visitor, client: &StoredClient) -> Self {
        let inputs = fields::inputs(&client.registration);
        Self::typed(visitor, client, &inputs, FormErrors::none())
    }

    fn typed(visitor: &Visitor, client: &StoredClient, typed: &Inputs, errors: FormErrors) -> Self {
        let id = client.registration.client_id.as_str();
        Self {
            frame: visitor.frame(),
            head: Head::of(client, visitor, At::Registration),
            action: Client { id }.path().into_owned(),
            state: ClientState { id }.path().into_owned(),
            release: Release { id }.path().into_owned(),
            version: client.version,
            parts: fields::parts(typed, None, true),
            conflict: None,
            errors,
        }
    }
}

impl Page for EditPage {
    const TEMPLATE: &'static str = "admin/clients/edit.html";

    fn samples() -> Vec<Self> {
        let mut theirs = fields::empty();
        theirs.insert("client_name".to_owned(), "Nom d’un autre".to_owned());
        let sample = |at, conflict: Option<&str>, errors| Self {
            frame: Frame::sample(),
            head: Head::sample(at),
            action: "/admin/clients/ent".to_owned(),
            state: "/admin/clients/ent/etat".to_owned(),
            release: "/admin/clients/ent/reprise".to_owned(),
            version: 7,
            parts: fields::parts(&fields::empty(), conflict.map(|_| &theirs), true),
            conflict: conflict.map(str::to_owned),
            errors,
        };
        let name = TextKey::new("admin-client-fault-name");
        vec![
            sample(At::Registration, None, FormErrors::none()),
            sample(At::History, Some("27/11/2026 10:00"), FormErrors::none()),
            sample(
                At::Trial,
                None,
                FormErrors::none().field("client_name", name),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_render() {
        web::testing::assert_renders::<NewPage>();
        web::testing::assert_renders::<EditPage>();
    }
}
