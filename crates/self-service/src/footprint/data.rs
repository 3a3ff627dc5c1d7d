//! All that is kept about the person, as a file (GDPR, articles 15 and 20).

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::audit::Action;
use idp::http::account::RecentlySignedIn;
use store::export;
use web::PageError;

use crate::{
    account::changing::{self, unavailable},
    state::SelfService,
};

/// The file. Who takes it gave the password lately: it says more than any page.
pub(super) async fn get(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let event = changing::own_event(Action::DataExported, account, &signed_in.visit);
    changing::record(&app, &transaction, event).await?;
    let data = export::of_account(&transaction, account.id).await;
    let data = data.map_err(unavailable)?;
    changing::commit(&app, transaction).await?;
    let text = serde_json::to_string_pretty(&data).map_err(PageError::internal)?;
    let name = format!("attachment; filename=\"preau-{}.json\"", account.identifier);
    let name = HeaderValue::from_str(&name).map_err(PageError::internal)?;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, json),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, text).into_response())
}
