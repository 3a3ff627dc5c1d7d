//! Claims: which exist, which scope stands for which, and what a person's are.
//!
//! docs/CLAIMS.md documents them; this is the one place where their names stand.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    account::PersonKind,
    contact::ContactState,
    ids::AccountId,
    link::Relationship,
    name::PersonName,
    school::{School, Uai},
    scope::{Scope, ScopeSet},
    subject::Subject,
};

/// Claims of each scope (OpenID Connect Core, section 5.4; product.md for `family`).
const OF_SCOPES: [(&str, &[&str]); 5] = [
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
    (
        Scope::FAMILY,
        &["person_type", "children", "guardians", "schools"],
    ),
];

/// Claims that say how a person signed in; they stand in ID tokens, whatever the scope.
const OF_AUTHENTICATION: [&str; 3] = ["acr", "amr", "auth_time"];

/// The scopes that stand for claims, with their claims.
pub fn of_scopes() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    OF_SCOPES.into_iter()
}

/// What a purpose can be told of, where these scopes are asked for: each of them, and
/// each claim that they stand for.
pub fn askable(scope: &ScopeSet) -> BTreeSet<&str> {
    of_scopes()
        .filter(|(name, _)| scope.contains(name))
        .flat_map(|(_, claims)| claims.iter().copied())
        .chain(scope.iter())
        .collect()
}

/// Every claim that can be answered, for the metadata.
pub fn supported(namespace: &Namespace) -> Vec<String> {
    let protocol = ["iss", "sub", "aud", "exp", "iat", "nonce", "at_hash", "sid"];
    let scoped = OF_SCOPES
        .iter()
        .flat_map(|(_, claims)| claims.iter().copied());
    protocol
        .into_iter()
        .chain(OF_AUTHENTICATION)
        .chain(scoped)
        .map(|claim| namespace.outward(claim))
        .collect()
}

/// The prefix of claims that are not registered with IANA; empty by default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Namespace(String);

impl Namespace {
    /// With a prefix such as `https://ecole.example/`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self(prefix.into())
    }

    /// The claim's name in tokens.
    pub fn outward(&self, claim: &str) -> String {
        if is_own(claim) {
            format!("{}{claim}", self.0)
        } else {
            claim.to_owned()
        }
    }

    /// The claim that a request names, by its name in tokens.
    fn inward(&self, requested: &str) -> Option<&'static str> {
        let own = requested
            .strip_prefix(self.0.as_str())
            .filter(|name| is_own(name));
        let name = own.unwrap_or(requested);
        let known = OF_SCOPES
            .iter()
            .flat_map(|(_, claims)| claims.iter().copied());
        known
            .filter(|claim| is_own(claim) == own.is_some())
            .find(|claim| *claim == name)
    }
}

fn is_own(claim: &str) -> bool {
    matches!(claim, "person_type" | "children" | "guardians" | "schools")
}

/// A set of claims that may be answered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted(BTreeSet<&'static str>);

impl Wanted {
    /// The claims that granted scopes stand for.
    pub fn by_scopes(granted: &ScopeSet) -> Self {
        let claims = OF_SCOPES
            .iter()
            .filter(|(scope, _)| granted.contains(scope))
            .flat_map(|(_, claims)| claims.iter().copied());
        Self(claims.collect())
    }

    /// Adds claims that the `claims` parameter names (OpenID Connect Core, section
    /// 5.5). A client gets those alone whose scope its registration allows; unknown
    /// ones are passed over, as the standard has it.
    #[must_use]
    pub fn with_named<'a>(
        mut self,
        names: impl IntoIterator<Item = &'a str>,
        registered: &ScopeSet,
        namespace: &Namespace,
    ) -> Self {
        let allowed = Self::by_scopes(registered);
        let known = names.into_iter().filter_map(|name| namespace.inward(name));
        self.0
            .extend(known.filter(|claim| allowed.0.contains(claim)));
        self
    }

    /// Whether the claim is among them.
    pub fn contains(&self, claim: &str) -> bool {
        self.0.contains(claim)
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether answering them takes the person's addresses.
    pub fn needs_contacts(&self) -> bool {
        let claims = [
            "email",
            "email_verified",
            "phone_number",
            "phone_number_verified",
        ];
        claims.iter().any(|claim| self.0.contains(claim))
    }

    /// Whether answering them takes the person's links and schools.
    pub fn needs_family(&self) -> bool {
        ["children", "guardians", "schools"]
            .iter()
            .any(|claim| self.0.contains(claim))
    }
}

/// A current e-mail address or phone number and whether it is confirmed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CurrentContact {
    /// The address.
    pub value: String,
    /// Whether its owner proved it.
    pub state: ContactState,
}

/// Somebody at the other end of an active link.
#[derive(Clone, PartialEq, Debug)]
pub struct Relative {
    /// Their account.
    pub account: AccountId,
    /// Their names.
    pub name: PersonName,
    /// Their birth date; shown of children alone.
    pub birth_date: Option<Date>,
    /// What the guardian of the link is to the pupil.
    pub relationship: Relationship,
    /// Their schools; shown of children alone.
    pub schools: Vec<School>,
}

