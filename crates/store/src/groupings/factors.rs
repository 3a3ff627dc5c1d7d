//! What opens the account that ends beside its password, or is asked for after it: it is
//! remembered with the rest, so that the account never opens again by less than before.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    entity::{passkey, recovery_code, second_factor},
    error::StoreError,
    second_factors,
};

/// The factors of an account. The key of an application stays sealed, of recovery codes
/// there are hashes: what the database holds, and nothing that it does not.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Factors {
    row: Option<Row>,
    recovery_codes: Vec<RecoveryCode>,
    passkeys: Vec<Passkey>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    first_at: i64,
    sealed_totp: Option<String>,
    totp_step: Option<i64>,
    totp_at: Option<i64>,
    totp_used_at: Option<i64>,
    passkeys_at: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RecoveryCode {
    id: Uuid,
    hash: Vec<u8>,
    created_at: i64,
    used_at: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Passkey {
    id: Uuid,
    credential_id: Vec<u8>,
    user_handle: Vec<u8>,
    credential: Value,
    counter: i64,
    name: String,
    created_at: i64,
    used_at: Option<i64>,
}

/// Reads what an account has or had of them.
pub(super) async fn find(
    transaction: &impl ConnectionTrait,
    account: Uuid,
) -> Result<Factors, StoreError> {
    let row = second_factor::Entity::find_by_id(account)
        .one(transaction)
        .await?;
    let codes = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(account))
        .all(transaction)
        .await?;
    let passkeys = passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(account))
        .all(transaction)
        .await?;
    Ok(Factors {
        row: row.map(Row::of),
        recovery_codes: codes.into_iter().map(RecoveryCode::of).collect(),
        passkeys: passkeys.into_iter().map(Passkey::of).collect(),
    })
}

/// Gives an account that has none of them all that it had: a step that was taken stays
/// taken, a code that was used stays used, and a factor that had ended is not the first.
pub(super) async fn restore(
    transaction: &impl ConnectionTrait,
    account: Uuid,
    factors: &Factors,
) -> Result<(), StoreError> {
    if let Some(row) = &factors.row {
        second_factor::Entity::insert(row.active(account))
            .on_conflict(second_factors::keep())
            .exec_without_returning(transaction)
            .await?;
    }
    let codes = factors.recovery_codes.iter();
    let codes: Vec<_> = codes.map(|code| code.active(account)).collect();
    if !codes.is_empty() {
        recovery_code::Entity::insert_many(codes)
            .exec_without_returning(transaction)
            .await?;
    }
    let passkeys = factors.passkeys.iter();
    let passkeys: Vec<_> = passkeys.map(|passkey| passkey.active(account)).collect();
    if !passkeys.is_empty() {
        passkey::Entity::insert_many(passkeys)
            // Whoever gave the very key to another account since opens that one by it.
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

impl Row {
    fn of(row: second_factor::Model) -> Self {
        Self {
            first_at: row.first_at,
            sealed_totp: row.sealed_totp,
            totp_step: row.totp_step,
            totp_at: row.totp_at,
            totp_used_at: row.totp_used_at,
            passkeys_at: row.passkeys_at,
        }
    }

    fn active(&self, account: Uuid) -> second_factor::ActiveModel {
        second_factor::ActiveModel {
            account_id: Set(account),
            first_at: Set(self.first_at),
            sealed_totp: Set(self.sealed_totp.clone()),
            totp_step: Set(self.totp_step),
            totp_at: Set(self.totp_at),
            totp_used_at: Set(self.totp_used_at),
            passkeys_at: Set(self.passkeys_at),
        }
    }
}

impl RecoveryCode {
    fn of(row: recovery_code::Model) -> Self {
        Self {
            id: row.id,
            hash: row.hash,
            created_at: row.created_at,
            used_at: row.used_at,
        }
    }

    fn active(&self, account: Uuid) -> recovery_code::ActiveModel {
        recovery_code::ActiveModel {
            id: Set(self.id),
            account_id: Set(account),
            hash: Set(self.hash.clone()),
            created_at: Set(self.created_at),
            used_at: Set(self.used_at),
        }
    }
}

impl Passkey {
    fn of(row: passkey::Model) -> Self {
        Self {
            id: row.id,
            credential_id: row.credential_id,
            user_handle: row.user_handle,
            credential: row.credential,
            counter: row.counter,
            name: row.name,
            created_at: row.created_at,
            used_at: row.used_at,
        }
    }

    fn active(&self, account: Uuid) -> passkey::ActiveModel {
        passkey::ActiveModel {
            id: Set(self.id),
            account_id: Set(account),
            credential_id: Set(self.credential_id.clone()),
            user_handle: Set(self.user_handle.clone()),
            credential: Set(self.credential.clone()),
            counter: Set(self.counter),
            name: Set(self.name.clone()),
            created_at: Set(self.created_at),
            used_at: Set(self.used_at),
        }
    }
}
