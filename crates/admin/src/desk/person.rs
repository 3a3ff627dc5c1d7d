//! A person, as the school knows them: state, records, links, and what can be done.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{
    account::{AccountState, PersonKind},
    contact::{ContactState, Contacts, Slots},
    date::written,
    desk::LostPasswordHelp,
    school::Uai,
};
use idp::app::unavailable;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, contacts,
    desk::{self, DateRefused, Link, LinkEnd, Person, RecordView, Suspension},
    groupings::Part,
    pending_acts::{self, PendingAct},
};
use web::{Locale, Page, PageError, Route, TextKey, moment::said};

use super::{
    act::Subject,
    entrance::{AtDesk, Head, enter, sample_account, sample_school},
    routes::{
        AskFactorRemoval, AskReset, CorrectContacts, EndLink, GroupWith, NewProvisional,
        PendingActs, PersonHistory, PersonPage, Reactivate, RestoreLink, StartRecovery, Suspend,
        UndoGrouping,
    },
    words::{self, PasswordLine},
};
use crate::{state::Admin, visitor::Visitor};

/// For how long a changed identity is told, in hours.
const IDENTITY_HOURS: i64 = 92 * 24;

/// What was just done; told once, by the address that the act leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Done {
    Recovery,
    Asked,
    Corrected,
    Suspended,
    Reactivated,
    LinkEnded,
    LinkRestored,
    Grouped,
}

impl Done {
    const ALL: [Self; 8] = [
        Self::Recovery,
        Self::Asked,
        Self::Corrected,
        Self::Suspended,
        Self::Reactivated,
        Self::LinkEnded,
        Self::LinkRestored,
        Self::Grouped,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Recovery => "depannage",
            Self::Asked => "demande",
            Self::Corrected => "coordonnees",
            Self::Suspended => "suspension",
            Self::Reactivated => "retablissement",
            Self::LinkEnded => "lien-fini",
            Self::LinkRestored => "lien-retabli",
            Self::Grouped => "regroupement",
        }
    }

    const fn text(self) -> TextKey {
        match self {
            Self::Recovery => TextKey::new("desk-done-recovery"),
            Self::Asked => TextKey::new("desk-done-asked"),
            Self::Corrected => TextKey::new("desk-done-corrected"),
            Self::Suspended => TextKey::new("desk-done-suspended"),
            Self::Reactivated => TextKey::new("desk-done-reactivated"),
            Self::LinkEnded => TextKey::new("desk-done-link-ended"),
            Self::LinkRestored => TextKey::new("desk-done-link-restored"),
            Self::Grouped => TextKey::new("desk-done-grouped"),
        }
    }
}

/// The page of a person after an act.
pub(super) fn after(at: &AtDesk, person: &Person, done: Done) -> String {
    let page = PersonPage(at.uai(), person.account.id);
    format!("{}?fait={}", page.path(), done.as_str())
}

/// What the address may say beside the path; whatever else it says means nothing.
#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    fait: String,
}

pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    Query(after): Query<After>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    let known = Known::load(&app, &at, &person).await.map_err(unavailable)?;
    let done = Done::ALL
        .into_iter()
        .find(|done| done.as_str() == after.fait);
    let page = KnownPage::of(&at, &person, &known, app.ambient.now(), done);
    Ok(at.view().render(&page))
}

/// All that the page shows beside the person.
#[derive(Default)]
struct Known {
    contacts: Contacts,
    links: Vec<Link>,
    refused: Vec<DateRefused>,
    identity_changed: Option<Timestamp>,
    pending: Vec<PendingAct>,
    groupings: Vec<Part>,
    has_factor: bool,
}

impl Known {
    async fn load(app: &Admin, at: &AtDesk, person: &Person) -> Result<Self, StoreError> {
        let (reader, now) = (app.database.reader(), app.ambient.now());
        let id = person.account.id;
        let since = now.saturating_sub(IDENTITY_HOURS.hours()).unwrap_or(now);
        let pending = pending_acts::find_of_account(reader, id, now).await?;
        let of_school = |act: &PendingAct| act.school == *at.uai();
        Ok(Self {
            contacts: contacts::find_all(reader, id).await?,
            links: desk::find_links(reader, at.uai(), person).await?,
            refused: desk::find_refused_dates(reader, at.uai(), person, now).await?,
            identity_changed: desk::find_identity_change(reader, person, since).await?,
            pending: pending.into_iter().filter(of_school).collect(),
            groupings: desk::find_groupings(reader, &app.vault, &at.desk, person).await?,
            has_factor: desk::has_factor(reader, id).await?,
        })
    }
}

#[derive(Debug, Serialize)]
struct RecordLine {
    name: String,
    birth_date: Option<String>,
    class: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    corrected: Option<String>,
}

