//! What a first proof leaves for the second: who it was, when and by what, in the sign-in
//! that waits, and so bound to its browser. It opens nothing but the pages of the second
//! factor, for a few minutes, and is spent once.

use std::time::Duration;

use domain::{account::Account, ids::AccountId, totp::TotpKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{StoreError, Vault, accounts};
use web::PageError;

use crate::{
    app::{App, unavailable},
    entry::{Means, Second},
    flow::Step,
};

const SEALED_AS: &str = "authenticator key to come";

/// How long a person has to find the application and type a code.
const LIFETIME: Duration = Duration::from_mins(10);

/// How long a person has to install an application and set it up.
const ENROLMENT_LIFETIME: Duration = Duration::from_mins(30);

/// A first proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proven {
    account: AccountId,
    at: Timestamp,
    means: Means,
    /// The key that an application is to be set up with, sealed.
    #[serde(default)]
    sealed_key: Option<String>,
}

/// A first proof that stands, with its account read just now.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Whose.
    pub(crate) account: Account,
    /// When.
    pub(crate) at: Timestamp,
    /// By what.
    pub(crate) means: Means,
    /// The key that an application is to be set up with.
    pub(crate) key: Option<TotpKey>,
}

impl Proven {
    /// Of an account; with the key where its first factor is to be set up.
    pub(crate) fn new(
        account: AccountId,
        at: Timestamp,
        means: Means,
        enrolling: Option<(TotpKey, &Vault)>,
    ) -> Self {
        let seal = |(key, vault): (TotpKey, &Vault)| vault.seal(SEALED_AS, key.as_bytes());
        Self {
            account,
            at,
            means,
            sealed_key: enrolling.map(seal),
        }
    }

    /// Waits in a sign-in for the second proof. Where another tab was first, its word
    /// counts, and the pages ask for a sign-in again.
    ///
    /// # Errors
    /// A page, where the store does not answer.
    pub(crate) async fn wait_in(self, app: &App, step: Step) -> Result<(), PageError> {
        let mut transaction = step.transaction;
        transaction.proven = Some(self);
        if let Some(name) = &step.name {
            let replaced = app.transactions.replace(name, step.version, &transaction);
            replaced.await.map_err(unavailable)?;
        }
        Ok(())
    }

    /// Whether its time is not over.
    fn is_in_time(&self, now: Timestamp) -> bool {
        let lifetime = match self.sealed_key {
            Some(_) => ENROLMENT_LIFETIME,
            None => LIFETIME,
        };
        now < self.at + lifetime
    }
}

/// The first proof that waits in a sign-in, if it stands: in time, and of an account whose
/// sessions nothing has ended since.
///
/// # Errors
/// The store's.
pub(crate) async fn find(app: &App, step: &Step) -> Result<Option<Standing>, StoreError> {
    let Some(proven) = &step.transaction.proven else {
        return Ok(None);
    };
    if !proven.is_in_time(app.ambient.now()) {
        return Ok(None);
    }
    let account = accounts::find_by_id(app.database.reader(), proven.account).await?;
    let Some(account) = account.filter(|account| account.upholds(proven.at)) else {
        return Ok(None);
    };
    let key = match &proven.sealed_key {
        Some(sealed) => TotpKey::from_bytes(&app.vault.open(SEALED_AS, sealed)?),
        None => None,
    };
    Ok(Some(Standing {
        account,
        at: proven.at,
        means: proven.means.clone(),
        key,
    }))
}

/// Writes down that the second proof came as well: what waits is that the person goes on.
/// Where another tab was first, the pages ask for it.
///
/// # Errors
/// A page, where the store does not answer.
pub(crate) async fn prove_both(app: &App, step: Step, second: Second) -> Result<(), PageError> {
    let Some(proven) = step.transaction.proven.clone() else {
        return Ok(());
    };
    let proven = Proven {
        means: proven.means.and(second),
        at: app.ambient.now(),
        sealed_key: None,
        ..proven
    };
    proven.wait_in(app, step).await
}

/// Spends it: to one caller alone. `false` where somebody was first.
///
/// # Errors
/// A page, where the store does not answer.
pub(crate) async fn spend(app: &App, step: &Step) -> Result<bool, PageError> {
    let mut transaction = step.transaction.clone();
    transaction.proven = None;
    match &step.name {
        Some(name) => {
            let replaced = app.transactions.replace(name, step.version, &transaction);
            replaced.await.map_err(unavailable)
        }
        None => Ok(false),
    }
}
