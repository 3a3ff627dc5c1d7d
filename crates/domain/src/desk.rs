//! What a school's officer decides, with its reasons and proofs: the words that rows, the
//! audit trail and pages share (product.md, People, Accounts, Recovery).

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    account::{Account, AccountState, PersonKind},
    contact::Contacts,
};

/// How long an act waits that no second officer confirms: the owner is told and may stop it.
pub const WAIT: Duration = Duration::from_hours(24);

/// How long an act that may be carried out waits for somebody to do it.
pub const OPEN_FOR: Duration = Duration::from_hours(24 * 14);

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$each])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in rows and forms.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// Reads the word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    )*};
}

words! {
    /// Why a school suspended its part of an account.
    SuspensionReason {
        /// The family asked for it.
        FamilyRequest = "family_request",
        /// Somebody else may be using it.
        Compromised = "compromised",
        /// A court or an authority decided so.
        CourtDecision = "court_decision",
        /// The person is at the school no longer, and its file does not say so yet.
        LeftSchool = "left_school",
        /// Something else, which the note says.
        Other = "other",
    }

    /// By what an officer knew who stood before them.
    Checked {
        /// An identity card, a passport or a residence permit.
        IdentityPaper = "identity_paper",
        /// The family's record book.
        FamilyBook = "family_book",
        /// Known in person to the school's staff.
        KnownInPerson = "known_in_person",
        /// Called back at the number that the school had.
        CalledBack = "called_back",
    }

    /// What waits for a second officer, or for a day.
    PendingKind {
        /// An active guardian without any confirmed contact gets a provisional password.
        PasswordReset = "password_reset",
        /// A second factor that was lost is taken off.
        FactorRemoval = "factor_removal",
    }

    /// What became of an act that waited.
    Outcome {
        /// It was carried out.
        Done = "done",
        /// Somebody stopped it.
        Cancelled = "cancelled",
    }

    /// How a school answers a reported link.
    ReportAnswer {
        /// The school's papers say that the link is right.
        Upheld = "upheld",
        /// It was wrong, and the school ended it.
        Ended = "ended",
    }
}

/// What an officer may do about a password that its owner has lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LostPasswordHelp {
    /// A new provisional password, at once.
    Provisional,
    /// A recovery, sent to a contact that its owner confirmed.
    Recovery,
    /// A reset, after checking identity, which waits.
    Reset,
    /// Nothing: the account is suspended or at its end.
    Nothing,
}

impl LostPasswordHelp {
    /// Which it is. Pupils get a new provisional password whatever their account has come
    /// to; a guardian's own password is never replaced where a confirmed contact can do it.
    pub fn of(account: &Account, contacts: &Contacts) -> Self {
        let has_contact = contacts.confirmed().next().is_some();
        match (account.kind, account.state) {
            (PersonKind::Pupil, AccountState::Known | AccountState::Active)
            | (PersonKind::Guardian, AccountState::Known) => Self::Provisional,
            (PersonKind::Guardian, AccountState::Active) if has_contact => Self::Recovery,
            (PersonKind::Guardian, AccountState::Active) => Self::Reset,
            (PersonKind::Officer | PersonKind::Administrator, _)
            | (_, AccountState::Suspended | AccountState::Merged(_) | AccountState::Closed) => {
                Self::Nothing
            }
        }
    }
}

/// Who carries an act out that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// Another officer of the school alone.
    SecondOfficer,
    /// Any officer of the school: its day is over, and nobody stopped it.
    Anybody,
    /// Nobody: it was left for too long.
    Over,
}

impl Readiness {
    /// How an act stands that takes effect at an instant.
    pub fn of(effective_at: Timestamp, now: Timestamp) -> Self {
        if now < effective_at {
            Self::SecondOfficer
        } else if now < effective_at + OPEN_FOR {
            Self::Anybody
        } else {
            Self::Over
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::PasswordState,
        ambient::Ambient,
        contact::{Address, ContactState, Current, EmailAddress},
        identifier::AccountIdentifier,
        ids::AccountId,
        name::PersonName,
    };

    fn account(kind: PersonKind, state: AccountState) -> Account {
        Account {
            id: AccountId::new(&Ambient::system()),
            kind,
            identifier: AccountIdentifier::parse("n.dubois5").unwrap(),
            state,
            name: PersonName {
                given: "Nadia".into(),
                family: "DUBOIS".into(),
            },
            birth_date: None,
            locale: "fr".into(),
            password: PasswordState::Chosen,
            sessions_from: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn contacts(state: ContactState) -> Contacts {
        let mut contacts = Contacts::default();
        contacts.email.current = Some(Current {
            address: Address::Email(EmailAddress::parse("nadia@example.org").unwrap()),
            state,
        });
        contacts
    }

    #[test]
    fn an_active_guardian_s_password_is_never_replaced_where_a_contact_can_do_it() {
        use AccountState::{Active, Closed, Known, Suspended};
        use ContactState::{Confirmed, Unconfirmed};
        use LostPasswordHelp::{Nothing, Provisional, Recovery, Reset};
        use PersonKind::{Administrator, Guardian, Officer, Pupil};
        let table = [
            (Pupil, Known, Unconfirmed, Provisional),
            (Pupil, Active, Confirmed, Provisional),
            (Pupil, Suspended, Confirmed, Nothing),
            (Guardian, Known, Confirmed, Provisional),
            (Guardian, Active, Confirmed, Recovery),
            (Guardian, Active, Unconfirmed, Reset),
            (Guardian, Suspended, Unconfirmed, Nothing),
            (Guardian, Closed, Unconfirmed, Nothing),
            (Officer, Active, Unconfirmed, Nothing),
            (Administrator, Known, Unconfirmed, Nothing),
        ];
        for (kind, state, contact, expected) in table {
            let found = LostPasswordHelp::of(&account(kind, state), &contacts(contact));
            assert_eq!(found, expected, "{kind:?} {state:?} {contact:?}");
        }
    }

    #[test]
    fn an_act_waits_for_a_second_officer_or_for_its_day() {
        let day: Timestamp = "2026-11-02T08:00:00Z".parse().unwrap();
        let second = Duration::from_secs(1);
        assert_eq!(Readiness::of(day, day - second), Readiness::SecondOfficer);
        assert_eq!(Readiness::of(day, day), Readiness::Anybody);
        assert_eq!(Readiness::of(day, day + OPEN_FOR), Readiness::Over);
    }

    #[test]
    fn words_are_read_back() {
        for reason in SuspensionReason::ALL {
            assert_eq!(SuspensionReason::parse(reason.as_str()), Some(*reason));
        }
        assert_eq!(Checked::parse("hearsay"), None);
    }
}
