//! Identifier and password: checked in one place, with the same delays and the same
//! answer wherever a page asks for them.

use domain::{
    account::{Account, Entry},
    identifier::AccountIdentifier,
    secret::Secret,
};
use store::accounts::{self, AccountWithHash};
use web::PageError;

use crate::{
    app::{App, unavailable},
    guard::{Admission, Reserved},
    http::visit::Visit,
    notices,
    passwords::Verdict,
};

/// How long a person is asked to wait when all password workers are taken.
const BUSY_WAIT: std::time::Duration = std::time::Duration::from_secs(3);

/// What identifier and password open.
#[derive(Clone, PartialEq, Debug)]
pub enum Opened {
    /// An active account.
    Account(Box<Account>),
    /// The activation of an account, by a provisional password that is fresh.
    Activation(Box<Account>),
    /// Nothing: unknown, wrong, suspended, merged, too old. The answer must not differ.
    Nothing,
}

/// Checks what was typed. A try is counted against the account and the network before
/// anything is computed, and forgiven when it was right; the hash is computed whether or
/// not there is an account.
///
/// # Errors
/// A page: to wait (429), or that all workers are taken or a store does not answer (503).
pub async fn check(
    app: &App,
    visit: &Visit,
    identifier: &str,
    password: Secret,
) -> Result<Opened, PageError> {
    let parsed = AccountIdentifier::parse(identifier).ok();
    let found = match &parsed {
        Some(parsed) => accounts::find_by_identifier(app.database.reader(), parsed).await,
        None => Ok(None),
    };
    let found = found.map_err(unavailable)?;
    let typed = identifier.trim().to_lowercase();
    let account = found.as_ref().map(|found| found.account.id);
    let admission = app
        .guard
        .reserve(&visit.headers, &visit.network, &typed, account)
        .await
        .map_err(unavailable)?;
    match admission {
        Admission::Wait(wait) => Err(PageError::too_many(wait)),
        Admission::Go(reserved) => judge(app, visit, found, password, reserved).await,
    }
}

async fn judge(
    app: &App,
    visit: &Visit,
    found: Option<AccountWithHash>,
    password: Secret,
    reserved: Reserved,
) -> Result<Opened, PageError> {
    let hash = found.as_ref().and_then(|found| found.password_hash.clone());
    let Ok(verdict) = app.passwords.verify(password, hash.clone()).await else {
        app.guard.take_back(reserved).await.map_err(unavailable)?;
        return Err(PageError::busy(BUSY_WAIT));
    };
    let account = found.map(|found| found.account);
    match (account, verdict) {
        (Some(account), Verdict::Right { stronger }) => {
            let opened = opened(account, app);
            if opened == Opened::Nothing {
                return Ok(opened);
            }
            app.guard.forgive(reserved).await.map_err(unavailable)?;
            strengthen(app, &opened, hash, stronger).await?;
            Ok(opened)
        }
        (account, _) => {
            if reserved.begins_to_slow_strangers() {
                notices::tell_of_slowed_sign_in(app, visit.network.clone(), account);
            }
            Ok(Opened::Nothing)
        }
    }
}

fn opened(account: Account, app: &App) -> Opened {
    match account.entry_by_password(app.ambient.now()) {
        Entry::Session => Opened::Account(Box::new(account)),
        Entry::Activation => Opened::Activation(Box::new(account)),
        Entry::Nothing => Opened::Nothing,
    }
}

async fn strengthen(
    app: &App,
    opened: &Opened,
    old: Option<String>,
    new: Option<String>,
) -> Result<(), PageError> {
    if let (Opened::Account(account), Some(old), Some(new)) = (opened, old, new) {
        accounts::strengthen_hash(app.database.writer(), account.id, &old, &new)
            .await
            .map_err(unavailable)?;
    }
    Ok(())
}
