//! Values that are put, read, replaced, spent and removed.

use std::sync::Arc;

use store::ephemeral::{Entry, EphemeralStore, Kind, Place, Spent};

use crate::{
    at, at_once,
    stores::{on_every_store, sql_stores},
};

const CODE: Place<'static> = Place {
    kind: Kind::Code,
    key: "k-1",
};

fn entry(value: &str, version: i64) -> Entry {
    Entry {
        value: value.into(),
        version,
        spent: false,
    }
}

fn first(value: &str) -> Spent {
    Spent::First(value.into())
}

fn again(value: &str) -> Spent {
    Spent::Again(value.into())
}

#[tokio::test]
async fn every_store_answers() {
    on_every_store(async |store| store.ping().await.unwrap()).await;
}

#[tokio::test]
async fn a_place_is_taken_once() {
    on_every_store(async |store| {
        assert!(store.insert(CODE, "a", at(0), at(60)).await.unwrap());
        assert!(!store.insert(CODE, "b", at(1), at(99)).await.unwrap());
        assert_eq!(store.find(CODE, at(59)).await.unwrap(), Some(entry("a", 1)));
        assert_eq!(store.find(CODE, at(60)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn any_text_comes_back_as_it_was() {
    on_every_store(async |store| {
        for (index, text) in ["", "0", "é'\"\\$1:\n🎒", &"x".repeat(70_000)]
            .iter()
            .enumerate()
        {
            let key = format!("{text:.20}:{index}");
            let place = Place {
                kind: Kind::Session,
                key: &key,
            };
            assert!(store.insert(place, text, at(0), at(60)).await.unwrap());
            assert_eq!(
                store.find(place, at(1)).await.unwrap(),
                Some(entry(text, 1))
            );
            assert_eq!(store.spend(place, at(1), at(9)).await.unwrap(), first(text));
            let removed = store.remove(place, at(2)).await.unwrap();
            assert_eq!(removed.as_deref(), Some(*text));
        }
    })
    .await;
}

#[tokio::test]
async fn what_has_expired_by_the_callers_clock_is_absent_to_all() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        assert_eq!(store.find(CODE, at(60)).await.unwrap(), None);
        assert!(!store.replace(CODE, 1, "b", at(60), at(90)).await.unwrap());
        assert_eq!(
            store.spend(CODE, at(60), at(90)).await.unwrap(),
            Spent::Unknown
        );
        assert!(store.insert(CODE, "c", at(60), at(120)).await.unwrap());
        assert_eq!(store.find(CODE, at(61)).await.unwrap(), Some(entry("c", 1)));
        assert_eq!(store.remove(CODE, at(120)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_expired_place_is_new_again_even_if_it_was_spent_and_replaced() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        store.replace(CODE, 1, "b", at(1), at(60)).await.unwrap();
        store.spend(CODE, at(2), at(30)).await.unwrap();
        assert!(store.insert(CODE, "c", at(30), at(90)).await.unwrap());
        assert_eq!(store.find(CODE, at(31)).await.unwrap(), Some(entry("c", 1)));
        assert_eq!(store.spend(CODE, at(31), at(90)).await.unwrap(), first("c"));
    })
    .await;
}

#[tokio::test]
async fn a_replacement_needs_the_version_that_was_read() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        assert!(!store.replace(CODE, 2, "z", at(1), at(90)).await.unwrap());
        assert!(store.replace(CODE, 1, "b", at(1), at(90)).await.unwrap());
        assert!(!store.replace(CODE, 1, "z", at(1), at(99)).await.unwrap());
        assert!(store.replace(CODE, 2, "c", at(2), at(100)).await.unwrap());
        assert_eq!(store.find(CODE, at(99)).await.unwrap(), Some(entry("c", 3)));
        assert_eq!(store.find(CODE, at(100)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_replacement_may_bring_the_end_nearer() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        assert!(store.replace(CODE, 1, "b", at(1), at(5)).await.unwrap());
        assert_eq!(store.find(CODE, at(4)).await.unwrap(), Some(entry("b", 2)));
        assert_eq!(store.find(CODE, at(5)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_not_replaced_spent_or_removed() {
    on_every_store(async |store| {
        assert!(!store.replace(CODE, 1, "a", at(0), at(60)).await.unwrap());
        assert_eq!(
            store.spend(CODE, at(0), at(60)).await.unwrap(),
            Spent::Unknown
        );
        assert_eq!(store.remove(CODE, at(0)).await.unwrap(), None);
        assert_eq!(store.find(CODE, at(0)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_is_seen() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        assert_eq!(store.spend(CODE, at(1), at(600)).await.unwrap(), first("a"));
        assert_eq!(
            store.spend(CODE, at(2), at(9_000)).await.unwrap(),
            again("a")
        );
        assert_eq!(
            store.spend(CODE, at(599), at(9_000)).await.unwrap(),
            again("a")
        );
        assert_eq!(
            store.spend(CODE, at(600), at(9_000)).await.unwrap(),
            Spent::Unknown
        );
    })
    .await;
}

#[tokio::test]
async fn a_spent_entry_can_be_read_but_neither_replaced_nor_put_again() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        store.spend(CODE, at(1), at(30)).await.unwrap();
        assert_eq!(
            store.find(CODE, at(29)).await.unwrap(),
            Some(Entry {
                spent: true,
                ..entry("a", 1)
            })
        );
        assert!(!store.replace(CODE, 1, "b", at(2), at(90)).await.unwrap());
        assert!(!store.insert(CODE, "c", at(2), at(90)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_is_removed_is_gone() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        let removed = store.remove(CODE, at(1)).await.unwrap();
        assert_eq!(removed.as_deref(), Some("a"));
        assert_eq!(store.remove(CODE, at(1)).await.unwrap(), None);
        assert_eq!(store.find(CODE, at(1)).await.unwrap(), None);
        assert!(store.insert(CODE, "b", at(1), at(60)).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_inserts_at_once_have_one_winner() {
    on_every_store(async |store| {
        let won = at_once(50, &store, |store, index| async move {
            let value = index.to_string();
            store.insert(CODE, &value, at(0), at(60)).await.unwrap()
        })
        .await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_replacements_at_once_have_one_winner() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        let won = at_once(50, &store, |store, index| async move {
            let value = index.to_string();
            store.replace(CODE, 1, &value, at(1), at(60)).await.unwrap()
        })
        .await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        assert_eq!(store.find(CODE, at(2)).await.unwrap().unwrap().version, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_uses_of_a_code_at_once_have_one_first() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        let spent = at_once(50, &store, |store, _| async move {
            store.spend(CODE, at(1), at(600)).await.unwrap()
        })
        .await;
        let firsts = spent.iter().filter(|spent| **spent == first("a")).count();
        let agains = spent.iter().filter(|spent| **spent == again("a")).count();
        assert_eq!((firsts, agains), (1, 49));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_removals_at_once_give_the_value_to_one() {
    on_every_store(async |store| {
        store.insert(CODE, "a", at(0), at(60)).await.unwrap();
        let removed = at_once(50, &store, |store, _| async move {
            store.remove(CODE, at(1)).await.unwrap()
        })
        .await;
        assert_eq!(removed.into_iter().flatten().collect::<Vec<_>>(), ["a"]);
    })
    .await;
}

#[tokio::test]
async fn kinds_do_not_meet() {
    on_every_store(async |store| {
        let place = |kind| Place { kind, key: "same" };
        store
            .insert(place(Kind::Session), "a", at(0), at(60))
            .await
            .unwrap();
        for other in [Kind::Code, Kind::SignInTransaction] {
            let other = place(other);
            assert_eq!(store.find(other, at(1)).await.unwrap(), None);
            assert_eq!(
                store.spend(other, at(1), at(9)).await.unwrap(),
                Spent::Unknown
            );
            assert_eq!(store.remove(other, at(1)).await.unwrap(), None);
            assert!(!store.replace(other, 1, "b", at(1), at(9)).await.unwrap());
            assert!(store.insert(other, "b", at(1), at(9)).await.unwrap());
        }
        let still = store.find(place(Kind::Session), at(1)).await.unwrap();
        assert_eq!(still, Some(entry("a", 1)));
    })
    .await;
}

#[tokio::test]
async fn a_sweep_leaves_what_lives() {
    on_every_store(async |store| {
        three_of_which_two_end_at_ten(&store).await;
        store.sweep(at(10)).await.unwrap();
        assert_eq!(
            store.find(CODE, at(10)).await.unwrap(),
            Some(entry("lives", 1))
        );
    })
    .await;
}

#[tokio::test]
async fn a_sweep_of_a_database_says_how_many_it_dropped() {
    for fresh in sql_stores().await {
        three_of_which_two_end_at_ten(&fresh.store).await;
        assert_eq!(fresh.store.sweep(at(9)).await.unwrap(), 0);
        assert_eq!(fresh.store.sweep(at(10)).await.unwrap(), 2);
        assert_eq!(fresh.store.sweep(at(10)).await.unwrap(), 0);
    }
}

async fn three_of_which_two_end_at_ten(store: &Arc<dyn EphemeralStore>) {
    store.insert(CODE, "lives", at(0), at(11)).await.unwrap();
    for key in ["k-2", "k-3"] {
        let place = Place {
            kind: Kind::Code,
            key,
        };
        store.insert(place, "ends", at(0), at(10)).await.unwrap();
    }
}
