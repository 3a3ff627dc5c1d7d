//! The members of a registration as fields of a form, and back: one table, so that what a
//! file can say the console can, and the same way round.

use std::collections::BTreeMap;

use domain::{
    client::{Registration, RegistrationFault},
    redirect::RedirectUriFault,
};
use serde::Serialize;
use serde_json::{Map, Value};
use web::{TextKey, form::FormErrors};

/// What somebody typed: names and values.
pub(super) type Inputs = BTreeMap<String, String>;

/// How a member is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// One line.
    Text,
    /// One line that no form offers: what stands stays.
    Kept,
    /// Several lines of prose.
    Prose,
    /// One entry on a line.
    Lines,
    /// Words with spaces between.
    Words,
    /// A number.
    Number,
    /// A JSON document.
    Json,
    /// `name: text` on each line.
    Named,
    /// Yes or no.
    Check,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Some of these.
    Several(&'static [&'static str]),
}

/// A member of a registration.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) label: TextKey,
    pub(super) help: TextKey,
    pub(super) group: Group,
}

/// Where in the form it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Group {
    People,
    Addresses,
    Rights,
    Proof,
    Tokens,
    Administration,
}

impl Group {
    pub(super) const ALL: [Self; 6] = [
        Self::People,
        Self::Addresses,
        Self::Rights,
        Self::Proof,
        Self::Tokens,
        Self::Administration,
    ];

    pub(super) const fn title(self) -> TextKey {
        match self {
            Self::People => TextKey::new("admin-client-group-people"),
            Self::Addresses => TextKey::new("admin-client-group-addresses"),
            Self::Rights => TextKey::new("admin-client-group-rights"),
            Self::Proof => TextKey::new("admin-client-group-proof"),
            Self::Tokens => TextKey::new("admin-client-group-tokens"),
            Self::Administration => TextKey::new("admin-client-group-administration"),
        }
    }
}

const ALGORITHMS: Kind = Kind::Choice(&["", "ES256", "RS256", "EdDSA"]);
const ALGORITHMS_ALWAYS: Kind = Kind::Choice(&["RS256", "ES256", "EdDSA"]);

macro_rules! members {
    ($($group:ident: $name:literal $kind:expr, $label:expr, $help:expr;)*) => {
        /// All of them, in the order of the form.
        pub(super) const MEMBERS: &[Member] = &[$(Member {
            name: $name,
            kind: $kind,
            label: $label,
            help: $help,
            group: Group::$group,
        },)*];
    };
}

