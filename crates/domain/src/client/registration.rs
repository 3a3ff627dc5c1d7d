//! The members of a registration, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    ApplicationType, AssertionAudience, ClientAuthMethod, ClientId, Environment, GrantType,
    SubjectType,
};
use crate::{
    account::PersonKind,
    redirect::RedirectUri,
    school::Uai,
    scope::{Scope, ScopeSet},
    signing::SigningAlgorithm,
    subject::Sector,
};

/// A client's registration, as files, the API and the store hold it. Unknown members
/// are refused, so that a misspelt one does not silently mean its default.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members of a registration, as its standards name them"
)]
pub struct Registration {
    /// The client's id.
    pub client_id: ClientId,
    /// The name that people see.
    pub client_name: String,
    /// Where it runs.
    #[serde(default)]
    pub application_type: ApplicationType,
    /// Where answers may go; compared exactly.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// Where people may be led after a logout; compared exactly.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// The service's own page, for links that lead people back to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<Url>,
    /// An image that pages of the sign-in show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<Url>,
    /// The service's privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<Url>,
    /// The service's terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<Url>,
    /// Addresses of the people responsible for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// What it may present at the token endpoint.
    #[serde(default = "default_grant_types")]
    pub grant_types: BTreeSet<GrantType>,
    /// How it proves who it is.
    #[serde(default)]
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// Its public keys (RFC 7517), for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Where its public keys are, for `private_key_jwt`; fetched when it authenticates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<Url>,
    /// The one algorithm that its assertions are signed with; any of ours where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<SigningAlgorithm>,
    /// Which audience its assertions name.
    #[serde(default)]
    pub client_assertion_audience: AssertionAudience,
    /// What it may ask for.
    #[serde(default = "default_scope")]
    pub scope: ScopeSet,
    /// Whether subjects are its own.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// The sector of its pairwise subjects; where absent the host of its redirect URIs,
    /// or the client alone where they lead to no host but the person's own machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// A document on the sector's host that lists the redirect URIs of all its clients
    /// (OpenID Connect Core, section 8.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<Url>,
    /// How its ID tokens are signed. RS256 where absent (Registration, section 2).
    #[serde(default = "default_id_token_algorithm")]
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// How its `UserInfo` answers are signed; plain JSON where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<SigningAlgorithm>,
    /// How its access tokens are signed (RFC 9068).
    #[serde(default = "default_access_token_algorithm")]
    pub access_token_signed_response_alg: SigningAlgorithm,
    /// Whether it must use PKCE. Only a confidential client may do without, and must
    /// then send a nonce.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// Seconds after which a sign-in is too old, where the request does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Authentication contexts that it wishes for, where the request does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// What it needs a scope or a claim for, as people are told, by the name of either.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub purposes: BTreeMap<String, String>,
    /// Whether it belongs to the school system itself: no consent page.
    #[serde(default)]
    pub first_party: bool,
    /// On what legal basis a service that is not first-party signs in pupils under
    /// fifteen; without one it does not (product.md, Claims).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minors_legal_basis: Option<String>,
    /// Whose accounts it takes; everybody's where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub person_kinds: Vec<PersonKind>,
    /// The schools whose people it takes, and of whom alone it learns; all where empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub schools: BTreeSet<Uai>,
    /// Whether its ID tokens carry the family claims whole, not subjects alone.
    #[serde(default)]
    pub family_in_id_token: bool,
    /// The claims that it may get as verified ones, where somebody vouched for them
    /// (docs/CLAIMS.md); none where empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub verified_claims: BTreeSet<String>,
    /// The audiences of its `client_credentials` tokens; the issuer where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_token_audience: Vec<String>,
    /// The audience that this client is, as a protected resource: it may introspect
    /// tokens for it (RFC 7662).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Whether it is in use or only being tried.
    #[serde(default, skip_serializing_if = "Environment::is_production")]
    pub environment: Environment,
    /// What administrators note about it; people never see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Whether it works now.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn default_grant_types() -> BTreeSet<GrantType> {
    BTreeSet::from([GrantType::AuthorizationCode])
}

fn default_scope() -> ScopeSet {
    ScopeSet::parse(Scope::OPENID).unwrap_or_default()
}

const fn default_id_token_algorithm() -> SigningAlgorithm {
    SigningAlgorithm::RS256
}

const fn default_access_token_algorithm() -> SigningAlgorithm {
    SigningAlgorithm::ES256
}

const fn yes() -> bool {
    true
}

impl Registration {
    /// Whether the client cannot keep a secret.
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == ClientAuthMethod::None
    }

    /// Whether it may present this at the token endpoint.
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// The registered redirect URI that a request names, if any.
    pub fn redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        self.redirect_uris
            .iter()
            .find(|uri| uri.matches(requested, self.application_type))
    }

    /// The registered post-logout redirect URI that a request names, if any.
    pub fn post_logout_redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        self.post_logout_redirect_uris
            .iter()
            .find(|uri| uri.matches(requested, self.application_type))
    }

    /// The sector in which its subjects are made.
    pub fn sector(&self) -> Sector {
        if self.subject_type == SubjectType::Public {
            return Sector::Public;
        }
        if let Some(name) = &self.sector {
            return Sector::named(name);
        }
        let document = self.sector_identifier_uri.as_ref().and_then(Url::host_str);
        let host = || self.redirect_uris.first().and_then(RedirectUri::owned_host);
        let host = document.map(str::to_owned).or_else(host);
        host.map_or_else(|| Sector::Client(self.client_id.clone()), Sector::Host)
    }

    /// Whether a person of this kind may come with it.
    pub fn takes(&self, kind: PersonKind) -> bool {
        self.person_kinds.is_empty() || self.person_kinds.contains(&kind)
    }

    /// Whether it takes a person of these schools: a pupil's own, a guardian's children's.
    pub fn takes_of(&self, schools: &BTreeSet<Uai>) -> bool {
        self.schools.is_empty() || !self.schools.is_disjoint(schools)
    }

    /// What people are told that it needs a scope or claim for.
    pub fn purpose(&self, name: &str) -> Option<&str> {
        self.purposes.get(name).map(String::as_str)
    }

    /// Where people are led back to: its own page, or the origin of its first
    /// redirect URI.
    pub fn home(&self) -> Option<Url> {
        self.client_uri
            .clone()
            .or_else(|| self.redirect_uris.iter().find_map(RedirectUri::origin))
    }
}
