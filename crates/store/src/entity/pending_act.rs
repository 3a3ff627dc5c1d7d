//! An act of a school that waits for a second officer, or for a day.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_act")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub account_id: Uuid,
    pub school_uai: String,
    pub checked: Json,
    pub asked_by: Uuid,
    pub asked_at: i64,
    pub effective_at: i64,
    pub cancel_hash: Vec<u8>,
    pub outcome: Option<String>,
    pub ended_by: Option<Uuid>,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
