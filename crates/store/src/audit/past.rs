//! What accounts' owners may read of the trail.

use domain::{
    audit::Action,
    ids::{AccountId, EventId},
    school::Uai,
};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::Value;

use super::{
    chain::{COLUMNS, Entry, Personal},
    rows::ACCOUNT,
};
use crate::{
    error::StoreError,
    time::{instant, millis},
};

/// An event, as its account's owner may read it.
#[derive(Clone, PartialEq, Debug)]
pub struct Past {
    /// When.
    pub at: Timestamp,
    /// [`Action::as_str`]; a later version may have written one that this does not know.
    pub action: String,
    /// What did it: `account`, `client`, `operator` or `service`.
    pub actor: String,
    /// Whether it was the account itself.
    pub by_owner: bool,
    /// At which client.
    pub client: Option<String>,
    /// From which network.
    pub network: Option<String>,
    /// What else there is to say.
    pub details: Value,
}

/// What happened to an account, or was done with it, since an instant: the newest first,
/// at most so many.
///
/// # Errors
/// The database's.
pub async fn find_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<Past>, StoreError> {
    let whose = "(personal.target_id = $1 or personal.actor_id = $1)";
    find(connection, whose, account, since, most).await
}

/// What was done to an account since an instant, whoever did it: the newest first, at most
/// so many.
///
/// # Errors
/// The database's.
pub async fn find_on_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<Past>, StoreError> {
    find(connection, "personal.target_id = $1", account, since, most).await
}

/// What was done to an account since an instant by some actions, and names a school if one
/// is given: the newest first, at most so many.
///
/// # Errors
/// The database's.
pub(crate) async fn find_actions_on_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
    (actions, school): (&[Action], Option<&Uai>),
    most: u64,
) -> Result<Vec<Past>, StoreError> {
    let names: Vec<_> = actions.iter().map(|action| action.as_str()).collect();
    let mut whose = format!(
        "personal.target_id = $1 and entry.action in ('{}')",
        names.join("', '")
    );
    if let Some(school) = school {
        // Details are JSON without spaces, in which the quotes of a text are escaped.
        let of_school = format!(
            " and coalesce(personal.details, entry.details) like '%\"school\":\"{}\"%'",
            school.as_str()
        );
        whose.push_str(&of_school);
    }
    find(connection, &whose, account, since, most).await
}

/// The sign-ins of an account since an instant, the newest first.
///
/// # Errors
/// The database's.
pub async fn find_sign_ins(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<Past>, StoreError> {
    let action = Action::SignedIn.as_str();
    let whose = format!("personal.target_id = $1 and entry.action = '{action}'");
    find(connection, &whose, account, since, most).await
}

/// Everything of an account that is not erased, the oldest first.
pub(crate) async fn find_all_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<Past>, StoreError> {
    let since = Timestamp::UNIX_EPOCH;
    let mut past = find_of_account(connection, account, since, i64::MAX.unsigned_abs()).await?;
    past.reverse();
    Ok(past)
}

async fn find(
    connection: &impl ConnectionTrait,
    whose: &str,
    account: AccountId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<Past>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from audit_personal personal \
         join audit_entry entry on entry.id = personal.event_id \
         where {whose} and personal.event_id >= $2 and entry.at >= $3 \
         order by personal.event_id desc limit $4"
    );
    let account = account.to_string();
    let values = [
        account.as_str().into(),
        EventId::earliest(since).as_uuid().into(),
        millis(since).into(),
        i64::try_from(most).unwrap_or(i64::MAX).into(),
    ];
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| past(row, &account)).collect()
}

fn past(row: &QueryResult, account: &str) -> Result<Past, StoreError> {
    let gone = StoreError::Malformed {
        table: "audit_entry",
        what: "an event without its row",
    };
    let (Some(entry), Some(personal)) = (Entry::read(row)?, Personal::read(row)?) else {
        return Err(gone);
    };
    let by_owner = entry.actor_kind == ACCOUNT && personal.actor_id.as_deref() == Some(account);
    Ok(Past {
        at: instant(entry.at)?,
        action: entry.action,
        actor: entry.actor_kind,
        by_owner,
        client: entry.client_id,
        network: personal.network,
        details: details(personal.details.or(entry.details).as_deref())?,
    })
}

/// The details, read.
pub(super) fn details(text: Option<&str>) -> Result<Value, StoreError> {
    let read = |text| {
        serde_json::from_str(text).map_err(|_| StoreError::Malformed {
            table: "audit_entry",
            what: "details",
        })
    };
    text.map_or(Ok(Value::Null), read)
}
