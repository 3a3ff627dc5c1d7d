//! What the trail held before it was a chain, and nodes of the version before.

use std::time::Duration;

use domain::ids::{AccountId, EventId};
use store::{
    ConnectionTrait as _,
    audit::{
        self,
        search::{Filter, Reading, search},
    },
};

use crate::trail::Trail;

/// As the version before inserts.
async fn inserts_as_before(trail: &Trail, account: AccountId) {
    let event = EventId::new(&trail.ambient).as_uuid();
    let at = trail.ambient.now().as_millisecond();
    let backend = trail.db().backend();
    let details = serde_json::json!({ "session": "s", "key": "k" });
    let statement = sea_orm::Statement::from_sql_and_values(
        backend,
        "insert into audit_event (id, at, action, actor_kind, actor_id, target_kind, target_id, \
         client_id, network, details) values ($1, $2, 'account.signed_in', 'account', $3, \
         'account', $3, null, '198.18.0.0/24', $4)",
        [
            event.into(),
            at.into(),
            account.to_string().into(),
            details.into(),
        ],
    );
    trail.db().writer().execute_raw(statement).await.unwrap();
}

#[tokio::test]
async fn a_node_of_the_version_before_goes_on_writing_and_reading() {
    for trail in Trail::all().await {
        let account = AccountId::new(&trail.ambient);
        inserts_as_before(&trail, account).await;
        let past = audit::find_sign_ins(trail.db().reader(), account, trail.start, 10).await;
        let past = past.unwrap();
        assert_eq!(past[0].details["key"], "k");
        assert!(past[0].by_owner);
        assert_eq!(trail.seal().await, 2);
        assert_eq!(trail.verify().await.broken, None);
        let read = format!(
            "select * from audit_event where target_id = '{account}' and network is not null"
        );
        let backend = trail.db().backend();
        let statement = sea_orm::Statement::from_string(backend, read);
        let rows = trail.db().reader().query_all_raw(statement).await.unwrap();
        assert_eq!(rows.len(), 1);
    }
}

#[tokio::test]
async fn what_is_of_things_stays_with_the_event_and_what_is_of_people_apart() {
    for trail in Trail::all().await {
        let account = AccountId::new(&trail.ambient);
        inserts_as_before(&trail, account).await;
        trail.clock.advance(Duration::from_secs(1));
        trail.seal().await;
        let filter = Filter {
            person: Some(account),
            ..Filter::default()
        };
        let reader = trail.db().reader();
        let found = search(reader, &filter, Reading::Forward(None), 10)
            .await
            .unwrap();
        let document = found[0].document();
        assert_eq!(document["details"], serde_json::Value::Null);
        assert_eq!(document["personal"]["network"], "198.18.0.0/24");
        assert_eq!(document["personal"]["actor_id"], account.to_string());
        assert_eq!(document["personal"]["salt"].as_str().unwrap().len(), 64);
    }
}
