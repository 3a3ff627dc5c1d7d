//! Absolute URLs, made only here, over the configured issuer.

use std::borrow::Cow;

use url::Url;

/// A page or endpoint of ours: the pattern stands in the router, the path in links.
///
/// ```
/// use std::borrow::Cow;
/// struct SignIn<'a> { transaction: &'a str }
/// impl web::urls::Route for SignIn<'_> {
///     const PATTERN: &'static str = "/connexion/{transaction}";
///     fn path(&self) -> Cow<'_, str> {
///         format!("/connexion/{}", self.transaction).into()
///     }
/// }
/// ```
pub trait Route {
    /// The pattern as axum's router takes it.
    const PATTERN: &'static str;

    /// The path with its parts put in, and the query if there is one; begins with `/`.
    fn path(&self) -> Cow<'_, str> {
        Cow::Borrowed(Self::PATTERN)
    }
}

/// Why a text is no issuer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IssuerError {
    /// Not an absolute URL.
    #[error("not an absolute URL")]
    NotAUrl,
    /// Neither `https` nor `http`.
    #[error("the scheme must be https (or http on one's own machine)")]
    Scheme,
    /// Something beyond scheme, host and port: cookies named `__Host-` belong to a
    /// whole host, so an issuer has a host to itself.
    #[error("only scheme, host and port: no path, query, fragment or user, no final slash")]
    MoreThanOrigin,
}

/// The URL builder of one issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    issuer: String,
    url: Url,
}

impl Urls {
    /// Takes the issuer as it is configured: an origin without a final slash.
    pub fn new(issuer: &str) -> Result<Self, IssuerError> {
        let url = Url::parse(issuer).map_err(|_| IssuerError::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(IssuerError::Scheme);
        }
        if url.origin().ascii_serialization() != issuer {
            return Err(IssuerError::MoreThanOrigin);
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            url,
        })
    }

    /// The issuer, exactly as configured; it is an origin too.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether pages travel by https.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The port of the issuer, told or by scheme.
    pub fn port(&self) -> u16 {
        self.url
            .port_or_known_default()
            .expect("http and https have known ports")
    }

    /// The absolute URL of a page or endpoint.
    pub fn absolute(&self, route: &impl Route) -> String {
        format!("{}{}", self.issuer, route.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Help;
    impl Route for Help {
        const PATTERN: &'static str = "/aide";
    }

    #[test]
    fn absolute_urls_stand_on_the_issuer() {
        let urls = Urls::new("https://compte.example").unwrap();
        assert_eq!(urls.absolute(&Help), "https://compte.example/aide");
        assert_eq!(urls.issuer(), "https://compte.example");
    }

    #[test]
    fn an_issuer_is_an_origin() {
        for issuer in [
            "https://compte.example/",
            "https://compte.example/a",
            "https://u@compte.example",
            "https://compte.example?a",
            "https://compte.example:443",
        ] {
            assert_eq!(
                Urls::new(issuer),
                Err(IssuerError::MoreThanOrigin),
                "{issuer}"
            );
        }
        assert_eq!(Urls::new("ftp://a"), Err(IssuerError::Scheme));
        assert_eq!(Urls::new("compte"), Err(IssuerError::NotAUrl));
    }
}
