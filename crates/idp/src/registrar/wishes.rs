//! Secrets and initial access tokens: how they shall be, checked in one place whoever asks.

use domain::{
    ids::{ClientSecretId, InitialTokenId},
    secret::{Secret, Token},
};
use jiff::{Timestamp, ToSpan as _};
use store::clients::tokens::{self, InitialToken};

use super::{Acts, RegistrarFault, Unfit};

/// Fewest signs of a secret that somebody else made: it is kept under a fast hash.
pub const SHORTEST_SECRET: usize = 20;
/// Most signs of a secret's label.
pub const LONGEST_LABEL: usize = 100;

/// A secret that was made, to be shown this once.
#[derive(Debug)]
pub struct MadeSecret {
    /// Its id.
    pub id: ClientSecretId,
    /// The secret.
    pub secret: Secret,
}

/// How a secret shall be.
#[derive(Clone, Debug, Default)]
pub struct SecretWish {
    /// What administrators call it.
    pub label: Option<String>,
    /// When it shall stop working by itself.
    pub expires_at: Option<Timestamp>,
    /// The secret itself, where somebody else made it.
    pub secret: Option<Secret>,
}

impl SecretWish {
    /// Whether there can be such a secret.
    ///
    /// # Errors
    /// [`Unfit`], of the first member that will not do.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Unfit> {
        if let Some(label) = &self.label {
            check_label(label)?;
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(Unfit::new("expires_at", "must lie ahead"));
        }
        let is_weak = |secret: &Secret| secret.expose().len() < SHORTEST_SECRET;
        if self.secret.as_ref().is_some_and(is_weak) {
            let advice = format!("a random text of {SHORTEST_SECRET} characters or more");
            return Err(Unfit::new("client_secret", advice));
        }
        Ok(())
    }
}

/// Most clients that one initial access token registers.
pub const MOST_USES: u32 = 10_000;
/// Most days that an initial access token lasts.
pub const MOST_DAYS: u32 = 365;

/// How an initial access token shall be.
#[derive(Clone, Debug)]
pub struct InitialTokenWish {
    /// What administrators call it.
    pub label: String,
    /// How many clients it may register.
    pub uses: u32,
    /// Days after which it ends.
    pub days: u32,
}

impl InitialTokenWish {
    /// Uses where nobody says how many.
    pub const USES: u32 = 1;
    /// Days where nobody says how many.
    pub const DAYS: u32 = 7;

    /// Whether there can be such a token.
    ///
    /// # Errors
    /// [`Unfit`], of the first member that will not do.
    pub fn check(&self) -> Result<(), Unfit> {
        check_label(&self.label)?;
        if !(1..=MOST_USES).contains(&self.uses) {
            return Err(Unfit::new("uses", format!("from 1 to {MOST_USES}")));
        }
        if !(1..=MOST_DAYS).contains(&self.days) {
            return Err(Unfit::new("days", format!("from 1 to {MOST_DAYS}")));
        }
        Ok(())
    }
}

/// An initial access token that was made, to be shown this once.
#[derive(Debug)]
pub struct MadeInitialToken {
    /// What is kept of it.
    pub kept: InitialToken,
    /// The token.
    pub token: Token,
}

impl Acts<'_> {
    /// Makes an initial access token (RFC 7591, section 3).
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn make_initial_token(
        &self,
        wish: InitialTokenWish,
    ) -> Result<MadeInitialToken, RegistrarFault> {
        wish.check()?;
        let ambient = &self.registrar.ambient;
        let now = ambient.now();
        let kept = InitialToken {
            id: InitialTokenId::new(ambient),
            label: wish.label,
            created_at: now,
            expires_at: now + (i64::from(wish.days) * 24).hours(),
            uses_left: wish.uses,
        };
        let token = Token::generate(ambient);
        let actor = self.author.actor.clone();
        tokens::make_initial(&self.transaction, ambient, actor, &token, &kept).await?;
        Ok(MadeInitialToken { kept, token })
    }

    /// Withdraws an initial access token: it registers no more clients.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn remove_initial_token(&self, id: InitialTokenId) -> Result<(), RegistrarFault> {
        let (ambient, actor) = (&self.registrar.ambient, self.author.actor.clone());
        let removed = tokens::remove_initial(&self.transaction, ambient, actor, id).await?;
        removed.then_some(()).ok_or(RegistrarFault::Unknown)
    }
}

fn check_label(label: &str) -> Result<(), Unfit> {
    let length = label.trim().chars().count();
    if (1..=LONGEST_LABEL).contains(&length) && !label.chars().any(char::is_control) {
        return Ok(());
    }
    let advice = format!("1 to {LONGEST_LABEL} characters, none of them a control character");
    Err(Unfit::new("label", advice))
}
