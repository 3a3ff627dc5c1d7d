//! A person as one school's file knows them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub source: String,
    pub source_key: String,
    pub school_uai: String,
    pub kind: String,
    pub account_id: Uuid,
    pub given_name: String,
    pub family_name: String,
    pub given_name_normal: String,
    pub family_name_normal: String,
    pub birth_date: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub class_name: Option<String>,
    pub filed_email: Option<String>,
    pub filed_phone: Option<String>,
    pub corrected_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
