//! Redirect URIs: which may be registered, and which request matches one.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::client::ApplicationType;

/// A redirect URI, kept as the text that was registered: RFC 9700, section 4.1.3
/// compares texts, not what a parser makes of them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RedirectUri(String);

/// Why a redirect URI was refused, with what to write instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RedirectUriFault {
    /// Not an absolute URI.
    #[error("must be an absolute URI, such as https://service.example.org/callback")]
    NotAbsolute,
    /// With signs that browsers drop or rewrite (spaces, controls, backslashes), or `*`.
    #[error("must be written out in plain ASCII, without spaces, backslashes or wildcards")]
    Signs,
    /// With a fragment (RFC 6749, section 3.1.2).
    #[error("must not have a fragment (the part from # on)")]
    Fragment,
    /// With a user name or password before the host.
    #[error("must not have a user name before the host")]
    UserInfo,
    /// `http` elsewhere than to the person's own machine.
    #[error("must be https, or http to localhost, 127.0.0.1 or [::1]")]
    Insecure,
    /// A scheme that is no application's own.
    #[error(
        "must be https, or for a native application a scheme of its own with a dot, such as org.example.app:/callback"
    )]
    Scheme,
}

impl RedirectUri {
    /// Takes a text as it stands, to be checked by [`RedirectUri::check`].
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may be registered for an application of this type.
    ///
    /// # Errors
    /// The first fault found.
    pub fn check(&self, application: ApplicationType) -> Result<(), RedirectUriFault> {
        let plain = |b: u8| b.is_ascii_graphic() && !b"\\*<>\"`{}|^".contains(&b);
        if !self.0.bytes().all(plain) {
            return Err(RedirectUriFault::Signs);
        }
        let url = Url::parse(&self.0).map_err(|_| RedirectUriFault::NotAbsolute)?;
        if self.0.contains('#') {
            return Err(RedirectUriFault::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RedirectUriFault::UserInfo);
        }
        check_scheme(&url, application)
    }

    /// Whether a request that asks for `requested` asks for this one: the same text,
    /// or, for a native application's loopback URI, the same but for the port
    /// (RFC 8252, section 7.3).
    pub fn matches(&self, requested: &str, application: ApplicationType) -> bool {
        if self.0 == requested {
            return true;
        }
        if application != ApplicationType::Native {
            return false;
        }
        match (Loopback::parse(&self.0), Loopback::parse(requested)) {
            (Some(registered), Some(requested)) => registered == requested,
            _ => false,
        }
    }

    /// The host that answers are sent to. What stands in its place in a scheme of an
    /// application's own is no host: whoever makes such an address may write any there.
    pub fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        let is_web = matches!(url.scheme(), "http" | "https");
        url.host_str().filter(|_| is_web).map(str::to_owned)
    }

    /// Its host, where that is somebody's: not the person's own machine, which every
    /// application of theirs shares.
    pub fn owned_host(&self) -> Option<String> {
        let host = self.host()?;
        let url = Url::parse(&self.0).ok()?;
        (!is_loopback(&url)).then_some(host)
    }

    /// Its origin with a slash, where it has one: where people can be led back to.
    pub fn origin(&self) -> Option<Url> {
        let url = Url::parse(&self.0).ok()?;
        let origin = url.origin();
        origin
            .is_tuple()
            .then(|| Url::parse(&origin.ascii_serialization()).ok())?
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_scheme(url: &Url, application: ApplicationType) -> Result<(), RedirectUriFault> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err(RedirectUriFault::Insecure),
        own if application == ApplicationType::Native && own.contains('.') => Ok(()),
        _ => Err(RedirectUriFault::Scheme),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The parts of a loopback URI other than its port, as texts.
#[derive(PartialEq)]
struct Loopback<'a> {
    host: &'a str,
    rest: &'a str,
}

