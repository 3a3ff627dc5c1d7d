//! A node dies at every write of a journey, one after another; the state it leaves is the
//! old or the new one, and whoever was on the way does the step again at another node and
//! gets to the end (issue of self-service, criterion 4).
//!
//! The node is a process of its own that aborts (`tests::mortal`). What it left is looked
//! at from outside, by another node on the same stores.

mod account;
mod binding;
mod newcomers;
mod officers;
mod recovery;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use notify::transport::ReceivedMessage;
use preau::config::Config;
use tests::{
    Answer, Service, Visitor, form::Form, france_connect::FranceConnect, mortal::Mortal,
    service::texts,
};

/// More writes than any journey has.
const MOST: usize = 150;
/// For how long a message is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What somebody does who wants one thing, and what can be seen of it.
trait Journey: Sized {
    /// A service, and the FranceConnect that this journey begins at, if it does.
    async fn starts() -> (Service, Option<FranceConnect>) {
        (Service::with(delivers_at_once).await, None)
    }

    /// Who comes, and what they have before: at a node that lives.
    async fn prepares(service: &Service, _: Option<FranceConnect>) -> (Self, Visitor);

    /// All the way. Each request may be the one under which the node dies.
    async fn goes(walk: &mut Walk<'_, Self>);

    /// What others see of it: the same before each step, and after it.
    async fn sees(&self, service: &Service) -> String;
}

/// A request of a person.
#[derive(Clone, Debug)]
enum Act {
    Open(String),
    Submit(Form),
}

/// Somebody on the way.
struct Walk<'s, J> {
    service: &'s Service,
    journey: &'s J,
    visitor: Visitor,
    page: Answer,
    /// The node that will die, until it has.
    node: Option<Mortal>,
    died_at: Option<Instant>,
    /// What may be seen at any time; nothing while it is being learnt.
    states: &'s [String],
    seen: Vec<String>,
}

impl<J: Journey> Walk<'_, J> {
    async fn opens(&mut self, url: &str) -> &Answer {
        self.does(&Act::Open(url.to_owned())).await
    }

    /// Sends a form with these fields.
    async fn sends(&mut self, form: Form, fields: &[(&str, &str)]) -> &Answer {
        let form = filled(form, fields);
        self.does(&Act::Submit(form)).await
    }

    /// Sends a form after which a message comes; the newest of those that fit.
    async fn asks(
        &mut self,
        form: Form,
        fields: &[(&str, &str)],
        fits: impl Fn(&ReceivedMessage) -> bool,
    ) -> ReceivedMessage {
        let act = Act::Submit(filled(form, fields));
        let before = self.newest(&fits).0;
        self.does(&act).await;
        if let Some(message) = self.message(&fits, before).await {
            return message;
        }
        // The node died before it was written: who gets nothing asks again.
        self.died_at = None;
        self.does(&act).await;
        let message = self.message(&fits, before).await;
        message.expect("a message comes from a node that lives")
    }

    /// Does it, and where the node dies under it does it again at another.
    async fn does(&mut self, act: &Act) -> &Answer {
        let mut answer = self.tries(act).await;
        if answer.status == 0 {
            self.survives().await;
            // As a browser reloads: what it asked for last, a form with what was typed.
            let again = match act {
                Act::Submit(form) if answer.url.ends_with(&form.action) => act.clone(),
                _ => Act::Open(answer.url),
            };
            answer = self.tries(&again).await;
            assert!(answer.status > 0 && answer.status < 500, "{answer:?}");
        }
        self.page = answer;
        if self.states.is_empty() {
            let seen = self.journey.sees(self.service).await;
            self.seen.push(seen);
        }
        &self.page
    }

    async fn tries(&mut self, act: &Act) -> Answer {
        match act {
            Act::Open(url) => self.visitor.browser.open(url).await,
            Act::Submit(form) => self.visitor.browser.submit(form).await,
        }
    }

    /// Goes on at the node that lives. What the other left is one of what may be seen.
    async fn survives(&mut self) {
        let mut node = self.node.take().expect("who lives answers");
        self.died_at = Some(Instant::now());
        wait_until("the process is gone", async || node.is_dead()).await;
        self.visitor.browser.moves_to(&self.service.door);
        // Its clock went on as well.
        self.service.advance_seconds(10);
        let seen = self.journey.sees(self.service).await;
        assert!(
            self.states.contains(&seen),
            "neither old nor new: {seen}, of {:?}",
            self.states
        );
    }

    /// The first that comes after so many that fit; none where the node died before it
    /// was written.
    async fn message(
        &mut self,
        fits: &impl Fn(&ReceivedMessage) -> bool,
        before: usize,
    ) -> Option<ReceivedMessage> {
        self.service.advance_seconds(5);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let settled = waiting(self.service).await == 0;
            let (count, newest) = self.newest(fits);
            if settled && count > before {
                return newest;
            }
            if self.node.as_mut().is_some_and(Mortal::is_dead) {
                self.survives().await;
            }
            if self.node.is_none() && !self.states.is_empty() && settled && self.is_late() {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("a message or the node's death: not within {PATIENCE:?}");
    }

    /// How many messages fit, and the last of them.
    fn newest(&self, fits: &impl Fn(&ReceivedMessage) -> bool) -> (usize, Option<ReceivedMessage>) {
        let mut messages = self.service.inbox.messages();
        messages.retain(|message| fits(message));
        (messages.len(), messages.pop())
    }

    /// Whether whoever waits for a message since the node's death gives up on it.
    fn is_late(&self) -> bool {
        self.died_at
            .is_some_and(|at| at.elapsed() > Duration::from_secs(1))
    }
}

