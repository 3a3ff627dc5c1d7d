//! The end of a registration, after a page that says what goes with it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use idp::registrar::RegistrarFault;
use serde::Serialize;
use store::clients::changes::Replaces;
use web::{Page, PageError, Posted, Route as _};

use super::{
    edit::to_client,
    fields::Inputs,
    head::{At, Head, begin, commit, find, unexpected},
    routes::{Client, Clients, Deletion},
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Asks, whoever signed in just now.
pub(super) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    Ok(visitor.view().render(&DeletionPage {
        frame: visitor.frame(),
        head: Head::of(&client, &visitor, At::Deletion),
        action: Deletion { id: &id }.path().into_owned(),
        back: Client { id: &id }.path().into_owned(),
    }))
}

/// Deletes it.
pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(_): Posted<Inputs>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let acts = begin(&app, &visitor).await?;
    let id_of = &client.registration.client_id;
    match acts.delete(id_of, Replaces::Whatever).await {
        Ok(()) => {
            commit(&app, acts).await?;
            Ok(Redirect::to(&Clients.path()).into_response())
        }
        Err(RegistrarFault::Managed(_)) => Ok(to_client(&id)),
        Err(fault) => Err(unexpected(fault)),
    }
}

/// The context of `admin/clients/deletion.html`.
#[derive(Debug, Serialize)]
struct DeletionPage {
    frame: Frame,
    head: Head,
    action: String,
    back: String,
}

impl Page for DeletionPage {
    const TEMPLATE: &'static str = "admin/clients/deletion.html";

    fn samples() -> Vec<Self> {
        let sample = |at| Self {
            frame: Frame::sample(),
            head: Head::sample(at),
            action: "/admin/clients/ent/suppression".to_owned(),
            back: "/admin/clients/ent".to_owned(),
        };
        vec![sample(At::Deletion), sample(At::Registration)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<DeletionPage>();
    }
}
