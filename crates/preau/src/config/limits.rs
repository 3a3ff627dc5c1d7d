//! Checks of section `self_service`.

use std::io;

use domain::password::CommonPasswords;
use self_service::settings::SelfServiceSettings;

use super::{fault::Faults, server::check_readable};

pub(super) fn check(settings: &SelfServiceSettings, faults: &mut Faults) {
    let counts = [
        ("messages_per_contact", settings.messages_per_contact),
        ("messages_per_network", settings.messages_per_network),
        (
            "registration_sms_per_hour",
            settings.registration_sms_per_hour,
        ),
        ("recovery_sms_per_hour", settings.recovery_sms_per_hour),
        ("wrong_codes", settings.wrong_codes),
    ];
    for (key, count) in counts {
        let key = format!("self_service.{key}");
        faults.require(count > 0, &key, "must be at least 1");
    }
    if let Some(file) = &settings.refused_passwords {
        check_readable(file, "self_service.refused_passwords", faults);
    }
}

/// The passwords that nobody may choose.
///
/// # Errors
/// The fault of a file that cannot be read.
pub(crate) fn common_passwords(settings: &SelfServiceSettings) -> io::Result<CommonPasswords> {
    let own = CommonPasswords::default();
    match &settings.refused_passwords {
        Some(file) => Ok(own.with_list(&std::fs::read_to_string(file)?)),
        None => Ok(own),
    }
}
