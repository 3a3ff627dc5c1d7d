//! A mobile number as a person types it.

use domain::{contact::PhoneNumber, phone::DEFAULT_SMS_COUNTRIES};
use web::{FormErrors, TextKey};

/// Reads a number that SMS can be sent to.
///
/// # Errors
/// What to say above `field`.
pub(crate) fn read(field: &'static str, typed: &str) -> Result<PhoneNumber, FormErrors> {
    let said = |text| FormErrors::none().field(field, text);
    let number =
        PhoneNumber::parse_as_written(typed).map_err(|_| said(TextKey::new("mobile-malformed")))?;
    if !number.takes_sms(DEFAULT_SMS_COUNTRIES) {
        return Err(said(TextKey::new("mobile-no-sms")));
    }
    Ok(number)
}
