//! What happened to one's account in the last year, in plain words.

use axum::{extract::State, response::Response};
use domain::{account::PersonKind, audit::Action, client::ClientId};
use idp::http::{account::SignedIn, routes};
use jiff::ToSpan;
use serde::Serialize;
use store::audit::{self, Past};
use web::{Locale, Page, PageError, Route, TextKey, moment::said};

use crate::{account::changing::unavailable, state::SelfService};

/// The most events of one page.
const MOST: u64 = 300;

/// A year, in hours: events are kept no longer.
const YEAR_HOURS: i64 = 365 * 24;

/// Shows it, the newest first.
pub(super) async fn get(
    State(app): State<SelfService>,
    signed_in: SignedIn,
) -> Result<Response, PageError> {
    let now = app.ambient.now();
    let since = now.saturating_sub(YEAR_HOURS.hours()).unwrap_or(now);
    let account = &signed_in.live.account;
    let reader = app.database.reader();
    // What staff do to others is in the others' histories.
    let past = match account.kind {
        PersonKind::Pupil | PersonKind::Guardian => {
            audit::find_of_account(reader, account.id, since, MOST).await
        }
        PersonKind::Officer | PersonKind::Administrator => {
            audit::find_on_account(reader, account.id, since, MOST).await
        }
    };
    let past = past.map_err(unavailable)?;
    let locale = signed_in.view().locale();
    let lines = past.iter().filter_map(|past| line(&app, past, locale));
    Ok(signed_in.view().render(&HistoryPage {
        home: routes::Account.path().into_owned(),
        guardian: account.kind == PersonKind::Guardian,
        lines: lines.collect(),
    }))
}

fn line(app: &SelfService, past: &Past, locale: Locale) -> Option<Line> {
    let text = text_of(Action::parse(&past.action)?)?;
    let client = past
        .client
        .as_deref()
        .and_then(|id| ClientId::parse(id).ok());
    let client = client.and_then(|id| app.clients.find(&id));
    Some(Line {
        at: past.at.to_string(),
        said: said(past.at, locale),
        text,
        service: client.map(|client| client.registration.client_name.clone()),
        network: past.network.clone(),
        by_other: !past.by_owner,
    })
}

