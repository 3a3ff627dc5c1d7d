//! The `claims` parameter (OpenID Connect Core, section 5.5).

use std::collections::BTreeMap;

use domain::{
    claims::{self, Namespace, Wanted},
    client::Registration,
    scope::ScopeSet,
    verified_claims::VERIFIED_CLAIMS,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::verified_claims::VerifiedRequest;

/// Most claims named in one place.
const MAX_CLAIMS: usize = 100;
/// Most values of one claim.
const MAX_VALUES: usize = 20;
/// Deepest nesting: the parameter, its member, the claim, its values, and two more for
/// what is not understood.
const MAX_DEPTH: usize = 6;

/// Which claims a request names, and where it wants them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// For `UserInfo`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, Wish>,
    /// For the ID token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, Wish>,
    /// Verified claims for `UserInfo`.
    #[serde(skip_serializing_if = "VerifiedRequest::is_empty")]
    pub userinfo_verified: VerifiedRequest,
    /// Verified claims for the ID token.
    #[serde(skip_serializing_if = "VerifiedRequest::is_empty")]
    pub id_token_verified: VerifiedRequest,
}

/// What is said of one claim.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// Whether the client calls it essential.
    pub essential: bool,
    /// The texts that it wants as value, best first; kept for `sub` and `acr`, where
    /// they bind, and empty elsewhere.
    pub values: Vec<String>,
}

/// What is no `claims` parameter. The standard's code is `invalid_request`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAClaimsRequest {
    /// Not a JSON object.
    #[error("claims is not a JSON object")]
    NotAnObject,
    /// A member that is no object, or a claim that is neither null nor an object with
    /// the members of the standard.
    #[error("claims has a member that does not follow OpenID Connect Core, section 5.5")]
    Member,
    /// Nested too deep, or too many.
    #[error("claims is nested too deep or names too many claims")]
    TooLarge,
}

impl ClaimsRequest {
    /// Reads the parameter's JSON. Members that the standard does not define are
    /// passed over, as it demands.
    ///
    /// # Errors
    /// [`NotAClaimsRequest`].
    pub fn parse(text: &str) -> Result<Self, NotAClaimsRequest> {
        let mut value: Value =
            serde_json::from_str(text).map_err(|_| NotAClaimsRequest::NotAnObject)?;
        if !value.is_object() {
            return Err(NotAClaimsRequest::NotAnObject);
        }
        // Databases do not hold NUL in texts, and no claim's name has one.
        if value.to_string().contains("\\u0000") {
            return Err(NotAClaimsRequest::Member);
        }
        // They are nested deeper than all the rest, by rules of their own.
        let userinfo_verified = take_verified(&mut value["userinfo"])?;
        let id_token_verified = take_verified(&mut value["id_token"])?;
        if !is_within_depth(&value, MAX_DEPTH) {
            return Err(NotAClaimsRequest::TooLarge);
        }
        Ok(Self {
            userinfo: wishes(&value["userinfo"])?,
            id_token: wishes(&value["id_token"])?,
            userinfo_verified,
            id_token_verified,
        })
    }

    /// The names of the claims wanted from `UserInfo`.
    pub fn userinfo_names(&self) -> impl Iterator<Item = &str> {
        self.userinfo.keys().map(String::as_str)
    }

    /// The names of the claims wanted in the ID token.
    pub fn id_token_names(&self) -> impl Iterator<Item = &str> {
        self.id_token.keys().map(String::as_str)
    }

    /// The scopes to which the named claims belong, of those that the client is
    /// registered for: what a person agrees to in agreeing to the claims. Verified ones
    /// are of `profile`, as the same claims by themselves are.
    pub fn scopes(&self, registration: &Registration, namespace: &Namespace) -> ScopeSet {
        let verified = [&self.userinfo_verified, &self.id_token_verified];
        let verified = verified
            .into_iter()
            .any(|request| request.touches(&registration.verified_claims));
        let names = self.userinfo_names().chain(self.id_token_names());
        let names = names.chain(verified.then_some("family_name"));
        let wanted = Wanted::default().with_named(names, &registration.scope, namespace);
        let is_touched = |claims: &[&str]| claims.iter().any(|claim| wanted.contains(claim));
        let touched: Vec<_> = claims::of_scopes()
            .filter(|(_, claims)| is_touched(claims))
            .map(|(scope, _)| scope)
            .collect();
        ScopeSet::parse(&touched.join(" ")).expect("the scopes of claims are well formed")
    }

