//! Registrations, their secrets, their history and the tokens that register clients.

use std::time::Duration;

use domain::{
    audit::Actor,
    client::SoundRegistration,
    ids::{ClientSecretId, InitialTokenId},
    secret::{Secret, Token},
};
use jiff::ToSpan;
use store::{
    ConnectionTrait as _, StoreError,
    clients::{
        self, Applied, SecretHash,
        changes::{self, By, Change, NewSecret, Replaces},
        history::{self, Act},
        tokens::{self, InitialToken},
        uses,
    },
    grants,
    idempotency::{self, Repeatable, Seen},
};

use super::house::{House, KEY, at_once, client, registration, vault};

fn sound(id: &str, name: &str) -> SoundRegistration {
    registration(id, name).sound().unwrap()
}

fn operator() -> By {
    By::actor(Actor::Operator)
}

impl House {
    async fn change(&self, id: &str, name: &str, replaces: Replaces) -> Change {
        let transaction = self.db().begin().await.unwrap();
        let registration = sound(id, name);
        let by = operator();
        let changed = changes::change(&transaction, &self.ambient, &by, &registration, replaces);
        let changed = changed.await.unwrap();
        transaction.commit().await.unwrap();
        changed
    }

    async fn secret(
        &self,
        id: &str,
        text: &str,
        ends: Option<jiff::Timestamp>,
    ) -> Option<ClientSecretId> {
        let hash = SecretHash::of(&KEY, &Secret::new(text));
        let secret = NewSecret {
            hash: &hash,
            label: Some("Serveur"),
            expires_at: ends,
        };
        let transaction = self.db().begin().await.unwrap();
        let id = client(id);
        let added = clients::add_secret(&transaction, &self.ambient, Actor::Operator, &id, &secret);
        let added = added.await.unwrap();
        transaction.commit().await.unwrap();
        added
    }

    async fn knows(&self, id: &str, text: &str) -> bool {
        let hash = SecretHash::of(&KEY, &Secret::new(text));
        let stored = clients::find_by_id(self.db().reader(), &client(id))
            .await
            .unwrap()
            .unwrap();
        let now = self.ambient.now();
        stored.secrets.iter().any(|secret| secret.is(&hash, now))
    }
}

#[tokio::test]
async fn applying_a_registration_twice_changes_nothing() {
    for house in House::all().await {
        let ent = registration("ent", "ENT");
        assert_eq!(house.apply(&ent).await, Applied::Unchanged);
        let before = history::find(house.db().reader(), &client("ent"), None, 10)
            .await
            .unwrap();
        assert_eq!(
            house.apply(&registration("ent", "Autre nom")).await,
            Applied::Updated
        );
        let after = history::find(house.db().reader(), &client("ent"), None, 10)
            .await
            .unwrap();
        assert_eq!((before.len(), after.len()), (1, 2));
        assert_eq!(
            clients::find_all(house.db().reader()).await.unwrap().len(),
            2
        );
    }
}

#[tokio::test]
async fn a_change_made_from_an_older_version_is_refused() {
    for house in House::all().await {
        assert_eq!(
            house.change("ent", "A", Replaces::Version(1)).await,
            Change::Done(2)
        );
        assert_eq!(
            house.change("ent", "B", Replaces::Version(1)).await,
            Change::Conflict(2)
        );
        assert_eq!(
            house.change("ent", "A", Replaces::Version(2)).await,
            Change::Nothing(2)
        );
        assert_eq!(
            house.change("ent", "B", Replaces::Nothing).await,
            Change::Conflict(2)
        );
        assert_eq!(
            house.change("nobody", "A", Replaces::Whatever).await,
            Change::Unknown
        );
    }
}

#[tokio::test]
async fn of_two_changes_at_once_from_one_version_one_is_made() {
    for house in House::all().await {
        let (one, other) = tokio::join!(
            house.change("ent", "Nom A", Replaces::Version(1)),
            house.change("ent", "Nom B", Replaces::Version(1))
        );
        let mut outcomes = [one, other];
        outcomes.sort_by_key(|outcome| matches!(outcome, Change::Conflict(_)));
        assert_eq!(outcomes, [Change::Done(2), Change::Conflict(2)]);
    }
}

