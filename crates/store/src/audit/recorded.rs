//! What the trail itself says that went lawfully: days that were pruned, personal fields that
//! were erased.

use std::collections::{BTreeMap, BTreeSet};

use domain::audit::Action;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use serde::Deserialize;

use crate::{entity::audit_day, error::StoreError};

/// What went, by what the keeper's events say.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pruned: BTreeSet<(String, i64)>,
    erased: BTreeMap<Date, u64>,
    /// Erasures that do not say of which days.
    erased_of_any_day: u64,
}

/// The details of an [`Action::AuditPruned`].
#[derive(Deserialize)]
struct OfPruning {
    day: String,
    through_sequence: i64,
}

/// The details of an [`Action::AuditErased`].
#[derive(Deserialize)]
struct OfErasing {
    events: u64,
    days: Option<BTreeMap<Date, u64>>,
}

impl Recorded {
    /// Reads the keeper's events that are there: one of a pruned day may be pruned itself, but
    /// never before what it speaks of.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn find(transaction: &DatabaseTransaction) -> Result<Self, StoreError> {
        let mut recorded = Self::default();
        for details in details_of(transaction, Action::AuditPruned).await? {
            if let Ok(pruning) = serde_json::from_str::<OfPruning>(&details) {
                let day = (pruning.day, pruning.through_sequence);
                recorded.pruned.insert(day);
            }
        }
        for details in details_of(transaction, Action::AuditErased).await? {
            match serde_json::from_str(&details) {
                Ok(OfErasing {
                    days: Some(days), ..
                }) => {
                    for (day, events) in days {
                        *recorded.erased.entry(day).or_default() += events;
                    }
                }
                Ok(OfErasing { events, days: None }) => recorded.erased_of_any_day += events,
                Err(_) => {}
            }
        }
        Ok(recorded)
    }

    /// Whether a pruning says that it removed this day.
    pub(super) fn is_pruned(&self, head: &audit_day::Model) -> bool {
        self.pruned
            .contains(&(head.day.clone(), head.last_sequence))
    }

    /// The first day of which more is missing than was erased.
    pub(super) fn first_cut(&self, missing: &BTreeMap<Date, u64>) -> Option<Date> {
        let mut of_any_day = self.erased_of_any_day;
        for (day, missing) in missing {
            let erased = self.erased.get(day).copied().unwrap_or(0);
            match of_any_day.checked_sub(missing.saturating_sub(erased)) {
                Some(left) => of_any_day = left,
                None => return Some(*day),
            }
        }
        None
    }
}

async fn details_of(
    transaction: &DatabaseTransaction,
    action: Action,
) -> Result<Vec<String>, StoreError> {
    let sql = "select details from audit_entry where action = $1 and details is not null";
    let backend = transaction.get_database_backend();
    let values = [action.as_str().into()];
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = transaction.query_all_raw(statement).await?;
    let details = |row: &sea_orm::QueryResult| Ok(row.try_get("", "details")?);
    rows.iter().map(details).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn each_day_is_counted_by_itself() {
        let (first, second) = (date(2026, 9, 22), date(2026, 9, 23));
        let recorded = Recorded {
            erased: [(first, 2), (second, 1)].into(),
            ..Recorded::default()
        };
        let cut = |missing: &[(Date, u64)]| recorded.first_cut(&missing.iter().copied().collect());
        assert_eq!(cut(&[(first, 2), (second, 1)]), None);
        assert_eq!(cut(&[(first, 1)]), None, "the rest was pruned");
        assert_eq!(cut(&[(first, 1), (second, 2)]), Some(second));
        assert_eq!(cut(&[(first, 3), (second, 2)]), Some(first));
        assert_eq!(cut(&[(date(2026, 9, 21), 1)]), Some(date(2026, 9, 21)));
        let older = Recorded {
            erased_of_any_day: 2,
            ..Recorded::default()
        };
        let cut = |missing: &[(Date, u64)]| older.first_cut(&missing.iter().copied().collect());
        assert_eq!(cut(&[(first, 1), (second, 1)]), None);
        assert_eq!(cut(&[(first, 1), (second, 2)]), Some(second));
    }
}
