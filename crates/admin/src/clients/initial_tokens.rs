//! Initial access tokens: with one, a program registers clients by itself (RFC 7591,
//! section 3), where the configuration allows it.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::ids::InitialTokenId;
use idp::{
    app::unavailable,
    registrar::{InitialTokenWish, MOST_DAYS, MOST_USES, RegistrarFault, Unfit},
    settings::DynamicRegistration,
};
use serde::{Deserialize, Serialize};
use store::clients::tokens::{self, InitialToken};
use web::{Page, PageError, Posted, Route as _, TextKey, form::FormErrors};

use super::{
    head::{begin, commit, unexpected},
    list::said,
    routes::{Clients, InitialTokens},
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Lists them, for who signed in just now.
pub(super) async fn get(State(app): State<Admin>, visitor: Visitor) -> Result<Response, PageError> {
    let typed = TokenForm {
        clients: InitialTokenWish::USES.to_string(),
        jours: InitialTokenWish::DAYS.to_string(),
        ..TokenForm::default()
    };
    show(&app, &visitor, typed, FormErrors::none()).await
}

async fn show(
    app: &Admin,
    visitor: &Visitor,
    typed: TokenForm,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let now = app.ambient.now();
    let all = tokens::find_initial(app.database.reader()).await;
    let all = all.map_err(unavailable)?;
    let line = |token: &InitialToken| Line {
        id: token.id.to_string(),
        label: token.label.clone(),
        made: said(token.created_at),
        ends: said(token.expires_at),
        is_over: token.expires_at <= now || token.uses_left == 0,
        uses: token.uses_left,
    };
    Ok(visitor.view().render(&TokensPage {
        frame: visitor.frame(),
        action: InitialTokens.path().into_owned(),
        back: Clients.path().into_owned(),
        setting: Setting::of(app.settings.clients.dynamic_registration),
        lines: all.iter().map(line).collect(),
        typed,
        errors,
    }))
}

/// What was typed.
#[derive(Debug, Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct TokenForm {
    /// `ajouter` or `retirer`.
    acte: String,
    nom: String,
    clients: String,
    jours: String,
    jeton: String,
}

/// Makes one or withdraws one.
pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Posted(form): Posted<TokenForm>,
) -> Result<Response, PageError> {
    match form.acte.as_str() {
        "ajouter" => add(&app, &visitor, form).await,
        "retirer" => {
            let id = form.jeton.parse().map_err(|_| PageError::not_found())?;
            remove(&app, &visitor, id).await
        }
        _ => Err(PageError::not_found()),
    }
}

async fn add(app: &Admin, visitor: &Visitor, form: TokenForm) -> Result<Response, PageError> {
    // What is no number is as wrong as a number that is too small.
    let number = |text: &str| text.trim().parse().unwrap_or_default();
    let wish = InitialTokenWish {
        label: form.nom.trim().to_owned(),
        uses: number(&form.clients),
        days: number(&form.jours),
    };
    if let Err(unfit) = wish.check() {
        return show(app, visitor, form, errors(&unfit)).await;
    }
    let acts = begin(app, visitor).await?;
    let made = acts.make_initial_token(wish).await.map_err(unexpected)?;
    commit(app, acts).await?;
    Ok(visitor.view().render(&MadeTokenPage {
        frame: visitor.frame(),
        label: made.kept.label,
        token: made.token.expose(),
        back: InitialTokens.path().into_owned(),
    }))
}

async fn remove(app: &Admin, visitor: &Visitor, id: InitialTokenId) -> Result<Response, PageError> {
    let acts = begin(app, visitor).await?;
    match acts.remove_initial_token(id).await {
        Ok(()) => commit(app, acts).await?,
        // Somebody else withdrew it meanwhile: the list says so.
        Err(RegistrarFault::Unknown) => {}
        Err(fault) => return Err(unexpected(fault)),
    }
    Ok(Redirect::to(&InitialTokens.path()).into_response())
}

fn errors(unfit: &Unfit) -> FormErrors {
    let none = FormErrors::none();
    match unfit.member {
        "uses" => none
            .field("clients", TextKey::new("admin-token-fault-uses"))
            .value("most", MOST_USES.to_string()),
        "days" => none
            .field("jours", TextKey::new("admin-token-fault-days"))
            .value("most", MOST_DAYS.to_string()),
        _ => none.field("nom", TextKey::new("admin-token-fault-label")),
    }
}

/// What the configuration says of programs that register clients.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Setting {
    Off,
    Tokens,
    Open,
}

impl Setting {
    const fn of(setting: DynamicRegistration) -> Self {
        match setting {
            DynamicRegistration::Off => Self::Off,
            DynamicRegistration::InitialToken => Self::Tokens,
            DynamicRegistration::Open => Self::Open,
        }
    }
}

#[derive(Debug, Serialize)]
struct Line {
    id: String,
    label: String,
    made: String,
    ends: String,
    /// Whether it registers nobody any more.
    is_over: bool,
    uses: u32,
}

/// The context of `admin/clients/tokens.html`.
#[derive(Debug, Serialize)]
struct TokensPage {
    frame: Frame,
    action: String,
    back: String,
    setting: Setting,
    lines: Vec<Line>,
    typed: TokenForm,
    errors: FormErrors,
}

impl Page for TokensPage {
    const TEMPLATE: &'static str = "admin/clients/tokens.html";

    fn samples() -> Vec<Self> {
        let line = |is_over: bool| Line {
            id: "0190f5e2-0000-7000-8000-00000000000a".to_owned(),
            label: "Collectivité de Trifouillis-les-Oies".to_owned(),
            made: "20/11/2026 08:00".to_owned(),
            ends: "27/11/2026 08:00".to_owned(),
            is_over,
            uses: if is_over { 0 } else { 10 },
        };
        let sample = |setting, lines, errors| Self {
            frame: Frame::sample(),
            action: InitialTokens.path().into_owned(),
            back: Clients.path().into_owned(),
            setting,
            lines,
            typed: TokenForm {
                clients: "1".to_owned(),
                jours: "7".to_owned(),
                ..TokenForm::default()
            },
            errors,
        };
        let unfit = |member| Unfit {
            member,
            advice: String::new(),
        };
        vec![
            sample(Setting::Off, Vec::new(), FormErrors::none()),
            sample(
                Setting::Tokens,
                vec![line(false), line(true)],
                errors(&unfit("label")),
            ),
            sample(Setting::Open, vec![line(false)], errors(&unfit("uses"))),
            sample(Setting::Tokens, Vec::new(), errors(&unfit("days"))),
        ]
    }
}

/// The context of `admin/clients/token_made.html`: a token, shown this once.
#[derive(Debug, Serialize)]
struct MadeTokenPage {
    frame: Frame,
    label: String,
    token: String,
    back: String,
}

impl Page for MadeTokenPage {
    const TEMPLATE: &'static str = "admin/clients/token_made.html";

    fn samples() -> Vec<Self> {
        vec![Self {
            frame: Frame::sample(),
            label: "Collectivité de Trifouillis-les-Oies".to_owned(),
            token: "un-jeton-de-quarante-trois-signes-au-hasard".to_owned(),
            back: InitialTokens.path().into_owned(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_render() {
        web::testing::assert_renders::<TokensPage>();
        web::testing::assert_renders::<MadeTokenPage>();
    }
}
