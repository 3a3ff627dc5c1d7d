//! A device with passkeys, in software (Web Authentication Level 3, section 6): it makes keys
//! on P-256, asserts with them, and can be told to misbehave.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwk::{Jwk, alg::ec::EcCurve},
    jws::{ES256, JwsSigner},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{answer::Answer, browser::Browser, form::Form, request::random, service::ISSUER};

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its passkeys, in the order of their making.
    pub keys: Vec<Key>,
    /// The origin that it says it was asked from.
    pub origin: String,
    /// Whether it makes sure that its owner is there.
    pub knows_owner: bool,
    /// Whether it counts uses.
    pub counts: bool,
    /// Whether it makes the passkey that was made last once more.
    pub makes_anew: bool,
}

/// A passkey.
#[derive(Clone, Debug)]
pub struct Key {
    id: Vec<u8>,
    private: Jwk,
    /// By which it tells whose it is.
    pub user_handle: Vec<u8>,
    /// How often it was used, if the device counts.
    pub counter: u32,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW_KEY: u8 = 0x40;

impl Default for Device {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            origin: ISSUER.to_owned(),
            knows_owner: true,
            counts: true,
            makes_anew: false,
        }
    }
}

impl Device {
    /// The passkey that was made last.
    pub fn key(&mut self) -> &mut Key {
        self.keys.last_mut().expect("a passkey was made")
    }

    /// Makes a passkey, and says so: `RegistrationResponseJSON`.
    pub fn makes(&mut self, question: &Value) -> String {
        let options = &question["publicKey"];
        let private = Jwk::generate_ec_key(EcCurve::P256).expect("a key can be made");
        let last = self.keys.last().filter(|_| self.makes_anew);
        let key = Key {
            id: last.map_or_else(|| random().into_bytes(), |last| last.id.clone()),
            user_handle: bytes(&options["user"]["id"]),
            counter: 0,
            private,
        };
        let mut said = self.said_of_itself(&options["rp"]["id"], &key, NEW_KEY);
        said.extend([0; 16]);
        said.extend(
            u16::try_from(key.id.len())
                .expect("ids are short")
                .to_be_bytes(),
        );
        said.extend(&key.id);
        said.extend(key.public());
        let length = u8::try_from(said.len()).expect("it is short");
        // CBOR: a map of fmt, attStmt and authData.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(length);
        attestation.extend(said);
        let answer = json!({
            "id": text(&key.id), "rawId": text(&key.id), "type": "public-key",
            "response": {
                "clientDataJSON": text(&self.client_data("webauthn.create", options)),
                "attestationObject": text(&attestation),
                "transports": ["internal"],
            },
        });
        self.keys.push(key);
        answer.to_string()
    }

    /// Answers with the passkey that is asked for, or with the one that was made last:
    /// `AuthenticationResponseJSON`.
    pub fn answers(&mut self, question: &Value) -> String {
        let options = &question["publicKey"];
        let asked = options["allowCredentials"].as_array();
        let asked: Vec<_> = asked
            .map(|asked| asked.iter().map(|one| bytes(&one["id"])).collect())
            .unwrap_or_default();
        let fits = |key: &&mut Key| asked.is_empty() || asked.contains(&key.id);
        let counts = u32::from(self.counts);
        let key = self.keys.iter_mut().rev().find(fits);
        let key = key.expect("the device has such a passkey");
        key.counter += counts;
        let key = key.clone();
        let data = self.client_data("webauthn.get", options);
        let said = self.said_of_itself(&options["rpId"], &key, 0);
        let signed = [said.as_slice(), &Sha256::digest(&data)].concat();
        json!({
            "id": text(&key.id), "rawId": text(&key.id), "type": "public-key",
            "response": {
                "clientDataJSON": text(&data),
                "authenticatorData": text(&said),
                "signature": text(&key.signs(&signed)),
                "userHandle": text(&key.user_handle),
            },
        })
        .to_string()
    }

    /// Makes a passkey for the page's form, and posts it.
    pub async fn adds(&mut self, browser: &mut Browser, form: &Form) -> Answer {
        let question = asks(browser, form).await;
        let said = self.makes(&question);
        browser.submit(&answered(form, &question, &said)).await
    }

    /// Answers for the page's form, and posts that.
    pub async fn opens(&mut self, browser: &mut Browser, form: &Form) -> Answer {
        let question = asks(browser, form).await;
        let said = self.answers(&question);
        browser.submit(&answered(form, &question, &said)).await
    }

    fn said_of_itself(&self, relying_party: &Value, key: &Key, flags: u8) -> Vec<u8> {
        let id = relying_party.as_str().expect("a relying party has an id");
        let verified = if self.knows_owner { VERIFIED } else { 0 };
        let mut said = Sha256::digest(id).to_vec();
        said.push(PRESENT | verified | flags);
        said.extend(key.counter.to_be_bytes());
        said
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"],
            "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }
}

impl Key {
    /// As COSE has it (RFC 9053, section 7.1.1).
    fn public(&self) -> Vec<u8> {
        let part = |name| bytes(self.private.parameter(name).expect("a public key"));
        let mut cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        cose.extend(part("x"));
        cose.extend(b"\x22\x58\x20");
        cose.extend(part("y"));
        cose
    }

    /// ES256, in DER as Web Authentication wants it (section 6.5.5).
    fn signs(&self, message: &[u8]) -> Vec<u8> {
        let signer = ES256.signer_from_jwk(&self.private).expect("a private key");
        let raw = signer.sign(message).expect("a key signs");
        let (r, s) = raw.split_at(32);
        let numbers = [integer(r), integer(s)].concat();
        let length = u8::try_from(numbers.len()).expect("two short numbers");
        [&[0x30, length], numbers.as_slice()].concat()
    }
}

/// A number in DER: without leading zeros, and with one where it would look negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut value = bytes[zeros..].to_vec();
    if value.first().is_none_or(|first| *first > 0x7f) {
        value.insert(0, 0);
    }
    let length = u8::try_from(value.len()).expect("32 bytes and one");
    [&[0x02, length], value.as_slice()].concat()
}

/// What the page's script gets for a form.
pub async fn asks(browser: &mut Browser, form: &Form) -> Value {
    let answer = asks_for(browser, form).await;
    assert_eq!(answer.status, 200, "{}", answer.summary());
    answer.json()
}

/// The answer to the page's script.
pub async fn asks_for(browser: &mut Browser, form: &Form) -> Answer {
    let beside = form.action.strip_suffix("/ajout").unwrap_or(&form.action);
    let csrf = form.value("csrf").expect("forms are proven");
    let url = format!("{beside}/question");
    browser.post(&url, &[("csrf", csrf)]).await
}

/// The form with the device's answer.
#[must_use]
pub fn answered(form: &Form, question: &Value, said: &str) -> Form {
    let name = question["ceremony"]
        .as_str()
        .expect("a question has a name");
    form.clone().with("ceremonie", name).with("reponse", said)
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &Value) -> Vec<u8> {
    let text = text.as_str().expect("base64url is text");
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
