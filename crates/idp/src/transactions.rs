//! Sign-in transactions: an authorization request (or a page of ours) that waits for a
//! person, bound to the browser that brought it.

use std::sync::Arc;

use domain::{acr::Acr, ambient::Ambient, ids::AccountId, secret::Token};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::ephemeral::{EphemeralError, EphemeralStore, Kind, Place, Spent};
use web::Browser;

use crate::{protocol::authorization::AuthorizationRequest, proven::Proven, settings::Seconds};

/// What a sign-in leads to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// An answer to a relying party.
    Client(Box<AuthorizationRequest>),
    /// A page of ours.
    Page {
        /// Its path, and its query if it has one.
        path: String,
        /// Who may see it: a link that was sent to one account; anybody if none.
        #[serde(default)]
        account: Option<AccountId>,
        /// The sign-in must be as late as this: what the page changes asks for it again.
        #[serde(default)]
        since: Option<Timestamp>,
        /// What the sign-in must reach; anything if none.
        #[serde(default)]
        acr: Option<Acr>,
    },
}

/// A sign-in that somebody began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transaction {
    /// What it leads to.
    pub destination: Destination,
    /// When its request came: `prompt=login` asks for a sign-in after this.
    pub began_at: Timestamp,
    /// Who agreed on the consent page of this very request.
    #[serde(default)]
    pub consent_given_by: Option<AccountId>,
    /// The activation that a right provisional password opened in it.
    #[serde(default)]
    pub activating: Option<Activating>,
    /// A first proof, which waits in it for the second factor.
    #[serde(default)]
    pub(crate) proven: Option<Proven>,
    /// Whose it is. A request that was posted from another site came without cookies:
    /// it belongs to the browser that comes back with it first.
    browser: Option<String>,
}

/// An activation under way; it is its own store's to say whether it is still held.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Activating {
    /// The account to be activated.
    pub account: AccountId,
    /// By what it is held (`store::activations`); a [`Token`] that nobody is given.
    pub holder: String,
}

/// A transaction that waits, as it was read.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The transaction.
    pub transaction: Transaction,
    /// What it must still be when it is replaced.
    pub version: i64,
}

/// Why a transaction cannot go on.
#[derive(Clone, Debug)]
pub enum Absent {
    /// It never was, or its time is over.
    Unknown,
    /// It has led where it was to lead.
    Ended(Box<Transaction>),
    /// Another browser began it, or this one lost its cookie.
    OtherBrowser(Box<Transaction>),
}

impl Transaction {
    /// A new one; of a browser, if it is known which.
    pub fn new(destination: Destination, browser: Option<&Browser>, now: Timestamp) -> Self {
        Self {
            destination,
            began_at: now,
            consent_given_by: None,
            activating: None,
            proven: None,
            browser: browser.map(|browser| browser.hash().encode()),
        }
    }

    /// Whether it waits for the first browser that comes.
    pub const fn is_unclaimed(&self) -> bool {
        self.browser.is_none()
    }

    /// Gives it to a browser.
    pub fn claim(&mut self, browser: &Browser) {
        self.browser = Some(browser.hash().encode());
    }

    fn is_of(&self, browser: Option<&Browser>) -> bool {
        match (&self.browser, browser) {
            (None, _) => true,
            (Some(own), Some(browser)) => browser.is_encoded(own),
            (Some(_), None) => false,
        }
    }
}

/// Keeps transactions while they wait.
#[derive(Clone)]
pub struct Transactions {
    ephemeral: Arc<dyn EphemeralStore>,
    ambient: Ambient,
    lifetime: Seconds,
}

impl Transactions {
    /// With the time that a person has.
    pub const fn new(
        ephemeral: Arc<dyn EphemeralStore>,
        ambient: Ambient,
        lifetime: Seconds,
    ) -> Self {
        Self {
            ephemeral,
            ambient,
            lifetime,
        }
    }

    /// Keeps a transaction and names it.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn insert(&self, transaction: &Transaction) -> Result<Token, EphemeralError> {
        let name = Token::generate(&self.ambient);
        let key = name.hash().encode();
        let now = self.ambient.now();
        self.ephemeral
            .insert(
                place(&key),
                &text(transaction),
                now,
                now + self.lifetime.duration(),
            )
            .await?;
        Ok(name)
    }

    /// The transaction of a name, for the browser that began it.
    ///
    /// # Errors
    /// The ephemeral store's; inside, why it cannot go on.
    pub async fn find(
        &self,
        name: &str,
        browser: Option<&Browser>,
    ) -> Result<Result<Waiting, Absent>, EphemeralError> {
        let Some(name) = Token::parse(name) else {
            return Ok(Err(Absent::Unknown));
        };
        let key = name.hash().encode();
        let entry = self.ephemeral.find(place(&key), self.ambient.now()).await?;
        let Some(entry) = entry else {
            return Ok(Err(Absent::Unknown));
        };
        let transaction = parse(&entry.value)?;
        if !transaction.is_of(browser) {
            return Ok(Err(Absent::OtherBrowser(Box::new(transaction))));
        }
        if entry.spent {
            return Ok(Err(Absent::Ended(Box::new(transaction))));
        }
        Ok(Ok(Waiting {
            transaction,
            version: entry.version,
        }))
    }

    /// Replaces what waits under a name, as long as it is still what was read. `false`
    /// where it has ended or somebody replaced it meanwhile.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn replace(
        &self,
        name: &Token,
        version: i64,
        transaction: &Transaction,
    ) -> Result<bool, EphemeralError> {
        let key = name.hash().encode();
        let now = self.ambient.now();
        let end = now + self.lifetime.duration();
        self.ephemeral
            .replace(place(&key), version, &text(transaction), now, end)
            .await
    }

    /// Ends a transaction: it leads where it was to lead, once. `false` where it had.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn end(&self, name: &Token) -> Result<bool, EphemeralError> {
        let key = name.hash().encode();
        let now = self.ambient.now();
        let spent = self
            .ephemeral
            .spend(place(&key), now, now + self.lifetime.duration())
            .await?;
        Ok(matches!(spent, Spent::First(_)))
    }
}

const fn place(key: &str) -> Place<'_> {
    Place {
        kind: Kind::SignInTransaction,
        key,
    }
}

fn text(transaction: &Transaction) -> String {
    serde_json::to_string(transaction).expect("a transaction is a document")
}

fn parse(value: &str) -> Result<Transaction, EphemeralError> {
    serde_json::from_str(value).map_err(|_| EphemeralError::Malformed("sign_in"))
}
