//! Identifiers of rows: `UUIDv7`, one type for each kind of thing.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ambient::Ambient;

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one, ordered by the ambient's time.
            pub fn new(ambient: &Ambient) -> Self {
                Self(uuid_v7(ambient))
            }

            /// The id that a row holds.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id as a row holds it.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

row_id! {
    /// A recovery code of a second factor.
    RecoveryCodeId;
    /// A passkey.
    PasskeyId;
    /// An invitation to set up one's own access.
    InvitationId;
    /// An account: what a person signs in to. Never given again.
    AccountId;
    /// A directory record: a person as one school's file knows them.
    RecordId;
    /// A link between a guardian's record and a pupil's record.
    LinkId;
    /// A contact (e-mail or phone) of an account.
    ContactId;
    /// A single sign-on session, as tokens name it (`sid`). Not the cookie's value.
    SessionId;
    /// What one authorization by one person gave to one client.
    GrantId;
    /// A refresh token's row.
    RefreshTokenId;
    /// A signing key's row.
    KeyId;
    /// A client secret's row.
    ClientSecretId;
    /// A token with which programs register clients.
    InitialTokenId;
    /// An audit event.
    EventId;
    /// A message in the outbox; its Message-ID comes from it.
    MessageId;
    /// A one-time link or code that was sent.
    ProofId;
    /// A change of an account that can be taken back.
    ChangeId;
    /// What binds an account to a subject of another provider.
    BondId;
    /// Two accounts that became one.
    GroupingId;
    /// What a person was appointed to.
    AppointmentId;
    /// An act that waits for a second officer, or for a day.
    PendingActId;
    /// An access token's `jti`.
    TokenId;
}

impl EventId {
    /// Before every event of an instant or later, after every event before it.
    pub fn earliest(at: Timestamp) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        let builder = uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]);
        Self(builder.into_uuid())
    }
}

fn uuid_v7(ambient: &Ambient) -> Uuid {
    let millis = u64::try_from(ambient.now().as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &ambient.random()).into_uuid()
}
