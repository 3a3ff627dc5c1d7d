//! People to seed a store with: directory files as `preau directory import` takes
//! them, in chunks, so that no file is larger than memory should hold.

use std::{fs::File, io::BufWriter, path::Path};

use serde_json::{Value, json};

use crate::fault::{Doing, Fault};

/// People of one file.
pub(crate) const CHUNK: usize = 20_000;
/// People of one household: a guardian and their children.
const HOUSEHOLD: usize = 3;
const SCHOOLS: usize = 400;
const FAMILY_NAMES: [&str; 8] = [
    "MARTIN", "DUBOIS", "DURAND", "PETIT", "LEROY", "MOREAU", "GARNIER", "LEFÈVRE",
];
const GIVEN_NAMES: [&str; 8] = [
    "Claire",
    "Nadia",
    "Paul",
    "François",
    "Zoé",
    "Adam",
    "Inès",
    "Léo",
];

/// The password of all of them.
pub(crate) const PASSWORD: &str = "Cartable-bleu-2026";

/// The identifier of the person of this number; every third is a guardian, from 0 on.
pub(crate) fn identifier(number: usize) -> String {
    format!("b.personne{number}")
}

/// The largest number of whole households within a number of people, in people.
pub(crate) const fn whole_households(people: usize) -> usize {
    people / HOUSEHOLD * HOUSEHOLD
}

/// A guardian, spread over a store of that many people: the same numbers in each run.
pub(crate) fn guardian(turn: usize, people: usize) -> String {
    let households = people / HOUSEHOLD;
    // An odd factor that shares none with round numbers visits all of them.
    identifier(turn.wrapping_mul(48_271) % households * HOUSEHOLD)
}

/// Writes the file of the people from `first` on, at most [`CHUNK`] and none past
/// `end`. How many there are.
pub(crate) fn write(path: &Path, first: usize, end: usize, hash: &str) -> Result<usize, Fault> {
    let last = end.min(first + whole_households(CHUNK));
    let numbers = || first..last;
    let document = json!({
        "schools": (0..SCHOOLS).map(school).collect::<Vec<_>>(),
        "people": numbers().map(|number| person(number, hash)).collect::<Vec<_>>(),
        "records": numbers().map(record).collect::<Vec<_>>(),
        "links": numbers().filter_map(link).collect::<Vec<_>>(),
    });
    let file = File::create(path).doing("write a directory file")?;
    serde_json::to_writer(BufWriter::new(file), &document)
        .map_err(std::io::Error::from)
        .doing("write a directory file")?;
    Ok(last - first)
}

fn school(number: usize) -> Value {
    json!({
        "uai": uai(number),
        "name": format!("Collège numéro {number}"),
        "level": "college",
    })
}

/// A code of a school: seven digits and the letter that checks them.
fn uai(number: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPRSTUVWXYZ";
    let digits = 9_000_000 + number;
    format!("{digits}{}", char::from(LETTERS[digits % LETTERS.len()]))
}

fn is_guardian(number: usize) -> bool {
    number.is_multiple_of(HOUSEHOLD)
}

fn household(number: usize) -> usize {
    number / HOUSEHOLD
}

fn kind(number: usize) -> &'static str {
    if is_guardian(number) {
        "guardian"
    } else {
        "pupil"
    }
}

fn person(number: usize, hash: &str) -> Value {
    let (year, month) = if is_guardian(number) {
        (1980, 3)
    } else {
        (2012, 9)
    };
    let day = number % 28 + 1;
    json!({
        "identifier": identifier(number),
        "kind": kind(number),
        "given_name": GIVEN_NAMES[number % GIVEN_NAMES.len()],
        "family_name": FAMILY_NAMES[household(number) % FAMILY_NAMES.len()],
        "birth_date": format!("{year}-{month:02}-{day:02}"),
        "state": "active",
        "password": { "hash": hash },
        "email": { "value": format!("personne{number}@example.org"), "confirmed": true },
    })
}

fn record(number: usize) -> Value {
    json!({
        "source": "bench",
        "key": number.to_string(),
        "school": uai(household(number) % SCHOOLS),
        "kind": kind(number),
        "person": identifier(number),
    })
}

fn link(number: usize) -> Option<Value> {
    let guardian = household(number) * HOUSEHOLD;
    (!is_guardian(number)).then(|| {
        json!({
            "guardian": format!("bench/{guardian}"),
            "pupil": format!("bench/{number}"),
            "relationship": "mother",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guardians_are_spread_over_the_store() {
        let some: std::collections::HashSet<_> =
            (0..1000).map(|turn| guardian(turn, 9999)).collect();
        assert_eq!(some.len(), 1000);
    }

    #[test]
    fn a_file_holds_whole_households() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.json");
        assert_eq!(write(&path, 0, 1_000_000, "x").unwrap() % HOUSEHOLD, 0);
        assert_eq!(write(&path, 0, 9, "x").unwrap(), 9);
        let text = std::fs::read_to_string(&path).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["links"].as_array().unwrap().len(), 6);
    }
}
