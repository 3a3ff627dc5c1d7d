//! People who are looked for. Every search is written down, with whom it showed.

use axum::{
    extract::{Query, State},
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{account::PersonKind, school::Uai};
use idp::app::unavailable;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use store::desk::{self, Class, Cursor, Found, Search};
use web::{Page, PageError, Route, TextKey};

use super::{
    entrance::{AtDesk, Head, enter, sample_account, sample_school},
    routes::{People, PersonPage},
    words,
};
use crate::{state::Admin, visitor::Visitor};

/// How many people a page shows.
const MOST: usize = 50;

/// What the address asks for. What is not understood is not asked for.
#[derive(Clone, Default, Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    nom: String,
    #[serde(default)]
    classe: String,
    #[serde(default)]
    enfant: String,
    #[serde(default)]
    qui: String,
    #[serde(default)]
    apres: String,
}

impl Asked {
    fn search(&self) -> Search {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Search {
            name: said(&self.nom),
            class: said(&self.classe),
            child: said(&self.enfant),
            kind: match self.qui.as_str() {
                "eleves" => Some(PersonKind::Pupil),
                "responsables" => Some(PersonKind::Guardian),
                _ => None,
            },
        }
    }

    fn cursor(&self) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.apres).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The address of what comes after.
    fn path_after(&self, school: &Uai, cursor: &Cursor) -> String {
        let cursor = serde_json::to_vec(cursor).expect("a cursor is a document");
        let cursor = URL_SAFE_NO_PAD.encode(cursor);
        let fields = [
            ("nom", self.nom.as_str()),
            ("classe", &self.classe),
            ("enfant", &self.enfant),
            ("qui", &self.qui),
            ("apres", &cursor),
        ];
        let said = fields.iter().filter(|(_, value)| !value.is_empty());
        let pair = |(name, value): &(&str, &str)| {
            format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        };
        let query = said.map(pair).collect::<Vec<_>>().join("&");
        format!("{}?{query}", People(school).path())
    }
}

/// The list of all.
pub(super) fn path_of_all(school: &Uai) -> String {
    People(school).path().into_owned()
}

pub(super) async fn get(
    State(app): State<Admin>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let search = asked.search();
    let reader = app.database.reader();
    let found = desk::find(reader, at.uai(), &search, asked.cursor().as_ref(), MOST).await;
    let (found, next) = found.map_err(unavailable)?;
    let shown: Vec<_> = found.iter().map(|found| found.account).collect();
    desk::record_search(
        app.database.writer(),
        &app.ambient,
        &at.desk,
        &search,
        &shown,
    )
    .await
    .map_err(unavailable)?;
    let classes = desk::find_classes(reader, at.uai()).await;
    let classes = classes.map_err(unavailable)?;
    Ok(at
        .view()
        .render(&PeoplePage::of(&at, asked, &found, next.as_ref(), &classes)))
}

/// Somebody in the list.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    kind: TextKey,
    class: Option<String>,
    identifier: String,
    state: TextKey,
    way: String,
}

impl Line {
    fn of(school: &Uai, found: &Found) -> Self {
        Self {
            name: format!("{} {}", found.name.family, found.name.given),
            kind: words::kind(found.kind),
            class: found.class.clone(),
            identifier: found.identifier.clone(),
            state: words::state(found.state, found.is_suspended_here),
            way: PersonPage(school, found.account).path().into_owned(),
        }
    }
}

/// The context of `admin/desk/people.html`.
#[derive(Debug, Serialize)]
struct PeoplePage {
    head: Head,
    action: String,
    name: String,
    class: String,
    child: String,
    kind: String,
    classes: Vec<String>,
    lines: Vec<Line>,
    next: Option<String>,
}

impl PeoplePage {
    fn of(
        at: &AtDesk,
        asked: Asked,
        found: &[Found],
        next: Option<&Cursor>,
        classes: &[Class],
    ) -> Self {
        let school = at.uai();
        Self {
            head: at.head(),
            action: People(school).path().into_owned(),
            next: next.map(|next| asked.path_after(school, next)),
            name: asked.nom,
            class: asked.classe,
            child: asked.enfant,
            kind: asked.qui,
            classes: classes.iter().map(|class| class.name.clone()).collect(),
            lines: found.iter().map(|found| Line::of(school, found)).collect(),
        }
    }
}

impl Page for PeoplePage {
    const TEMPLATE: &'static str = "admin/desk/people.html";

    fn samples() -> Vec<Self> {
        use domain::account::AccountState::{Active, Known};
        let school = sample_school();
        let line = |name: &str, kind, class: Option<&str>, state| Line {
            name: name.into(),
            kind: words::kind(kind),
            class: class.map(str::to_owned),
            identifier: "m.delatourdauvergnelauraguais1".into(),
            state: words::state(state, false),
            way: PersonPage(&school, sample_account()).path().into_owned(),
        };
        let sample = |lines: Vec<Line>| Self {
            head: Head::sample(),
            action: People(&school).path().into_owned(),
            name: "dubois".into(),
            class: String::new(),
            child: String::new(),
            kind: "responsables".into(),
            classes: vec!["3e C".into(), "4e A".into()],
            next: lines.first().map(|_| "/admin?apres=x".into()),
            lines,
        };
        vec![
            sample(Vec::new()),
            sample(vec![
                line("DUBOIS Adam", PersonKind::Pupil, Some("4e A"), Active),
                line(
                    "DE LA TOUR D’AUVERGNE-LAURAGUAIS Marie-Charlotte",
                    PersonKind::Guardian,
                    None,
                    Known,
                ),
            ]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<PeoplePage>();
    }
}
