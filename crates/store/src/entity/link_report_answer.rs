//! What a school answered to a guardian's word against a link.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_report_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub guardian_account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pupil_account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub school_uai: String,
    pub answer: String,
    pub answered_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
