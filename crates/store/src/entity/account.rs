//! What a person signs in to.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub identifier: String,
    pub state: String,
    pub merged_into: Option<Uuid>,
    pub given_name: String,
    pub family_name: String,
    pub given_name_normal: String,
    pub family_name_normal: String,
    pub birth_date: Option<String>,
    pub locale: String,
    pub password_state: String,
    pub password_hash: Option<String>,
    pub password_set_at: Option<i64>,
    pub sessions_from: i64,
    pub additional_claims: Json,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
