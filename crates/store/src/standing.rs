//! Whether tokens of a grant may be used or issued: the grant, and the account that
//! gave it, read in one statement.

use std::sync::LazyLock;

use domain::ids::{GrantId, TokenId};
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryResult, Statement,
    Value,
};

use crate::{
    entity::{account, authorization_grant},
    error::StoreError,
    grants::{self, Grant},
    people::Person,
};

/// A grant with the person who gave it, as both were at one moment.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The grant.
    pub grant: Grant,
    /// Who gave it.
    pub person: Person,
}

impl Standing {
    /// Whether the account still upholds what was granted.
    pub fn is_upheld(&self) -> bool {
        self.person.account.upholds(self.grant.auth_time)
    }

    /// Whether grant and account both say that tokens may be used or issued.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.grant.stands(now) && self.is_upheld()
    }

    /// From a row that has [`COLUMNS`].
    pub(crate) fn from_row(row: &QueryResult) -> Result<Self, StoreError> {
        let grant = authorization_grant::Model::from_query_result(row, "given_")?;
        let account = account::Model::from_query_result(row, "owner_")?;
        Ok(Self {
            grant: grants::from_row(grant)?,
            person: Person::from_row(account)?,
        })
    }
}

/// The grant of an id, whatever it is worth.
///
/// # Errors
/// The database's.
pub async fn find_by_grant(
    connection: &impl ConnectionTrait,
    id: GrantId,
) -> Result<Option<Standing>, StoreError> {
    find(connection, &BY_GRANT, [id.as_uuid().into()]).await
}

/// The grant of an access token that was not revoked by itself.
///
/// # Errors
/// The database's.
pub async fn find_by_access_token(
    connection: &impl ConnectionTrait,
    id: GrantId,
    token: TokenId,
) -> Result<Option<Standing>, StoreError> {
    let values = [id.as_uuid().into(), token.as_uuid().into()];
    find(connection, &BY_ACCESS_TOKEN, values).await
}

async fn find(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<Standing>, StoreError> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let row = connection.query_one_raw(statement).await?;
    row.as_ref().map(Standing::from_row).transpose()
}

/// Every column of `authorization_grant given` and of `account owner`.
pub(crate) static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let grants = columns_of::<authorization_grant::Entity>("given");
    let accounts = columns_of::<account::Entity>("owner");
    format!("{grants}, {accounts}")
});

/// The columns of a table under an alias, each named after it: `owner.id as owner_id`.
pub(crate) fn columns_of<E: EntityTrait>(alias: &str) -> String {
    let columns = E::Column::iter().map(|column| {
        let column = column.as_str();
        format!("{alias}.{column} as {alias}_{column}")
    });
    columns.collect::<Vec<_>>().join(", ")
}

static BY_GRANT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {} from authorization_grant given \
         join account owner on owner.id = given.account_id where given.id = $1",
        *COLUMNS
    )
});

static BY_ACCESS_TOKEN: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} and not exists (select 1 from revoked_token where id = $2)",
        *BY_GRANT
    )
});
