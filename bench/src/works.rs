//! What is done again and again: ours and the peer's.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{
    browser::{Browser, VERIFIER, encoded},
    fault::{Doing, Fault},
    load::{Outcome, Work},
    people,
    provider::{PORTAL, Provider, REDIRECT_URI, SERVICE},
    wire::{Connection, get, post},
};

const TOKEN: &str = "/oauth2/token";

/// Requests in turn, each answered with 200.
pub(crate) struct Repeated {
    step: &'static str,
    requests: Rc<Vec<Vec<u8>>>,
    turn: usize,
}

impl Repeated {
    /// That many workers over the same requests, each beginning at another.
    pub(crate) fn workers(step: &'static str, requests: Vec<Vec<u8>>, count: usize) -> Vec<Self> {
        let requests = Rc::new(requests);
        (0..count)
            .map(|turn| Self {
                step,
                requests: requests.clone(),
                turn,
            })
            .collect()
    }
}

impl Work for Repeated {
    async fn once(&mut self, connection: &mut Connection) -> Result<Outcome, Fault> {
        let request = &self.requests[self.turn % self.requests.len()];
        self.turn += 1;
        let answer = connection.exchange(request).await.doing(self.step)?;
        answer.require(self.step, 200)?;
        Ok(Outcome::Done)
    }
}

/// Whole sign-ins, each of another person in a browser that was never here.
pub(crate) struct SignIns {
    host: String,
    people: usize,
    turn: Rc<RefCell<usize>>,
}

impl SignIns {
    /// Workers that share their turns.
    pub(crate) fn workers(provider: &Provider, people: usize, count: usize) -> Vec<Self> {
        let turn = Rc::new(RefCell::new(0));
        (0..count)
            .map(|_| Self {
                host: provider.host(),
                people,
                turn: turn.clone(),
            })
            .collect()
    }

    fn next(&self) -> String {
        let mut turn = self.turn.borrow_mut();
        *turn += 1;
        people::guardian(*turn, self.people)
    }
}

impl Work for SignIns {
    async fn once(&mut self, connection: &mut Connection) -> Result<Outcome, Fault> {
        let person = self.next();
        Browser::new(&self.host)
            .sign_in(connection, &person)
            .await?;
        Ok(Outcome::Done)
    }
}

/// What the token endpoint answers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tokens {
    /// For `UserInfo` and introspection.
    pub(crate) access_token: String,
    /// For refreshing.
    #[serde(default)]
    pub(crate) refresh_token: String,
}

/// Requests at the token endpoint and beside it, of one client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    host: String,
    headers: String,
}

impl Client {
    /// The portal.
    pub(crate) fn portal(provider: &Provider) -> Self {
        Self::new(&provider.host(), PORTAL, &provider.secret)
    }

    /// The service.
    pub(crate) fn service(provider: &Provider) -> Self {
        Self::new(&provider.host(), SERVICE, &provider.secret)
    }

    /// A client that authenticates by `client_secret_basic`. Neither id nor secret has
    /// letters that the scheme would have to escape.
    pub(crate) fn new(host: &str, id: &str, secret: &str) -> Self {
        let basic = STANDARD.encode(format!("{id}:{secret}"));
        Self {
            host: host.to_owned(),
            headers: format!("authorization: Basic {basic}\r\n"),
        }
    }

    /// The request for a token in its own name.
    pub(crate) fn client_credentials(&self, path: &str, more: &str) -> Vec<u8> {
        let form = format!("grant_type=client_credentials{more}");
        post(&self.host, path, &self.headers, &form)
    }

    /// The question what a token is worth.
    pub(crate) fn introspection(&self, path: &str, token: &str) -> Vec<u8> {
        let form = format!("token={}", encoded(token));
        post(&self.host, path, &self.headers, &form)
    }

