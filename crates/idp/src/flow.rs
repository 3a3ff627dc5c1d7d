//! The order of steps of a sign-in: every page of it ends here, and asks the same
//! decision again.

use std::collections::BTreeSet;

use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    account::PersonKind,
    acr::Acr,
    audit::Actor,
    client::Registration,
    ids::{AccountId, GrantId},
    scope::ScopeSet,
    secret::Token,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    consents, desk,
    ephemeral::{Kind, Place},
    grants::{self, Grant},
    link_reports::{self, OpenReport},
};
use web::{PageError, Route, View, static_pages::FormPost};

use crate::{
    app::{App, unavailable},
    http::{
        pages::{UnderAgePage, WrongPersonPage, service_gone},
        routes::{Consent, SignIn, VerifyChildren},
    },
    issuing::schools_of,
    protocol::{
        authorization::AuthorizationRequest,
        decision::{
            Hint, Issuance, Next, Person, SessionFacts, SignInReason, Situation, decide, names,
        },
        pkce::CodeChallenge,
        refusal::Refusal,
        response::AuthorizationResponse,
        tokens::IdTokenHint,
    },
    sessions::LiveSession,
    transactions::{Destination, Transaction},
};

/// What a code stands for, until it is redeemed. It waits under the code's hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodePayload {
    /// The grant that the code redeems.
    pub grant: GrantId,
    /// Who may redeem it.
    pub client: String,
    /// To be repeated at the token endpoint (RFC 6749, section 4.1.3).
    pub redirect_uri: String,
    /// The proof key.
    pub challenge: Option<CodeChallenge>,
    /// To be repeated in the ID token.
    pub nonce: Option<String>,
    /// Until when a second use must be seen: the end of the grant's last token.
    pub keep_until: Timestamp,
}

/// A transaction on its way; it has a name once it had to wait.
pub struct Step {
    /// The transaction.
    pub transaction: Transaction,
    /// Under which it waits.
    pub name: Option<Token>,
    /// The version in which it was read.
    pub version: i64,
}

impl Step {
    /// A transaction that has not waited yet.
    pub const fn first(transaction: Transaction) -> Self {
        Self {
            transaction,
            name: None,
            version: 0,
        }
    }
}

/// Where a transaction stands.
pub enum Turn {
    /// Somebody must sign in, for this reason.
    SignIn(Token, SignInReason),
    /// The person must agree to these scopes.
    Consent(Token, ScopeSet),
    /// The guardian must say again what they said of these links.
    VerifyChildren(Token, Vec<OpenReport>),
    /// This is the answer.
    Answer(Response),
}

impl Turn {
    /// The answer, or the way to the page that the turn asks for.
    pub fn into_redirect(self) -> Response {
        match self {
            Self::SignIn(name, _) => Redirect::to(
                &SignIn {
                    transaction: &name.expose(),
                }
                .path(),
            )
            .into_response(),
            Self::Consent(name, _) => Redirect::to(
                &Consent {
                    transaction: &name.expose(),
                }
                .path(),
            )
            .into_response(),
            Self::VerifyChildren(name, _) => Redirect::to(
                &VerifyChildren {
                    transaction: &name.expose(),
                }
                .path(),
            )
            .into_response(),
            Self::Answer(response) => response,
        }
    }
}

/// Leads a transaction on: to the sign-in or consent page, to a page that explains, or
/// to where it was to lead.
///
/// # Errors
/// A page, where a store fails.
pub async fn advance(
    app: &App,
    view: &View,
    session: Option<&LiveSession>,
    step: Step,
) -> Result<Turn, PageError> {
    match step.transaction.destination.clone() {
        Destination::Page {
            path,
            account,
            since,
            acr,
        } => match judge_page(session, &step.transaction, account, since, acr) {
            PageTurn::Show => show_page(app, session, step, &path).await,
            PageTurn::SignIn(reason) => Ok(Turn::SignIn(wait(app, step).await?, reason)),
            PageTurn::OtherAccount => {
                end(app, &step).await?;
                Err(crate::http::pages::other_account(path))
            }
            PageTurn::FactorMissing => {
                end(app, &step).await?;
                Err(crate::http::pages::factor_missing())
            }
        },
        Destination::Client(request) => advance_client(app, view, session, step, &request).await,
    }
}

