//! Section `accessibility`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::site::{Accessibility, Conformity};

use super::fault::Faults;

/// Section `accessibility`: what the operator states at `/accessibilite`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccessibilitySettings {
    /// How far the pages conform: `none`, `partial` or `full`. Without an audit: `none`.
    pub conformity: ConformityLevel,
    /// Who runs the service.
    pub operator: Option<String>,
    /// Where to write about a difficulty.
    pub contact_email: Option<String>,
    /// The day of the audit, as people write it.
    pub audited_on: Option<String>,
    /// Who made the audit.
    pub audited_by: Option<String>,
    /// The share of criteria that are met, in per cent.
    pub rate: Option<u8>,
    /// What is known not to conform, one sentence each.
    pub shortcomings: Vec<String>,
}

/// The three levels of a French accessibility statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConformityLevel {
    /// No audit, or less than half of the criteria.
    #[default]
    None,
    /// At least half of the criteria.
    Partial,
    /// Every criterion.
    Full,
}

impl AccessibilitySettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        let possible = self.rate.is_none_or(|rate| rate <= 100);
        faults.require(possible, "accessibility.rate", "must be from 0 to 100");
        let audited = self.conformity == ConformityLevel::None || self.audited_by.is_some();
        let what = "needs accessibility.audited_by: without an audit a service conforms to `none`";
        faults.require(audited, "accessibility.conformity", what);
        let address = self
            .contact_email
            .as_deref()
            .is_none_or(|email| email.contains('@'));
        faults.require(
            address,
            "accessibility.contact_email",
            "must be an e-mail address",
        );
    }

    /// As the pages show it.
    pub fn statement(&self) -> Accessibility {
        Accessibility {
            conformity: match self.conformity {
                ConformityLevel::None => Conformity::None,
                ConformityLevel::Partial => Conformity::Partial,
                ConformityLevel::Full => Conformity::Full,
            },
            operator: self.operator.clone(),
            contact_email: self.contact_email.clone(),
            audited_on: self.audited_on.clone(),
            audited_by: self.audited_by.clone(),
            rate: self.rate,
            shortcomings: self.shortcomings.clone(),
        }
    }
}
