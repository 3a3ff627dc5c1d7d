//! The rights of PostgreSQL's roles on the trail.

use std::time::Duration;

use domain::{ids::AccountId, secret::Secret};
use jiff::civil::date;
use store::{
    ConnectionTrait as _, Database,
    audit::{self, keeping, sealer::Sealer, verification::verify},
    migration::{Roles, grant},
    testing::fresh_postgres,
};

use crate::trail::{Trail, sign_in};

/// Tables of the trail that are only added to.
const KEPT: [&str; 5] = [
    "audit_entry",
    "audit_personal",
    "audit_seal",
    "audit_day",
    "audit_key",
];

/// Connects as a role of its own, which is made for it.
async fn connect_as(trail: &Trail, role: &str) -> Database {
    trail
        .sql(&format!("create role {role} login password 'test'"))
        .await;
    let url = trail.test.url.expose();
    let (scheme, rest) = url.split_once("://").unwrap();
    let place = rest.split_once('@').map_or(rest, |(_, place)| place);
    let url = format!("{scheme}://{role}:test@{place}");
    Database::connect(&Secret::new(url), 4).await.unwrap()
}

/// A trail, connected to as the roles of docs/OPERATIONS.md.
struct Roled {
    trail: Trail,
    names: [String; 2],
    service: Database,
    keeper: Database,
    account: AccountId,
}

impl Roled {
    /// Nothing where the run has no PostgreSQL.
    async fn new() -> Option<Self> {
        let trail = Trail::new(fresh_postgres().await.unwrap()?).await;
        let random = trail.ambient.random::<8>();
        let random = random.map(|byte| format!("{byte:02x}")).concat();
        let names = ["service", "keeper"].map(|role| format!("preau_{role}_{random}"));
        let service = connect_as(&trail, &names[0]).await;
        let keeper = connect_as(&trail, &names[1]).await;
        let roles = Roles {
            service: Some(names[0].clone()),
            keeper: Some(names[1].clone()),
        };
        // Again changes nothing.
        grant(trail.db(), &roles).await.unwrap();
        grant(trail.db(), &roles).await.unwrap();
        Some(Self {
            account: AccountId::new(&trail.ambient),
            trail,
            names,
            service,
            keeper,
        })
    }

    async fn is_whole(&self) -> bool {
        let keys = self.trail.keys().await;
        verify(&self.service, &keys, &[])
            .await
            .unwrap()
            .broken
            .is_none()
    }

    /// Somebody signs in, it is sealed, and the day closed: all as the service.
    async fn works(&self) -> Sealer {
        let (vault, ambient) = (self.trail.vault.clone(), self.trail.ambient.clone());
        let event = sign_in(self.account, 1);
        audit::record(self.service.writer(), &ambient, event)
            .await
            .unwrap();
        let sealer = Sealer::new(self.service.clone(), vault, ambient)
            .await
            .unwrap();
        assert_eq!(sealer.seal_pending().await.unwrap(), 2);
        self.trail.clock.advance(Duration::from_hours(48));
        sealer.seal_pending().await.unwrap();
        assert!(self.is_whole().await);
        sealer
    }

    async fn end(self) {
        self.service.close().await;
        self.keeper.close().await;
        for role in &self.names {
            self.trail.sql(&format!("drop owned by {role}")).await;
            self.trail.sql(&format!("drop role {role}")).await;
        }
    }
}

async fn refuses(database: &Database, statement: &str) {
    let done = database.writer().execute_unprepared(statement).await;
    let refusal = done.expect_err(statement).to_string();
    assert!(
        refusal.contains("permission denied")
            || refusal.contains("must be owner")
            || refusal.contains("cannot"),
        "{statement}: {refusal}"
    );
}

#[tokio::test]
async fn the_role_of_the_service_adds_to_the_trail_and_takes_nothing_away() {
    let Some(roled) = Roled::new().await else {
        return;
    };
    roled.works().await;
    for table in KEPT {
        for statement in ["delete from", "truncate", "drop table"] {
            refuses(&roled.service, &format!("{statement} {table}")).await;
        }
        let read = format!("select * from {table} limit 1");
        roled
            .service
            .reader()
            .execute_unprepared(&read)
            .await
            .unwrap();
    }
    for statement in [
        "update audit_entry set action = 'account.signed_out'",
        "update audit_personal set network = null",
        "update audit_seal set hash = commitment",
        "update audit_day set signature = ''",
        "update audit_key set public_key = ''",
        "update audit_event set action = ''",
        "delete from audit_event",
        "delete from audit_sealer",
        "delete from seaql_migrations",
    ] {
        refuses(&roled.service, statement).await;
    }
    let anything_else = "update account set identifier = identifier";
    roled
        .service
        .writer()
        .execute_unprepared(anything_else)
        .await
        .unwrap();
    roled.end().await;
}

#[tokio::test]
async fn the_role_of_the_keeper_prunes_and_erases_and_no_more() {
    let Some(roled) = Roled::new().await else {
        return;
    };
    let sealer = roled.works().await;
    let (keeper, ambient) = (&roled.keeper, &roled.trail.ambient);
    let erased = keeping::erase_account(keeper, ambient, roled.account).await;
    assert_eq!(erased.unwrap(), 1);
    let pruned = keeping::prune(keeper, ambient, date(2026, 9, 23)).await;
    assert_eq!(pruned.unwrap().events, 2);
    for statement in [
        "update audit_entry set action = 'account.signed_out'",
        "insert into audit_seal (sequence, event_id, sealed_at, hash) \
         values (99, gen_random_uuid(), 0, '')",
        "update audit_sealer set sequence = 0",
        "delete from audit_day",
        "select * from account",
    ] {
        refuses(keeper, statement).await;
    }
    sealer.seal_pending().await.unwrap();
    assert!(roled.is_whole().await);
    roled.end().await;
}

#[tokio::test]
async fn roles_whose_names_are_no_names_are_quoted() {
    let Some(test) = fresh_postgres().await.unwrap() else {
        return;
    };
    let trail = Trail::new(test).await;
    let roles = Roles {
        service: Some("nobody\"; drop table account; --".to_owned()),
        keeper: None,
    };
    assert!(
        grant(trail.db(), &roles).await.is_err(),
        "there is no such role"
    );
    trail.sql("select * from account").await;
}
