//! `preau serve` as a process, and commands while it runs.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

mod operator;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
};

use serde_json::Value;

use operator::{ENT, Operator, assert_status, err};

/// A `preau serve` that ends with the test.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn start(operator: &Operator) -> Self {
        let mut child = operator
            .command(&["serve"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let address = address_in(&mut log);
        // The log must be read on, or the service would wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: localhost:8080\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in the line that says `ready`.
fn address_in(log: &mut impl std::io::BufRead) -> SocketAddr {
    let lines = log.lines().map(Result::unwrap);
    let ready = lines
        .map(|line| serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("{line}")))
        .find(|event| event["message"] == "ready")
        .expect("the service says that it is ready");
    let addresses = ready["addresses"].as_str().unwrap();
    addresses.trim_matches(['[', ']']).parse().unwrap()
}

#[test]
fn keys_rotate_while_the_service_runs_and_sigterm_ends_it_with_status_0() {
    let operator = Operator::migrated();
    let service = Running::start(&operator);
    let before = operator.json(&["keys", "list"]);
    let signing = |keys: &Value| -> Vec<Value> {
        let all = keys.as_array().unwrap().iter();
        all.filter(|key| key["state"] == "signs")
            .map(|key| key["kid"].clone())
            .collect()
    };
    let after = operator.json(&["keys", "rotate", "--algorithm", "ES256"]);
    assert_eq!(
        after.as_array().unwrap().len(),
        before.as_array().unwrap().len() + 1
    );
    let (old, new) = (signing(&before), signing(&after));
    assert_eq!(old.iter().filter(|kid| !new.contains(kid)).count(), 1);
    let newest = after
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].as_str().unwrap())
        .max()
        .unwrap();
    while !service.get("/oauth2/jwks").contains(newest) {
        std::thread::yield_now();
    }
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_registration_is_written_while_the_service_runs() {
    let operator = Operator::migrated();
    let service = Running::start(&operator);
    let file = operator.write("ent.toml", ENT);
    operator.json(&["client", "apply", &file]);
    assert!(service.get("/health/ready").starts_with("HTTP/1.1 200"));
}

#[test]
fn the_demo_s_secrets_are_not_for_production() {
    let operator = Operator::migrated();
    let file = operator.write(
        "ent.toml",
        &format!("client_secret = \"ent-secret-demo-only\"{ENT}"),
    );
    operator.json(&["client", "apply", &file]);
    let output = operator.runs(&["serve"]);
    assert_status(&output, 1);
    assert!(
        err(&output).contains("client delete ent"),
        "{}",
        err(&output)
    );
}

const WITH_DEMO_FACTOR: &str = r#"{"people": [{"identifier": "chef", "kind": "officer",
    "state": "active", "given_name": "Odile", "family_name": "Renaud",
    "totp_secret": "preaudemo preaudemo preaudemo preau"}]}"#;

#[test]
fn an_import_leaves_the_demo_s_second_factor_out_and_says_so() {
    let operator = Operator::migrated();
    let file = operator.write("people.json", WITH_DEMO_FACTOR);
    let report = operator.json(&["directory", "import", "--format", "preau", &file]);
    assert_eq!(report["people"]["created"], 1);
    let left_out = report["left_out"].to_string();
    assert!(left_out.contains("totp_secret"), "{left_out}");
    assert_eq!(Running::start(&operator).stop(), Some(0));
}

#[test]
fn serve_refuses_the_demo_s_second_factor() {
    let operator = Operator::migrated();
    let file = operator.write("people.json", WITH_DEMO_FACTOR);
    let folder = operator.folder.path().to_str().unwrap();
    let import = ["directory", "import", "--format", "preau", &file];
    let of_demo = operator
        .command(&[&import[..], &["--data", folder]].concat())
        .env_remove("PREAU_CONFIG")
        .output()
        .unwrap();
    assert_status(&of_demo, 0);
    let output = operator.runs(&["serve"]);
    assert_status(&output, 1);
    assert!(err(&output).contains("second factor"), "{}", err(&output));
}

#[test]
fn traces_go_to_the_collector_and_name_no_path() {
    let operator = Operator::migrated();
    let (endpoint, received) = collector();
    let config = fs::read_to_string(operator.path("preau.toml")).unwrap();
    let traced = format!("{config}[traces]\nendpoint = \"{endpoint}\"\n");
    operator.write("preau.toml", &traced);
    let service = Running::start(&operator);
    assert!(service.get("/aide?secret=1").starts_with("HTTP/1.1 200"));
    assert!(service.get("/secret/path").starts_with("HTTP/1.1 404"));
    assert_eq!(service.stop(), Some(0));
    let spans: Vec<u8> = received.try_iter().flatten().collect();
    let spans = String::from_utf8_lossy(&spans);
    for told in [
        "GET /aide",
        "http.route",
        "preau.request_id",
        "service.name",
    ] {
        assert!(spans.contains(told), "{told} in {spans}");
    }
    assert!(!spans.contains("secret"), "{spans}");
}

/// A collector that takes what is posted to it, each body once.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            take(stream.unwrap(), &sender);
        }
    });
    (endpoint, receiver)
}

/// Hands over the body of one request, then answers it by 200.
fn take(mut stream: TcpStream, sender: &Sender<Vec<u8>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    sender.send(body).unwrap();
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer.as_bytes()).unwrap();
}
