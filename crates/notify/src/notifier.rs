//! Writes messages to the outbox.

use std::sync::Arc;

use domain::{ambient::Ambient, ids::MessageId};
use jiff::Timestamp;
use store::{ConnectionTrait, StoreError, Vault, outbox};
use tokio::sync::Notify;

use crate::{
    content::Content,
    message::{Entry, Message},
    recipient::Recipient,
    render::{RenderError, Templates},
};

/// A message was not written; the transaction should be given up.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// A fault of ours: the message does not fit its templates or its recipient.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes messages to the outbox; made once by the binary, cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier {
    templates: Arc<Templates>,
    pub(crate) vault: Vault,
    pub(crate) ambient: Ambient,
    pub(crate) due: Arc<Notify>,
}

impl Notifier {
    /// With the configured issuer, on which every link in a message stands: an origin
    /// without a final slash. `product` is the service's name.
    pub fn new(issuer: &str, product: &str, vault: Vault, ambient: Ambient) -> Self {
        Self {
            templates: Arc::new(Templates::embedded(issuer, product)),
            vault,
            ambient,
            due: Arc::new(Notify::new()),
        }
    }

    /// Writes a message, in the transaction of the change that it tells of. It goes out
    /// after the commit; call [`Self::nudge`] then.
    ///
    /// # Errors
    /// [`NotifyError`].
    pub async fn enqueue<M: Message>(
        &self,
        transaction: &impl ConnectionTrait,
        recipient: &Recipient,
        message: &M,
    ) -> Result<MessageId, NotifyError> {
        let content = self.templates.render(recipient, message)?;
        let payload = serde_json::to_vec(&content).expect("texts can be written as JSON");
        let end = self.ambient.now().saturating_add(message.lifetime());
        let new = outbox::NewMessage {
            account: recipient.account,
            channel: content.channel(),
            template: M::NAME,
            locale: recipient.language.tag(),
            expires_at: end.unwrap_or(Timestamp::MAX),
            payload: &payload,
        };
        Ok(outbox::enqueue(transaction, &self.ambient, &self.vault, new).await?)
    }

    /// A message of the catalogue made from its sample, as it would leave: for whoever
    /// wants to see it without an event.
    ///
    /// # Errors
    /// [`RenderError`], where the message does not go by the recipient's way.
    pub fn preview(&self, entry: &Entry, recipient: &Recipient) -> Result<Content, RenderError> {
        let sample = (entry.sample)();
        self.templates.render_value(entry.name, recipient, &sample)
    }

    /// Lets this process's courier look at once. Without it, and on other nodes, a
    /// message waits for the courier's next look.
    pub fn nudge(&self) {
        self.due.notify_one();
    }
}
