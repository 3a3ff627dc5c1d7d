//! An upstream that encrypts its answers for us, as FranceConnect+ does: opened, verified
//! as those that are signed alone, and refused where anything is not as was agreed.

use std::sync::{Arc, Mutex};

use demo::france_connect::{Behaviour, Seal, Signed};
use domain::secret::Secret;
use josekit::{
    jwe::{self, ECDH_ES, ECDH_ES_A128KW, JweEncrypter, JweHeader, RSA_OAEP},
    jwk::{
        Jwk, KeyPair,
        alg::{
            ec::{EcCurve, EcKeyPair},
            rsa::RsaKeyPair,
        },
    },
};
use preau::config::Config;
use serde_json::{Map, Value, json};
use tests::{Person, Service, france_connect::FranceConnect};

const CLAIRE: &str = "claire-martin";
const KEYS: &str = "/franceconnect/jwks";

/// How the simulator encrypts: for which key and with which header, and which answer not
/// so but in the way of a fault.
#[derive(Clone)]
struct Sealing {
    jwk: Jwk,
    header: Map<String, Value>,
    fault: Option<(Signed, Fault)>,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Absent,
    OtherKey,
    UnknownName,
    OtherAlgorithm,
    OtherContent,
    Compressed,
    Oversized,
    Altered,
    NotSigned,
}

impl Sealing {
    /// For the key that the service publishes.
    async fn published(service: &Service) -> Self {
        let text = service.door.get(KEYS).await.text();
        let set: Value = serde_json::from_str(&text).unwrap();
        let mut keys = set["keys"].as_array().unwrap().iter();
        let key = keys.find(|key| key["use"] == "enc").unwrap();
        Self::to(key)
    }

    fn to(key: &Value) -> Self {
        let alg = match key["kty"].as_str().unwrap() {
            "EC" => "ECDH-ES",
            _ => "RSA-OAEP",
        };
        let header = json!({ "alg": alg, "enc": "A256GCM", "cty": "JWT", "kid": key["kid"] });
        let mut members = key.as_object().unwrap().clone();
        members.retain(|name, _| !matches!(name.as_str(), "alg" | "kid"));
        Self {
            jwk: Jwk::from_map(members).unwrap(),
            header: header.as_object().unwrap().clone(),
            fault: None,
        }
    }

    fn seal(mut self, which: Signed, token: String) -> String {
        let fault = self.fault.filter(|(place, _)| *place == which);
        let mut inside = token.clone();
        match fault.map(|(_, fault)| fault) {
            None | Some(Fault::Altered) => {}
            Some(Fault::Absent) => return token,
            Some(Fault::OtherKey) => {
                let other = EcKeyPair::generate(EcCurve::P256).unwrap();
                self.jwk = other.to_jwk_public_key();
            }
            Some(Fault::UnknownName) => self.put("kid", "inconnue"),
            Some(Fault::OtherAlgorithm) => self.put("alg", "ECDH-ES+A128KW"),
            Some(Fault::OtherContent) => self.put("enc", "A128CBC-HS256"),
            Some(Fault::Compressed) => self.put("zip", "DEF"),
            Some(Fault::Oversized) => self.put("remplissage", &"x".repeat(64 * 1024)),
            Some(Fault::NotSigned) => {
                inside = String::from(r#"{"sub":"personne"}"#);
            }
        }
        let sealed = self.encrypt(&inside);
        match fault {
            Some((_, Fault::Altered)) => altered(&sealed),
            _ => sealed,
        }
    }

    fn put(&mut self, member: &str, value: &str) {
        self.header.insert(member.to_owned(), json!(value));
    }

    fn encrypt(&self, token: &str) -> String {
        let jwk = &self.jwk;
        let encrypter: Box<dyn JweEncrypter> = match self.header["alg"].as_str().unwrap() {
            "ECDH-ES" => Box::new(ECDH_ES.encrypter_from_jwk(jwk).unwrap()),
            "ECDH-ES+A128KW" => Box::new(ECDH_ES_A128KW.encrypter_from_jwk(jwk).unwrap()),
            _ => Box::new(RSA_OAEP.encrypter_from_jwk(jwk).unwrap()),
        };
        let header = JweHeader::from_map(self.header.clone()).unwrap();
        jwe::serialize_compact(token.as_bytes(), &header, encrypter.as_ref()).unwrap()
    }
}

/// With another first character of what is encrypted.
fn altered(sealed: &str) -> String {
    let mut parts: Vec<_> = sealed.split('.').map(str::to_owned).collect();
    let other = if parts[3].starts_with('A') { "B" } else { "A" };
    parts[3].replace_range(..1, other);
    parts.join(".")
}

/// What the simulator does from now on: nothing until it is told a key.
#[derive(Clone, Default)]
struct Sealer(Arc<Mutex<Option<Sealing>>>);

impl Sealer {
    fn seal(&self) -> Seal {
        let own = self.clone();
        Box::new(move |which, token| match own.0.lock().unwrap().clone() {
            Some(sealing) => sealing.seal(which, token),
            None => token,
        })
    }