    /// Redeems a code.
    pub(crate) async fn redeem(
        &self,
        connection: &mut Connection,
        code: &str,
    ) -> Result<Tokens, Fault> {
        let redirect_uri = encoded(REDIRECT_URI);
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={redirect_uri}\
             &code_verifier={VERIFIER}"
        );
        self.tokens(connection, TOKEN, "redeem a code", &form).await
    }

    /// Refreshes.
    pub(crate) async fn refresh(
        &self,
        connection: &mut Connection,
        token: &str,
    ) -> Result<Tokens, Fault> {
        let form = format!("grant_type=refresh_token&refresh_token={token}");
        self.tokens(connection, TOKEN, "refresh", &form).await
    }

    /// Posts a form to the token endpoint.
    pub(crate) async fn tokens(
        &self,
        connection: &mut Connection,
        path: &str,
        step: &'static str,
        form: &str,
    ) -> Result<Tokens, Fault> {
        let request = post(&self.host, path, &self.headers, form);
        let answer = connection.exchange(&request).await.doing(step)?;
        let answer = answer.require(step, 200)?;
        serde_json::from_slice(answer.body)
            .map_err(|_| Fault::Tool(format!("{step}: the answer has no tokens")))
    }
}

/// The question who somebody is, with their access token.
pub(crate) fn user_info(host: &str, token: &str) -> Vec<u8> {
    get(
        host,
        "/oauth2/userinfo",
        &format!("authorization: Bearer {token}\r\n"),
    )
}

/// Refreshes of one family each, as a portal's nodes do.
pub(crate) struct Refreshes {
    client: Client,
    token: String,
}

impl Refreshes {
    /// One worker for each family.
    pub(crate) fn workers(client: &Client, families: &[Tokens]) -> Vec<Self> {
        families
            .iter()
            .map(|tokens| Self {
                client: client.clone(),
                token: tokens.refresh_token.clone(),
            })
            .collect()
    }
}

impl Work for Refreshes {
    async fn once(&mut self, connection: &mut Connection) -> Result<Outcome, Fault> {
        let tokens = self.client.refresh(connection, &self.token).await?;
        self.token = tokens.refresh_token;
        Ok(Outcome::Done)
    }
}

/// Codes that wait to be redeemed.
pub(crate) type Codes = Rc<RefCell<VecDeque<String>>>;

/// Gathers codes by single sign-on, up to a number.
pub(crate) struct Gathering {
    browser: Browser,
    codes: Codes,
    most: usize,
}

impl Gathering {
    /// One worker for each browser that has a session.
    pub(crate) fn workers(browsers: &[Browser], codes: &Codes, most: usize) -> Vec<Self> {
        browsers
            .iter()
            .map(|browser| Self {
                browser: browser.clone(),
                codes: codes.clone(),
                most,
            })
            .collect()
    }
}

impl Work for Gathering {
    async fn once(&mut self, connection: &mut Connection) -> Result<Outcome, Fault> {
        if self.codes.borrow().len() >= self.most {
            return Ok(Outcome::Exhausted);
        }
        let code = self.browser.code_by_session(connection).await?;
        self.codes.borrow_mut().push_back(code);
        Ok(Outcome::Done)
    }
}

/// Redeems codes that were gathered.
pub(crate) struct Redemptions {
    client: Client,
    codes: Codes,
}

impl Redemptions {
    /// Workers over the same codes.
    pub(crate) fn workers(client: &Client, codes: &Codes, count: usize) -> Vec<Self> {
        (0..count)
            .map(|_| Self {
                client: client.clone(),
                codes: codes.clone(),
            })
            .collect()
    }
}

impl Work for Redemptions {
    async fn once(&mut self, connection: &mut Connection) -> Result<Outcome, Fault> {
        let code = self.codes.borrow_mut().pop_front();
        let Some(code) = code else {
            return Ok(Outcome::Exhausted);
        };
        self.client.redeem(connection, &code).await?;
        Ok(Outcome::Done)
    }
}
