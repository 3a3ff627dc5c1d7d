//! Cookies: their names and attributes follow from the issuer.

use std::{fmt::Write as _, time::Duration};

use axum::http::{HeaderMap, HeaderValue, header};

use crate::urls::Urls;

/// Names, reads and makes the cookies of one site.
///
/// On https a name begins with `__Host-`, which browsers take only with `Secure`,
/// `Path=/` and no `Domain` (RFC 6265bis, section 4.1.3.2), so no sibling host can plant
/// one. On http (one's own machine) the port stands in the name, since sites on one
/// host share their cookies whatever their ports.
#[derive(Debug, Clone)]
pub struct Cookies {
    prefix: String,
    secure: bool,
}

/// How long a cookie lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the browser is closed.
    BrowserSession,
    /// As long as told.
    For(Duration),
}

impl Cookies {
    /// The cookies of the site (`preau`) at that issuer.
    pub fn new(site: &str, urls: &Urls) -> Self {
        let secure = urls.is_https();
        let prefix = if secure {
            format!("__Host-{site}-")
        } else {
            format!("{site}-{}-", urls.port())
        };
        Self { prefix, secure }
    }

    /// The full name of a cookie: `session` is `__Host-preau-session`.
    pub fn name(&self, purpose: &str) -> String {
        format!("{}{purpose}", self.prefix)
    }

    /// The value that the browser sent, if any.
    pub fn read<'h>(&self, headers: &'h HeaderMap, purpose: &str) -> Option<&'h str> {
        pairs(headers)
            .find(|(name, _)| {
                name.strip_prefix(self.prefix.as_str())
                    .is_some_and(|rest| rest == purpose)
            })
            .map(|(_, value)| value)
    }

    /// The values of the cookies of a purpose that a number follows (`browser-7`).
    pub fn read_numbered<'h>(
        &self,
        headers: &'h HeaderMap,
        purpose: &str,
    ) -> impl Iterator<Item = (u8, &'h str)> {
        let begin = format!("{}{purpose}-", self.prefix);
        pairs(headers).filter_map(move |(name, value)| {
            let number = name.strip_prefix(&begin)?.parse().ok()?;
            Some((number, value))
        })
    }

    /// A `Set-Cookie` value: `HttpOnly; SameSite=Lax; Path=/`, and `Secure` on https.
    ///
    /// The value must be made of the characters of base64url or a tag.
    pub fn set(&self, purpose: &str, value: &str, lifetime: Lifetime) -> HeaderValue {
        let name = self.name(purpose);
        let secure = if self.secure { "; Secure" } else { "" };
        let mut cookie = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/{secure}");
        if let Lifetime::For(age) = lifetime {
            write!(cookie, "; Max-Age={}", age.as_secs()).expect("a string takes all");
        }
        HeaderValue::from_str(&cookie).expect("values of cookies are plain ASCII")
    }

    /// A `Set-Cookie` value that makes the browser forget the cookie.
    pub fn clear(&self, purpose: &str) -> HeaderValue {
        self.set(purpose, "", Lifetime::For(Duration::ZERO))
    }
}

/// Names and values of all cookies.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let sent = headers.get_all(header::COOKIE).into_iter();
    sent.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(issuer: &str) -> Cookies {
        Cookies::new("preau", &Urls::new(issuer).unwrap())
    }

    #[test]
    fn an_https_cookie_belongs_to_its_host_alone() {
        let cookie =
            cookies("https://compte.example").set("session", "v", Lifetime::BrowserSession);
        assert_eq!(
            cookie,
            "__Host-preau-session=v; HttpOnly; SameSite=Lax; Path=/; Secure"
        );
    }

    #[test]
    fn an_http_cookie_carries_the_port() {
        let cookie = cookies("http://localhost:8080").set(
            "session",
            "v",
            Lifetime::For(Duration::from_mins(1)),
        );
        assert_eq!(
            cookie,
            "preau-8080-session=v; HttpOnly; SameSite=Lax; Path=/; Max-Age=60"
        );
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        let cookies = cookies("https://compte.example");
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("preau-session=a; x"),
        );
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("__Host-preau-session=b"),
        );
        assert_eq!(cookies.read(&headers, "session"), Some("b"));
        assert_eq!(cookies.read(&headers, "sess"), None);
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("__Host-preau-b-7=c; __Host-preau-b-x=d; __Host-preau-b=e"),
        );
        let numbered: Vec<_> = cookies.read_numbered(&headers, "b").collect();
        assert_eq!(numbered, [(7, "c")]);
    }

    #[test]
    fn a_cleared_cookie_is_empty_and_past() {
        let cleared = cookies("https://compte.example").clear("session");
        let cleared = cleared.to_str().unwrap();
        assert!(cleared.starts_with("__Host-preau-session=;"));
        assert!(cleared.contains("Max-Age=0") && cleared.contains("Secure"));
    }
}