    fn does(&self, sealing: Sealing) {
        *self.0.lock().unwrap() = Some(sealing);
    }
}

fn pem(pair: &dyn KeyPair) -> Secret {
    Secret::new(String::from_utf8(pair.to_pem_private_key()).unwrap())
}

fn curve() -> Secret {
    pem(&EcKeyPair::generate(EcCurve::P256).unwrap())
}

fn with_keys(first: Secret, beside: Option<Secret>) -> impl FnOnce(&mut Config) {
    move |config| {
        let upstream = config.upstream.get_mut("franceconnect").unwrap();
        upstream.encryption_key = Some(first);
        upstream.encryption_key_beside = beside;
    }
}

/// A service with these keys and its FranceConnect, which encrypts for the first.
async fn sealing(first: Secret, beside: Option<Secret>) -> (Service, FranceConnect, Sealer) {
    let sealer = Sealer::default();
    let with_keys = with_keys(first, beside);
    let (service, fc) = Box::pin(FranceConnect::sealing(with_keys, sealer.seal())).await;
    sealer.does(Sealing::published(&service).await);
    (service, fc, sealer)
}

async fn signs_in(service: &Service, fc: &FranceConnect) {
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let request = portal.request();
    let answer = claire.identifies_as(fc, &request, CLAIRE).await;
    let tokens = portal.tokens(&request.callback(&answer)).await;
    assert_eq!(tokens.id_claims()["acr"], "eidas1");
}

async fn is_refused(service: &Service, fc: &FranceConnect, what: &str) {
    let mut claire = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    let answer = claire.identifies_as(fc, &request, CLAIRE).await;
    assert_eq!(answer.status, 502, "{what}: {}", answer.summary());
    assert!(answer.text().contains("amont-echec"), "{what}");
}

#[tokio::test]
async fn encrypted_answers_are_opened_with_either_kind_of_key() {
    for key in [curve(), pem(&RsaKeyPair::generate(2048).unwrap())] {
        let (service, fc, _sealer) = sealing(key, None).await;
        signs_in(&service, &fc).await;
        assert!(service.upstream_refusals().await.is_empty());
        let published = service.door.get(KEYS).await.text();
        for secret in ["\"d\"", "\"p\"", "\"q\""] {
            assert!(!published.contains(secret), "{published}");
        }
    }
}

#[tokio::test]
async fn what_is_not_encrypted_as_was_agreed_is_refused() {
    let (service, fc, sealer) = sealing(curve(), None).await;
    let proper = Sealing::published(&service).await;
    let faults = [
        Fault::Absent,
        Fault::OtherKey,
        Fault::UnknownName,
        Fault::OtherAlgorithm,
        Fault::OtherContent,
        Fault::Compressed,
        Fault::Oversized,
        Fault::Altered,
        Fault::NotSigned,
    ];
    let mut refused = 0;
    for fault in faults {
        for which in [Signed::IdToken, Signed::UserInfo] {
            sealer.does(Sealing {
                fault: Some((which, fault)),
                ..proper.clone()
            });
            is_refused(&service, &fc, &format!("{which:?} {fault:?}")).await;
            refused += 1;
        }
    }
    assert_eq!(
        service.upstream_refusals().await,
        vec!["encryption"; refused]
    );
    sealer.does(proper);
    signs_in(&service, &fc).await;
}

/// Encryption proves nothing: everybody has the public key.
#[tokio::test]
async fn what_is_inside_is_verified_as_what_comes_without() {
    let (service, fc, _sealer) = sealing(curve(), None).await;
    let table = [
        (Behaviour::WrongNonce, "nonce"),
        (Behaviour::WrongKey, "signature"),
        (Behaviour::Unsigned, "signature"),
        (Behaviour::OtherAudience, "audience"),
        (Behaviour::UserInfoWrongKey, "user_info"),
        (Behaviour::OtherSub, "subject"),
        (Behaviour::PlainUserInfo, "encryption"),
    ];
    for (behaviour, _) in table {
        fc.behaves(behaviour).await;
        is_refused(&service, &fc, behaviour.name()).await;
    }
    let reasons = table.map(|(_, reason)| reason);
    assert_eq!(service.upstream_refusals().await, reasons);
    // Keys that the upstream signs with still may change meanwhile.
    fc.behaves(Behaviour::Normal).await;
    signs_in(&service, &fc).await;
    fc.changes_keys("new").await;
    signs_in(&service, &fc).await;
}

#[tokio::test]
async fn an_upstream_that_was_not_asked_to_encrypt_must_not() {
    let sealer = Sealer::default();
    let (service, fc) = Box::pin(FranceConnect::sealing(|_| {}, sealer.seal())).await;
    assert_eq!(service.door.get(KEYS).await.status, 404);
    signs_in(&service, &fc).await;
    let foreign = EcKeyPair::generate(EcCurve::P256).unwrap();
    let mut foreign = Value::Object(foreign.to_jwk_public_key().as_ref().clone());
    foreign["kid"] = json!("inconnue");
    let proper = Sealing::to(&foreign);
    for which in [Signed::UserInfo, Signed::IdToken] {
        let other = match which {
            Signed::IdToken => Signed::UserInfo,
            Signed::UserInfo => Signed::IdToken,
        };
        // The other answer is as it should be, and this one is encrypted.
        sealer.does(Sealing {
            fault: Some((other, Fault::Absent)),
            ..proper.clone()
        });
        is_refused(&service, &fc, &format!("{which:?}")).await;
    }
    assert_eq!(service.upstream_refusals().await, ["encryption"; 2]);
}

/// The hint of a sign-out is the token inside: the upstream knows what it signed.
#[tokio::test]
async fn a_sign_out_goes_on_there_with_the_token_that_was_inside() {
    let (service, fc, _sealer) = sealing(curve(), None).await;
    let client = service.client("complet");
    let request = client.asks_for("openid");
    let mut claire = service.visitor(Person::CLAIRE);
    let answer = claire.identifies_as(&fc, &request, CLAIRE).await;
    let tokens = client.tokens(&request.callback(&answer)).await;
    let query = tests::door::encode(&[("id_token_hint", tokens.id.as_str())]);
    let sent = claire.browser.get(&format!("/oauth2/logout?{query}")).await;
    let url = sent.location().unwrap();
    let hint = url.query_pairs().find(|(name, _)| name == "id_token_hint");
    assert_eq!(hint.unwrap().1.split('.').count(), 3);
    let back = fc.answers(&mut fc.browser(), url.as_str(), CLAIRE).await;
    assert!(back.contains("/franceconnect/deconnexion?state="), "{back}");
}

/// The key beside decrypts and is not published; a key that is neither opens nothing.
#[tokio::test]
async fn a_key_that_left_still_decrypts_while_it_stands_beside() {
    let (old, new) = (curve(), curve());
    let (service, fc, sealer) = sealing(old.clone(), Some(new.clone())).await;
    let to_old = Sealing::published(&service).await;
    signs_in(&service, &fc).await;
    drop((service, fc, sealer));

    let (service, fc, sealer) = sealing(new.clone(), Some(old)).await;
    let to_new = Sealing::published(&service).await;
    assert_ne!(to_old.header["kid"], to_new.header["kid"]);
    let set: Value = serde_json::from_str(&service.door.get(KEYS).await.text()).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    for sealing in [&to_old, &to_new] {
        sealer.does(sealing.clone());
        signs_in(&service, &fc).await;
    }
    drop((service, fc, sealer));

    let (service, fc, sealer) = sealing(new, None).await;
    sealer.does(to_old);
    is_refused(&service, &fc, "the key that left").await;
    assert_eq!(service.upstream_refusals().await, ["encryption"]);
}