impl RecordLine {
    fn of(record: &RecordView, locale: Locale) -> Self {
        Self {
            name: record.name.full(),
            birth_date: record.birth_date.map(written),
            class: record.class.clone(),
            email: record.email.as_ref().map(ToString::to_string),
            phone: record.phone.as_ref().map(ToString::to_string),
            corrected: record.corrected_at.map(|at| said(at, locale)),
        }
    }
}

/// A contact that the owner gave: how it stands, and not what it is.
#[derive(Debug, Serialize)]
struct ContactLine {
    masked: String,
    state: TextKey,
}

fn contact_lines(contacts: &Contacts) -> Vec<ContactLine> {
    let of = |slots: &Slots| {
        let current = slots.current.as_ref().map(|current| ContactLine {
            masked: current.address.masked(),
            state: match current.state {
                ContactState::Confirmed => TextKey::new("desk-contact-confirmed"),
                ContactState::Unconfirmed => TextKey::new("desk-contact-unconfirmed"),
            },
        });
        let pending = slots.pending.as_ref().map(|address| ContactLine {
            masked: address.masked(),
            state: TextKey::new("desk-contact-pending"),
        });
        [current, pending].into_iter().flatten()
    };
    of(&contacts.email).chain(of(&contacts.phone)).collect()
}

#[derive(Debug, Serialize)]
struct LinkLine {
    name: String,
    way: String,
    class: Option<String>,
    identifier: String,
    state: TextKey,
    relationship: TextKey,
    ended: bool,
    reported: Option<String>,
    act: String,
}

impl LinkLine {
    fn of(school: &Uai, person: &Person, link: &Link, locale: Locale) -> Self {
        let (guardian, pupil) = match person.account.kind {
            PersonKind::Pupil => (link.account, person.account.id),
            PersonKind::Guardian | PersonKind::Officer | PersonKind::Administrator => {
                (person.account.id, link.account)
            }
        };
        let is_ended = link.end == LinkEnd::Barred;
        let act = if is_ended {
            let route = RestoreLink {
                school,
                guardian,
                pupil,
            };
            route.path().into_owned()
        } else {
            let route = EndLink {
                school,
                guardian,
                pupil,
            };
            route.path().into_owned()
        };
        Self {
            name: link.name.full(),
            way: PersonPage(school, link.account).path().into_owned(),
            class: link.class.clone(),
            identifier: link.identifier.clone(),
            state: words::state(link.state, false),
            relationship: words::relationship(link.relationship),
            ended: is_ended,
            reported: link.reported_at.map(|at| said(at, locale)),
            act,
        }
    }
}

#[derive(Debug, Serialize)]
struct DateLine {
    typed: String,
    at: String,
    pupil: Option<String>,
}

#[derive(Debug, Serialize)]
struct SuspensionLine {
    reason: TextKey,
    note: Option<String>,
    at: String,
}

impl SuspensionLine {
    fn of(suspension: &Suspension, locale: Locale) -> Self {
        Self {
            reason: words::reason(suspension.reason),
            note: suspension.note.clone(),
            at: said(suspension.at, locale),
        }
    }
}

#[derive(Debug, Serialize)]
struct GroupingLine {
    at: String,
    identifier: String,
    undo: String,
}

#[derive(Debug, Serialize)]
struct PendingLine {
    what: TextKey,
    effective: String,
}

/// What the page leads to.
#[derive(Debug, Serialize)]
struct PersonWays {
    history: String,
    contacts: String,
    suspend: Option<String>,
    reactivate: Option<String>,
    group: Option<String>,
    factor: Option<String>,
    pending: String,
    help: Option<Help>,
}

/// What can be done about a lost password.
#[derive(Debug, Serialize)]
struct Help {
    text: TextKey,
    button: TextKey,
    way: String,
}

impl Help {
    fn of(school: &Uai, person: &Person, contacts: &Contacts) -> Option<Self> {
        let id = person.account.id;
        let (text, button, way) = match LostPasswordHelp::of(&person.account, contacts) {
            LostPasswordHelp::Provisional => (
                TextKey::new("desk-help-provisional"),
                TextKey::new("desk-provisional-title"),
                NewProvisional(school, id).path().into_owned(),
            ),
            LostPasswordHelp::Recovery => (
                TextKey::new("desk-help-recovery"),
                TextKey::new("desk-recovery-title"),
                StartRecovery(school, id).path().into_owned(),
            ),
            LostPasswordHelp::Reset => (
                TextKey::new("desk-help-reset"),
                TextKey::new("desk-reset-title"),
                AskReset(school, id).path().into_owned(),
            ),
            LostPasswordHelp::Nothing => return None,
        };
        Some(Self { text, button, way })
    }
}

