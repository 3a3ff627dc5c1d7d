//! An upstream's answer. Until its `state` is known to be this browser's, nothing of it
//! counts; until everything is verified, nothing is looked up.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use domain::{
    account::{Account, AccountState, PersonKind},
    audit::{Action, Actor, Target},
    secret::Secret,
};
use serde_json::json;
use store::{
    StoreError, accounts,
    audit::{self, Event},
    bonds::{self, Bond},
};
use web::PageError;

use super::{
    binding,
    pages::{cancelled, failed, lost, nobody, unreachable},
};
use crate::{
    app::{App, unavailable},
    entry::{Means, enter},
    guard::coarse,
    http::visit::Visit,
    protocol::parameters::Parameters,
    sessions::Through,
    upstream::{Errand, Fault, Identified, PivotClaims, Purpose, Upstream},
};

/// What a session's ID token of an upstream is sealed as.
pub(super) const SEALED_AS: &str = "upstream id token";

/// Takes the answer.
pub(in crate::http) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let upstream = app.upstreams.find(&name);
    let upstream = upstream.ok_or_else(PageError::not_found)?;
    let answer = Answer::read(&query.unwrap_or_default());
    let state = answer.state.as_deref().unwrap_or_default();
    let taken = app
        .errands
        .take(upstream, visit.browser.as_ref(), state)
        .await;
    let errand = match taken.map_err(unavailable)? {
        Ok(errand) => errand,
        Err(why) => {
            tracing::info!(upstream = upstream.name(), ?why, "an answer to no request");
            if let Some(reason) = why.code() {
                let noted = note_refusal(&app, &visit, upstream, reason).await;
                noted.map_err(unavailable)?;
            }
            return Err(lost(upstream));
        }
    };
    let arrival = Arrival {
        app: &app,
        visit: &visit,
        upstream,
        errand: &errand,
    };
    let code = arrival.code(answer).await?;
    let who = arrival.ask(code).await?;
    match &arrival.errand.purpose {
        Purpose::SignIn => arrival.sign_in(who).await,
        Purpose::Link(account) => arrival.link(*account, who).await,
        Purpose::Prove(proving) => arrival.prove(proving, who).await,
    }
}

/// The parameters that count (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
#[derive(Default)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

impl Answer {
    /// What cannot be read, or stands there twice, is no answer.
    fn read(query: &str) -> Self {
        Self::parse(query).unwrap_or_default()
    }

    fn parse(query: &str) -> Option<Self> {
        let parameters = Parameters::parse(query.as_bytes()).ok()?;
        let get = |name| Some(parameters.get(name).ok()?.map(str::to_owned));
        Some(Self {
            state: get("state")?,
            code: get("code")?,
            error: get("error")?,
            iss: get("iss")?,
        })
    }
}

/// An answer to a request of this browser.
pub(super) struct Arrival<'a> {
    pub(super) app: &'a App,
    pub(super) visit: &'a Visit,
    pub(super) upstream: &'a Upstream,
    pub(super) errand: &'a Errand,
}