/// Messages that were written and have not gone out.
async fn waiting(service: &Service) -> usize {
    let pending = "select template from outbox where state = 'pending'";
    let pending = texts(service.database.reader(), pending, "template").await;
    pending.len()
}

fn filled(form: Form, fields: &[(&str, &str)]) -> Form {
    fields
        .iter()
        .fold(form, |form, (name, value)| form.with(name, value))
}

/// The page's form to an address that begins so.
fn form_to(page: &Answer, begin: &str) -> Option<Form> {
    let mut forms = Form::all(&page.text()).into_iter();
    forms.find(|form| form.action.starts_with(begin))
}

/// The same where the page must have it.
fn form(page: &Answer, begin: &str) -> Form {
    form_to(page, begin).unwrap_or_else(|| panic!("no form to {begin} in {}", page.summary()))
}

async fn wait_until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let done = tokio::time::timeout(PATIENCE, asked).await;
    assert!(done.is_ok(), "{what}: not within {PATIENCE:?}");
}

fn delivers_at_once(config: &mut Config) {
    config.delivery.poll_milliseconds = 20;
}

/// Learns what a whole journey shows, then walks it with a node that dies at its first
/// write, its second, … until one lives to the end.
async fn dies_at_every_write<J: Journey>() {
    let states = undisturbed::<J>().await;
    let last = states.last().expect("a journey has steps");
    assert_ne!(states.first(), Some(last), "a journey changes something");
    for at in 1..MOST {
        let (service, france_connect) = J::starts().await;
        let (journey, mut visitor) = J::prepares(&service, france_connect).await;
        let program = Path::new(env!("CARGO_BIN_EXE_mortal"));
        let node = Mortal::start(program, &service, at).await;
        visitor.browser.moves_to(&node.door);
        let mut walk = walk(&service, &journey, visitor, &states);
        walk.node = Some(node);
        J::goes(&mut walk).await;
        let lives = walk.node.as_mut().is_some_and(|node| !node.is_dead());
        let mut seen = String::new();
        wait_until("the journey has ended", async || {
            seen = journey.sees(&service).await;
            seen == *last
        })
        .await;
        assert_eq!(seen, *last, "write {at}");
        service.stop().await;
        if lives {
            eprintln!("{}: {} writes", std::any::type_name::<J>(), at - 1);
            assert!(at > 5, "writes were not counted");
            return;
        }
    }
    panic!("more than {MOST} writes");
}

/// All that is seen before, between and after the steps.
async fn undisturbed<J: Journey>() -> Vec<String> {
    let (service, france_connect) = J::starts().await;
    let (journey, visitor) = J::prepares(&service, france_connect).await;
    let before = journey.sees(&service).await;
    let mut walk = walk(&service, &journey, visitor, &[]);
    J::goes(&mut walk).await;
    let mut states = vec![before];
    states.append(&mut walk.seen);
    states.dedup();
    service.stop().await;
    states
}

fn walk<'s, J>(
    service: &'s Service,
    journey: &'s J,
    visitor: Visitor,
    states: &'s [String],
) -> Walk<'s, J> {
    let page = Answer {
        url: String::new(),
        status: 0,
        headers: http::HeaderMap::new(),
        body: Vec::new(),
    };
    Walk {
        service,
        journey,
        visitor,
        page,
        node: None,
        died_at: None,
        states,
        seen: Vec::new(),
    }
}

/// One column of a statement, joined.
async fn column(service: &Service, statement: &str) -> String {
    let rows = texts(service.database.reader(), statement, "it").await;
    rows.join(", ")
}

/// How often something stands in the audit trail.
async fn events(service: &Service, action: &str) -> usize {
    let statement = format!("select action as it from audit_event where action = '{action}'");
    texts(service.database.reader(), &statement, "it")
        .await
        .len()
}

/// How many messages of a kind were written.
async fn written(service: &Service, template: &str) -> usize {
    let statement = format!("select template as it from outbox where template = '{template}'");
    texts(service.database.reader(), &statement, "it")
        .await
        .len()
}

/// Contacts of an account, as the store holds them.
async fn contacts(service: &Service, identifier: &str) -> String {
    let statement = format!(
        "select contact.slot || ' ' || contact.state || ' ' || contact.value as it from contact \
         join account on account.id = contact.account_id where identifier = '{identifier}' \
         order by contact.channel, contact.slot"
    );
    column(service, &statement).await
}
