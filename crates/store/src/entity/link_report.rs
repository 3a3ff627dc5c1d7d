//! A guardian's word that a link is wrong.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub guardian_account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pupil_account_id: Uuid,
    pub reported_at: i64,
    pub asked_at: Option<i64>,
    pub answer: Option<String>,
    pub answered_at: Option<i64>,
    pub answered_by_school: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
