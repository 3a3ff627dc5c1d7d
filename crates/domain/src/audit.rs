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
    /// The audit trail itself.
    Trail,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What happened. The names are stable: they are what operators search for.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$name),*];

            /// The name in the trail.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// Reads the name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|action| action.as_str() == text)
            }
        }
    };
}

actions! {
    /// An account was made by an import or a command.
    AccountCreated = "account.created";
    /// A directory import changed an account's names, dates or state.
    AccountUpdated = "account.updated";
    /// A person signed in.
    SignedIn = "account.signed_in";
    /// A person ended their session.
    SignedOut = "account.signed_out";
    /// An upstream's answer could not be taken, or its person is nobody whom it may sign
    /// in; the details say which check.
    UpstreamRefused = "upstream.refused";
    /// An upstream vouched for a guardian who never activated their account: the activation
    /// was opened to them.
    UpstreamMatched = "upstream.matched";
    /// An upstream's subject was bound to an account: it signs in to it from now on.
    UpstreamBound = "upstream.bound";
    /// An upstream's subject signs in to an account no longer.
    UpstreamUnbound = "upstream.unbound";
    /// The identity that an upstream vouches for is no longer the one of before: for the
    /// school to see.
    UpstreamIdentityChanged = "upstream.identity_changed";
    /// Sign-ins failed often enough that tries are slowed down.
    SignInSlowed = "account.sign_in_slowed";
    /// A link was asserted.
    LinkAdded = "link.added";
    /// A link's last source ended it.
    LinkEnded = "link.ended";
    /// A client was registered.
    ClientCreated = "client.created";
    /// A client's registration changed.
    ClientUpdated = "client.updated";
    /// A client's registration was deleted.
    ClientDeleted = "client.deleted";
    /// A secret was added to a client.
    ClientSecretAdded = "client.secret_added";
    /// A secret of a client was removed: it stopped working.
    ClientSecretRemoved = "client.secret_removed";
    /// A token was made with which programs register clients.
    InitialTokenMade = "client.initial_token_made";
    /// Such a token was withdrawn.
    InitialTokenRemoved = "client.initial_token_removed";
    /// An administrator tried a client's sign-in from the console.
    ClientTried = "client.tried";
    /// A person consented to a client's scopes.
    ConsentGiven = "consent.given";
    /// A grant was revoked: by its client, or because a one-time value came twice.
    GrantRevoked = "grant.revoked";
    /// A signing key was made.
    KeyCreated = "key.created";
    /// A signing key began to sign, its predecessor stopped.
    KeyRotated = "key.rotated";
    /// A signing key that no verifier needs any more was deleted.
    KeyDeleted = "key.deleted";
    /// An account's owner activated it.
    AccountActivated = "account.activated";
    /// Wrong birth dates ended a provisional password.
    ProvisionalPasswordEnded = "password.provisional_ended";
    /// A birth date typed for an activation did not fit; officers see which.
    BirthDateRefused = "activation.birth_date_refused";
    /// A person changed their password.
    PasswordChanged = "password.changed";
    /// A person set a new password by a link or code sent to a confirmed contact.
    PasswordRecovered = "password.recovered";
    /// An identifier, link or code was sent to a confirmed contact.
    RecoverySent = "recovery.sent";
    /// A person gave another e-mail address or phone number.
    ContactProposed = "contact.proposed";
    /// A person proved that an address or number is theirs.
    ContactConfirmed = "contact.confirmed";
    /// The confirmed old address took a change of address back.
    ContactCancelled = "contact.cancelled";
    /// The owner said that a change was not theirs, and took the account back.
    ChangeDisavowed = "account.change_disavowed";
    /// A person ended one or all of their other sessions.
    SessionsEnded = "account.sessions_ended";
    /// A person took a service's access back.
    ConsentWithdrawn = "consent.withdrawn";
    /// A guardian said that they do not represent a pupil.
    LinkReported = "link.reported";
    /// A guardian upheld that word at the next sign-in.
    LinkReportKept = "link.report_kept";
    /// A guardian took that word back.
    LinkRestored = "link.restored";
    /// A guardian grouped another account of theirs into this one.
    AccountsGrouped = "account.grouped";
    /// A person took their data as a file.
    DataExported = "account.data_exported";
    /// A person chose another language for messages.
    LanguageChanged = "account.language_changed";
    /// Somebody was appointed officer of a school, auditor or administrator.
    AppointmentMade = "appointment.made";
    /// An appointment ended.
    AppointmentEnded = "appointment.ended";
    /// An authenticator application was set up as second factor.
    SecondFactorAdded = "second_factor.added";
    /// The authenticator application is no longer the second factor.
    SecondFactorRemoved = "second_factor.removed";
    /// New recovery codes were made; those before are void.
    RecoveryCodesMade = "second_factor.recovery_codes_made";
    /// A recovery code took the second factor's place.
    RecoveryCodeUsed = "second_factor.recovery_code_used";
    /// Wrong codes came after a right password, often enough that tries are slowed down.
    SecondFactorSlowed = "second_factor.slowed";
    /// Somebody was given a link with which to set up their own access.
    InvitationMade = "invitation.made";
    /// That link was used.
    InvitationUsed = "invitation.used";
    /// A passkey was added.
    PasskeyAdded = "passkey.added";
    /// A passkey was removed.
    PasskeyRemoved = "passkey.removed";
    /// A passkey was refused whose counter had not gone on: it may have been copied.
    PasskeySuspected = "passkey.suspected";
    /// A school's officer looked for people; the details say by what, and whom it showed.
    PeopleSearched = "people.searched";
    /// A school's officer opened somebody's page.
    PersonSeen = "people.seen";
    /// A school gave a new provisional password; what was signed in with another ended.
    ProvisionalPasswordGiven = "password.provisional_given";
    /// A school had a recovery sent to a confirmed contact.
    RecoveryStarted = "recovery.started_by_school";
    /// An officer asked for an act that waits; the details say which, and what was checked.
    PendingActAsked = "pending_act.asked";
    /// An act that waited was carried out.
    PendingActDone = "pending_act.done";
    /// An act that waited was stopped.
    PendingActCancelled = "pending_act.cancelled";
    /// A school corrected a contact of its own record.
    RecordCorrected = "record.corrected";
    /// A school suspended its part of an account.
    AccountSuspended = "account.suspended";
    /// A school took its suspension back.
    AccountReactivated = "account.reactivated";
    /// A school ended a link against its own file.
    LinkBarred = "link.barred";
    /// A school lets a link count again that it had ended.
    LinkUnbarred = "link.unbarred";
    /// A school answered a report of a link.
    LinkReportAnswered = "link.report_answered";
    /// A school's part of a grouping was undone.
    GroupingUndone = "account.grouping_undone";
    /// A directory file was imported.
    DirectoryImported = "directory.imported";
    /// Somebody looked something up in the trail; the details say what.
    AuditSearched = "audit.searched";
    /// An operator took events of the trail as a file.
    AuditExported = "audit.exported";
    /// A day past retention was removed from the trail.
    AuditPruned = "audit.pruned";
    /// What is personal of events was erased from the trail.
    AuditErased = "audit.erased";
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
