//! Where the console begins: what one was appointed to, and where one may go.

use axum::{extract::State, response::Response};
use domain::{permission::Role, school::Uai};
use idp::app::unavailable;
use serde::Serialize;
use store::schools;
use web::{Page, PageError, Route};

use crate::{
    desk::routes::SchoolHome,
    state::Admin,
    visitor::{Frame, Visitor},
};

pub(crate) async fn get(State(app): State<Admin>, visitor: Visitor) -> Result<Response, PageError> {
    let mut lines = Vec::new();
    for uai in visitor.powers.schools() {
        let school = schools::find_by_uai(app.database.reader(), uai).await;
        let school = school.map_err(unavailable)?;
        lines.push(SchoolLine::new(uai, school.map(|school| school.name)));
    }
    let roles = visitor.powers.roles();
    Ok(visitor.view().render(&HomePage {
        frame: visitor.frame(),
        administrator: roles.contains(&Role::Administrator),
        auditor: roles.contains(&Role::Auditor),
        schools: lines,
    }))
}

#[derive(Debug, Serialize)]
struct SchoolLine {
    uai: String,
    name: String,
    way: String,
}

impl SchoolLine {
    fn new(uai: &Uai, name: Option<String>) -> Self {
        Self {
            uai: uai.as_str().to_owned(),
            name: name.unwrap_or_default(),
            way: SchoolHome(uai).path().into_owned(),
        }
    }
}

/// The context of `admin/home.html`.
#[derive(Debug, Serialize)]
struct HomePage {
    frame: Frame,
    administrator: bool,
    auditor: bool,
    schools: Vec<SchoolLine>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "admin/home.html";

    fn samples() -> Vec<Self> {
        let school = SchoolLine {
            uai: "0750002V".to_owned(),
            name: "Collège Simone-Veil".to_owned(),
            way: "/admin/ecoles/0750002V".to_owned(),
        };
        let sample = |administrator, auditor, schools| Self {
            frame: Frame::sample(),
            administrator,
            auditor,
            schools,
        };
        vec![
            sample(true, true, Vec::new()),
            sample(false, false, vec![school]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<HomePage>();
    }
}
