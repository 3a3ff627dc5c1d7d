//! Which registrations are sound: the one place where they are checked, whoever writes
//! them.

use std::{collections::BTreeSet, ops::Deref};

use url::Url;

use super::{ApplicationType, ClientAuthMethod, GrantType, Registration, SubjectType};
use crate::{
    claims,
    contact::EmailAddress,
    redirect::{RedirectUri, RedirectUriFault},
    scope::Scope,
    verified_claims,
};

/// Most entries of a list of a registration.
const MAX_ENTRIES: usize = 100;
/// Most schools that a registration is limited to.
const MAX_SCHOOLS: usize = 2000;
/// Most bytes of an address.
const MAX_URI_BYTES: usize = 2000;
/// Most signs of a text that people read.
const MAX_PURPOSE: usize = 300;
/// Most signs of a note or a legal basis.
const MAX_NOTES: usize = 4000;
/// Most keys of a key set.
const MAX_KEYS: usize = 20;

/// What is wrong with a registration, with what to write instead. `Display` begins with
/// the member's name.
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
    /// A contact that nobody can write to.
    #[error("contacts: {contact} must be an e-mail address such as name@example.org")]
    Contact {
        /// The contact.
        contact: String,
    },
    /// A list or text that is longer than anything of use.
    #[error("{member}: at most {most} {unit}")]
    TooLong {
        /// Which member.
        member: &'static str,
        /// How much it may hold.
        most: usize,
        /// Of what.
        unit: &'static str,
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
    #[error(
        "jwks: private_key_jwt needs a key set with public keys, {{\"keys\": […]}}, or jwks_uri instead"
    )]
    NoKeys,
    /// Keys that hold a private or symmetric part.
    #[error("jwks: give public keys alone; remove the private members (d, p, q, k …)")]
    PrivateKeys,
    /// Keys in two places (OpenID Connect Registration, section 2).
    #[error("jwks_uri: give either jwks or jwks_uri, not both")]
    KeysTwice,
    /// Redirect URIs on several hosts without a sector.
    #[error(
        "sector: redirect URIs on several hosts need one, or a sector_identifier_uri (OpenID Connect Core, section 8.1)"
    )]
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
    /// A purpose of nothing that the client may ask for.
    #[error("purposes: {name} is no scope of this registration, nor a claim of one")]
    PurposeOfNothing {
        /// What it names.
        name: String,
    },
    /// A purpose that tells nothing, or that nobody would read.
    #[error(
        "purposes: {name}: 1 to {MAX_PURPOSE} characters, in words for the people whom it concerns"
    )]
    PurposeText {
        /// Of what.
        name: String,
    },
}

/// A member, how much it has, how much it may have, and of what.
type Measured = (&'static str, usize, usize, &'static str);

impl RegistrationFault {
    /// The member that must be mended.
    pub const fn member(&self) -> &'static str {
        match self {
            Self::Name => "client_name",
            Self::RedirectUri { .. } | Self::NoRedirectUri => "redirect_uris",
            Self::PostLogoutRedirectUri { .. } => "post_logout_redirect_uris",
            Self::Link { member } | Self::TooLong { member, .. } => member,
            Self::Contact { .. } => "contacts",
            Self::NoGrant | Self::RefreshAlone | Self::PublicCredentials => "grant_types",
            Self::PublicWithoutPkce => "require_pkce",
            Self::NoKeys | Self::PrivateKeys => "jwks",
            Self::KeysTwice => "jwks_uri",
            Self::SectorNeeded | Self::SectorEmpty => "sector",
            Self::OfflineWithoutRefresh => "scope",
            Self::VerifiedClaim(_) | Self::VerifiedWithoutProfile => "verified_claims",
            Self::PurposeOfNothing { .. } | Self::PurposeText { .. } => "purposes",
        }
    }

    /// What is wrong, without the member's name.
    pub fn advice(&self) -> String {
        let whole = self.to_string();
        let advice = whole.split_once(": ").map(|(_, advice)| advice.to_owned());
        advice.unwrap_or(whole)
    }
}

/// A registration that was checked: what the store takes.
#[derive(Clone, PartialEq, Debug)]
pub struct SoundRegistration(Registration);

impl Deref for SoundRegistration {
    type Target = Registration;

    fn deref(&self) -> &Registration {
        &self.0
    }
}

