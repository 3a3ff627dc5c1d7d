//! Whether what a school says of a person counts: not where that school suspended its part
//! of their account.

/// SQL that is true of a record, by its name in the statement, whose school has not suspended
/// its part of the account.
macro_rules! counts {
    ($record:literal) => {
        concat!(
            "not exists (select 1 from suspension closed where closed.account_id = ",
            $record,
            ".account_id and closed.school_uai = ",
            $record,
            ".school_uai)"
        )
    };
}

pub(crate) use counts;
