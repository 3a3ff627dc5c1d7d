//! Proof that a form came from our page in this browser.

use axum::http::{HeaderMap, header};
use domain::secret::Token;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::urls::Urls;

/// The name of the hidden field.
pub(crate) const FIELD: &str = "csrf";

/// The key of CSRF tokens.
#[derive(Clone)]
pub struct CsrfKey([u8; 32]);

impl CsrfKey {
    /// Takes 32 bytes that are secret, uniform and used for nothing else.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token of a browser: it tells nothing about the browser's cookie, and no
    /// other cookie has it.
    pub(crate) fn token_for(&self, browser: &Token) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        mac.update(b"csrf form\0");
        mac.update(browser.hash().as_bytes());
        Token::from_bytes(mac.finalize().into_bytes().into()).expose()
    }
}

/// Why a form is not taken. The order of the checks is the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsrfFault {
    /// The browser sent no cookie of ours: cookies are off, or it forgot them.
    NoBrowser,
    /// The form has no token, or one of another browser.
    WrongToken,
    /// `Sec-Fetch-Site` says that another site sent the form.
    CrossSite,
    /// `Origin` names another origin.
    ForeignOrigin,
}

/// Checks the form's token first, `Sec-Fetch-Site` second, a foreign `Origin` last.
/// `Origin: null` and missing headers refuse nothing by themselves: privacy settings
/// and old browsers send them on our own forms. A browser that was given several names
/// at once may show forms under any.
pub(crate) fn check(
    key: &CsrfKey,
    names: &[Token],
    sent: Option<&str>,
    headers: &HeaderMap,
    urls: &Urls,
) -> Result<(), CsrfFault> {
    if names.is_empty() {
        return Err(CsrfFault::NoBrowser);
    }
    let sent = sent.unwrap_or_default().as_bytes();
    let fits = |name: &Token| bool::from(key.token_for(name).as_bytes().ct_eq(sent));
    if !names.iter().any(fits) {
        return Err(CsrfFault::WrongToken);
    }
    if headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
    {
        return Err(CsrfFault::CrossSite);
    }
    match headers.get(header::ORIGIN) {
        Some(origin) if origin != "null" && origin != urls.issuer() => {
            Err(CsrfFault::ForeignOrigin)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const KEY: CsrfKey = CsrfKey::from_bytes([7; 32]);

    fn checked(name: &'static str, value: &'static str) -> Result<(), CsrfFault> {
        let browser = Token::from_bytes([1; 32]);
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let urls = Urls::new("https://compte.example").unwrap();
        let token = KEY.token_for(&browser);
        check(&KEY, &[browser], Some(&token), &headers, &urls)
    }

    #[test]
    fn our_own_form_is_taken_whatever_the_browser_hides() {
        assert_eq!(checked("origin", "null"), Ok(()));
        assert_eq!(checked("origin", "https://compte.example"), Ok(()));
        assert_eq!(checked("sec-fetch-site", "same-origin"), Ok(()));
        assert_eq!(checked("accept", "*/*"), Ok(()));
    }

    #[test]
    fn another_site_is_refused_even_with_the_token() {
        assert_eq!(
            checked("sec-fetch-site", "cross-site"),
            Err(CsrfFault::CrossSite)
        );
        assert_eq!(
            checked("origin", "https://evil.example"),
            Err(CsrfFault::ForeignOrigin)
        );
    }

    #[test]
    fn a_token_is_of_one_browser_and_one_key() {
        let urls = Urls::new("https://compte.example").unwrap();
        let (mine, other) = (Token::from_bytes([1; 32]), Token::from_bytes([2; 32]));
        let token = KEY.token_for(&other);
        let none = HeaderMap::new();
        let only_mine = std::slice::from_ref(&mine);
        assert_eq!(
            check(&KEY, only_mine, Some(&token), &none, &urls),
            Err(CsrfFault::WrongToken)
        );
        assert_eq!(
            check(&KEY, only_mine, None, &none, &urls),
            Err(CsrfFault::WrongToken)
        );
        assert_eq!(
            check(&KEY, &[], Some(&token), &none, &urls),
            Err(CsrfFault::NoBrowser)
        );
        let both = [mine.clone(), other.clone()];
        assert_eq!(check(&KEY, &both, Some(&token), &none, &urls), Ok(()));
        assert_ne!(token, CsrfKey::from_bytes([8; 32]).token_for(&other));
    }
}
