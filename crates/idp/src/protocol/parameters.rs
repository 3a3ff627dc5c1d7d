//! Parameters of a query or a form (`application/x-www-form-urlencoded`).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Most bytes of a whole query or form.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most parameters.
pub const MAX_COUNT: usize = 100;
/// Most bytes of a name, once decoded.
pub const MAX_NAME_BYTES: usize = 128;
/// Most bytes of a value, once decoded.
pub const MAX_VALUE_BYTES: usize = 8 * 1024;

/// The parameters of one request, in order.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Parameters(Vec<(String, String)>);

/// What is not a readable set of parameters. The standard's code is `invalid_request`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    /// More than [`MAX_BYTES`].
    #[error("the request is larger than 64 KiB")]
    TooLarge,
    /// More than [`MAX_COUNT`].
    #[error("the request has more than 100 parameters")]
    TooMany,
    /// A name longer than [`MAX_NAME_BYTES`] or a value longer than [`MAX_VALUE_BYTES`].
    #[error("a parameter is longer than 8 KiB")]
    TooLong,
    /// `%` without two hexadecimal digits after it.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Percent,
    /// Not UTF-8 (RFC 6749, appendix B).
    #[error("a parameter is not UTF-8")]
    NotUtf8,
    /// With a NUL, which no parameter allows and some databases cannot keep.
    #[error("a parameter holds a NUL character")]
    Nul,
}

/// A parameter that stands there twice (RFC 6749, section 3.1); its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the parameter {0} stands there more than once")]
pub struct Repeated(pub &'static str);

impl Parameters {
    /// Reads a query (without its `?`) or the body of a form.
    ///
    /// # Errors
    /// [`Unreadable`]: nothing of the request can be trusted then.
    pub fn parse(raw: &[u8]) -> Result<Self, Unreadable> {
        if raw.len() > MAX_BYTES {
            return Err(Unreadable::TooLarge);
        }
        let text = str::from_utf8(raw).map_err(|_| Unreadable::NotUtf8)?;
        let mut pairs = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            if pairs.len() == MAX_COUNT {
                return Err(Unreadable::TooMany);
            }
            pairs.push(parse_pair(part)?);
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter that may stand there once. Without a value it counts as
    /// left out (RFC 6749, section 3.1). Parameters that are never asked for are thereby
    /// ignored, as the standard has it, repeated or not.
    ///
    /// # Errors
    /// [`Repeated`]: never a choice between two values.
    pub fn get(&self, name: &'static str) -> Result<Option<&str>, Repeated> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Repeated(name));
        }
        Ok(first
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty()))
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Names alone: values may be secrets or personal.
impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Decodes one name or value of a form: `+` is a space, `%XX` a byte.
///
/// # Errors
/// [`Unreadable`] other than its limits of size.
pub fn decode(text: &str) -> Result<String, Unreadable> {
    if !has_sound_percents(text) {
        return Err(Unreadable::Percent);
    }
    let spaced = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| Unreadable::NotUtf8)?;
    if decoded.contains('\0') {
        return Err(Unreadable::Nul);
    }
    Ok(decoded.into_owned())
}

fn parse_pair(part: &str) -> Result<(String, String), Unreadable> {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let (name, value) = (decode(name)?, decode(value)?);
    if name.len() > MAX_NAME_BYTES || value.len() > MAX_VALUE_BYTES {
        return Err(Unreadable::TooLong);
    }
    Ok((name, value))
}

fn has_sound_percents(text: &str) -> bool {
    let two_digits = |after: &str| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(two_digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::form_urlencoded;

    use super::*;

    fn parse(text: &str) -> Parameters {
        Parameters::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn names_and_values_are_decoded() {
        let parameters = parse("scope=openid+profile&state=%C3%A9%26&empty=&bare&x=a=b");
        assert_eq!(parameters.get("scope"), Ok(Some("openid profile")));
        assert_eq!(parameters.get("state"), Ok(Some("é&")));
        assert_eq!(parameters.get("empty"), Ok(None));
        assert_eq!(parameters.get("bare"), Ok(None));
        assert_eq!(parameters.get("x"), Ok(Some("a=b")));
        assert_eq!(parameters.get("absent"), Ok(None));
    }

    #[test]
    fn a_repeated_parameter_is_refused_where_it_is_read() {
        let parameters = parse("state=a&%73tate=a&extra=1&extra=2&nonce=n");
        assert_eq!(parameters.get("state"), Err(Repeated("state")));
        assert_eq!(parameters.get("nonce"), Ok(Some("n")));
        assert_eq!(parse("state=&state=a").get("state"), Err(Repeated("state")));
    }

    #[test]
    fn broken_encodings_are_refused() {
        for (raw, fault) in [
            (&b"a=%"[..], Unreadable::Percent),
            (b"a=%4", Unreadable::Percent),
            (b"%zz=1", Unreadable::Percent),
            (b"a=%+1", Unreadable::Percent),
            (b"a=%FF", Unreadable::NotUtf8),
            (b"a=\xFF", Unreadable::NotUtf8),
            (b"a=%C3", Unreadable::NotUtf8),
            (b"a=%00", Unreadable::Nul),
        ] {
            assert_eq!(Parameters::parse(raw), Err(fault), "{raw:?}");
        }
    }

    #[test]
    fn sizes_are_limited() {
        let many = "a=1&".repeat(MAX_COUNT);
        assert!(Parameters::parse(many.as_bytes()).is_ok());
        let too_many = format!("{many}a=1");
        assert_eq!(
            Parameters::parse(too_many.as_bytes()),
            Err(Unreadable::TooMany)
        );
        let long = format!("a={}", "x".repeat(MAX_VALUE_BYTES + 1));
        assert_eq!(Parameters::parse(long.as_bytes()), Err(Unreadable::TooLong));
        let large = "&".repeat(MAX_BYTES + 1);
        assert_eq!(
            Parameters::parse(large.as_bytes()),
            Err(Unreadable::TooLarge)
        );
    }

    #[test]
    fn values_do_not_print() {
        assert!(!format!("{:?}", parse("client_secret=hidden")).contains("hidden"));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(raw in proptest::collection::vec(any::<u8>(), 0..512)) {
            if let Ok(parameters) = Parameters::parse(&raw) {
                let _ = parameters.get("client_id");
            }
        }

        #[test]
        fn what_a_form_encodes_is_read_back(value in "[^\0]{1,40}") {
            let raw = form_urlencoded::Serializer::new(String::new())
                .append_pair("state", &value)
                .finish();
            let parameters = parse(&raw);
            prop_assert_eq!(parameters.get("state"), Ok(Some(value.as_str())));
        }
    }
}
