//! What a request says of verified claims, and what may be answered to it (OpenID Connect
//! for Identity Assurance 1.0, sections 5.3 to 5.7).
//!
//! A request is a template: an answer has those of its members that somebody vouched for,
//! and none that it does not name. A condition (`value`, `values`, `max_age`) that is not
//! met within `verification` takes the whole element away, on a claim that claim alone; an
//! error it never is.

use std::collections::BTreeSet;

use domain::verified_claims::{SUPPORTED, Vouched};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::claims_request::NotAClaimsRequest;

/// Most elements of a request.
const MAX_ELEMENTS: usize = 10;
/// Most members, in all, of an element.
const MAX_MEMBERS: usize = 100;
/// Deepest nesting of an element: the longest way is `verification`, `evidence`, its entry,
/// `attestation`, `voucher`, a member, its `values`, and one of them.
const MAX_DEPTH: usize = 9;

/// The value of `verified_claims` in the `claims` parameter.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VerifiedRequest {
    elements: Vec<Element>,
    /// Whether they came as an array, as the answer then does.
    listed: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Element {
    verification: Value,
    claims: Map<String, Value>,
}

impl VerifiedRequest {
    /// Reads the member, if it is there.
    ///
    /// # Errors
    /// [`NotAClaimsRequest`].
    pub fn parse(member: Option<&Value>) -> Result<Self, NotAClaimsRequest> {
        let (listed, elements) = match member {
            None => return Ok(Self::default()),
            Some(Value::Array(elements)) => (true, elements.as_slice()),
            Some(one) => (false, std::slice::from_ref(one)),
        };
        if elements.len() > MAX_ELEMENTS {
            return Err(NotAClaimsRequest::TooLarge);
        }
        let elements = elements.iter().map(parse_element);
        Ok(Self {
            elements: elements.collect::<Result<_, _>>()?,
            listed,
        })
    }

    /// Whether nothing is asked for.
    pub const fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Whether it names one of these claims.
    pub fn touches(&self, allowed: &BTreeSet<String>) -> bool {
        let mut names = self
            .elements
            .iter()
            .flat_map(|element| element.claims.keys());
        names.any(|name| allowed.contains(name))
    }

    /// The answer: for each element the word of the first voucher that meets it, of the
    /// claims that the client is registered for. None where nobody's does.
    pub fn answer(
        &self,
        vouched: &[Vouched],
        allowed: &BTreeSet<String>,
        now: Timestamp,
    ) -> Option<Value> {
        let answers = self.elements.iter().filter_map(|element| {
            let mut words = vouched.iter();
            words.find_map(|word| element.answer(word, allowed, now))
        });
        let mut answers: Vec<Value> = answers.collect();
        match (answers.is_empty(), self.listed) {
            (true, _) => None,
            (false, true) => Some(Value::Array(answers)),
            (false, false) => Some(answers.swap_remove(0)),
        }
    }
}

fn parse_element(element: &Value) -> Result<Element, NotAClaimsRequest> {
    let members = element.as_object().ok_or(NotAClaimsRequest::Member)?;
    if count(element, MAX_DEPTH).is_none_or(|members| members > MAX_MEMBERS) {
        return Err(NotAClaimsRequest::TooLarge);
    }
    let verification = members.get("verification");
    let verification = verification.and_then(Value::as_object);
    let verification = verification.ok_or(NotAClaimsRequest::Member)?;
    let claims = members.get("claims").and_then(Value::as_object);
    let claims = claims.filter(|claims| !claims.is_empty());
    let claims = claims.ok_or(NotAClaimsRequest::Member)?;
    let wishes = verification.values().chain(claims.values());
    let is_sound = verification.contains_key("trust_framework")
        && wishes.into_iter().all(is_wish)
        && verification.get("evidence").is_none_or(is_evidence)
        && claims.values().all(|wish| !wish.is_array());
    if !is_sound {
        return Err(NotAClaimsRequest::Member);
    }
    Ok(Element {
        verification: Value::Object(verification.clone()),
        claims: claims.clone(),
    })
}

/// How many values it holds; none where it is nested deeper than that.
fn count(value: &Value, depth: usize) -> Option<usize> {
    let left = depth.checked_sub(1)?;
    let below = match value {
        Value::Array(items) => items.iter().map(|item| count(item, left)).sum(),
        Value::Object(members) => members.values().map(|item| count(item, left)).sum(),
        _ => Some(0),
    };
    below.map(|below: usize| below + 1)
}

/// Null, an object of conditions or of further wishes, or a list of such objects.
fn is_wish(wish: &Value) -> bool {
    match wish {
        Value::Null => true,
        Value::Array(filters) => filters
            .iter()
            .all(|filter| filter.is_object() && is_wish(filter)),
        Value::Object(members) => members.iter().all(|(name, member)| match name.as_str() {
            "value" | "purpose" => true,
            "values" => member.is_array(),
            "essential" => member.is_boolean(),
            "max_age" => member.is_u64(),
            _ => is_wish(member),
        }),
        _ => false,
    }
}

