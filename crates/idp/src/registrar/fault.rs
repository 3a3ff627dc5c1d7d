//! Why an act on registrations was not done.

use domain::client::{ClientId, RegistrationFault};
use store::StoreError;

use super::MOST_SECRETS;

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum RegistrarFault {
    /// The registration is not sound.
    #[error("{}", told(.0))]
    Unsound(Vec<RegistrationFault>),
    /// One member of what was sent will not do.
    #[error("{0}")]
    Unfit(Unfit),
    /// The id is taken.
    #[error("client_id: there is a client {0} already")]
    Taken(ClientId),
    /// There is no such client, version or secret.
    #[error("there is no such client")]
    Unknown,
    /// Somebody else changed it since; this is its version now.
    #[error("the registration was changed meanwhile")]
    Conflict(i64),
    /// A place manages it: a change here would be undone by the next one from there.
    #[error("the registration is managed by {0}: change it there, or release it first")]
    Managed(String),
    /// The client's method of authentication has no secret.
    #[error("a client of {0} has no secret")]
    NoSecrets(&'static str),
    /// As many secrets as it may have.
    #[error("the client has {MOST_SECRETS} secrets: remove one first")]
    TooManySecrets,
    /// A power over Préau that whoever asks does not have.
    #[error("scope: {0} gives a power that you do not have yourself")]
    BeyondOwnPower(String),
    /// The store's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A member that will not do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{member}: {advice}")]
pub struct Unfit {
    /// Its name, as whoever sent it wrote it.
    pub member: &'static str,
    /// What to write instead.
    pub advice: String,
}

impl Unfit {
    pub(super) fn new(member: &'static str, advice: impl Into<String>) -> Self {
        let advice = advice.into();
        Self { member, advice }
    }

    /// The sector's document cannot be read, or does not list a redirect URI (OpenID
    /// Connect Registration, section 5).
    pub(super) fn sector(advice: String) -> Self {
        Self::new("sector_identifier_uri", advice)
    }
}

impl From<Unfit> for RegistrarFault {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

fn told(faults: &[RegistrationFault]) -> String {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    faults.join("\n")
}

impl From<Vec<RegistrationFault>> for RegistrarFault {
    fn from(faults: Vec<RegistrationFault>) -> Self {
        Self::Unsound(faults)
    }
}
