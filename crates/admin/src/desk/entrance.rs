//! How every page of a desk begins: who is there, at which of their schools, about whom.

use domain::{ids::AccountId, school::Uai};
use idp::{App, app::unavailable, guard::coarse};
use serde::Serialize;
use store::{
    desk::{self, Desk, Person},
    schools::{self, SchoolContact},
};
use web::{PageError, Route, View};

use super::{
    people,
    routes::{PendingActs, Reports, SchoolHome},
};
use crate::visitor::{Frame, Visitor};

/// An officer at the desk of a school, with the permission that the page needs.
#[derive(Debug)]
pub(crate) struct AtDesk {
    /// Who.
    pub(crate) visitor: Visitor,
    /// At which school, for acts.
    pub(crate) desk: Desk,
    /// How the school is called and reached.
    pub(crate) school: SchoolContact,
}

/// The desk of the school whose page this is: the door has seen to the permission.
///
/// # Errors
/// There is no such school.
pub(crate) async fn enter(app: &App, visitor: Visitor) -> Result<AtDesk, PageError> {
    let uai = visitor.school.clone().ok_or_else(PageError::not_found)?;
    let school = schools::find_by_uai(app.database.reader(), &uai).await;
    let school = school.map_err(unavailable)?;
    let desk = Desk {
        officer: visitor.account().id,
        school: uai,
        network: coarse(&visitor.signed_in.visit.network),
    };
    Ok(AtDesk {
        school: school.ok_or_else(PageError::not_found)?,
        visitor,
        desk,
    })
}

impl AtDesk {
    /// The frame of the page.
    pub(crate) const fn view(&self) -> &View {
        self.visitor.view()
    }

    /// The school.
    pub(crate) const fn uai(&self) -> &Uai {
        &self.desk.school
    }

    /// The person of an id in an address, if the school has a record of them. Whatever else
    /// stands there is nobody's.
    ///
    /// # Errors
    /// The page that says that there is none.
    pub(crate) async fn person(&self, app: &App, id: &str) -> Result<Person, PageError> {
        let id: AccountId = id.parse().map_err(|_| PageError::not_found())?;
        let person = desk::find_person(app.database.reader(), self.uai(), id).await;
        person
            .map_err(unavailable)?
            .ok_or_else(PageError::not_found)
    }

    /// The same for a page that shows something of them, which is written down.
    ///
    /// # Errors
    /// The page that says that there is none.
    pub(crate) async fn see(&self, app: &App, id: &str) -> Result<Person, PageError> {
        let person = self.person(app, id).await?;
        let (writer, account) = (app.database.writer(), person.account.id);
        let seen = desk::record_seen(writer, &app.ambient, &self.desk, account).await;
        seen.map_err(unavailable)?;
        Ok(person)
    }

    /// What the head of every page of the desk shows.
    pub(crate) fn head(&self) -> Head {
        Head {
            frame: self.visitor.frame(),
            school: self.school.name.clone(),
            uai: self.uai().to_string(),
            ways: Ways::of(self.uai()),
        }
    }
}

/// What the head of every page of the desk shows.
#[derive(Debug, Serialize)]
pub(crate) struct Head {
    pub(crate) frame: Frame,
    school: String,
    uai: String,
    ways: Ways,
}

#[derive(Debug, Serialize)]
struct Ways {
    home: String,
    people: String,
    reports: String,
    pending: String,
}

impl Ways {
    fn of(school: &Uai) -> Self {
        Self {
            home: SchoolHome(school).path().into_owned(),
            people: people::path_of_all(school),
            reports: Reports(school).path().into_owned(),
            pending: PendingActs(school).path().into_owned(),
        }
    }
}

impl Head {
    /// An example, for pages' samples.
    pub(crate) fn sample() -> Self {
        let school = sample_school();
        Self {
            frame: Frame::sample(),
            school: "Collège Simon-Lavigne".into(),
            uai: school.to_string(),
            ways: Ways::of(&school),
        }
    }
}

/// The school of pages' samples.
pub(crate) fn sample_school() -> Uai {
    Uai::parse("0750002V").expect("a code")
}

/// The account of pages' samples.
pub(crate) fn sample_account() -> AccountId {
    "0198f0a0-0000-7000-8000-000000000001"
        .parse()
        .expect("an id")
}
