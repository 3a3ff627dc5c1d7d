//! What a journey costs in statements is what docs/PERFORMANCE.md says. Alone in its
//! process, since it counts all that the process asks of its database.

use tests::{
    Person, Service, Tokens,
    seed::on_servers,
    statements::{Counts, take_counts},
};

const PERFORMANCE: &str = include_str!("../../docs/PERFORMANCE.md");

/// The line of a journey in the table of « What a journey costs ».
fn documented(journey: &str) -> Counts {
    let (_, table) = PERFORMANCE
        .split_once("## What a journey costs")
        .expect("the page has the section");
    let line = table
        .lines()
        .find(|line| line.starts_with(&format!("| {journey} |")));
    let cells: Vec<_> = line.expect(journey).split('|').map(str::trim).collect();
    Counts {
        reads: cells[3].parse().expect(journey),
        writes: cells[4].parse().expect(journey),
    }
}

#[tokio::test]
async fn journeys_cost_the_statements_that_the_page_says() {
    if on_servers() {
        // With Redis, what is ephemeral is no statement: the page counts SQLite.
        return;
    }
    let service = Service::start().await;
    let (portal, robot) = (service.portal(), service.client("robot"));
    let mut claire = service.visitor(Person::CLAIRE);
    // What a node remembers from its first request is no journey's.
    service.visitor(Person::NADIA).signs_in_at(&portal).await;
    take_counts();
    let mut found = Vec::new();
    let mut note = |journey: &'static str| found.push((journey, take_counts()));

    service.door.get("/.well-known/openid-configuration").await;
    note("metadata, key set");
    let own = robot.token(&[("grant_type", "client_credentials")]).await;
    let own = Tokens::read(own);
    note("client_credentials");
    let callback = claire.follows(&portal.request()).await;
    note("sign-in, to the code");
    let tokens = portal.tokens(&callback).await;
    note("code exchange");
    claire.follows(&portal.request()).await;
    note("single sign-on, to the code");
    let tokens = Tokens::read(portal.refresh(&tokens.refresh).await);
    note("refresh");
    assert_eq!(portal.userinfo(&tokens.access).await.status, 200);
    note("`UserInfo`");
    assert!(portal.is_active(&tokens.access).await);
    note("introspection, a person's token");
    assert!(robot.is_active(&own.access).await);
    note("introspection, a service's token");

    let said: Vec<_> = found
        .iter()
        .map(|(journey, _)| (*journey, documented(journey)))
        .collect();
    assert_eq!(found, said);
}
