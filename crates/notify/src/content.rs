//! A message as it leaves.

use domain::{
    contact::{Channel, EmailAddress, PhoneNumber},
    ids::MessageId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::recipient::Language;

/// A rendered message with whom it goes to. It is what an outbox row seals.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Content {
    /// By e-mail.
    Email {
        /// To whom.
        to: EmailAddress,
        /// The subject: one line.
        subject: String,
        /// The whole message as plain text.
        text: String,
        /// The whole message as HTML.
        html: String,
    },
    /// By SMS.
    Sms {
        /// To whom.
        to: PhoneNumber,
        /// The message.
        text: String,
    },
}

impl Content {
    /// By which way it goes.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email { .. } => Channel::Email,
            Self::Sms { .. } => Channel::Sms,
        }
    }
}

/// Shows the channel alone: a message names people and holds secrets.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({})", self.channel().as_str())
    }
}

/// A message on its way out. A second delivery of it is the same in every part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Its id: receivers tell a second delivery by it.
    pub id: MessageId,
    /// In which language.
    pub language: Language,
    /// When it was written.
    pub created_at: Timestamp,
    /// What it says and to whom.
    pub content: Content,
}
