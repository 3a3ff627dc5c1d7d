//! What an account holds of each channel: the contact in force and the one to come
//! (product.md, Accounts; guide, section 4.4.2).

use serde::{Deserialize, Serialize};

use super::{Channel, ContactState, EmailAddress, PhoneNumber};

/// Where a message can go.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// By e-mail.
    Email(EmailAddress),
    /// By SMS.
    Phone(PhoneNumber),
}

impl Address {
    /// By which way a message to it goes.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
        }
    }

    /// The address as it is written to.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
        }
    }

    /// The form in which two addresses of a channel are compared.
    pub fn comparable(&self) -> String {
        match self {
            Self::Email(address) => address.comparable(),
            Self::Phone(number) => number.as_str().to_owned(),
        }
    }

    /// What somebody may see of it who is not its owner: enough for the owner to know which
    /// one is meant, too little for anybody else to write to it.
    pub fn masked(&self) -> String {
        match self {
            Self::Email(address) => {
                let (local, host) = address.as_str().split_once('@').unwrap_or_default();
                let (name, end) = host.rsplit_once('.').unwrap_or_default();
                let first = |text: &str| text.chars().next().map_or_else(String::new, String::from);
                format!("{}•••@{}•••.{end}", first(local), first(name))
            }
            Self::Phone(number) => {
                let digits = number.as_str();
                let last = digits.char_indices().nth_back(1).map_or(0, |(at, _)| at);
                format!("•• •• •• •• {}", &digits[last..])
            }
        }
    }

    /// Whether both reach the same person.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.channel() == other.channel() && self.comparable() == other.comparable()
    }
}

impl From<EmailAddress> for Address {
    fn from(address: EmailAddress) -> Self {
        Self::Email(address)
    }
}

impl From<PhoneNumber> for Address {
    fn from(number: PhoneNumber) -> Self {
        Self::Phone(number)
    }
}

/// A contact in force, as far as it was proven.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Current {
    /// Where it is.
    pub address: Address,
    /// Whether its owner proved that messages reach them.
    pub state: ContactState,
}

/// What an account holds of one channel.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slots {
    /// In force.
    pub current: Option<Current>,
    /// Takes its place once it is confirmed.
    pub pending: Option<Address>,
}

/// What a wish for another contact comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proposal {
    /// There was none: it is in force at once, unconfirmed (guide 4.4.2, first case).
    First,
    /// It is the one in force, unconfirmed: it is asked to be confirmed again.
    Again,
    /// One that nobody confirmed stays in force until this one is (second case).
    InsteadOfUnconfirmed,
    /// A confirmed one stays in force until this one is (third case).
    InsteadOfConfirmed,
    /// It is in force and confirmed: nothing is to be done.
    Unchanged,
}

impl Slots {
    /// What the wish for `wanted` comes to.
    pub fn propose(&self, wanted: &Address) -> Proposal {
        match &self.current {
            None => Proposal::First,
            Some(current) => match (current.state, current.address.is_same_as(wanted)) {
                (ContactState::Confirmed, true) => Proposal::Unchanged,
                (ContactState::Confirmed, false) => Proposal::InsteadOfConfirmed,
                (ContactState::Unconfirmed, true) => Proposal::Again,
                (ContactState::Unconfirmed, false) => Proposal::InsteadOfUnconfirmed,
            },
        }
    }

    /// The address in force, if its owner confirmed it: recovery goes nowhere else.
    pub fn confirmed(&self) -> Option<&Address> {
        let current = self.current.as_ref()?;
        (current.state == ContactState::Confirmed).then_some(&current.address)
    }

    /// The address that waits to be confirmed: the pending one, else one in force that
    /// nobody confirmed.
    pub fn unconfirmed(&self) -> Option<&Address> {
        let current = self.current.as_ref();
        let unproven = current.filter(|current| current.state == ContactState::Unconfirmed);
        let unproven = unproven.map(|current| &current.address);
        self.pending.as_ref().or(unproven)
    }
}

/// All contacts of an account.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contacts {
    /// E-mail.
    pub email: Slots,
    /// Mobile phone.
    pub phone: Slots,
}

impl Contacts {
    /// What the account holds of a channel.
    pub const fn of(&self, channel: Channel) -> &Slots {
        match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.phone,
        }
    }

    /// The same, to change.
    pub const fn of_mut(&mut self, channel: Channel) -> &mut Slots {
        match channel {
            Channel::Email => &mut self.email,
            Channel::Sms => &mut self.phone,
        }
    }

    /// Where notices and recovery may go, e-mail first.
    pub fn confirmed(&self) -> impl Iterator<Item = &Address> {
        [&self.email, &self.phone]
            .into_iter()
            .filter_map(Slots::confirmed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Address {
        EmailAddress::parse(text).unwrap().into()
    }

    fn slots(state: Option<ContactState>) -> Slots {
        Slots {
            current: state.map(|state| Current {
                address: email("claire@example.org"),
                state,
            }),
            pending: None,
        }
    }

    #[test]
    fn each_case_of_the_guide_is_told_apart() {
        use ContactState::{Confirmed, Unconfirmed};
        let table = [
            (None, "neuf@example.org", Proposal::First),
            (Some(Unconfirmed), "Claire@Example.org", Proposal::Again),
            (
                Some(Unconfirmed),
                "neuf@example.org",
                Proposal::InsteadOfUnconfirmed,
            ),
            (
                Some(Confirmed),
                "neuf@example.org",
                Proposal::InsteadOfConfirmed,
            ),
            (Some(Confirmed), "claire@EXAMPLE.org", Proposal::Unchanged),
        ];
        for (state, wanted, expected) in table {
            assert_eq!(slots(state).propose(&email(wanted)), expected, "{wanted}");
        }
    }

    #[test]
    fn a_masked_address_is_known_to_its_owner_alone() {
        assert_eq!(
            email("nadia.dubois@mail.example.org").masked(),
            "n•••@m•••.org"
        );
        let number = PhoneNumber::parse("+33639980001").unwrap();
        assert_eq!(Address::Phone(number).masked(), "•• •• •• •• 01");
    }

    #[test]
    fn only_a_confirmed_address_may_be_written_to_for_recovery() {
        assert_eq!(slots(Some(ContactState::Unconfirmed)).confirmed(), None);
        let confirmed = slots(Some(ContactState::Confirmed));
        assert_eq!(confirmed.confirmed(), Some(&email("claire@example.org")));
        assert_eq!(confirmed.unconfirmed(), None);
    }
}
