//! An instant in words, in the time of metropolitan France.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use web::Locale;

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
pub(crate) fn said(at: Timestamp, locale: Locale) -> String {
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let at = at.to_zoned_datetime(paris);
    match locale {
        Locale::Fr => french(&at),
        Locale::En => at.strftime("%-d %B %Y, %-H:%M").to_string(),
    }
}

fn french(at: &ZonedDateTime) -> String {
    let month = usize::try_from(at.month() - 1).unwrap_or_default();
    let day = match at.day() {
        1 => "1er".to_owned(),
        day => day.to_string(),
    };
    let (month, year, hour, minute) = (MONTHS[month], at.year(), at.hour(), at.minute());
    format!("{day} {month} {year}, {hour}\u{a0}h\u{a0}{minute:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_said_in_paris_time() {
        let at: Timestamp = "2026-08-31T22:05:00Z".parse().unwrap();
        assert_eq!(said(at, Locale::Fr), "1er septembre 2026, 0\u{a0}h\u{a0}05");
        assert_eq!(said(at, Locale::En), "1 September 2026, 0:05");
    }
}
