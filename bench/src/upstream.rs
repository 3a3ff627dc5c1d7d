//! FranceConnect on a good day and on a bad one, in a process of its own: `bench upstream`.
//! Under `/bien` it tells where its pages are; whatever else is asked waits ten seconds.

use std::{io, net::Ipv4Addr, time::Duration};

use axum::{Json, Router, http::StatusCode, routing::get};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::sleep};

/// The path of the issuer that is well.
pub(crate) const WELL: &str = "/bien";

const SLOWNESS: Duration = Duration::from_secs(10);

/// Serves until the process is ended.
pub(crate) fn serve(port: u16) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        println!("ready http://127.0.0.1:{port}");
        let metadata = metadata(&format!("http://127.0.0.1:{port}{WELL}"));
        let well = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(async || Json(metadata)),
            )
            .route("/jwks", get(async || Json(json!({ "keys": [] }))));
        let router = Router::new().nest(WELL, well).fallback(async || {
            sleep(SLOWNESS).await;
            StatusCode::SERVICE_UNAVAILABLE
        });
        axum::serve(listener, router).await
    })
}

fn metadata(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}/{path}");
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
}