#[tokio::test]
async fn the_history_outlives_its_client_and_goes_on_with_its_id() {
    for house in House::all().await {
        house.change("ent", "Autre nom", Replaces::Whatever).await;
        house.delete("ent").await;
        house.apply(&registration("ent", "ENT")).await;
        let lines = history::find(house.db().reader(), &client("ent"), None, 10)
            .await
            .unwrap();
        let told: Vec<_> = lines.iter().map(|line| (line.version, line.act)).collect();
        assert_eq!(
            told,
            [
                (4, Act::Registered),
                (3, Act::Deleted),
                (2, Act::Changed),
                (1, Act::Registered)
            ]
        );
        assert!(lines[1].registration.is_none());
        assert_eq!(
            lines[2].registration.as_ref().unwrap().client_name,
            "Autre nom"
        );
        let older = history::find(house.db().reader(), &client("ent"), Some(2), 10)
            .await
            .unwrap();
        assert_eq!(older.len(), 1);
        let second = history::find_version(house.db().reader(), &client("ent"), 2)
            .await
            .unwrap();
        assert_eq!(second.as_ref(), Some(&lines[2]));
    }
}

#[tokio::test]
async fn what_changed_is_read_alone() {
    for house in House::all().await {
        let version = clients::version(house.db().reader()).await.unwrap();
        assert!(
            clients::find_changed_since(house.db().reader(), version)
                .await
                .unwrap()
                .is_empty()
        );
        house.secret("other", "one", None).await;
        let changed = clients::find_changed_since(house.db().reader(), version)
            .await
            .unwrap();
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].secrets.len(), 1);
        assert_eq!(clients::count(house.db().reader()).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_client_is_known_by_each_of_its_secrets_until_it_is_removed() {
    for house in House::all().await {
        let one = house.secret("ent", "one", None).await.unwrap();
        assert!(house.secret("ent", "two", None).await.is_some());
        assert!(house.secret("ent", "one", None).await.is_none());
        assert!(house.knows("ent", "one").await && house.knows("ent", "two").await);
        assert!(!house.knows("ent", "three").await);
        let transaction = house.db().begin().await.unwrap();
        let remove = async |id: &str| {
            let id = client(id);
            let removed =
                changes::remove_secret(&transaction, &house.ambient, Actor::Operator, &id, one);
            removed.await.unwrap()
        };
        assert!(!remove("other").await, "another client's secret");
        assert!(remove("ent").await && !remove("ent").await);
        transaction.commit().await.unwrap();
        assert!(!house.knows("ent", "one").await && house.knows("ent", "two").await);
    }
}

#[tokio::test]
async fn a_secret_ends_by_itself() {
    for house in House::all().await {
        let end = house.ambient.now() + 60.seconds();
        house.secret("ent", "one", Some(end)).await;
        assert!(house.knows("ent", "one").await);
        house.clock.advance(Duration::from_mins(1));
        assert!(!house.knows("ent", "one").await);
    }
}

#[tokio::test]
async fn last_use_is_kept_of_client_and_secret() {
    for house in House::all().await {
        let secret = house.secret("ent", "one", None).await.unwrap();
        let (writer, now) = (house.db().writer(), house.ambient.now());
        uses::note_client(writer, &client("gone"), now)
            .await
            .unwrap();
        for _ in 0..2 {
            uses::note_client(writer, &client("ent"), now)
                .await
                .unwrap();
        }
        uses::note_secret(writer, secret, now).await.unwrap();
        let (ent, other) = (client("ent"), client("other"));
        let found = uses::find(house.db().reader(), [&ent, &other])
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found["ent"].as_millisecond(), now.as_millisecond());
        let stored = clients::find_by_id(house.db().reader(), &ent)
            .await
            .unwrap()
            .unwrap();
        assert!(stored.secrets[0].last_used_at.is_some());
    }
}