/// What an action is to the account's owner; none for those that are of no account.
#[expect(
    clippy::too_many_lines,
    reason = "a table of all actions is as long as they are"
)]
const fn text_of(action: Action) -> Option<TextKey> {
    Some(match action {
        Action::AccountCreated => TextKey::new("history-account-created"),
        Action::AccountUpdated => TextKey::new("history-account-updated"),
        Action::SignedIn => TextKey::new("history-signed-in"),
        Action::SignedOut => TextKey::new("history-signed-out"),
        Action::SignInSlowed => TextKey::new("history-sign-in-slowed"),
        Action::UpstreamRefused => TextKey::new("history-upstream-refused"),
        Action::UpstreamUnbound => TextKey::new("history-upstream-unbound"),
        Action::UpstreamBound => TextKey::new("history-upstream-bound"),
        Action::UpstreamMatched => TextKey::new("history-upstream-matched"),
        Action::UpstreamIdentityChanged => TextKey::new("history-upstream-changed"),
        Action::LinkAdded => TextKey::new("history-link-added"),
        Action::LinkEnded => TextKey::new("history-link-ended"),
        Action::ConsentGiven => TextKey::new("history-consent-given"),
        Action::ConsentWithdrawn => TextKey::new("history-consent-withdrawn"),
        Action::GrantRevoked => TextKey::new("history-grant-revoked"),
        Action::AccountActivated => TextKey::new("history-account-activated"),
        Action::ProvisionalPasswordEnded => TextKey::new("history-provisional-ended"),
        Action::BirthDateRefused => TextKey::new("history-birth-date-refused"),
        Action::PasswordChanged => TextKey::new("history-password-changed"),
        Action::PasswordRecovered => TextKey::new("history-password-recovered"),
        Action::RecoverySent => TextKey::new("history-recovery-sent"),
        Action::ContactProposed => TextKey::new("history-contact-proposed"),
        Action::ContactConfirmed => TextKey::new("history-contact-confirmed"),
        Action::ContactCancelled => TextKey::new("history-contact-cancelled"),
        Action::ChangeDisavowed => TextKey::new("history-change-disavowed"),
        Action::SessionsEnded => TextKey::new("history-sessions-ended"),
        Action::LinkReported => TextKey::new("history-link-reported"),
        Action::LinkReportKept => TextKey::new("history-link-report-kept"),
        Action::LinkRestored => TextKey::new("history-link-restored"),
        Action::AccountsGrouped => TextKey::new("history-accounts-grouped"),
        Action::DataExported => TextKey::new("history-data-exported"),
        Action::LanguageChanged => TextKey::new("history-language-changed"),
        Action::ProvisionalPasswordGiven => TextKey::new("history-provisional-given"),
        Action::RecoveryStarted => TextKey::new("history-recovery-started"),
        Action::PersonSeen => TextKey::new("history-person-seen"),
        Action::PendingActAsked => TextKey::new("history-pending-asked"),
        Action::PendingActDone => TextKey::new("history-pending-done"),
        Action::PendingActCancelled => TextKey::new("history-pending-cancelled"),
        Action::RecordCorrected => TextKey::new("history-record-corrected"),
        Action::AccountSuspended => TextKey::new("history-suspended"),
        Action::AccountReactivated => TextKey::new("history-reactivated"),
        Action::LinkBarred => TextKey::new("history-link-barred"),
        Action::LinkUnbarred => TextKey::new("history-link-unbarred"),
        Action::LinkReportAnswered => TextKey::new("history-report-answered"),
        Action::GroupingUndone => TextKey::new("history-grouping-undone"),
        Action::AppointmentMade => TextKey::new("history-appointment-made"),
        Action::AppointmentEnded => TextKey::new("history-appointment-ended"),
        Action::SecondFactorAdded => TextKey::new("history-second-factor-added"),
        Action::SecondFactorRemoved => TextKey::new("history-second-factor-removed"),
        Action::RecoveryCodesMade => TextKey::new("history-recovery-codes-made"),
        Action::RecoveryCodeUsed => TextKey::new("history-recovery-code-used"),
        Action::SecondFactorSlowed => TextKey::new("history-second-factor-slowed"),
        Action::InvitationMade => TextKey::new("history-invitation-made"),
        Action::InvitationUsed => TextKey::new("history-invitation-used"),
        Action::PasskeyAdded => TextKey::new("history-passkey-added"),
        Action::PasskeyRemoved => TextKey::new("history-passkey-removed"),
        Action::PasskeySuspected => TextKey::new("history-passkey-suspected"),
        Action::PeopleSearched
        | Action::ClientCreated
        | Action::ClientUpdated
        | Action::ClientDeleted
        | Action::ClientSecretAdded
        | Action::ClientSecretRemoved
        | Action::ClientTried
        | Action::InitialTokenMade
        | Action::InitialTokenRemoved
        | Action::KeyCreated
        | Action::KeyRotated
        | Action::KeyDeleted
        | Action::DirectoryImported
        | Action::AuditSearched
        | Action::AuditExported
        | Action::AuditPruned
        | Action::AuditErased => return None,
    })
}

#[derive(Debug, Serialize)]
struct Line {
    at: String,
    said: String,
    text: TextKey,
    service: Option<String>,
    network: Option<String>,
    /// Whether somebody else did it: the school, a service, Préau itself.
    by_other: bool,
}

/// The context of `self-service/history.html`.
#[derive(Debug, Serialize)]
struct HistoryPage {
    home: String,
    guardian: bool,
    lines: Vec<Line>,
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "self-service/history.html";
    const QUESTION: Option<&'static str> = Some("ce-n-est-pas-moi");

    fn samples() -> Vec<Self> {
        let lines = Action::ALL.into_iter().filter_map(|action| {
            Some(Line {
                at: "2026-09-01T07:05:00Z".into(),
                said: "1er septembre 2026, 9 h 05".into(),
                text: text_of(action)?,
                service: (action == Action::ConsentGiven).then(|| "Médiathèque".into()),
                network: Some("198.18.0.0/24".into()),
                by_other: action == Action::LinkAdded,
            })
        });
        let sample = |lines| Self {
            home: routes::Account.path().into_owned(),
            guardian: true,
            lines,
        };
        vec![sample(Vec::new()), sample(lines.collect())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<HistoryPage>();
    }
}
