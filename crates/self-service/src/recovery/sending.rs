//! Writes what may be sent, after the answer: whether there is anybody to write to must
//! not show in its time. A process that dies in between has changed nothing, and whoever
//! asked asks again.

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    code::OneTimeCode,
    contact::{Address, Channel, Contacts},
    identifier::AccountIdentifier,
    ids::{AccountId, ProofId},
    phone::DEFAULT_SMS_COUNTRIES,
    recovery::{Lost, Remedy, remedy},
};
use notify::{
    Language, Message, NotifyError, Recipient,
    messages::{LostIdentifier, OpensWithFranceConnect, PasswordCode, PasswordLink},
};
use serde_json::json;
use store::{
    ConnectionTrait, StoreError, accounts,
    audit::{self, Event},
    contacts,
    proofs::{self, NewProof, Purpose},
    vault::hmac_sha256,
};

use crate::{
    limits::{self, Limit},
    state::SelfService,
    ways::Return,
};

/// Sends all identifiers that an address is confirmed for, in one message.
pub(super) fn identifiers(app: &SelfService, address: Address) {
    let app = app.clone();
    after_the_answer(async move { write_identifiers(&app, &address).await });
}

/// Sends the link that sets a password, or what helps instead.
pub(super) fn password_link(app: &SelfService, typed: String, back: Return) {
    let app = app.clone();
    after_the_answer(async move { write_link(&app, &typed, &back).await });
}

/// A code that was made, and whom it goes to, if to anybody.
pub(super) struct MadeCode {
    /// What is tried.
    pub(super) proof: ProofId,
    code: OneTimeCode,
    helped: Option<Helped>,
}

/// Makes a code, for somebody or for nobody with the same work. `typed` is an identifier as
/// it was typed.
pub(super) async fn make_password_code(
    app: &SelfService,
    typed: &str,
) -> Result<MadeCode, StoreError> {
    let helped = find_helped(app, typed, Channel::Sms).await?;
    let with_code = helped
        .as_ref()
        .filter(|helped| helped.remedy == Remedy::PasswordCode);
    let new = NewProof {
        purpose: Purpose::PasswordCode,
        account: with_code.map(|helped| helped.account.id),
        contact: with_code.map(|helped| helped.address.comparable()),
        details: json!({}),
        lifetime: PasswordCode::LIFETIME,
    };
    let counted_as = format!("recovery {}", form_of(typed));
    let (proof, code) = insert_code(app, &counted_as, new).await?;
    Ok(MadeCode {
        proof,
        code,
        helped,
    })
}

impl MadeCode {
    /// Sends it where it may be sent. The last thing that a request does: whatever it wrote
    /// after this would wait for the message to be written, where there is one.
    pub(super) fn send(self, app: &SelfService) {
        let Self { code, helped, .. } = self;
        if let Some(helped) = helped {
            let app = app.clone();
            after_the_answer(async move { write_code(&app, &helped, &code).await });
        }
    }
}

/// Writes a code, whose tries are counted under these words.
pub(crate) async fn insert_code(
    app: &SelfService,
    counted_as: &str,
    new: NewProof,
) -> Result<(ProofId, OneTimeCode), StoreError> {
    let key = &app.secrets.codes;
    let counted_as = hmac_sha256(key, counted_as.as_bytes());
    let transaction = app.database.begin().await?;
    let made = proofs::insert_code(&transaction, &app.ambient, key, &counted_as, new).await?;
    transaction.commit().await?;
    Ok(made)
}

/// One form of what was typed as an identifier, whoever has it, if anybody.
pub(crate) fn form_of(typed: &str) -> String {
    match AccountIdentifier::parse(typed) {
        Ok(identifier) => identifier.as_str().to_owned(),
        Err(_) => typed.trim().to_lowercase(),
    }
}

pub(crate) fn after_the_answer(
    work: impl Future<Output = Result<(), NotifyError>> + Send + 'static,
) {
    tokio::spawn(async move {
        if let Err(error) = work.await {
            tracing::error!(%error, "a message of recovery could not be written");
        }
    });
}

/// An account that something may be sent to.
struct Helped {
    account: Account,
    address: Address,
    remedy: Remedy,
}

impl Helped {
    fn find(account: Account, contacts: &Contacts, channel: Channel, lost: Lost) -> Option<Self> {
        let (kind, state, password) = (account.kind, account.state, account.password);
        let remedy = remedy(kind, state, password, contacts, channel, lost)?;
        let address = contacts.of(channel).confirmed()?.clone();
        Some(Self {
            account,
            address,
            remedy,
        })
    }

    fn recipient(&self) -> Recipient {
        Recipient {
            account: Some(self.account.id),
            address: self.address.clone(),
            language: Language::of_tag(&self.account.locale),
        }
    }
}

/// Whom a typed identifier stands for, if something may be sent there. It reads as much
/// for nobody.
async fn find_helped(
    app: &SelfService,
    typed: &str,
    channel: Channel,
) -> Result<Option<Helped>, StoreError> {
    let Ok(identifier) = AccountIdentifier::parse(typed) else {
        return Ok(None);
    };
    let reader = app.database.reader();
    let found = accounts::find_by_identifier(reader, &identifier).await?;
    let nobody = AccountId::new(&app.ambient);
    let id = found.as_ref().map_or(nobody, |found| found.account.id);
    let contacts = contacts::find_all(reader, id).await?;
    Ok(found.and_then(|found| Helped::find(found.account, &contacts, channel, Lost::Password)))
}

