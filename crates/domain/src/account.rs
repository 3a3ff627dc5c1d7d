//! Accounts: their kinds, states, passwords, and who may sign in.

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{clock::legal_date, identifier::AccountIdentifier, ids::AccountId, name::PersonName};

/// How long a provisional password opens activation, in days (three months;
/// product.md, Accounts).
pub const PROVISIONAL_DAYS: i64 = 92;

/// The age from which a minor may consent alone to an online service (loi
/// Informatique et Libertés, article 45).
pub const DIGITAL_MAJORITY: i16 = 15;

/// Whose account it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// Élève.
    Pupil,
    /// Responsable légal.
    Guardian,
    /// Directeur, chef d'établissement, référent.
    Officer,
    /// Administrator of the service.
    Administrator,
}

impl PersonKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Pupil,
        Self::Guardian,
        Self::Officer,
        Self::Administrator,
    ];

    /// The value in files and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pupil => "pupil",
            Self::Guardian => "guardian",
            Self::Officer => "officer",
            Self::Administrator => "administrator",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The value of the claim `person_type` (product.md, Claims).
    pub const fn person_type(self) -> &'static str {
        match self {
            Self::Pupil => "student",
            Self::Guardian => "guardian",
            Self::Officer | Self::Administrator => "staff",
        }
    }
}

/// What an account's life has come to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Imported or notified, never activated.
    Known,
    /// In use.
    Active,
    /// Closed for a time by an officer, with a reason.
    Suspended,
    /// Its records and links live in another account.
    Merged(AccountId),
    /// Ended.
    Closed,
}

impl AccountState {
    /// The value in the database; where it was merged to is a column of its own.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Merged(_) => "merged",
            Self::Closed => "closed",
        }
    }

    /// Reads what the database holds.
    pub fn parse(text: &str, merged_into: Option<AccountId>) -> Option<Self> {
        match (text, merged_into) {
            ("known", None) => Some(Self::Known),
            ("active", None) => Some(Self::Active),
            ("suspended", None) => Some(Self::Suspended),
            ("merged", Some(account)) => Some(Self::Merged(account)),
            ("closed", None) => Some(Self::Closed),
            _ => None,
        }
    }
}

/// What an account's password is, beside its hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordState {
    /// None was ever set: FranceConnect or activation come first.
    Absent,
    /// Given by the school: opens activation or grouping, nothing else.
    Provisional {
        /// When the school gave it.
        since: Timestamp,
    },
    /// Chosen by its owner.
    Chosen,
}

/// An account as rules need it.
#[derive(Clone, PartialEq, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whose it is.
    pub kind: PersonKind,
    /// What its owner types.
    pub identifier: AccountIdentifier,
    /// Its state.
    pub state: AccountState,
    /// Its owner's names.
    pub name: PersonName,
    /// Its owner's birth date, where known.
    pub birth_date: Option<Date>,
    /// The language of messages to its owner, as BCP 47 (`fr`, `en`).
    pub locale: String,
    /// Its password's state.
    pub password: PasswordState,
    /// Sessions and grants of an authentication before this instant are ended.
    pub sessions_from: Timestamp,
    /// When a claim about it last changed.
    pub updated_at: Timestamp,
}

/// What a right password opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A session.
    Session,
    /// Activation, and nothing else.
    Activation,
    /// Nothing: the answer is that of a wrong password.
    Nothing,
}

impl Account {
    /// What the right password of this account opens now.
    ///
    /// A password of an account that is not active, or that is too old to activate
    /// it, opens nothing, and the answer must not differ from that to a wrong one.
    pub fn entry_by_password(&self, now: Timestamp) -> Entry {
        match (self.state, self.password) {
            (AccountState::Active, PasswordState::Chosen) => Entry::Session,
            (AccountState::Known, PasswordState::Provisional { since }) if is_fresh(since, now) => {
                Entry::Activation
            }
            _ => Entry::Nothing,
        }
    }

