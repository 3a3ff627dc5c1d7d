use std::sync::LazyLock;

use josekit::{
    jwe::{JweEncrypter, JweHeader, RSA_OAEP_384},
    jwk::KeyPair,
};

use super::*;

const ALL: [KeyManagement; 5] = [
    KeyManagement::RsaOaep,
    KeyManagement::RsaOaep256,
    KeyManagement::EcdhEs,
    KeyManagement::EcdhEsA128Kw,
    KeyManagement::EcdhEsA256Kw,
];
/// What no signature was checked of yet.
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.e30.AA";

static CURVE: LazyLock<Secret> =
    LazyLock::new(|| pem(&EcKeyPair::generate(EcCurve::P256).unwrap()));
static RSA: LazyLock<Secret> = LazyLock::new(|| pem(&RsaKeyPair::generate(2048).unwrap()));

fn pem(pair: &dyn KeyPair) -> Secret {
    Secret::new(String::from_utf8(pair.to_pem_private_key()).unwrap())
}

fn key(pem: &Secret) -> DecryptionKey {
    DecryptionKey::read(pem, &ALL).unwrap()
}

/// A JWE for a key, with this header.
fn sealed(key: &DecryptionKey, header: &Value, token: &str) -> String {
    let mut public = key.public().as_object().unwrap().clone();
    public.remove("alg");
    public.remove("kid");
    let public = Jwk::from_map(public).unwrap();
    let encrypter: Box<dyn JweEncrypter> = match header["alg"].as_str().unwrap() {
        "RSA-OAEP" => Box::new(RSA_OAEP.encrypter_from_jwk(&public).unwrap()),
        "RSA-OAEP-256" => Box::new(RSA_OAEP_256.encrypter_from_jwk(&public).unwrap()),
        "RSA-OAEP-384" => Box::new(RSA_OAEP_384.encrypter_from_jwk(&public).unwrap()),
        "ECDH-ES" => Box::new(ECDH_ES.encrypter_from_jwk(&public).unwrap()),
        "ECDH-ES+A128KW" => Box::new(ECDH_ES_A128KW.encrypter_from_jwk(&public).unwrap()),
        "ECDH-ES+A256KW" => Box::new(ECDH_ES_A256KW.encrypter_from_jwk(&public).unwrap()),
        other => panic!("{other}"),
    };
    let header = JweHeader::from_map(header.as_object().unwrap().clone()).unwrap();
    jwe::serialize_compact(token.as_bytes(), &header, encrypter.as_ref()).unwrap()
}

fn header(key: &DecryptionKey, alg: &str) -> Value {
    json!({ "alg": alg, "enc": CONTENT, "cty": "JWT", "kid": key.kid() })
}

#[test]
fn each_algorithm_that_was_agreed_is_opened_and_no_other() {
    for algorithm in ALL {
        let name = algorithm.as_str();
        let pem = if name.starts_with("RSA") {
            &RSA
        } else {
            &CURVE
        };
        let answer = sealed(&key(pem), &header(&key(pem), name), TOKEN);
        let opened = Envelope::For(vec![key(&CURVE), key(&RSA)]).open(&answer);
        assert_eq!(opened.as_deref(), Ok(TOKEN), "{name}");
        let others: Vec<_> = ALL
            .into_iter()
            .filter(|other| *other != algorithm)
            .collect();
        let narrow = Envelope::For(vec![DecryptionKey::read(pem, &others).unwrap()]);
        assert_eq!(
            narrow.open(&answer),
            Err(EnvelopeFault::Algorithm),
            "{name}"
        );
    }
    let rsa = key(&RSA);
    let answer = sealed(&rsa, &header(&rsa, "RSA-OAEP-384"), TOKEN);
    let opened = Envelope::For(vec![rsa]).open(&answer);
    assert_eq!(opened, Err(EnvelopeFault::Algorithm));
}

