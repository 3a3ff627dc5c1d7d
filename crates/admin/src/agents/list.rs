//! Everybody who is appointed to something.

use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::school::Uai;
use idp::app::unavailable;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use store::appointments::{self, Appointed};
use web::{Page, PageError, Route};

use super::{
    RoleLine, role_lines,
    routes::{Agent, Agents, NewAgent},
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// How many a page shows.
const MOST: u64 = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    uai: String,
    #[serde(default)]
    apres: String,
}

pub(super) async fn get(
    State(app): State<Admin>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let school = Uai::parse(&asked.uai).ok();
    let after = Some(asked.apres.as_str()).filter(|after| !after.is_empty());
    let reader = app.database.reader();
    let found = appointments::find_appointed(reader, school.as_ref(), after, MOST + 1).await;
    let mut found = found.map_err(unavailable)?;
    let is_more = found.len() as u64 > MOST;
    found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| is_more).map(|last| {
        let after = last.account.identifier.as_str();
        let after = utf8_percent_encode(after, NON_ALPHANUMERIC);
        let uai = school.as_ref().map_or("", Uai::as_str);
        format!("{}?uai={uai}&apres={after}", Agents.path())
    });
    Ok(visitor.view().render(&AgentsPage {
        frame: visitor.frame(),
        action: Agents.path().into_owned(),
        new: NewAgent.path().into_owned(),
        uai: asked.uai,
        lines: found.iter().map(Line::of).collect(),
        next,
    }))
}

#[derive(Debug, Serialize)]
struct Line {
    name: String,
    identifier: String,
    roles: Vec<RoleLine>,
    way: String,
}

impl Line {
    fn of(appointed: &Appointed) -> Self {
        Self {
            name: appointed.account.name.full(),
            identifier: appointed.account.identifier.to_string(),
            roles: role_lines(&appointed.powers),
            way: Agent(appointed.account.id).path().into_owned(),
        }
    }
}

/// The context of `admin/agents/list.html`.
#[derive(Debug, Serialize)]
struct AgentsPage {
    frame: Frame,
    action: String,
    new: String,
    uai: String,
    lines: Vec<Line>,
    next: Option<String>,
}

impl Page for AgentsPage {
    const TEMPLATE: &'static str = "admin/agents/list.html";

    fn samples() -> Vec<Self> {
        use domain::permission::{Powers, Role};
        let college = Uai::parse("0750002V").expect("a code");
        let line = |powers: &Powers| Line {
            name: "Odile RENAUD".into(),
            identifier: "ecole.college".into(),
            roles: role_lines(powers),
            way: Agents.path().into_owned(),
        };
        let officer = Powers::default().at_school(college);
        let both = officer.clone().with(Role::Administrator);
        let sample = |lines: Vec<Line>| Self {
            frame: Frame::sample(),
            action: Agents.path().into_owned(),
            new: NewAgent.path().into_owned(),
            uai: String::new(),
            next: lines.first().map(|_| "/admin/agents?apres=x".into()),
            lines,
        };
        vec![
            sample(Vec::new()),
            sample(vec![line(&officer), line(&both)]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<AgentsPage>();
    }
}
