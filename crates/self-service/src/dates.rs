//! What is said about a date that cannot be read.

use domain::date::DateFault;
use web::TextKey;

/// The text above the field.
pub(crate) const fn fault_text(fault: DateFault) -> TextKey {
    match fault {
        DateFault::Form => TextKey::new("date-form"),
        DateFault::NoSuchDay => TextKey::new("date-no-such-day"),
        DateFault::Future => TextKey::new("date-future"),
    }
}
