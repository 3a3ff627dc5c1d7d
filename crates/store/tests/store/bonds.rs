//! Bonds to subjects of other providers.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{identifier::AccountIdentifier, ids::AccountId};
use store::{
    accounts,
    bonds::{self, BoundBy},
};

use crate::house::{House, at_once, new_account, vault};

const ISSUER: &str = "https://fc.example/api/v2";

async fn another_account(house: &House, identifier: &str) -> AccountId {
    let id = AccountId::new(&house.ambient);
    let mut new = new_account(id);
    new.identifier = AccountIdentifier::parse(identifier).unwrap();
    assert!(
        accounts::insert(house.db().writer(), &house.ambient, new)
            .await
            .unwrap()
    );
    id
}

async fn bind(house: &House, account: AccountId, issuer: &str, subject: &str) -> bool {
    let by = BoundBy {
        issuer,
        subject,
        pivot: b"DURAND",
    };
    let writer = house.db().writer();
    let vault = vault();
    let bound = bonds::insert(writer, &house.ambient, &vault, account, &by);
    bound.await.unwrap()
}

#[tokio::test]
async fn a_subject_signs_in_to_one_account_and_an_account_has_one_of_an_issuer() {
    for house in House::all().await {
        let other = another_account(&house, "n.dubois5").await;
        assert!(bind(&house, house.account, ISSUER, "one").await);
        assert!(!bind(&house, other, ISSUER, "one").await);
        assert!(!bind(&house, house.account, ISSUER, "two").await);
        assert!(bind(&house, house.account, "https://other.example", "one").await);
        let reader = house.db().reader();
        let found = bonds::find_by_subject(reader, ISSUER, "one").await.unwrap();
        assert_eq!(found.unwrap().account, house.account);
        for (issuer, subject) in [
            (ISSUER, "two"),
            ("https://fc.example", "one"),
            (ISSUER, "One"),
        ] {
            let found = bonds::find_by_subject(reader, issuer, subject).await;
            assert_eq!(found.unwrap(), None, "{issuer} {subject}");
        }
        let all = bonds::find_by_account(reader, house.account).await.unwrap();
        assert_eq!(all.len(), 2);
    }
}

#[tokio::test]
async fn of_accounts_bound_at_once_to_one_subject_one_is() {
    for house in House::all().await {
        let mut accounts = Vec::new();
        for number in 0..20 {
            accounts.push(another_account(&house, &format!("a.autre{}", number + 20)).await);
        }
        let (database, ambient) = (house.db().clone(), house.ambient.clone());
        let next = AtomicUsize::new(0);
        let bound = at_once(accounts.len(), || {
            let account = accounts[next.fetch_add(1, Ordering::SeqCst)];
            let (database, ambient) = (database.clone(), ambient.clone());
            async move {
                let writer = database.writer();
                let by = BoundBy {
                    issuer: ISSUER,
                    subject: "one",
                    pivot: b"DURAND",
                };
                let vault = vault();
                let bound = bonds::insert(writer, &ambient, &vault, account, &by);
                bound.await.unwrap()
            }
        })
        .await;
        assert_eq!(bound.iter().filter(|bound| **bound).count(), 1);
    }
}

#[tokio::test]
async fn an_ended_bond_opens_nothing_and_can_be_made_again() {
    for house in House::all().await {
        assert!(bind(&house, house.account, ISSUER, "one").await);
        let writer = house.db().writer();
        let bond = bonds::find_by_subject(writer, ISSUER, "one").await.unwrap();
        let bond = bond.unwrap();
        assert!(bonds::remove(writer, house.account, ISSUER).await.unwrap());
        assert!(!bonds::remove(writer, house.account, ISSUER).await.unwrap());
        let used = bonds::mark_used(writer, bond.id, house.ambient.now()).await;
        assert!(!used.unwrap());
        let found = bonds::find_by_subject(writer, ISSUER, "one").await.unwrap();
        assert_eq!(found, None);
        assert!(bind(&house, house.account, ISSUER, "two").await);
    }
}

#[tokio::test]
async fn what_was_vouched_for_is_kept_sealed() {
    for house in House::all().await {
        let vault = vault();
        assert!(bind(&house, house.account, ISSUER, "one").await);
        let writer = house.db().writer();
        let bond = bonds::find_by_subject(writer, ISSUER, "one").await.unwrap();
        let bond = bond.unwrap();
        let kept = bond.pivot(&vault).unwrap();
        assert_eq!(kept.as_deref(), Some(b"DURAND".as_slice()));
        let now = house.ambient.now();
        bonds::keep_pivot(writer, &vault, bond.id, b"MARTIN", now)
            .await
            .unwrap();
        assert!(bonds::mark_used(writer, bond.id, now).await.unwrap());
        let bond = bonds::find_by_subject(writer, ISSUER, "one").await.unwrap();
        let bond = bond.unwrap();
        assert_eq!(
            bond.pivot(&vault).unwrap().as_deref(),
            Some(b"MARTIN".as_slice())
        );
        assert!(bond.used_at.is_some());
    }
}

#[tokio::test]
async fn bonds_made_since_an_instant_end_and_older_ones_stay() {
    for house in House::all().await {
        assert!(bind(&house, house.account, ISSUER, "one").await);
        let writer = house.db().writer();
        let now = house.ambient.now();
        let later = now
            .saturating_add(jiff::SignedDuration::from_secs(1))
            .unwrap();
        let ended = bonds::remove_since(writer, house.account, later).await;
        assert_eq!(ended.unwrap(), 0);
        let ended = bonds::remove_since(writer, house.account, now).await;
        assert_eq!(ended.unwrap(), 1);
        let found = bonds::find_by_subject(writer, ISSUER, "one").await.unwrap();
        assert_eq!(found, None);
    }
}
