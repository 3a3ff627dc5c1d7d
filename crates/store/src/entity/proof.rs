//! A one-time link or code that was sent to a contact.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "proof")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub purpose: String,
    pub account_id: Option<Uuid>,
    pub counted_as: Option<Vec<u8>>,
    pub hash: Vec<u8>,
    pub contact: Option<String>,
    pub details: Json,
    pub allowed: i32,
    pub tries: i32,
    pub created_at: i64,
    pub expires_at: i64,
    pub spent_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
