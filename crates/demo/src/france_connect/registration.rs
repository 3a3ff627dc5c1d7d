//! The services that the simulator knows, as FranceConnect's partner form has them.

use domain::{redirect::RedirectUri, secret::Secret};
use serde_json::Value;

use super::scopes::ALL_PIVOT;

/// Préau's client id at the simulator, known to everybody.
pub const PREAU_CLIENT_ID: &str = "preau-franceconnect-demo-only";
/// Préau's secret at the simulator, known to everybody.
pub const PREAU_CLIENT_SECRET: &str = "preau-franceconnect-secret-demo-only";
/// Where Préau takes answers, under its issuer.
pub const CALLBACK_PATH: &str = "/franceconnect/callback";
/// Where Préau takes people back who signed out, under its issuer.
pub const SIGNED_OUT_PATH: &str = "/franceconnect/deconnexion";

/// A service that may ask FranceConnect who somebody is.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its id.
    pub client_id: String,
    /// Its secret, sent in the form (`client_secret_post`, which FranceConnect takes;
    /// it takes no Basic header).
    pub client_secret: Secret,
    /// Its public keys, where it proves itself by one and not by the secret
    /// (`private_key_jwt`).
    pub keys: Option<Value>,
    /// Its name on pages.
    pub name: String,
    /// What a person's `sub` depends on beside the person: services of one entity see
    /// the same one.
    pub entity_id: String,
    /// Where answers may go, exactly.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where people may come back to after they signed out, exactly.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// The scopes granted to it.
    pub scopes: Vec<&'static str>,
    /// Whether it may ask how the person identified themselves.
    pub may_ask_amr: bool,
}

impl Registration {
    /// Préau's, for the Préau of that issuer.
    pub fn preau(issuer: &str) -> Self {
        let at = |path: &str| vec![RedirectUri::new(format!("{issuer}{path}"))];
        Self {
            client_id: PREAU_CLIENT_ID.to_owned(),
            client_secret: Secret::new(PREAU_CLIENT_SECRET),
            keys: None,
            name: "Préau".to_owned(),
            entity_id: PREAU_CLIENT_ID.to_owned(),
            redirect_uris: at(CALLBACK_PATH),
            post_logout_redirect_uris: at(SIGNED_OUT_PATH),
            scopes: ALL_PIVOT.to_vec(),
            may_ask_amr: true,
        }
    }

    pub(super) fn has_redirect_uri(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|own| own.as_str() == uri)
    }

    pub(super) fn has_post_logout_redirect_uri(&self, uri: &str) -> bool {
        let mut own = self.post_logout_redirect_uris.iter();
        own.any(|own| own.as_str() == uri)
    }

    pub(super) fn may_ask(&self, scope: &str) -> bool {
        self.scopes.contains(&scope)
    }
}

pub(super) fn find<'r>(
    registrations: &'r [Registration],
    client_id: &str,
) -> Option<&'r Registration> {
    let mut all = registrations.iter();
    all.find(|registration| registration.client_id == client_id)
}