impl SoundRegistration {
    /// The registration.
    pub fn into_inner(self) -> Registration {
        self.0
    }
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
        faults.extend(self.contact_faults());
        faults.extend(self.grant_faults());
        faults.extend(self.key_fault());
        faults.extend(self.sector_fault());
        faults.extend(self.purpose_faults());
        faults.extend(self.verified_claims_fault());
        faults.extend(self.length_faults());
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    /// The registration as one that was checked.
    ///
    /// # Errors
    /// As [`Registration::check`].
    pub fn sound(self) -> Result<SoundRegistration, Vec<RegistrationFault>> {
        self.check()?;
        Ok(SoundRegistration(self))
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
            ("jwks_uri", &self.jwks_uri),
            ("sector_identifier_uri", &self.sector_identifier_uri),
        ];
        let is_sound = |url: &Url| {
            url.as_str().len() <= MAX_URI_BYTES
                && RedirectUri::new(url.as_str())
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

    fn contact_faults(&self) -> impl Iterator<Item = RegistrationFault> {
        let unreachable = |contact: &&String| EmailAddress::parse(contact).is_err();
        let contacts = self.contacts.iter().filter(unreachable).cloned();
        contacts.map(|contact| RegistrationFault::Contact { contact })
    }

    fn verified_claims_fault(&self) -> Option<RegistrationFault> {
        let mut claims = self.verified_claims.iter();
        let is_unknown = |claim: &&String| !verified_claims::SUPPORTED.contains(&claim.as_str());
        if let Some(unknown) = claims.find(is_unknown) {
            return Some(RegistrationFault::VerifiedClaim(unknown.clone()));
        }
        let lacks_scope = !self.verified_claims.is_empty() && !self.scope.contains("profile");
        lacks_scope.then_some(RegistrationFault::VerifiedWithoutProfile)
    }

    fn purpose_faults(&self) -> Vec<RegistrationFault> {
        let askable = claims::askable(&self.scope);
        let fault_of = |(name, text): (&String, &String)| {
            let name = name.clone();
            if !askable.contains(name.as_str()) {
                return Some(RegistrationFault::PurposeOfNothing { name });
            }
            let told = text.trim() == text
                && (1..=MAX_PURPOSE).contains(&text.chars().count())
                && !text.chars().any(char::is_control);
            (!told).then_some(RegistrationFault::PurposeText { name })
        };
        self.purposes.iter().filter_map(fault_of).collect()
    }

    fn length_faults(&self) -> Vec<RegistrationFault> {
        let measured = self.counts().into_iter().chain(self.lengths());
        measured
            .filter(|(_, has, most, _)| has > most)
            .map(|(member, _, most, unit)| RegistrationFault::TooLong { member, most, unit })
            .collect()
    }

    /// Lists: how long each is and may be.
    fn counts(&self) -> [Measured; 8] {
        let keys = self.jwks.as_ref().and_then(|set| set["keys"].as_array());
        let entries = |member, has, most| (member, has, most, "entries");
        [
            entries("redirect_uris", self.redirect_uris.len(), MAX_ENTRIES),
            entries(
                "post_logout_redirect_uris",
                self.post_logout_redirect_uris.len(),
                MAX_ENTRIES,
            ),
            entries("contacts", self.contacts.len(), MAX_ENTRIES),
            entries("scope", self.scope.iter().count(), MAX_ENTRIES),
            entries("schools", self.schools.len(), MAX_SCHOOLS),
            entries(
                "default_acr_values",
                self.default_acr_values.len(),
                MAX_ENTRIES,
            ),
            entries(
                "access_token_audience",
                self.access_token_audience.len(),
                MAX_ENTRIES,
            ),
            ("jwks", keys.map_or(0, Vec::len), MAX_KEYS, "keys"),
        ]
    }

    /// Texts: the same.
    fn lengths(&self) -> [Measured; 6] {
        let text = |member, text: &Option<String>, most| {
            let has = text.as_ref().map_or(0, |text| text.chars().count());
            (member, has, most, "characters")
        };
        let longest = |member, uris: &[RedirectUri]| {
            let has = uris.iter().map(|uri| uri.as_str().len()).max();
            let unit = "characters in each entry";
            (member, has.unwrap_or(0), MAX_URI_BYTES, unit)
        };
        [
            longest("redirect_uris", &self.redirect_uris),
            longest("post_logout_redirect_uris", &self.post_logout_redirect_uris),
            text("notes", &self.notes, MAX_NOTES),
            text("minors_legal_basis", &self.minors_legal_basis, MAX_NOTES),
            text("sector", &self.sector, MAX_PURPOSE),
            text("resource", &self.resource, MAX_URI_BYTES),
        ]
    }

    fn key_fault(&self) -> Option<RegistrationFault> {
        let keys = self.jwks.as_ref().map(|set| set["keys"].as_array());
        match keys {
            Some(_) if self.jwks_uri.is_some() => Some(RegistrationFault::KeysTwice),
            None if self.jwks_uri.is_none()
                && self.token_endpoint_auth_method == ClientAuthMethod::PrivateKeyJwt =>
            {
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
            None if self.sector_identifier_uri.is_some() => None,
            None => {
                let hosts = self.redirect_uris.iter().map(RedirectUri::owned_host);
                let hosts: BTreeSet<_> = hosts.collect();
                (hosts.len() > 1).then_some(RegistrationFault::SectorNeeded)
            }
        }
    }
}

fn has_private_part(key: &serde_json::Value) -> bool {
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    private.iter().any(|member| key.get(member).is_some())
}
