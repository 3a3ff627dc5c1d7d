//! What happened to somebody, as far as it is one school's part.

use std::{cmp::Reverse, collections::HashSet};

use domain::{audit::Action, ids::AccountId};
use jiff::{Timestamp, ToSpan};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Desk, Person};
use crate::{
    audit::{Past, find_actions_on_account},
    entity::directory_record,
    error::StoreError,
};

/// Events are kept for a year, in hours.
const YEAR_HOURS: i64 = 365 * 24;

/// The most events of a part that are read.
const MOST: u64 = 500;

/// Whose part of a history an event is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// Of every school that the person is tied to: what their account went through.
    Account,
    /// Of the school that the event names.
    School,
    /// Of the school that the event names too, and as often as somebody there looks.
    Look,
    /// Of the schools of the pupil whom the event names.
    Pupil,
    /// Of no school: where somebody signs in, and what services learn, is theirs.
    Nobody,
}

/// Whose part it is. An action that is new here must be thought about.
#[expect(
    clippy::too_many_lines,
    reason = "a table of all actions is as long as they are"
)]
const fn part(action: Action) -> Part {
    match action {
        Action::AccountCreated
        | Action::AccountActivated
        | Action::ProvisionalPasswordEnded
        | Action::BirthDateRefused
        | Action::PasswordChanged
        | Action::PasswordRecovered
        | Action::RecoverySent
        | Action::SignInSlowed
        | Action::ContactProposed
        | Action::ContactConfirmed
        | Action::ContactCancelled
        | Action::ChangeDisavowed
        | Action::UpstreamMatched
        | Action::UpstreamBound
        | Action::UpstreamUnbound
        | Action::UpstreamIdentityChanged
        | Action::PasskeyAdded
        | Action::PasskeyRemoved
        | Action::PasskeySuspected
        | Action::SecondFactorAdded
        | Action::SecondFactorRemoved
        | Action::SecondFactorSlowed
        | Action::RecoveryCodesMade
        | Action::RecoveryCodeUsed => Part::Account,
        Action::PersonSeen => Part::Look,
        Action::ProvisionalPasswordGiven
        | Action::RecoveryStarted
        | Action::PendingActAsked
        | Action::PendingActDone
        | Action::PendingActCancelled
        | Action::RecordCorrected
        | Action::AccountSuspended
        | Action::AccountReactivated
        | Action::GroupingUndone
        | Action::AccountsGrouped => Part::School,
        Action::LinkAdded
        | Action::LinkEnded
        | Action::LinkReported
        | Action::LinkReportKept
        | Action::LinkRestored
        | Action::LinkBarred
        | Action::LinkUnbarred
        | Action::LinkReportAnswered => Part::Pupil,
        Action::AccountUpdated
        | Action::SignedIn
        | Action::SignedOut
        | Action::UpstreamRefused
        | Action::ClientCreated
        | Action::ClientUpdated
        | Action::ClientDeleted
        | Action::ClientSecretAdded
        | Action::ClientSecretRemoved
        | Action::ClientTried
        | Action::InitialTokenMade
        | Action::InitialTokenRemoved
        | Action::ConsentGiven
        | Action::ConsentWithdrawn
        | Action::GrantRevoked
        | Action::KeyCreated
        | Action::KeyRotated
        | Action::KeyDeleted
        | Action::SessionsEnded
        | Action::DataExported
        | Action::LanguageChanged
        | Action::PeopleSearched
        | Action::AppointmentMade
        | Action::AppointmentEnded
        | Action::InvitationMade
        | Action::AuditSearched
        | Action::AuditExported
        | Action::AuditPruned
        | Action::AuditErased
        | Action::InvitationUsed
        | Action::DirectoryImported => Part::Nobody,
    }
}

/// An event as the school may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// Whether the account's owner did it.
    pub by_owner: bool,
    /// Whether an officer of the school did it.
    pub by_school: bool,
}

/// The events of a person since a year that are the school's part, the newest first. Neither
/// services nor networks nor contacts are said. Each part is read for itself, so that what
/// happens often pushes nothing else out.
///
/// # Errors
/// The database's.
pub async fn find_history(
    connection: &impl ConnectionTrait,
    desk: &Desk,
    person: &Person,
    now: Timestamp,
) -> Result<Vec<Shown>, StoreError> {
    let since = now.saturating_sub(YEAR_HOURS.hours()).unwrap_or(now);
    let mut past = Vec::new();
    for (of, school) in [
        (Part::Account, None),
        (Part::School, Some(&desk.school)),
        (Part::Look, Some(&desk.school)),
        (Part::Pupil, None),
    ] {
        let actions = actions(of);
        let which = (actions.as_slice(), school);
        let id = person.account.id;
        past.extend(find_actions_on_account(connection, id, since, which, MOST).await?);
    }
    past.sort_by_key(|past| Reverse(past.at));
    let pupils = tied_pupils(connection, desk, &past).await?;
    let shown = past
        .into_iter()
        .filter_map(|past| show(desk, &pupils, &past));
    Ok(shown.collect())
}

/// When the identity last changed that another provider vouches for, since an instant.
///
/// # Errors
/// The database's.
pub async fn find_identity_change(
    connection: &impl ConnectionTrait,
    person: &Person,
    since: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let which: (&[Action], _) = (&[Action::UpstreamIdentityChanged], None);
    let id = person.account.id;
    let last = find_actions_on_account(connection, id, since, which, 1).await?;
    Ok(last.first().map(|past| past.at))
}

fn actions(of: Part) -> Vec<Action> {
    let mut actions = Action::ALL.to_vec();
    actions.retain(|action| part(*action) == of);
    actions
}

fn show(desk: &Desk, pupils: &HashSet<AccountId>, past: &Past) -> Option<Shown> {
    let action = Action::parse(&past.action)?;
    let is_of_school = past.details["school"] == desk.school.as_str();
    let is_shown = match part(action) {
        Part::Account => true,
        Part::School | Part::Look => is_of_school,
        Part::Pupil => pupil_of(past).is_some_and(|pupil| pupils.contains(&pupil)),
        Part::Nobody => false,
    };
    is_shown.then_some(Shown {
        at: past.at,
        action,
        by_owner: past.by_owner,
        by_school: is_of_school && !past.by_owner,
    })
}

fn pupil_of(past: &Past) -> Option<AccountId> {
    past.details["pupil"].as_str()?.parse().ok()
}

/// Those of the pupils whom events name who are, or were, the school's.
async fn tied_pupils(
    connection: &impl ConnectionTrait,
    desk: &Desk,
    past: &[Past],
) -> Result<HashSet<AccountId>, StoreError> {
    let named: HashSet<_> = past.iter().filter_map(pupil_of).collect();
    if named.is_empty() {
        return Ok(named);
    }
    let ids = named.iter().map(AccountId::as_uuid);
    let rows = directory_record::Entity::find()
        .filter(directory_record::Column::AccountId.is_in(ids))
        .filter(directory_record::Column::SchoolUai.eq(desk.school.as_str()))
        .all(connection)
        .await?;
    let account = |row: directory_record::Model| AccountId::from_uuid(row.account_id);
    Ok(rows.into_iter().map(account).collect())
}
