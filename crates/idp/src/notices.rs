//! Messages that the provider sends by itself.

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
};
use notify::{Language, NotifyError, Recipient, messages::SignInSlowed};
use store::{
    StoreError,
    audit::{self, Event},
    contacts,
};

use crate::{app::App, guard::coarse};

/// Tells the owner of an account that tries are slowed down, after the answer: whether
/// there is an owner to tell must not show in its time.
pub(crate) fn tell_of_slowed_sign_in(app: &App, network: String, account: Option<Account>) {
    let Some(account) = account else {
        return;
    };
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = write(&app, &network, &account).await {
            tracing::error!(%error, "a notice could not be written");
        }
    });
}

async fn write(app: &App, network: &str, account: &Account) -> Result<(), NotifyError> {
    let transaction = app.database.begin().await?;
    let message = SignInSlowed {
        identifier: account.identifier.clone(),
        at: app.ambient.now(),
    };
    let contacts = contacts::find_all(&transaction, account.id).await?;
    if let Some(address) = contacts.email.confirmed() {
        let recipient = Recipient {
            account: Some(account.id),
            address: address.clone(),
            language: Language::of_tag(&account.locale),
        };
        app.notifier
            .enqueue(&transaction, &recipient, &message)
            .await?;
    }
    let event = Event::new(
        Action::SignInSlowed,
        Actor::Service,
        Target::Account(account.id),
    );
    audit::record(
        &transaction,
        &app.ambient,
        event.from_network(coarse(network)),
    )
    .await?;
    transaction.commit().await.map_err(StoreError::from)?;
    app.notifier.nudge();
    Ok(())
}
