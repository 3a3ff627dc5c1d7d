//! Client registrations: what a relying party is and may ask (OpenID Connect Dynamic
//! Client Registration 1.0, section 2; RFC 7591, section 2; and this provider's own).

use std::{collections::BTreeSet, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    account::PersonKind,
    redirect::{RedirectUri, RedirectUriFault},
    scope::{Scope, ScopeSet},
    signing::SigningAlgorithm,
    subject::Sector,
    verified_claims,
};

/// The name of a client. Chosen by an administrator; never looks like a `sub`.
#[derive(
    Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ClientId(String);

/// A text that is no client id: 1 to 40 letters, digits, dots, hyphens and underscores.
/// Shorter than any subject, so that the two cannot collide (RFC 9700, section 4.15).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a client_id has 1 to 40 letters, digits, dots, hyphens and underscores")]
pub struct NotAClientId;

impl ClientId {
    /// Reads an id, exactly.
    ///
    /// # Errors
    /// [`NotAClientId`].
    pub fn parse(text: &str) -> Result<Self, NotAClientId> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if text.is_empty() || text.len() > 40 || !text.bytes().all(plain) {
            return Err(NotAClientId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = NotAClientId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the application runs on a server or on a person's machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a server, or in a page.
    #[default]
    Web,
    /// On a person's machine: schemes of its own, loopback with any port (RFC 8252).
    Native,
}

/// What a client may present at the token endpoint.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749, section 4.1.
    AuthorizationCode,
    /// RFC 6749, section 6.
    RefreshToken,
    /// RFC 6749, section 4.4.
    ClientCredentials,
}

impl GrantType {
    /// The value of `grant_type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// How a client proves who it is (OpenID Connect Core, section 9).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// The secret in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// The secret in the form.
    ClientSecretPost,
    /// An assertion signed with a key of the client's.
    PrivateKeyJwt,
    /// Not at all: a public client.
    None,
}

impl ClientAuthMethod {
    /// The value of `token_endpoint_auth_method`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Whether the client has a secret.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// Which audience the client's assertions name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The issuer, as one string (RFC 10070).
    #[default]
    Issuer,
    /// The token endpoint, as one string: older clients.
    TokenEndpoint,
}

/// Whether a person's subject is the client's own (OpenID Connect Core, section 8).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// One for each sector.
    #[default]
    Pairwise,
    /// One for all public clients.
    Public,
}

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
    /// Which audience its assertions name.
    #[serde(default)]
    pub client_assertion_audience: AssertionAudience,
    /// What it may ask for.
    #[serde(default = "default_scope")]
    pub scope: ScopeSet,
    /// Whether subjects are its own.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// The sector of its pairwise subjects; the host of its redirect URIs where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
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

/// What is wrong with a registration, with what to write instead.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegistrationFault {
    /// No name, or one that would break a page.
    #[error("client_name: 1 to 100 characters, none of them a control character")]
    Name,
    /// A redirect URI that may not be registered.
    #[error("redirect_uris: {uri} {fault}")]
    RedirectUri {
        /// The URI.
        uri: RedirectUri,
        /// What is wrong with it.
        fault: RedirectUriFault,
    },
    /// The same for a post-logout redirect URI.
    #[error("post_logout_redirect_uris: {uri} {fault}")]
    PostLogoutRedirectUri {
        /// The URI.
        uri: RedirectUri,
        /// What is wrong with it.
        fault: RedirectUriFault,
    },
    /// A link shown to people that is not https.
    #[error("{member}: must be https (http is allowed to localhost)")]
    Link {
        /// Which member.
        member: &'static str,
    },
    /// The code flow without anywhere to answer to.
    #[error("redirect_uris: the authorization code flow needs at least one")]
    NoRedirectUri,
    /// No grant at all.
    #[error("grant_types: name at least one of authorization_code, client_credentials")]
    NoGrant,
    /// Refresh without the flow that gives refresh tokens.
    #[error("grant_types: refresh_token needs authorization_code")]
    RefreshAlone,
    /// A public client asking for tokens in its own name.
    #[error("grant_types: client_credentials needs a client that authenticates")]
    PublicCredentials,
    /// A public client without PKCE.
    #[error("require_pkce: a client that does not authenticate must use PKCE")]
    PublicWithoutPkce,
    /// No keys, or not a key set.
    #[error("jwks: private_key_jwt needs a key set with public keys, {{\"keys\": […]}}")]
    NoKeys,
    /// Keys that hold a private or symmetric part.
    #[error("jwks: give public keys alone; remove the private members (d, p, q, k …)")]
    PrivateKeys,
    /// Redirect URIs on several hosts without a sector.
    #[error("sector: redirect URIs on several hosts need one (OpenID Connect Core, section 8.1)")]
    SectorNeeded,
    /// A sector that is empty.
    #[error("sector: leave it out rather than empty")]
    SectorEmpty,
    /// `offline_access` without refresh tokens.
    #[error("scope: offline_access needs refresh_token among the grant types")]
    OfflineWithoutRefresh,
    /// A claim that nobody vouches for.
    #[error("verified_claims: {0} is none of birthdate, family_name, given_name")]
    VerifiedClaim(String),
    /// Verified claims without the scope that the same claims belong to.
    #[error("verified_claims: they need profile in scope")]
    VerifiedWithoutProfile,
}