/// All that claims can say about a person.
#[derive(Clone, PartialEq, Debug)]
pub struct PersonFacts {
    /// The account.
    pub account: AccountId,
    /// Whose it is.
    pub kind: PersonKind,
    /// The identifier that they sign in with: never a claim by itself.
    pub name: PersonName,
    /// Birth date, where known.
    pub birth_date: Option<Date>,
    /// Current e-mail address.
    pub email: Option<CurrentContact>,
    /// Current phone number.
    pub phone: Option<CurrentContact>,
    /// BCP 47 language.
    pub locale: String,
    /// When one of these last changed.
    pub updated_at: Timestamp,
    /// Standard claims beyond these, of staff and test persons.
    pub additional: Map<String, Value>,
    /// A pupil's schools.
    pub schools: Vec<School>,
    /// A guardian's children, active links alone.
    pub children: Vec<Relative>,
    /// A pupil's guardians, active links alone.
    pub guardians: Vec<Relative>,
}

impl PersonFacts {
    /// These facts as a client learns them that is for some schools alone: of other
    /// schools neither the name nor the children. All of them where it is for all.
    #[must_use]
    pub fn limited_to(mut self, schools: &BTreeSet<Uai>) -> Self {
        if schools.is_empty() {
            return self;
        }
        let is_theirs = |school: &School| schools.contains(&school.uai);
        self.schools.retain(is_theirs);
        for child in &mut self.children {
            child.schools.retain(is_theirs);
        }
        self.children.retain(|child| !child.schools.is_empty());
        self
    }
}

/// How much of the family is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FamilyDetail {
    /// Subjects alone: ID tokens travel in addresses and cookies.
    SubjectsAlone,
    /// Names, birth dates, schools too.
    Whole,
}

/// The wanted claims of a person, by their outward names; claims without a value are
/// left out (OpenID Connect Core, section 5.3.2).
pub fn of_person(
    facts: &PersonFacts,
    wanted: &Wanted,
    detail: FamilyDetail,
    namespace: &Namespace,
    subject_of: &dyn Fn(AccountId) -> Subject,
) -> Map<String, Value> {
    let mut claims = Map::new();
    for claim in &wanted.0 {
        let value = family_claim(facts, claim, detail, subject_of)
            .or_else(|| standard_claim(facts, claim))
            .or_else(|| facts.additional.get(*claim).cloned());
        if let Some(value) = value {
            claims.insert(namespace.outward(claim), value);
        }
    }
    claims
}

fn standard_claim(facts: &PersonFacts, claim: &str) -> Option<Value> {
    let value = match claim {
        "name" => json!(facts.name.full()),
        "given_name" => json!(facts.name.given),
        "family_name" => json!(facts.name.family),
        "birthdate" => json!(facts.birth_date?.to_string()),
        "locale" => json!(facts.locale),
        "updated_at" => json!(facts.updated_at.as_second()),
        "email" => json!(facts.email.as_ref()?.value),
        "email_verified" => json!(facts.email.as_ref()?.state == ContactState::Confirmed),
        "phone_number" => json!(facts.phone.as_ref()?.value),
        "phone_number_verified" => json!(facts.phone.as_ref()?.state == ContactState::Confirmed),
        _ => return None,
    };
    Some(value)
}

fn family_claim(
    facts: &PersonFacts,
    claim: &str,
    detail: FamilyDetail,
    subject_of: &dyn Fn(AccountId) -> Subject,
) -> Option<Value> {
    match (claim, facts.kind) {
        ("person_type", kind) => Some(json!(kind.person_type())),
        ("children", PersonKind::Guardian) => {
            let show = |child| child_claim(child, detail, subject_of);
            Some(facts.children.iter().map(show).collect())
        }
        ("guardians", PersonKind::Pupil) => {
            let show = |guardian| guardian_claim(guardian, detail, subject_of);
            Some(facts.guardians.iter().map(show).collect())
        }
        ("schools", PersonKind::Pupil) if detail == FamilyDetail::Whole => {
            Some(json!(facts.schools))
        }
        _ => None,
    }
}

fn child_claim(
    child: &Relative,
    detail: FamilyDetail,
    subject_of: &dyn Fn(AccountId) -> Subject,
) -> Value {
    let sub = subject_of(child.account);
    if detail == FamilyDetail::SubjectsAlone {
        return json!({ "sub": sub });
    }
    let mut claim = json!({
        "sub": sub,
        "given_name": child.name.given,
        "family_name": child.name.family,
        "relationship": child.relationship,
        "schools": child.schools,
    });
    if let Some(birth_date) = child.birth_date {
        claim["birthdate"] = json!(birth_date.to_string());
    }
    claim
}

