//! What the audit trail can say, and about whom.

use crate::{
    client::ClientId,
    ids::{AccountId, KeyId},
};

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// A person, signed in to their account or proving that it is theirs.
    Account(AccountId),
    /// A relying party.
    Client(ClientId),
    /// An operator at the command line.
    Operator,
    /// The service itself (a schedule, a rule).
    Service,
}

/// On whom or what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// An account.
    Account(AccountId),
    /// A client registration.
    Client(ClientId),
    /// A signing key.
    Key(KeyId),
    /// A school file's import.
    Directory,
}

/// What happened. The names are stable: they are what operators search for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// An account was made by an import or a command.
    AccountCreated,
    /// A directory import changed an account's names, dates or state.
    AccountUpdated,
    /// A person signed in.
    SignedIn,
    /// A person ended their session.
    SignedOut,
    /// Sign-ins failed often enough that tries are slowed down.
    SignInSlowed,
    /// A link was asserted.
    LinkAdded,
    /// A link's last source ended it.
    LinkEnded,
    /// A client was registered.
    ClientCreated,
    /// A client's registration changed.
    ClientUpdated,
    /// A client's registration was deleted.
    ClientDeleted,
    /// A secret was added to a client.
    ClientSecretAdded,
    /// A person consented to a client's scopes.
    ConsentGiven,
    /// A grant was revoked: by its client, or because a one-time value came twice.
    GrantRevoked,
    /// A signing key was made.
    KeyCreated,
    /// A signing key began to sign, its predecessor stopped.
    KeyRotated,
    /// A signing key that no verifier needs any more was deleted.
    KeyDeleted,
    /// A directory file was imported.
    DirectoryImported,
}

impl Action {
    /// The name in the trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account.created",
            Self::AccountUpdated => "account.updated",
            Self::SignedIn => "account.signed_in",
            Self::SignedOut => "account.signed_out",
            Self::SignInSlowed => "account.sign_in_slowed",
            Self::LinkAdded => "link.added",
            Self::LinkEnded => "link.ended",
            Self::ClientCreated => "client.created",
            Self::ClientUpdated => "client.updated",
            Self::ClientDeleted => "client.deleted",
            Self::ClientSecretAdded => "client.secret_added",
            Self::ConsentGiven => "consent.given",
            Self::GrantRevoked => "grant.revoked",
            Self::KeyCreated => "key.created",
            Self::KeyRotated => "key.rotated",
            Self::KeyDeleted => "key.deleted",
            Self::DirectoryImported => "directory.imported",
        }
    }
}