members! {
    People: "client_id" Kind::Text, TextKey::new("admin-client-client_id"), TextKey::new("admin-client-client_id-help");
    People: "client_name" Kind::Text, TextKey::new("admin-client-client_name"), TextKey::new("admin-client-client_name-help");
    People: "client_uri" Kind::Text, TextKey::new("admin-client-client_uri"), TextKey::new("admin-client-client_uri-help");
    People: "logo_uri" Kind::Kept, TextKey::new("admin-client-logo_uri"), TextKey::new("admin-client-logo_uri-help");
    People: "policy_uri" Kind::Text, TextKey::new("admin-client-policy_uri"), TextKey::new("admin-client-policy_uri-help");
    People: "tos_uri" Kind::Text, TextKey::new("admin-client-tos_uri"), TextKey::new("admin-client-tos_uri-help");
    Addresses: "application_type" Kind::Choice(&["web", "native"]), TextKey::new("admin-client-application_type"), TextKey::new("admin-client-application_type-help");
    Addresses: "redirect_uris" Kind::Lines, TextKey::new("admin-client-redirect_uris"), TextKey::new("admin-client-redirect_uris-help");
    Addresses: "post_logout_redirect_uris" Kind::Lines, TextKey::new("admin-client-post_logout_redirect_uris"), TextKey::new("admin-client-post_logout_redirect_uris-help");
    Rights: "grant_types" Kind::Several(&["authorization_code", "refresh_token", "client_credentials"]), TextKey::new("admin-client-grant_types"), TextKey::new("admin-client-grant_types-help");
    Rights: "scope" Kind::Words, TextKey::new("admin-client-scope"), TextKey::new("admin-client-scope-help");
    Rights: "purposes" Kind::Named, TextKey::new("admin-client-purposes"), TextKey::new("admin-client-purposes-help");
    Rights: "first_party" Kind::Check, TextKey::new("admin-client-first_party"), TextKey::new("admin-client-first_party-help");
    Rights: "person_kinds" Kind::Several(&["pupil", "guardian", "officer", "administrator"]), TextKey::new("admin-client-person_kinds"), TextKey::new("admin-client-person_kinds-help");
    Rights: "schools" Kind::Words, TextKey::new("admin-client-schools"), TextKey::new("admin-client-schools-help");
    Rights: "minors_legal_basis" Kind::Prose, TextKey::new("admin-client-minors_legal_basis"), TextKey::new("admin-client-minors_legal_basis-help");
    Proof: "token_endpoint_auth_method" Kind::Choice(&["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]), TextKey::new("admin-client-token_endpoint_auth_method"), TextKey::new("admin-client-token_endpoint_auth_method-help");
    Proof: "require_pkce" Kind::Check, TextKey::new("admin-client-require_pkce"), TextKey::new("admin-client-require_pkce-help");
    Proof: "jwks_uri" Kind::Text, TextKey::new("admin-client-jwks_uri"), TextKey::new("admin-client-jwks_uri-help");
    Proof: "jwks" Kind::Json, TextKey::new("admin-client-jwks"), TextKey::new("admin-client-jwks-help");
    Proof: "token_endpoint_auth_signing_alg" ALGORITHMS, TextKey::new("admin-client-token_endpoint_auth_signing_alg"), TextKey::new("admin-client-token_endpoint_auth_signing_alg-help");
    Proof: "client_assertion_audience" Kind::Choice(&["issuer", "token_endpoint"]), TextKey::new("admin-client-client_assertion_audience"), TextKey::new("admin-client-client_assertion_audience-help");
    Tokens: "subject_type" Kind::Choice(&["pairwise", "public"]), TextKey::new("admin-client-subject_type"), TextKey::new("admin-client-subject_type-help");
    Tokens: "sector" Kind::Text, TextKey::new("admin-client-sector"), TextKey::new("admin-client-sector-help");
    Tokens: "sector_identifier_uri" Kind::Text, TextKey::new("admin-client-sector_identifier_uri"), TextKey::new("admin-client-sector_identifier_uri-help");
    Tokens: "id_token_signed_response_alg" ALGORITHMS_ALWAYS, TextKey::new("admin-client-id_token_signed_response_alg"), TextKey::new("admin-client-id_token_signed_response_alg-help");
    Tokens: "userinfo_signed_response_alg" ALGORITHMS, TextKey::new("admin-client-userinfo_signed_response_alg"), TextKey::new("admin-client-userinfo_signed_response_alg-help");
    Tokens: "access_token_signed_response_alg" Kind::Choice(&["ES256", "RS256", "EdDSA"]), TextKey::new("admin-client-access_token_signed_response_alg"), TextKey::new("admin-client-access_token_signed_response_alg-help");
    Tokens: "family_in_id_token" Kind::Check, TextKey::new("admin-client-family_in_id_token"), TextKey::new("admin-client-family_in_id_token-help");
    Tokens: "verified_claims" Kind::Several(&["birthdate", "family_name", "given_name"]), TextKey::new("admin-client-verified_claims"), TextKey::new("admin-client-verified_claims-help");
    Tokens: "default_max_age" Kind::Number, TextKey::new("admin-client-default_max_age"), TextKey::new("admin-client-default_max_age-help");
    Tokens: "default_acr_values" Kind::Words, TextKey::new("admin-client-default_acr_values"), TextKey::new("admin-client-default_acr_values-help");
    Tokens: "access_token_audience" Kind::Lines, TextKey::new("admin-client-access_token_audience"), TextKey::new("admin-client-access_token_audience-help");
    Tokens: "resource" Kind::Text, TextKey::new("admin-client-resource"), TextKey::new("admin-client-resource-help");
    Administration: "environment" Kind::Choice(&["production", "test"]), TextKey::new("admin-client-environment"), TextKey::new("admin-client-environment-help");
    Administration: "contacts" Kind::Lines, TextKey::new("admin-client-contacts"), TextKey::new("admin-client-contacts-help");
    Administration: "notes" Kind::Prose, TextKey::new("admin-client-notes"), TextKey::new("admin-client-notes-help");
    Administration: "enabled" Kind::Check, TextKey::new("admin-client-enabled"), TextKey::new("admin-client-enabled-help");
}

/// A registration as a form holds it.
pub(super) fn inputs(registration: &Registration) -> Inputs {
    let document = store::clients::document(registration);
    let mut inputs = Inputs::new();
    for member in MEMBERS {
        put(&mut inputs, member, document.get(member.name));
    }
    inputs
}

/// The form of a client that does not exist yet.
pub(super) fn empty() -> Inputs {
    let pairs = [
        ("application_type", "web"),
        ("grant_types.authorization_code", "oui"),
        ("scope", "openid profile"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("require_pkce", "oui"),
        ("client_assertion_audience", "issuer"),
        ("subject_type", "pairwise"),
        ("id_token_signed_response_alg", "RS256"),
        ("access_token_signed_response_alg", "ES256"),
        ("environment", "production"),
        ("enabled", "oui"),
    ];
    let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.into_iter().collect()
}

fn put(inputs: &mut Inputs, member: &Member, value: Option<&Value>) {
    let text = match (member.kind, value) {
        (Kind::Several(_), Some(Value::Array(some))) => {
            for one in some.iter().filter_map(Value::as_str) {
                inputs.insert(format!("{}.{one}", member.name), "oui".to_owned());
            }
            return;
        }
        (Kind::Check, Some(Value::Bool(true))) => "oui".to_owned(),
        (Kind::Check, _) | (_, None) => return,
        (Kind::Json, Some(value)) => format!("{value:#}"),
        (Kind::Lines, Some(Value::Array(entries))) => joined(entries, "\n"),
        (Kind::Words, Some(Value::Array(entries))) => joined(entries, " "),
        (Kind::Named, Some(Value::Object(named))) => {
            let lines = named
                .iter()
                .map(|(name, text)| format!("{name} : {}", text.as_str().unwrap_or_default()));
            lines.collect::<Vec<_>>().join("\n")
        }
        // What a choice shows when the member is left out is its default.
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(other)) => other.to_string(),
    };
    inputs.insert(member.name.to_owned(), text);
}

fn joined(entries: &[Value], between: &str) -> String {
    let entries: Vec<&str> = entries.iter().filter_map(Value::as_str).collect();
    entries.join(between)
}

/// The registration that was typed.
///
/// # Errors
/// What cannot be read, by field.
pub(super) fn read(inputs: &Inputs) -> Result<Registration, FormErrors> {
    let mut members = Map::new();
    let mut errors = FormErrors::none();
    for member in MEMBERS {
        match take(inputs, member) {
            Ok(Some(value)) => {
                members.insert(member.name.to_owned(), value);
            }
            Ok(None) => {}
            Err(text) => errors = errors.field(member.name, text),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        let path = error.path().to_string();
        let named = MEMBERS
            .iter()
            .find(|member| path.split(['.', '[']).next() == Some(member.name));
        let field = named.map_or("client_id", |member| member.name);
        let unreadable = TextKey::new("admin-client-fault-unreadable");
        let told = error.into_inner().to_string();
        FormErrors::none()
            .field(field, unreadable)
            .value("detail", told)
    })
}

fn take(inputs: &Inputs, member: &Member) -> Result<Option<Value>, TextKey> {
    let text = inputs.get(member.name).map(|text| text.trim());
    let text = text.unwrap_or_default();
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let value = match member.kind {
        Kind::Check => Value::Bool(!text.is_empty()),
        Kind::Several(options) => {
            let chosen = options
                .iter()
                .filter(|option| inputs.contains_key(&format!("{}.{option}", member.name)));
            let chosen: Vec<Value> = chosen.map(|option| (*option).into()).collect();
            chosen.into()
        }
        _ if text.is_empty() => return Ok(None),
        Kind::Text | Kind::Kept | Kind::Prose | Kind::Choice(_) => prose(text).into(),
        Kind::Lines => lines().map(Value::from).collect(),
        Kind::Words if member.name == "scope" => text.into(),
        Kind::Words => text.split_whitespace().map(Value::from).collect(),
        Kind::Number => text
            .parse::<u32>()
            .map_err(|_| TextKey::new("admin-client-fault-number"))?
            .into(),
        Kind::Json => {
            serde_json::from_str(text).map_err(|_| TextKey::new("admin-client-fault-json"))?
        }
        Kind::Named => {
            let named = lines().map(|line| {
                let (name, text) = line.split_once(':')?;
                Some((name.trim().to_owned(), Value::from(text.trim())))
            });
            let named: Option<Map<_, _>> = named.collect();
            Value::Object(named.ok_or(TextKey::new("admin-client-fault-named"))?)
        }
    };
    Ok(Some(value))
}

/// Browsers end lines with two signs; files with one.
fn prose(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What is wrong, said above the field.
pub(super) fn told(faults: &[RegistrationFault]) -> FormErrors {
    faults.iter().fold(FormErrors::none(), |errors, fault| {
        let errors = errors.field(fault.member(), text_of(fault));
        match fault {
            RegistrationFault::RedirectUri { uri, .. }
            | RegistrationFault::PostLogoutRedirectUri { uri, .. } => {
                errors.value("value", uri.as_str())
            }
            RegistrationFault::Contact { contact } => errors.value("value", contact),
            RegistrationFault::TooLong { most, .. } => errors.value("most", most.to_string()),
            RegistrationFault::PurposeOfNothing { name }
            | RegistrationFault::PurposeText { name } => errors.value("value", name),
            _ => errors,
        }
    })
}

const fn text_of(fault: &RegistrationFault) -> TextKey {
    match fault {
        RegistrationFault::Name => TextKey::new("admin-client-fault-name"),
        RegistrationFault::RedirectUri { fault, .. }
        | RegistrationFault::PostLogoutRedirectUri { fault, .. } => match fault {
            RedirectUriFault::NotAbsolute => TextKey::new("admin-client-fault-uri-absolute"),
            RedirectUriFault::Signs => TextKey::new("admin-client-fault-uri-signs"),
            RedirectUriFault::Fragment => TextKey::new("admin-client-fault-uri-fragment"),
            RedirectUriFault::UserInfo => TextKey::new("admin-client-fault-uri-user"),
            RedirectUriFault::Insecure => TextKey::new("admin-client-fault-uri-insecure"),
            RedirectUriFault::Scheme => TextKey::new("admin-client-fault-uri-scheme"),
        },
        RegistrationFault::Link { .. } => TextKey::new("admin-client-fault-link"),
        RegistrationFault::Contact { .. } => TextKey::new("admin-client-fault-contact"),
        RegistrationFault::TooLong { .. } => TextKey::new("admin-client-fault-long"),
        RegistrationFault::NoRedirectUri => TextKey::new("admin-client-fault-no-redirect"),
        RegistrationFault::NoGrant => TextKey::new("admin-client-fault-no-grant"),
        RegistrationFault::RefreshAlone => TextKey::new("admin-client-fault-refresh-alone"),
        RegistrationFault::PublicCredentials => TextKey::new("admin-client-fault-public"),
        RegistrationFault::PublicWithoutPkce => TextKey::new("admin-client-fault-pkce"),
        RegistrationFault::NoKeys => TextKey::new("admin-client-fault-no-keys"),
        RegistrationFault::PrivateKeys => TextKey::new("admin-client-fault-private-keys"),
        RegistrationFault::KeysTwice => TextKey::new("admin-client-fault-keys-twice"),
        RegistrationFault::SectorNeeded => TextKey::new("admin-client-fault-sector"),
        RegistrationFault::SectorEmpty => TextKey::new("admin-client-fault-sector-empty"),
        RegistrationFault::OfflineWithoutRefresh => TextKey::new("admin-client-fault-offline"),
        RegistrationFault::VerifiedClaim(_) | RegistrationFault::VerifiedWithoutProfile => {
            TextKey::new("admin-client-fault-verified")
        }
        RegistrationFault::PurposeOfNothing { .. } => TextKey::new("admin-client-fault-purpose"),
        RegistrationFault::PurposeText { .. } => TextKey::new("admin-client-fault-purpose-text"),
    }
}

/// A field as the template shows it.
#[derive(Debug, Serialize)]
pub(super) struct Field {
    id: &'static str,
    kind: &'static str,
    label: TextKey,
    help: TextKey,
    value: String,
    /// What may be chosen: each with its name in the form, and whether it is.
    options: Vec<Choosable>,
    /// What stands in the store now, where that differs from what was typed.
    stands: Option<String>,
    fixed: bool,
}

#[derive(Debug, Serialize)]
struct Choosable {
    id: String,
    value: &'static str,
    chosen: bool,
}

/// A part of the form.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    title: TextKey,
    fields: Vec<Field>,
}

/// The form with what was typed; beside it what stands, where somebody else changed it.
pub(super) fn parts(inputs: &Inputs, stands: Option<&Inputs>, id_is_fixed: bool) -> Vec<Part> {
    let of_group = |group| Part {
        title: Group::title(group),
        fields: MEMBERS
            .iter()
            .filter(|member| member.group == group)
            .map(|member| field(member, inputs, stands, id_is_fixed))
            .collect(),
    };
    Group::ALL.into_iter().map(of_group).collect()
}

fn field(member: &Member, inputs: &Inputs, stands: Option<&Inputs>, id_is_fixed: bool) -> Field {
    let typed = shown(member, inputs);
    let theirs = stands.map(|stands| shown(member, stands));
    let option = |value: &'static str| match member.kind {
        Kind::Several(_) => {
            let id = format!("{}.{value}", member.name);
            Choosable {
                chosen: inputs.contains_key(&id),
                value,
                id,
            }
        }
        _ => Choosable {
            id: format!("{}.{value}", member.name),
            chosen: inputs.get(member.name).map_or("", String::as_str) == value,
            value,
        },
    };
    let (kind, options) = match member.kind {
        Kind::Text | Kind::Words | Kind::Number => ("text", &[][..]),
        Kind::Kept => ("kept", &[][..]),
        Kind::Prose | Kind::Lines | Kind::Json | Kind::Named => ("area", &[][..]),
        Kind::Check => ("check", &[][..]),
        Kind::Choice(options) => ("choice", options),
        Kind::Several(options) => ("several", options),
    };
    Field {
        id: member.name,
        kind,
        label: member.label,
        help: member.help,
        value: inputs.get(member.name).cloned().unwrap_or_default(),
        options: options.iter().copied().map(option).collect(),
        stands: theirs.filter(|theirs| *theirs != typed),
        fixed: id_is_fixed && member.name == "client_id",
    }
}

/// A member's value in one text, to be compared and read.
fn shown(member: &Member, inputs: &Inputs) -> String {
    if let Kind::Several(options) = member.kind {
        let chosen = options
            .iter()
            .copied()
            .filter(|option| inputs.contains_key(&format!("{}.{option}", member.name)));
        return chosen.collect::<Vec<_>>().join(" ");
    }
    let text = inputs.get(member.name).map(|text| prose(text.trim()));
    text.unwrap_or_default()
}

/// The members in which two registrations differ, with both values.
pub(super) fn differences(before: &Inputs, after: &Inputs) -> Vec<Difference> {
    let differing = MEMBERS.iter().filter_map(|member| {
        let (before, after) = (shown(member, before), shown(member, after));
        (before != after).then_some(Difference {
            label: member.label,
            before,
            after,
        })
    });
    differing.collect()
}

/// What changed in a member.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    pub(super) label: TextKey,
    pub(super) before: String,
    pub(super) after: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn whole() -> Registration {
        serde_json::from_value(json!({
            "client_id": "ent", "client_name": "ENT",
            "redirect_uris": ["https://ent.example/cb", "https://ent.example/cb2"],
            "post_logout_redirect_uris": ["https://ent.example/"],
            "client_uri": "https://ent.example/", "logo_uri": "https://ent.example/logo.png",
            "policy_uri": "https://ent.example/p", "tos_uri": "https://ent.example/t",
            "contacts": ["dsi@ville.example"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": "https://ent.example/jwks", "token_endpoint_auth_signing_alg": "ES256",
            "scope": "openid profile family offline_access",
            "purposes": {"family": "Montrer : le cahier de textes"},
            "schools": ["0750001U", "0750002V"], "person_kinds": ["guardian"],
            "default_max_age": 600, "default_acr_values": ["eidas1"],
            "minors_legal_basis": "mission\nd'intérêt public", "environment": "test",
            "notes": "Convention 2026", "sector": "ent", "userinfo_signed_response_alg": "ES256",
            "access_token_audience": ["https://api.example"], "resource": "https://r.example",
            "sector_identifier_uri": "https://ent.example/s.json",
            "verified_claims": ["birthdate"],
        }))
        .unwrap()
    }

    #[test]
    fn every_member_of_a_registration_has_its_field() {
        let document = store::clients::document(&whole());
        let mut members: BTreeSet<&str> = document
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        members.insert("jwks");
        let fields: BTreeSet<&str> = MEMBERS.iter().map(|member| member.name).collect();
        assert_eq!(fields, members);
    }

    #[test]
    fn a_registration_comes_through_the_form_unchanged() {
        let mut keys = whole();
        keys.jwks_uri = None;
        keys.jwks = Some(json!({"keys": [{"kty": "EC", "x": "a"}]}));
        let least: Registration =
            serde_json::from_value(json!({"client_id": "a", "client_name": "A"})).unwrap();
        for registration in [whole(), keys, least] {
            let read = read(&inputs(&registration)).unwrap();
            assert_eq!(read, registration);
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_at_its_field() {
        let mut typed = inputs(&whole());
        typed.insert("default_max_age".into(), "bientôt".into());
        typed.insert("purposes".into(), "sans deux-points".into());
        let errors = serde_json::to_value(read(&typed).unwrap_err()).unwrap();
        assert_eq!(errors[0]["field"], "purposes");
        assert_eq!(errors[1]["field"], "default_max_age");
        let mut typed = inputs(&whole());
        typed.insert("schools".into(), "collège".into());
        let errors = serde_json::to_value(read(&typed).unwrap_err()).unwrap();
        assert_eq!(errors[0]["field"], "schools");
    }
}
