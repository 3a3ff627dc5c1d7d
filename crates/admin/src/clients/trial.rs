//! « Essayer »: what a sign-in as this client brings, step by step, and what stands in
//! its way.

use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::client::{ClientAuthMethod, GrantType, Registration};
use idp::{
    client_keys::NoKeys,
    fetcher::Reason,
    trial::{self, NotBegun, Outcome, Tokens},
};
use serde::Serialize;
use serde_json::Value;
use web::{Page, PageError, Posted, Route as _, TextKey};

use super::{
    fields::Inputs,
    head::{At, Head, find},
    routes::{Client, Clients, Trial, TrialReturn},
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// What can be told before: whether the client works, and what it names elsewhere answers.
pub(super) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let steps = checks(&app, &client.registration).await;
    let head = Head::of(&client, &visitor, At::Trial);
    Ok(visitor
        .view()
        .render(&TrialPage::new(&visitor, head, steps)))
}

/// Begins.
pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(_): Posted<Inputs>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    let callback = app.site.urls.absolute(&TrialReturn);
    let begun = trial::begin(&app, &visitor.signed_in, &client.registration, &callback).await;
    let step = match begun {
        Ok(response) => return Ok(response),
        Err(NotBegun::Page(error)) => return Err(error),
        Err(NotBegun::Unproven(fault)) => Step::bad(
            TextKey::new("admin-trial-request"),
            TextKey::new("admin-trial-cause-page"),
            fault.to_string(),
        ),
        Err(NotBegun::Refused(refusal)) => Step::bad(
            TextKey::new("admin-trial-request"),
            cause(refusal.code().as_str()),
            refusal.description(),
        ),
    };
    let head = Head::of(&client, &visitor, At::Trial);
    let page = TrialPage::new(&visitor, head, vec![step]);
    Ok(visitor.view().render(&page))
}

/// Shows what came back.
pub(super) async fn come_back(
    State(app): State<Admin>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let query = query.unwrap_or_default();
    let callback = app.site.urls.absolute(&TrialReturn);
    let came = trial::finish(&app, &visitor.signed_in, &query, &callback).await?;
    // Another's answer, an old one, or one that was looked at before.
    let Some(came) = came else {
        return Ok(Redirect::to(&Clients.path()).into_response());
    };
    let client = find(&app, came.client.as_str()).await?;
    let head = Head::of(&client, &visitor, At::Trial);
    let page = TrialPage::new(&visitor, head, steps(&came.outcome));
    Ok(visitor.view().render(&page))
}

async fn checks(app: &Admin, registration: &Registration) -> Vec<Step> {
    let mut steps = Vec::new();
    if !registration.enabled {
        let cause = TextKey::new("admin-trial-cause-disabled");
        steps.push(Step::bad(TextKey::new("admin-trial-state"), cause, ""));
    }
    if !registration.may_use(GrantType::AuthorizationCode) {
        let cause = TextKey::new("admin-trial-cause-no-code");
        steps.push(Step::bad(TextKey::new("admin-trial-state"), cause, ""));
    }
    if let Some(url) = &registration.jwks_uri {
        let title = TextKey::new("admin-trial-keys");
        let is_used = registration.token_endpoint_auth_method == ClientAuthMethod::PrivateKeyJwt;
        steps.push(match app.client_keys.ask(url).await {
            Ok(keys) => Step::good(title, vec![("jwks".to_owned(), format!("{keys:#}"))]),
            Err(fault) => {
                let cause = if is_used {
                    cause_of_no_keys(&fault)
                } else {
                    TextKey::new("admin-trial-cause-keys-unused")
                };
                Step::bad(title, cause, format!("{url}: {fault}"))
            }
        });
    }
    if let Some(url) = &registration.sector_identifier_uri {
        let title = TextKey::new("admin-trial-sector");
        let checked = app.registrar.check(registration.clone()).await;
        steps.push(match checked {
            Ok(_) => Step::good(
                title,
                vec![("sector_identifier_uri".to_owned(), url.to_string())],
            ),
            Err(fault) => {
                let cause = TextKey::new("admin-trial-cause-sector");
                Step::bad(title, cause, fault.to_string())
            }
        });
    }
    steps
}

fn steps(outcome: &Outcome) -> Vec<Step> {
    match outcome {
        Outcome::Refused(code, told) => {
            let told = format!("{code}: {told}");
            vec![Step::bad(
                TextKey::new("admin-trial-answer"),
                cause(code),
                told,
            )]
        }
        Outcome::NotRedeemed(fault) => vec![
            Step::good(TextKey::new("admin-trial-answer"), Vec::new()),
            Step::bad(
                TextKey::new("admin-trial-token"),
                TextKey::new("admin-trial-cause-token"),
                fault.to_string(),
            ),
        ],
        Outcome::Issued(tokens) => issued(tokens),
    }
}

