//! Accounts, clients, consents, grants, tokens, keys and assertions, from outside, on
//! every database of the run.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail like the test itself"
)]

#[path = "store/appointments.rs"]
mod appointments;
#[path = "store/bonds.rs"]
mod bonds;
#[path = "store/clients.rs"]
mod client_registrations;
#[path = "store/house.rs"]
mod house;
#[path = "store/tokens.rs"]
mod tokens;

use std::{collections::HashSet, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    audit::Actor,
    identifier::AccountIdentifier,
    ids::{AccountId, GrantId, TokenId},
    scope::ScopeSet,
    secret::Secret,
};
use store::{
    ServiceSecrets, Vault, accounts, assertions, consents,
    grants::{self, Grant},
    keys::{self, StoredKey},
    revocations,
    sweep::sweep,
};

use self::house::{House, IDLE, at_once, client, new_account, vault};

#[tokio::test]
async fn an_identifier_is_found_without_regard_to_case_and_given_once() {
    for house in House::all().await {
        let typed = AccountIdentifier::parse(" C.MARTIN1 ").unwrap();
        let found = accounts::find_by_identifier(house.db().reader(), &typed)
            .await
            .unwrap();
        assert_eq!(found.unwrap().account.id, house.account);
        let again = new_account(AccountId::new(&house.ambient));
        assert!(
            !accounts::insert(house.db().writer(), &house.ambient, again)
                .await
                .unwrap()
        );
    }
}

#[tokio::test]
async fn a_hash_is_strengthened_only_while_it_is_the_same() {
    for house in House::all().await {
        let writer = house.db().writer();
        let strengthen = async |from: &str, to: &str| {
            accounts::strengthen_hash(writer, house.account, from, to)
                .await
                .unwrap()
        };
        assert!(strengthen("hash", "stronger").await);
        assert!(!strengthen("hash", "other").await);
    }
}

#[tokio::test]
async fn ending_sessions_is_seen_by_the_account() {
    for house in House::all().await {
        let auth_time = house.ambient.now();
        house.clock.advance(Duration::from_secs(1));
        let now = house.ambient.now();
        assert!(
            accounts::end_sessions(house.db().writer(), house.account, now)
                .await
                .unwrap()
        );
        let account = accounts::find_by_id(house.db().reader(), house.account)
            .await
            .unwrap();
        assert!(!account.unwrap().upholds(auth_time));
    }
}