impl Arrival<'_> {
    /// The code, or the page for the error that came in its place.
    async fn code(&self, answer: Answer) -> Result<Secret, PageError> {
        if answer.iss.is_some_and(|iss| iss != self.errand.issuer) {
            return Err(self.refuse("other_issuer", failed).await);
        }
        match (answer.error.as_deref(), answer.code) {
            (None, Some(code)) => Ok(Secret::new(code)),
            (Some("access_denied"), _) => Err(self.refuse("access_denied", cancelled).await),
            (Some("temporarily_unavailable"), _) => {
                Err(self.refuse("temporarily_unavailable", unreachable).await)
            }
            (Some(_), _) => Err(self.refuse("error", failed).await),
            (None, None) => Err(self.refuse("no_code", failed).await),
        }
    }

    async fn ask(&self, code: Secret) -> Result<Identified, PageError> {
        let verifier = self.errand.verifier.clone();
        let asked = self
            .upstream
            .identify(code.expose().to_owned(), &self.errand.nonce, verifier)
            .await;
        match asked {
            Ok(who) => Ok(who),
            Err(fault) => {
                let upstream = self.upstream.name();
                tracing::warn!(upstream, %fault, "an upstream did not say who it is");
                let page = match fault {
                    Fault::Unreachable(_) => unreachable,
                    Fault::Refused(_) | Fault::Unproven(_) => failed,
                };
                Err(self.refuse(fault.code(), page).await)
            }
        }
    }

    /// Signs in to the account that the subject is bound to; one that is bound to none may
    /// activate theirs.
    async fn sign_in(&self, who: Identified) -> Result<Response, PageError> {
        let account = match self.find_bound(&who).await.map_err(unavailable)? {
            Bound::To(account) => account,
            Bound::NotAdmitted => return Err(self.turn_away("not_admitted", &who).await),
            Bound::Ended => return Err(self.turn_away("unknown", &who).await),
            Bound::ToNobody => return self.activate(who).await,
        };
        let through = Through {
            upstream: self.upstream.name().to_owned(),
            sealed_id_token: self
                .app
                .vault
                .seal(SEALED_AS, who.id_token.expose().as_bytes()),
        };
        let means = Means::upstream(who.acr, through);
        enter(self.app, self.visit, &self.errand.sign_in, &account, means).await
    }

    /// Whose account the subject opens; that it did is written down.
    pub(super) async fn find_bound(&self, who: &Identified) -> Result<Bound, StoreError> {
        let reader = self.app.database.reader();
        let issuer = self.upstream.issuer();
        let Some(bond) = bonds::find_by_subject(reader, issuer, &who.subject).await? else {
            return Ok(Bound::ToNobody);
        };
        let account = accounts::find_by_id(reader, bond.account).await?;
        let Some(account) = account.filter(may_enter) else {
            return Ok(Bound::NotAdmitted);
        };
        Ok(if self.note(&bond, &account, who).await? {
            Bound::To(Box::new(account))
        } else {
            Bound::Ended
        })
    }

    /// Writes down that the bond was used, and what its upstream says of the person now.
    /// `false` where the bond has ended meanwhile.
    async fn note(
        &self,
        bond: &Bond,
        account: &Account,
        who: &Identified,
    ) -> Result<bool, StoreError> {
        let (vault, now) = (&self.app.vault, self.app.ambient.now());
        let before = bond.pivot(vault)?;
        let before = before.and_then(|kept| serde_json::from_slice::<PivotClaims>(&kept).ok());
        let kept = who.kept().to_string();
        let transaction = self.app.database.begin().await?;
        if !bonds::mark_used(&transaction, bond.id, now).await? {
            return Ok(false);
        }
        bonds::keep_pivot(&transaction, vault, bond.id, kept.as_bytes(), now).await?;
        let changed = before.map(|before| who.claims.changes_from(&before));
        if let Some(changed) = changed.filter(|changed| !changed.is_empty()) {
            let event = Event::new(
                Action::UpstreamIdentityChanged,
                Actor::Service,
                Target::Account(account.id),
            );
            let details = json!({ "upstream": self.upstream.name(), "changed": changed });
            audit::record(&transaction, &self.app.ambient, event.with(details)).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Writes down why an identity opens no account, and gives the one page for that, from
    /// which whoever has an account may bind it by a code, whatever the reason is.
    pub(super) async fn turn_away(&self, reason: &'static str, who: &Identified) -> PageError {
        let page = self.refuse(reason, nobody).await;
        match binding::offer(self.app, self.visit, self.upstream, self.errand, who).await {
            Ok(link) => page.way_on(link),
            Err(error) => unavailable(error),
        }
    }

    /// Writes down why nobody was signed in, and gives the page.
    pub(super) async fn refuse(
        &self,
        reason: &'static str,
        page: fn(&Upstream, &str) -> PageError,
    ) -> PageError {
        match note_refusal(self.app, self.visit, self.upstream, reason).await {
            Ok(()) => page(self.upstream, &self.errand.sign_in),
            Err(error) => unavailable(error),
        }
    }
}

async fn note_refusal(
    app: &App,
    visit: &Visit,
    upstream: &Upstream,
    reason: &'static str,
) -> Result<(), StoreError> {
    let event = Event::new(Action::UpstreamRefused, Actor::Service, Target::Directory)
        .from_network(coarse(&visit.network))
        .with(json!({ "upstream": upstream.name(), "reason": reason }));
    audit::record(app.database.writer(), &app.ambient, event).await
}

/// What a subject opens.
pub(super) enum Bound {
    /// This account.
    To(Box<Account>),
    /// One that nobody may enter now.
    NotAdmitted,
    /// None since a moment ago.
    Ended,
    /// None.
    ToNobody,
}

/// An upstream signs in guardians alone; what suspended, merged and closed accounts see
/// is what nobody sees.
fn may_enter(account: &Account) -> bool {
    account.state == AccountState::Active && account.kind == PersonKind::Guardian
}
