//! SMS through a gateway over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use domain::{contact::Channel, ids::MessageId, secret::Secret};
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use serde::Serialize;
use url::Url;

use super::{Cause, Failure, Transport};
use crate::{
    content::{Content, Outgoing},
    settings::{SettingFault, SmsSettings},
};

/// How much of an answer is read, in bytes: only so that the connection can be used
/// again.
const MOST_READ: usize = 16 * 1024;

/// Posts SMS to one gateway.
#[derive(Debug)]
pub struct SmsGateway {
    client: Client,
    url: Url,
    secret: Secret,
    sender: Option<String>,
}

#[derive(Serialize)]
struct Sms<'a> {
    to: &'a str,
    text: &'a str,
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
}

impl SmsGateway {
    /// For the gateway of the settings. The process must have a TLS provider installed.
    ///
    /// # Errors
    /// The first fault of the settings.
    pub fn new(settings: &SmsSettings) -> Result<Self, SettingFault> {
        settings.check()?;
        Ok(Self {
            client: client(settings)?,
            url: settings.url.clone(),
            secret: settings.secret.clone(),
            sender: settings.sender.clone(),
        })
    }
}

#[async_trait]
impl Transport for SmsGateway {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        let Content::Sms { to, text } = &message.content else {
            return Err(Failure::Permanent(Cause::NoTransport(Channel::Email)));
        };
        let sms = Sms {
            to: to.as_str(),
            text,
            id: message.id,
            from: self.sender.as_deref(),
        };
        let request = self.client.post(self.url.clone());
        let request = request.bearer_auth(self.secret.expose()).json(&sms);
        let answer = request.send().await.map_err(|error| failure(&error))?;
        let status = answer.status();
        drain(answer).await;
        verdict(status)
    }
}

fn client(settings: &SmsSettings) -> Result<Client, SettingFault> {
    let timeout = Duration::from_secs(settings.timeout);
    let mut client = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(timeout)
        .timeout(timeout)
        .pool_max_idle_per_host(4);
    if settings.is_local() {
        client = client.no_proxy();
    }
    client.build().map_err(|_| SettingFault {
        key: "url",
        fault: "no client can be made: is TLS set up in this process?",
    })
}

async fn drain(mut answer: Response) {
    let mut read = 0;
    while read < MOST_READ {
        // The status is known: what breaks after it changes nothing.
        let Ok(Some(chunk)) = answer.chunk().await else {
            return;
        };
        read += chunk.len();
    }
}

/// Only what speaks of this one message is for good; a wrong token, address or a limit
/// is mended while the message waits.
fn verdict(status: StatusCode) -> Result<(), Failure> {
    let cause = Cause::Answer(status.as_u16());
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::BAD_REQUEST
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNPROCESSABLE_ENTITY => Err(Failure::Permanent(cause)),
        _ => Err(Failure::Transient(cause)),
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    Failure::Transient(if error.is_timeout() {
        Cause::TimedOut
    } else {
        Cause::Connection
    })
}
