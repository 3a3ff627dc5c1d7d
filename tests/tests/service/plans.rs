//! Every statement of the service reads by an index.

use store::ConnectionTrait;
use tests::{Person, Service, Tokens, seed::on_servers, statements};

use crate::lost;

/// Tables that grow with people and their sign-ins.
const GROWING: [&str; 24] = [
    "account",
    "contact",
    "directory_record",
    "record_link",
    "authorization_grant",
    "refresh_token",
    "consent",
    "audit_event",
    "audit_entry",
    "audit_personal",
    "audit_seal",
    "outbox",
    "revoked_token",
    "used_assertion",
    "ephemeral",
    "link_report",
    "link_report_answer",
    "school",
    "proof",
    "account_change",
    "refused_birth_date",
    "account_grouping",
    "suspension",
    "pending_act",
];

/// Everything that people and clients do.
async fn journey(service: &Service) {
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let tokens = claire.signs_in_at(&portal).await;
    let page = service
        .visitor(Person::NADIA)
        .browser
        .open(&portal.request().url())
        .await;
    assert!(page.is_sign_in());
    portal.userinfo(&tokens.access).await;
    let second = Tokens::read(portal.refresh(&tokens.refresh).await);
    portal.refresh(&tokens.refresh).await;
    portal.introspect(&second.access).await;
    portal.introspect(&second.refresh).await;
    portal.revoke(&second.access).await;
    portal.revoke(&second.refresh).await;
    let third = service.client("mediatheque");
    third
        .tokens(
            &claire
                .follows(&third.request().with("prompt", "consent"))
                .await,
        )
        .await;
    let keyed = service.client("cle");
    keyed.tokens(&claire.follows(&keyed.request()).await).await;
    service.visitor(Person::ADAM).signs_in_at(&portal).await;
    claire.browser.open("/compte").await;
    let callback = claire.follows(&portal.request()).await;
    portal.tokens(&callback).await;
    portal.redeem(&callback).await;
    let bound = portal
        .tokens(&claire.follows(&portal.asks_for("openid")).await)
        .await;
    claire
        .browser
        .open(&format!("/oauth2/logout?id_token_hint={}", bound.id))
        .await;
}

/// Everything that people do who have lost something.
async fn recovery(service: &Service) {
    lost::asks_for_identifier(&mut service.browser(), "claire.martin@example.org").await;
    lost::messages(service, 1).await;
    let mut claire = service.browser();
    let page = lost::opens_link(service, &mut claire, "c.martin1").await;
    lost::sets(&mut claire, &page, "c.martin1", lost::PASSWORD).await;
    let notices = lost::messages(service, 4).await;
    let page = lost::asks_for_password(&mut claire, "l.martin3", "sms").await;
    lost::types_code(&mut claire, &page, "12345678").await;
    let page = claire.open(&lost::link(&notices[2])).await;
    let forms = tests::form::Form::all(&page.text());
    claire.submit(&forms[0]).await;
    claire.open("/mon-etablissement?ville=mont").await;
    claire.open("/mon-etablissement?ville=0750002V").await;
}

#[tokio::test]
async fn no_statement_reads_a_growing_table_from_end_to_end() {
    let service = Service::start().await;
    journey(&service).await;
    recovery(&service).await;
    crate::desk::walk(&service).await;
    let statements = statements::seen();
    let asked: Vec<_> = statements
        .iter()
        .filter(|statement| is_of_the_service(statement))
        .collect();
    assert!(
        asked.len() > 30,
        "only {} statements were seen",
        asked.len()
    );
    let mut scans = Vec::new();
    for statement in asked {
        let plan = if on_servers() {
            postgres_plan(&service, statement).await
        } else {
            sqlite_plan(&service, statement).await
        };
        scans.extend(
            plan.into_iter()
                .filter(|line| reads_all(line))
                .map(|line| format!("{line}: {statement}")),
        );
    }
    assert!(scans.is_empty(), "{}", scans.join("\n"));
}

fn is_of_the_service(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    let verb = ["select", "update", "delete", "insert", "with"]
        .iter()
        .any(|verb| lower.starts_with(verb));
    // Commands and the import read whole tables by right.
    let of_commands = ["sqlite_master", "pg_", "seaql_migrations", "explain"];
    verb && !of_commands.iter().any(|word| lower.contains(word))
}

/// Indexes that hold no more than what is asked for: messages that wait or were given up.
const PARTIAL: [&str; 2] = ["outbox_parked", "outbox_due"];

fn reads_all(line: &str) -> bool {
    if PARTIAL.iter().any(|index| line.contains(index)) {
        return false;
    }
    let line = line.trim().trim_start_matches("->").trim().replace('"', "");
    let table = line
        .strip_prefix("SCAN ")
        .or_else(|| line.split("Seq Scan on ").nth(1));
    let table = table
        .and_then(|rest| rest.split(' ').next())
        .unwrap_or_default();
    GROWING.contains(&table)
}

async fn sqlite_plan(service: &Service, statement: &str) -> Vec<String> {
    lines(
        service.database.reader(),
        &format!("explain query plan {statement}"),
        "detail",
    )
    .await
}

/// Without sequential scans where there is any other way, and for any values.
async fn postgres_plan(service: &Service, statement: &str) -> Vec<String> {
    let transaction = service.database.begin().await.unwrap();
    for setting in [
        "enable_seqscan = off",
        "plan_cache_mode = force_generic_plan",
    ] {
        transaction
            .execute_unprepared(&format!("set local {setting}"))
            .await
            .unwrap();
    }
    let numbers = statement.split('$').skip(1);
    let digits = |rest: &str| {
        rest.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
    };
    let most = numbers
        .filter_map(|rest| digits(rest).parse::<usize>().ok())
        .max()
        .unwrap_or(0);
    transaction
        .execute_unprepared(&format!("prepare asked as {statement}"))
        .await
        .unwrap();
    let nulls = vec!["null"; most].join(", ");
    let call = if most == 0 {
        "asked".to_owned()
    } else {
        format!("asked({nulls})")
    };
    let plan = lines(
        &transaction,
        &format!("explain execute {call}"),
        "QUERY PLAN",
    )
    .await;
    transaction
        .execute_unprepared("deallocate asked")
        .await
        .unwrap();
    plan
}

async fn lines(connection: &impl ConnectionTrait, statement: &str, column: &str) -> Vec<String> {
    tests::service::texts(connection, statement, column).await
}
