//! The ways out.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use domain::contact::Channel;

use crate::content::Outgoing;

mod memory;
pub(crate) mod sms;
mod smtp;

pub use self::{
    memory::{MemoryInbox, ReceivedMessage},
    sms::SmsGateway,
    smtp::SmtpTransport,
};

/// A way out for messages.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Hands a message over. Whoever is asked twice for the same id hands over the same
    /// message with the same id.
    ///
    /// # Errors
    /// [`Failure`].
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure>;
}

/// A message was not handed over, or it is not known whether it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// Another attempt may succeed.
    #[error("for now: {0}")]
    Transient(Cause),
    /// This message will never be taken.
    #[error("for good: {0}")]
    Permanent(Cause),
}

/// Why. Not in the other side's words, which may name the recipient.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The server answered with this code (SMTP or HTTP).
    Answer(u16),
    /// It took too long.
    TimedOut,
    /// The connection is not safe: certificate, protocol.
    Tls,
    /// The server cannot be reached, or does not speak the protocol.
    Connection,
    /// The recipient's address cannot be written in the protocol.
    Address,
    /// Nothing is configured for this channel.
    NoTransport(Channel),
    /// The gateway's answer does not say what the settings want to read.
    NotAccepted,
    /// The form that the settings describe cannot be filled in.
    Form,
    /// The sealed message cannot be opened or read by this node.
    Unreadable,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(code) => write!(f, "answer {code}"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Tls => f.write_str("TLS"),
            Self::Connection => f.write_str("connection"),
            Self::Address => f.write_str("address"),
            Self::NoTransport(channel) => write!(f, "nothing configured for {}", channel.as_str()),
            Self::NotAccepted => f.write_str("the answer does not say that it was taken"),
            Self::Form => f.write_str("the form cannot be filled in"),
            Self::Unreadable => f.write_str("the sealed message cannot be read"),
        }
    }
}

/// One way out for each channel, where one is configured.
#[derive(Clone, Default)]
pub struct ByChannel {
    /// For e-mail.
    pub email: Option<Arc<dyn Transport>>,
    /// For SMS.
    pub sms: Option<Arc<dyn Transport>>,
}

#[async_trait]
impl Transport for ByChannel {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        let channel = message.content.channel();
        let transport = match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
        };
        match transport {
            Some(transport) => transport.deliver(message).await,
            None => Err(Failure::Permanent(Cause::NoTransport(channel))),
        }
    }
}