    /// Whether a session or a grant whose person authenticated at `auth_time` still
    /// stands: the account is active and nothing has ended its sessions since.
    pub fn upholds(&self, auth_time: Timestamp) -> bool {
        self.state == AccountState::Active && auth_time >= self.sessions_from
    }

    /// Whether the owner is a pupil under fifteen on the legal date, or a pupil whose
    /// age is not known: then the younger age is assumed.
    pub fn is_under_digital_majority(&self, now: Timestamp) -> bool {
        self.kind == PersonKind::Pupil
            && self
                .birth_date
                .is_none_or(|birth| age_on(birth, legal_date(now)) < DIGITAL_MAJORITY)
    }
}

fn is_fresh(since: Timestamp, now: Timestamp) -> bool {
    let Ok(end) = since.checked_add((PROVISIONAL_DAYS * 24).hours()) else {
        return false;
    };
    now < end
}

/// Full years between a birth date and a day. Born on 29 February, a person is a year
/// older on 1 March of a common year.
pub fn age_on(birth: Date, day: Date) -> i16 {
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    day.year() - birth.year() - i16::from(!had_birthday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::ambient::Ambient;

    fn account(state: AccountState, password: PasswordState) -> Account {
        Account {
            id: AccountId::new(&Ambient::system()),
            kind: PersonKind::Pupil,
            identifier: AccountIdentifier::parse("l.martin3").unwrap(),
            state,
            name: PersonName {
                given: "Léo".into(),
                family: "MARTIN".into(),
            },
            birth_date: Some(date(2010, 4, 11)),
            locale: "fr".into(),
            password,
            sessions_from: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_a_right_password_opens() {
        use AccountState::{Active, Closed, Known, Merged, Suspended};
        use PasswordState::{Absent, Chosen, Provisional};
        let now = at("2026-11-01T08:00:00Z");
        let fresh = Provisional {
            since: at("2026-09-01T08:00:00Z"),
        };
        let stale = Provisional {
            since: at("2026-07-01T08:00:00Z"),
        };
        let other = AccountId::new(&Ambient::system());
        let table = [
            (Active, Chosen, Entry::Session),
            (Active, fresh, Entry::Nothing),
            (Active, Absent, Entry::Nothing),
            (Known, fresh, Entry::Activation),
            (Known, stale, Entry::Nothing),
            (Known, Chosen, Entry::Nothing),
            (Suspended, Chosen, Entry::Nothing),
            (Suspended, fresh, Entry::Nothing),
            (Merged(other), Chosen, Entry::Nothing),
            (Closed, Chosen, Entry::Nothing),
        ];
        for (state, password, entry) in table {
            assert_eq!(
                account(state, password).entry_by_password(now),
                entry,
                "{state:?} {password:?}"
            );
        }
    }

    #[test]
    fn fifteen_is_reached_on_the_day_in_paris() {
        let pupil = account(AccountState::Active, PasswordState::Chosen);
        assert!(pupil.is_under_digital_majority(at("2025-04-10T21:30:00Z")));
        assert!(!pupil.is_under_digital_majority(at("2025-04-10T22:30:00Z")));
    }

    #[test]
    fn a_birthday_on_the_29th_of_february_comes_on_the_first_of_march() {
        assert_eq!(age_on(date(2008, 2, 29), date(2026, 2, 28)), 17);
        assert_eq!(age_on(date(2008, 2, 29), date(2026, 3, 1)), 18);
    }

    #[test]
    fn ending_sessions_ends_what_was_before() {
        let mut guardian = account(AccountState::Active, PasswordState::Chosen);
        guardian.sessions_from = at("2026-11-01T08:00:00Z");
        assert!(!guardian.upholds(at("2026-11-01T07:59:59Z")));
        assert!(guardian.upholds(at("2026-11-01T08:00:00Z")));
        guardian.state = AccountState::Suspended;
        assert!(!guardian.upholds(at("2026-11-01T08:00:00Z")));
    }
}