#[test]
fn what_is_not_as_was_agreed_is_refused_before_it_is_decrypted() {
    let curve = key(&CURVE);
    let sound = header(&curve, "ECDH-ES");
    let changed = |member: &str, value: Value| {
        let mut header = sound.clone();
        header[member] = value;
        sealed(&curve, &header, TOKEN)
    };
    let without = |member: &str| {
        let mut header = sound.clone();
        header.as_object_mut().unwrap().remove(member);
        sealed(&curve, &header, TOKEN)
    };
    let table = [
        (changed("enc", json!("A128GCM")), EnvelopeFault::Algorithm),
        (
            changed("enc", json!("A256CBC-HS512")),
            EnvelopeFault::Algorithm,
        ),
        (changed("zip", json!("DEF")), EnvelopeFault::Compressed),
        (changed("kid", json!("autre")), EnvelopeFault::UnknownKey),
        (without("kid"), EnvelopeFault::UnknownKey),
        (
            changed("cty", json!("text/plain")),
            EnvelopeFault::Malformed,
        ),
        (without("cty"), EnvelopeFault::Malformed),
        (
            changed("x", json!("x".repeat(LONGEST))),
            EnvelopeFault::TooLong,
        ),
        (sealed(&curve, &sound, "{}"), EnvelopeFault::Malformed),
        (
            sealed(&curve, &sound, &sealed(&curve, &sound, TOKEN)),
            EnvelopeFault::Malformed,
        ),
        (TOKEN.to_owned(), EnvelopeFault::Absent),
        (String::new(), EnvelopeFault::Absent),
        ("{\"sub\":\"a.b.c.d.e\"}".to_owned(), EnvelopeFault::Absent),
        ("....".to_owned(), EnvelopeFault::Malformed),
    ];
    let envelope = Envelope::For(vec![key(&CURVE)]);
    for (answer, fault) in table {
        assert_eq!(envelope.open(&answer), Err(fault), "{answer:.80}");
    }
}

/// Some of these lengths make josekit or OpenSSL panic.
#[test]
fn parts_of_other_lengths_are_refused() {
    for (pem, alg) in [
        (&CURVE, "ECDH-ES"),
        (&CURVE, "ECDH-ES+A128KW"),
        (&RSA, "RSA-OAEP"),
    ] {
        let own = key(pem);
        let answer = sealed(&own, &header(&own, alg), TOKEN);
        let envelope = Envelope::For(vec![own]);
        let parts: Vec<_> = answer.split('.').map(str::to_owned).collect();
        for place in 1..5 {
            for text in ["", "AA", "AAAAAAAA"] {
                let mut parts = parts.clone();
                if parts[place] == text {
                    continue;
                }
                parts[place] = text.to_owned();
                let opened = envelope.open(&parts.join("."));
                assert!(opened.is_err(), "{alg} {place} {text}");
            }
        }
        // A tag that is cut short says less.
        let short = answer[..answer.len() - 6].to_owned();
        assert_eq!(envelope.open(&short), Err(EnvelopeFault::Malformed));
        assert!(envelope.open(&answer).is_ok());
    }
}

#[test]
fn another_key_under_our_name_opens_nothing() {
    let (own, other) = (key(&CURVE), EcKeyPair::generate(EcCurve::P256).unwrap());
    let answer = sealed(&key(&pem(&other)), &header(&own, "ECDH-ES"), TOKEN);
    let opened = Envelope::For(vec![own]).open(&answer);
    assert_eq!(opened, Err(EnvelopeFault::Undecipherable));
}

#[test]
fn an_encrypted_answer_that_was_not_agreed_is_refused() {
    let own = key(&CURVE);
    let answer = sealed(&own, &header(&own, "ECDH-ES"), TOKEN);
    assert_eq!(Envelope::None.open(&answer), Err(EnvelopeFault::Unexpected));
    assert_eq!(Envelope::None.open(TOKEN).as_deref(), Ok(TOKEN));
}

#[test]
fn a_key_is_published_without_its_secret_and_with_the_algorithm_where_there_is_one() {
    let own = DecryptionKey::read(&CURVE, &[KeyManagement::EcdhEs, KeyManagement::RsaOaep]);
    let public = own.unwrap().public().clone();
    let mut names: Vec<_> = public.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert_eq!(
        (&public["use"], &public["alg"]),
        (&json!("enc"), &json!("ECDH-ES"))
    );
    assert!(key(&CURVE).public().get("alg").is_none());
}

#[test]
fn keys_of_another_kind_are_refused() {
    let short = pem(&RsaKeyPair::generate(1024).unwrap());
    let other = pem(&EcKeyPair::generate(EcCurve::P384).unwrap());
    for pem in [short, other, Secret::new("x")] {
        assert_eq!(
            DecryptionKey::read(&pem, &ALL).err(),
            Some(NotADecryptionKey)
        );
    }
    let read = |pem, algorithm| DecryptionKey::read(pem, &[algorithm]).err();
    assert_eq!(
        read(&CURVE, KeyManagement::RsaOaep),
        Some(NotADecryptionKey)
    );
    assert_eq!(read(&RSA, KeyManagement::EcdhEs), Some(NotADecryptionKey));
}
