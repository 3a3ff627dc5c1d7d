//! The demo's inbox: messages end in memory.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use domain::{ambient::Ambient, contact::Channel, ids::MessageId};
use jiff::Timestamp;
use serde::Serialize;

use super::{Failure, Transport};
use crate::content::{Content, Outgoing};

/// A message that has arrived, as the inbox tells it (contract.md, Demo inbox).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReceivedMessage {
    /// By which way it came.
    pub channel: Channel,
    /// An e-mail address, or a number in E.164.
    pub to: String,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// The HTML of an e-mail.
    pub html: Option<String>,
    /// When it arrived.
    pub sent_at: Timestamp,
    /// The message's id; a second arrival of it is dropped.
    #[serde(skip)]
    pub id: MessageId,
}

/// Takes every message and keeps the latest ones.
#[derive(Debug)]
pub struct MemoryInbox {
    ambient: Ambient,
    most: usize,
    received: Mutex<VecDeque<ReceivedMessage>>,
}

impl MemoryInbox {
    /// An empty inbox that keeps the latest `most` messages.
    pub fn new(ambient: Ambient, most: usize) -> Self {
        Self {
            ambient,
            most,
            received: Mutex::default(),
        }
    }

    /// What has arrived, oldest first.
    pub fn messages(&self) -> Vec<ReceivedMessage> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<ReceivedMessage>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, message: ReceivedMessage) {
        let mut received = self.lock();
        if received.iter().any(|before| before.id == message.id) {
            return;
        }
        received.push_back(message);
        while received.len() > self.most {
            received.pop_front();
        }
    }
}

#[async_trait]
impl Transport for MemoryInbox {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        let channel = message.content.channel();
        let (to, subject, text, html) = match message.content.clone() {
            Content::Email {
                to,
                subject,
                text,
                html,
            } => (to.to_string(), Some(subject), text, Some(html)),
            Content::Sms { to, text } => (to.to_string(), None, text, None),
        };
        self.receive(ReceivedMessage {
            channel,
            to,
            subject,
            text,
            html,
            sent_at: self.ambient.now(),
            id: message.id,
        });
        Ok(())
    }
}
