//! Checks of notify's sections: `mail`, `sms`, `delivery`.

use notify::settings::SettingFault;

use super::{Config, fault::Faults};

pub(super) fn check(config: &Config, faults: &mut Faults) {
    if let Some(mail) = &config.mail {
        told("mail", mail.check(), faults);
    }
    if let Some(sms) = &config.sms {
        told("sms", sms.check(), faults);
    }
    let delivery = &config.delivery;
    let mut within = |key: &str, value: u64, most: u64| {
        let what = format_args!("must be from 1 to {most}, not {value}");
        faults.require((1..=most).contains(&value), key, what);
    };
    within(
        "delivery.poll_milliseconds",
        delivery.poll_milliseconds,
        60_000,
    );
    within("delivery.concurrency", delivery.concurrency.into(), 1000);
    within("delivery.attempt_timeout", delivery.attempt_timeout, 600);
    within("delivery.attempts", delivery.attempts.into(), 1000);
    within("delivery.first_retry", delivery.first_retry, 3600);
    within("delivery.longest_retry", delivery.longest_retry, 24 * 3600);
}

fn told(section: &str, checked: Result<(), SettingFault>, faults: &mut Faults) {
    if let Err(fault) = checked {
        faults.add(&format!("{section}.{}", fault.key), fault.fault);
    }
}
