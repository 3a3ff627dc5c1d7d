//! What domain's words are on the pages of a desk.

use domain::{
    account::{Account, AccountState, PasswordState, PersonKind},
    audit::Action,
    desk::{Checked, PendingKind, SuspensionReason},
    link::Relationship,
};
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use web::{Locale, TextKey, moment::said_day};

pub(super) const fn kind(kind: PersonKind) -> TextKey {
    match kind {
        PersonKind::Pupil => TextKey::new("desk-kind-pupil"),
        PersonKind::Guardian => TextKey::new("desk-kind-guardian"),
        PersonKind::Officer | PersonKind::Administrator => TextKey::new("desk-kind-staff"),
    }
}

/// What an account has come to; of one that is open for others, that this school suspended
/// its part.
pub(super) const fn state(state: AccountState, is_suspended_here: bool) -> TextKey {
    match state {
        AccountState::Suspended => TextKey::new("desk-state-suspended"),
        AccountState::Known | AccountState::Active if is_suspended_here => {
            TextKey::new("desk-state-suspended-here")
        }
        AccountState::Known => TextKey::new("desk-state-known"),
        AccountState::Active => TextKey::new("desk-state-active"),
        AccountState::Merged(_) => TextKey::new("desk-state-merged"),
        AccountState::Closed => TextKey::new("desk-state-closed"),
    }
}

/// What opens an account, said to who helps: never the password.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PasswordLine {
    text: TextKey,
    day: String,
}

impl PasswordLine {
    pub(super) fn of(account: &Account, now: Timestamp, locale: Locale) -> Self {
        let line = |text, day| Self { text, day };
        match account.password {
            PasswordState::Absent => line(TextKey::new("desk-password-absent"), String::new()),
            PasswordState::Chosen => line(TextKey::new("desk-password-chosen"), String::new()),
            PasswordState::Provisional { since } => {
                let end = end_of_provisional(since);
                let text = if now < end {
                    TextKey::new("desk-password-provisional")
                } else {
                    TextKey::new("desk-password-provisional-over")
                };
                line(text, said_day(end, locale))
            }
        }
    }
}

/// When a provisional password opens nothing any more.
pub(super) fn end_of_provisional(since: Timestamp) -> Timestamp {
    let days = domain::account::PROVISIONAL_DAYS * 24;
    since.saturating_add(days.hours()).unwrap_or(since)
}

pub(super) const fn reason(reason: SuspensionReason) -> TextKey {
    match reason {
        SuspensionReason::FamilyRequest => TextKey::new("desk-reason-family"),
        SuspensionReason::Compromised => TextKey::new("desk-reason-compromised"),
        SuspensionReason::CourtDecision => TextKey::new("desk-reason-court"),
        SuspensionReason::LeftSchool => TextKey::new("desk-reason-left"),
        SuspensionReason::Other => TextKey::new("desk-reason-other"),
    }
}

pub(super) const fn checked(checked: Checked) -> TextKey {
    match checked {
        Checked::IdentityPaper => TextKey::new("desk-checked-paper"),
        Checked::FamilyBook => TextKey::new("desk-checked-book"),
        Checked::KnownInPerson => TextKey::new("desk-checked-person"),
        Checked::CalledBack => TextKey::new("desk-checked-call"),
    }
}

pub(super) const fn pending(kind: PendingKind) -> TextKey {
    match kind {
        PendingKind::PasswordReset => TextKey::new("desk-pending-reset"),
        PendingKind::FactorRemoval => TextKey::new("desk-pending-factor"),
    }
}

pub(super) const fn relationship(relationship: Relationship) -> TextKey {
    match relationship {
        Relationship::Mother => TextKey::new("desk-mother"),
        Relationship::Father => TextKey::new("desk-father"),
        Relationship::Guardian => TextKey::new("desk-legal-guardian"),
        Relationship::Other => TextKey::new("desk-other-relation"),
    }
}

/// What an event of the history is to an officer; none for those that are no school's.
pub(super) const fn action(action: Action) -> Option<TextKey> {
    Some(match action {
        Action::AccountCreated => TextKey::new("desk-history-created"),
        Action::AccountActivated => TextKey::new("desk-history-activated"),
        Action::ProvisionalPasswordEnded => TextKey::new("desk-history-provisional-ended"),
        Action::BirthDateRefused => TextKey::new("desk-history-date-refused"),
        Action::PasswordChanged => TextKey::new("desk-history-password-changed"),
        Action::PasswordRecovered => TextKey::new("desk-history-password-recovered"),
        Action::RecoverySent => TextKey::new("desk-history-recovery-sent"),
        Action::SignInSlowed => TextKey::new("desk-history-slowed"),
        Action::ContactProposed => TextKey::new("desk-history-contact-proposed"),
        Action::ContactConfirmed => TextKey::new("desk-history-contact-confirmed"),
        Action::ContactCancelled => TextKey::new("desk-history-contact-cancelled"),
        Action::ChangeDisavowed => TextKey::new("desk-history-disavowed"),
        Action::UpstreamMatched => TextKey::new("desk-history-upstream-matched"),
        Action::UpstreamBound => TextKey::new("desk-history-upstream-bound"),
        Action::UpstreamUnbound => TextKey::new("desk-history-upstream-unbound"),
        Action::UpstreamIdentityChanged => TextKey::new("desk-history-identity-changed"),
        Action::PasskeyAdded => TextKey::new("desk-history-passkey-added"),
        Action::PasskeyRemoved => TextKey::new("desk-history-passkey-removed"),
        Action::PasskeySuspected => TextKey::new("desk-history-passkey-suspected"),
        Action::SecondFactorAdded => TextKey::new("desk-history-factor-added"),
        Action::SecondFactorRemoved => TextKey::new("desk-history-factor-removed"),
        Action::PersonSeen => TextKey::new("desk-history-seen"),
        Action::ProvisionalPasswordGiven => TextKey::new("desk-history-provisional-given"),
        Action::RecoveryStarted => TextKey::new("desk-history-recovery-started"),
        Action::PendingActAsked => TextKey::new("desk-history-pending-asked"),
        Action::PendingActDone => TextKey::new("desk-history-pending-done"),
        Action::PendingActCancelled => TextKey::new("desk-history-pending-cancelled"),
        Action::RecordCorrected => TextKey::new("desk-history-corrected"),
        Action::AccountSuspended => TextKey::new("desk-history-suspended"),
        Action::AccountReactivated => TextKey::new("desk-history-reactivated"),
        Action::GroupingUndone => TextKey::new("desk-history-ungrouped"),
        Action::AccountsGrouped => TextKey::new("desk-history-grouped"),
        Action::LinkAdded => TextKey::new("desk-history-link-added"),
        Action::LinkEnded => TextKey::new("desk-history-link-ended"),
        Action::LinkReported => TextKey::new("desk-history-link-reported"),
        Action::LinkReportKept => TextKey::new("desk-history-report-kept"),
        Action::LinkRestored => TextKey::new("desk-history-link-restored"),
        Action::LinkBarred => TextKey::new("desk-history-link-barred"),
        Action::LinkUnbarred => TextKey::new("desk-history-link-unbarred"),
        Action::LinkReportAnswered => TextKey::new("desk-history-report-answered"),
        _ => return None,
    })
}
