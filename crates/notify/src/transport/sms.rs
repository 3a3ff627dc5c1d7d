//! SMS through a gateway over HTTP.

mod form;
mod verdict;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use domain::contact::Channel;
use reqwest::{Client, Method, Response, redirect::Policy};
use url::Url;

use self::form::{Sms, Unwritable};
pub(crate) use self::{form::Form, verdict::Verdict};
use super::{Cause, Failure, Transport};
use crate::{
    content::{Content, Outgoing},
    settings::{SettingFault, SmsMethod, SmsSettings},
};

/// How much of an answer is read, in bytes: what it says, and so that the connection can
/// be used again.
const MOST_READ: usize = 64 * 1024;

/// Hands SMS to one gateway.
pub struct SmsGateway {
    client: Client,
    method: Method,
    url: Url,
    form: Form,
    verdict: Verdict,
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
            method: match settings.method {
                SmsMethod::Post => Method::POST,
                SmsMethod::Put => Method::PUT,
            },
            url: settings.url.clone(),
            form: Form::of(settings)?,
            verdict: Verdict::of(settings)?,
        })
    }
}

/// Shows nothing of the address or the headers: both may hold a secret.
impl fmt::Debug for SmsGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsGateway").finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for SmsGateway {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        let Content::Sms { to, text } = &message.content else {
            return Err(Failure::Permanent(Cause::NoTransport(Channel::Email)));
        };
        let sms = Sms {
            id: message.id,
            number: to.as_str(),
            text,
        };
        let unwritable = |_: Unwritable| Failure::Transient(Cause::Form);
        let request = self.client.request(self.method.clone(), self.url.clone());
        let request = request.headers(self.form.headers(&sms).map_err(unwritable)?);
        let request = request.body(self.form.body(&sms).map_err(unwritable)?);
        let answer = request.send().await.map_err(|error| failure(&error))?;
        let status = answer.status();
        self.verdict.on(status, &beginning(answer).await)
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

/// What the answer begins with. One that breaks off says no more than what came.
async fn beginning(mut answer: Response) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < MOST_READ {
        let Ok(Some(chunk)) = answer.chunk().await else {
            break;
        };
        read.extend_from_slice(&chunk);
    }
    read
}

fn failure(error: &reqwest::Error) -> Failure {
    Failure::Transient(if error.is_timeout() {
        Cause::TimedOut
    } else {
        Cause::Connection
    })
}