fn guardian_claim(
    guardian: &Relative,
    detail: FamilyDetail,
    subject_of: &dyn Fn(AccountId) -> Subject,
) -> Value {
    let sub = subject_of(guardian.account);
    if detail == FamilyDetail::SubjectsAlone {
        return json!({ "sub": sub });
    }
    json!({
        "sub": sub,
        "given_name": guardian.name.given,
        "family_name": guardian.name.family,
        "relationship": guardian.relationship,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ambient::Ambient,
        school::{SchoolLevel, Uai},
    };

    fn claire() -> PersonFacts {
        let ambient = Ambient::system();
        PersonFacts {
            account: AccountId::new(&ambient),
            kind: PersonKind::Guardian,
            name: PersonName {
                given: "Claire".into(),
                family: "MARTIN".into(),
            },
            birth_date: Some(date(1978, 3, 22)),
            email: Some(CurrentContact {
                value: "claire.martin@example.org".into(),
                state: ContactState::Unconfirmed,
            }),
            phone: None,
            locale: "fr".into(),
            updated_at: Timestamp::UNIX_EPOCH,
            additional: Map::from_iter([("nickname".to_owned(), json!("Clairette"))]),
            schools: Vec::new(),
            children: vec![Relative {
                account: AccountId::new(&ambient),
                name: PersonName {
                    given: "Léo".into(),
                    family: "MARTIN".into(),
                },
                birth_date: Some(date(2010, 4, 11)),
                relationship: Relationship::Mother,
                schools: vec![School {
                    uai: Uai::parse("0750001U").unwrap(),
                    name: "Lycée".into(),
                    level: SchoolLevel::Lycee,
                }],
            }],
            guardians: Vec::new(),
        }
    }

    fn claims(scope: &str, detail: FamilyDetail) -> Map<String, Value> {
        let wanted = Wanted::by_scopes(&ScopeSet::parse(scope).unwrap());
        let subject = |account: AccountId| Subject::from_claim(account.to_string());
        of_person(&claire(), &wanted, detail, &Namespace::default(), &subject)
    }

    #[test]
    fn a_scope_gives_its_claims_and_no_others() {
        let email = claims("openid email", FamilyDetail::Whole);
        assert_eq!(
            email.keys().collect::<Vec<_>>(),
            ["email", "email_verified"]
        );
        assert_eq!(email["email_verified"], json!(false));
        assert!(claims("openid phone", FamilyDetail::Whole).is_empty());
        assert_eq!(
            claims("profile", FamilyDetail::Whole)["nickname"],
            "Clairette"
        );
    }

    #[test]
    fn a_guardian_has_children_and_no_guardians() {
        let family = claims("family", FamilyDetail::Whole);
        assert_eq!(family["person_type"], "guardian");
        assert_eq!(family["children"][0]["given_name"], "Léo");
        assert_eq!(family["children"][0]["birthdate"], "2010-04-11");
        assert_eq!(family["children"][0]["schools"][0]["uai"], "0750001U");
        assert!(!family.contains_key("guardians"));
    }

    #[test]
    fn a_town_learns_nothing_of_children_of_other_schools() {
        let uai = |code| Uai::parse(code).unwrap();
        let told = |schools: &[Uai]| {
            let schools = schools.iter().cloned().collect();
            let facts = claire().limited_to(&schools);
            let wanted = Wanted::by_scopes(&ScopeSet::parse("family").unwrap());
            let subject = |account: AccountId| Subject::from_claim(account.to_string());
            let detail = FamilyDetail::Whole;
            of_person(&facts, &wanted, detail, &Namespace::default(), &subject)
        };
        assert_eq!(told(&[])["children"].as_array().unwrap().len(), 1);
        assert_eq!(told(&[uai("0750001U")])["children"][0]["given_name"], "Léo");
        assert_eq!(told(&[uai("0750002V")])["children"], json!([]));
    }

    #[test]
    fn an_id_token_names_children_by_subject_alone() {
        let family = claims("family", FamilyDetail::SubjectsAlone);
        let child = family["children"][0].as_object().unwrap();
        assert_eq!(child.keys().collect::<Vec<_>>(), ["sub"]);
    }

    #[test]
    fn a_client_cannot_name_claims_beyond_its_registration() {
        let registered = ScopeSet::parse("openid profile").unwrap();
        let wanted = Wanted::default().with_named(
            ["name", "children", "email", "nonsense"],
            &registered,
            &Namespace::default(),
        );
        assert!(wanted.contains("name"));
        assert!(!wanted.contains("children") && !wanted.contains("email"));
    }

    #[test]
    fn own_claims_bear_the_namespace() {
        let namespace = Namespace::new("https://ecole.example/");
        let registered = ScopeSet::parse("family").unwrap();
        let named = |name| Wanted::default().with_named([name], &registered, &namespace);
        assert!(named("https://ecole.example/children").contains("children"));
        assert!(named("children").is_empty());
        assert!(supported(&namespace).contains(&"https://ecole.example/children".to_owned()));
    }

    proptest! {
        #[test]
        fn no_set_of_scopes_gives_a_claim_of_another_scope(
            chosen in proptest::sample::subsequence(
                vec!["openid", "profile", "email", "phone", "address", "family"], 0..=6)
        ) {
            let given = claims(&chosen.join(" "), FamilyDetail::Whole);
            for (scope, names) in of_scopes() {
                if !chosen.contains(&scope) {
                    prop_assert!(names.iter().all(|name| !given.contains_key(*name)));
                }
            }
        }
    }
}
