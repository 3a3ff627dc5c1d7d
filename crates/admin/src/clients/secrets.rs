//! Secrets of a client: several overlap while its people change from one to the next.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use idp::registrar::{MadeSecret, RegistrarFault, SecretWish};
use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};
use store::clients::{StoredClient, StoredSecret};
use web::{Page, PageError, Posted, Route as _, TextKey, form::FormErrors};

use super::{
    head::{At, Head, begin, commit, find, unexpected},
    list::said,
    routes::Secrets,
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Lists them, for who signed in just now.
pub(super) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    Ok(show(&app, &visitor, &client, FormErrors::none()))
}

fn show(app: &Admin, visitor: &Visitor, client: &StoredClient, errors: FormErrors) -> Response {
    let now = app.ambient.now();
    let line = |secret: &StoredSecret| Line {
        id: secret.id.to_string(),
        label: secret.label.clone(),
        made: said(secret.created_at),
        ends: secret.expires_at.map(said),
        works: secret.works(now),
        used: secret.last_used_at.map(said),
    };
    visitor.view().render(&SecretsPage {
        frame: visitor.frame(),
        head: Head::of(client, visitor, At::Secrets),
        action: path(client),
        lines: client.secrets.iter().map(line).collect(),
        errors,
    })
}

fn path(client: &StoredClient) -> String {
    let id = client.registration.client_id.as_str();
    Secrets { id }.path().into_owned()
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SecretForm {
    /// `ajouter` or `retirer`.
    acte: String,
    nom: String,
    jours: String,
    secret: String,
}

/// Makes one or removes one.
pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(form): Posted<SecretForm>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let acts = begin(&app, &visitor).await?;
    let id = &client.registration.client_id;
    match form.acte.as_str() {
        "ajouter" => {}
        "retirer" => {
            let secret = form.secret.parse().map_err(|_| PageError::not_found())?;
            acts.remove_secret(id, secret).await.map_err(unexpected)?;
            commit(&app, acts).await?;
            return Ok(Redirect::to(&path(&client)).into_response());
        }
        _ => return Err(PageError::not_found()),
    }
    let wish = match wish(&app, &form.nom, &form.jours) {
        Ok(wish) => wish,
        Err(errors) => return Ok(show(&app, &visitor, &client, errors)),
    };
    match acts.add_secret(id, wish).await {
        Ok(made) => {
            commit(&app, acts).await?;
            Ok(visitor
                .view()
                .render(&MadePage::new(&visitor, &client, &made)))
        }
        Err(fault) => {
            let text = match fault {
                RegistrarFault::TooManySecrets => TextKey::new("admin-secret-fault-many"),
                RegistrarFault::Unfit(_) => TextKey::new("admin-secret-fault-label"),
                other => return Err(unexpected(other)),
            };
            let errors = FormErrors::none().field("nom", text);
            Ok(show(&app, &visitor, &client, errors))
        }
    }
}

fn wish(app: &Admin, label: &str, days: &str) -> Result<SecretWish, FormErrors> {
    let (label, days) = (label.trim(), days.trim());
    let number = || {
        let days = days.parse::<i64>().ok();
        days.filter(|days| (1..=3650).contains(days))
    };
    let fault = || FormErrors::none().field("jours", TextKey::new("admin-secret-fault-days"));
    let expires_at = match days {
        "" => None,
        _ => Some(app.ambient.now() + (number().ok_or_else(fault)? * 24).hours()),
    };
    Ok(SecretWish {
        label: (!label.is_empty()).then(|| label.to_owned()),
        expires_at,
        secret: None,
    })
}

#[derive(Debug, Serialize)]
struct Line {
    id: String,
    label: Option<String>,
    made: String,
    ends: Option<String>,
    works: bool,
    used: Option<String>,
}

/// The context of `admin/clients/secrets.html`.
#[derive(Debug, Serialize)]
struct SecretsPage {
    frame: Frame,
    head: Head,
    action: String,
    lines: Vec<Line>,
    errors: FormErrors,
}

impl Page for SecretsPage {
    const TEMPLATE: &'static str = "admin/clients/secrets.html";

    fn samples() -> Vec<Self> {
        let line = |works: bool| Line {
            id: "0190f5e2-0000-7000-8000-00000000000a".to_owned(),
            label: works.then(|| "Serveur 2027".to_owned()),
            made: "01/09/2026 08:00".to_owned(),
            ends: (!works).then(|| "01/11/2026 08:00".to_owned()),
            works,
            used: works.then(|| "27/11/2026 09:05".to_owned()),
        };
        let sample = |lines, errors| Self {
            frame: Frame::sample(),
            head: Head::sample(At::Secrets),
            action: "/admin/clients/ent/secrets".to_owned(),
            lines,
            errors,
        };
        let days = TextKey::new("admin-secret-fault-days");
        vec![
            sample(Vec::new(), FormErrors::none()),
            sample(
                vec![line(true), line(false)],
                FormErrors::none().field("jours", days),
            ),
        ]
    }
}

/// The context of `admin/clients/made.html`: a secret, shown this once.
#[derive(Debug, Serialize)]
pub(super) struct MadePage {
    frame: Frame,
    head: Head,
    secret: String,
    back: String,
}

impl MadePage {
    pub(super) fn new(visitor: &Visitor, client: &StoredClient, made: &MadeSecret) -> Self {
        Self {
            frame: visitor.frame(),
            head: Head::of(client, visitor, At::Secrets),
            secret: made.secret.expose().to_owned(),
            back: path(client),
        }
    }
}

impl Page for MadePage {
    const TEMPLATE: &'static str = "admin/clients/made.html";

    fn samples() -> Vec<Self> {
        vec![Self {
            frame: Frame::sample(),
            head: Head::sample(At::Secrets),
            secret: "un-secret-de-quarante-trois-signes-au-hasard".to_owned(),
            back: "/admin/clients/ent/secrets".to_owned(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_render() {
        web::testing::assert_renders::<SecretsPage>();
        web::testing::assert_renders::<MadePage>();
    }
}