impl PersonWays {
    fn of(school: &Uai, person: &Person, known: &Known) -> Self {
        let id = person.account.id;
        let state = person.account.state;
        let is_suspended = person.suspension.is_some() || state == AccountState::Suspended;
        let is_open = matches!(state, AccountState::Known | AccountState::Active);
        let may_lose_factor = known.has_factor && state == AccountState::Active;
        Self {
            history: PersonHistory(school, id).path().into_owned(),
            contacts: CorrectContacts(school, id).path().into_owned(),
            suspend: (!is_suspended).then(|| Suspend(school, id).path().into_owned()),
            reactivate: is_suspended.then(|| Reactivate(school, id).path().into_owned()),
            group: (person.account.kind == PersonKind::Guardian && is_open)
                .then(|| GroupWith(school, id).path().into_owned()),
            factor: may_lose_factor.then(|| AskFactorRemoval(school, id).path().into_owned()),
            pending: PendingActs(school).path().into_owned(),
            help: Help::of(school, person, &known.contacts),
        }
    }
}

/// The context of `admin/desk/person.html`.
#[derive(Debug, Serialize)]
struct KnownPage {
    head: Head,
    subject: Subject,
    guardian: bool,
    done: Option<TextKey>,
    state: TextKey,
    password: PasswordLine,
    suspension: Option<SuspensionLine>,
    records: Vec<RecordLine>,
    contacts: Vec<ContactLine>,
    links: Vec<LinkLine>,
    refused: Vec<DateLine>,
    identity_changed: Option<String>,
    pending: Vec<PendingLine>,
    groupings: Vec<GroupingLine>,
    ways: PersonWays,
}

impl KnownPage {
    fn of(at: &AtDesk, person: &Person, known: &Known, now: Timestamp, done: Option<Done>) -> Self {
        let (school, locale) = (at.uai(), at.view().locale());
        Self::made(at.head(), school, locale, person, known, now, done)
    }

    fn made(
        head: Head,
        school: &Uai,
        locale: Locale,
        person: &Person,
        known: &Known,
        now: Timestamp,
        done: Option<Done>,
    ) -> Self {
        let account = &person.account;
        let suspension = person.suspension.as_ref();
        let records = person.records.iter();
        let links = known.links.iter();
        Self {
            head,
            subject: Subject::of(person),
            guardian: account.kind == PersonKind::Guardian,
            done: done.map(Done::text),
            state: words::state(account.state, suspension.is_some()),
            password: PasswordLine::of(account, now, locale),
            suspension: suspension.map(|suspension| SuspensionLine::of(suspension, locale)),
            records: records
                .map(|record| RecordLine::of(record, locale))
                .collect(),
            contacts: contact_lines(&known.contacts),
            links: links
                .map(|link| LinkLine::of(school, person, link, locale))
                .collect(),
            refused: date_lines(&known.refused, locale),
            identity_changed: known.identity_changed.map(|at| said(at, locale)),
            pending: pending_lines(&known.pending, locale),
            groupings: grouping_lines(school, person, &known.groupings, locale),
            ways: PersonWays::of(school, person, known),
        }
    }
}

fn date_lines(refused: &[DateRefused], locale: Locale) -> Vec<DateLine> {
    let line = |refused: &DateRefused| DateLine {
        typed: written(refused.typed),
        at: said(refused.at, locale),
        pupil: refused.pupil.as_ref().map(domain::name::PersonName::full),
    };
    refused.iter().map(line).collect()
}

fn pending_lines(pending: &[PendingAct], locale: Locale) -> Vec<PendingLine> {
    let line = |act: &PendingAct| PendingLine {
        what: words::pending(act.kind),
        effective: said(act.effective_at, locale),
    };
    pending.iter().map(line).collect()
}

fn grouping_lines(
    school: &Uai,
    person: &Person,
    parts: &[Part],
    locale: Locale,
) -> Vec<GroupingLine> {
    let line = |part: &Part| GroupingLine {
        at: said(part.at, locale),
        identifier: part.merged.identifier.to_string(),
        undo: UndoGrouping(school, person.account.id, part.id)
            .path()
            .into_owned(),
    };
    parts.iter().map(line).collect()
}

impl Page for KnownPage {
    const TEMPLATE: &'static str = "admin/desk/person.html";

