//! What one school's file asserts: this guardian represents this pupil.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub guardian_record_id: Uuid,
    pub pupil_record_id: Uuid,
    pub relationship: String,
    pub legal_rank: i32,
    pub ended_at: Option<i64>,
    pub barred_at: Option<i64>,
    pub filed_ended_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
