//! Where a request comes from, behind proxies or not.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use ipnet::{IpNet, Ipv6Net};

use crate::{error::PageError, layers::SiteOf};

/// The networks of the proxies whose `X-Forwarded-For` counts; none by default.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// Why a network is not understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is neither an address nor a network such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl TrustedProxies {
    /// Reads networks (`10.0.0.0/8`) and single addresses.
    pub fn parse<T: AsRef<str>>(networks: &[T]) -> Result<Self, NetworkError> {
        let networks = networks.iter().map(|text| network(text.as_ref()));
        networks.collect::<Result<_, _>>().map(Self)
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client: the rightmost hop that is no trusted proxy. What a
    /// peer that is not trusted says is not heard, and neither is nonsense.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.contains(peer) {
            return peer;
        }
        let mut client = peer;
        for line in headers.get_all("x-forwarded-for").into_iter().rev() {
            for hop in line.to_str().unwrap_or("?").rsplit(',') {
                let Some(address) = read_hop(hop.trim()) else {
                    return peer;
                };
                client = address;
                if !self.contains(address) {
                    return client;
                }
            }
        }
        client
    }
}

fn network(text: &str) -> Result<IpNet, NetworkError> {
    let address = || IpAddr::from_str(text).map(IpNet::from);
    IpNet::from_str(text)
        .or_else(|_| address())
        .map_err(|_| NetworkError(text.to_owned()))
}

/// Some proxies add the port.
fn read_hop(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .ok()
        .or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

/// The address that the request came from, as far as trusted proxies tell.
///
/// The listener must give `ConnectInfo<SocketAddr>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address itself: for the audit trail, never for logs.
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// What stands for one subscriber when tries are counted: an IPv4 address, or the
    /// /64 that an IPv6 subscriber has whole.
    pub fn network_key(self) -> String {
        match self.0 {
            IpAddr::V4(address) => format!("{address}/32"),
            IpAddr::V6(address) => format!("{}/64", subscriber(address)),
        }
    }
}

fn subscriber(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Net::new_assert(address, 64).network()
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let site = SiteOf::read(&parts.extensions)?;
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, state)
            .await
            .map_err(|_| PageError::internal("the listener gives no ConnectInfo"))?;
        let peer = peer.ip().to_canonical();
        Ok(Self(site.trusted_proxies.client(peer, &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let trusted = TrustedProxies::parse(&["10.0.0.0/8", "::1"]).unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_s_word_does_not_count() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_is_the_client() {
        assert_eq!(
            client("10.1.1.1", &["203.0.113.9, 198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(
            client("10.1.1.1", &["203.0.113.9, 198.51.100.7, 10.2.2.2"]),
            "198.51.100.7"
        );
        assert_eq!(
            client("10.1.1.1", &["203.0.113.9", "198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(client("::1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(client("::1", &["[2001:db8::1]:443"]), "2001:db8::1");
    }

    #[test]
    fn nonsense_leads_back_to_the_peer() {
        assert_eq!(client("10.1.1.1", &["198.51.100.7, unknown"]), "10.1.1.1");
        assert_eq!(client("10.1.1.1", &[""]), "10.1.1.1");
        assert_eq!(client("10.1.1.1", &[]), "10.1.1.1");
    }

    #[test]
    fn an_ipv6_subscriber_has_a_whole_64() {
        let key = |text: &str| ClientAddress(text.parse().unwrap()).network_key();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(key("192.0.2.1"), "192.0.2.1/32");
    }

    #[test]
    fn a_wrong_network_is_named() {
        let error = TrustedProxies::parse(&["10.0.0.0/8", "proxy"]).unwrap_err();
        assert!(error.to_string().contains("`proxy`"));
    }
}
