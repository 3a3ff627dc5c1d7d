//! Who may recover what, by which way (guide, section 4.3; product.md, Recovery).

use crate::{
    account::{AccountState, PasswordState, PersonKind},
    contact::{Channel, Contacts},
};

/// What a person has lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lost {
    /// Identifiant perdu.
    Identifier,
    /// Mot de passe perdu.
    Password,
}

/// What may be sent to a confirmed contact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Remedy {
    /// The identifier.
    Identifier,
    /// A link that sets a new password once.
    PasswordLink,
    /// A code that sets a new password once.
    PasswordCode,
    /// That the account opens with FranceConnect: it has no password, and never gets one
    /// by a link or a code.
    FranceConnect,
}

/// What may be sent to the account's contact of `channel`; nothing where the person turns
/// to the school. The page after asking says the same in every case.
///
/// Pupils have e-mail alone. Staff recover nothing by themselves: their accounts reach
/// further than their own data. An account that was never activated is activated, or its
/// school gives a new provisional password.
pub fn remedy(
    kind: PersonKind,
    state: AccountState,
    password: PasswordState,
    contacts: &Contacts,
    channel: Channel,
    lost: Lost,
) -> Option<Remedy> {
    let is_way = match kind {
        PersonKind::Pupil => channel == Channel::Email,
        PersonKind::Guardian => true,
        PersonKind::Officer | PersonKind::Administrator => false,
    };
    if !is_way || state != AccountState::Active || contacts.of(channel).confirmed().is_none() {
        return None;
    }
    match (password, lost, channel) {
        (PasswordState::Provisional { .. }, _, _) => None,
        (PasswordState::Absent, _, _) => Some(Remedy::FranceConnect),
        (PasswordState::Chosen, Lost::Identifier, _) => Some(Remedy::Identifier),
        (PasswordState::Chosen, Lost::Password, Channel::Email) => Some(Remedy::PasswordLink),
        (PasswordState::Chosen, Lost::Password, Channel::Sms) => Some(Remedy::PasswordCode),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        ambient::Ambient,
        contact::{Address, ContactState, Current, EmailAddress, PhoneNumber, Slots},
        ids::AccountId,
    };

    const CHANNELS: [Channel; 2] = [Channel::Email, Channel::Sms];
    const LOST: [Lost; 2] = [Lost::Identifier, Lost::Password];

    fn states() -> [AccountState; 5] {
        let other = AccountId::new(&Ambient::system());
        [
            AccountState::Known,
            AccountState::Active,
            AccountState::Suspended,
            AccountState::Merged(other),
            AccountState::Closed,
        ]
    }

    fn passwords() -> [PasswordState; 3] {
        let since = Timestamp::UNIX_EPOCH;
        [
            PasswordState::Absent,
            PasswordState::Provisional { since },
            PasswordState::Chosen,
        ]
    }

    /// Absent, unconfirmed, unconfirmed with another pending, confirmed, confirmed with
    /// another pending.
    fn slots(address: &Address, pending: &Address) -> [Slots; 5] {
        let current = |state| {
            let address = address.clone();
            Some(Current { address, state })
        };
        let of = |current, pending| Slots { current, pending };
        let (given, proven) = (ContactState::Unconfirmed, ContactState::Confirmed);
        [
            of(None, None),
            of(current(given), None),
            of(current(given), Some(pending.clone())),
            of(current(proven), None),
            of(current(proven), Some(pending.clone())),
        ]
    }

    fn contacts() -> Vec<Contacts> {
        let email = |text| Address::Email(EmailAddress::parse(text).unwrap());
        let phone = |text| Address::Phone(PhoneNumber::parse(text).unwrap());
        let emails = slots(&email("claire@example.org"), &email("neuf@example.org"));
        let phones = slots(&phone("+33639980001"), &phone("+33639980002"));
        let pairs = emails.iter().flat_map(|email| {
            phones.iter().map(|phone| Contacts {
                email: email.clone(),
                phone: phone.clone(),
            })
        });
        pairs.collect()
    }

    /// The rule once more, as the guide's table has it: row by row what is allowed.
    fn allowed(kind: PersonKind, channel: Channel, lost: Lost, chosen: bool) -> Option<Remedy> {
        use Channel::{Email, Sms};
        use Lost::{Identifier, Password};
        use PersonKind::{Guardian, Pupil};
        let rows = [
            (Pupil, Email, Identifier, Remedy::Identifier),
            (Pupil, Email, Password, Remedy::PasswordLink),
            (Guardian, Email, Identifier, Remedy::Identifier),
            (Guardian, Email, Password, Remedy::PasswordLink),
            (Guardian, Sms, Identifier, Remedy::Identifier),
            (Guardian, Sms, Password, Remedy::PasswordCode),
        ];
        let row = rows
            .into_iter()
            .find(|row| (row.0, row.1, row.2) == (kind, channel, lost));
        row.map(|row| if chosen { row.3 } else { Remedy::FranceConnect })
    }

    #[test]
    fn the_whole_table() {
        let mut sent = 0;
        for kind in PersonKind::ALL {
            for state in states() {
                for password in passwords() {
                    for contacts in contacts() {
                        for channel in CHANNELS {
                            for lost in LOST {
                                let chosen = password == PasswordState::Chosen;
                                let open = state == AccountState::Active
                                    && !matches!(password, PasswordState::Provisional { .. })
                                    && contacts.of(channel).confirmed().is_some();
                                let expected =
                                    open.then(|| allowed(kind, channel, lost, chosen)).flatten();
                                let found = remedy(kind, state, password, &contacts, channel, lost);
                                assert_eq!(
                                    found, expected,
                                    "{kind:?} {state:?} {password:?} {channel:?} {lost:?}"
                                );
                                sent += usize::from(found.is_some());
                            }
                        }
                    }
                }
            }
        }
        // Six rows, two states of the password, ten of the twenty-five pairs of contacts.
        assert_eq!(sent, 6 * 2 * 10);
    }

    #[test]
    fn a_pending_address_gets_nothing() {
        let contacts = contacts().swap_remove(2 * 5);
        assert!(contacts.email.pending.is_some());
        let found = remedy(
            PersonKind::Guardian,
            AccountState::Active,
            PasswordState::Chosen,
            &contacts,
            Channel::Email,
            Lost::Password,
        );
        assert_eq!(found, None);
    }
}
