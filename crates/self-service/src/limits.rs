//! How much may be sent and tried, so that nobody is flooded, no bill runs up, and no
//! code is guessed (contract.md, Values; docs/SECURITY.md, Rates).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::throttle::ThrottlePolicy;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::ephemeral::{Attempt, EphemeralError, Kind, Place};

use crate::{settings::SelfServiceSettings, state::SelfService};

/// How long whoever asked for too much is told to wait.
pub(crate) const WAIT: Duration = Duration::from_mins(10);

/// What is counted. Each has a window; past it the count begins anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Limit {
    /// Messages to one contact. Past it nothing is sent, and the answer is the same.
    Contact,
    /// Requests for messages from one network. Past it the answer is to wait.
    Network,
    /// SMS that strangers to an account may cause, of the whole service: those of
    /// recovery have a count of their own, so that they go on.
    RegistrationSms,
    /// SMS of recovery, of the whole service.
    RecoverySms,
    /// Wrong codes, of the whole service: somebody tries one code on many accounts.
    WrongCodes,
}

impl Limit {
    const fn kind(self) -> Kind {
        match self {
            Self::Contact => Kind::ContactMessages,
            Self::Network => Kind::NetworkMessages,
            Self::RegistrationSms => Kind::RegistrationSms,
            Self::RecoverySms => Kind::RecoverySms,
            Self::WrongCodes => Kind::WrongCodes,
        }
    }

    const fn most(self, settings: &SelfServiceSettings) -> u32 {
        match self {
            Self::Contact => settings.messages_per_contact,
            Self::Network => settings.messages_per_network,
            Self::RegistrationSms => settings.registration_sms_per_hour,
            Self::RecoverySms => settings.recovery_sms_per_hour,
            Self::WrongCodes => settings.wrong_codes,
        }
    }

    const fn window(self) -> Duration {
        match self {
            Self::Contact | Self::Network | Self::WrongCodes => Duration::from_mins(10),
            Self::RegistrationSms | Self::RecoverySms => Duration::from_hours(1),
        }
    }
}

/// Counts one more, of a key, and says whether it is still within the limit: at once on
/// every node. The key is kept as a hash.
pub(crate) async fn allows(
    app: &SelfService,
    limit: Limit,
    key: &str,
) -> Result<bool, EphemeralError> {
    let now = app.ambient.now();
    let window = limit.window();
    let key = counted_under(limit, key, now);
    let policy = ThrottlePolicy {
        free: limit.most(app.settings()),
        first_wait: window,
        longest_wait: window,
        forget_after: window,
    };
    let place = Place {
        kind: limit.kind(),
        key: &key,
    };
    let attempt = app.ephemeral.reserve_attempt(place, &policy, now).await?;
    Ok(matches!(attempt, Attempt::Allowed { .. }))
}

/// Takes one back that was counted in this window: it was none of what is limited.
pub(crate) async fn give_back(
    app: &SelfService,
    limit: Limit,
    key: &str,
) -> Result<(), EphemeralError> {
    let now = app.ambient.now();
    let key = counted_under(limit, key, now);
    let place = Place {
        kind: limit.kind(),
        key: &key,
    };
    app.ephemeral.forgive_attempt(place, now).await
}

fn counted_under(limit: Limit, key: &str, now: Timestamp) -> String {
    let window = i64::try_from(limit.window().as_secs()).unwrap_or(i64::MAX);
    let number = now.as_second() / window;
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{number} {key}")))
}
