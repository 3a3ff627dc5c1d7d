//! Appointments, ended by several administrators at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{
    account::PersonKind, audit::Actor, identifier::AccountIdentifier, ids::AccountId,
    permission::Role,
};
use store::{
    accounts::{self, NewAccount},
    appointments::{self, Appointment, End},
};

use super::house::{House, at_once, new_account};

const ADMINISTRATORS: usize = 8;

/// Accounts of administrators of the service, and nothing else.
async fn appoint(house: &House) -> Vec<AccountId> {
    let mut appointed = Vec::new();
    for number in 0..ADMINISTRATORS {
        let id = AccountId::new(&house.ambient);
        let account = NewAccount {
            kind: PersonKind::Administrator,
            identifier: AccountIdentifier::parse(&format!("admin{number}")).unwrap(),
            ..new_account(id)
        };
        let writer = house.db().writer();
        assert!(
            accounts::insert(writer, &house.ambient, account)
                .await
                .unwrap()
        );
        let to = &Appointment::Administrator;
        let made = appointments::insert(writer, &house.ambient, Actor::Service, id, to).await;
        assert!(made.unwrap());
        appointed.push(id);
    }
    appointed
}

#[tokio::test]
async fn administrators_who_end_each_other_at_once_leave_one() {
    for house in House::all().await {
        let appointed = Arc::new(appoint(&house).await);
        let (db, ambient) = (house.db().clone(), house.ambient.clone());
        let next = Arc::new(AtomicUsize::new(0));
        let ends = at_once(ADMINISTRATORS, || {
            let (db, ambient, appointed, next) =
                (db.clone(), ambient.clone(), appointed.clone(), next.clone());
            async move {
                let account = appointed[next.fetch_add(1, Ordering::Relaxed)];
                let transaction = db.begin().await.unwrap();
                let to = &Appointment::Administrator;
                let end = appointments::end(&transaction, &ambient, Actor::Service, account, to);
                let end = end.await.unwrap();
                transaction.commit().await.unwrap();
                end
            }
        })
        .await;
        let refused = ends.iter().filter(|end| **end == End::LastAdministrator);
        assert_eq!(refused.count(), 1, "{ends:?}");
        let mut left = 0;
        for account in appointed.iter() {
            let powers = appointments::powers_of(house.db().reader(), *account).await;
            left += usize::from(powers.unwrap().roles().contains(&Role::Administrator));
        }
        assert_eq!(left, 1);
    }
}