#[tokio::test]
async fn consents_add_up() {
    for house in House::all().await {
        for scope in ["openid profile", "openid email"] {
            let scope = ScopeSet::parse(scope).unwrap();
            let given = consents::give(
                house.db().writer(),
                &house.ambient,
                house.account,
                &client("ent"),
                &scope,
            )
            .await;
            given.unwrap();
        }
        let find = async |id| consents::find(house.db().reader(), house.account, &client(id)).await;
        assert_eq!(
            find("ent").await.unwrap().to_string(),
            "email openid profile"
        );
        assert!(find("other").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_grant_is_read_as_it_was_written_and_revoked_once() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let find = async || {
            grants::find_by_id(house.db().reader(), grant.id)
                .await
                .unwrap()
        };
        assert_eq!(find().await.unwrap(), grant);
        assert!(house.stands(grant.id).await);
        assert!(house.revoke(&grant).await);
        assert!(!house.revoke(&grant).await);
        assert!(!house.stands(grant.id).await);
        assert!(!find().await.unwrap().stands(house.ambient.now()));
    }
}

#[tokio::test]
async fn a_session_takes_its_grants_along_but_offline_ones() {
    for house in House::all().await {
        let bound = house.grant("ent").await;
        let offline = Grant {
            id: GrantId::new(&house.ambient),
            offline: true,
            ..bound.clone()
        };
        grants::insert(house.db().writer(), &house.ambient, &offline)
            .await
            .unwrap();
        let now = house.ambient.now();
        let ended = grants::end_with_session(house.db().writer(), bound.session, now).await;
        assert_eq!(ended.unwrap(), 1);
        assert!(!house.stands(bound.id).await);
        assert!(house.stands(offline.id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_good_once() {
    for house in House::all().await {
        let house = Arc::new(house);
        let end = house.ambient.now().checked_add(IDLE).unwrap();
        let spent = at_once(50, || {
            let house = house.clone();
            async move {
                let writer = house.db().writer();
                assertions::spend(writer, &client("ent"), "jti", end)
                    .await
                    .unwrap()
            }
        })
        .await;
        assert_eq!(spent.into_iter().filter(|won| *won).count(), 1);
        let other = assertions::spend(house.db().writer(), &client("other"), "jti", end).await;
        assert!(other.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_nodes_one_makes_the_key() {
    for house in House::all().await {
        let house = Arc::new(house);
        let made = at_once(20, || {
            let house = house.clone();
            async move {
                let key = house.key();
                let writer = house.db().writer();
                let inserted = keys::insert(writer, &house.ambient, &vault(), &key).await;
                inserted.unwrap().then_some(key.id)
            }
        })
        .await;
        let winners: Vec<_> = made.into_iter().flatten().collect();
        let stored = keys::find_all(house.db().reader(), &vault()).await.unwrap();
        assert_eq!(winners, stored.iter().map(|key| key.id).collect::<Vec<_>>());
        assert_eq!(stored[0].private, b"private");
        let stranger = Vault::new(&Secret::new(STANDARD.encode([2; 32])), &[]).unwrap();
        assert!(
            keys::find_all(house.db().reader(), &stranger)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn a_waiting_key_begins_to_sign_once() {
    for house in House::all().await {
        let key = StoredKey {
            sign_from: house.ambient.now().checked_add(IDLE).unwrap(),
            ..house.key()
        };
        let writer = house.db().writer();
        keys::insert(writer, &house.ambient, &vault(), &key)
            .await
            .unwrap();
        let before = keys::fingerprint(house.db().reader()).await.unwrap();
        let begin = async || {
            keys::begin_to_sign(writer, &house.ambient, Actor::Operator, key.id)
                .await
                .unwrap()
        };
        assert!(begin().await);
        assert!(!begin().await);
        assert_ne!(
            keys::fingerprint(house.db().reader()).await.unwrap(),
            before
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_share_their_secrets() {
    for house in House::all().await {
        let house = Arc::new(house);
        let loaded = at_once(8, || {
            let house = house.clone();
            async move {
                let vault = vault();
                let secrets = ServiceSecrets::load_or_create(house.db(), &vault, &house.ambient);
                secrets.await.unwrap().subjects
            }
        })
        .await;
        assert_eq!(loaded.into_iter().collect::<HashSet<_>>().len(), 1);
    }
}

#[tokio::test]
async fn what_has_ended_is_swept_and_nothing_else() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        let (id, end) = (TokenId::new(&house.ambient), grant.expires_at);
        revocations::insert(house.db().writer(), id, end)
            .await
            .unwrap();
        revocations::insert(house.db().writer(), id, end)
            .await
            .unwrap();
        assert_eq!(sweep(house.db(), house.ambient.now()).await.unwrap(), 0);
        assert!(
            revocations::contains(house.db().reader(), id)
                .await
                .unwrap()
        );
        assert!(sweep(house.db(), end).await.unwrap() >= 3);
        assert!(
            !revocations::contains(house.db().reader(), id)
                .await
                .unwrap()
        );
        assert!(
            grants::find_by_id(house.db().reader(), grant.id)
                .await
                .unwrap()
                .is_none()
        );
        assert!(house.rotate("ent", &token).await.is_none());
    }
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    for house in House::all().await {
        let transaction = house.db().begin().await.unwrap();
        let end = house.ambient.now().checked_add(IDLE).unwrap();
        assert!(
            assertions::spend(&transaction, &client("ent"), "jti", end)
                .await
                .unwrap()
        );
        drop(transaction);
        let again = assertions::spend(house.db().writer(), &client("ent"), "jti", end).await;
        assert!(again.unwrap());
    }
}
