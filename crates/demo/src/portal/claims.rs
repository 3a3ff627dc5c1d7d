//! The claims of the `family` scope, as a service that wants them declares them.

use openidconnect::{AdditionalClaims, UserInfoClaims, core::CoreGenderClaim};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What `UserInfo` says of a person: the standard's claims and the family's.
pub(crate) type PersonClaims = UserInfoClaims<FamilyClaims, CoreGenderClaim>;

/// The claims beyond the standard's (docs/CLAIMS.md).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct FamilyClaims {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) person_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) children: Option<Vec<Relative>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) guardians: Option<Vec<Relative>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schools: Option<Vec<School>>,
    /// Whatever else came, so that the page shows all of it.
    #[serde(flatten)]
    pub(crate) other: Map<String, Value>,
}

impl AdditionalClaims for FamilyClaims {}

/// A child or a guardian. The ID token carries `sub` alone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Relative {
    pub(crate) sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) given_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) family_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) birthdate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) relationship: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schools: Option<Vec<School>>,
}

/// A school.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct School {
    pub(crate) uai: String,
    pub(crate) name: String,
    pub(crate) level: String,
}
