//! The people of the demo: all fictional, from config/demo-people.json.

use std::collections::HashMap;

use domain::totp::TotpKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::directory::Document;

const FILE: &str = include_str!("../../../config/demo-people.json");

/// What opens each account. The file has hashes alone; the portal shows these.
const PASSWORDS: [(&str, &str); 10] = [
    ("c.martin1", "Cartable-bleu-2026"),
    ("c.martin2", "Prov-Z7k4-m9Qx"),
    ("l.martin3", "Trousse-verte-2026"),
    ("z.martin4", "Prov-H3w8-t5Rn"),
    ("n.dubois5", "Ardoise-rouge-2026"),
    ("a.dubois6", "Compas-jaune-2026"),
    ("l.dubois7", "Regle-grise-2026"),
    ("i.durand9", "Gomme-blanche-2026"),
    ("ecole.college", "Tableau-noir-2026"),
    ("admin", "Grande-rentree-2026"),
];

/// The directory file that the demo imports at each start.
pub fn document() -> Document {
    Document::read(FILE.as_bytes()).expect("the tests of this crate read the embedded file")
}

/// A person as the portal's first page lists them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DemoPerson {
    /// What they sign in with.
    pub identifier: String,
    /// What opens the account, if anything does.
    pub password: Option<&'static str>,
    /// The key of the second factor, if the account has one.
    #[serde(skip)]
    pub totp_key: Option<String>,
    /// Given and family name.
    pub name: String,
    /// `pupil`, `guardian`, `officer` or `administrator`.
    pub kind: String,
    /// `YYYY-MM-DD`, where known.
    pub birth_date: Option<String>,
    /// A guardian's children, by given name.
    pub children: Vec<String>,
    /// A pupil's schools.
    pub schools: Vec<String>,
    /// What can be done with the account.
    pub state: DemoState,
}

/// What can be done with a demo account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DemoState {
    /// Signs in.
    Active,
    /// In use, but not by a password.
    WithoutPassword,
    /// Never activated, with a provisional password.
    Provisional,
    /// Known to the school alone.
    Known,
}

/// The people of the demo, in the file's order.
pub fn people() -> Vec<DemoPerson> {
    let file: File =
        serde_json::from_str(FILE).expect("the tests of this crate read the embedded file");
    let family = Family::of(&file);
    file.people
        .iter()
        .map(|person| family.describe(person))
        .collect()
}

/// The file, as far as the list needs it.
#[derive(Deserialize)]
struct File {
    schools: Vec<School>,
    people: Vec<Person>,
    records: Vec<Record>,
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct School {
    uai: String,
    name: String,
}

#[derive(Deserialize)]
struct Person {
    identifier: String,
    kind: String,
    given_name: String,
    family_name: String,
    birth_date: Option<String>,
    state: String,
    totp_secret: Option<String>,
}

#[derive(Deserialize)]
struct Record {
    source: String,
    key: String,
    school: String,
    kind: String,
    person: String,
}

#[derive(Deserialize)]
struct Link {
    guardian: String,
    pupil: String,
}

/// Finds what belongs to a person.
struct Family<'a> {
    file: &'a File,
    person_of_record: HashMap<String, &'a str>,
}

impl<'a> Family<'a> {
    fn of(file: &'a File) -> Self {
        let reference = |record: &'a Record| {
            (
                format!("{}/{}", record.source, record.key),
                record.person.as_str(),
            )
        };
        Self {
            file,
            person_of_record: file.records.iter().map(reference).collect(),
        }
    }

    fn describe(&self, person: &Person) -> DemoPerson {
        let password = password_of(&person.identifier);
        DemoPerson {
            identifier: person.identifier.clone(),
            password,
            totp_key: person.totp_secret.clone(),
            name: format!("{} {}", person.given_name, person.family_name),
            kind: person.kind.clone(),
            birth_date: person.birth_date.clone(),
            children: self.children(&person.identifier),
            schools: self.schools(person),
            state: DemoState::of(person.state == "active", password.is_some()),
        }
    }

    fn children(&self, guardian: &str) -> Vec<String> {
        let is_theirs = |link: &&Link| self.person_of_record.get(&link.guardian) == Some(&guardian);
        let pupil = |link: &Link| self.person_of_record.get(&link.pupil).copied();
        let identifiers = self.file.links.iter().filter(is_theirs).filter_map(pupil);
        identifiers
            .filter_map(|identifier| self.given_name(identifier))
            .collect()
    }

    fn given_name(&self, identifier: &str) -> Option<String> {
        let mut people = self.file.people.iter();
        let person = people.find(|person| person.identifier == identifier)?;
        Some(person.given_name.clone())
    }

    fn schools(&self, person: &Person) -> Vec<String> {
        let records = self.file.records.iter();
        let own =
            records.filter(|record| record.person == person.identifier && record.kind == "pupil");
        let school = |record: &Record| {
            let mut schools = self.file.schools.iter();
            schools
                .find(|school| school.uai == record.school)
                .map(|school| school.name.clone())
        };
        own.filter_map(school).collect()
    }
}

impl DemoState {
    const fn of(is_active: bool, has_password: bool) -> Self {
        match (is_active, has_password) {
            (true, true) => Self::Active,
            (true, false) => Self::WithoutPassword,
            (false, true) => Self::Provisional,
            (false, false) => Self::Known,
        }
    }
}

fn password_of(identifier: &str) -> Option<&'static str> {
    let entry = PASSWORDS.iter().find(|(owner, _)| *owner == identifier);
    entry.map(|(_, password)| *password)
}

impl DemoPerson {
    /// The code of the moment, where a second factor is asked for.
    pub fn code_at(&self, now: Timestamp) -> Option<String> {
        let key = TotpKey::parse(self.totp_key.as_deref()?)?;
        Some(key.code_at(now).expose().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use argon2::{Argon2, PasswordVerifier, password_hash::phc::PasswordHash};

    use super::*;

    fn named(identifier: &str) -> DemoPerson {
        let mut people = people().into_iter();
        people
            .find(|person| person.identifier == identifier)
            .unwrap()
    }

    #[test]
    fn the_file_is_a_directory_document() {
        assert_eq!(document().people.len(), people().len());
    }

    #[test]
    fn every_password_shown_opens_its_account() {
        let file: serde_json::Value = serde_json::from_str(FILE).unwrap();
        for person in file["people"].as_array().unwrap() {
            let identifier = person["identifier"].as_str().unwrap();
            let shown = password_of(identifier);
            let hash = person["password"]["hash"].as_str();
            assert_eq!(shown.is_some(), hash.is_some(), "{identifier}");
            if let (Some(shown), Some(hash)) = (shown, hash) {
                let hash = PasswordHash::new(hash).unwrap();
                let verified = Argon2::default().verify_password(shown.as_bytes(), &hash);
                assert!(verified.is_ok(), "{identifier}");
            }
        }
    }

    #[test]
    fn the_list_says_who_is_who() {
        let claire = named("c.martin1");
        assert_eq!(
            (claire.name.as_str(), claire.state),
            ("Claire MARTIN", DemoState::Active)
        );
        assert_eq!(claire.children, ["Léo"]);
        assert_eq!(named("n.dubois5").children, ["Adam", "Lina"]);
        assert_eq!(named("l.martin3").schools, ["Lycée Augusta-Delorme"]);
        assert_eq!(named("c.martin2").state, DemoState::Provisional);
        assert_eq!(named("p.durand8").state, DemoState::Known);
        assert_eq!(named("f.petit10").state, DemoState::WithoutPassword);
    }
}
