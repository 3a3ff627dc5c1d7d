//! An instant in words, in the time of metropolitan France.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

use crate::Locale;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// Day and time: « 1er septembre 2026, 9 h 05 ».
pub fn said(at: Timestamp, locale: Locale) -> String {
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let at = at.to_zoned_datetime(paris);
    match locale {
        Locale::Fr => french(&at),
        Locale::En => at.strftime("%-d %B %Y, %-H:%M").to_string(),
    }
}

/// The day alone: « 1er septembre 2026 ».
pub fn said_day(at: Timestamp, locale: Locale) -> String {
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let at = at.to_zoned_datetime(paris);
    match locale {
        Locale::Fr => french_day(&at),
        Locale::En => at.strftime("%-d %B %Y").to_string(),
    }
}

fn french(at: &ZonedDateTime) -> String {
    let (day, hour, minute) = (french_day(at), at.hour(), at.minute());
    format!("{day}, {hour}\u{a0}h\u{a0}{minute:02}")
}

fn french_day(at: &ZonedDateTime) -> String {
    let month = usize::try_from(at.month() - 1).unwrap_or_default();
    let day = match at.day() {
        1 => "1er".to_owned(),
        day => day.to_string(),
    };
    format!("{day} {} {}", MONTHS[month], at.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_said_in_paris_time() {
        let at: Timestamp = "2026-08-31T22:05:00Z".parse().unwrap();
        assert_eq!(said(at, Locale::Fr), "1er septembre 2026, 0\u{a0}h\u{a0}05");
        assert_eq!(said(at, Locale::En), "1 September 2026, 0:05");
        assert_eq!(said_day(at, Locale::Fr), "1er septembre 2026");
    }
}
