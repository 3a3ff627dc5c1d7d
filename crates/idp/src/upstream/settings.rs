//! What an operator may set of an upstream.

use std::collections::BTreeMap;

use domain::{acr::Acr, secret::Secret};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settings::Seconds;

/// Section `upstream.NAME`: another provider that people may identify themselves with.
/// FranceConnect is one, named `franceconnect`. The name stands in addresses: at the
/// provider, register `{server.issuer}/NAME/callback` and, for the return after a
/// sign-out, `{server.issuer}/NAME/deconnexion`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpstreamSettings {
    /// The provider's issuer; its metadata is found there (OpenID Connect Discovery 1.0).
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there, sent in the form (`client_secret_post`). Best given by a file.
    #[schemars(with = "String")]
    pub client_secret: Secret,
    /// The level asked for: `eidas1`, `eidas2` or `eidas3`. A lower one is refused.
    #[serde(default = "lowest")]
    #[schemars(with = "String", extend("default" = "eidas1"))]
    pub acr: Acr,
    /// The scopes asked for beside `openid`: those of the pivot identity, and no more.
    #[serde(default = "pivot")]
    pub scopes: Vec<String>,
    /// Whether a proof key is sent (RFC 7636). FranceConnect refuses requests with one.
    #[serde(default)]
    pub pkce: bool,
    /// Seconds that each of its answers may take.
    #[serde(default = "patience")]
    pub patience: Seconds,
    /// Its name on the button « S'identifier avec … ».
    #[serde(default = "france_connect")]
    pub title: String,
    /// The page that tells people what it is.
    #[serde(default = "about_france_connect")]
    pub about: String,
}

/// All upstreams, by name.
pub type UpstreamsSettings = BTreeMap<String, UpstreamSettings>;

const fn lowest() -> Acr {
    Acr::Eidas1
}

fn pivot() -> Vec<String> {
    let scopes = [
        "given_name",
        "family_name",
        "preferred_username",
        "birthdate",
        "idp_birthdate",
    ];
    scopes.map(str::to_owned).into()
}

const fn patience() -> Seconds {
    Seconds(4)
}

fn france_connect() -> String {
    "FranceConnect".to_owned()
}

fn about_france_connect() -> String {
    "https://franceconnect.gouv.fr/".to_owned()
}
