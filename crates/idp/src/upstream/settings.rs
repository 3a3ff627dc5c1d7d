//! What an operator may set of an upstream.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use domain::{acr::Acr, secret::Secret};
use schemars::JsonSchema;
use serde::Deserialize;

use super::envelope::KeyManagement;
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
    /// Our secret there, sent in the form (`client_secret_post`). Best given by a file. One
    /// of `client_secret` and `client_key` must be there.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<Secret>,
    /// Our private key there, in PEM, in the place of a secret (`private_key_jwt`): of the
    /// curve P-256, which signs with ES256, or RSA of 2048 bits or more, which signs with
    /// RS256. Best given by a file. Its public part is at `{server.issuer}/NAME/jwks`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub client_key: Option<Secret>,
    /// The key's name (`kid`) in assertions and at that address; its thumbprint (RFC 7638)
    /// where absent.
    #[serde(default)]
    pub client_key_id: Option<String>,
    /// Our private key that the provider encrypts its answers for, as FranceConnect+ does, in
    /// PEM: of the curve P-256, or RSA of 2048 bits or more, and not `client_key`. ID token
    /// and `UserInfo` are then refused unless they are encrypted (`A256GCM`), and refused if
    /// they are where there is no such key. Best given by a file. Its public part is at
    /// `{server.issuer}/NAME/jwks`, named by its thumbprint (RFC 7638).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub encryption_key: Option<Secret>,
    /// A second such key, which decrypts too and is not published: the next one before it
    /// takes the place of `encryption_key`, and the one before it afterwards, until the
    /// provider has read the keys again.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub encryption_key_beside: Option<Secret>,
    /// How content keys may come: of `RSA-OAEP`, `RSA-OAEP-256`, `ECDH-ES`,
    /// `ECDH-ES+A128KW` and `ECDH-ES+A256KW` those that are registered at the provider.
    #[serde(default = "as_france_connect_plus")]
    #[schemars(with = "Vec<String>", extend("default" = ["ECDH-ES", "RSA-OAEP"]))]
    pub encryption_algorithms: Vec<KeyManagement>,
    /// The level asked for: `eidas1`, `eidas2` or `eidas3`. A lower one is refused.
    #[serde(default = "lowest")]
    #[schemars(with = "String", extend("default" = "eidas1"))]
    pub acr: Acr,
    /// The scopes asked for beside `openid`: those of the pivot identity, and no more.
    #[serde(default = "pivot")]
    pub scopes: Vec<String>,
    /// Whom it may open an account that was never activated to: `pivot`, to the one guardian
    /// whom names and birth date of the civil register name, as FranceConnect vouches for
    /// them; `none`, to nobody: whoever is not bound yet must sign in and link it.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = "pivot"))]
    pub matching: Matching,
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
    /// The provider's official button, an SVG or PNG file, in the place of one with a text:
    /// only where you have its provider's leave to show it. FranceConnect's rules are kept:
    /// the picture as it is, first and apart, « OU » before other ways.
    #[serde(default)]
    pub button: Option<PathBuf>,
    /// The same button as it looks under a pointer or with the focus.
    #[serde(default)]
    pub button_active: Option<PathBuf>,
    /// The sentence that stands with the official button.
    #[serde(default = "presentation_of_france_connect")]
    pub presentation: String,
}

/// A picture of an upstream's button: its name among our assets, and its file.
pub type Picture<'a> = (String, &'a Path);

impl UpstreamSettings {
    /// The official button of the upstream of this name, at rest and active, where the
    /// operator has one.
    pub fn pictures(&self, name: &str) -> (Option<Picture<'_>>, Option<Picture<'_>>) {
        (
            self.button
                .as_deref()
                .and_then(|file| picture(name, "button", file)),
            self.button_active
                .as_deref()
                .and_then(|file| picture(name, "active", file)),
        )
    }
}

fn picture<'a>(name: &str, state: &str, file: &'a Path) -> Option<Picture<'a>> {
    let extension = file.extension()?.to_str()?;
    Some((format!("upstream-{name}-{state}.{extension}"), file))
}

/// The rule by which an upstream's identity names a guardian whom schools know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// Names and birth date of the pivot identity (`domain::matching`).
    #[default]
    Pivot,
    /// None does.
    None,
}

/// All upstreams, by name.
pub type UpstreamsSettings = BTreeMap<String, UpstreamSettings>;

fn as_france_connect_plus() -> Vec<KeyManagement> {
    vec![KeyManagement::EcdhEs, KeyManagement::RsaOaep]
}

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

fn presentation_of_france_connect() -> String {
    "FranceConnect est la solution proposée par l’État pour sécuriser et simplifier la connexion à \
     vos services en ligne."
        .to_owned()
}

fn about_france_connect() -> String {
    "https://franceconnect.gouv.fr/".to_owned()
}
