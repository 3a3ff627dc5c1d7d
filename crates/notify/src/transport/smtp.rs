//! E-mail by SMTP.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use domain::{contact::Channel, ids::MessageId};
use jiff::Timestamp;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::{Cause, Failure, Transport};
use crate::{
    content::{Content, Outgoing},
    recipient::Language,
    settings::{MailSecurity, MailSettings, SettingFault},
};

/// Hands e-mail to one server, over a pool of connections.
#[derive(Debug)]
pub struct SmtpTransport {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpTransport {
    /// For the server of the settings; connects with the first message.
    ///
    /// # Errors
    /// The first fault of the settings.
    pub fn new(settings: &MailSettings) -> Result<Self, SettingFault> {
        settings.check()?;
        let pool = PoolConfig::new().max_size(settings.connections.max(1));
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port())
            .tls(tls(settings)?)
            .timeout(Some(Duration::from_secs(settings.timeout)))
            .pool_config(pool);
        if let (Some(name), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(name.clone(), password.expose().to_owned());
            server = server.credentials(credentials);
        }
        Ok(Self {
            server: server.build(),
            from: sender(settings)?,
        })
    }

    fn letter(&self, message: &Outgoing) -> Result<Message, Failure> {
        let Content::Email {
            to,
            subject,
            text,
            html,
        } = &message.content
        else {
            return Err(Failure::Permanent(Cause::NoTransport(Channel::Sms)));
        };
        let address = to.as_str().parse().map_err(|_| UNWRITABLE)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(subject)
            .date(written_at(message.created_at))
            .message_id(Some(message_id(message.id, self.from.email.domain())))
            .raw_header(automatic())
            .raw_header(language(message.language))
            .multipart(body(message.id, text, html))
            .map_err(|_| UNWRITABLE)
    }
}

#[async_trait]
impl Transport for SmtpTransport {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        let letter = self.letter(message)?;
        let sent = self.server.send(letter).await;
        sent.map(drop).map_err(|error| failure(&error))
    }
}

const UNWRITABLE: Failure = Failure::Permanent(Cause::Address);

fn tls(settings: &MailSettings) -> Result<Tls, SettingFault> {
    Ok(match settings.security {
        MailSecurity::StartTls => Tls::Required(parameters(settings)?),
        MailSecurity::Tls => Tls::Wrapper(parameters(settings)?),
        MailSecurity::None => Tls::None,
    })
}

fn parameters(settings: &MailSettings) -> Result<TlsParameters, SettingFault> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(authority) = &settings.authority {
        let certificate = Certificate::from_pem(authority.as_bytes());
        parameters = parameters.add_root_certificate(certificate.map_err(|_| SettingFault {
            key: "authority",
            fault: "certificates in PEM are expected",
        })?);
    }
    parameters.build().map_err(|_| SettingFault {
        key: "host",
        fault: "TLS cannot be set up for this name",
    })
}

fn sender(settings: &MailSettings) -> Result<Mailbox, SettingFault> {
    let address = settings.from.as_str().parse().map_err(|_| SettingFault {
        key: "from",
        fault: "this address cannot stand in an e-mail",
    })?;
    Ok(Mailbox::new(Some(settings.from_name.clone()), address))
}

fn written_at(at: Timestamp) -> SystemTime {
    // Mail dates have whole seconds since 1970; rows are never older.
    SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_second().try_into().unwrap_or(0))
}

/// RFC 5322, section 3.6.4: the same for every delivery of a message.
fn message_id(id: MessageId, host: &str) -> String {
    format!("<{id}@{host}>")
}

/// RFC 3834, section 5: no holiday notice shall answer.
fn automatic() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

/// RFC 3282, section 2.
fn language(language: Language) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Content-Language");
    HeaderValue::new(name, language.tag().to_owned())
}

/// The boundary comes from the id: a second delivery is the same to the byte.
fn body(id: MessageId, text: &str, html: &str) -> MultiPart {
    MultiPart::alternative()
        .boundary(format!("part-{id}"))
        .singlepart(SinglePart::plain(text.to_owned()))
        .singlepart(SinglePart::html(html.to_owned()))
}

fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    if let Some(code) = error.status().map(u16::from) {
        return refusal(code);
    }
    Failure::Transient(if error.is_tls() {
        Cause::Tls
    } else if error.is_timeout() {
        Cause::TimedOut
    } else {
        Cause::Connection
    })
}

/// A 5xx is for good, unless it speaks of our own sign-in (RFC 4954, section 6): then
/// the operator mends the settings, and the message is still wanted.
const fn refusal(code: u16) -> Failure {
    match code {
        530 | 534 | 535 | 538 => Failure::Transient(Cause::Answer(code)),
        500..=599 => Failure::Permanent(Cause::Answer(code)),
        _ => Failure::Transient(Cause::Answer(code)),
    }
}
