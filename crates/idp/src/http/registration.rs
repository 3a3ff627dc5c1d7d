//! Clients that register themselves (RFC 7591), and manage their registration (RFC 7592):
//! only where the configuration lets them. Everything goes through the registrar.

use std::time::Duration;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    audit::Actor,
    client::{ClientId, Registration},
    secret::{Secret, Token},
    throttle::ThrottlePolicy,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::{
    StoreError,
    clients::{
        self, Origin, SecretHash, StoredClient,
        changes::{By, Replaces},
        tokens::{self, is_initial, is_registration, spend_initial},
    },
    ephemeral::{Attempt, EphemeralError, Kind, Place},
};
use web::address::ClientAddress;

use super::{
    endpoint::{authorization, broken},
    routes::{ManageClient, RegisterClient},
};
use crate::{
    app::App,
    protocol::{
        bearer::access_token,
        dynamic::{self, DynamicFault},
        parameters::Parameters,
    },
    registrar::{Acts, Author, RegistrarFault, SecretWish},
    settings::DynamicRegistration,
};

/// How often one network may register clients where everybody may, and fail to where a
/// token is needed: some, then with waits.
const TRIES: ThrottlePolicy = ThrottlePolicy {
    free: 20,
    first_wait: Duration::from_mins(1),
    longest_wait: Duration::from_hours(1),
    forget_after: Duration::from_hours(1),
};

/// Why nothing was registered or told.
#[derive(Debug)]
enum Fault {
    Refused(DynamicFault),
    /// No token, or one that does not open this.
    NoToken,
    TooOften(Duration),
    /// As many clients as there may be.
    Full,
    Broken(String),
}

