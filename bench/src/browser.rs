//! A browser, as far as a sign-in needs one: cookies, redirects, a form.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::{
    fault::{Doing, Fault},
    people::PASSWORD,
    provider::{PORTAL, REDIRECT_URI, SCOPE},
    wire::{Answer, Connection, get, post},
};

/// The secret that each authorization is bound to (RFC 7636). One for all: how random
/// it is changes nothing of what checking it costs.
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

/// A browser with its cookies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    host: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// One that has never been here.
    pub(crate) fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            ..Self::default()
        }
    }

    /// The host that it speaks to.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Signs a person in, from the authorization request to the code: four requests.
    pub(crate) async fn sign_in(
        &mut self,
        connection: &mut Connection,
        identifier: &str,
    ) -> Result<String, Fault> {
        let page = self.follow(connection, "authorize", &authorize()).await?;
        let csrf = self.form(connection, &page).await?;
        let form = format!("csrf={csrf}&identifiant={identifier}&mot-de-passe={PASSWORD}");
        let request = post(&self.host, &page, &self.headers(), &form);
        let answer = connection.exchange(&request).await.doing("sign in")?;
        let on = self.location(&answer.require("sign in", 303)?)?;
        let back = self.follow(connection, "lead on", &on).await?;
        code(&back)
    }

    /// Presses the button of an upstream: three requests, the last answered with this status.
    pub(crate) async fn goes_to(
        &mut self,
        connection: &mut Connection,
        upstream: &str,
        status: u16,
    ) -> Result<(), Fault> {
        let page = self.follow(connection, "authorize", &authorize()).await?;
        let csrf = self.form(connection, &page).await?;
        let path = format!("{page}/avec/{upstream}");
        let request = post(&self.host, &path, &self.headers(), &format!("csrf={csrf}"));
        let answer = connection.exchange(&request).await;
        answer
            .doing("go to an upstream")?
            .require("go to an upstream", status)?;
        Ok(())
    }

    /// A code by the session that this browser has: one request.
    pub(crate) async fn code_by_session(
        &mut self,
        connection: &mut Connection,
    ) -> Result<String, Fault> {
        let back = self
            .follow(connection, "single sign-on", &authorize())
            .await?;
        code(&back)
    }

    /// Signs a person in at « Mon compte ».
    pub(crate) async fn sign_in_here(
        &mut self,
        connection: &mut Connection,
        identifier: &str,
    ) -> Result<(), Fault> {
        let page = self.follow(connection, "my account", "/compte").await?;
        let csrf = self.form(connection, &page).await?;
        let form = format!("csrf={csrf}&identifiant={identifier}&mot-de-passe={PASSWORD}");
        let request = post(&self.host, &page, &self.headers(), &form);
        let answer = connection.exchange(&request).await.doing("sign in")?;
        self.location(&answer.require("sign in", 303)?).map(drop)
    }

    /// A form as this browser sends it, from a network of its own.
    pub(crate) fn posts(&self, path: &str, network: &str, form: &[(&str, &str)]) -> Vec<u8> {
        let fields = form.iter();
        let fields = fields.map(|(name, value)| format!("{name}={}", encoded(value)));
        let form = fields.collect::<Vec<_>>().join("&");
        let headers = format!("{}x-forwarded-for: {network}\r\n", self.headers());
        post(&self.host, path, &headers, &form)
    }

    async fn follow(
        &mut self,
        connection: &mut Connection,
        step: &'static str,
        path: &str,
    ) -> Result<String, Fault> {
        let request = get(&self.host, path, &self.headers());
        let answer = connection.exchange(&request).await.doing(step)?;
        self.location(&answer.require(step, 303)?)
    }

    /// Shows the page and reads the hidden field of its form.
    pub(crate) async fn form(
        &mut self,
        connection: &mut Connection,
        path: &str,
    ) -> Result<String, Fault> {
        let request = get(&self.host, path, &self.headers());
        let answer = connection
            .exchange(&request)
            .await
            .doing("show the sign-in page")?;
        let answer = answer.require("show the sign-in page", 200)?;
        self.keep_cookies(&answer);
        let page = String::from_utf8_lossy(answer.body);
        let (_, after) = page
            .split_once(r#"name="csrf" value=""#)
            .unwrap_or_default();
        let (value, _) = after.split_once('"').unwrap_or_default();
        Ok(value.to_owned())
    }

    fn location(&mut self, answer: &Answer<'_>) -> Result<String, Fault> {
        self.keep_cookies(answer);
        let location = answer.headers("location").next();
        let location = location.ok_or_else(|| Fault::Tool("a redirect without Location".into()))?;
        Ok(location.to_owned())
    }

    fn keep_cookies(&mut self, answer: &Answer<'_>) {
        for cookie in answer.headers("set-cookie") {
            let pair = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn headers(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = if pairs.is_empty() {
            String::new()
        } else {
            format!("cookie: {}\r\n", pairs.join("; "))
        };
        format!(
            "accept: text/html,application/xhtml+xml\r\naccept-language: fr\r\n\
             user-agent: Mozilla/5.0 (bench)\r\n{cookies}"
        )
    }
}

fn authorize() -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let (scope, redirect_uri) = (encoded(SCOPE), encoded(REDIRECT_URI));
    format!(
        "/oauth2/authorize?response_type=code&client_id={PORTAL}&redirect_uri={redirect_uri}\
         &scope={scope}&state=s&nonce=n&code_challenge={challenge}&code_challenge_method=S256"
    )
}

fn code(address: &str) -> Result<String, Fault> {
    let (_, query) = address.split_once('?').unwrap_or_default();
    let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
    // The address may hold what a log should not.
    code.map(str::to_owned)
        .ok_or_else(|| Fault::Tool("the sign-in led back without a code".into()))
}

/// As forms and queries carry a text.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
