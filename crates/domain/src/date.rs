//! Dates as people type and read them: JJ/MM/AAAA.

use jiff::civil::Date;

/// Why a typed date is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DateFault {
    /// Not three numbers, or the year without its four digits.
    #[error("a date is written 22/03/1978")]
    Form,
    /// No such day in the calendar.
    #[error("this day does not exist")]
    NoSuchDay,
    /// After today.
    #[error("this day is still to come")]
    Future,
}

/// Reads a date of the past, day first. Spaces, `-` and `.` may part the numbers too, and
/// day and month may have one digit; the year has four, since two would be a guess.
/// `today` is the legal date ([`crate::clock::legal_date`]).
///
/// # Errors
/// [`DateFault`].
pub fn parse_date_as_written(text: &str, today: Date) -> Result<Date, DateFault> {
    let separator = |c: char| c.is_whitespace() || matches!(c, '/' | '-' | '.');
    let numbers: Vec<&str> = text
        .split(separator)
        .filter(|part| !part.is_empty())
        .collect();
    let [day, month, year] = numbers[..] else {
        return Err(DateFault::Form);
    };
    if year.len() != 4 {
        return Err(DateFault::Form);
    }
    let (day, month) = (number(day, 2)?, number(month, 2)?);
    let date = Date::new(number(year, 4)?, narrow(month)?, narrow(day)?);
    let date = date.map_err(|_| DateFault::NoSuchDay)?;
    if date > today {
        return Err(DateFault::Future);
    }
    Ok(date)
}

/// A date as people read it: `22/03/1978`.
pub fn written(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

fn number(text: &str, longest: usize) -> Result<i16, DateFault> {
    let sound = text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
    sound
        .then(|| text.parse().ok())
        .flatten()
        .ok_or(DateFault::Form)
}

fn narrow(number: i16) -> Result<i8, DateFault> {
    i8::try_from(number).map_err(|_| DateFault::NoSuchDay)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);

    #[test]
    fn usual_writings_are_read() {
        for text in [
            "22/03/1978",
            " 22 / 03 / 1978 ",
            "22-03-1978",
            "22.3.1978",
            "22 03 1978",
            "22\u{a0}03\u{a0}1978",
            "22/3/1978",
        ] {
            assert_eq!(
                parse_date_as_written(text, TODAY),
                Ok(date(1978, 3, 22)),
                "{text}"
            );
        }
        assert_eq!(parse_date_as_written("23/11/2026", TODAY), Ok(TODAY));
    }

    #[test]
    fn other_texts_are_no_dates() {
        use DateFault::{Form, Future, NoSuchDay};
        for (text, fault) in [
            ("", Form),
            ("22/03/78", Form),
            ("22031978", Form),
            ("1978-03-22", Form),
            ("22/mars/1978", Form),
            ("022/03/1978", Form),
            ("+2/03/1978", Form),
            ("22/03/1978/1", Form),
            ("٢٢/٠٣/١٩٧٨", Form),
            ("31/02/1978", NoSuchDay),
            ("29/02/2023", NoSuchDay),
            ("00/01/2000", NoSuchDay),
            ("03/22/1978", NoSuchDay),
            ("24/11/2026", Future),
        ] {
            assert_eq!(parse_date_as_written(text, TODAY), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(days in 0..70_000_i32) {
            let day = date(1850, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let last = date(9999, 12, 31);
            prop_assert_eq!(parse_date_as_written(&written(day), last), Ok(day));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,30}") {
            let _ = parse_date_as_written(&text, TODAY);
        }
    }
}
