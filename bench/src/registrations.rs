//! The same requests with few registrations and with many, and how long the many take to
//! be listed and searched.

use std::{path::Path, time::Instant};

use serde::Serialize;
use serde_json::json;

use crate::{
    fault::{Doing, Fault},
    load::{CONNECTIONS, Window, rate},
    process::Server,
    provider::{ADMINISTRATION, Provider, Stores},
    series::Series,
    wire::{Connection, get},
    works::{Client, Repeated},
};

const TOKEN: &str = "/oauth2/token";
/// Registrations of the larger provider.
const MANY: usize = 10_000;
/// Requests of each kind whose times are taken in a round.
const TIMED: usize = 500;

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Registrations {
    /// `client_credentials` with a handful of registrations, a second.
    pub(crate) tokens_few: Series,
    /// The same with many.
    pub(crate) tokens_many: Series,
    /// A page of the list, from anywhere in it: milliseconds at the 99th percentile.
    pub(crate) list: Series,
    /// A search, for one or for many: the same.
    pub(crate) search: Series,
}

/// Sets both up, and measures them by turns.
pub(crate) async fn measure(
    folder: &Path,
    rounds: usize,
    window: Window,
) -> Result<Registrations, Fault> {
    let few = Provider::set_up(&folder.join("few"), &Stores::Sqlite)?;
    let many = Provider::set_up(&folder.join("many"), &Stores::Sqlite)?;
    many.register(&registrations(MANY))?;
    let (server_of_few, server) = (few.serve()?, many.serve()?);
    let mut measured = Registrations::default();
    for _ in 0..rounds {
        let few = tokens(&few, &server_of_few, window).await?;
        measured.tokens_few.push(few);
        measured
            .tokens_many
            .push(tokens(&many, &server, window).await?);
        let pages = |turn: usize| format!("limit=50&cursor=bench-{:05}", turn * 7919 % MANY);
        measured.list.push(times(&many, &server, &pages).await?);
        let searches = |turn: usize| match turn % 3 {
            0 => format!("limit=50&q=bench-{:05}", turn * 7919 % MANY),
            1 => "limit=50&q=commune%20service".to_owned(),
            _ => "limit=50&q=introuvable".to_owned(),
        };
        measured
            .search
            .push(times(&many, &server, &searches).await?);
    }
    Ok(measured)
}

async fn tokens(provider: &Provider, server: &Server, window: Window) -> Result<f64, Fault> {
    let request = Client::service(provider).client_credentials(TOKEN, "");
    let mut work = Repeated::workers("client_credentials", vec![request], CONNECTIONS);
    rate(server.address, &mut work, window).await
}

/// The 99th percentile of the times of one request after the other, in milliseconds.
async fn times(
    provider: &Provider,
    server: &Server,
    query: &dyn Fn(usize) -> String,
) -> Result<f64, Fault> {
    let mut connection = Connection::open(server.address).await.doing("connect")?;
    let client = Client::new(&provider.host(), ADMINISTRATION, &provider.secret);
    let form = "grant_type=client_credentials";
    let own = client.tokens(&mut connection, TOKEN, "token", form).await?;
    let bearer = format!("authorization: Bearer {}\r\n", own.access_token);
    let mut times = Vec::with_capacity(TIMED);
    for turn in 0..TIMED {
        let path = format!("/api/admin/v1/clients?{}", query(turn));
        let request = get(&provider.host(), &path, &bearer);
        let begun = Instant::now();
        let answer = connection.exchange(&request).await.doing("list clients")?;
        answer.require("list clients", 200)?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[TIMED * 99 / 100])
}

fn registrations(count: usize) -> String {
    let one = |number: usize| {
        json!({
            "client_id": format!("bench-{number:05}"),
            "client_name": format!("Service {number} de la commune"),
            "redirect_uris": [format!("https://service-{number}.example/callback")],
            "token_endpoint_auth_method": "none",
            "scope": "openid profile",
            "contacts": [format!("service-{number}@commune.example")],
        })
    };
    let all: Vec<_> = (0..count).map(one).collect();
    json!(all).to_string()
}
