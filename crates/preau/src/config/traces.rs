//! Section `traces`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::fault::Faults;

/// Section `traces`: where the timing of requests is sent.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceSettings {
    /// Where spans are posted (OTLP over HTTP, protobuf), such as
    /// `http://localhost:4318/v1/traces`.
    pub endpoint: Url,
    /// The share of requests that are traced, from 0 to 1.
    #[serde(default = "default_ratio")]
    pub ratio: f64,
}

const fn default_ratio() -> f64 {
    1.0
}

impl TraceSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        if !matches!(self.endpoint.scheme(), "http" | "https") {
            faults.add("traces.endpoint", "must begin with http:// or https://");
        }
        if !(0.0..=1.0).contains(&self.ratio) {
            faults.add("traces.ratio", "must be from 0 to 1");
        }
    }
}
