//! Servers that are not our code, in processes that can die: `tests/node/support`.

use std::{net::TcpListener, process::Stdio};

use domain::ambient::Ambient;
use notify::{SmsGateway, SmtpTransport};
use rcgen::CertifiedKey;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    sync::mpsc::{self, UnboundedReceiver},
};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/node/support");

pub const MAIL_PASSWORD: &str = "mail-password-of-the-tests";
pub const SMS_SECRET: &str = "sms-secret-of-the-tests";

/// A server at work; it ends with the test.
pub struct Server {
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Server {
    async fn start(script: &str, wishes: &Value) -> Self {
        let mut child = Command::new("node")
            .arg(format!("{SCRIPTS}/{script}"))
            .arg(wishes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node is there (docs/CONTRIBUTING.md)");
        let lines = lines_of(child.stdout.take().unwrap());
        let mut server = Self { child, lines };
        let listens = server.told().await;
        let what =
            "it listens; its packages come with `cargo xtask test`, or `npm ci` in tests/node";
        assert_eq!(listens.expect(what)["port"], wishes["port"]);
        server
    }

    /// The next thing that it tells; nothing once it is dead.
    pub async fn told(&mut self) -> Option<Value> {
        let line = self.lines.recv().await?;
        Some(serde_json::from_str(&line).unwrap())
    }

    /// Waits for its death; what it told before.
    pub async fn dies(mut self) -> Vec<Value> {
        // Not `wait` first: it closes what the server's end would be read from.
        let told = self.rest().await;
        self.child.wait().await.unwrap();
        told
    }

    /// Ends it; what it told that was not heard yet.
    pub async fn stop(mut self) -> Vec<Value> {
        self.child.kill().await.unwrap();
        self.rest().await
    }

    async fn rest(&mut self) -> Vec<Value> {
        let mut told = Vec::new();
        while let Some(one) = self.told().await {
            told.push(one);
        }
        told
    }
}

/// Hears at once, so that no server waits for a test to listen.
fn lines_of(output: ChildStdout) -> UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// A place for mail servers, one after the other, with their certificate.
pub struct MailPlace {
    port: u16,
    certificate: String,
    key: String,
}

impl MailPlace {
    pub fn new() -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        Self {
            port: free_port(),
            certificate: cert.pem(),
            key: signing_key.serialize_pem(),
        }
    }

    pub async fn opens(&self, wishes: &Value) -> Server {
        let mut all = json!({
            "port": self.port,
            "cert": self.certificate,
            "key": self.key,
            "user": "preau",
            "password": MAIL_PASSWORD,
        });
        add(&mut all, wishes);
        Server::start("mail-server.mjs", &all).await
    }

    /// By STARTTLS, with a name and a password.
    pub fn transport(&self) -> SmtpTransport {
        let settings = json!({
            "host": "127.0.0.1",
            "port": self.port,
            "authority": self.certificate,
            "username": "preau",
            "password": MAIL_PASSWORD,
            "from": "ne-pas-repondre@compte.example.org",
        });
        SmtpTransport::new(&serde_json::from_value(settings).unwrap()).unwrap()
    }
}

/// A place for gateways, one after the other.
pub struct SmsPlace {
    port: u16,
}

impl SmsPlace {
    pub fn new() -> Self {
        Self { port: free_port() }
    }

    pub async fn opens(&self, wishes: &Value) -> Server {
        let mut all = json!({ "port": self.port });
        add(&mut all, wishes);
        Server::start("sms-gateway.mjs", &all).await
    }

    /// In this form.
    pub fn transport(&self, form: &Value) -> SmsGateway {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut settings = json!({
            "url": format!("http://127.0.0.1:{}/v1/messages", self.port),
            "secret": SMS_SECRET,
        });
        add(&mut settings, form);
        SmsGateway::new(&serde_json::from_value(settings).unwrap()).unwrap()
    }
}

fn add(all: &mut Value, more: &Value) {
    let members = more.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(members);
}

/// A port that nobody is given by chance while a server is dead: below the range from
/// which the system gives ports to connections.
fn free_port() -> u16 {
    loop {
        let random: [u8; 2] = Ambient::system().random();
        let port = 12_000 + u16::from_be_bytes(random) % 18_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
