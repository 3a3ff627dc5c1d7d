//! A store that is cut off says so: no operation answers by a default. And what only
//! Redis does: ends of its own, prefixes, entries from elsewhere.

use std::{net::SocketAddr, time::Duration};

use domain::{secret::Secret, throttle::ThrottlePolicy};
use redis::{AsyncCommands, Client, ConnectionAddr, IntoConnectionInfo};
use store::{
    ephemeral::{EphemeralError, EphemeralStore, Kind, Place, RedisEphemeral, SqlEphemeral},
    testing::fresh_databases,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use crate::{
    at,
    stores::{random_prefix, redis_url},
};

const SESSION: Place<'static> = Place {
    kind: Kind::Session,
    key: "k-1",
};

const NETWORK: Place<'static> = Place {
    kind: Kind::NetworkFailures,
    key: "k-1",
};

const POLICY: ThrottlePolicy = ThrottlePolicy::NETWORK;

#[tokio::test]
async fn a_database_that_is_closed_is_an_error_to_every_operation() {
    for fresh in fresh_databases().await.unwrap() {
        let store = SqlEphemeral::new(fresh.database.clone());
        store.insert(SESSION, "a", at(0), at(60)).await.unwrap();
        fresh.database.clone().close().await;
        for error in errors_of_every_operation(&store).await {
            assert!(matches!(error, EphemeralError::Database(_)), "{error}");
        }
    }
}

#[tokio::test]
async fn a_redis_that_is_cut_off_is_an_error_to_every_operation_until_it_is_back() {
    let Some(server) = redis_url() else { return };
    let proxy = Proxy::to(&server).await;
    let store = RedisEphemeral::connect(&proxy.url(&server)).await.unwrap();
    let store = store.with_prefix(&random_prefix());
    store.insert(SESSION, "a", at(0), at(60)).await.unwrap();

    let address = proxy.cut().await;
    for error in errors_of_every_operation(&store).await {
        assert!(matches!(error, EphemeralError::Redis(_)), "{error}");
    }

    let _proxy = Proxy::at(address, &server).await;
    while store.ping().await.is_err() {}
    let entry = store.find(SESSION, at(1)).await.unwrap().unwrap();
    assert_eq!((entry.value.as_str(), entry.version), ("a", 1));
}

#[tokio::test]
async fn a_redis_that_never_answers_is_an_error_within_seconds() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Secret::new(format!("redis://{}", silent.local_addr().unwrap()));
    let connecting = RedisEphemeral::connect(&url);
    let connected = tokio::time::timeout(Duration::from_secs(20), connecting).await;
    assert!(connected.expect("it gives up by itself").is_err());
}

#[tokio::test]
async fn an_address_that_is_none_of_redis_is_an_error_that_does_not_tell_it() {
    let url = Secret::new("http://:geheim@localhost:1");
    let error = RedisEphemeral::connect(&url).await.unwrap_err();
    assert!(!error.to_string().contains("geheim"), "{error}");
}

#[tokio::test]
async fn redis_drops_by_itself_whatever_was_put() {
    let Some(server) = redis_url() else { return };
    let prefix = random_prefix();
    let store = RedisEphemeral::connect(&server).await.unwrap();
    let store = store.with_prefix(&prefix);
    for (key, spent_and_replaced) in [("k-1", false), ("k-2", true)] {
        let place = Place { key, ..SESSION };
        store.insert(place, "a", at(0), at(60)).await.unwrap();
        if spent_and_replaced {
            assert!(store.replace(place, 1, "b", at(0), at(90)).await.unwrap());
            store.spend(place, at(0), at(120)).await.unwrap();
        }
    }
    store
        .reserve_attempt(NETWORK, &POLICY, at(0))
        .await
        .unwrap();
    store.forgive_attempt(NETWORK, at(0)).await.unwrap();

    let ends = [
        ("session:k-1", 60),
        ("session:k-2", 120),
        ("network_failures:k-1", POLICY.forget_after.as_secs()),
    ];
    let mut raw = connection(&server).await;
    for (key, seconds) in ends {
        let left: u64 = raw.pttl(format!("{prefix}:{key}")).await.unwrap();
        let wanted = seconds * 1_000;
        assert!((wanted - 30_000..=wanted).contains(&left), "{key}: {left}");
    }
}

#[tokio::test]
async fn installations_with_other_prefixes_do_not_meet() {
    let Some(server) = redis_url() else { return };
    let store = RedisEphemeral::connect(&server).await.unwrap();
    let ours = store.clone().with_prefix(&random_prefix());
    let theirs = store.with_prefix(&random_prefix());
    ours.insert(SESSION, "a", at(0), at(60)).await.unwrap();
    assert_eq!(theirs.find(SESSION, at(1)).await.unwrap(), None);
}

#[tokio::test]
async fn an_entry_that_we_did_not_write_is_an_error() {
    let Some(server) = redis_url() else { return };
    let prefix = random_prefix();
    let store = RedisEphemeral::connect(&server).await.unwrap();
    let store = store.with_prefix(&prefix);
    let mut raw = connection(&server).await;
    let key = format!("{prefix}:session:k-1");
    let () = raw.hset(&key, "v", "a").await.unwrap();
    let () = raw.expire(&key, 60).await.unwrap();
    let error = store.find(SESSION, at(0)).await.unwrap_err();
    assert!(
        matches!(error, EphemeralError::Malformed("session")),
        "{error}"
    );
}

async fn errors_of_every_operation(store: &dyn EphemeralStore) -> Vec<EphemeralError> {
    vec![
        store.insert(SESSION, "b", at(1), at(60)).await.unwrap_err(),
        store.find(SESSION, at(1)).await.unwrap_err(),
        store
            .replace(SESSION, 1, "b", at(1), at(60))
            .await
            .unwrap_err(),
        store.spend(SESSION, at(1), at(60)).await.unwrap_err(),
        store.remove(SESSION, at(1)).await.unwrap_err(),
        store.remove(NETWORK, at(1)).await.unwrap_err(),
        store
            .reserve_attempt(NETWORK, &POLICY, at(1))
            .await
            .unwrap_err(),
        store.forgive_attempt(NETWORK, at(1)).await.unwrap_err(),
        store.ping().await.unwrap_err(),
    ]
}

async fn connection(server: &Secret) -> redis::aio::MultiplexedConnection {
    let client = Client::open(server.expose()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// A way to Redis that can be cut.
struct Proxy {
    address: SocketAddr,
    carrying: JoinHandle<()>,
}

impl Proxy {
    async fn to(server: &Secret) -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), server).await
    }

    async fn at(address: SocketAddr, server: &Secret) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            carrying: tokio::spawn(carry(listener, address_of(server))),
        }
    }

    fn url(&self, server: &Secret) -> Secret {
        Secret::new(
            server
                .expose()
                .replace(&address_of(server), &self.address.to_string()),
        )
    }

    /// Drops every connection and takes no more; where it was.
    async fn cut(self) -> SocketAddr {
        self.carrying.abort();
        let _ = self.carrying.await;
        self.address
    }
}

async fn carry(listener: TcpListener, server: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        let mut far = TcpStream::connect(&server).await.unwrap();
        connections.spawn(async move { copy_bidirectional(&mut near, &mut far).await });
    }
}

fn address_of(server: &Secret) -> String {
    let info = server.expose().into_connection_info().unwrap();
    match info.addr() {
        ConnectionAddr::Tcp(host, port) => format!("{host}:{port}"),
        other => panic!("the tests' Redis listens on TCP, not {other:?}"),
    }
}
