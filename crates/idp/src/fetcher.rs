//! The way out to addresses that registrations name (`jwks_uri`,
//! `sector_identifier_uri`). Whoever writes a registration must not reach through it what
//! they cannot reach themselves: https to public hosts alone, the address looked up once
//! and held to, no redirect, no proxy, little time and few bytes. Every failure tells
//! outward the same; the reason is for the log, and for administrators who try a client.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use serde_json::Value;
use url::{Host, Url};

/// Key sets and lists of addresses are a few kilobytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// Ports that a public host is asked at.
const PORTS: [u16; 2] = [443, 8443];

/// It could not be fetched. One message for every reason, so that nobody scans a network
/// by registering clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "could not be read: it must be https on a public host, and answer within seconds, without a redirect, with JSON of at most 64 KiB"
)]
pub struct Unfetchable;

/// Why: for the log, and for who may ask on the service's behalf.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// It is no address that is ever asked.
    #[error("the scheme, port or host is refused")]
    Address,
    /// The name is unknown, or leads to where nothing is asked: the two tell the same, so
    /// that nobody learns which names there are within.
    #[error("the host has no address that may be asked")]
    Network,
    /// No connection, or no answer over it.
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    /// It took too long.
    #[error("not answered in time")]
    Time,
    /// Another status than 200.
    #[error("answered {0}")]
    Status(reqwest::StatusCode),
    /// The answer is too long.
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    TooLong,
    /// The answer is no JSON.
    #[error("the answer is not JSON")]
    NotJson,
}

/// Fetches JSON documents that registrations name.
#[derive(Clone, Debug)]
pub struct Fetcher {
    allowed: Vec<IpNet>,
    patience: Duration,
    ports: Cow<'static, [u16]>,
}

impl Fetcher {
    /// With the networks that may be asked beside public ones, by any port and by plain
    /// http too.
    pub const fn new(allowed: Vec<IpNet>, patience: Duration) -> Self {
        Self {
            allowed,
            patience,
            ports: Cow::Borrowed(&PORTS),
        }
    }

    /// The document at an address.
    ///
    /// # Errors
    /// [`Unfetchable`].
    pub async fn json(&self, url: &Url) -> Result<Value, Unfetchable> {
        self.ask(url).await.map_err(|reason| {
            let host = url.host_str().unwrap_or_default();
            tracing::info!(
                host,
                %reason,
                "a registration's document could not be fetched"
            );
            Unfetchable
        })
    }

    /// The same for an administrator who looks what is wrong.
    ///
    /// # Errors
    /// [`Reason`].
    pub async fn ask(&self, url: &Url) -> Result<Value, Reason> {
        let asked = tokio::time::timeout(self.patience, self.fetch(url)).await;
        asked.unwrap_or(Err(Reason::Time))
    }

    async fn fetch(&self, url: &Url) -> Result<Value, Reason> {
        let host = url.host_str().ok_or(Reason::Address)?;
        let port = url.port_or_known_default().ok_or(Reason::Address)?;
        let addresses = self.addresses(url, port).await?;
        // A client of its own for each fetch: it is bound to the addresses that were just
        // looked at, whatever a name says a moment later. Fetches are few.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(self.patience)
            .no_proxy()
            .resolve_to_addrs(host, &addresses)
            .build()?;
        let mut response = client
            .get(url.clone())
            .header(reqwest::header::ACCEPT, "application/json")
            .send()
            .await?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(Reason::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Reason::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| Reason::NotJson)
    }

    /// The host's addresses, if every one of them may be asked.
    async fn addresses(&self, url: &Url, port: u16) -> Result<Vec<SocketAddr>, Reason> {
        let addresses: Vec<SocketAddr> = match url.host().ok_or(Reason::Address)? {
            Host::Ipv4(address) => vec![SocketAddr::new(address.into(), port)],
            Host::Ipv6(address) => vec![SocketAddr::new(address.into(), port)],
            Host::Domain(name) => {
                let found = tokio::net::lookup_host((name, port)).await;
                found.map_err(|_| Reason::Network)?.collect()
            }
        };
        let is_ours = |address: &SocketAddr| self.is_allowed(address.ip());
        let is_open = |address: &SocketAddr| {
            url.scheme() == "https" && self.ports.contains(&port) && is_public(address.ip())
        };
        let all_may = addresses
            .iter()
            .all(|address| is_ours(address) || is_open(address));
        if addresses.is_empty() || !all_may {
            return Err(Reason::Network);
        }
        Ok(addresses)
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// Whether an address is of the internet at large, and stands for no other.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let protocol = a == 192 && b == 0 && c == 0;
            let relay = a == 192 && b == 88 && c == 99;
            let benchmark = a == 198 && (18..20).contains(&b);
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_broadcast()
                || address.is_multicast()
                || address.is_documentation()
                || shared
                || protocol
                || relay
                || benchmark
                || a == 0
                || a >= 240)
        }
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Global unicast alone (`2000::/3`), less what carries an `IPv4` address within (6to4,
/// Teredo) and documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = (0x2000..0x4000).contains(&a);
    let teredo_or_protocol = a == 0x2001 && b < 0x200;
    let documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    global && !teredo_or_protocol && !documentation && a != 0x2002
}

