//! Whether the time of an answer tells who has an account: the same question about people
//! in each state and about nobody, in random order, and the medians side by side.
//!
//! The yardstick is chance: how far the medians lie apart where the very same times are
//! dealt to the states at random. Nothing is asserted (shared cores would make it fail for
//! nothing): a difference above what chance gives is to be looked into.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use domain::ambient::Ambient;
use serde::Serialize;
use serde_json::{Value, json};
use store::{ConnectionTrait, Database};

use crate::{
    browser::Browser,
    fault::{Doing, Fault},
    people::PASSWORD,
    provider::{Provider, Stores},
    series::Series,
    wire::Connection,
};

/// Answers for each state.
const TRIES: usize = 200;
/// How often the times are dealt at random, and which of those differences counts.
const DEALS: usize = 400;
const PERCENTILE: usize = 95;
/// Between two questions: what an answer leaves to be done has been done by then.
const PAUSE: Duration = Duration::from_millis(4);
/// More than are asked for: limits of the whole service are another matter.
const SETTINGS: &str = "[self_service]\nwrong_codes = 1000000\n\
    registration_sms_per_hour = 1000000\nrecovery_sms_per_hour = 1000000\n";

/// Who is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Active, contacts confirmed.
    Known,
    /// Nobody.
    Unknown,
    /// Active, contacts not confirmed.
    Unconfirmed,
    /// Suspended, contacts confirmed.
    Suspended,
    /// Known to the school and never activated.
    NeverActivated,
}

/// All of them.
pub(crate) const STATES: [State; 5] = [
    State::Known,
    State::Unknown,
    State::Unconfirmed,
    State::Suspended,
    State::NeverActivated,
];

impl State {
    /// Its name in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
            Self::Unconfirmed => "unconfirmed",
            Self::Suspended => "suspended",
            Self::NeverActivated => "never activated",
        }
    }

    const fn number(self) -> usize {
        self as usize
    }
}

/// Somebody who is named, once in each question.
#[derive(Clone, Copy, Debug)]
struct Named {
    state: State,
    turn: usize,
}

impl Named {
    fn number(self) -> usize {
        self.state.number() * TRIES + self.turn
    }

    fn identifier(self) -> String {
        format!("e.personne{}", self.number())
    }

    fn email(self) -> String {
        format!("personne{:04}@example.org", self.number())
    }

    /// Of the range that is kept free for fiction.
    fn phone(self) -> String {
        format!("+3363998{:04}", self.number())
    }

    /// Names of which every one is somebody's alone.
    fn given_name(self) -> String {
        let letter = |digit: usize| char::from(b'a' + u8::try_from(digit % 26).unwrap_or(0));
        let number = self.number();
        format!("An{}{}", letter(number / 26), letter(number))
    }

    fn network(self) -> String {
        let number = self.number();
        format!("198.18.{}.{}", number / 250, number % 250 + 1)
    }

    fn person(self, hash: &str) -> Value {
        let confirmed = !matches!(self.state, State::Unconfirmed);
        let active = !matches!(self.state, State::NeverActivated);
        let mut person = json!({
            "identifier": self.identifier(),
            "kind": "guardian",
            "given_name": self.given_name(),
            "family_name": "MARTIN",
            "state": if active { "active" } else { "known" },
        });
        if active {
            person["password"] = json!({ "hash": hash });
            person["email"] = json!({ "value": self.email(), "confirmed": confirmed });
            person["phone"] = json!({ "value": self.phone(), "confirmed": confirmed });
        }
        person
    }
}

/// The answers to one question.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    /// Which answer.
    pub(crate) answer: &'static str,
    /// How many for each state.
    pub(crate) tries: usize,
    /// In the order of [`STATES`], in milliseconds.
    pub(crate) medians: Vec<f64>,
    /// Between the farthest two.
    pub(crate) difference: f64,
    /// What that would be by chance, at most, in 95 of 100 runs.
    pub(crate) by_chance: f64,
}

/// Asks every question about everybody.
///
/// # Errors
/// Where an answer is not the one that everybody gets.
pub(crate) async fn measure(folder: &Path) -> Result<Vec<Told>, Fault> {
    let provider = set_up(folder).await?;
    let server = provider.serve()?;
    let mut asking = Asking {
        connection: Connection::open(server.address).await.doing("connect")?,
        browser: Browser::new(&provider.host()),
        csrf: String::new(),
        ambient: Ambient::system(),
    };
    asking.csrf = {
        let (browser, connection) = (&mut asking.browser, &mut asking.connection);
        browser.form(connection, "/inscription").await?
    };
    let mut told = Vec::new();
    for question in QUESTIONS {
        told.append(&mut asking.ask_about_everybody(&question).await?);
    }
    told.push(asking.group_everybody().await?);
    Ok(told)
}

