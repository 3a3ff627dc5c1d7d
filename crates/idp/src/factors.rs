//! A typed code of a second factor: checked in one place, with the same delays wherever a
//! page asks for one. The password, or another provider's word, comes before it.

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    second_factor::RecoveryCode,
    totp::TotpCode,
};
use store::{
    StoreError,
    audit::{self, Event},
    second_factors,
};
use web::PageError;

use crate::{
    app::{App, unavailable},
    guard::{Admission, coarse},
    http::visit::Visit,
    notices,
};

/// What a person typed.
#[derive(Clone, Debug)]
pub enum Typed {
    /// The code that an authenticator application shows.
    Code(TotpCode),
    /// A code that takes its place, once.
    Recovery(RecoveryCode),
}

/// Spends a code. A try is counted against the account and the network before anything is
/// compared, and forgiven when it was right. `false` where it is wrong, or was used.
///
/// # Errors
/// A page: to wait (429), or that a store does not answer (503).
pub async fn spend(
    app: &App,
    visit: &Visit,
    account: &Account,
    typed: &Typed,
) -> Result<bool, PageError> {
    let admission = app
        .guard
        .reserve_factor(&visit.headers, &visit.network, account.id)
        .await
        .map_err(unavailable)?;
    let reserved = match admission {
        Admission::Go(reserved) => reserved,
        Admission::Wait(wait) => return Err(PageError::too_many(wait)),
    };
    let is_right = match typed {
        Typed::Code(code) => spend_code(app, account, code).await,
        Typed::Recovery(code) => spend_recovery_code(app, visit, account, code).await,
    };
    if is_right.map_err(unavailable)? {
        app.guard.forgive(reserved).await.map_err(unavailable)?;
        return Ok(true);
    }
    app.counters.wrong_code();
    if reserved.begins_to_slow_strangers() {
        let network = visit.network.clone();
        notices::tell_of_slowed_factor(app, network, account.clone());
    }
    Ok(false)
}

async fn spend_code(app: &App, account: &Account, code: &TotpCode) -> Result<bool, StoreError> {
    let reader = app.database.reader();
    let found = second_factors::find(reader, &app.vault, account.id).await?;
    let now = app.ambient.now();
    let Some(authenticator) = found else {
        return Ok(false);
    };
    let Some(step) = authenticator.key.step_of(code, now) else {
        return Ok(false);
    };
    let writer = app.database.writer();
    second_factors::spend_step(writer, account.id, &authenticator, step, now).await
}

async fn spend_recovery_code(
    app: &App,
    visit: &Visit,
    account: &Account,
    code: &RecoveryCode,
) -> Result<bool, StoreError> {
    let transaction = app.database.begin().await?;
    let key = &app.secrets.codes;
    let now = app.ambient.now();
    if !second_factors::spend_recovery_code(&transaction, key, account.id, code, now).await? {
        return Ok(false);
    }
    let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
    let event = Event::new(Action::RecoveryCodeUsed, actor, target);
    let event = event.from_network(coarse(&visit.network));
    audit::record(&transaction, &app.ambient, event).await?;
    transaction.commit().await?;
    Ok(true)
}
