//! Phone numbers as people write them, and which of them we send SMS to.

use phonenumber::{Mode, country::Id};

use crate::contact::{ContactFault, PhoneNumber};

/// The longest writing of a number, in bytes; longer texts are none.
const MAX_WRITTEN: usize = 64;

/// A country calling code (ITU-T E.164), such as 33.
pub type CountryCode = u16;

/// Where SMS go unless the operator says otherwise: where families of French schools
/// have their phones. Each code has a tariff that is bounded and known; a longer list is
/// an invitation to send messages to numbers that pay whoever asked for them.
pub const DEFAULT_SMS_COUNTRIES: &[CountryCode] = &[
    // France, and its territories overseas
    33, 262, 508, 590, 594, 596, 681, 687, 689, //
    // the European Economic Area; Switzerland; the United Kingdom
    30, 31, 32, 34, 36, 39, 40, 43, 45, 46, 47, 48, 49, 351, 352, 353, 354, 356, 357, 358, 359, 370,
    371, 372, 385, 386, 420, 421, 423, 41, 44, //
    // Monaco, Andorra; Morocco, Algeria, Tunisia: families across the border
    377, 376, 212, 213, 216,
];

/// How mobile numbers begin after the country code, in the French numbering plan (ARCEP,
/// decision 2018-0881) and those of the Pacific. Other lines get no SMS, or cost more.
const FRENCH_MOBILES: &[(CountryCode, &[&str])] = &[
    (33, &["6", "7"]),
    (262, &["692", "693", "639", "709"]),
    (508, &["4", "5", "708"]),
    (590, &["690", "691", "709"]),
    (594, &["694", "709"]),
    (596, &["696", "697", "709"]),
    (681, &["72", "82", "83"]),
    (687, &["5", "7", "8", "9"]),
    (689, &["87", "88", "89"]),
];

/// The countries of the French plan that number mobiles with 06 at home: 0692… is
/// +262 692…, though it is written as a number of the mainland.
const OVERSEAS: [(&str, CountryCode); 8] = [
    ("690", 590),
    ("691", 590),
    ("692", 262),
    ("693", 262),
    ("694", 594),
    ("696", 596),
    ("697", 596),
    ("639", 262),
];

/// 06 39 98 is reserved for fiction, in the plan of the mainland.
const FICTION: &str = "63998";

impl PhoneNumber {
    /// Reads a number as people write it: with spaces, dots, hyphens, `(0)`, `00` or a
    /// plus sign; without a country code it is French. A number must be possible, not
    /// assigned: schools' files and the range reserved for fiction pass.
    ///
    /// # Errors
    /// [`ContactFault::Phone`].
    pub fn parse_as_written(text: &str) -> Result<Self, ContactFault> {
        let plain = plain(text).ok_or(ContactFault::Phone)?;
        let number = phonenumber::parse(Some(Id::FR), plain).map_err(|_| ContactFault::Phone)?;
        let international = number.format().mode(Mode::E164).to_string();
        if number.extension().is_some() || !is_possible(&number) {
            return Err(ContactFault::Phone);
        }
        Self::parse(&overseas(international))
    }

    /// Whether we send SMS to this number: its country is allowed, and in France and its
    /// territories it is a mobile's.
    pub fn takes_sms(&self, allowed: &[CountryCode]) -> bool {
        let digits = &self.as_str()[1..];
        allowed.iter().any(|country| {
            let rest = digits.strip_prefix(&country.to_string());
            rest.is_some_and(|rest| is_mobile(*country, rest))
        })
    }
}

/// The text with plain signs alone; none where it holds letters or the like, in which
/// the library would look for a number.
fn plain(text: &str) -> Option<String> {
    let written = (text.len() <= MAX_WRITTEN).then(|| text.trim())?;
    let signs: Option<String> = written.chars().map(plain_sign).collect();
    signs.map(|signs| signs.replace("(0)", " "))
}

fn plain_sign(sign: char) -> Option<char> {
    match sign {
        '0'..='9' | '+' | '(' | ')' | '.' | '-' | '/' => Some(sign),
        '\u{2010}'..='\u{2015}' => Some('-'),
        // Marks of direction come along when a number is copied from a contact.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => Some(' '),
        sign if sign.is_whitespace() => Some(' '),
        _ => None,
    }
}

