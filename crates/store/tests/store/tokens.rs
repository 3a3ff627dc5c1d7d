//! Refresh tokens: rotated, given again, stolen, idle.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::secret::Token;
use store::{
    refresh_tokens::{self, FoundToken, GRACE, Rotation},
    sweep::sweep,
};

use crate::house::{House, IDLE, KEY, at_once};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_refreshes_at_once_give_one_successor() {
    for house in House::all().await {
        let house = Arc::new(house);
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        let rotations = at_once(50, || {
            let (house, token) = (house.clone(), token.clone());
            async move { successor(house.rotate("ent", &token).await) }
        })
        .await;
        let distinct: HashSet<_> = rotations.into_iter().collect();
        assert_eq!(distinct.len(), 1);
        let successor = Token::parse(&distinct.into_iter().next().unwrap().unwrap()).unwrap();
        assert!(found(&house, &successor).await.is_unused());
        assert_eq!(house.count_tokens().await, 2);
    }
}

#[tokio::test]
async fn a_lost_answer_is_given_again_within_the_grace_alone() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        let first = successor(house.rotate("ent", &token).await).unwrap();
        house.clock.advance(GRACE);
        assert_eq!(successor(house.rotate("ent", &token).await).unwrap(), first);
        house.clock.advance(Duration::from_millis(1));
        assert!(is_theft(house.rotate("ent", &token).await.as_ref()));
    }
}

#[tokio::test]
async fn a_token_whose_successor_was_used_is_a_theft() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        let next = successor(house.rotate("ent", &token).await).unwrap();
        successor(house.rotate("ent", &Token::parse(&next).unwrap()).await).unwrap();
        assert!(is_theft(house.rotate("ent", &token).await.as_ref()));
    }
}

#[tokio::test]
async fn a_token_is_nothing_to_another_client_or_without_its_grant() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        assert!(house.rotate("other", &token).await.is_none());
        let stranger = Token::generate(&house.ambient);
        assert!(house.rotate("ent", &stranger).await.is_none());
        assert!(house.revoke(&grant).await);
        assert!(house.rotate("ent", &token).await.is_none());
    }
}

#[tokio::test]
async fn a_token_that_lay_idle_is_nothing() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        house.clock.advance(IDLE);
        assert!(house.rotate("ent", &token).await.is_none());
    }
}

#[tokio::test]
async fn a_grant_that_ended_after_the_token_was_read_gives_nothing() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        let found = found(&house, &token).await;
        assert!(house.revoke(&grant).await);
        let (writer, ambient) = (house.db().writer(), &house.ambient);
        let rotation = refresh_tokens::rotate(writer, ambient, &KEY, &token, &found, IDLE);
        assert!(matches!(rotation.await.unwrap(), Rotation::Ended));
        let end = house.ambient.now().checked_add(IDLE).unwrap();
        let first = refresh_tokens::insert_first(writer, ambient, grant.id, end).await;
        assert!(first.unwrap().is_none());
        assert_eq!(house.count_tokens().await, 1);
    }
}

#[tokio::test]
async fn a_used_token_is_known_as_used_for_as_long_as_it_is_known() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        let first = found(&house, &token).await;
        let shorter = IDLE / 60;
        let (writer, ambient) = (house.db().writer(), &house.ambient);
        let rotation = refresh_tokens::rotate(writer, ambient, &KEY, &token, &first, shorter);
        let next = successor(Some(rotation.await.unwrap())).unwrap();
        let next = found(&house, &Token::parse(&next).unwrap()).await;
        assert_eq!(next.expires_at, first.expires_at);
        house.clock.advance(shorter * 2);
        sweep(house.db(), house.ambient.now()).await.unwrap();
        assert!(is_theft(house.rotate("ent", &token).await.as_ref()));
    }
}

async fn found(house: &House, token: &Token) -> FoundToken {
    let found = refresh_tokens::find(house.db().reader(), token).await;
    found.unwrap().unwrap()
}

fn is_theft(rotation: Option<&Rotation>) -> bool {
    matches!(rotation, Some(Rotation::Reused))
}

fn successor(rotation: Option<Rotation>) -> Option<String> {
    match rotation {
        Some(Rotation::Rotated(successor)) => Some(successor.expose()),
        _ => None,
    }
}
