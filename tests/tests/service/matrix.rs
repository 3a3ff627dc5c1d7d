//! The shared designs of attack: way in × state of the account, and every secret at every
//! other door.

use serde_json::Value;
use tests::{Person, RelyingParty, Service, Tokens, Visitor, visitor::sign_in_form};

use crate::passkeys::{by_passkey, has_session, with_passkey};

/// What came of a way in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Opens,
    Activation,
    Refused,
}
use Outcome::{Activation, Opens, Refused};

/// Each state of an account, and what each way in comes to: password, remembered session,
/// code that waits, refresh token, access token at `UserInfo`, introspection, passkey.
const TABLE: [(&str, [Outcome; 7]); 6] = [
    ("active", [Opens; 7]),
    ("suspended", [Refused; 7]),
    ("merged", [Refused; 7]),
    ("closed", [Refused; 7]),
    ("known", [Refused; 7]),
    (
        "provisional",
        [
            Activation, Refused, Refused, Refused, Refused, Refused, Refused,
        ],
    ),
];

async fn set(service: &Service, state: &str) {
    let now = service.clock_seconds() * 1000;
    if state == "provisional" {
        service.set_state(Person::CLAIRE, "known").await;
        service
            .sql(&format!(
                "update account set password_state = 'provisional', password_set_at = {now} \
                 where identifier = 'c.martin1'"
            ))
            .await;
    } else {
        service.set_state(Person::CLAIRE, state).await;
        service
            .sql("update account set password_state = 'chosen' where identifier = 'c.martin1'")
            .await;
    }
}

const fn opens(yes: bool) -> Outcome {
    if yes { Opens } else { Refused }
}

async fn by_password(service: &Service) -> Outcome {
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&service.portal().request().url()).await;
    let answer = claire.types_password(&page).await;
    if answer.url.contains("/activation/") {
        assert!(claire.browser.cookie("session").is_none());
        return Activation;
    }
    opens(answer.location().is_some())
}

#[tokio::test]
async fn every_way_in_asks_for_the_state_of_the_account() {
    let service = Service::start().await;
    let portal = service.portal();
    let (_, mut device) = with_passkey(&service, Person::CLAIRE).await;
    for (state, expected) in TABLE {
        set(&service, "active").await;
        let mut claire = service.visitor(Person::CLAIRE);
        let tokens = claire.signs_in_at(&portal).await;
        let code = claire.follows(&portal.request()).await;
        service.advance_seconds(1);
        set(&service, state).await;
        let silent = portal.asks_for("openid").with("prompt", "none");
        let session = claire.browser.open(&silent.url()).await;
        let outcomes = [
            by_password(&service).await,
            opens(silent.callback(&session).error().is_empty()),
            opens(portal.redeem(&code).await.status == 200),
            opens(portal.refresh(&tokens.refresh).await.status == 200),
            opens(portal.userinfo(&tokens.access).await.status == 200),
            opens(portal.is_active(&tokens.access).await),
            opens(has_session(&by_passkey(&service, &mut device).await.0)),
        ];
        assert_eq!(outcomes, expected, "{state}");
        service.advance_seconds(120);
    }
}

