//! Nodes in this process: health, metrics, limits, shutdown.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::time::{Duration, Instant};

use domain::ambient::Ambient;
use preau::{
    config::Config,
    node::{Extras, Node},
};
use store::{Database, migration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

struct Place {
    folder: TempDir,
}

impl Place {
    async fn migrated() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let database = Database::connect(&place.config("").database.url, 2)
            .await
            .unwrap();
        migration::migrate(&database).await.unwrap();
        database.close().await;
        place
    }

    fn config(&self, server: &str) -> Config {
        let database = self.folder.path().join("preau.db");
        Config::parse(&format!(
            "[server]\nissuer = \"http://localhost:8080\"\nlisten = \"127.0.0.1:0\"\n\
             metrics_listen = \"127.0.0.1:0\"\n{server}\n\
             [database]\nurl = \"sqlite:{}\"\n\
             [secrets]\nmaster_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"\n",
            database.display()
        ))
        .unwrap()
    }

    async fn node(&self, server: &str) -> Node {
        Node::start(self.config(server), Ambient::system())
            .await
            .unwrap()
    }
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost:8080\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_node_is_live_and_ready_and_counts_by_route() {
    let place = Place::migrated().await;
    let node = place.node("").await;
    assert!(
        get(node.address(), "/health/live")
            .await
            .starts_with("HTTP/1.1 200")
    );
    let ready = get(node.address(), "/health/ready").await;
    assert!(
        ready.ends_with(r#"{"status":"ready","database":"ready","ephemeral":"ready"}"#),
        "{ready}"
    );
    assert!(
        get(node.address(), "/aide?secret=1")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        get(node.address(), "/secret/path")
            .await
            .starts_with("HTTP/1.1 404")
    );
    let metrics = get(node.metrics_address().unwrap(), "/metrics").await;
    let help = r#"preau_http_requests_total{route="/aide",method="GET",status="200"} 1"#;
    assert!(metrics.contains(help), "{metrics}");
    assert!(!metrics.contains("secret"), "{metrics}");
    assert!(
        metrics.contains("application/openmetrics-text; version=1.0.0"),
        "{metrics}"
    );
    assert!(
        metrics.contains("# TYPE preau_http_request_duration_seconds histogram"),
        "{metrics}"
    );
    assert!(
        metrics.contains("# UNIT preau_http_request_duration_seconds seconds"),
        "{metrics}"
    );
    assert!(metrics.trim_end().ends_with("# EOF"), "{metrics}");
    node.stop().await;
}

#[tokio::test]
async fn metrics_are_not_on_the_public_listener() {
    let place = Place::migrated().await;
    let node = place.node("").await;
    assert!(
        get(node.address(), "/metrics")
            .await
            .starts_with("HTTP/1.1 404")
    );
    node.stop().await;
}

#[tokio::test]
async fn the_root_leads_to_the_account() {
    let place = Place::migrated().await;
    let node = place.node("").await;
    let answer = get(node.address(), "/").await.to_lowercase();
    assert!(answer.contains("location: /compte"), "{answer}");
    node.stop().await;
}

#[tokio::test]
async fn whoever_comes_beyond_the_last_place_is_turned_away() {
    let place = Place::migrated().await;
    let node = place.node("max_connections = 1").await;
    let mut first = TcpStream::connect(node.address()).await.unwrap();
    let request = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n";
    first.write_all(request).await.unwrap();
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    let mut second = TcpStream::connect(node.address()).await.unwrap();
    let _ = second.write_all(request).await;
    assert!(
        !matches!(second.read(&mut byte).await, Ok(1..)),
        "the second was answered"
    );
    drop(first);
    node.stop().await;
}

#[tokio::test]
async fn headers_are_bounded() {
    let place = Place::migrated().await;
    let node = place.node("").await;
    let mut stream = TcpStream::connect(node.address()).await.unwrap();
    let long = format!(
        "GET /aide HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n",
        "a".repeat(128 * 1024)
    );
    let _ = stream.write_all(long.as_bytes()).await;
    let mut answer = [0; 12];
    // The rest of what was sent may reset the connection before the answer is read.
    if stream.read_exact(&mut answer).await.is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 431");
    }
    node.stop().await;
}

#[tokio::test]
async fn two_nodes_on_one_store_have_the_same_keys() {
    let place = Place::migrated().await;
    let (one, other) = (place.node("").await, place.node("").await);
    let body = |answer: String| answer.split("\r\n\r\n").nth(1).map(str::to_owned);
    let path = "/oauth2/jwks";
    assert_eq!(
        body(get(one.address(), path).await),
        body(get(other.address(), path).await)
    );
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn a_stopped_node_no_longer_listens_and_ends_within_its_grace() {
    let place = Place::migrated().await;
    let node = place.node("grace = 1").await;
    let address = node.address();
    let _idle = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    node.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn open_sockets_are_used_where_they_are_given() {
    let place = Place::migrated().await;
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let extras = Extras {
        listeners: vec![socket],
        ..Extras::default()
    };
    let node = Node::start_with(place.config(""), Ambient::system(), extras)
        .await
        .unwrap();
    assert_eq!(node.addresses(), [address]);
    node.stop().await;
}
