//! A person as the civil register knows them, and the claims that come of it.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::scopes;

/// France, in the geographic code of INSEE.
pub(super) const FRANCE: &str = "99100";

/// What FranceConnect mixes into every `sub`. Fixed, so that the demo's people keep
/// theirs from one start to the next.
const PEPPER: &str = "preau-simulateur-franceconnect";

/// The name of the simulator's only identity provider.
pub(super) const IDENTITY_PROVIDER: &str = "simulateur";

/// Who somebody is: what the civil register says, with what their identity provider adds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Identity {
    /// One for each given name of the civil register; a name may have a space in it.
    pub(super) given_names: Vec<String>,
    /// The name of birth.
    pub(super) family_name: String,
    /// The name in use; absent, or empty, or what the identity provider has.
    pub(super) preferred_username: Option<String>,
    pub(super) gender: Gender,
    pub(super) born: BirthDate,
    /// The commune's code; empty for whoever was born abroad.
    pub(super) birthplace: String,
    /// The country's code.
    pub(super) birthcountry: String,
    pub(super) email: String,
}

/// As the civil register has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gender {
    Female,
    Male,
    Unspecified,
}

impl Gender {
    pub(super) const ALL: [Self; 3] = [Self::Female, Self::Male, Self::Unspecified];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Unspecified => "unspecified",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gender| gender.as_str() == text)
    }
}

/// A date of birth of which the day, or the month and the day, may be unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BirthDate {
    year: i16,
    month: i8,
    day: i8,
}

impl BirthDate {
    /// `11/04/2010`, `00/04/2010` without the day, `00/00/2010` without the month.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (day, rest) = text.trim().split_once('/')?;
        let (month, year) = rest.split_once('/')?;
        let shaped = [day, month, year].map(str::len) == [2, 2, 4];
        let date = Self {
            day: day.parse().ok()?,
            month: month.parse().ok()?,
            year: year.parse().ok()?,
        };
        (shaped && date.is_possible()).then_some(date)
    }

    pub(super) const fn new(year: i16, month: i8, day: i8) -> Self {
        Self { year, month, day }
    }

    /// A day without a month is refused at the door (Y600006).
    fn is_possible(self) -> bool {
        let unknown_month = self.month == 0;
        let sensible = self.year >= 1850 && self.day >= 0 && self.month >= 0;
        sensible && !(unknown_month && self.day != 0) && self.completed().is_some()
    }

    fn completed(self) -> Option<Date> {
        Date::new(self.year, self.month.max(1), self.day.max(1)).ok()
    }

    /// What `birthdate` says: what is unknown is completed with 01.
    fn birthdate(self) -> String {
        let (month, day) = (self.month.max(1), self.day.max(1));
        format!("{:04}-{month:02}-{day:02}", self.year)
    }

    /// What `idp_birthdate` says: what is unknown is 00.
    fn idp_birthdate(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// As people write it.
    pub(super) fn written(self) -> String {
        format!("{:02}/{:02}/{:04}", self.day, self.month, self.year)
    }
}

impl Identity {
    /// First given name and name of birth.
    pub(super) fn name(&self) -> String {
        let first = self.given_names.first().map_or("", String::as_str);
        format!("{first} {}", self.family_name)
    }

    fn given_name(&self) -> String {
        self.given_names.join(" ")
    }

    /// The person's `sub` for the services of an entity: 64 hexadecimal characters and
    /// the version of the format. It depends on the civil status and on nothing else.
    pub(super) fn sub(&self, entity_id: &str) -> String {
        let mut civil = self.given_name();
        civil += &self.family_name;
        civil += &self.born.birthdate();
        civil += self.gender.as_str();
        civil += &self.birthplace;
        civil += &self.birthcountry;
        let person = STANDARD.encode(Sha256::digest(civil));
        format!("{}v1", hex(&format!("{entity_id}{person}{PEPPER}")))
    }

    /// The claims that these scopes bring, `sub` apart.
    pub(super) fn claims(&self, asked: &[String]) -> Map<String, Value> {
        let mut claims = self.all_claims();
        claims.retain(|name, _| scopes::bring(asked, name));
        claims
    }

    fn all_claims(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut tell = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        tell("given_name", json!(self.given_name()));
        tell("given_name_array", json!(self.given_names));
        tell("family_name", json!(self.family_name));
        if let Some(name) = &self.preferred_username {
            tell("preferred_username", json!(name));
        }
        tell("gender", json!(self.gender.as_str()));
        tell("birthdate", json!(self.born.birthdate()));
        tell("idp_birthdate", json!(self.born.idp_birthdate()));
        tell("birthplace", json!(self.birthplace));
        tell("birthcountry", json!(self.birthcountry));
        tell("email", json!(self.email));
        tell("idp_id", json!(IDENTITY_PROVIDER));
        claims
    }
}

/// The SHA-256 of a text, in lower-case hexadecimal.
pub(super) fn hex(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::france_connect::citizens::CITIZENS;

    fn dates(text: &str) -> Option<(String, String)> {
        let date = BirthDate::parse(text)?;
        Some((date.birthdate(), date.idp_birthdate()))
    }

    #[test]
    fn what_is_unknown_of_a_birth_date_is_01_in_one_claim_and_00_in_the_other() {
        let pair = |one: &str, other: &str| Some((one.to_owned(), other.to_owned()));
        assert_eq!(dates("11/04/2010"), pair("2010-04-11", "2010-04-11"));
        assert_eq!(dates("00/04/2010"), pair("2010-04-01", "2010-04-00"));
        assert_eq!(dates("00/00/2010"), pair("2010-01-01", "2010-00-00"));
    }

    #[test]
    fn other_texts_are_no_birth_dates() {
        for text in [
            "",
            "2010-04-11",
            "11/00/2010",
            "31/02/2010",
            "1/4/2010",
            "11/13/2010",
            "11/04/10",
            "-1/04/2010",
            "11/04/0010",
            "11/04/2010/1",
        ] {
            assert_eq!(BirthDate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_sub_is_the_person_s_whatever_their_mail_and_name_in_use() {
        let claire = CITIZENS[0].identity();
        let mut elsewhere = claire.clone();
        elsewhere.email = "autre@example.org".into();
        elsewhere.preferred_username = Some("LEROY".into());
        assert_eq!(claire.sub("entity"), elsewhere.sub("entity"));
        assert_ne!(claire.sub("entity"), claire.sub("other"));
        elsewhere.family_name = "LEROY".into();
        assert_ne!(claire.sub("entity"), elsewhere.sub("entity"));
    }

    #[test]
    fn a_sub_has_66_characters() {
        let sub = CITIZENS[1].identity().sub("entity");
        let (digest, version) = sub.split_at(64);
        assert_eq!(version, "v1");
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        assert!(digest.chars().all(is_hex), "{sub}");
    }
}
