//! What an upstream says of a person: the claims of its `UserInfo`, of which nothing is
//! taken that was not asked for.

use domain::{
    acr::Acr,
    matching::{BirthDate, GivenNames, Pivot},
};
use serde::{Deserialize, Serialize};

/// Most characters of a claim, and most given names: longer ones are no names.
const LONGEST: usize = 256;
const MOST_NAMES: usize = 30;

/// The claims of the pivot identity, as they came.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PivotClaims {
    /// All given names.
    pub given_name: Option<String>,
    /// The same one by one.
    pub given_name_array: Option<Vec<String>>,
    /// Name of birth.
    pub family_name: Option<String>,
    /// Nom d'usage.
    pub preferred_username: Option<String>,
    /// Date of birth, completed.
    pub birthdate: Option<String>,
    /// Date of birth, with 00 where something is not known.
    pub idp_birthdate: Option<String>,
}

/// What is kept of an identity: what was vouched for, and at which level.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptIdentity {
    /// What was said.
    #[serde(flatten)]
    pub claims: PivotClaims,
    /// The level; none of those that were kept before levels were.
    #[serde(default)]
    pub level: Option<Acr>,
}

/// The claims are no identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the claim {0} is missing or unreadable")]
pub struct Incomplete(pub &'static str);

impl PivotClaims {
    /// The identity to be matched.
    ///
    /// # Errors
    /// [`Incomplete`], with the claim's name.
    pub fn pivot(&self) -> Result<Pivot, Incomplete> {
        let birthdate = self.birthdate.as_deref().ok_or(Incomplete("birthdate"))?;
        let birth = BirthDate::read(birthdate, self.idp_birthdate.as_deref());
        Ok(Pivot {
            family_name: sound(self.family_name.as_deref(), "family_name")?.to_owned(),
            name_in_use: self.name_in_use(),
            given_names: self.given_names()?,
            birth: birth.map_err(|_| Incomplete("birthdate"))?,
        })
    }

    fn given_names(&self) -> Result<GivenNames, Incomplete> {
        match &self.given_name_array {
            Some(names) if !names.is_empty() && names.len() <= MOST_NAMES => {
                for name in names {
                    sound(Some(name), "given_name_array")?;
                }
                Ok(GivenNames::Listed(names.clone()))
            }
            Some(_) => Err(Incomplete("given_name_array")),
            None => {
                let joined = sound(self.given_name.as_deref(), "given_name")?;
                Ok(GivenNames::Joined(joined.to_owned()))
            }
        }
    }

    fn name_in_use(&self) -> Option<String> {
        let name = sound(self.preferred_username.as_deref(), "preferred_username");
        name.ok().map(str::to_owned)
    }

    /// Which claims differ from those of before, for the audit trail.
    pub fn changes_from(&self, before: &Self) -> Vec<&'static str> {
        let parts = [
            ("given_name", self.given_name != before.given_name),
            (
                "given_name_array",
                self.given_name_array != before.given_name_array,
            ),
            ("family_name", self.family_name != before.family_name),
            (
                "preferred_username",
                self.preferred_username != before.preferred_username,
            ),
            ("birthdate", self.birthdate != before.birthdate),
            ("idp_birthdate", self.idp_birthdate != before.idp_birthdate),
        ];
        let differing = parts.into_iter().filter(|(_, differs)| *differs);
        differing.map(|(claim, _)| claim).collect()
    }
}

fn sound<'t>(text: Option<&'t str>, claim: &'static str) -> Result<&'t str, Incomplete> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let text = text.filter(|text| text.chars().count() <= LONGEST);
    text.filter(|text| !text.chars().any(char::is_control))
        .ok_or(Incomplete(claim))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(claims: Value) -> Result<Pivot, Incomplete> {
        serde_json::from_value::<PivotClaims>(claims)
            .unwrap()
            .pivot()
    }

    #[test]
    fn an_identity_is_read_whole() {
        let pivot = read(json!({
            "given_name": "Jean Philippe Pierre", "given_name_array": ["Jean Philippe", "Pierre"],
            "family_name": "DURAND", "preferred_username": "", "birthdate": "1980-06-01",
            "idp_birthdate": "1980-06-00", "gender": "male",
        }))
        .unwrap();
        let names = vec!["Jean Philippe".to_owned(), "Pierre".to_owned()];
        assert_eq!(pivot.given_names, GivenNames::Listed(names));
        assert_eq!(pivot.name_in_use, None);
        assert_eq!(pivot.birth, BirthDate::Month(1980, 6));
    }

    #[test]
    fn what_is_missing_or_no_name_is_told_by_its_claim() {
        let whole =
            json!({"given_name": "Paul", "family_name": "DURAND", "birthdate": "1980-06-15"});
        assert!(read(whole.clone()).is_ok());
        let faults = [
            ("given_name", Value::Null),
            ("given_name", json!("x".repeat(300))),
            ("family_name", json!("")),
            ("family_name", json!("a\u{7}b")),
            ("birthdate", json!("1980")),
            ("given_name_array", json!([])),
            ("given_name_array", json!(vec!["a"; 31])),
        ];
        for (claim, value) in faults {
            let mut claims = whole.clone();
            claims[claim] = value.clone();
            assert_eq!(read(claims), Err(Incomplete(claim)), "{value}");
        }
    }

    #[test]
    fn a_changed_identity_is_told_by_its_claims() {
        let before = PivotClaims {
            family_name: Some("MARTIN".into()),
            ..PivotClaims::default()
        };
        let after = PivotClaims {
            family_name: Some("DUPONT".into()),
            ..PivotClaims::default()
        };
        assert_eq!(after.changes_from(&before), ["family_name"]);
        assert!(before.changes_from(&before).is_empty());
    }
}
