//! What an account is asked for beside the password.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub first_at: i64,
    pub sealed_totp: Option<String>,
    pub totp_step: Option<i64>,
    pub totp_at: Option<i64>,
    pub totp_used_at: Option<i64>,
    pub passkeys_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
