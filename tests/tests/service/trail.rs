//! The audit trail of a whole service, as auditors see it.

use domain::audit::Action;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{
    Vault,
    audit::{
        AuditKeys,
        search::{Filter, Found, Reading, find_heads, search},
    },
};
use tests::{Person, Service, seed::MASTER_KEY, service::eventually};

fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

async fn everything(service: &Service) -> Vec<Value> {
    let (filter, reading) = (Filter::default(), Reading::Forward(None));
    let found = search(service.database.reader(), &filter, reading, 10_000).await;
    let mut lines: Vec<_> = found.unwrap().iter().map(Found::document).collect();
    lines.sort_by_key(|line| line["seal"]["sequence"].as_i64());
    lines
}

async fn all_sealed(service: &Service) {
    eventually("everything is sealed", async || {
        let backlog = store::audit::backlog(service.database.reader())
            .await
            .unwrap();
        backlog.pending == 0
    })
    .await;
}

/// docs/ARCHITECTURE.md, « The audit trail »: what an auditor computes from an export.
fn seal_of(line: &Value, previous: &str) -> String {
    let seal = &line["seal"];
    let covered = json!([
        "preau-audit-1",
        seal["sequence"],
        previous,
        seal["sealed_at"],
        line["id"],
        line["at"],
        line["action"],
        line["actor_kind"],
        line["actor_id"],
        line["target_kind"],
        line["target_id"],
        line["client_id"],
        line["details"],
        seal["commitment"],
    ]);
    hex(&Sha256::digest(covered.to_string()))
}

fn commitment_of(personal: &Value) -> String {
    let fields = json!([
        personal["actor_id"],
        personal["target_id"],
        personal["network"],
        personal["details"],
    ]);
    let mut digest = Sha256::new();
    digest.update(unhex(&personal["salt"]));
    digest.update(fields.to_string());
    hex(&digest.finalize())
}

#[tokio::test]
async fn an_export_is_verified_without_the_service() {
    let service = Service::start().await;
    service
        .visitor(Person::CLAIRE)
        .signs_in_at(&service.portal())
        .await;
    all_sealed(&service).await;
    service.advance_seconds(24 * 3600);
    service.at_account(Person::ADAM).await;
    all_sealed(&service).await;
    let lines = everything(&service).await;
    let mut previous = "0".repeat(64);
    for line in &lines {
        let seal = &line["seal"];
        assert_eq!(seal["hash"], seal_of(line, &previous), "{line}");
        if !line["personal"].is_null() {
            assert_eq!(
                seal["commitment"],
                commitment_of(&line["personal"]),
                "{line}"
            );
        }
        seal["hash"].as_str().unwrap().clone_into(&mut previous);
    }
    let heads = find_heads(service.database.reader()).await.unwrap();
    let [head] = heads.as_slice() else {
        panic!("one closed day: {heads:?}");
    };
    let last = lines
        .iter()
        .find(|line| line["seal"]["sequence"] == head["last_sequence"]);
    assert_eq!(last.unwrap()["seal"]["hash"], head["hash"]);
    verify_signature(&service, head).await;
}

/// By the JWS library alone, with the public key that `preau audit keys` prints.
async fn verify_signature(service: &Service, head: &Value) {
    let vault = Vault::new(&domain::secret::Secret::new(MASTER_KEY), &[]).unwrap();
    let keys = AuditKeys::find(service.database.reader(), &vault)
        .await
        .unwrap();
    let public = keys.public()["keys"][0].as_object().unwrap().clone();
    let jwk = josekit::jwk::Jwk::from_map(public).unwrap();
    let verifier = josekit::jws::EdDSA.verifier_from_jwk(&jwk).unwrap();
    let signature = head["signature"].as_str().unwrap();
    let (payload, header) = josekit::jws::deserialize_compact(signature, &verifier).unwrap();
    assert_eq!(header.token_type(), Some("preau-audit-day"));
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["hash"], head["hash"]);
    assert_eq!(payload["last"], head["last_sequence"]);
    assert_eq!(payload["day"], head["day"]);
}

#[tokio::test]
async fn an_event_is_sealed_within_seconds_by_one_of_two_nodes() {
    let mut service = Service::start().await;
    service.second_node().await;
    for person in [Person::CLAIRE, Person::LEO, Person::NADIA] {
        service.at_account(person).await;
    }
    all_sealed(&service).await;
    let lines = everything(&service).await;
    let sign_ins = lines
        .iter()
        .filter(|line| line["action"] == Action::SignedIn.as_str());
    assert_eq!(sign_ins.count(), 3);
    let sequences = lines
        .iter()
        .map(|line| line["seal"]["sequence"].as_u64().unwrap());
    let expected: Vec<_> = (1..=lines.len() as u64).collect();
    assert_eq!(sequences.collect::<Vec<_>>(), expected);
}