fn overseas(number: String) -> String {
    let Some(rest) = number.strip_prefix("+33") else {
        return number;
    };
    let plan = OVERSEAS.iter().find(|(begin, _)| rest.starts_with(begin));
    match plan {
        Some((_, country)) if !rest.starts_with(FICTION) => format!("+{country}{rest}"),
        _ => number,
    }
}

/// The library knows lengths country by country; E.164 bounds the others.
fn is_possible(number: &phonenumber::PhoneNumber) -> bool {
    let digits = number.national().value().to_string().len();
    match number.code().value() {
        33 | 262 | 590 | 594 | 596 => digits == 9,
        _ => (6..=13).contains(&digits),
    }
}

fn is_mobile(country: CountryCode, rest: &str) -> bool {
    let plan = FRENCH_MOBILES.iter().find(|(code, _)| *code == country);
    plan.is_none_or(|(_, mobiles)| mobiles.iter().any(|mobile| rest.starts_with(mobile)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, ContactFault> {
        PhoneNumber::parse_as_written(text).map(String::from)
    }

    #[test]
    fn usual_writings_are_one_number() {
        for text in [
            "0639980001",
            "06 39 98 00 01",
            "06.39.98.00.01",
            "06-39-98-00-01",
            "06\u{a0}39\u{202f}98\u{a0}00\u{a0}01",
            "06\u{2011}39\u{2011}98\u{2011}00\u{2011}01",
            "+33639980001",
            "+33 6 39 98 00 01",
            "+33 (0)6 39 98 00 01",
            "+33(0)639980001",
            "0033639980001",
            "0033 6 39 98 00 01",
            "00 33 (0)6 39 98 00 01",
            "\u{202a}+33 6 39 98 00 01\u{202c}",
            " 06/39/98/00/01 ",
        ] {
            assert_eq!(read(text).as_deref(), Ok("+33639980001"), "{text}");
        }
    }

    #[test]
    fn other_countries_have_their_code() {
        for (text, number) in [
            ("+32 470 12 34 56", "+32470123456"),
            ("0049 1512 3456789", "+4915123456789"),
            ("+39 312 345 6789", "+393123456789"),
            ("+212 6 12 34 56 78", "+212612345678"),
            ("+262 692 12 34 56", "+262692123456"),
            ("0692 12 34 56", "+262692123456"),
            ("0690 12 34 56", "+590690123456"),
            ("06 94 12 34 56", "+594694123456"),
            ("06 96 12 34 56", "+596696123456"),
            ("06 39 12 34 56", "+262639123456"),
            ("06 95 12 34 56", "+33695123456"),
            ("+687 75 12 34", "+687751234"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(number), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in [
            "",
            "abc",
            "12",
            "0639",
            "06 39 98 00",
            "06 39 98 00 012",
            "+33 6 39 98 00 01 23",
            "06 39 98 00 01 poste 12",
            "tel:+33639980001",
            "+33639980001;ext=12",
            "+",
            "06 39 98 00 0O",
            "+999 123456789",
            "+33",
        ] {
            assert_eq!(read(text), Err(ContactFault::Phone), "{text}");
        }
    }

    #[test]
    fn sms_go_to_mobiles_of_the_countries_that_are_allowed() {
        for (number, takes) in [
            ("+33639980001", true),
            ("+33712345678", true),
            ("+33123456789", false),
            ("+33899123456", false),
            ("+33912345678", false),
            ("+262692123456", true),
            ("+262262123456", false),
            ("+590690123456", true),
            ("+590590123456", false),
            ("+687751234", true),
            ("+687251234", false),
            ("+68987123456", true),
            ("+32470123456", true),
            ("+212612345678", true),
            ("+12025550123", false),
            ("+88213123456", false),
        ] {
            let number = PhoneNumber::parse(number).unwrap();
            assert_eq!(number.takes_sms(DEFAULT_SMS_COUNTRIES), takes, "{number}");
        }
    }

    #[test]
    fn the_operators_list_is_the_only_one() {
        let belgian = PhoneNumber::parse("+32470123456").unwrap();
        assert!(!belgian.takes_sms(&[33]));
        assert!(!belgian.takes_sms(&[]));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[0-9+() .a-z/-]{0,40}|\\PC{0,40}") {
            let _ = PhoneNumber::parse_as_written(&text);
        }

        #[test]
        fn what_was_read_is_read_again(rest in "[67][0-9]{8}") {
            let number = PhoneNumber::parse_as_written(&format!("0{rest}")).unwrap();
            prop_assert_eq!(PhoneNumber::parse_as_written(number.as_str()), Ok(number));
        }
    }
}