    /// The subjects of which one must be the person's (OpenID Connect Core, sections
    /// 3.1.2.2 and 5.5.1); empty where anybody may be.
    pub fn subjects(&self) -> &[String] {
        self.id_token.get("sub").map_or(&[], |wish| &wish.values)
    }

    /// The authentication contexts of which one must be reached (OpenID Connect Core,
    /// section 5.5.1.1); empty where none must.
    pub fn essential_acr(&self) -> &[String] {
        let wish = self.id_token.get("acr").filter(|wish| wish.essential);
        wish.map_or(&[], |wish| &wish.values)
    }

    /// The authentication contexts that are wished for, best first.
    pub fn voluntary_acr(&self) -> &[String] {
        let wish = self.id_token.get("acr").filter(|wish| !wish.essential);
        wish.map_or(&[], |wish| &wish.values)
    }
}

fn take_verified(member: &mut Value) -> Result<VerifiedRequest, NotAClaimsRequest> {
    let claims = member.as_object_mut();
    let verified = claims.and_then(|claims| claims.remove(VERIFIED_CLAIMS));
    VerifiedRequest::parse(verified.as_ref())
}

fn wishes(member: &Value) -> Result<BTreeMap<String, Wish>, NotAClaimsRequest> {
    let claims = match member {
        Value::Null => return Ok(BTreeMap::new()),
        Value::Object(claims) => claims,
        _ => return Err(NotAClaimsRequest::Member),
    };
    if claims.len() > MAX_CLAIMS {
        return Err(NotAClaimsRequest::TooLarge);
    }
    claims
        .iter()
        .map(|(name, wish)| Ok((name.clone(), parse_wish(name, wish)?)))
        .collect()
}

fn parse_wish(name: &str, wish: &Value) -> Result<Wish, NotAClaimsRequest> {
    let members = match wish {
        Value::Null => return Ok(Wish::default()),
        Value::Object(members) => members,
        _ => return Err(NotAClaimsRequest::Member),
    };
    let essential = match members.get("essential") {
        None => false,
        Some(essential) => essential.as_bool().ok_or(NotAClaimsRequest::Member)?,
    };
    let binds = matches!(name, "sub" | "acr");
    let values = if binds { texts(members)? } else { Vec::new() };
    Ok(Wish { essential, values })
}

fn texts(members: &Map<String, Value>) -> Result<Vec<String>, NotAClaimsRequest> {
    let listed = match members.get("values") {
        None => &[][..],
        Some(values) => values.as_array().ok_or(NotAClaimsRequest::Member)?,
    };
    if listed.len() > MAX_VALUES {
        return Err(NotAClaimsRequest::TooLarge);
    }
    let text = |value: &Value| Some(value.as_str()?.to_owned());
    let all = members.get("value").into_iter().chain(listed);
    all.map(|value| text(value).ok_or(NotAClaimsRequest::Member))
        .collect()
}