impl Registration {
    /// Checks all that can be checked without asking anybody.
    ///
    /// # Errors
    /// Every fault found, so that a file is mended in one go.
    pub fn check(&self) -> Result<(), Vec<RegistrationFault>> {
        let mut faults = Vec::new();
        faults.extend(self.name_fault());
        faults.extend(self.redirect_faults());
        faults.extend(self.link_faults());
        faults.extend(self.grant_faults());
        faults.extend(self.key_fault());
        faults.extend(self.sector_fault());
        faults.extend(self.verified_claims_fault());
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

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
        let named = self.sector.clone();
        let host = || self.redirect_uris.first().and_then(RedirectUri::host);
        Sector::Named(
            named
                .or_else(host)
                .unwrap_or_else(|| self.client_id.to_string()),
        )
    }

    /// Whether a person of this kind may come with it.
    pub fn takes(&self, kind: PersonKind) -> bool {
        self.person_kinds.is_empty() || self.person_kinds.contains(&kind)
    }

    /// Where people are led back to: its own page, or the origin of its first
    /// redirect URI.
    pub fn home(&self) -> Option<Url> {
        self.client_uri
            .clone()
            .or_else(|| self.redirect_uris.iter().find_map(RedirectUri::origin))
    }

    fn name_fault(&self) -> Option<RegistrationFault> {
        let name = self.client_name.trim();
        let sound =
            (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        (!sound).then_some(RegistrationFault::Name)
    }

    fn redirect_faults(&self) -> Vec<RegistrationFault> {
        let application = self.application_type;
        let fault_of = |uri: &RedirectUri| Some((uri.clone(), uri.check(application).err()?));
        let answers = self.redirect_uris.iter().filter_map(fault_of);
        let logouts = self.post_logout_redirect_uris.iter().filter_map(fault_of);
        answers
            .map(|(uri, fault)| RegistrationFault::RedirectUri { uri, fault })
            .chain(
                logouts.map(|(uri, fault)| RegistrationFault::PostLogoutRedirectUri { uri, fault }),
            )
            .collect()
    }

    fn link_faults(&self) -> Vec<RegistrationFault> {
        let links = [
            ("client_uri", &self.client_uri),
            ("logo_uri", &self.logo_uri),
            ("policy_uri", &self.policy_uri),
            ("tos_uri", &self.tos_uri),
        ];
        let is_sound = |url: &Url| {
            RedirectUri::new(url.as_str())
                .check(ApplicationType::Web)
                .is_ok()
        };
        links
            .into_iter()
            .filter(|(_, url)| url.as_ref().is_some_and(|url| !is_sound(url)))
            .map(|(member, _)| RegistrationFault::Link { member })
            .collect()
    }

    fn grant_faults(&self) -> Vec<RegistrationFault> {
        let code = self.may_use(GrantType::AuthorizationCode);
        let refresh = self.may_use(GrantType::RefreshToken);
        let credentials = self.may_use(GrantType::ClientCredentials);
        let offline = self.scope.contains(Scope::OFFLINE_ACCESS);
        let rules = [
            (!code && !credentials, RegistrationFault::NoGrant),
            (
                code && self.redirect_uris.is_empty(),
                RegistrationFault::NoRedirectUri,
            ),
            (refresh && !code, RegistrationFault::RefreshAlone),
            (
                self.is_public() && credentials,
                RegistrationFault::PublicCredentials,
            ),
            (
                self.is_public() && !self.require_pkce,
                RegistrationFault::PublicWithoutPkce,
            ),
            (
                offline && !refresh,
                RegistrationFault::OfflineWithoutRefresh,
            ),
        ];
        let broken = rules.into_iter().filter(|(broken, _)| *broken);
        broken.map(|(_, fault)| fault).collect()
    }

    fn key_fault(&self) -> Option<RegistrationFault> {
        let keys = self.jwks.as_ref().map(|set| set["keys"].as_array());
        match keys {
            None if self.token_endpoint_auth_method == ClientAuthMethod::PrivateKeyJwt => {
                Some(RegistrationFault::NoKeys)
            }
            None => None,
            Some(None) => Some(RegistrationFault::NoKeys),
            Some(Some(keys)) if keys.is_empty() => Some(RegistrationFault::NoKeys),
            Some(Some(keys)) => keys
                .iter()
                .any(has_private_part)
                .then_some(RegistrationFault::PrivateKeys),
        }
    }

    fn sector_fault(&self) -> Option<RegistrationFault> {
        if self.subject_type == SubjectType::Public {
            return None;
        }
        match &self.sector {
            Some(sector) if sector.trim().is_empty() => Some(RegistrationFault::SectorEmpty),
            Some(_) => None,
            None => {
                let hosts: BTreeSet<_> = self.redirect_uris.iter().map(RedirectUri::host).collect();
                (hosts.len() > 1).then_some(RegistrationFault::SectorNeeded)
            }
        }
    }
}

impl Registration {
    fn verified_claims_fault(&self) -> Option<RegistrationFault> {
        let mut claims = self.verified_claims.iter();
        let is_unknown = |claim: &&String| !verified_claims::SUPPORTED.contains(&claim.as_str());
        if let Some(unknown) = claims.find(is_unknown) {
            return Some(RegistrationFault::VerifiedClaim(unknown.clone()));
        }
        let lacks_scope = !self.verified_claims.is_empty() && !self.scope.contains("profile");
        lacks_scope.then_some(RegistrationFault::VerifiedWithoutProfile)
    }
}

fn has_private_part(key: &serde_json::Value) -> bool {
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    private.iter().any(|member| key.get(member).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn registration(members: &serde_json::Value) -> Registration {
        let mut document = json!({
            "client_id": "ent",
            "client_name": "ENT",
            "redirect_uris": ["https://ent.example/callback"],
        });
        let object = document.as_object_mut().unwrap();
        object.extend(members.as_object().unwrap().clone());
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_plain_registration_is_sound_and_asks_for_pkce() {
        let ent = registration(&json!({}));
        assert_eq!(ent.check(), Ok(()));
        assert!(ent.require_pkce);
        assert_eq!(ent.sector(), Sector::Named("ent.example".into()));
    }

    #[test]
    fn each_fault_is_named() {
        let table = [
            (json!({"client_name": " "}), RegistrationFault::Name),
            (
                json!({"redirect_uris": []}),
                RegistrationFault::NoRedirectUri,
            ),
            (json!({"grant_types": []}), RegistrationFault::NoGrant),
            (
                json!({"grant_types": ["refresh_token", "client_credentials"]}),
                RegistrationFault::RefreshAlone,
            ),
            (
                json!({"token_endpoint_auth_method": "none", "require_pkce": false}),
                RegistrationFault::PublicWithoutPkce,
            ),
            (
                json!({"token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "client_credentials"]}),
                RegistrationFault::PublicCredentials,
            ),
            (
                json!({"token_endpoint_auth_method": "private_key_jwt"}),
                RegistrationFault::NoKeys,
            ),
            (
                json!({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}),
                RegistrationFault::PrivateKeys,
            ),
            (
                json!({"scope": "openid offline_access"}),
                RegistrationFault::OfflineWithoutRefresh,
            ),
            (json!({"sector": ""}), RegistrationFault::SectorEmpty),
            (
                json!({"scope": "openid profile", "verified_claims": ["address"]}),
                RegistrationFault::VerifiedClaim("address".into()),
            ),
            (
                json!({"verified_claims": ["birthdate"]}),
                RegistrationFault::VerifiedWithoutProfile,
            ),
            (
                json!({"redirect_uris": ["https://a.example/cb", "https://b.example/cb"]}),
                RegistrationFault::SectorNeeded,
            ),
            (
                json!({"logo_uri": "http://ent.example/logo.png"}),
                RegistrationFault::Link { member: "logo_uri" },
            ),
        ];
        for (members, fault) in table {
            assert_eq!(
                registration(&members).check(),
                Err(vec![fault]),
                "{members}"
            );
        }
    }

    #[test]
    fn misspelt_members_are_refused() {
        let document = json!({"client_id": "ent", "client_name": "ENT", "redirect_uri": []});
        assert!(serde_json::from_value::<Registration>(document).is_err());
    }

    #[test]
    fn a_registration_survives_being_stored() {
        let ent = registration(&json!({"scope": "openid family", "first_party": true}));
        let stored = serde_json::to_value(&ent).unwrap();
        assert_eq!(serde_json::from_value::<Registration>(stored).unwrap(), ent);
    }

    #[test]
    fn a_client_id_is_never_as_long_as_a_subject() {
        assert!(ClientId::parse(&"a".repeat(40)).is_ok());
        assert_eq!(ClientId::parse(&"a".repeat(41)), Err(NotAClientId));
        assert_eq!(ClientId::parse("a b"), Err(NotAClientId));
    }
}
