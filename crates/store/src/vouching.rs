//! Whom a pivot identity may name: guardians of schools' files who never activated their
//! account (product.md, Activation). `domain::matching` decides.

use domain::{
    account::{Account, AccountState, PersonKind},
    contact::PhoneNumber,
    ids::AccountId,
    matching::{Candidate, Pivot},
    name::PersonName,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::{
    accounts,
    entity::{account, directory_record},
    error::StoreError,
    time::date,
};

/// Namesakes who wait are few; past it nobody can be told apart, and nobody is found.
const MOST: u64 = 50;

/// Guardians who may be meant, with all that schools say of them.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Candidates {
    /// Their accounts, which wait to be activated.
    pub accounts: Vec<Account>,
    /// Names and birth dates, from each school's file and the account.
    pub known_as: Vec<Candidate<AccountId>>,
    numbers: Vec<(AccountId, PhoneNumber)>,
}

impl Candidates {
    /// The account of one of them.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The mobile number that a school gave for one of them; none where schools differ.
    pub fn number(&self, id: AccountId) -> Option<&PhoneNumber> {
        let mut numbers = self.numbers.iter().filter(|(account, _)| *account == id);
        let (_, first) = numbers.next()?;
        numbers.all(|(_, number)| number == first).then_some(first)
    }
}

/// Finds them by the names that a school's file may have.
///
/// # Errors
/// The database's.
pub async fn find_candidates(
    connection: &impl ConnectionTrait,
    pivot: &Pivot,
) -> Result<Candidates, StoreError> {
    let owners = directory_record::Entity::find()
        .select_only()
        .column(directory_record::Column::AccountId)
        .filter(directory_record::Column::FamilyNameNormal.is_in(pivot.family_names()))
        .filter(directory_record::Column::GivenNameNormal.is_in(pivot.first_names()))
        .filter(directory_record::Column::Kind.eq(PersonKind::Guardian.as_str()))
        .filter(directory_record::Column::EndedAt.is_null())
        .into_query();
    let rows = account::Entity::find()
        .filter(account::Column::Id.in_subquery(owners))
        .filter(account::Column::State.eq(AccountState::Known.as_str()))
        .limit(MOST + 1)
        .all(connection)
        .await?;
    if rows.is_empty() || rows.len() as u64 > MOST {
        return Ok(Candidates::default());
    }
    let accounts = rows
        .iter()
        .map(accounts::from_row)
        .collect::<Result<Vec<_>, _>>()?;
    with_records(connection, accounts).await
}

async fn with_records(
    connection: &impl ConnectionTrait,
    accounts: Vec<Account>,
) -> Result<Candidates, StoreError> {
    let of_account = |account: &Account| Candidate {
        key: account.id,
        name: account.name.clone(),
        birth_date: account.birth_date,
    };
    let mut candidates = Candidates {
        known_as: accounts.iter().map(of_account).collect(),
        accounts,
        numbers: Vec::new(),
    };
    let ids = candidates
        .accounts
        .iter()
        .map(|account| account.id.as_uuid());
    let records = directory_record::Entity::find()
        .filter(directory_record::Column::AccountId.is_in(ids))
        .filter(directory_record::Column::EndedAt.is_null())
        .order_by_asc(directory_record::Column::Id)
        .all(connection)
        .await?;
    for record in records {
        candidates.add(record)?;
    }
    Ok(candidates)
}

impl Candidates {
    fn add(&mut self, record: directory_record::Model) -> Result<(), StoreError> {
        let key = AccountId::from_uuid(record.account_id);
        self.known_as.push(Candidate {
            key,
            name: PersonName {
                given: record.given_name,
                family: record.family_name,
            },
            birth_date: date(record.birth_date.as_deref())?,
        });
        if let Some(number) = record.phone {
            let number = PhoneNumber::parse(&number).map_err(|_| StoreError::Malformed {
                table: "directory_record",
                what: "phone",
            })?;
            self.numbers.push((key, number));
        }
        Ok(())
    }
}