fn issued(tokens: &Tokens) -> Vec<Step> {
    let pretty = |value: &Value| format!("{value:#}");
    let answer = Value::Object(tokens.answer.clone());
    let mut steps = vec![
        Step::good(TextKey::new("admin-trial-request"), Vec::new()),
        Step::good(TextKey::new("admin-trial-answer"), Vec::new()),
        Step::good(
            TextKey::new("admin-trial-token"),
            vec![("token endpoint".to_owned(), pretty(&answer))],
        ),
    ];
    let taken_apart = [
        (TextKey::new("admin-trial-id-token"), &tokens.id_token),
        (
            TextKey::new("admin-trial-access-token"),
            &tokens.access_token,
        ),
    ];
    for (title, token) in taken_apart {
        if let Some((header, claims)) = token {
            let details = vec![
                ("header".to_owned(), pretty(header)),
                ("claims".to_owned(), pretty(claims)),
            ];
            steps.push(Step::good(title, details));
        }
    }
    if !tokens.nonce_came_back {
        let cause = TextKey::new("admin-trial-cause-nonce");
        steps.push(Step::bad(TextKey::new("admin-trial-id-token"), cause, ""));
    }
    let title = TextKey::new("admin-trial-userinfo");
    steps.push(match &tokens.userinfo {
        Ok(claims) => {
            let claims = pretty(&Value::Object(claims.clone()));
            Step::good(title, vec![("UserInfo".to_owned(), claims)])
        }
        Err(told) => Step::bad(
            title,
            TextKey::new("admin-trial-cause-userinfo"),
            told.clone(),
        ),
    });
    steps
}

/// What most likely keeps keys from being read.
const fn cause_of_no_keys(fault: &NoKeys) -> TextKey {
    match fault {
        NoKeys::Unfetched(Reason::Address | Reason::Network) => {
            TextKey::new("admin-trial-cause-keys-address")
        }
        NoKeys::Unfetched(Reason::Request(_) | Reason::Time) => {
            TextKey::new("admin-trial-cause-keys-silent")
        }
        NoKeys::Unfetched(Reason::Status(_)) => TextKey::new("admin-trial-cause-keys-status"),
        NoKeys::Unfetched(Reason::TooLong | Reason::NotJson) | NoKeys::NoSet => {
            TextKey::new("admin-trial-cause-keys-other")
        }
    }
}

/// What most likely stands behind an error.
fn cause(code: &str) -> TextKey {
    match code {
        "access_denied" => TextKey::new("admin-trial-cause-denied"),
        "invalid_scope" => TextKey::new("admin-trial-cause-scope"),
        "unauthorized_client" | "unsupported_response_type" => {
            TextKey::new("admin-trial-cause-no-code")
        }
        "account_selection_required" | "interaction_required" => {
            TextKey::new("admin-trial-cause-account")
        }
        _ => TextKey::new("admin-trial-cause-other"),
    }
}

#[derive(Debug, Serialize)]
struct Step {
    title: TextKey,
    good: bool,
    cause: Option<TextKey>,
    told: String,
    details: Vec<(String, String)>,
}

impl Step {
    const fn good(title: TextKey, details: Vec<(String, String)>) -> Self {
        Self {
            title,
            good: true,
            cause: None,
            told: String::new(),
            details,
        }
    }

    fn bad(title: TextKey, cause: TextKey, told: impl Into<String>) -> Self {
        Self {
            title,
            good: false,
            cause: Some(cause),
            told: told.into(),
            details: Vec::new(),
        }
    }
}

/// The context of `admin/clients/trial.html`.
#[derive(Debug, Serialize)]
struct TrialPage {
    frame: Frame,
    head: Head,
    action: String,
    registration: String,
    steps: Vec<Step>,
}

impl TrialPage {
    fn new(visitor: &Visitor, head: Head, steps: Vec<Step>) -> Self {
        Self {
            frame: visitor.frame(),
            action: Trial { id: &head.id }.path().into_owned(),
            registration: Client { id: &head.id }.path().into_owned(),
            head,
            steps,
        }
    }
}

impl Page for TrialPage {
    const TEMPLATE: &'static str = "admin/clients/trial.html";

    fn samples() -> Vec<Self> {
        let claims = "{\n  \"sub\": \"abc\"\n}".to_owned();
        let good = vec![
            Step::good(TextKey::new("admin-trial-answer"), Vec::new()),
            Step::good(
                TextKey::new("admin-trial-id-token"),
                vec![("claims".to_owned(), claims)],
            ),
        ];
        let bad = vec![Step::bad(
            TextKey::new("admin-trial-answer"),
            TextKey::new("admin-trial-cause-denied"),
            "access_denied: …",
        )];
        let sample = |steps| Self {
            frame: Frame::sample(),
            head: Head::sample(At::Trial),
            action: "/admin/clients/ent/essai".to_owned(),
            registration: "/admin/clients/ent".to_owned(),
            steps,
        };
        vec![sample(Vec::new()), sample(good), sample(bad)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<TrialPage>();
    }
}