/// Each entry says which type it is about, by one value.
fn is_evidence(evidence: &Value) -> bool {
    let is_typed = |entry: &Value| {
        let kind = &entry["type"];
        kind["value"].is_string() && kind.get("values").is_none()
    };
    evidence.is_null()
        || evidence
            .as_array()
            .is_some_and(|all| all.iter().all(is_typed))
}

/// A condition is not met.
struct Unmet;

impl Element {
    fn answer(
        &self,
        vouched: &Vouched,
        allowed: &BTreeSet<String>,
        now: Timestamp,
    ) -> Option<Value> {
        let verification = fill(&self.verification, &vouched.verification(), now);
        let verification = verification.ok().flatten()?;
        let claims: Map<String, Value> = SUPPORTED
            .into_iter()
            .filter(|name| allowed.contains(*name))
            .filter_map(|name| {
                let (wish, value) = (self.claims.get(name)?, vouched.claims.get(name)?);
                is_met(wish, value, now).then(|| (name.to_owned(), value.clone()))
            })
            .collect();
        let is_some = !claims.is_empty();
        is_some.then(|| json!({ "verification": verification, "claims": claims }))
    }
}

/// What of this was wished for.
fn fill(wish: &Value, have: &Value, now: Timestamp) -> Result<Option<Value>, Unmet> {
    match (wish, have) {
        (Value::Object(wishes), Value::Object(members)) => fill_object(wishes, members, now),
        (Value::Array(filters), Value::Array(entries)) => fill_list(filters, entries, now),
        // Whoever wants what is within asks for that.
        (_, Value::Object(_) | Value::Array(_)) if binds(wish) => Err(Unmet),
        (_, Value::Object(_) | Value::Array(_)) => Ok(None),
        _ if is_met(wish, have, now) => Ok(Some(have.clone())),
        _ => Err(Unmet),
    }
}

fn fill_object(
    wishes: &Map<String, Value>,
    members: &Map<String, Value>,
    now: Timestamp,
) -> Result<Option<Value>, Unmet> {
    let mut filled = Map::new();
    for (name, wish) in wishes {
        let part = match members.get(name) {
            Some(member) => fill(wish, member, now)?,
            None if is_condition(name) || binds(wish) => return Err(Unmet),
            None => None,
        };
        filled.extend(part.map(|part| (name.clone(), part)));
    }
    // What is of a type is nothing without it.
    let is_typeless = members.contains_key("type") && !filled.contains_key("type");
    let is_whole = !filled.is_empty() && !is_typeless;
    Ok(is_whole.then_some(Value::Object(filled)))
}

/// Entries of which one filter is met, or nothing: then the condition is not.
fn fill_list(filters: &[Value], entries: &[Value], now: Timestamp) -> Result<Option<Value>, Unmet> {
    let matching = entries.iter().filter_map(|entry| {
        let mut filled = filters
            .iter()
            .filter_map(|filter| fill(filter, entry, now).ok());
        filled.next().flatten()
    });
    let matching: Vec<Value> = matching.collect();
    if matching.is_empty() && !filters.is_empty() {
        return Err(Unmet);
    }
    Ok((!matching.is_empty()).then_some(Value::Array(matching)))
}

/// Whether a wish has a condition somewhere: what is not there cannot meet it.
fn binds(wish: &Value) -> bool {
    match wish {
        Value::Array(filters) => filters.iter().any(binds),
        Value::Object(members) => {
            let mut members = members.iter();
            members.any(|(name, member)| is_condition(name) || binds(member))
        }
        _ => false,
    }
}

fn is_condition(name: &str) -> bool {
    matches!(name, "value" | "values" | "max_age")
}

/// Whether a value is one that the wish takes.
fn is_met(wish: &Value, value: &Value, now: Timestamp) -> bool {
    let Value::Object(wish) = wish else {
        return true;
    };
    let listed = wish.get("values").and_then(Value::as_array);
    let age = wish.get("max_age").and_then(Value::as_u64);
    wish.get("value").is_none_or(|wanted| wanted == value)
        && listed.is_none_or(|wanted| wanted.contains(value))
        && age.is_none_or(|most| is_young(value, most, now))
}

/// Whether a time is at most so many seconds ago; what is no time is not.
fn is_young(value: &Value, most: u64, now: Timestamp) -> bool {
    let at = value
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let age = at.map(|at| now.duration_since(at).as_secs().max(0));
    age.and_then(|age| u64::try_from(age).ok())
        .is_some_and(|age| age <= most)
}

#[cfg(test)]
mod tests;
