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
    /// An upstream's answer could not be taken, or its person is nobody whom it may sign
    /// in; the details say which check.
    UpstreamRefused,
    /// The identity that an upstream vouches for is no longer the one of before: for the
    /// school to see.
    UpstreamIdentityChanged,
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
    /// An account's owner activated it.
    AccountActivated,
    /// Wrong birth dates ended a provisional password.
    ProvisionalPasswordEnded,
    /// A birth date typed for an activation did not fit; officers see which.
    BirthDateRefused,
    /// A person changed their password.
    PasswordChanged,
    /// A person set a new password by a link or code sent to a confirmed contact.
    PasswordRecovered,
    /// An identifier, link or code was sent to a confirmed contact.
    RecoverySent,
    /// A person gave another e-mail address or phone number.
    ContactProposed,
    /// A person proved that an address or number is theirs.
    ContactConfirmed,
    /// The confirmed old address took a change of address back.
    ContactCancelled,
    /// The owner said that a change was not theirs, and took the account back.
    ChangeDisavowed,
    /// A person ended one or all of their other sessions.
    SessionsEnded,
    /// A person took a service's access back.
    ConsentWithdrawn,
    /// A guardian said that they do not represent a pupil.
    LinkReported,
    /// A guardian upheld that word at the next sign-in.
    LinkReportKept,
    /// A guardian took that word back.
    LinkRestored,
    /// A guardian grouped another account of theirs into this one.
    AccountsGrouped,
    /// A person took their data as a file.
    DataExported,
    /// A person chose another language for messages.
    LanguageChanged,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A directory file was imported.
    DirectoryImported,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 37] = [
        Self::AccountCreated,
        Self::AccountUpdated,
        Self::SignedIn,
        Self::SignedOut,
        Self::SignInSlowed,
        Self::LinkAdded,
        Self::LinkEnded,
        Self::ClientCreated,
        Self::ClientUpdated,
        Self::ClientDeleted,
        Self::ClientSecretAdded,
        Self::ConsentGiven,
        Self::GrantRevoked,
        Self::KeyCreated,
        Self::KeyRotated,
        Self::KeyDeleted,
        Self::AccountActivated,
        Self::ProvisionalPasswordEnded,
        Self::BirthDateRefused,
        Self::PasswordChanged,
        Self::PasswordRecovered,
        Self::RecoverySent,
        Self::ContactProposed,
        Self::ContactConfirmed,
        Self::ContactCancelled,
        Self::ChangeDisavowed,
        Self::SessionsEnded,
        Self::ConsentWithdrawn,
        Self::LinkReported,
        Self::LinkReportKept,
        Self::LinkRestored,
        Self::AccountsGrouped,
        Self::DataExported,
        Self::LanguageChanged,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::DirectoryImported,
    ];

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }

    /// The name in the trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account.created",
            Self::AccountUpdated => "account.updated",
            Self::SignedIn => "account.signed_in",
            Self::SignedOut => "account.signed_out",
            Self::UpstreamRefused => "upstream.refused",
            Self::UpstreamIdentityChanged => "upstream.identity_changed",
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
            Self::AccountActivated => "account.activated",
            Self::ProvisionalPasswordEnded => "password.provisional_ended",
            Self::BirthDateRefused => "activation.birth_date_refused",
            Self::PasswordChanged => "password.changed",
            Self::PasswordRecovered => "password.recovered",
            Self::RecoverySent => "recovery.sent",
            Self::ContactProposed => "contact.proposed",
            Self::ContactConfirmed => "contact.confirmed",
            Self::ContactCancelled => "contact.cancelled",
            Self::ChangeDisavowed => "account.change_disavowed",
            Self::SessionsEnded => "account.sessions_ended",
            Self::ConsentWithdrawn => "consent.withdrawn",
            Self::LinkReported => "link.reported",
            Self::LinkReportKept => "link.report_kept",
            Self::LinkRestored => "link.restored",
            Self::AccountsGrouped => "account.grouped",
            Self::DataExported => "account.data_exported",
            Self::LanguageChanged => "account.language_changed",
            Self::PasskeyAdded => "passkey.added",
            Self::PasskeyRemoved => "passkey.removed",
            Self::DirectoryImported => "directory.imported",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_is_read_back_and_no_two_are_alike() {
        let names: HashSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(action));
        }
        assert_eq!(Action::parse("account.unheard_of"), None);
    }
}