fn is_within_depth(value: &Value, depth: usize) -> bool {
    let Some(left) = depth.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Array(items) => items.iter().all(|item| is_within_depth(item, left)),
        Value::Object(members) => members.values().all(|item| is_within_depth(item, left)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::fixtures;

    fn registration(scope: &str, verified: &[&str]) -> Registration {
        let verified = verified.iter().map(|claim| (*claim).to_owned());
        Registration {
            scope: ScopeSet::parse(scope).unwrap(),
            verified_claims: verified.collect(),
            ..fixtures::portal()
        }
    }

    #[test]
    fn the_example_of_the_standard_is_read() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null, "picture": null,
                 "http://example.info/claims/groups": null},
                "id_token": {"auth_time": {"essential": true},
                 "acr": {"values": ["urn:mace:incommon:iap:silver"]}},
                "unknown": 1}"#,
        )
        .unwrap();
        assert_eq!(request.userinfo.len(), 4);
        assert!(request.userinfo["given_name"].essential);
        assert!(request.id_token["auth_time"].essential);
        assert_eq!(request.voluntary_acr(), ["urn:mace:incommon:iap:silver"]);
        assert!(request.essential_acr().is_empty());
    }

    #[test]
    fn a_wanted_subject_and_an_essential_context_bind() {
        let request = ClaimsRequest::parse(
            r#"{"id_token": {"sub": {"value": "abc"}, "acr": {"essential": true, "value": "x", "values": ["y"]}}}"#,
        )
        .unwrap();
        assert_eq!(request.subjects(), ["abc"]);
        assert_eq!(request.essential_acr(), ["x", "y"]);
    }

    #[test]
    fn malformed_ones_are_refused() {
        let deep = format!("{}1{}", r#"{"x":"#.repeat(9), "}".repeat(9));
        let abyss = "[".repeat(4000);
        for (text, fault) in [
            ("", NotAClaimsRequest::NotAnObject),
            ("[]", NotAClaimsRequest::NotAnObject),
            ("{", NotAClaimsRequest::NotAnObject),
            (abyss.as_str(), NotAClaimsRequest::NotAnObject),
            (r#"{"userinfo": []}"#, NotAClaimsRequest::Member),
            (r#"{"userinfo": {"name": 1}}"#, NotAClaimsRequest::Member),
            (
                r#"{"id_token": {"name": {"essential": "yes"}}}"#,
                NotAClaimsRequest::Member,
            ),
            (
                r#"{"id_token": {"acr": {"values": "x"}}}"#,
                NotAClaimsRequest::Member,
            ),
            (
                r#"{"id_token": {"sub": {"value": 1}}}"#,
                NotAClaimsRequest::Member,
            ),
            (deep.as_str(), NotAClaimsRequest::TooLarge),
        ] {
            assert_eq!(ClaimsRequest::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn named_claims_belong_to_scopes() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo": {"name": null, "email": null, "children": null}}"#,
        )
        .unwrap();
        let registered = registration("openid profile family", &[]);
        let scopes = request.scopes(&registered, &Namespace::default());
        assert_eq!(scopes.to_string(), "family profile");
    }

    #[test]
    fn verified_claims_belong_to_profile_where_the_client_may_have_them() {
        let request = ClaimsRequest::parse(
            r#"{"id_token": {"verified_claims": {"verification": {"trust_framework": null},
                                                 "claims": {"birthdate": null}}}}"#,
        )
        .unwrap();
        assert!(request.id_token.is_empty() && !request.id_token_verified.is_empty());
        let scopes = |verified: &[&str]| {
            let registration = registration("openid profile", verified);
            let scopes = request.scopes(&registration, &Namespace::default());
            scopes.to_string()
        };
        assert_eq!(scopes(&["birthdate", "given_name"]), "profile");
        assert_eq!(scopes(&["given_name"]), "");
        assert_eq!(scopes(&[]), "");
    }

    proptest! {
        #[test]
        fn arbitrary_texts_never_panic(text in "\\PC{0,200}") {
            let _ = ClaimsRequest::parse(&text);
        }

        #[test]
        fn what_is_read_survives_being_kept(name in "[a-z_]{1,12}", essential: bool) {
            let text = serde_json::json!({"userinfo": {name: {"essential": essential}}}).to_string();
            let request = ClaimsRequest::parse(&text).unwrap();
            let kept = serde_json::to_string(&request).unwrap();
            prop_assert_eq!(serde_json::from_str::<ClaimsRequest>(&kept).unwrap(), request);
        }
    }
}