/// Everything that a sign-in hands out.
struct Secrets(Vec<(&'static str, String)>);

async fn hand_out(service: &Service) -> (Secrets, Visitor) {
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&portal.request().url()).await;
    let csrf = sign_in_form(&page).value("csrf").unwrap().to_owned();
    let transaction = page.url.rsplit('/').next().unwrap().to_owned();
    let tokens = claire.signs_in_at(&portal).await;
    let code = claire.follows(&portal.request()).await;
    let cookie = |name: &str| claire.browser.cookie(name).unwrap().to_owned();
    let secrets = vec![
        ("code", code.code().to_owned()),
        ("verifier", code.verifier.clone()),
        ("access token", tokens.access),
        ("refresh token", tokens.refresh),
        ("ID token", tokens.id),
        ("session cookie", cookie("session")),
        ("browser cookie", cookie("browser")),
        ("known cookie", cookie("known")),
        ("csrf", csrf),
        ("transaction", transaction),
        ("client secret", "portail-secret-demo-only".to_owned()),
    ];
    (Secrets(secrets), claire)
}

/// Whether a door opens for a secret.
async fn knock(service: &Service, door: &str, secret: &str, verifier: &str) -> bool {
    let portal = service.portal();
    let plain_basic = RelyingParty {
        proof: tests::relying_party::Proof::Basic(secret.into()),
        ..portal.clone()
    };
    match door {
        "code" => {
            let form = [
                ("grant_type", "authorization_code"),
                ("code", secret),
                ("redirect_uri", portal.redirect_uri.as_str()),
                ("code_verifier", verifier),
            ];
            portal.token(&form).await.status == 200
        }
        "refresh token" => portal.refresh(secret).await.status == 200,
        "access token" => portal.userinfo(secret).await.status == 200,
        "client secret" => plain_basic.introspect("x").await.status == 200,
        "introspection" => portal.is_active(secret).await,
        "session cookie" => {
            let mut browser = service.browser();
            browser.plant("session", secret);
            let silent = portal.asks_for("openid").with("prompt", "none");
            let answer = browser.open(&silent.url()).await;
            silent.callback(&answer).error().is_empty()
        }
        "ID token" => {
            let query = tests::door::encode(&[
                ("id_token_hint", secret),
                ("post_logout_redirect_uri", "http://localhost:8081/"),
            ]);
            service
                .door
                .get(&format!("/oauth2/logout?{query}"))
                .await
                .location()
                .is_some()
        }
        "transaction" => {
            let secret = tests::door::encode(&[("", secret)]);
            let path = format!("/connexion/{}", secret.trim_start_matches('='));
            service.browser().open(&path).await.is_sign_in()
        }
        "csrf" => {
            let mut other = service.visitor(Person::NADIA);
            let page = other.browser.open(&portal.request().url()).await;
            let form = sign_in_form(&page)
                .with("csrf", secret)
                .with("identifiant", "a")
                .with("mot-de-passe", "b");
            other.browser.submit_only(&form).await.status != 403
        }
        _ => panic!("{door}"),
    }
}

#[tokio::test]
async fn every_secret_opens_its_own_door_and_no_other() {
    let service = Service::start().await;
    let (secrets, _) = hand_out(&service).await;
    let verifier = secrets.0[1].1.clone();
    // The code's own door is tried last, as it opens once.
    let doors = [
        "refresh token",
        "access token",
        "client secret",
        "introspection",
        "session cookie",
        "ID token",
        "transaction",
        "csrf",
        "code",
    ];
    for door in doors {
        for (name, secret) in &secrets.0 {
            let own = match door {
                // Of the refresh token its own door has made a successor meanwhile.
                "introspection" => *name == "access token",
                // Bound to the browser that they were given to, which this is not.
                "transaction" | "csrf" => false,
                _ => *name == door,
            };
            let opened = knock(&service, door, secret, &verifier).await;
            assert_eq!(opened, own, "{name} at the door of {door}");
        }
    }
}

#[tokio::test]
async fn what_one_family_gets_another_never_sees() {
    let service = Service::start().await;
    let portal = service.portal();
    let claire: Tokens = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    let nadia: Tokens = service.visitor(Person::NADIA).signs_in_at(&portal).await;
    let of = async |tokens: &Tokens| portal.userinfo(&tokens.access).await.json();
    let (claire, nadia): (Value, Value) = (of(&claire).await, of(&nadia).await);
    for foreign in ["Adam", "Lina", "DUBOIS", "nadia.dubois"] {
        assert!(!claire.to_string().contains(foreign), "{foreign}");
    }
    for foreign in ["Léo", "MARTIN", "claire.martin"] {
        assert!(!nadia.to_string().contains(foreign), "{foreign}");
    }
}
