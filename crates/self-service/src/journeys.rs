//! What waits between the steps of a journey of somebody who is not signed in: bound to
//! the browser that began it, under a name that stands in its addresses.

use domain::secret::Token;
use idp::{app::App, http::visit::Visit};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::ephemeral::{EphemeralError, Kind, Place};

/// How long a person has for all the steps.
const LIFETIME: std::time::Duration = std::time::Duration::from_hours(1);

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    browser: String,
    /// The journey's own name: one journey's state is never read as another's.
    what: String,
    data: T,
}

/// A journey as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Journey<T> {
    /// What it knows.
    pub(crate) data: T,
    /// Its name.
    pub(crate) name: Token,
    version: i64,
}

/// The state of one journey.
pub(crate) trait State: Serialize + DeserializeOwned + Send {
    /// Tells the journeys apart.
    const WHAT: &'static str;
}

/// Begins a journey in this browser.
pub(crate) async fn begin<T: State>(
    app: &App,
    visit: &Visit,
    data: &T,
) -> Result<Token, EphemeralError> {
    let name = Token::generate(&app.ambient);
    let now = app.ambient.now();
    let key = name.hash().encode();
    let value = text(visit, data);
    app.ephemeral
        .insert(place(&key), &value, now, now + LIFETIME)
        .await?;
    Ok(name)
}

/// The journey of a name, in the browser that began it; none where it has ended, where
/// its time is over, or where another browser asks.
pub(crate) async fn find<T: State>(
    app: &App,
    visit: &Visit,
    name: &str,
) -> Result<Option<Journey<T>>, EphemeralError> {
    let (Some(name), Some(browser)) = (Token::parse(name), &visit.browser) else {
        return Ok(None);
    };
    let key = name.hash().encode();
    let found = app.ephemeral.find(place(&key), app.ambient.now()).await?;
    let Some(found) = found.filter(|found| !found.spent) else {
        return Ok(None);
    };
    let Ok(entry) = serde_json::from_str::<Entry<T>>(&found.value) else {
        return Ok(None);
    };
    let ours = entry.what == T::WHAT && browser.is_encoded(&entry.browser);
    Ok(ours.then_some(Journey {
        data: entry.data,
        name,
        version: found.version,
    }))
}

/// Replaces what a journey knows. `false` where another tab was faster.
pub(crate) async fn replace<T: State>(
    app: &App,
    visit: &Visit,
    journey: &Journey<T>,
) -> Result<bool, EphemeralError> {
    let key = journey.name.hash().encode();
    let now = app.ambient.now();
    let value = text(visit, &journey.data);
    app.ephemeral
        .replace(place(&key), journey.version, &value, now, now + LIFETIME)
        .await
}

/// Ends a journey. Whether it was still under way.
pub(crate) async fn end(app: &App, name: &Token) -> Result<bool, EphemeralError> {
    let key = name.hash().encode();
    let removed = app.ephemeral.remove(place(&key), app.ambient.now()).await?;
    Ok(removed.is_some())
}

const fn place(key: &str) -> Place<'_> {
    Place {
        kind: Kind::Journey,
        key,
    }
}

fn text<T: State>(visit: &Visit, data: &T) -> String {
    let entry = Entry {
        browser: visit.view.browser().hash().encode(),
        what: T::WHAT.to_owned(),
        data,
    };
    serde_json::to_string(&entry).expect("a journey is a document")
}
