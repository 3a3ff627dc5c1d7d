//! Turns events into messages and gets them delivered.
//!
//! This crate owns the messages (their templates, what each needs, in which languages),
//! how they are written to the outbox and how they leave: SMTP, an SMS gateway over
//! HTTP, or the demo's inbox. It must not know pages, the OpenID Provider, or why an
//! event happened.
//!
//! A message is rendered and sealed in the transaction of the change that it tells of
//! ([`Notifier::enqueue`]); whoever committed calls [`Notifier::nudge`]. A [`Courier`]
//! delivers it at least once. A retry sends the same bytes, whatever was upgraded
//! meanwhile.
//!
//! # To add a message
//! 1. A type with what it needs in `src/messages/`, which implements [`Message`].
//! 2. Its line in [`CATALOGUE`].
//! 3. Its files in `templates/messages/`, for each language: by e-mail
//!    `<name>.<language>.txt`, whose first line is the subject, and
//!    `<name>.<language>.html`; by SMS `<name>.<language>.sms.txt`.
//!
//! In the text a code is unbroken digits, the link to act on is the first URL, and it
//! and each identifier stand alone on a line. Tests hold all of this for every message
//! of the catalogue.

mod content;
mod courier;
mod message;
pub mod messages;
mod notifier;
mod recipient;
mod render;
pub mod settings;
pub mod transport;

pub use self::{
    content::{Content, Outgoing},
    courier::Courier,
    message::{CATALOGUE, Entry, Message},
    notifier::{Notifier, NotifyError},
    recipient::{Language, Recipient},
    render::RenderError,
    transport::{ByChannel, MemoryInbox, SmsGateway, SmtpTransport, Transport},
};