/// Whether a page of ours can be shown to who is signed in.
enum PageTurn {
    Show,
    SignIn(SignInReason),
    OtherAccount,
    FactorMissing,
}

fn judge_page(
    session: Option<&LiveSession>,
    transaction: &Transaction,
    account: Option<AccountId>,
    since: Option<Timestamp>,
    acr: Option<Acr>,
) -> PageTurn {
    let Some(live) = session else {
        return PageTurn::SignIn(SignInReason::Nobody);
    };
    let signed_in_at = live.session.auth_time;
    // Whoever signed in for this very page must be told what stands in the way.
    let otherwise = |turn, reason| {
        let is_fresh = signed_in_at >= transaction.began_at;
        if is_fresh {
            turn
        } else {
            PageTurn::SignIn(reason)
        }
    };
    if account.is_some_and(|account| account != live.account.id) {
        return otherwise(PageTurn::OtherAccount, SignInReason::OtherPerson);
    }
    if acr.is_some_and(|acr| !live.reaches(acr)) {
        return otherwise(PageTurn::FactorMissing, SignInReason::AcrTooLow);
    }
    match since {
        Some(since) if signed_in_at < since => PageTurn::SignIn(SignInReason::TooOld),
        _ => PageTurn::Show,
    }
}

async fn show_page(
    app: &App,
    session: Option<&LiveSession>,
    step: Step,
    path: &str,
) -> Result<Turn, PageError> {
    let reports = open_reports(app, session).await?;
    if !reports.is_empty() {
        return Ok(Turn::VerifyChildren(wait(app, step).await?, reports));
    }
    end(app, &step).await?;
    Ok(Turn::Answer(Redirect::to(path).into_response()))
}

/// Links that the person reported before they signed in, and was not asked about yet.
async fn open_reports(
    app: &App,
    session: Option<&LiveSession>,
) -> Result<Vec<OpenReport>, PageError> {
    let guardian = session.filter(|live| live.account.kind == PersonKind::Guardian);
    let Some(live) = guardian else {
        return Ok(Vec::new());
    };
    let (account, signed_in_at) = (live.account.id, live.session.auth_time);
    link_reports::find_open(app.database.reader(), account, signed_in_at)
        .await
        .map_err(unavailable)
}

async fn advance_client(
    app: &App,
    view: &View,
    session: Option<&LiveSession>,
    step: Step,
    request: &AuthorizationRequest,
) -> Result<Turn, PageError> {
    let client = app.clients.find(&request.client_id);
    let Some(client) = client.filter(|client| client.registration.enabled) else {
        return Err(service_gone());
    };
    let registration = &client.registration;
    view.set_service(&registration.client_name);
    view.prefer_locales(&request.ui_locales.join(" "));
    let reports = open_reports(app, session).await?;
    let asks = !reports.is_empty();
    let next = decide_now(app, session, &step.transaction, asks, request, registration);
    let answer = match next.await? {
        Next::VerifyChildren => {
            return Ok(Turn::VerifyChildren(wait(app, step).await?, reports));
        }
        Next::SignIn(reason) => return Ok(Turn::SignIn(wait(app, step).await?, reason)),
        Next::Consent(scope) => return Ok(Turn::Consent(wait(app, step).await?, scope)),
        Next::WrongPerson => {
            let name = wait(app, step).await?;
            view.render(&WrongPersonPage::new(registration, &name))
        }
        Next::WrongSchool => {
            let name = wait(app, step).await?;
            view.render(&WrongPersonPage::of_other_schools(registration, &name))
        }
        Next::UnderAge => {
            let name = wait(app, step).await?;
            view.render(&UnderAgePage::new(registration, &name))
        }
        Next::Refuse(refusal) => refuse(app, view, step, request, &refusal).await?,
        Next::Issue(issuance) => issue(app, view, session, step, request, issuance).await?,
    };
    Ok(Turn::Answer(answer))
}

