//! `/health/live` and `/health/ready`: for the machine that keeps nodes running.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use serde_json::json;
use store::{Database, ephemeral::EphemeralStore};
use tokio::{sync::Mutex, time::timeout};

/// For how long an answer stands, so that asking often costs nothing.
const FRESH: Duration = Duration::from_secs(1);
/// A store that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(2);

const HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

/// Both addresses, without layers: they are asked every second and never logged.
pub(super) fn router(database: Database, ephemeral: Arc<dyn EphemeralStore>) -> Router {
    let stores = Arc::new(Stores {
        database,
        ephemeral,
        last: Mutex::new(None),
    });
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(stores)
}

struct Stores {
    database: Database,
    ephemeral: Arc<dyn EphemeralStore>,
    last: Mutex<Option<(Instant, Readiness)>>,
}

#[derive(Clone, Copy)]
struct Readiness {
    database: bool,
    ephemeral: bool,
}

/// The process runs and answers.
async fn live() -> impl IntoResponse {
    (HEADERS, Json(json!({"status": "live"})))
}

/// The stores answer too: requests may be sent here.
async fn ready(State(stores): State<Arc<Stores>>) -> impl IntoResponse {
    let Readiness {
        database,
        ephemeral,
    } = stores.readiness().await;
    let (status, word) = if database && ephemeral {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    };
    let word_of = |answers| if answers { "ready" } else { "unavailable" };
    let body = json!({
        "status": word,
        "database": word_of(database),
        "ephemeral": word_of(ephemeral),
    });
    (status, HEADERS, Json(body))
}

impl Stores {
    /// Asks the stores, once for all who ask within a second.
    async fn readiness(&self) -> Readiness {
        let mut last = self.last.lock().await;
        if let Some((at, readiness)) = *last
            && at.elapsed() < FRESH
        {
            return readiness;
        }
        let database = timeout(PATIENCE, self.database.ping());
        let ephemeral = timeout(PATIENCE, self.ephemeral.ping());
        let (database, ephemeral) = tokio::join!(database, ephemeral);
        let readiness = Readiness {
            database: matches!(database, Ok(Ok(()))),
            ephemeral: matches!(ephemeral, Ok(Ok(()))),
        };
        *last = Some((Instant::now(), readiness));
        readiness
    }
}
