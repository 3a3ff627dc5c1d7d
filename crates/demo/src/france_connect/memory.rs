//! What the simulator remembers: in memory, for a while, and never without bound.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{
    ambient::Ambient,
    secret::{Token, TokenHash},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    interaction::{Interaction, Session},
    tokens::{Granted, Issued},
};

/// Life times of the lower level.
pub(super) const INTERACTION: SignedDuration = SignedDuration::from_mins(30);
pub(super) const SESSION: SignedDuration = SignedDuration::from_mins(30);
pub(super) const CODE: SignedDuration = SignedDuration::from_secs(30);
pub(super) const ACCESS_TOKEN: SignedDuration = SignedDuration::from_secs(60);
/// How far ahead the end of an assertion may lie.
pub(super) const ASSERTION: SignedDuration = SignedDuration::from_mins(5);

/// Things of one kind that are remembered at once: a demo has a handful.
const MOST: usize = 10_000;

/// Everything that ends by itself.
pub(super) struct Memory {
    /// Requests whose person has not answered yet.
    pub(super) interactions: Shelf<Interaction>,
    /// Who is known, by the browser.
    pub(super) sessions: Shelf<Session>,
    /// Codes, also those that were used: a second use ends what the first brought.
    pub(super) codes: Shelf<Granted>,
    /// Access tokens.
    pub(super) access_tokens: Shelf<Issued>,
    /// Assertions of services, by their `jti`: each is good once.
    pub(super) assertions: Shelf<()>,
}

impl Memory {
    pub(super) fn new(ambient: &Ambient) -> Self {
        Self {
            interactions: Shelf::new(ambient, INTERACTION),
            sessions: Shelf::new(ambient, SESSION),
            codes: Shelf::new(ambient, CODE),
            access_tokens: Shelf::new(ambient, ACCESS_TOKEN),
            assertions: Shelf::new(ambient, ASSERTION),
        }
    }
}

/// Things of one kind and one life time, each found by a token.
pub(super) struct Shelf<T> {
    ambient: Ambient,
    life: SignedDuration,
    most: usize,
    things: Mutex<HashMap<TokenHash, Kept<T>>>,
}

struct Kept<T> {
    until: Timestamp,
    thing: T,
}

impl<T: Clone> Shelf<T> {
    fn new(ambient: &Ambient, life: SignedDuration) -> Self {
        Self {
            ambient: ambient.clone(),
            life,
            most: MOST,
            things: Mutex::default(),
        }
    }

    /// Keeps a thing for the whole of its life, instead of what was kept under the
    /// same name.
    pub(super) fn keep(&self, name: TokenHash, thing: T) {
        let mut things = self.lock();
        if things.len() >= self.most {
            make_room(&mut things, self.ambient.now());
        }
        let until = self.ambient.now() + self.life;
        things.insert(name, Kept { until, thing });
    }

    /// Keeps a thing where nothing is kept under the name; whether it was so.
    pub(super) fn keep_first(&self, name: TokenHash, thing: T) -> bool {
        if self.find(name).is_some() {
            return false;
        }
        self.keep(name, thing);
        true
    }

    /// Keeps a thing under a new name.
    pub(super) fn add(&self, thing: T) -> Token {
        let token = Token::generate(&self.ambient);
        self.keep(token.hash(), thing);
        token
    }

    /// The thing, while it lives.
    pub(super) fn find(&self, name: TokenHash) -> Option<T> {
        self.change(name, |thing| thing.clone())
    }

    /// Does something with the thing while nobody else can.
    pub(super) fn change<R>(&self, name: TokenHash, act: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut things = self.lock();
        let kept = things.get_mut(&name)?;
        (kept.until > self.ambient.now()).then(|| act(&mut kept.thing))
    }

    /// The thing, which is forgotten: of two who ask at once, one gets it.
    pub(super) fn take(&self, name: TokenHash) -> Option<T> {
        let kept = self.lock().remove(&name)?;
        (kept.until > self.ambient.now()).then_some(kept.thing)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenHash, Kept<T>>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what has ended; where that is not enough, what would end first.
fn make_room<T>(things: &mut HashMap<TokenHash, Kept<T>>, now: Timestamp) {
    let before = things.len();
    things.retain(|_, kept| kept.until > now);
    if things.len() == before {
        let oldest = things.iter().min_by_key(|(_, kept)| kept.until);
        if let Some(name) = oldest.map(|(name, _)| *name) {
            things.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::france_connect::tests::clock::HandClock;

    fn shelf() -> (HandClock, Shelf<u32>) {
        let (clock, ambient) = HandClock::ambient();
        let shelf = Shelf {
            most: 3,
            ..Shelf::new(&ambient, CODE)
        };
        (clock, shelf)
    }

    #[test]
    fn a_thing_is_there_until_its_life_ends() {
        let (clock, shelf) = shelf();
        let name = shelf.add(1).hash();
        clock.pass(CODE - SignedDuration::from_secs(1));
        assert_eq!(shelf.find(name), Some(1));
        clock.pass(SignedDuration::from_secs(1));
        assert_eq!(shelf.find(name), None);
        assert_eq!(shelf.take(name), None);
    }

    #[test]
    fn a_thing_is_taken_once() {
        let (_, shelf) = shelf();
        let name = shelf.add(1).hash();
        assert_eq!(shelf.take(name), Some(1));
        assert_eq!(shelf.take(name), None);
    }

    #[test]
    fn what_would_end_first_makes_room() {
        let (clock, shelf) = shelf();
        let names = [1, 2, 3, 4].map(|number| {
            clock.pass(SignedDuration::from_secs(1));
            shelf.add(number).hash()
        });
        assert_eq!(
            names.map(|name| shelf.find(name)),
            [None, Some(2), Some(3), Some(4)]
        );
    }
}