/// Asks the decision with all that it depends on, read now.
async fn decide_now(
    app: &App,
    session: Option<&LiveSession>,
    transaction: &Transaction,
    has_open_report: bool,
    request: &AuthorizationRequest,
    registration: &Registration,
) -> Result<Next, PageError> {
    let facts = session.map(|live| SessionFacts {
        id: live.session.id,
        account: live.session.account,
        auth_time: live.session.auth_time,
        acr: live.session.acr,
        amr: live.session.amr.clone(),
    });
    let subject = session.map(|live| app.subjects.of(&registration.sector(), live.account.id));
    let consented = match session {
        Some(live) if !registration.first_party => consents::find(
            app.database.reader(),
            live.account.id,
            &registration.client_id,
        )
        .await
        .map_err(unavailable)?,
        _ => ScopeSet::default(),
    };
    let person = match (session, &facts, &subject) {
        (Some(live), Some(session), Some(subject)) => Some(Person {
            session,
            account: &live.account,
            subject,
        }),
        _ => None,
    };
    let schools = match session {
        Some(live) => schools_of(app, registration, live.account.id)
            .await
            .map_err(unavailable)?,
        None => BTreeSet::new(),
    };
    let situation = Situation {
        person,
        schools: &schools,
        hint: &hint(app, request),
        consented: &consented,
        reachable: reachable(app, registration),
        has_second_factor: has_second_factor(app, session, request).await?,
        consent_given_by: transaction.consent_given_by,
        has_open_report,
        now: app.ambient.now(),
    };
    Ok(decide(request, registration, &situation))
}

/// Whether the person has a second factor, or a passkey to sign in with; looked up where the request asks for one and
/// their session has none.
async fn has_second_factor(
    app: &App,
    session: Option<&LiveSession>,
    request: &AuthorizationRequest,
) -> Result<bool, PageError> {
    match session {
        Some(live) if live.reaches(Acr::SecondFactor) => Ok(true),
        Some(live) if names(request, Acr::SecondFactor) => {
            let reader = app.database.reader();
            let found = desk::has_factor(reader, live.account.id).await;
            found.map_err(unavailable)
        }
        _ => Ok(false),
    }
}

/// Guardians alone come through an upstream.
fn reachable<'a>(app: &'a App, registration: &Registration) -> &'a [Acr] {
    if registration.takes(PersonKind::Guardian) {
        &app.reachable
    } else {
        &Acr::OWN
    }
}

fn hint(app: &App, request: &AuthorizationRequest) -> Hint {
    let Some(token) = &request.id_token_hint else {
        return Hint::Absent;
    };
    let ring = app.keys.ring();
    match IdTokenHint::verify(&ring, token, app.issuer(), app.ambient.now()) {
        Ok(hint) if hint.aud == request.client_id => Hint::Names(hint.sub),
        _ => Hint::Unverifiable,
    }
}

/// Lets the transaction wait under a name, if it does not yet.
pub(crate) async fn wait(app: &App, step: Step) -> Result<Token, PageError> {
    match step.name {
        Some(name) => Ok(name),
        None => app
            .transactions
            .insert(&step.transaction)
            .await
            .map_err(unavailable),
    }
}

/// Ends the transaction with an error to the client.
///
/// # Errors
/// A page, where the transaction had ended before or a store fails.
pub async fn refuse(
    app: &App,
    view: &View,
    step: Step,
    request: &AuthorizationRequest,
    refusal: &Refusal,
) -> Result<Response, PageError> {
    end(app, &step).await?;
    tracing::info!(client = %request.client_id, ?refusal, "an authorization was refused");
    Ok(send(view, request.return_to.error(refusal, app.issuer())))
}

