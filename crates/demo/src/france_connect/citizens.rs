//! The citizens whom the simulator offers by name: all fictional.

use super::identity::{BirthDate, FRANCE, Gender, Identity};

/// The `sub` of Claire MARTIN for Préau.
pub const CLAIRE_SUB: &str = "8224dd99cf6cde06a0bc82ef3eea10888a0e78496976d903bf882e727e3df664v1";
/// The `sub` of François PETIT for Préau.
pub const FRANCOIS_SUB: &str = "88d37e066074c319bf389dde0e30a860497b079a56377ba5f50399cceb576311v1";
/// The `sub` of Paul DURAND for Préau.
pub const PAUL_SUB: &str = "632db445cdb98284a579523e1be0542d52457f1e6e9b8ee1eee198fc59389e8dv1";
/// The `sub` of Inconnu SANSLIEN, whom nobody knows, for Préau.
pub const UNKNOWN_SUB: &str = "005cd6f9e86f9d3502af1e8ea2fbfca1f6d2724f2964a7f55f08817bb8164037v1";

/// A citizen: an identity in plain texts, under a key for forms.
pub(super) struct Citizen {
    pub(super) key: &'static str,
    given_names: &'static [&'static str],
    family_name: &'static str,
    preferred_username: Option<&'static str>,
    gender: Gender,
    born: BirthDate,
    birthplace: &'static str,
    birthcountry: &'static str,
    email: &'static str,
}

/// Between them they have what makes claims difficult: several given names, a name in
/// use that is absent, empty or the name of birth, Corsica, a birth abroad.
pub(super) const CITIZENS: [Citizen; 4] = [
    Citizen {
        key: "claire-martin",
        given_names: &["Claire", "Anne Sophie", "Marie"],
        family_name: "MARTIN",
        preferred_username: None,
        gender: Gender::Female,
        born: BirthDate::new(1978, 3, 22),
        birthplace: "75112",
        birthcountry: FRANCE,
        email: "claire.martin@example.org",
    },
    Citizen {
        key: "paul-durand",
        given_names: &["Paul"],
        family_name: "DURAND",
        preferred_username: Some(""),
        gender: Gender::Male,
        born: BirthDate::new(1980, 6, 15),
        birthplace: "69383",
        birthcountry: FRANCE,
        email: "paul.durand@example.org",
    },
    Citizen {
        key: "francois-petit",
        given_names: &["François", "Jean"],
        family_name: "PETIT",
        preferred_username: Some("PETIT"),
        gender: Gender::Male,
        born: BirthDate::new(1979, 12, 2),
        birthplace: "2A004",
        birthcountry: FRANCE,
        email: "francois.petit@example.org",
    },
    Citizen {
        key: "inconnu-sanslien",
        given_names: &["Inconnu"],
        family_name: "SANSLIEN",
        preferred_username: None,
        gender: Gender::Unspecified,
        born: BirthDate::new(1990, 1, 1),
        birthplace: "",
        birthcountry: "99134",
        email: "inconnu.sanslien@example.org",
    },
];

impl Citizen {
    pub(super) fn identity(&self) -> Identity {
        let given_names = self.given_names.iter();
        Identity {
            given_names: given_names.map(|name| (*name).to_owned()).collect(),
            family_name: self.family_name.to_owned(),
            preferred_username: self.preferred_username.map(str::to_owned),
            gender: self.gender,
            born: self.born,
            birthplace: self.birthplace.to_owned(),
            birthcountry: self.birthcountry.to_owned(),
            email: self.email.to_owned(),
        }
    }
}

/// The citizen of that key.
pub(super) fn find(key: &str) -> Option<Identity> {
    let citizen = CITIZENS.iter().find(|citizen| citizen.key == key);
    citizen.map(Citizen::identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::france_connect::registration::PREAU_CLIENT_ID;

    #[test]
    fn the_subs_that_others_bind_are_those_of_the_citizens() {
        let subs = CITIZENS.map(|citizen| citizen.identity().sub(PREAU_CLIENT_ID));
        assert_eq!(subs, [CLAIRE_SUB, PAUL_SUB, FRANCOIS_SUB, UNKNOWN_SUB]);
    }

    #[test]
    fn the_citizens_are_those_whom_people_were_told_of() {
        let told = CITIZENS.map(|citizen| {
            let identity = citizen.identity();
            (identity.name(), identity.born.written())
        });
        let expected = [
            ("Claire MARTIN", "22/03/1978"),
            ("Paul DURAND", "15/06/1980"),
            ("François PETIT", "02/12/1979"),
            ("Inconnu SANSLIEN", "01/01/1990"),
        ];
        assert_eq!(
            told,
            expected.map(|(name, born)| (name.into(), born.into()))
        );
    }
}
