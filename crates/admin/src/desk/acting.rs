//! What every act of a desk begins and ends with.

use std::collections::BTreeMap;

use domain::{account::Account, contact::Contacts, desk::Checked};
use idp::{App, app::unavailable, notices::recipient};
use notify::{
    NotifyError,
    messages::{SchoolActed, WhatTheSchoolDid},
};
use store::{DatabaseTransaction, StoreError, contacts};
use web::PageError;

use super::entrance::AtDesk;

/// Begins the transaction of an act.
pub(super) async fn begin(app: &App) -> Result<DatabaseTransaction, PageError> {
    app.database.begin().await.map_err(unavailable)
}

/// Commits an act and lets its messages go.
pub(super) async fn commit(app: &App, transaction: DatabaseTransaction) -> Result<(), PageError> {
    transaction
        .commit()
        .await
        .map_err(|error| unavailable(StoreError::from(error)))?;
    app.notifier.nudge();
    Ok(())
}

/// Tells the owner of an account what the school did, at every contact that they confirmed.
pub(super) async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    at: &AtDesk,
    account: &Account,
    what: WhatTheSchoolDid,
) -> Result<(), PageError> {
    let contacts = contacts::find_all(transaction, account.id)
        .await
        .map_err(unavailable)?;
    tell_at(app, transaction, at, account, &contacts, what)
        .await
        .map_err(unavailable)
}

/// The same at contacts that were read before the act.
pub(super) async fn tell_at(
    app: &App,
    transaction: &DatabaseTransaction,
    at: &AtDesk,
    account: &Account,
    contacts: &Contacts,
    what: WhatTheSchoolDid,
) -> Result<(), NotifyError> {
    tell_of(app, transaction, &at.school.name, account, contacts, what).await
}

/// The same where nobody of the school is there.
pub(super) async fn tell_of(
    app: &App,
    transaction: &DatabaseTransaction,
    school: &str,
    account: &Account,
    contacts: &Contacts,
    what: WhatTheSchoolDid,
) -> Result<(), NotifyError> {
    let message = SchoolActed {
        identifier: account.identifier.clone(),
        school: school.to_owned(),
        what,
        at: app.ambient.now(),
    };
    for address in contacts.confirmed() {
        let to = recipient(account, address.clone());
        app.notifier.enqueue(transaction, &to, &message).await?;
    }
    Ok(())
}

/// The boxes of a form that say what was checked: a field of its own for each, since no
/// field comes twice.
#[derive(Clone, Default, Debug, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Ticked(BTreeMap<String, String>);

/// What the fields of those boxes begin with.
pub(crate) const TICK: &str = "verifie-";

impl Ticked {
    /// What was checked.
    pub(crate) fn checked(&self) -> Vec<Checked> {
        let ticked = Checked::ALL.iter().copied();
        ticked
            .filter(|checked| self.0.contains_key(&format!("{TICK}{}", checked.as_str())))
            .collect()
    }

    /// Another field of the same form.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }
}
