//! Refresh tokens: rotated, given again, stolen, idle.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::secret::Token;
use store::refresh_tokens::{self, GRACE, Rotation};

use crate::house::{House, IDLE, at_once};

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
        let found = refresh_tokens::find_grant(house.db().reader(), &successor)
            .await
            .unwrap();
        assert!(found.unwrap().usable);
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
        assert!(matches!(
            house.rotate("ent", &token).await,
            Rotation::Reused { .. }
        ));
    }
}

#[tokio::test]
async fn a_token_whose_successor_was_used_is_a_theft() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        let next = successor(house.rotate("ent", &token).await).unwrap();
        successor(house.rotate("ent", &Token::parse(&next).unwrap()).await).unwrap();
        let Rotation::Reused { grant: of } = house.rotate("ent", &token).await else {
            panic!("a used token was good again");
        };
        assert_eq!(of.id, grant.id);
    }
}

#[tokio::test]
async fn a_token_is_nothing_to_another_client_or_without_its_grant() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        assert!(matches!(
            house.rotate("other", &token).await,
            Rotation::Unknown
        ));
        let stranger = Token::generate(&house.ambient);
        assert!(matches!(
            house.rotate("ent", &stranger).await,
            Rotation::Unknown
        ));
        assert!(house.revoke(&grant).await);
        assert!(matches!(
            house.rotate("ent", &token).await,
            Rotation::Unknown
        ));
    }
}

#[tokio::test]
async fn a_token_that_lay_idle_is_nothing() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        house.clock.advance(IDLE);
        assert!(matches!(
            house.rotate("ent", &token).await,
            Rotation::Unknown
        ));
    }
}

fn successor(rotation: Rotation) -> Option<String> {
    match rotation {
        Rotation::Rotated { successor, .. } => Some(successor.expose()),
        Rotation::Reused { .. } | Rotation::Unknown => None,
    }
}
