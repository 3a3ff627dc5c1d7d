//! Everything that is good once, fifty times at once, over two nodes.

use std::collections::BTreeSet;

use tests::{
    Answer, Callback, Person, RelyingParty, Service, Tokens, assertion::Assertion,
    visitor::sign_in_form,
};
use tokio::task::JoinSet;

const MANY: usize = 50;

/// Fifty of the same at once, by turns at one node and the other.
async fn at_once<F: Future<Output = Answer> + Send + 'static>(
    nodes: [RelyingParty; 2],
    act: impl Fn(RelyingParty) -> F,
) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for turn in 0..MANY {
        tasks.spawn(act(nodes[turn % 2].clone()));
    }
    tasks.join_all().await
}

fn statuses(answers: &[Answer], status: u16) -> usize {
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
}

async fn two_nodes(client: &str) -> (Service, [RelyingParty; 2]) {
    let mut service = Service::start().await;
    let other = service.second_node().await;
    let client = service.client(client);
    let nodes = [client.clone(), client.at(&other)];
    (service, nodes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_used_fifty_times_at_once_is_good_at_most_once_and_leaves_nothing() {
    let (service, nodes) = two_nodes("portail").await;
    let portal = nodes[0].clone();
    let callback: Callback = service
        .visitor(Person::CLAIRE)
        .follows(&portal.request())
        .await;
    let answers = at_once(nodes, |client| {
        let callback = callback.clone();
        async move { client.redeem(&callback).await }
    })
    .await;
    let winners: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert!(winners.len() <= 1, "{} winners", winners.len());
    assert_eq!(statuses(&answers, 400) + winners.len(), MANY);
    for winner in winners {
        let tokens = Tokens::read(winner.clone());
        assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
        assert_eq!(portal.refresh(&tokens.refresh).await.status, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_used_fifty_times_at_once_has_one_successor() {
    let (service, nodes) = two_nodes("portail").await;
    let portal = nodes[0].clone();
    let first = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    let answers = at_once(nodes, |client| {
        let token = first.refresh.clone();
        async move { client.refresh(&token).await }
    })
    .await;
    assert_eq!(statuses(&answers, 200), MANY);
    let successors: BTreeSet<_> = answers
        .into_iter()
        .map(|answer| Tokens::read(answer).refresh)
        .collect();
    assert_eq!(successors.len(), 1);
    let successor = successors.first().unwrap();
    assert_eq!(portal.refresh(successor).await.status, 200, "one family");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_used_fifty_times_at_once_is_good_once() {
    let (_service, nodes) = two_nodes("cle").await;
    let assertion = Assertion::of("cle", nodes[0].door.issuer()).sign();
    let answers = at_once(nodes, |client| {
        let assertion = assertion.clone();
        async move {
            let form = [
                ("token", "x"),
                ("client_assertion_type", Assertion::TYPE),
                ("client_assertion", assertion.as_str()),
            ];
            client.door.post("/oauth2/introspect", &form, &[]).await
        }
    })
    .await;
    assert_eq!(
        (statuses(&answers, 200), statuses(&answers, 401)),
        (1, MANY - 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_is_finished_fifty_times_at_once_leads_back_once() {
    let (service, nodes) = two_nodes("portail").await;
    let portal = nodes[0].clone();
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&portal.request().url()).await;
    let form = sign_in_form(&page)
        .with("identifiant", Person::CLAIRE.identifier)
        .with("mot-de-passe", Person::CLAIRE.password);
    assert_eq!(claire.browser.submit_only(&form).await.status, 303);
    let answers = at_once(nodes, |client| {
        let mut browser = claire.browser.clone();
        browser.moves_to(&client.door);
        let url = page.url.clone();
        async move { browser.get(&url).await }
    })
    .await;
    assert_eq!(
        (statuses(&answers, 303), statuses(&answers, 410)),
        (1, MANY - 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_made_at_once_are_all_counted() {
    let (service, nodes) = two_nodes("portail").await;
    let mut pages = Vec::new();
    for _ in 0..MANY {
        let mut guesser = service.visitor(Person::NADIA);
        let page = guesser.browser.open(&nodes[0].request().url()).await;
        pages.push((guesser, page));
    }
    let mut tasks = JoinSet::new();
    for (turn, (mut guesser, page)) in pages.into_iter().enumerate() {
        guesser.browser.moves_to(&nodes[turn % 2].door);
        tasks.spawn(async move { guesser.types(&page, "n.dubois5", "x").await });
    }
    let answers = tasks.join_all().await;
    assert_eq!(
        (statuses(&answers, 422), statuses(&answers, 429)),
        (5, MANY - 5)
    );
}
