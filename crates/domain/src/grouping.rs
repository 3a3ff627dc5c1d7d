//! Grouping: what two accounts must be to become one (product.md, Mon compte; guide,
//! section 4.4.4).

use crate::account::{Account, PersonKind};

/// Why an account cannot be grouped into another, though its owner proved it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// It is the account to be kept.
    OwnAccount,
    /// One of the two is no guardian's: only guardians group, and nothing but guardians'
    /// accounts, so that no right of a school or of the service is ever gained.
    NotAGuardian,
    /// Their owners do not bear the same names.
    OtherNames,
}

/// What keeps `other` from being grouped into `kept`. Their states are not looked at:
/// what a password opens is [`Account::entry_by_password`]'s word.
pub fn obstacle(kept: &Account, other: &Account) -> Option<Obstacle> {
    let are_guardians = [kept, other]
        .iter()
        .all(|account| account.kind == PersonKind::Guardian);
    if kept.id == other.id {
        Some(Obstacle::OwnAccount)
    } else if !are_guardians {
        Some(Obstacle::NotAGuardian)
    } else if !kept.name.is_same_as(&other.name) {
        Some(Obstacle::OtherNames)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        account::{AccountState, PasswordState},
        ambient::Ambient,
        identifier::AccountIdentifier,
        ids::AccountId,
        name::PersonName,
    };

    fn account(kind: PersonKind, given: &str, family: &str) -> Account {
        Account {
            id: AccountId::new(&Ambient::system()),
            kind,
            identifier: AccountIdentifier::parse("c.martin1").unwrap(),
            state: AccountState::Active,
            name: PersonName {
                given: given.into(),
                family: family.into(),
            },
            birth_date: None,
            locale: "fr".into(),
            password: PasswordState::Chosen,
            sessions_from: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn guardians_of_the_same_names_alone_are_grouped() {
        use PersonKind::{Administrator, Guardian, Officer, Pupil};
        let kept = account(Guardian, "Anne-Laure", "LE GŒUFF");
        let table = [
            (Guardian, "anne laure", "Le Goeuff", None),
            (Guardian, "Anne", "LE GŒUFF", Some(Obstacle::OtherNames)),
            (
                Guardian,
                "LE GŒUFF",
                "Anne-Laure",
                Some(Obstacle::OtherNames),
            ),
            (
                Pupil,
                "Anne-Laure",
                "LE GŒUFF",
                Some(Obstacle::NotAGuardian),
            ),
            (
                Officer,
                "Anne-Laure",
                "LE GŒUFF",
                Some(Obstacle::NotAGuardian),
            ),
            (
                Administrator,
                "Anne-Laure",
                "LE GŒUFF",
                Some(Obstacle::NotAGuardian),
            ),
        ];
        for (kind, given, family, expected) in table {
            let other = account(kind, given, family);
            assert_eq!(obstacle(&kept, &other), expected, "{kind:?} {given}");
            let back = obstacle(&other, &kept);
            assert_eq!(back, expected, "the other way round: {kind:?} {given}");
        }
        assert_eq!(obstacle(&kept, &kept), Some(Obstacle::OwnAccount));
    }
}