    fn samples() -> Vec<Self> {
        let school = sample_school();
        let at = Timestamp::constant(1_788_249_600, 0);
        let made = |person: &Person, known: &Known, done| {
            Self::made(Head::sample(), &school, Locale::Fr, person, known, at, done)
        };
        let pupil = samples::person(PersonKind::Pupil, AccountState::Known, None);
        let guardian = samples::person(PersonKind::Guardian, AccountState::Active, None);
        let suspended = samples::person(
            PersonKind::Guardian,
            AccountState::Active,
            Some(samples::suspension()),
        );
        let mut all = vec![
            made(&pupil, &Known::default(), None),
            made(&guardian, &samples::known(), None),
            made(&suspended, &samples::known(), None),
        ];
        let told = Done::ALL.map(|done| made(&guardian, &samples::known(), Some(done)));
        all.extend(told);
        all
    }
}

/// People of the page's samples.
mod samples {
    use domain::{
        account::{Account, PasswordState},
        contact::{Address, Current, EmailAddress, PhoneNumber},
        desk::{PendingKind, SuspensionReason, WAIT},
        identifier::AccountIdentifier,
        link::Relationship,
        name::PersonName,
    };
    use jiff::civil::date;

    use super::{
        AccountState, ContactState, Contacts, DateRefused, Known, Link, LinkEnd, Part, PendingAct,
        Person, PersonKind, RecordView, Suspension, Timestamp, sample_account, sample_school,
    };

    const AT: Timestamp = Timestamp::constant(1_788_249_600, 0);

    fn name(given: &str) -> PersonName {
        PersonName {
            given: given.into(),
            family: "DE LA TOUR D’AUVERGNE-LAURAGUAIS".into(),
        }
    }

    pub(super) fn suspension() -> Suspension {
        Suspension {
            reason: SuspensionReason::CourtDecision,
            note: Some("Voir le dossier de l’élève".into()),
            at: AT,
        }
    }

    pub(super) fn person(
        kind: PersonKind,
        state: AccountState,
        suspension: Option<Suspension>,
    ) -> Person {
        let record = RecordView {
            id: "0198f0a0-0000-7000-8000-000000000003"
                .parse()
                .expect("an id"),
            name: name("Marie-Charlotte"),
            birth_date: Some(date(1979, 12, 2)),
            class: (kind == PersonKind::Pupil).then(|| "4e A".into()),
            email: EmailAddress::parse("marie@example.org").ok(),
            phone: None,
            filed: (None, None),
            corrected_at: suspension.as_ref().map(|_| AT),
        };
        Person {
            account: account(kind, state),
            records: vec![record],
            suspension,
        }
    }

    fn account(kind: PersonKind, state: AccountState) -> Account {
        Account {
            id: sample_account(),
            kind,
            identifier: AccountIdentifier::parse("m.delatourdauvergne1").expect("an identifier"),
            state,
            name: name("Marie-Charlotte"),
            birth_date: None,
            locale: "fr".into(),
            password: match state {
                AccountState::Active => PasswordState::Chosen,
                AccountState::Known
                | AccountState::Suspended
                | AccountState::Merged(_)
                | AccountState::Closed => PasswordState::Provisional { since: AT },
            },
            sessions_from: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn link(given: &str, end: LinkEnd, reported_at: Option<Timestamp>) -> Link {
        Link {
            account: sample_account(),
            identifier: "a.dubois6".into(),
            state: AccountState::Active,
            name: name(given),
            class: Some("4e A".into()),
            relationship: Relationship::Mother,
            end,
            reported_at,
        }
    }

    pub(super) fn known() -> Known {
        let mut contacts = Contacts::default();
        contacts.email.current = Some(Current {
            address: Address::Email(EmailAddress::parse("marie@example.org").expect("an address")),
            state: ContactState::Unconfirmed,
        });
        contacts.phone.pending = PhoneNumber::parse("+33639980001").ok().map(Address::Phone);
        Known {
            contacts,
            links: vec![
                link("Adam", LinkEnd::Asserted, None),
                link("Zoé", LinkEnd::Asserted, Some(AT)),
                link("Tom", LinkEnd::Barred, None),
            ],
            refused: vec![
                DateRefused {
                    typed: date(2012, 9, 24),
                    at: AT,
                    pupil: Some(name("Adam")),
                },
                DateRefused {
                    typed: date(2012, 9, 25),
                    at: AT,
                    pupil: None,
                },
            ],
            identity_changed: Some(AT),
            pending: vec![PendingAct {
                id: "0198f0a0-0000-7000-8000-000000000002"
                    .parse()
                    .expect("an id"),
                kind: PendingKind::PasswordReset,
                account: sample_account(),
                school: sample_school(),
                checked: Vec::new(),
                asked_by: sample_account(),
                asked_at: AT,
                effective_at: AT + WAIT,
            }],
            groupings: vec![Part {
                id: "0198f0a0-0000-7000-8000-000000000004"
                    .parse()
                    .expect("an id"),
                at: AT,
                merged: account(PersonKind::Guardian, AccountState::Merged(sample_account())),
            }],
            has_factor: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<KnownPage>();
    }
}
