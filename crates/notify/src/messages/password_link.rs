//! « Choisissez un nouveau mot de passe ».

use std::time::Duration;

use domain::contact::Channel;
use serde::Serialize;

use crate::message::Message;

/// The link of a lost password (guide, 4.3.2). It does not name the identifier, which is
/// asked again behind it, but whose account it is: an address may serve several.
#[derive(Clone, Debug, Serialize)]
pub struct PasswordLink {
    /// The given name of the account's owner.
    pub given_name: String,
    /// Opens the page that sets a password.
    pub token: String,
}

impl PasswordLink {
    /// For how long the link is good.
    pub const LIFETIME: Duration = Duration::from_hours(24);
}

impl Message for PasswordLink {
    const NAME: &'static str = "password_link";
    const CHANNELS: &'static [Channel] = &[Channel::Email];

    fn lifetime(&self) -> Duration {
        Self::LIFETIME
    }

    fn sample() -> Self {
        Self {
            given_name: "Claire".into(),
            token: "A".repeat(43),
        }
    }
}