/// Whether one more message may go to an address. Nobody learns that it may not.
pub(crate) async fn may_write_to(app: &SelfService, address: &Address) -> Result<bool, StoreError> {
    if let Address::Phone(number) = address
        && !(number.takes_sms(DEFAULT_SMS_COUNTRIES)
            && limits::allows(app, Limit::RecoverySms, "").await?)
    {
        return Ok(false);
    }
    Ok(limits::allows(app, Limit::Contact, &address.comparable()).await?)
}

async fn write_identifiers(app: &SelfService, address: &Address) -> Result<(), NotifyError> {
    let helped = owners(app, address).await?;
    let Some(first) = helped.first() else {
        return Ok(());
    };
    if !may_write_to(app, &first.address).await? {
        return Ok(());
    }
    let of = |remedy| {
        let those = helped.iter().filter(move |one| one.remedy == remedy);
        those.map(|one| one.account.identifier.clone()).collect()
    };
    let message = LostIdentifier {
        identifiers: of(Remedy::Identifier),
        with_france_connect: of(Remedy::FranceConnect),
    };
    let transaction = app.database.begin().await?;
    enqueue(app, &transaction, first, &message).await?;
    for one in &helped {
        record(app, &transaction, one, "identifier").await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    app.notifier.nudge();
    Ok(())
}

/// Everybody whom an address is confirmed for and who may get their identifier there.
async fn owners(app: &SelfService, address: &Address) -> Result<Vec<Helped>, StoreError> {
    let reader = app.database.reader();
    let mut helped = Vec::new();
    for owner in contacts::find_owners(reader, address).await? {
        let contacts = contacts::find_all(reader, owner.id).await?;
        let channel = address.channel();
        helped.extend(Helped::find(owner, &contacts, channel, Lost::Identifier));
    }
    Ok(helped)
}

async fn write_link(app: &SelfService, typed: &str, back: &Return) -> Result<(), NotifyError> {
    let Some(helped) = find_helped(app, typed, Channel::Email).await? else {
        return Ok(());
    };
    if !may_write_to(app, &helped.address).await? {
        return Ok(());
    }
    let transaction = app.database.begin().await?;
    if helped.remedy == Remedy::PasswordLink {
        enqueue_link(app, &transaction, &helped, back).await?;
    } else {
        enqueue_france_connect(app, &transaction, &helped).await?;
    }
    record(app, &transaction, &helped, "password").await?;
    transaction.commit().await.map_err(StoreError::from)?;
    app.notifier.nudge();
    Ok(())
}

/// The newest link alone is good.
async fn enqueue_link(
    app: &SelfService,
    transaction: &impl ConnectionTrait,
    helped: &Helped,
    back: &Return,
) -> Result<(), NotifyError> {
    let account = &helped.account;
    accounts::lock(transaction, account.id).await?;
    let now = app.ambient.now();
    proofs::end_of_account(transaction, account.id, &[Purpose::PasswordLink], now).await?;
    let proof = NewProof {
        purpose: Purpose::PasswordLink,
        account: Some(account.id),
        contact: Some(helped.address.comparable()),
        details: json!({ "connexion": back.name() }),
        lifetime: PasswordLink::LIFETIME,
    };
    let token = proofs::insert(transaction, &app.ambient, proof).await?;
    let message = PasswordLink {
        given_name: account.name.given.clone(),
        token: token.expose(),
    };
    enqueue(app, transaction, helped, &message).await
}

async fn enqueue_france_connect(
    app: &SelfService,
    transaction: &impl ConnectionTrait,
    helped: &Helped,
) -> Result<(), NotifyError> {
    let identifier = helped.account.identifier.clone();
    let message = OpensWithFranceConnect { identifier };
    enqueue(app, transaction, helped, &message).await
}

async fn write_code(
    app: &SelfService,
    helped: &Helped,
    code: &OneTimeCode,
) -> Result<(), NotifyError> {
    if !may_write_to(app, &helped.address).await? {
        return Ok(());
    }
    let transaction = app.database.begin().await?;
    if helped.remedy == Remedy::PasswordCode {
        enqueue(app, &transaction, helped, &PasswordCode::new(code)).await?;
    } else {
        enqueue_france_connect(app, &transaction, helped).await?;
    }
    record(app, &transaction, helped, "password").await?;
    transaction.commit().await.map_err(StoreError::from)?;
    app.notifier.nudge();
    Ok(())
}

async fn enqueue<M: Message>(
    app: &SelfService,
    transaction: &impl ConnectionTrait,
    helped: &Helped,
    message: &M,
) -> Result<(), NotifyError> {
    let recipient = helped.recipient();
    app.notifier
        .enqueue(transaction, &recipient, message)
        .await?;
    Ok(())
}

async fn record(
    app: &SelfService,
    transaction: &impl ConnectionTrait,
    helped: &Helped,
    lost: &'static str,
) -> Result<(), StoreError> {
    let target = Target::Account(helped.account.id);
    let channel = helped.address.channel().as_str();
    let event = Event::new(Action::RecoverySent, Actor::Service, target)
        .with(json!({ "lost": lost, "channel": channel }));
    audit::record(transaction, &app.ambient, event).await
}