#[cfg(test)]
mod tests {
    use axum::{Router, response::Redirect, routing::get};
    use tokio::{io::AsyncWriteExt as _, net::TcpListener};

    use super::*;

    /// A listener that nobody may come to, with its port.
    async fn canary() -> (TcpListener, u16) {
        // The service's own choice, which `main` makes.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    /// Whether anybody came to it: of all that waits to be accepted, ours comes last.
    async fn is_untouched(canary: TcpListener) -> bool {
        let address = canary.local_addr().unwrap();
        let mut own = tokio::net::TcpStream::connect(address).await.unwrap();
        own.write_all(b"own").await.unwrap();
        let (_, first) = canary.accept().await.unwrap();
        first == own.local_addr().unwrap()
    }

    #[test]
    fn addresses_within_are_never_public() {
        for address in [
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn nothing_within_is_asked_whatever_the_spelling() {
        let fetcher = Fetcher::new(Vec::new(), Duration::from_secs(2));
        for url in [
            "http://localhost:1/jwks",
            "https://localhost/jwks",
            "https://127.1/jwks",
            "https://0/jwks",
            "https://0x7f000001/jwks",
            "https://2130706433/jwks",
            "https://[::ffff:127.0.0.1]/jwks",
            "https://169.254.169.254/latest/meta-data",
            "https://93.184.216.34:22/jwks",
            "http://93.184.216.34/jwks",
            "file:///etc/passwd",
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(fetcher.json(&url).await, Err(Unfetchable), "{url}");
        }
    }

    #[tokio::test]
    async fn a_redirect_leads_nowhere() {
        let (canary, port) = canary().await;
        let inside = format!("http://127.0.0.1:{port}/latest/meta-data");
        let leading = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let address = leading.local_addr().unwrap();
        let app = Router::new().route(
            "/s.json",
            get(move || {
                let inside = inside.clone();
                async move { Redirect::temporary(&inside) }
            }),
        );
        tokio::spawn(async move { axum::serve(leading, app).await });
        let allowed = vec!["127.0.0.2/32".parse().unwrap()];
        let fetcher = Fetcher::new(allowed, Duration::from_secs(5));
        let url = Url::parse(&format!("http://{address}/s.json")).unwrap();
        assert!(matches!(
            fetcher.fetch(&url).await,
            Err(Reason::Status(status)) if status.is_redirection()
        ));
        assert!(is_untouched(canary).await);
    }

    #[tokio::test]
    async fn a_name_that_leads_to_the_loopback_is_never_asked() {
        let (canary, port) = canary().await;
        let mut fetcher = Fetcher::new(Vec::new(), Duration::from_secs(5));
        fetcher.ports = Cow::Owned(vec![port]);
        for host in ["localhost", "127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]"] {
            let url = Url::parse(&format!("https://{host}:{port}/s.json")).unwrap();
            let answer = fetcher.fetch(&url).await;
            assert!(matches!(answer, Err(Reason::Network)), "{host}");
        }
        assert!(is_untouched(canary).await);
        // The port is no reason: where the network is allowed it is asked at it.
        let (canary, port) = self::canary().await;
        let allowed = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let fetcher = Fetcher::new(allowed, Duration::from_secs(5));
        let url = Url::parse(&format!("http://localhost:{port}/s.json")).unwrap();
        let visit = async { drop(canary.accept().await.unwrap()) };
        let (answer, ()) = tokio::join!(fetcher.json(&url), visit);
        assert_eq!(answer, Err(Unfetchable));
    }
}
