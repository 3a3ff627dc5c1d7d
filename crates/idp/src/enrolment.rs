//! Setting an authenticator application up: what is shown of its key, and the change that
//! makes it the account's second factor, with recovery codes beside it.

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    second_factor::RecoveryCode,
    totp::{TotpCode, TotpKey},
};
use notify::{NotifyError, messages::WhatChanged};
use qrcode::{EcLevel, QrCode, render::svg};
use serde::Serialize;
use store::{
    DatabaseTransaction, StoreError,
    audit::{self, Event},
    contacts,
    second_factors::{self, Enrolment},
};

use crate::{app::App, guard::coarse, http::visit::Visit, notices::tell_of_change};

/// Whose codes the application shows.
pub(crate) const ISSUER: &str = "Préau";

/// A key as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ShownKey {
    /// To be scanned: an SVG image.
    qr: String,
    /// To be typed, in groups of four.
    text: String,
    /// Opens an application on this device.
    address: String,
}

impl ShownKey {
    /// Of an account.
    pub fn new(key: &TotpKey, account: &str) -> Self {
        let address = key.address(ISSUER, account);
        let text = key.expose();
        let groups = text.as_bytes().chunks(4).map(String::from_utf8_lossy);
        Self {
            qr: qr(&address),
            text: groups.collect::<Vec<_>>().join(" "),
            address,
        }
    }

    /// For tests of pages.
    pub fn sample() -> Self {
        let key = TotpKey::from_bytes(&[7; 20]).expect("160 bits are a key");
        Self::new(&key, "m.delatourdauvergnelauraguais1")
    }
}

/// Dark on light whatever the page's colours: cameras want it so.
fn qr(address: &str) -> String {
    let code = QrCode::with_error_correction_level(address, EcLevel::M);
    let code = code.expect("an address of some hundred signs fits");
    let mut image = code.render::<svg::Color<'_>>();
    let image = image
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"));
    let image = image.min_dimensions(200, 200).build();
    // Inside of a page it is an element, not a document.
    let start = image.find("<svg").unwrap_or_default();
    image[start..].to_owned()
}

/// Makes the application the account's second factor, in a transaction that its caller
/// commits. The recovery codes are shown once. `None` where it was to be the first and the
/// account has or had a factor: nothing may be committed then.
///
/// # Errors
/// The store's.
pub async fn enrol(
    app: &App,
    transaction: &DatabaseTransaction,
    visit: &Visit,
    account: &Account,
    key: &TotpKey,
    code: Proved,
) -> Result<Option<Vec<RecoveryCode>>, NotifyError> {
    let now = app.ambient.now();
    let Proved { step, enrolment } = code;
    let vault = &app.vault;
    let written =
        second_factors::insert(transaction, vault, account.id, key, step, enrolment, now).await?;
    if !written {
        return Ok(None);
    }
    let added = event(Action::SecondFactorAdded, account, visit);
    audit::record(transaction, &app.ambient, added).await?;
    let codes = new_recovery_codes(app, transaction, visit, account).await?;
    let before = contacts::find_all(transaction, account.id).await?;
    tell_of_change(
        app,
        transaction,
        account,
        WhatChanged::SecondFactor,
        &before,
    )
    .await?;
    Ok(Some(codes))
}

/// That a code of the application was right.
#[derive(Clone, Copy, Debug)]
pub struct Proved {
    step: i64,
    enrolment: Enrolment,
}

impl Proved {
    /// Compares what was typed with the key.
    pub fn by(key: &TotpKey, code: &TotpCode, enrolment: Enrolment, app: &App) -> Option<Self> {
        let step = key.step_of(code, app.ambient.now())?;
        Some(Self { step, enrolment })
    }
}

/// Makes recovery codes in the place of those before, in a transaction that its caller
/// commits.
///
/// # Errors
/// The store's.
pub async fn new_recovery_codes(
    app: &App,
    transaction: &DatabaseTransaction,
    visit: &Visit,
    account: &Account,
) -> Result<Vec<RecoveryCode>, StoreError> {
    let key = &app.secrets.codes;
    let codes =
        second_factors::replace_recovery_codes(transaction, &app.ambient, key, account.id).await?;
    let made = event(Action::RecoveryCodesMade, account, visit);
    audit::record(transaction, &app.ambient, made).await?;
    Ok(codes)
}

fn event(action: Action, account: &Account, visit: &Visit) -> Event {
    let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
    Event::new(action, actor, target).from_network(coarse(&visit.network))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_as_an_image_and_as_text() {
        let shown = ShownKey::sample();
        assert!(shown.qr.starts_with("<svg"), "{}", shown.qr);
        assert!(
            !shown.qr.contains("style="),
            "the page's policy allows none"
        );
        assert_eq!(shown.text.len(), 32 + 7);
        assert!(shown.address.starts_with("otpauth://totp/Pr%C3%A9au:"));
    }
}
