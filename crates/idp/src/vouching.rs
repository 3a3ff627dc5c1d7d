//! Who vouches for a person's names and birth date today: the upstreams that they came
//! through, and the schools whose files have them.

use std::collections::BTreeMap;

use domain::{
    ids::AccountId,
    matching::BirthDate,
    verified_claims::{TrustFramework, Vouched},
};
use serde_json::{Value, json};
use store::{
    StoreError,
    bonds::{self, Bond},
    school_words::{self, SchoolWord},
};

use crate::{
    app::App,
    upstream::{KeptIdentity, PivotClaims},
};

/// All of them, the highest level first, schools last.
///
/// # Errors
/// The store's.
pub async fn find_vouched(app: &App, account: AccountId) -> Result<Vec<Vouched>, StoreError> {
    let reader = app.database.reader();
    let mut vouched = Vec::new();
    for bond in bonds::find_by_account(reader, account).await? {
        vouched.extend(by_upstream(app, &bond)?);
    }
    vouched.sort_by_key(|word| std::cmp::Reverse(word.level));
    vouched.extend(by_schools(
        &school_words::find_by_account(reader, account).await?,
    ));
    Ok(vouched)
}

/// The word of an upstream that is configured still, at the level of that time.
fn by_upstream(app: &App, bond: &Bond) -> Result<Option<Vouched>, StoreError> {
    let mut upstreams = app.upstreams.iter();
    let upstream = upstreams.find(|upstream| upstream.issuer() == bond.issuer);
    let kept = bond.pivot(&app.vault)?;
    let kept = kept.and_then(|kept| serde_json::from_slice::<KeptIdentity>(&kept).ok());
    let (Some(upstream), Some(kept), Some(at)) = (upstream, kept, bond.asserted_at) else {
        return Ok(None);
    };
    let level = kept.level.filter(|level| level.is_eidas());
    Ok(level.map(|level| Vouched {
        framework: TrustFramework::Eidas,
        level: Some(level),
        at,
        voucher: Some(upstream.title().to_owned()),
        claims: claims_of(&kept.claims),
    }))
}

/// As they came; of a date that the civil register does not know whole, the year where
/// that is all (OpenID Connect Core, section 5.1).
fn claims_of(claims: &PivotClaims) -> BTreeMap<&'static str, Value> {
    let text = |name: &Option<String>| name.clone().filter(|name| !name.trim().is_empty());
    let given = text(&claims.given_name);
    let listed = claims
        .given_name_array
        .as_ref()
        .map(|names| names.join(" "));
    let given = given.or_else(|| text(&listed));
    let birth = claims.birthdate.as_deref().and_then(|date| {
        match BirthDate::read(date, claims.idp_birthdate.as_deref()).ok()? {
            BirthDate::Whole(date) => Some(date.to_string()),
            BirthDate::Year(year) => Some(format!("{year:04}")),
            BirthDate::Month(..) => None,
        }
    });
    let all = [
        ("given_name", given),
        ("family_name", text(&claims.family_name)),
        ("birthdate", birth),
    ];
    let known = all
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    known.map(|(name, value)| (name, json!(value))).collect()
}

/// What all schools that say something agree on; none where no school knows the person.
fn by_schools(words: &[SchoolWord]) -> Option<Vouched> {
    let at = words.iter().map(|word| word.at).max()?;
    let given = agreed(words.iter().map(|word| Some(word.name.given.clone())));
    let family = agreed(words.iter().map(|word| Some(word.name.family.clone())));
    let date = |word: &SchoolWord| word.birth_date.map(|date| date.to_string());
    let all = [
        ("given_name", given),
        ("family_name", family),
        ("birthdate", agreed(words.iter().map(date))),
    ];
    let known = all
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    Some(Vouched {
        framework: TrustFramework::Schools,
        level: None,
        at,
        voucher: None,
        claims: known.map(|(name, value)| (name, json!(value))).collect(),
    })
}

/// The one value that is said, if it is one.
fn agreed(mut said: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = said.by_ref().flatten().next()?;
    said.flatten().all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use domain::name::PersonName;
    use jiff::{Timestamp, civil::date};

    use super::*;

    fn word(given: &str, birth_date: Option<jiff::civil::Date>) -> SchoolWord {
        SchoolWord {
            name: PersonName {
                given: given.into(),
                family: "MARTIN".into(),
            },
            birth_date,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn schools_vouch_for_what_they_agree_on() {
        let born = Some(date(1978, 3, 22));
        assert_eq!(by_schools(&[]), None);
        let one = by_schools(&[word("Claire", born), word("Claire", None)]).unwrap();
        assert_eq!(one.claims["birthdate"], "1978-03-22");
        assert_eq!(one.claims["given_name"], "Claire");
        let two = by_schools(&[word("Claire", born), word("Clara", Some(date(1978, 3, 23)))]);
        let names: Vec<_> = two.unwrap().claims.into_keys().collect();
        assert_eq!(names, ["family_name"]);
    }

    #[test]
    fn a_date_that_is_not_known_whole_is_not_told_whole() {
        let of = |idp_birthdate: &str| {
            let claims = PivotClaims {
                birthdate: Some("1980-06-01".into()),
                idp_birthdate: Some(idp_birthdate.into()),
                ..PivotClaims::default()
            };
            claims_of(&claims).get("birthdate").cloned()
        };
        assert_eq!(of("1980-06-01"), Some(json!("1980-06-01")));
        assert_eq!(of("1980-06-00"), None);
        assert_eq!(of("1980-00-00"), Some(json!("1980")));
    }

    #[test]
    fn an_empty_name_is_not_told() {
        let claims = PivotClaims {
            family_name: Some(" ".into()),
            given_name_array: Some(vec!["Anne Sophie".into(), "Marie".into()]),
            ..PivotClaims::default()
        };
        let told = claims_of(&claims);
        assert_eq!(told["given_name"], "Anne Sophie Marie");
        assert_eq!(told.len(), 1);
    }
}