impl<'a> Loopback<'a> {
    /// By prefix, not by a URL parser: `http://127.0.0.1:80@evil.example` must not pass.
    fn parse(text: &'a str) -> Option<Self> {
        let after = text.strip_prefix("http://")?;
        let host = ["127.0.0.1", "[::1]", "localhost"]
            .into_iter()
            .find(|host| after.starts_with(host))?;
        let after = &after[host.len()..];
        let rest = match after.strip_prefix(':') {
            Some(port_and_rest) => {
                let digits = port_and_rest.bytes().take_while(u8::is_ascii_digit).count();
                let port: u16 = port_and_rest[..digits].parse().ok()?;
                if port == 0 {
                    return None;
                }
                &port_and_rest[digits..]
            }
            None => after,
        };
        (rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'))
            .then_some(Self { host, rest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVIL: &[&str] = &[
        "https://rp.example/cb/",
        "https://rp.example/cb?",
        "https://rp.example/cb?code=evil",
        "https://rp.example/cb#",
        "https://rp.example/cb/../cb",
        "https://rp.example/x/../cb",
        "https://rp.example/cb;x",
        "https://rp.example/%63b",
        "https://rp.example//cb",
        "https://rp.example:443/cb",
        "https://RP.example/cb",
        "HTTPS://rp.example/cb",
        "http://rp.example/cb",
        "https://rp.example.evil.example/cb",
        "https://rp.example@evil.example/cb",
        "https://evil.example\\@rp.example/cb",
        "https://rp.example/cb\u{0}",
        " https://rp.example/cb",
        "https://rp.example/cb ",
        "https://rpxexample/cb",
        "//rp.example/cb",
        "javascript:alert(1)",
        "",
    ];

    #[test]
    fn only_the_registered_text_matches() {
        let registered = RedirectUri::new("https://rp.example/cb");
        for application in [ApplicationType::Web, ApplicationType::Native] {
            assert!(registered.matches("https://rp.example/cb", application));
            for evil in EVIL {
                assert!(!registered.matches(evil, application), "{evil}");
            }
        }
    }

    #[test]
    fn the_port_is_free_for_native_loopback_alone() {
        let registered = RedirectUri::new("http://127.0.0.1/cb?x=1");
        assert!(registered.matches("http://127.0.0.1:49152/cb?x=1", ApplicationType::Native));
        assert!(!registered.matches("http://127.0.0.1:49152/cb?x=1", ApplicationType::Web));
        for evil in [
            "http://127.0.0.1:80@evil.example/cb?x=1",
            "http://127.0.0.1.evil.example/cb?x=1",
            "http://localhost:1/cb?x=1",
            "http://127.0.0.1:99999/cb?x=1",
            "http://127.0.0.1:0/cb?x=1",
            "http://127.0.0.1:/cb?x=1",
            "http://127.0.0.1:1/cb?x=2",
            "https://127.0.0.1:1/cb?x=1",
        ] {
            assert!(!registered.matches(evil, ApplicationType::Native), "{evil}");
        }
        let localhost = RedirectUri::new("http://localhost/cb");
        assert!(!localhost.matches("http://localhost.evil/cb", ApplicationType::Native));
    }

    #[test]
    fn faults_say_what_to_write_instead() {
        use ApplicationType::{Native, Web};
        for (text, application, fault) in [
            ("callback", Web, RedirectUriFault::NotAbsolute),
            ("https://rp.example/*", Web, RedirectUriFault::Signs),
            ("https://rp.example/\u{e9}", Web, RedirectUriFault::Signs),
            ("https://rp.example/cb#", Web, RedirectUriFault::Fragment),
            ("https://a:b@rp.example/cb", Web, RedirectUriFault::UserInfo),
            ("http://rp.example/cb", Web, RedirectUriFault::Insecure),
            (
                "http://localhost.evil/cb",
                Native,
                RedirectUriFault::Insecure,
            ),
            ("JaVaScRiPt:alert(1)", Web, RedirectUriFault::Scheme),
            ("data:text/html,x", Native, RedirectUriFault::Scheme),
            ("org.example.app:/cb", Web, RedirectUriFault::Scheme),
        ] {
            assert_eq!(
                RedirectUri::new(text).check(application),
                Err(fault),
                "{text}"
            );
        }
        assert_eq!(
            RedirectUri::new("org.example.app:/cb").check(Native),
            Ok(())
        );
        assert_eq!(RedirectUri::new("http://[::1]:9/cb").check(Web), Ok(()));
    }

    proptest! {
        #[test]
        fn a_web_client_matches_nothing_but_its_text(requested in "\\PC{0,60}") {
            let registered = RedirectUri::new("https://rp.example/cb");
            prop_assert_eq!(
                registered.matches(&requested, ApplicationType::Web),
                requested == "https://rp.example/cb"
            );
        }

        #[test]
        fn a_native_match_stays_on_the_loopback(tail in "[ -~]{0,40}") {
            let registered = RedirectUri::new("http://127.0.0.1/cb");
            let requested = format!("http://127.0.0.1{tail}");
            if registered.matches(&requested, ApplicationType::Native) {
                let url = Url::parse(&requested).unwrap();
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!(url.path(), "/cb");
            }
        }
    }
}