async fn issue(
    app: &App,
    view: &View,
    session: Option<&LiveSession>,
    step: Step,
    request: &AuthorizationRequest,
    issuance: Issuance,
) -> Result<Response, PageError> {
    end(app, &step).await?;
    let now = app.ambient.now();
    let tokens = &app.settings.tokens;
    let whole = if issuance.offline {
        tokens.refresh_token_whole
    } else {
        tokens.access_token
    };
    let grant = Grant {
        id: GrantId::new(&app.ambient),
        account: issuance.account,
        client: request.client_id.clone(),
        session: issuance.session,
        scope: issuance.scope,
        claims_request: serde_json::to_value(&request.claims).unwrap_or_default(),
        auth_time: issuance.auth_time,
        acr: issuance.acr,
        amr: issuance.amr,
        offline: issuance.offline,
        // The last token can be issued when the code is about to end.
        expires_at: now + whole.duration() + tokens.code.duration(),
        revoked: false,
    };
    grants::insert(app.database.writer(), &app.ambient, &grant)
        .await
        .map_err(unavailable)?;
    // A logout ends the session first and its grants after: a grant that stands while
    // the session does is one that a logout finds.
    if !is_still_signed_in(app, session, request).await? {
        let reason = "signed out meanwhile";
        grants::revoke(
            app.database.writer(),
            &app.ambient,
            Actor::Service,
            &grant,
            reason,
        )
        .await
        .map_err(unavailable)?;
        return Err(crate::http::pages::ended(app, &step.transaction));
    }
    let code = hand_out_code(app, request, &grant).await?;
    Ok(send(
        view,
        request.return_to.code(&code.expose(), app.issuer()),
    ))
}

async fn is_still_signed_in(
    app: &App,
    session: Option<&LiveSession>,
    request: &AuthorizationRequest,
) -> Result<bool, PageError> {
    match session {
        Some(live) => {
            let added = app.sessions.add_client(live, &request.client_id);
            added.await.map_err(unavailable)
        }
        None => Ok(false),
    }
}

async fn hand_out_code(
    app: &App,
    request: &AuthorizationRequest,
    grant: &Grant,
) -> Result<Token, PageError> {
    let code = Token::generate(&app.ambient);
    let payload = CodePayload {
        grant: grant.id,
        client: request.client_id.to_string(),
        redirect_uri: request.return_to.redirect_uri().to_owned(),
        challenge: request.code_challenge,
        nonce: request.nonce.clone(),
        keep_until: grant.expires_at,
    };
    let key = code.hash().encode();
    let place = Place {
        kind: Kind::Code,
        key: &key,
    };
    let value = serde_json::to_string(&payload).expect("a code's payload is a document");
    let now = app.ambient.now();
    let end = now + app.settings.tokens.code.duration();
    app.ephemeral
        .insert(place, &value, now, end)
        .await
        .map_err(unavailable)?;
    Ok(code)
}

/// A transaction leads on once; a second tab of the same one gets the page that says so.
async fn end(app: &App, step: &Step) -> Result<(), PageError> {
    let Some(name) = &step.name else {
        return Ok(());
    };
    if app.transactions.end(name).await.map_err(unavailable)? {
        return Ok(());
    }
    Err(crate::http::pages::ended(app, &step.transaction))
}

/// Sends an answer to a relying party.
pub(crate) fn send(view: &View, answer: AuthorizationResponse) -> Response {
    match answer {
        AuthorizationResponse::Redirect(address) => Redirect::to(&address).into_response(),
        AuthorizationResponse::FormPost { action, fields } => {
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            view.render(&FormPost::new(action, fields.collect()))
        }
    }
}
