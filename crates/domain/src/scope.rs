//! Scopes (RFC 6749, section 3.3; OpenID Connect Core, section 5.4).

use std::{collections::BTreeSet, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One scope value.
#[derive(
    Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Scope(String);

/// A text that is no scope: RFC 6749, appendix A.4 allows printable ASCII without
/// spaces, quotes and backslashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a scope is made of printable ASCII signs without spaces, quotes and backslashes")]
pub struct NotAScope;

impl Scope {
    /// `openid`.
    pub const OPENID: &'static str = "openid";
    /// `offline_access` (OpenID Connect Core, section 11).
    pub const OFFLINE_ACCESS: &'static str = "offline_access";
    /// `family`: children of a guardian, guardians of a pupil (product.md, Claims).
    pub const FAMILY: &'static str = "family";

    /// Reads one value.
    ///
    /// # Errors
    /// [`NotAScope`].
    pub fn parse(text: &str) -> Result<Self, NotAScope> {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(allowed) {
            return Err(NotAScope);
        }
        Ok(Self(text.to_owned()))
    }

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Scope {
    type Error = NotAScope;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

/// Several scopes; written as RFC 6749 has it, separated by spaces.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// Reads a list separated by spaces; an empty text is an empty set.
    ///
    /// # Errors
    /// [`NotAScope`] where a part is none.
    pub fn parse(text: &str) -> Result<Self, NotAScope> {
        text.split(' ')
            .filter(|part| !part.is_empty())
            .map(Scope::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the value is among them.
    pub fn contains(&self, value: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == value)
    }

    /// Whether all of these are among `others`.
    pub fn is_within(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// Those of these that are among `others` too.
    #[must_use]
    pub fn intersection(&self, others: &Self) -> Self {
        Self(self.0.intersection(&others.0).cloned().collect())
    }

    /// These and `others`.
    #[must_use]
    pub fn union(&self, others: &Self) -> Self {
        Self(self.0.union(&others.0).cloned().collect())
    }

    /// These without one value.
    #[must_use]
    pub fn without(&self, value: &str) -> Self {
        let kept = self.0.iter().filter(|scope| scope.as_str() != value);
        Self(kept.cloned().collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Scope::as_str)
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = NotAScope;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ScopeSet> for String {
    fn from(set: ScopeSet) -> Self {
        set.to_string()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}
