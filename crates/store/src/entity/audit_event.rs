//! An event of the audit trail, whole: a view of `audit_entry` and `audit_personal`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    pub action: String,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub target_kind: String,
    pub target_id: Option<String>,
    pub client_id: Option<String>,
    pub network: Option<String>,
    /// As the column is written: a text on SQLite, where alone this entity writes.
    pub details: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub personal_details: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
