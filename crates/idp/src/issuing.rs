//! Issuing: from a code, a refresh token or a client's own word to tokens.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    audit::Actor,
    claims::{self, FamilyDetail, PersonFacts, Wanted},
    client::Registration,
    ids::{AccountId, TokenId},
    school::Uai,
    scope::{Scope, ScopeSet},
    secret::{Secret, Token},
    signing::SigningAlgorithm,
    subject::Subject,
    verified_claims::VERIFIED_CLAIMS,
};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    StoreError,
    ephemeral::{EphemeralError, Kind, Place, Spent},
    grants::{self, Grant},
    people::{self, Person},
    refresh_tokens::{self, Rotation},
    standing::{self, Standing},
};

use crate::{
    app::App,
    flow::CodePayload,
    protocol::{
        claims_request::ClaimsRequest,
        keys::{KeyFault, SigningKey},
        pkce,
        refusal::TokenRefusal,
        token_request::narrow,
        tokens::{AccessTokenClaims, Audience, IdTokenClaims},
        verified_claims::VerifiedRequest,
    },
    vouching::find_vouched,
};

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The request's fault.
    #[error(transparent)]
    Refused(#[from] TokenRefusal),
    /// The store's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key's fault.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// No key signs with the algorithm of the registration.
    #[error("no key signs with {0}")]
    NoKey(SigningAlgorithm),
}

impl From<EphemeralError> for IssueError {
    fn from(error: EphemeralError) -> Self {
        Self::Store(error.into())
    }
}

