//! Every order and every omission of the steps of each journey, with all that was learnt on
//! the way: an effect comes of all steps in their order alone, once, and for nobody else
//! (security.md 4.1 to 4.5; recovery has a walk of its own, for it has two ways).

mod account;
mod newcomers;

use std::time::Duration;

use tests::{Browser, Person, Service, service::texts};

/// A journey of so many steps.
trait Course: Sized {
    const STEPS: usize;

    /// From which step on all is done again once there was an effect.
    const AGAIN: usize = 1;

    /// Somebody else.
    const THIEF: Person = Person::NADIA;

    /// The stores, and whatever else stands around them.
    async fn stage() -> Stage<Self::Beside>;

    /// What stands beside the service.
    type Beside;

    /// Somebody in a new browser, who has done nothing.
    async fn begins(stage: &Stage<Self::Beside>) -> Self;

    /// Does a step at every address that was seen so far, or guessed.
    async fn takes(&mut self, stage: &Stage<Self::Beside>, step: usize);

    /// The same by a thief who learnt all of it, and is signed in as somebody else.
    async fn is_stolen(&mut self, thief: &mut Thief, step: usize);

    /// How often the journey has had its effect.
    async fn effects(service: &Service) -> usize;

    /// Forgets what an unfinished journey may leave for the next.
    async fn clears(_service: &Service) {}
}

/// A service, and what stands beside it.
struct Stage<B> {
    service: Service,
    beside: B,
}

/// Somebody else, signed in.
struct Thief {
    browser: Browser,
    csrf: String,
}

impl Thief {
    async fn of(service: &Service, person: Person) -> Self {
        let mut thief = service.at_account(person).await;
        let home = thief.browser.open("/compte").await;
        let csrf = home.form("/deconnexion").value("csrf").unwrap().to_owned();
        Self {
            browser: thief.browser,
            csrf,
        }
    }

    async fn posts(&mut self, url: &str, fields: &[(&str, &str)]) {
        let own = [("csrf", self.csrf.clone())];
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<_> = own.chain(fields.iter().copied()).collect();
        let answer = self.browser.post(url, &all).await;
        self.browser.follow(answer).await;
    }
}

/// All orders of all choices of so many steps.
fn walks(steps: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    let mut first = 0;
    while first < all.len() {
        let walk: Vec<usize> = all[first].clone();
        let further = (0..steps).filter(|step| !walk.contains(step));
        let further: Vec<_> = further
            .map(|step| [walk.clone(), vec![step]].concat())
            .collect();
        all.extend(further);
        first += 1;
    }
    all
}

async fn every_order_and_omission<C: Course>() {
    let right: Vec<usize> = (0..C::STEPS).collect();
    let mut stage = C::stage().await;
    for walk in walks(C::STEPS) {
        // Limits of messages are another test's.
        stage.service.advance(Duration::from_mins(10));
        C::clears(&stage.service).await;
        let mut person = C::begins(&stage).await;
        let mut thief = Thief::of(&stage.service, C::THIEF).await;
        for (number, step) in walk.iter().enumerate() {
            person.is_stolen(&mut thief, *step).await;
            let stolen = C::effects(&stage.service).await;
            assert_eq!(stolen, 0, "stolen at {number} of {walk:?}");
            person.takes(&stage, *step).await;
        }
        let effects = C::effects(&stage.service).await;
        assert_eq!(effects, usize::from(walk == right), "{walk:?}");
        if effects == 0 {
            continue;
        }
        // Nothing of it is good twice.
        for step in walk.iter().skip(C::AGAIN) {
            person.takes(&stage, *step).await;
            person.is_stolen(&mut thief, *step).await;
        }
        assert_eq!(C::effects(&stage.service).await, 1, "again");
        stage = C::stage().await;
    }
}

/// How often something stands in the audit trail.
async fn events(service: &Service, action: &str) -> usize {
    let statement = format!("select action from audit_event where action = '{action}'");
    texts(service.database.reader(), &statement, "action")
        .await
        .len()
}

async fn alone() -> Stage<()> {
    Stage {
        service: Service::start().await,
        beside: (),
    }
}
