//! A class: who is in it, and new provisional passwords for all of it, as one page ready to
//! be printed.

use std::time::Duration;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    account::{AccountState, PersonKind},
    ids::AccountId,
    provisional,
    school::Uai,
    secret::Secret,
};
use idp::app::unavailable;
use notify::messages::WhatTheSchoolDid;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use store::{
    contacts,
    desk::{self, Member, Search},
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    acting::{begin, commit, tell_at},
    entrance::{AtDesk, Head, enter, sample_account, sample_school},
    letters::{self, Layout, Letter},
    passwords::BUSY_WAIT,
    routes::{ClassLetters, PersonPage},
    words,
};
use crate::{state::Admin, visitor::Visitor};

/// The most letters of a page: a larger class, or its guardians, is made in parts.
const MOST: usize = 100;

/// How long a part waits for a place among the password workers before it gives way.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it waits between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// The address of a class.
pub(super) fn path_of(school: &Uai, class: &str) -> String {
    let class = utf8_percent_encode(class, NON_ALPHANUMERIC);
    format!("{}?nom={class}", ClassLetters(school).path())
}

/// Which class.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    nom: String,
}

/// Shows who is in it, and what can be printed.
pub(super) async fn get(
    State(app): State<Admin>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let page = ClassPage::load(&app, &at, &asked.nom, FormErrors::none()).await?;
    let search = Search {
        class: Some(asked.nom),
        ..Search::default()
    };
    let (writer, ambient) = (app.database.writer(), &app.ambient);
    desk::record_search(writer, ambient, &at.desk, &search, &page.shown)
        .await
        .map_err(unavailable)?;
    Ok(at.view().render(&page))
}

/// For whom letters are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whom {
    /// Pupils who never activated their account.
    WaitingPupils,
    /// All pupils: whoever is signed in is so no more.
    AllPupils,
    /// Guardians of the class's pupils who never activated theirs.
    WaitingGuardians,
}

impl Whom {
    const ALL: [Self; 3] = [Self::WaitingPupils, Self::AllPupils, Self::WaitingGuardians];

    const fn as_str(self) -> &'static str {
        match self {
            Self::WaitingPupils => "eleves-jamais-actives",
            Self::AllPupils => "tous-les-eleves",
            Self::WaitingGuardians => "responsables-jamais-actives",
        }
    }

    const fn text(self) -> TextKey {
        match self {
            Self::WaitingPupils => TextKey::new("desk-class-waiting-pupils"),
            Self::AllPupils => TextKey::new("desk-class-all-pupils"),
            Self::WaitingGuardians => TextKey::new("desk-class-waiting-guardians"),
        }
    }

    const fn kind(self) -> PersonKind {
        match self {
            Self::WaitingPupils | Self::AllPupils => PersonKind::Pupil,
            Self::WaitingGuardians => PersonKind::Guardian,
        }
    }

    /// Which accounts are given one.
    const fn states(self) -> &'static [AccountState] {
        match self {
            Self::WaitingPupils | Self::WaitingGuardians => &[AccountState::Known],
            Self::AllPupils => &[AccountState::Known, AccountState::Active],
        }
    }

    /// Those of a class whom it means, in its order.
    fn among(self, members: &[Member]) -> impl Iterator<Item = &Member> {
        let states = self.states();
        members
            .iter()
            .filter(|member| states.contains(&member.state))
    }
}

#[derive(Deserialize)]
pub(super) struct LettersForm {
    #[serde(default)]
    classe: String,
    #[serde(default)]
    qui: String,
    #[serde(default)]
    format: String,
    /// Which part of a large class, from 0.
    #[serde(default)]
    partie: String,
}

/// Makes the letters.
pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Posted(form): Posted<LettersForm>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let whom = Whom::ALL.into_iter().find(|whom| whom.as_str() == form.qui);
    let again = async |text| {
        let errors = FormErrors::none().field("qui", text);
        let page = ClassPage::load(&app, &at, &form.classe, errors).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, at.view().render(&page)).into_response())
    };
    let Some(whom) = whom else {
        return again(TextKey::new("desk-class-whom-none")).await;
    };
    let members = desk::find_members(app.database.reader(), at.uai(), &form.classe, whom.kind());
    let members = members.await.map_err(unavailable)?;
    let part = form.partie.parse().unwrap_or(0);
    let meant: Vec<_> = whom.among(&members).cloned().collect();
    let Some(members) = meant.chunks(MOST).nth(part) else {
        return again(TextKey::new("desk-class-nobody")).await;
    };
    let letters = give_all(&app, &at, &form.classe, whom, members).await?;
    let layout = match form.format.as_str() {
        "bandes" => Layout::Slips,
        _ => Layout::Sheets,
    };
    let back = path_of(at.uai(), &form.classe);
    let now = app.ambient.now();
    Ok(letters::show(&app, &at, &letters, layout, now, back))
}

/// Gives all of them a password, in one transaction once all hashes are made. Whoever
/// changed meanwhile gets no letter.
async fn give_all(
    app: &Admin,
    at: &AtDesk,
    class: &str,
    whom: Whom,
    members: &[Member],
) -> Result<Vec<Letter>, PageError> {
    // Classes come one after another, in the order in which they were asked for.
    let _turn = app.letters().acquire().await.map_err(unavailable)?;
    let hashed = hash_all(app, members.len()).await?;
    // Two nodes that hold accounts of one family hold them in one order.
    let mut given: Vec<_> = members.iter().zip(hashed).enumerate().collect();
    given.sort_by_key(|(_, (member, _))| member.account);
    let transaction = begin(app).await?;
    let mut letters = Vec::new();
    for (place, (member, (password, hash))) in given {
        let contacts = contacts::find_all(&transaction, member.account)
            .await
            .map_err(unavailable)?;
        let (ambient, id) = (&app.ambient, member.account);
        let given =
            desk::give_provisional(&transaction, ambient, &at.desk, id, whom.states(), &hash).await;
        let Some(given) = given.map_err(unavailable)? else {
            continue;
        };
        let what = WhatTheSchoolDid::ProvisionalPassword;
        tell_at(app, &transaction, at, &given.account, &contacts, what)
            .await
            .map_err(unavailable)?;
        let letter = Letter {
            name: member.name.clone(),
            kind: whom.kind(),
            class: Some(class.to_owned()),
            identifier: member.identifier.clone(),
            password,
        };
        letters.push((place, letter));
    }
    commit(app, transaction).await?;
    letters.sort_by_key(|(place, _)| *place);
    Ok(letters.into_iter().map(|(_, letter)| letter).collect())
}

