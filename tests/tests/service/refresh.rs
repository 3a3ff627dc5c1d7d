//! Refresh tokens.

use std::time::Duration;

use tests::{Person, Service, Tokens};

use crate::acts::{INVALID_GRANT, assert_error, tokens};

#[tokio::test]
async fn a_refresh_token_comes_only_when_it_is_asked_for_and_allowed() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let portal = service.portal();
    let without = claire.follows(&portal.asks_for("openid profile")).await;
    assert_eq!(portal.tokens(&without).await.refresh, "");
    let with = claire
        .follows(&portal.asks_for("openid offline_access"))
        .await;
    assert_ne!(portal.tokens(&with).await.refresh, "");
    let none = service.client("ancien").asks_for("openid offline_access");
    assert_eq!(claire.follows(&none).await.error(), "invalid_scope");
    // Of a third party consent is asked for it, and `prompt=consent` must say so.
    let third = service.client("mediatheque");
    let quietly = claire
        .follows(&third.asks_for("openid offline_access"))
        .await;
    assert_eq!(third.tokens(&quietly).await.refresh, "");
    let asked = third
        .asks_for("openid offline_access")
        .with("prompt", "consent");
    assert_ne!(
        third.tokens(&claire.follows(&asked).await).await.refresh,
        ""
    );
}

#[tokio::test]
async fn a_refresh_token_rotates_and_reads_everything_anew() {
    let service = Service::start().await;
    let portal = service.portal();
    let first = tokens(&service, &portal).await;
    service.advance_seconds(3600);
    let second = Tokens::read(portal.refresh(&first.refresh).await);
    assert_ne!(second.refresh, first.refresh);
    for same in ["iss", "sub", "aud", "auth_time", "sid", "acr"] {
        assert_eq!(first.id_claims()[same], second.id_claims()[same], "{same}");
    }
    assert!(second.id_claims().get("nonce").is_none());
    assert!(second.id_claims()["iat"].as_i64() > first.id_claims()["iat"].as_i64());
    assert_eq!(
        portal.userinfo(&second.access).await.json()["given_name"],
        "Claire"
    );
    service
        .sql("update account set given_name = 'Clara' where identifier = 'c.martin1'")
        .await;
    assert_eq!(
        portal.userinfo(&second.access).await.json()["given_name"],
        "Clara"
    );
    service.sql("update record_link set ended_at = 1").await;
    let third = Tokens::read(portal.refresh(&second.refresh).await);
    assert!(
        third.id_claims()["children"]
            .as_array()
            .is_none_or(Vec::is_empty)
    );
    let userinfo = portal.userinfo(&third.access).await.json();
    assert!(userinfo["children"].as_array().is_none_or(Vec::is_empty));
}

#[tokio::test]
async fn a_lost_answer_is_given_again_and_a_theft_ends_the_family() {
    let service = Service::start().await;
    let portal = service.portal();
    let first = tokens(&service, &portal).await;
    let second = Tokens::read(portal.refresh(&first.refresh).await);
    service.advance_seconds(5);
    let again = Tokens::read(portal.refresh(&first.refresh).await);
    assert_eq!(second.refresh, again.refresh);
    service.advance_seconds(10);
    assert_error(
        &portal.refresh(&first.refresh).await,
        INVALID_GRANT,
        "after the grace",
    );
    assert_error(
        &portal.refresh(&second.refresh).await,
        INVALID_GRANT,
        "the whole family",
    );
    assert_eq!(portal.userinfo(&second.access).await.status, 401);
}

#[tokio::test]
async fn once_its_successor_was_used_a_refresh_token_is_a_theft_at_once() {
    let service = Service::start().await;
    let portal = service.portal();
    let first = tokens(&service, &portal).await;
    let second = Tokens::read(portal.refresh(&first.refresh).await);
    let third = Tokens::read(portal.refresh(&second.refresh).await);
    assert_error(
        &portal.refresh(&first.refresh).await,
        INVALID_GRANT,
        "theft",
    );
    assert_error(
        &portal.refresh(&third.refresh).await,
        INVALID_GRANT,
        "the whole family",
    );
}

#[tokio::test]
async fn a_refresh_narrows_and_never_widens() {
    let service = Service::start().await;
    let portal = service.portal();
    let first = service.visitor(Person::CLAIRE);
    let request = portal.asks_for("openid profile offline_access");
    let first = portal.tokens(&first.clone().follows(&request).await).await;
    let ask = async |token: &str, scope: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", scope),
        ];
        portal.token(&form).await
    };
    assert_error(
        &ask(&first.refresh, "openid email").await,
        (400, "invalid_scope"),
        "wider",
    );
    let narrow = Tokens::read(ask(&first.refresh, "openid").await);
    assert_eq!(narrow.answer.json()["scope"], "openid");
    assert!(
        portal
            .userinfo(&narrow.access)
            .await
            .json()
            .get("given_name")
            .is_none()
    );
    let whole = Tokens::read(portal.refresh(&narrow.refresh).await);
    assert_eq!(
        whole.answer.json()["scope"],
        "offline_access openid profile"
    );
}

#[tokio::test]
async fn a_refresh_token_is_its_client_s_alone_and_ends() {
    let service = Service::start().await;
    let portal = service.portal();
    let first = tokens(&service, &portal).await;
    for other in ["ent", "vie-scolaire", "cle", "mediatheque"] {
        assert_error(
            &service.client(other).refresh(&first.refresh).await,
            INVALID_GRANT,
            other,
        );
    }
    service.advance(Duration::from_hours(29 * 24));
    let second = Tokens::read(portal.refresh(&first.refresh).await);
    service.advance(Duration::from_hours(31 * 24));
    assert_error(
        &portal.refresh(&second.refresh).await,
        INVALID_GRANT,
        "idle",
    );
    let mut last = tokens(&service, &portal).await;
    for _ in 0..6 {
        service.advance(Duration::from_hours(29 * 24));
        last = Tokens::read(portal.refresh(&last.refresh).await);
    }
    service.advance(Duration::from_hours(7 * 24));
    assert_error(
        &portal.refresh(&last.refresh).await,
        INVALID_GRANT,
        "the whole family is old",
    );
}
