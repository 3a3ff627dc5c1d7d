//! A browser: cookies, forms and redirects of the service's pages.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU16, Ordering},
};

use http::{HeaderValue, Method};

use crate::{
    answer::Answer,
    door::{Door, encode, header_map},
    form::Form,
};

/// A browser of its own network. Redirects are followed while they stay at the service;
/// the one that leads elsewhere is given back.
#[derive(Clone, Debug)]
pub struct Browser {
    door: Door,
    cookies: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
}

/// The most redirects that lead from page to page of the service.
const MOST_REDIRECTS: usize = 10;

impl Browser {
    /// A new one, from an address that no other has.
    pub fn new(door: Door) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let browser = Self {
            door,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        };
        browser.from_address(&format!("198.18.{high}.{low}"))
    }

    /// The same from another address.
    #[must_use]
    pub fn from_address(self, address: &str) -> Self {
        self.with_header("x-forwarded-for", address)
    }

    /// The same with a header in each request, in the place of the one of that name.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Goes on at another node.
    pub fn moves_to(&mut self, door: &Door) {
        self.door = door.clone();
    }

    /// The node's door.
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// The cookie whose name ends so.
    pub fn cookie(&self, purpose: &str) -> Option<&str> {
        let cookie = self
            .cookies
            .iter()
            .find(|(name, _)| name.ends_with(purpose));
        cookie.map(|(_, value)| value.as_str())
    }

    /// Takes a cookie's value in the place of the one whose name ends so.
    pub fn plant(&mut self, purpose: &str, value: &str) {
        let name = self
            .cookies
            .keys()
            .find(|name| name.ends_with(purpose))
            .cloned();
        let name = name.unwrap_or_else(|| format!("__Host-preau-{purpose}"));
        self.cookies.insert(name, value.to_owned());
    }

    /// Takes the cookies of an answer to a request that another tab sent.
    pub fn receives(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            self.take(cookie.to_str().expect("cookies are ASCII"));
        }
    }

    /// Forgets the cookie whose name ends so.
    pub fn forget(&mut self, purpose: &str) {
        self.cookies.retain(|name, _| !name.ends_with(purpose));
    }

    /// Asks for an address, and no more.
    pub async fn get(&mut self, url: &str) -> Answer {
        self.send(Method::GET, url, None).await
    }

    /// Posts a form, and no more.
    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, url, Some(encode(form))).await
    }

    /// Asks for an address, and follows.
    pub async fn open(&mut self, url: &str) -> Answer {
        let answer = self.get(url).await;
        self.follow(answer).await
    }

    /// Posts a form of a page, and follows.
    pub async fn submit(&mut self, form: &Form) -> Answer {
        let answer = self.submit_only(form).await;
        self.follow(answer).await
    }

    /// Posts a form of a page, and no more.
    pub async fn submit_only(&mut self, form: &Form) -> Answer {
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(&form.action, &fields).await
    }

    /// Follows redirects of the service to itself.
    pub async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..MOST_REDIRECTS {
            let Some(target) = answer.location() else {
                return answer;
            };
            let own = format!("{}/", self.door.issuer());
            if answer.status != 303 || !target.as_str().starts_with(&own) {
                return answer;
            }
            answer = self.get(target.as_str()).await;
        }
        panic!("redirected without end, last to {}", answer.url);
    }

    async fn send(&mut self, method: Method, url: &str, form: Option<String>) -> Answer {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut headers = header_map(&headers);
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let value = HeaderValue::from_str(&pairs.join("; ")).expect("cookies are plain");
            headers.insert("cookie", value);
        }
        if form.is_some() {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.entry("content-type").or_insert(kind);
        }
        let body = form.unwrap_or_default().into_bytes();
        let answer = self.door.send(method, url, headers, body).await;
        self.receives(&answer);
        answer
    }

    /// Takes a cookie as a browser does, which refuses a `__Host-` cookie that is not
    /// bound to its host (RFC 6265bis, section 4.1.3.2).
    fn take(&mut self, cookie: &str) {
        let mut parts = cookie.split("; ");
        let (name, value) = parts
            .next()
            .and_then(|pair| pair.split_once('='))
            .expect("a cookie");
        let attributes: Vec<_> = parts.collect();
        let is_bound = attributes.contains(&"Secure")
            && attributes.contains(&"Path=/")
            && !attributes
                .iter()
                .any(|attribute| attribute.starts_with("Domain"));
        assert!(
            !name.starts_with("__Host-") || is_bound,
            "a browser refuses {cookie}"
        );
        if attributes.contains(&"Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