impl From<DynamicFault> for Fault {
    fn from(fault: DynamicFault) -> Self {
        Self::Refused(fault)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<EphemeralError> for Fault {
    fn from(error: EphemeralError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<RegistrarFault> for Fault {
    fn from(fault: RegistrarFault) -> Self {
        match fault {
            RegistrarFault::Unsound(faults) => Self::Refused(faults.into()),
            RegistrarFault::Store(error) => error.into(),
            RegistrarFault::Unknown => Self::NoToken,
            other => Self::Refused(DynamicFault::Metadata(other.to_string())),
        }
    }
}

/// Registers a client.
pub(super) async fn register(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let made = make(&app, address, &headers, &body).await;
    answer(made.map(|told| (StatusCode::CREATED, told)))
}

/// Tells a client its registration (RFC 7592, section 2.1).
pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let told = async {
        let client = owner(&app, &id, &headers).await?;
        Ok(told(&app, &client))
    };
    answer(told.await.map(|told| (StatusCode::OK, told)))
}

/// Replaces a registration (RFC 7592, section 2.2); its token is another one after.
pub(super) async fn replace(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let changed = change(&app, &id, &headers, &body).await;
    answer(changed.map(|told| (StatusCode::OK, told)))
}

/// Deletes a registration (RFC 7592, section 2.3).
pub(super) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let deleted = async {
        let client = owner(&app, &id, &headers).await?;
        let id = &client.registration.client_id;
        let acts = app.registrar.begin(author(id)).await?;
        acts.delete(id, Replaces::Version(client.version)).await?;
        finish(&app, acts).await
    };
    match deleted.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(fault) => answer(Err(fault)),
    }
}

fn author(id: &ClientId) -> Author {
    Author::trusted(Actor::Client(id.clone()))
}

async fn make(
    app: &App,
    address: ClientAddress,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, Fault> {
    let token = bearer(headers);
    let network = Network::of(address);
    let way = app.settings.clients.dynamic_registration;
    // Before anything that the body asks for: it may name an address to be fetched.
    admit(app, &network, way, token.as_ref()).await?;
    let id = format!("dyn-{}", URL_SAFE_NO_PAD.encode(app.ambient.random::<16>()));
    let id = ClientId::parse(&id).map_err(|fault| Fault::Broken(fault.to_string()))?;
    let allowed = &app.settings.clients.dynamic_scopes;
    let registration = dynamic::registration(parse(body)?, &id, None, allowed)?;
    check_sector(app, &registration)?;
    let registration = app.registrar.check(registration).await?;
    let acts = app.registrar.begin(Author::trusted(Actor::Service)).await?;
    if way == DynamicRegistration::InitialToken {
        // Spent with what it is spent for: a registration that is refused costs nothing.
        let now = app.ambient.now();
        let token = token.ok_or(Fault::NoToken)?;
        let spent = spend_initial(acts.transaction(), &token, now).await?;
        spent.ok_or(Fault::NoToken)?;
    }
    let by = By {
        origin: Origin::Dynamic,
        ..By::actor(Actor::Client(id.clone()))
    };
    acts.register(&registration, &by).await?;
    let most = u64::from(app.settings.clients.dynamic_most);
    if clients::count_of(acts.transaction(), Origin::Dynamic).await? > most {
        return Err(Fault::Full);
    }
    let secret = secret_for(&acts, &registration).await?;
    let access = hand_out(app, &acts, &id).await?;
    let client = acts.find(&id).await?;
    finish(app, acts).await?;
    if way == DynamicRegistration::InitialToken {
        network.forgive(app).await?;
    }
    Ok(with_tokens(told(app, &client), secret.as_ref(), &access))
}

/// Lets those in who may register. Each try of a network counts; where a token is needed,
/// those that fail.
async fn admit(
    app: &App,
    network: &Network,
    way: DynamicRegistration,
    token: Option<&Token>,
) -> Result<(), Fault> {
    match way {
        DynamicRegistration::Off => Err(Fault::NoToken),
        DynamicRegistration::Open => network.reserve(app).await,
        DynamicRegistration::InitialToken => {
            let token = token.ok_or(Fault::NoToken)?;
            network.reserve(app).await?;
            let stands = is_initial(app.database.reader(), token, app.ambient.now()).await?;
            stands.then_some(()).ok_or(Fault::NoToken)
        }
    }
}

async fn change(app: &App, id: &str, headers: &HeaderMap, body: &[u8]) -> Result<Value, Fault> {
    let client = owner(app, id, headers).await?;
    let before = &client.registration;
    let id = &before.client_id;
    let metadata = parse(body)?;
    check_secret(app, &client, &metadata)?;
    let after = dynamic::registration(metadata, id, Some(before), &before.scope)?;
    check_sector(app, &after)?;
    let after = app.registrar.check(after).await?;
    let acts = app.registrar.begin(author(id)).await?;
    acts.change(id, &after, Replaces::Version(client.version))
        .await?;
    let needs_one = client.secrets.is_empty();
    let secret = if needs_one {
        secret_for(&acts, &after).await?
    } else {
        None
    };
    let access = hand_out(app, &acts, id).await?;
    let client = acts.find(id).await?;
    finish(app, acts).await?;
    Ok(with_tokens(told(app, &client), secret.as_ref(), &access))
}

/// The client whose registration access token this is. One that was stopped, or that no
/// longer is, has none that opens anything (RFC 7592, section 2).
async fn owner(app: &App, id: &str, headers: &HeaderMap) -> Result<StoredClient, Fault> {
    if app.settings.clients.dynamic_registration == DynamicRegistration::Off {
        return Err(Fault::NoToken);
    }
    let id = ClientId::parse(id).map_err(|_| Fault::NoToken)?;
    let token = bearer(headers).ok_or(Fault::NoToken)?;
    let reader = app.database.reader();
    if !is_registration(reader, &id, &token).await? {
        return Err(Fault::NoToken);
    }
    let client = clients::find_by_id(reader, &id).await?;
    let client = client.filter(|client| client.registration.enabled);
    client.ok_or(Fault::NoToken)
}

fn bearer(headers: &HeaderMap) -> Option<Token> {
    let token = access_token(authorization(headers), None, &Parameters::default());
    Token::parse(token.ok()?)
}

/// A network, as its tries are counted under.
struct Network {
    key: String,
}

impl Network {
    fn of(address: ClientAddress) -> Self {
        let key = format!("register {}", address.network_key());
        Self {
            key: URL_SAFE_NO_PAD.encode(Sha256::digest(key)),
        }
    }

    fn place(&self) -> Place<'_> {
        Place {
            kind: Kind::NetworkFailures,
            key: &self.key,
        }
    }

    async fn reserve(&self, app: &App) -> Result<(), Fault> {
        let now = app.ambient.now();
        let attempt = app.ephemeral.reserve_attempt(self.place(), &TRIES, now);
        match attempt.await? {
            Attempt::Allowed { .. } => Ok(()),
            Attempt::Wait(wait) => Err(Fault::TooOften(wait)),
        }
    }

    async fn forgive(&self, app: &App) -> Result<(), Fault> {
        let now = app.ambient.now();
        Ok(app.ephemeral.forgive_attempt(self.place(), now).await?)
    }
}

fn parse(body: &[u8]) -> Result<Value, DynamicFault> {
    serde_json::from_slice(body)
        .map_err(|error| DynamicFault::Metadata(format!("the body is not JSON: {error}")))
}

/// Nobody comes by themselves into the sector that an administrator gave others, whatever
/// host it is named like: they would know the same people by the same subjects.
fn check_sector(app: &App, registration: &Registration) -> Result<(), DynamicFault> {
    let sector = registration.sector();
    if registration.sector.is_none() && app.clients.has_named(&sector) {
        let told = "redirect_uris: the sector of this host is an administrator's to give: ask them to register the client";
        return Err(DynamicFault::Metadata(told.to_owned()));
    }
    Ok(())
}

/// A secret that is sent along must be one that the client has (RFC 7592, section 2.2).
fn check_secret(app: &App, client: &StoredClient, metadata: &Value) -> Result<(), DynamicFault> {
    let Some(sent) = metadata.get("client_secret").filter(|sent| !sent.is_null()) else {
        return Ok(());
    };
    let sent = Secret::new(sent.as_str().unwrap_or_default());
    let hash = SecretHash::of(&app.secrets.client_secrets, &sent);
    let now = app.ambient.now();
    if client.secrets.iter().any(|known| known.is(&hash, now)) {
        return Ok(());
    }
    let told = "client_secret: is not one of the client's".to_owned();
    Err(DynamicFault::Metadata(told))
}

async fn secret_for(acts: &Acts<'_>, registration: &Registration) -> Result<Option<Secret>, Fault> {
    if !registration.token_endpoint_auth_method.has_secret() {
        return Ok(None);
    }
    let wish = SecretWish::default();
    let made = acts.add_secret(&registration.client_id, wish).await?;
    Ok(Some(made.secret))
}

async fn hand_out(app: &App, acts: &Acts<'_>, id: &ClientId) -> Result<Token, Fault> {
    let token = Token::generate(&app.ambient);
    let now = app.ambient.now();
    tokens::set_registration(acts.transaction(), id, token.hash(), now).await?;
    Ok(token)
}

async fn finish(app: &App, acts: Acts<'_>) -> Result<(), Fault> {
    acts.commit().await?;
    if let Err(error) = app.clients.reload().await {
        tracing::warn!(%error, "registrations are read again in a moment");
    }
    Ok(())
}

fn told(app: &App, client: &StoredClient) -> Value {
    let mut told = dynamic::told(&client.registration);
    let id = &client.registration.client_id;
    let address = ManageClient { id: id.as_str() };
    told["client_id_issued_at"] = client.created_at.as_second().into();
    told["registration_client_uri"] = app.site.urls.absolute(&address).into();
    told
}

fn with_tokens(mut told: Value, secret: Option<&Secret>, access: &Token) -> Value {
    told["registration_access_token"] = access.expose().into();
    if let Some(secret) = secret {
        told["client_secret"] = secret.expose().into();
        told["client_secret_expires_at"] = 0.into();
    }
    told
}

fn answer(made: Result<(StatusCode, Value), Fault>) -> Response {
    let mut response = match made {
        Ok((status, told)) => (status, Json(told)).into_response(),
        Err(Fault::Refused(fault)) => {
            tracing::info!(?fault, "a registration was refused");
            refuse(StatusCode::BAD_REQUEST, fault.code(), fault.description())
        }
        Err(Fault::NoToken) => {
            let told = "a valid registration token is needed";
            let mut response = refuse(StatusCode::UNAUTHORIZED, "invalid_token", told);
            let bearer = HeaderValue::from_static(r#"Bearer realm="preau", error="invalid_token""#);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
            response
        }
        Err(Fault::TooOften(wait)) => {
            let told = "too many registrations from this network; try again later";
            let code = "temporarily_unavailable";
            let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, code, told);
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
            response
        }
        Err(Fault::Full) => {
            let told = "no more clients can be registered";
            refuse(
                StatusCode::TOO_MANY_REQUESTS,
                "temporarily_unavailable",
                told,
            )
        }
        Err(Fault::Broken(error)) => return broken(&std::io::Error::other(error)),
    };
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

fn refuse(status: StatusCode, code: &str, told: &str) -> Response {
    let body = json!({ "error": code, "error_description": told });
    (status, Json(body)).into_response()
}

/// The address of the endpoint, where there is one.
pub(super) fn endpoint(app: &App) -> Option<String> {
    let is_on = app.settings.clients.dynamic_registration != DynamicRegistration::Off;
    is_on.then(|| app.site.urls.absolute(&RegisterClient))
}