async fn set_up(folder: &Path) -> Result<Provider, Fault> {
    let provider = Provider::set_up_with(folder, &Stores::Sqlite, SETTINGS)?;
    let people = || {
        let states = STATES.into_iter().filter(|state| *state != State::Unknown);
        states.flat_map(|state| (0..TRIES).map(move |turn| Named { state, turn }))
    };
    let keeper = json!({
        "identifier": KEEPER, "kind": "guardian", "given_name": "Claire", "family_name": "PETIT",
        "state": "active", "password": { "hash": provider.hash() },
    });
    let mut all: Vec<Value> = people()
        .map(|named| named.person(provider.hash()))
        .collect();
    all.push(keeper);
    let pupils = people().map(pupil).collect::<Vec<_>>();
    all.extend(pupils);
    let records = people().flat_map(records).collect::<Vec<_>>();
    let links = people().map(|named| {
        json!({ "guardian": format!("bench/{}", named.identifier()),
                "pupil": format!("bench/p{}", named.identifier()), "relationship": "mother" })
    });
    let school = json!({ "uai": "9000000D", "name": "Collège des mesures", "level": "college" });
    provider.import_document(&json!({
        "schools": [school], "people": all, "records": records,
        "links": links.collect::<Vec<_>>(),
    }))?;
    suspend(&provider).await?;
    Ok(provider)
}

fn pupil(of: Named) -> Value {
    json!({
        "identifier": format!("p{}", of.identifier()), "kind": "pupil",
        "given_name": of.given_name(), "family_name": "MARTIN", "birth_date": "2012-09-01",
    })
}

fn records(named: Named) -> [Value; 2] {
    let record = |kind: &str, person: String| {
        json!({ "source": "bench", "key": person, "school": "9000000D", "kind": kind,
                "person": person })
    };
    let mut guardian = record("guardian", named.identifier());
    guardian["phone"] = json!(named.phone());
    [
        guardian,
        record("pupil", format!("p{}", named.identifier())),
    ]
}

/// No file gives that state: officers do.
async fn suspend(provider: &Provider) -> Result<(), Fault> {
    let url = domain::secret::Secret::new(provider.sqlite_url());
    let database = Database::connect(&url, 1).await?;
    let first = State::Suspended.number() * TRIES;
    let identifiers = (first..first + TRIES).map(|number| format!("'e.personne{number}'"));
    let identifiers = identifiers.collect::<Vec<_>>().join(", ");
    let statement =
        format!("update account set state = 'suspended' where identifier in ({identifiers})");
    let done = database.writer().execute_unprepared(&statement).await;
    done.map_err(store::StoreError::from)?;
    database.close().await;
    Ok(())
}

/// Who groups.
const KEEPER: &str = "c.petit1";
const KEEPER_SIGNS_IN_EVERY: usize = 250;

/// A form that names somebody, and the status that everybody gets.
struct Question {
    answer: &'static str,
    /// What the answer to the code is called, where one follows.
    then: Option<&'static str>,
    path: &'static str,
    form: fn(Named) -> Vec<(&'static str, String)>,
}

const QUESTIONS: [Question; 5] = [
    Question {
        answer: "lost identifier, by mail",
        then: None,
        path: "/identifiant-perdu/email",
        form: |named| vec![("email", named.email())],
    },
    Question {
        answer: "lost identifier, by SMS",
        then: None,
        path: "/identifiant-perdu/sms",
        form: |named| vec![("telephone", named.phone())],
    },
    Question {
        answer: "lost password, by mail",
        then: None,
        path: "/mot-de-passe-perdu",
        form: |named| {
            let choice = ("choix", "email".to_owned());
            vec![("identifiant", named.identifier()), choice]
        },
    },
    Question {
        answer: "lost password, by SMS",
        then: Some("lost password, a wrong code"),
        path: "/mot-de-passe-perdu",
        form: |named| {
            let choice = ("choix", "sms".to_owned());
            vec![("identifiant", named.identifier()), choice]
        },
    },
    Question {
        answer: "self-registration, the name",
        then: Some("self-registration, a wrong code"),
        path: "/inscription",
        form: |named| {
            let name = [
                ("nom", "MARTIN".to_owned()),
                ("prenom", named.given_name()),
                ("telephone", named.phone()),
            ];
            name.to_vec()
        },
    },
];

/// One browser that asks.
struct Asking {
    connection: Connection,
    browser: Browser,
    csrf: String,
    ambient: Ambient,
}

impl Asking {
    async fn ask_about_everybody(&mut self, question: &Question) -> Result<Vec<Told>, Fault> {
        let mut times = Times::default();
        let mut pages = Vec::new();
        for named in self.everybody() {
            let form = (question.form)(named);
            let asked = self.ask(question.answer, question.path, named, &form, 303);
            let (time, page) = asked.await?;
            times.note(named.state, time);
            pages.push((self.ambient.random::<8>(), named, page));
        }
        let mut told = vec![times.told(question.answer, &self.ambient)];
        if let Some(then) = question.then {
            pages.sort_by_key(|(random, _, _)| *random);
            let mut times = Times::default();
            for (_, named, page) in pages {
                let code = [("code", "00000000".to_owned())];
                let (time, _) = self.ask(then, &page, named, &code, 422).await?;
                times.note(named.state, time);
            }
            told.push(times.told(then, &self.ambient));
        }
        Ok(told)
    }

