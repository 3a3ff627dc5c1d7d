//! Upstreams: other providers with which people may identify themselves, FranceConnect
//! among them. We are their relying party; the openidconnect crate is our client.
//!
//! Several can be configured, and nothing in the flow is one upstream's alone: what is
//! FranceConnect's own stands in its settings. What an upstream says is believed after
//! [`verification`] alone; which account a subject opens is a bond of the store's.

mod client_key;
mod envelope;
mod errands;
mod identity;
mod outbound;
mod provider;
mod settings;
mod verification;

use std::{collections::BTreeMap, sync::Arc};

use domain::{acr::Acr, ambient::Ambient, secret::Secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    client_key::{ClientKey, NotAClientKey},
    envelope::{DecryptionKey, EnvelopeFault, KeyManagement, NotADecryptionKey},
    errands::{Errand, Errands, Lost, Proving, Purpose, Unbound},
    identity::{Incomplete, KeptIdentity, PivotClaims},
    provider::{RequestSecrets, Upstream},
    settings::{Matching, Picture, UpstreamSettings, UpstreamsSettings},
    verification::Unproven,
};

/// Why an upstream did not tell who somebody is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// It does not answer, or not what a provider answers.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// It refused our request: the code has ended, say.
    #[error("refused: {0}")]
    Refused(String),
    /// What it said is not proven.
    #[error("unproven: {0}")]
    Unproven(#[from] Unproven),
}

impl Fault {
    /// A stable name for the audit trail.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused(_) => "refused",
            Self::Unproven(unproven) => unproven.code(),
        }
    }
}

/// Who somebody is, as an upstream proved it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Identified {
    /// Its subject.
    pub subject: String,
    /// The level.
    pub acr: Acr,
    /// The pivot identity, as it came.
    pub claims: PivotClaims,
    /// The ID token, for signing out.
    #[serde(with = "exposed")]
    pub id_token: Secret,
}

/// A secret on its way into something sealed.
mod exposed {
    use domain::secret::Secret;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }
}

impl Identified {
    /// What is kept with a bond.
    pub fn kept(&self) -> Value {
        let kept = KeptIdentity {
            claims: self.claims.clone(),
            level: Some(self.acr),
        };
        serde_json::to_value(kept).expect("an identity is a document")
    }
}

/// An upstream that cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
#[error("upstream.{name}: {reason}")]
pub struct UnusableUpstream {
    name: String,
    reason: String,
}

/// All that are configured.
#[derive(Clone, Default)]
pub struct Upstreams(Arc<BTreeMap<String, Upstream>>);

impl Upstreams {
    /// Of these settings, for the service at this origin.
    ///
    /// # Errors
    /// [`UnusableUpstream`].
    pub fn new(
        settings: &UpstreamsSettings,
        own_origin: &str,
        ambient: &Ambient,
    ) -> Result<Self, UnusableUpstream> {
        let made = settings.iter().map(|(name, settings)| {
            let upstream = Upstream::new(name, settings, own_origin, ambient);
            let unusable = |reason| UnusableUpstream {
                name: name.clone(),
                reason,
            };
            Ok((name.clone(), upstream.map_err(unusable)?))
        });
        Ok(Self(Arc::new(made.collect::<Result<_, _>>()?)))
    }

    /// The one of a name.
    pub fn find(&self, name: &str) -> Option<&Upstream> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Upstream> {
        self.0.values()
    }

    /// The contexts that a sign-in can reach, our own first.
    pub fn reachable(&self) -> Vec<Acr> {
        let levels = self.iter().map(Upstream::level);
        let vouched = levels.flat_map(|level| level.fulfilled().iter().copied());
        let mut reachable = Acr::OWN.to_vec();
        for acr in vouched {
            if !reachable.contains(&acr) {
                reachable.push(acr);
            }
        }
        reachable
    }
}