#[tokio::test]
async fn a_deleted_client_takes_its_grants_and_tokens_along() {
    for house in House::all().await {
        let grant = house.grant("ent").await;
        let token = house.first_token(&grant).await;
        house.delete("ent").await;
        assert!(
            grants::find_by_id(house.db().reader(), grant.id)
                .await
                .unwrap()
                .is_none()
        );
        assert!(house.rotate("ent", &token).await.is_none());
        assert!(
            clients::find_by_id(house.db().reader(), &client("ent"))
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn an_initial_token_registers_no_more_clients_than_it_may() {
    for house in House::all().await {
        let token = Token::generate(&house.ambient);
        let now = house.ambient.now();
        let made = InitialToken {
            id: InitialTokenId::new(&house.ambient),
            label: "Collectivité".into(),
            created_at: now,
            expires_at: now + 1.hour(),
            uses_left: 2,
        };
        let writer = house.db().writer();
        let actor = Actor::Operator;
        tokens::make_initial(writer, &house.ambient, actor, &token, &made)
            .await
            .unwrap();
        let (database, shared) = (house.db().clone(), token.clone());
        let spent = at_once(6, move || {
            let (database, token) = (database.clone(), shared.clone());
            async move {
                tokens::spend_initial(database.writer(), &token, now)
                    .await
                    .unwrap()
            }
        })
        .await;
        assert_eq!(spent.into_iter().flatten().count(), 2);
        let over = now + 2.hours();
        assert_eq!(
            tokens::find_initial(house.db().reader()).await.unwrap()[0].uses_left,
            0
        );
        let other = Token::generate(&house.ambient);
        for (token, at) in [(&other, now), (&token, over)] {
            assert!(
                tokens::spend_initial(writer, token, at)
                    .await
                    .unwrap()
                    .is_none()
            );
        }
        let removed = tokens::remove_initial(writer, &house.ambient, Actor::Operator, made.id);
        assert!(removed.await.unwrap());
    }
}

#[tokio::test]
async fn a_registration_token_is_of_one_client_alone() {
    for house in House::all().await {
        let token = Token::generate(&house.ambient);
        let (writer, now) = (house.db().writer(), house.ambient.now());
        tokens::set_registration(writer, &client("ent"), token.hash(), now)
            .await
            .unwrap();
        let is = async |id: &str, token: &Token| {
            let id = client(id);
            tokens::is_registration(house.db().reader(), &id, token)
                .await
                .unwrap()
        };
        assert!(is("ent", &token).await && !is("other", &token).await);
        let newer = Token::generate(&house.ambient);
        tokens::set_registration(writer, &client("ent"), newer.hash(), now)
            .await
            .unwrap();
        assert!(!is("ent", &token).await && is("ent", &newer).await);
    }
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_the_first_was() {
    for house in House::all().await {
        let now = house.ambient.now();
        let take = async |key: &str, request: &str, at: jiff::Timestamp, answer: &str| {
            let request = Repeatable::new(&client("ent"), key, request.as_bytes());
            let transaction = house.db().begin().await.unwrap();
            let until = at + 1.hour();
            let seen = idempotency::take(&transaction, &vault(), &request, at, until)
                .await
                .unwrap();
            if seen == Seen::First {
                let vault = vault();
                let kept = idempotency::keep(&transaction, &vault, &request, answer.as_bytes());
                kept.await.unwrap();
            }
            transaction.commit().await.unwrap();
            seen
        };
        assert_eq!(take("k", "a", now, "one").await, Seen::First);
        assert_eq!(
            take("k", "a", now, "two").await,
            Seen::Before(b"one".to_vec())
        );
        assert_eq!(take("k", "b", now, "two").await, Seen::Other);
        assert_eq!(take("other", "b", now, "two").await, Seen::First);
        assert_eq!(take("k", "b", now + 2.hours(), "new").await, Seen::First);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_counts_as_disabled() {
    for house in House::all().await {
        let later = "update client set registration = \
                     '{\"client_id\":\"ent\",\"client_name\":\"ENT\",\"of_later\":1}' \
                     where client_id = 'ent'";
        let writer = house.db().writer();
        writer.execute_unprepared(later).await.unwrap();
        let all = clients::find_all(house.db().reader()).await.unwrap();
        let told: Vec<_> = all
            .iter()
            .map(|client| &client.registration)
            .map(|registration| (registration.client_id.as_str(), registration.enabled))
            .collect();
        assert_eq!(told, [("ent", false), ("other", true)]);
        let alone = clients::find_by_id(house.db().reader(), &client("ent")).await;
        assert!(matches!(alone, Err(StoreError::Malformed { .. })));
    }
}