/// The token endpoint's answer (RFC 6749, section 5.1; OpenID Connect Core, section
/// 3.1.3.3).
#[derive(Debug, Serialize)]
pub struct Issued {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// Redeems a code: it is spent first, then everything else is checked, so that of two
/// uses at once one alone can go on; the other revokes the grant, which the first must
/// still find standing when it writes.
///
/// # Errors
/// [`IssueError`].
pub async fn redeem_code(
    app: &App,
    registration: &Registration,
    code: &Token,
    redirect_uri: &str,
    verifier: Option<&Secret>,
) -> Result<Issued, IssueError> {
    let payload = spend_code(app, registration, code).await?;
    if payload.redirect_uri != redirect_uri {
        return Err(TokenRefusal::RedirectUriDiffers.into());
    }
    pkce::verify(payload.challenge.as_ref(), verifier).map_err(TokenRefusal::from)?;
    let now = app.ambient.now();
    let standing = standing::find_by_grant(app.database.reader(), payload.grant).await?;
    let standing = standing.filter(|standing| standing.stands(now));
    let standing = standing.ok_or(TokenRefusal::GrantEnded)?;
    require_taken(app, registration, &standing.person).await?;
    let refresh_token = first_refresh_token(app, &standing.grant, now).await?;
    let tokens = Tokens {
        registration,
        scope: standing.grant.scope.clone(),
        standing,
        nonce: payload.nonce,
    };
    tokens.issue(app, refresh_token.as_ref()).await
}

/// Written only while the grant stands: a second use of the code may have revoked it
/// since it was read.
async fn first_refresh_token(
    app: &App,
    grant: &Grant,
    now: Timestamp,
) -> Result<Option<Token>, IssueError> {
    if !grant.offline {
        return Ok(None);
    }
    let idle = app.settings.tokens.refresh_token_idle.duration();
    let end = (now + idle).min(grant.expires_at);
    let writer = app.database.writer();
    let token = refresh_tokens::insert_first(writer, &app.ambient, grant.id, end).await?;
    Ok(Some(token.ok_or(TokenRefusal::GrantEnded)?))
}

async fn spend_code(
    app: &App,
    registration: &Registration,
    code: &Token,
) -> Result<CodePayload, IssueError> {
    let key = code.hash().encode();
    let place = Place {
        kind: Kind::Code,
        key: &key,
    };
    let now = app.ambient.now();
    let entry = app.ephemeral.find(place, now).await?;
    let payload = payload(&entry.ok_or(TokenRefusal::CodeUnknown)?.value)?;
    if payload.client != registration.client_id.as_str() {
        return Err(TokenRefusal::CodeOfAnotherClient.into());
    }
    match app.ephemeral.spend(place, now, payload.keep_until).await? {
        Spent::First(_) => Ok(payload),
        Spent::Unknown => Err(TokenRefusal::CodeUnknown.into()),
        Spent::Again(_) => {
            revoke_for_reuse(app, &payload, registration).await?;
            Err(TokenRefusal::CodeSpent.into())
        }
    }
}

async fn revoke_for_reuse(
    app: &App,
    payload: &CodePayload,
    registration: &Registration,
) -> Result<(), StoreError> {
    let transaction = app.database.begin().await?;
    if let Some(grant) = grants::find_by_id(&transaction, payload.grant).await? {
        let actor = Actor::Client(registration.client_id.clone());
        grants::revoke(&transaction, &app.ambient, actor, &grant, "code used twice").await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn payload(value: &str) -> Result<CodePayload, IssueError> {
    serde_json::from_str(value).map_err(|_| EphemeralError::Malformed("code").into())
}

/// Refreshes: the token is rotated, and everything else read anew.
///
/// # Errors
/// [`IssueError`].
pub async fn refresh(
    app: &App,
    registration: &Registration,
    presented: &Token,
    asked: Option<ScopeSet>,
) -> Result<Issued, IssueError> {
    let now = app.ambient.now();
    let found = refresh_tokens::find(app.database.reader(), presented).await?;
    let found = found.filter(|found| found.is_good_for(&registration.client_id, now));
    let found = found.ok_or(TokenRefusal::RefreshUnknown)?;
    if found.is_stolen(now) {
        return Err(end_family(app, &found.standing.grant).await?.into());
    }
    let scope = narrow(&found.standing.grant.scope, asked)?;
    if !found.standing.is_upheld() {
        return Err(TokenRefusal::GrantEnded.into());
    }
    require_taken(app, registration, &found.standing.person).await?;
    let rotation = refresh_tokens::rotate(
        app.database.writer(),
        &app.ambient,
        &app.secrets.refresh_tokens,
        presented,
        &found,
        app.settings.tokens.refresh_token_idle.duration(),
    );
    match rotation.await? {
        Rotation::Rotated(successor) => {
            let tokens = Tokens {
                registration,
                standing: found.standing,
                scope,
                nonce: None,
            };
            tokens.issue(app, Some(&successor)).await
        }
        Rotation::Reused => Err(end_family(app, &found.standing.grant).await?.into()),
        Rotation::Ended => Err(TokenRefusal::RefreshUnknown.into()),
    }
}

/// A refresh token came that was used before: nothing of its family is good any more.
async fn end_family(app: &App, grant: &Grant) -> Result<TokenRefusal, StoreError> {
    let transaction = app.database.begin().await?;
    let actor = Actor::Client(grant.client.clone());
    let reason = "refresh token used twice";
    grants::revoke(&transaction, &app.ambient, actor, grant, reason).await?;
    transaction.commit().await?;
    Ok(TokenRefusal::RefreshReused)
}

/// A token in the client's own name: a signature, and nothing written.
///
/// # Errors
/// [`IssueError`].
pub fn client_credentials(
    app: &App,
    registration: &Registration,
    scope: ScopeSet,
) -> Result<Issued, IssueError> {
    let now = app.ambient.now();
    let audiences = match registration.access_token_audience.as_slice() {
        [] => vec![app.issuer().to_owned()],
        named => named.to_vec(),
    };
    let lifetime = app.settings.tokens.access_token.duration();
    let claims = AccessTokenClaims {
        iss: app.issuer().to_owned(),
        sub: Subject::from_claim(registration.client_id.as_str()),
        aud: Audience::new(audiences),
        exp: now + lifetime,
        iat: now,
        jti: TokenId::new(&app.ambient),
        client_id: registration.client_id.clone(),
        scope: scope.clone(),
        grant_id: None,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
    };
    let access_token = with_signer(app, registration.access_token_signed_response_alg, |key| {
        claims.sign(key)
    })?;
    Ok(Issued {
        access_token,
        token_type: "Bearer",
        expires_in: lifetime.as_secs(),
        scope,
        refresh_token: None,
        id_token: None,
    })
}

/// What tokens of a person are made from.
struct Tokens<'a> {
    registration: &'a Registration,
    standing: Standing,
    scope: ScopeSet,
    nonce: Option<String>,
}

impl Tokens<'_> {
    const fn grant(&self) -> &Grant {
        &self.standing.grant
    }

    async fn issue(self, app: &App, refresh_token: Option<&Token>) -> Result<Issued, IssueError> {
        let now = app.ambient.now();
        let registration = self.registration;
        let subject = app
            .subjects
            .of(&registration.sector(), self.grant().account);
        let lifetime = access_token_lifetime(app, self.grant(), now);
        let access = self.access_token(app, subject.clone(), now, lifetime);
        let access_token =
            with_signer(app, registration.access_token_signed_response_alg, |key| {
                access.sign(key)
            })?;
        let id_token = if self.scope.contains(Scope::OPENID) {
            let claims = self.id_token(app, subject, now).await?;
            let algorithm = registration.id_token_signed_response_alg;
            Some(with_signer(app, algorithm, |key| {
                claims.sign(key, Some(&access_token))
            })?)
        } else {
            None
        };
        Ok(Issued {
            access_token,
            token_type: "Bearer",
            expires_in: lifetime.as_secs(),
            scope: self.scope,
            refresh_token: refresh_token.map(Token::expose),
            id_token,
        })
    }

    fn access_token(
        &self,
        app: &App,
        sub: Subject,
        now: Timestamp,
        lifetime: Duration,
    ) -> AccessTokenClaims {
        AccessTokenClaims {
            iss: app.issuer().to_owned(),
            sub,
            aud: Audience::new(vec![app.issuer().to_owned()]),
            exp: now + lifetime,
            iat: now,
            jti: TokenId::new(&app.ambient),
            client_id: self.registration.client_id.clone(),
            scope: self.scope.clone(),
            grant_id: Some(self.grant().id),
            auth_time: Some(self.grant().auth_time),
            acr: Some(self.grant().acr),
            amr: self.grant().amr.clone(),
        }
    }

    async fn id_token(
        &self,
        app: &App,
        sub: Subject,
        now: Timestamp,
    ) -> Result<IdTokenClaims, IssueError> {
        Ok(IdTokenClaims {
            iss: app.issuer().to_owned(),
            sub,
            aud: self.registration.client_id.clone(),
            exp: now + app.settings.tokens.id_token.duration(),
            iat: now,
            auth_time: self.grant().auth_time,
            nonce: self.nonce.clone(),
            acr: self.grant().acr,
            amr: self.grant().amr.clone(),
            sid: self.grant().session,
            at_hash: None,
            person: self.id_token_person(app).await?,
        })
    }

    /// The family by subjects, and what the `claims` parameter names: all the rest is
    /// `UserInfo`'s (OpenID Connect Core, section 5.4).
    async fn id_token_person(
        &self,
        app: &App,
    ) -> Result<serde_json::Map<String, serde_json::Value>, StoreError> {
        let family = ScopeSet::parse(Scope::FAMILY).unwrap_or_default();
        let request = claims_request(self.grant());
        let wanted = Wanted::by_scopes(&self.scope.intersection(&family)).with_named(
            request.id_token_names(),
            &self.registration.scope,
            &app.namespace,
        );
        let verified = verified_claims(
            app,
            self.registration,
            self.grant().account,
            &request.id_token_verified,
        )
        .await?;
        if wanted.is_empty() {
            return Ok(verified);
        }
        let detail = if self.registration.family_in_id_token {
            FamilyDetail::Whole
        } else {
            FamilyDetail::SubjectsAlone
        };
        let person = self.standing.person.clone();
        let facts = find_facts(app, person, &wanted).await?;
        let mut claims = person_claims(app, self.registration, &facts, &wanted, detail);
        claims.extend(verified);
        Ok(claims)
    }
}

/// The `claims` parameter that the grant keeps.
pub fn claims_request(grant: &Grant) -> ClaimsRequest {
    serde_json::from_value(grant.claims_request.clone()).unwrap_or_default()
}

/// The schools of a person, as far as the registration asks for them.
///
/// # Errors
/// The store's.
pub async fn schools_of(
    app: &App,
    registration: &Registration,
    account: AccountId,
) -> Result<BTreeSet<Uai>, StoreError> {
    if registration.schools.is_empty() {
        return Ok(BTreeSet::new());
    }
    people::find_schools(app.database.reader(), account).await
}

/// Whether the client still takes this person: a registration may have changed, or the
/// person's school, since they signed in.
///
/// # Errors
/// The store's.
pub async fn is_taken(
    app: &App,
    registration: &Registration,
    person: &Person,
) -> Result<bool, StoreError> {
    let schools = schools_of(app, registration, person.account.id).await?;
    Ok(registration.takes(person.account.kind) && registration.takes_of(&schools))
}

async fn require_taken(
    app: &App,
    registration: &Registration,
    person: &Person,
) -> Result<(), IssueError> {
    if is_taken(app, registration, person).await? {
        return Ok(());
    }
    Err(TokenRefusal::GrantEnded.into())
}

/// The facts that the wanted claims need, read now.
///
/// # Errors
/// The store's.
pub async fn find_facts(
    app: &App,
    person: Person,
    wanted: &Wanted,
) -> Result<PersonFacts, StoreError> {
    people::find_facts(app.database.reader(), person, wanted).await
}

/// The wanted claims of a person, with subjects of the client's sector, and nothing of
/// schools that the client is not for.
pub fn person_claims(
    app: &App,
    registration: &Registration,
    facts: &PersonFacts,
    wanted: &Wanted,
    detail: FamilyDetail,
) -> serde_json::Map<String, serde_json::Value> {
    let sector = registration.sector();
    let subject_of = |account| app.subjects.of(&sector, account);
    let facts = facts.clone().limited_to(&registration.schools);
    claims::of_person(&facts, wanted, detail, &app.namespace, &subject_of)
}

/// `verified_claims`, where the request asks for what somebody vouched for and the client
/// is registered for that; nothing is read where it does not.
///
/// # Errors
/// The store's.
pub async fn verified_claims(
    app: &App,
    registration: &Registration,
    account: AccountId,
    request: &VerifiedRequest,
) -> Result<serde_json::Map<String, serde_json::Value>, StoreError> {
    let mut claims = serde_json::Map::new();
    let allowed = &registration.verified_claims;
    if request.touches(allowed) {
        let vouched = find_vouched(app, account).await?;
        let answer = request.answer(&vouched, allowed, app.ambient.now());
        claims.extend(answer.map(|answer| (VERIFIED_CLAIMS.to_owned(), answer)));
    }
    Ok(claims)
}

/// Signs with the key of an algorithm.
///
/// # Errors
/// [`IssueError::NoKey`], or the key's fault.
pub fn with_signer(
    app: &App,
    algorithm: SigningAlgorithm,
    sign: impl FnOnce(&SigningKey) -> Result<String, KeyFault>,
) -> Result<String, IssueError> {
    let ring = app.keys.ring();
    let key = ring
        .signer(algorithm, app.ambient.now())
        .ok_or(IssueError::NoKey(algorithm))?;
    Ok(sign(key)?)
}

/// An access token never outlives its grant.
fn access_token_lifetime(app: &App, grant: &Grant, now: Timestamp) -> Duration {
    let whole = app.settings.tokens.access_token.duration();
    let left = grant.expires_at.duration_since(now);
    Duration::try_from(left).unwrap_or_default().min(whole)
}
