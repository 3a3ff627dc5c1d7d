//! Section `server`.

use std::{net::SocketAddr, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use web::{address::TrustedProxies, urls::Urls};

use super::fault::Faults;

/// Section `server`: where the service is, and how it is reached.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// The address by which browsers and relying parties know the service, without a
    /// final slash: `https://compte.example`. It is the issuer of all tokens and cannot be
    /// changed later. Plain http is for one's own machine alone.
    pub issuer: String,
    /// Addresses and ports to listen on: a list, or one.
    #[serde(default = "default_listen", deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub listen: Vec<SocketAddr>,
    /// Address and port of `/metrics` (Prometheus text). Nothing is listened on where
    /// absent. Keep it off the public network.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub metrics_listen: Option<SocketAddr>,
    /// Networks of the proxies whose `X-Forwarded-For` counts, such as `10.0.0.0/8`. None
    /// is trusted by default.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// Connections served at once; whoever comes beyond is turned away.
    #[serde(default = "default_max_connections")]
    pub max_connections: usize,
    /// Seconds that requests under way get to finish when the service stops.
    #[serde(default = "default_grace")]
    pub grace: u64,
    /// Certificate and key, where no proxy terminates TLS. Both files are read again on
    /// SIGHUP.
    #[serde(default)]
    pub tls: Option<TlsSettings>,
}

/// Section `server.tls`: HTTPS without a proxy.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The certificate and its chain, PEM.
    pub certificate_file: PathBuf,
    /// The private key, PEM.
    pub key_file: PathBuf,
}

impl ServerSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        self.check_issuer(faults);
        faults.require(
            !self.listen.is_empty(),
            "server.listen",
            "name at least one address",
        );
        if let Err(error) = TrustedProxies::parse(&self.trusted_proxies) {
            faults.add("server.trusted_proxies", error);
        }
        faults.require(
            self.max_connections > 0,
            "server.max_connections",
            "must be at least 1",
        );
        faults.require(
            self.grace <= 3600,
            "server.grace",
            "must be at most 3600 seconds",
        );
        self.check_metrics(faults);
        if let Some(tls) = &self.tls {
            check_readable(&tls.certificate_file, "server.tls.certificate_file", faults);
            check_readable(&tls.key_file, "server.tls.key_file", faults);
        }
    }

    fn check_issuer(&self, faults: &mut Faults) {
        let key = "server.issuer";
        match Urls::new(&self.issuer) {
            Err(error) => faults.add(key, error),
            Ok(urls) if !urls.is_https() && !is_own_machine(&self.issuer) => {
                faults.add(key, "must be https; http is for localhost alone");
            }
            Ok(_) => {}
        }
    }

    fn check_metrics(&self, faults: &mut Faults) {
        let taken = self
            .metrics_listen
            .is_some_and(|own| own.port() != 0 && self.listen.contains(&own));
        let what = "must differ from server.listen: metrics are not for the public";
        faults.require(!taken, "server.metrics_listen", what);
    }
}

fn is_own_machine(issuer: &str) -> bool {
    let Some(host) = url::Url::parse(issuer)
        .ok()
        .and_then(|url| url.host().map(|host| host.to_owned()))
    else {
        return false;
    };
    match host {
        url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    }
}

pub(super) fn check_readable(file: &std::path::Path, key: &str, faults: &mut Faults) {
    if let Err(error) = std::fs::File::open(file) {
        faults.add(key, format_args!("{}: {error}", file.display()));
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    let texts = match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    };
    let address = |text: &String| {
        text.parse().map_err(|_| {
            let what =
                format!("`{text}` is no address with a port, such as 127.0.0.1:8080 or [::]:8080");
            serde::de::Error::custom(what)
        })
    };
    texts.iter().map(address).collect()
}

fn default_listen() -> Vec<SocketAddr> {
    vec![SocketAddr::from(([127, 0, 0, 1], 8080))]
}

const fn default_max_connections() -> usize {
    10_000
}

const fn default_grace() -> u64 {
    20
}
