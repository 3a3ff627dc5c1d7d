//! The page of somebody who is signed in: who they are, their children or guardians,
//! and all that the provider said.

use serde::Serialize;

use super::{
    claims::{PersonClaims, Relative, School},
    home::NoticeView,
    provider::TokenFacts,
    visits::SignedIn,
};

/// The context of `demo/family.html`.
#[derive(Serialize)]
pub(super) struct FamilyPage<'a> {
    #[serde(flatten)]
    identity: Identity<'a>,
    can_refresh: bool,
    account_url: String,
    form_token: &'a str,
    notice: Option<NoticeView>,
    raw: Raw<'a>,
}

/// Who it is.
#[derive(Serialize)]
struct Identity<'a> {
    name: Option<&'a str>,
    given_name: Option<&'a str>,
    birth_date: Option<&'a str>,
    email: Option<&'a str>,
    email_verified: bool,
    phone: Option<&'a str>,
    phone_verified: bool,
    person_type: &'a str,
    children: &'a [Relative],
    guardians: &'a [Relative],
    schools: &'a [School],
}

/// What came over the wire, for those who connect a service of their own.
#[derive(Serialize)]
struct Raw<'a> {
    id_token: String,
    user_info: String,
    facts: &'a TokenFacts,
}

impl<'a> FamilyPage<'a> {
    pub(super) fn of(person: &'a SignedIn, issuer: &str, notice: Option<NoticeView>) -> Self {
        Self {
            identity: Identity::of(&person.person),
            can_refresh: person.refresh_token.is_some(),
            account_url: format!("{issuer}/compte"),
            form_token: person.form_token.expose(),
            notice,
            raw: Raw {
                id_token: pretty(&person.id_token_claims),
                user_info: pretty(&person.person),
                facts: &person.facts,
            },
        }
    }
}

impl<'a> Identity<'a> {
    fn of(claims: &'a PersonClaims) -> Self {
        let family = claims.additional_claims();
        let given_name = claims.given_name().and_then(|name| name.get(None));
        Self {
            name: claims
                .name()
                .and_then(|name| name.get(None))
                .map(|name| name.as_str()),
            given_name: given_name.map(|name| name.as_str()),
            birth_date: claims.birthdate().map(|date| date.as_str()),
            email: claims.email().map(|email| email.as_str()),
            email_verified: claims.email_verified().unwrap_or(false),
            phone: claims.phone_number().map(|phone| phone.as_str()),
            phone_verified: claims.phone_number_verified().unwrap_or(false),
            person_type: family.person_type.as_deref().unwrap_or_default(),
            children: family.children.as_deref().unwrap_or_default(),
            guardians: family.guardians.as_deref().unwrap_or_default(),
            schools: family.schools.as_deref().unwrap_or_default(),
        }
    }
}

fn pretty(claims: &impl Serialize) -> String {
    serde_json::to_string_pretty(claims).expect("claims were JSON before")
}

#[cfg(test)]
mod tests {
    use web::Locale;

    use super::*;
    use crate::portal::testing::{assert_sound, look, text_of};

    const CLAIRE: &str = r#"{
        "sub": "s1", "name": "Claire MARTIN", "given_name": "Claire",
        "email": "claire.martin@example.org", "email_verified": true,
        "phone_number": "+33639980001", "phone_number_verified": false,
        "person_type": "guardian",
        "children": [
            {"sub": "s2", "given_name": "Léo", "family_name": "MARTIN", "birthdate": "2010-04-11",
             "relationship": "mother", "schools": [{"uai": "0750001U", "name": "Lycée Delorme", "level": "lycee"}]},
            {"sub": "s3", "given_name": "<i>", "family_name": "MARTIN", "relationship": "new"}]
    }"#;

    const LEO: &str = r#"{
        "sub": "s2", "person_type": "student",
        "schools": [{"uai": "0750001U", "name": "Lycée Delorme", "level": "lycee"}],
        "guardians": [{"sub": "s1", "given_name": "Claire", "family_name": "MARTIN", "relationship": "mother"}]
    }"#;

    const STAFF: &str =
        r#"{"sub": "s4", "person_type": "staff", "address": {"locality": "Paris"}}"#;

    fn claims(json: &str) -> PersonClaims {
        PersonClaims::from_json::<std::io::Error>(json.as_bytes(), None).unwrap()
    }

    async fn page(json: &str, locale: Locale) -> String {
        let claims = claims(json);
        let facts = TokenFacts::sample();
        let identity = Identity::of(&claims);
        let page = FamilyPage {
            identity,
            can_refresh: true,
            account_url: "http://localhost:8080/compte".into(),
            form_token: "f",
            notice: None,
            raw: Raw {
                id_token: "{}".into(),
                user_info: pretty(&claims),
                facts: &facts,
            },
        };
        let page = text_of(look().render("demo/family.html", locale, page)).await;
        assert_sound(&page, locale);
        page
    }

    #[tokio::test]
    async fn a_guardian_sees_their_children() {
        let page = page(CLAIRE, Locale::Fr).await;
        for shown in [
            "Bonjour Claire",
            "Responsable légal",
            "Léo MARTIN",
            "11/04/2010",
            "mère",
            "Lycée Delorme",
        ] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(page.contains("non confirmé") && page.contains("&lt;i&gt;"));
    }

    #[tokio::test]
    async fn a_pupil_sees_their_guardians_and_school() {
        let page = page(LEO, Locale::En).await;
        for shown in ["Pupil", "Claire MARTIN", "mother", "upper secondary school"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
    }

    #[tokio::test]
    async fn staff_have_no_family_and_all_their_claims() {
        let page = page(STAFF, Locale::Fr).await;
        assert!(page.contains("Personnel") && page.contains("locality"));
        assert!(!page.contains("Vos enfants") && !page.contains("Vos responsables"));
    }
}
