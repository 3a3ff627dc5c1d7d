//! The languages of pages and how one is chosen.

use serde::{Deserialize, Serialize};

/// A language that every page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Locale {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The language's tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language's name in that language.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
        }
    }

    /// Reads a tag by its primary subtag: `en-GB` is English.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// The first language that we have in a list parted by spaces, as `ui_locales`
    /// is (OpenID Connect Core 1.0, section 3.1.2.1).
    pub fn from_list(tags: &str) -> Option<Self> {
        tags.split_ascii_whitespace().find_map(Self::from_tag)
    }

    /// The language that an `Accept-Language` header likes best among ours (RFC 9110,
    /// section 12.5.4); the first of equals.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(Self, u16)> = None;
        for range in header.split(',').take(MOST_RANGES) {
            let Some((locale, weight)) = read_range(range) else {
                continue;
            };
            if weight > best.map_or(0, |(_, weight)| weight) {
                best = Some((locale, weight));
            }
        }
        best.map(|(locale, _)| locale)
    }
}

/// Browsers send a handful; a header made of thousands is not worth reading.
const MOST_RANGES: usize = 32;

/// One range with its weight in thousandths.
fn read_range(range: &str) -> Option<(Locale, u16)> {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
    let locale = Locale::from_tag(tag.trim())?;
    let Some(quality) = parameters.trim().strip_prefix("q=") else {
        return Some((locale, 1000));
    };
    let quality: f32 = quality.trim().parse().ok()?;
    (0.0..=1.0)
        .contains(&quality)
        .then(|| (locale, thousandths(quality)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has checked that the quality is between 0 and 1"
)]
fn thousandths(quality: f32) -> u16 {
    (quality * 1000.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_do_not_matter() {
        assert_eq!(Locale::from_tag("EN-gb"), Some(Locale::En));
        assert_eq!(Locale::from_tag("de"), None);
    }

    #[test]
    fn the_first_language_that_we_have_is_taken() {
        assert_eq!(Locale::from_list("de en-US fr"), Some(Locale::En));
        assert_eq!(Locale::from_list(""), None);
    }

    #[test]
    fn the_browser_s_weights_count() {
        let best = Locale::from_accept_language;
        assert_eq!(best("fr;q=0.4, en;q=0.9"), Some(Locale::En));
        assert_eq!(best("de, fr, en"), Some(Locale::Fr));
        assert_eq!(best("en;q=0, *"), None);
        assert_eq!(best("en;q=oops, ;;, fr"), Some(Locale::Fr));
    }
}