/// So many passwords with their hashes: one at a time goes through the pool, so that
/// sign-ins never wait for more than one of them.
async fn hash_all(app: &Admin, count: usize) -> Result<Vec<(Secret, String)>, PageError> {
    let hashing = async {
        let mut hashed = Vec::with_capacity(count);
        while hashed.len() < count {
            let password = provisional::generate(&app.ambient);
            match app.passwords.hash(password.clone()).await {
                Ok(hash) => hashed.push((password, hash)),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
        hashed
    };
    tokio::time::timeout(PATIENCE, hashing)
        .await
        .map_err(|_| PageError::busy(BUSY_WAIT))
}

/// Somebody of the class.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    identifier: String,
    state: TextKey,
    way: String,
}

#[derive(Debug, Serialize)]
struct Group {
    value: &'static str,
    text: TextKey,
    count: usize,
}

/// A part of a large class: the first and the last of its names. Where groups are of several
/// sizes, those of the largest.
#[derive(Debug, Serialize)]
struct Part {
    from: usize,
    to: usize,
}

/// The context of `admin/desk/class.html`.
#[derive(Debug, Serialize)]
struct ClassPage {
    head: Head,
    class: String,
    action: String,
    lines: Vec<Line>,
    options: Vec<Group>,
    /// None where a page holds every group.
    parts: Vec<Part>,
    most: usize,
    errors: FormErrors,
    /// Who is on the page, for the trail.
    #[serde(skip)]
    shown: Vec<AccountId>,
}

impl ClassPage {
    async fn load(
        app: &Admin,
        at: &AtDesk,
        class: &str,
        errors: FormErrors,
    ) -> Result<Self, PageError> {
        let reader = app.database.reader();
        let members = async |kind| {
            let found = desk::find_members(reader, at.uai(), class, kind).await;
            found.map_err(unavailable)
        };
        let pupils = members(PersonKind::Pupil).await?;
        if pupils.is_empty() {
            return Err(PageError::not_found());
        }
        let guardians = members(PersonKind::Guardian).await?;
        Ok(Self::of(
            at.head(),
            at.uai(),
            class,
            &pupils,
            &guardians,
            errors,
        ))
    }

    fn of(
        head: Head,
        school: &Uai,
        class: &str,
        pupils: &[Member],
        guardians: &[Member],
        errors: FormErrors,
    ) -> Self {
        let options = options(pupils, guardians);
        let largest = options.iter().map(|option| option.count).max();
        Self {
            head,
            class: class.to_owned(),
            action: path_of(school, class),
            lines: pupils.iter().map(|pupil| line(school, pupil)).collect(),
            parts: parts(largest.unwrap_or(0)),
            most: MOST,
            options,
            errors,
            shown: pupils.iter().map(|pupil| pupil.account).collect(),
        }
    }
}

fn parts(largest: usize) -> Vec<Part> {
    if largest <= MOST {
        return Vec::new();
    }
    let part = |from| Part {
        from: from + 1,
        to: largest.min(from + MOST),
    };
    (0..largest).step_by(MOST).map(part).collect()
}

fn line(school: &Uai, member: &Member) -> Line {
    Line {
        name: format!("{} {}", member.name.family, member.name.given),
        identifier: member.identifier.to_string(),
        state: words::state(member.state, false),
        way: PersonPage(school, member.account).path().into_owned(),
    }
}

fn options(pupils: &[Member], guardians: &[Member]) -> Vec<Group> {
    let option = |whom: Whom| {
        let members = match whom.kind() {
            PersonKind::Guardian => guardians,
            PersonKind::Pupil | PersonKind::Officer | PersonKind::Administrator => pupils,
        };
        Group {
            value: whom.as_str(),
            text: whom.text(),
            count: whom.among(members).count(),
        }
    };
    Whom::ALL.into_iter().map(option).collect()
}

impl Page for ClassPage {
    const TEMPLATE: &'static str = "admin/desk/class.html";

    fn samples() -> Vec<Self> {
        let school = sample_school();
        let member = |given: &str, state| Member {
            account: sample_account(),
            identifier: domain::identifier::AccountIdentifier::parse("a.dubois6")
                .expect("an identifier"),
            name: domain::name::PersonName {
                given: given.into(),
                family: "DE LA TOUR D’AUVERGNE-LAURAGUAIS".into(),
            },
            state,
        };
        let pupils = [
            member("Adam", AccountState::Active),
            member("Zoé", AccountState::Known),
        ];
        let sample = |pupils: &[Member], errors| {
            Self::of(Head::sample(), &school, "4e A", pupils, &[], errors)
        };
        let in_parts = Self {
            parts: parts(2 * MOST + 2),
            ..sample(&pupils, FormErrors::none())
        };
        let none = TextKey::new("desk-class-whom-none");
        vec![
            sample(&pupils, FormErrors::none()),
            sample(&pupils, FormErrors::none().field("qui", none)),
            in_parts,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ClassPage>();
    }
}
