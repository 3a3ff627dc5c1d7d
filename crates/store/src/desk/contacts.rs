//! Contacts that the school has, corrected in the console: those of its own records, never
//! those that the owner of an account gave or confirmed.

use domain::{
    ambient::Ambient,
    audit::Action,
    contact::{EmailAddress, PhoneNumber},
    ids::{AccountId, RecordId},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{Desk, Person, hold};
use crate::{audit, entity::directory_record, error::StoreError, time::millis};

/// What the school's record shall say.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Correction {
    /// Its e-mail address; none where the school knows none.
    pub email: Option<EmailAddress>,
    /// Its mobile number, likewise.
    pub phone: Option<PhoneNumber>,
}

/// Corrects the contacts of one of the school's records, until the school's file says
/// something new. The person as they were before; none, with nothing done, where the record
/// is not one of the school's of that account, or says so already.
///
/// # Errors
/// The database's.
pub async fn correct(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    account: AccountId,
    record: RecordId,
    correction: &Correction,
) -> Result<Option<Person>, StoreError> {
    let Some(person) = hold(transaction, desk, account).await? else {
        return Ok(None);
    };
    let Some(before) = person.records.iter().find(|view| view.id == record) else {
        return Ok(None);
    };
    let members = [
        ("email", before.email != correction.email),
        ("phone", before.phone != correction.phone),
    ];
    let changed: Vec<_> = members
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(what, _)| *what)
        .collect();
    if changed.is_empty() {
        return Ok(None);
    }
    write(transaction, ambient, record, correction).await?;
    let details = json!({ "changed": changed });
    let event = desk.event(Action::RecordCorrected, account, details);
    audit::record(transaction, ambient, event).await?;
    Ok(Some(person))
}

async fn write(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    record: RecordId,
    correction: &Correction,
) -> Result<(), StoreError> {
    use directory_record::Column as C;
    let now = millis(ambient.now());
    // What the file said is kept from the first correction on.
    directory_record::Entity::update_many()
        .col_expr(C::FiledEmail, Expr::col(C::Email))
        .col_expr(C::FiledPhone, Expr::col(C::Phone))
        .filter(C::Id.eq(record.as_uuid()))
        .filter(C::CorrectedAt.is_null())
        .exec(transaction)
        .await?;
    let email = correction.email.as_ref().map(EmailAddress::as_str);
    let phone = correction.phone.as_ref().map(PhoneNumber::as_str);
    directory_record::Entity::update_many()
        .col_expr(C::Email, Expr::value(email))
        .col_expr(C::Phone, Expr::value(phone))
        .col_expr(C::CorrectedAt, Expr::value(now))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.eq(record.as_uuid()))
        .exec(transaction)
        .await?;
    Ok(())
}