    /// Everybody once, in random order: what one answer leaves behind weighs on all alike.
    fn everybody(&self) -> Vec<Named> {
        let turns = (0..TRIES).flat_map(|turn| STATES.map(|state| Named { state, turn }));
        let mut all: Vec<_> = turns
            .map(|named| (self.ambient.random::<8>(), named))
            .collect();
        all.sort_by_key(|(random, _)| *random);
        all.into_iter().map(|(_, named)| named).collect()
    }

    /// How long an answer takes, in milliseconds, and where it leads.
    async fn ask(
        &mut self,
        step: &'static str,
        path: &str,
        named: Named,
        form: &[(&str, String)],
        status: u16,
    ) -> Result<(f64, String), Fault> {
        tokio::time::sleep(PAUSE).await;
        let csrf = [("csrf", self.csrf.as_str())];
        let fields = form.iter().map(|(name, value)| (*name, value.as_str()));
        let fields: Vec<_> = csrf.into_iter().chain(fields).collect();
        let request = self.browser.posts(path, &named.network(), &fields);
        let begun = Instant::now();
        let answer = self.connection.exchange(&request).await.doing(step)?;
        let time = begun.elapsed().as_secs_f64() * 1000.0;
        let answer = answer.require(step, status)?;
        let location = answer.headers("location").next().unwrap_or_default();
        Ok((time, location.to_owned()))
    }

    /// Another account and a wrong password; each account once, so that nobody waits.
    async fn group_everybody(&mut self) -> Result<Told, Fault> {
        const GROUPING: &str = "grouping, a wrong password";
        let mut times = Times::default();
        for (turn, named) in self.everybody().into_iter().enumerate() {
            if turn.is_multiple_of(KEEPER_SIGNS_IN_EVERY) {
                self.browser = Browser::new(self.browser.host());
                let (browser, connection) = (&mut self.browser, &mut self.connection);
                browser.sign_in_here(connection, KEEPER).await?;
                self.csrf = browser.form(connection, "/compte/enfants/ajouter").await?;
            }
            let form = [
                ("identifiant", named.identifier()),
                ("mot-de-passe", format!("{PASSWORD}-not")),
            ];
            let path = "/compte/enfants/ajouter";
            let (time, _) = self.ask(GROUPING, path, named, &form, 422).await?;
            times.note(named.state, time);
        }
        Ok(times.told(GROUPING, &self.ambient))
    }
}

/// Milliseconds of answers, by state.
#[derive(Default)]
struct Times([Vec<f64>; STATES.len()]);

impl Times {
    fn note(&mut self, state: State, milliseconds: f64) {
        self.0[state.number()].push(milliseconds);
    }

    fn told(&self, answer: &'static str, ambient: &Ambient) -> Told {
        let medians: Vec<f64> = self.0.iter().map(|times| median(times)).collect();
        Told {
            answer,
            tries: TRIES,
            difference: farthest(&medians),
            by_chance: by_chance(&self.0, ambient),
            medians,
        }
    }
}

/// Between the largest and the least.
fn farthest(medians: &[f64]) -> f64 {
    let least = medians.iter().copied().fold(f64::INFINITY, f64::min);
    let most = medians.iter().copied().fold(0.0, f64::max);
    most - least
}

/// How far the medians lie apart where states have nothing to do with times: the same
/// times, dealt at random to as many as there are states.
fn by_chance(times: &[Vec<f64>], ambient: &Ambient) -> f64 {
    let of_one = times.iter().map(Vec::len).max().unwrap_or(1);
    let mut cards: Vec<f64> = times.iter().flatten().copied().collect();
    let mut differences: Vec<f64> = (0..DEALS)
        .map(|_| {
            cards.sort_by_cached_key(|_| ambient.random::<8>());
            let medians: Vec<f64> = cards.chunks(of_one).map(median).collect();
            farthest(&medians)
        })
        .collect();
    differences.sort_by(f64::total_cmp);
    differences[DEALS * PERCENTILE / 100]
}

fn median(times: &[f64]) -> f64 {
    let mut series = Series::default();
    for time in times {
        series.push(*time);
    }
    series.median().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_answers_later_is_farther_than_chance() {
        let spread = |from: f64| {
            (0..100)
                .map(|step| from + f64::from(step) / 100.0)
                .collect()
        };
        let ambient = Ambient::system();
        let alike: Vec<Vec<f64>> = vec![spread(1.0); 4];
        let chance = by_chance(&alike, &ambient);
        assert!(chance > 0.0 && chance < 0.5, "{chance}");
        let mut later = alike;
        later[2] = spread(2.0);
        let medians: Vec<f64> = later.iter().map(|times| median(times)).collect();
        assert!(farthest(&medians) > by_chance(&later, &ambient));
    }

    #[test]
    fn everybody_is_somebody_else() {
        let all = STATES.iter().flat_map(|state| {
            (0..TRIES).map(|turn| Named {
                state: *state,
                turn,
            })
        });
        let seen: std::collections::HashSet<_> = all
            .map(|named| (named.phone(), named.given_name()))
            .collect();
        assert_eq!(seen.len(), STATES.len() * TRIES);
    }
}
