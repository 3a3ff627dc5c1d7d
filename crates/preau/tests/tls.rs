//! HTTPS by the process itself.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::{fs, net::SocketAddr, path::Path};

use domain::ambient::Ambient;
use preau::{
    config::Config,
    node::{Node, StartFault},
};
use store::{Database, migration};

/// Writes a new certificate for the issuer's host; its PEM.
fn renew(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.pem()
}

async fn config(folder: &Path) -> Config {
    let folder = folder.display();
    let config = Config::parse(&format!(
        "[server]\nissuer = \"https://localhost\"\nlisten = \"127.0.0.1:0\"\n\
         tls.certificate_file = \"{folder}/certificate.pem\"\ntls.key_file = \"{folder}/key.pem\"\n\
         [database]\nurl = \"sqlite:{folder}/preau.db\"\n\
         [secrets]\nmaster_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"\n",
    ))
    .unwrap();
    let database = Database::connect(&config.database.url, 1).await.unwrap();
    migration::migrate(&database).await.unwrap();
    database.close().await;
    config
}

/// Whether somebody who trusts this certificate alone gets an answer.
async fn answers(address: SocketAddr, trusted: &str) -> bool {
    let certificate = reqwest::Certificate::from_pem(trusted.as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([certificate])
        .build()
        .unwrap();
    let url = format!("https://localhost:{}/health/live", address.port());
    client
        .get(url)
        .send()
        .await
        .is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test]
async fn a_new_certificate_is_used_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let old = renew(folder.path());
    let node = Node::start(config(folder.path()).await, Ambient::system())
        .await
        .unwrap();
    assert!(answers(node.address(), &old).await);
    let new = renew(folder.path());
    assert!(answers(node.address(), &old).await);
    node.reload_certificate().await.unwrap();
    assert!(answers(node.address(), &new).await);
    assert!(!answers(node.address(), &old).await);
    node.stop().await;
}

#[tokio::test]
async fn a_broken_certificate_leaves_the_old_one_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let old = renew(folder.path());
    let node = Node::start(config(folder.path()).await, Ambient::system())
        .await
        .unwrap();
    fs::write(folder.path().join("certificate.pem"), "nonsense").unwrap();
    assert!(node.reload_certificate().await.is_err());
    assert!(answers(node.address(), &old).await);
    node.stop().await;
}

#[tokio::test]
async fn a_node_does_not_start_on_a_broken_certificate() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    let config = config(folder.path()).await;
    fs::write(folder.path().join("key.pem"), "nonsense").unwrap();
    let started = Node::start(config, Ambient::system()).await;
    assert!(matches!(started.err(), Some(StartFault::Tls(_))));
}
