//! « Je contacte mon établissement »: how a school is reached, found by its town or its
//! code. It knows schools alone, and never says who goes where.

use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use domain::{contact::PhoneNumber, name, school::Uai};
use idp::http::visit::Visit;
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    schools::{self, SchoolContact},
};
use web::{Page, PageError, Route};

use crate::{state::SelfService, ways::Return};

/// The page, with its search in the query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FindSchool;

impl Route for FindSchool {
    const PATTERN: &'static str = "/mon-etablissement";
}

pub(crate) fn routes() -> Router<SelfService> {
    Router::new().route(FindSchool::PATTERN, get(page))
}

/// Schools of a town that are looked at, and those that are shown.
const MOST_READ: u64 = 400;
const MOST_SHOWN: usize = 30;

/// The longest search, in bytes; a longer one finds nothing.
const LONGEST: usize = 100;

/// What somebody looks for.
#[derive(Default, Deserialize)]
struct Search {
    #[serde(default)]
    ville: String,
    #[serde(default)]
    nom: String,
}

async fn page(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
    Query(search): Query<Search>,
) -> Result<Response, PageError> {
    let found = find(&app, &search).await;
    let found = found.map_err(|error| {
        tracing::error!(%error, "a store failed");
        PageError::busy(std::time::Duration::from_secs(5))
    })?;
    Ok(visit.view.render(&SchoolsPage::new(&back, search, found)))
}

/// What was found; none before anything was looked for.
async fn find(
    app: &SelfService,
    search: &Search,
) -> Result<Option<Vec<SchoolContact>>, StoreError> {
    let town = search.ville.trim();
    if town.is_empty() || town.len() > LONGEST || search.nom.len() > LONGEST {
        return Ok((!town.is_empty()).then(Vec::new));
    }
    let reader = app.database.reader();
    if let Ok(uai) = Uai::parse(town) {
        let found = schools::find_by_uai(reader, &uai).await?;
        return Ok(Some(found.into_iter().collect()));
    }
    let mut found = schools::find_by_town(reader, town, MOST_READ).await?;
    let wanted = name::normalise(&search.nom);
    found.retain(|school| has_words(&school.name, &wanted));
    Ok(Some(found))
}

fn has_words(school: &str, wanted: &str) -> bool {
    let school = name::normalise(school);
    wanted.split(' ').all(|word| school.contains(word))
}

/// A school, as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    uai: String,
    name: String,
    town: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// As it is dialled and read in France.
    spoken: Option<String>,
}

impl Shown {
    fn of(school: SchoolContact) -> Self {
        let spoken = school.phone.as_deref().map(spoken);
        Self {
            uai: school.uai,
            name: school.name,
            town: school.town,
            email: school.email,
            phone: school.phone,
            spoken,
        }
    }
}

/// `+33199000001` is `01 99 00 00 01`; other numbers stay as they are.
fn spoken(number: &str) -> String {
    let known = PhoneNumber::parse(number).ok();
    let rest = known.as_ref().and_then(|number| {
        let rest = number.as_str().strip_prefix("+33")?;
        (rest.len() == 9).then(|| format!("0{rest}"))
    });
    let Some(digits) = rest else {
        return number.to_owned();
    };
    let pairs = digits.as_bytes().chunks(2).map(String::from_utf8_lossy);
    pairs.collect::<Vec<_>>().join("\u{a0}")
}

#[derive(Debug, Serialize)]
struct SchoolsPage {
    action: &'static str,
    connexion: Option<String>,
    cancel: String,
    town: String,
    name: String,
    searched: bool,
    schools: Vec<Shown>,
    more: bool,
}

impl SchoolsPage {
    fn new(back: &Return, search: Search, found: Option<Vec<SchoolContact>>) -> Self {
        let searched = found.is_some();
        let found = found.unwrap_or_default();
        Self {
            action: FindSchool::PATTERN,
            connexion: back.name(),
            cancel: back.sign_in(),
            town: search.ville,
            name: search.nom,
            searched,
            more: found.len() > MOST_SHOWN,
            schools: found.into_iter().take(MOST_SHOWN).map(Shown::of).collect(),
        }
    }
}

impl Page for SchoolsPage {
    const TEMPLATE: &'static str = "self-service/schools.html";
    const QUESTION: Option<&'static str> = Some("contacter-l-ecole");

    fn samples() -> Vec<Self> {
        let back = Return::default();
        let school = |with: bool| SchoolContact {
            uai: "0750002V".into(),
            name: "Collège Simon-Lavigne".into(),
            town: with.then(|| "Montferrand-les-Bois".into()),
            email: with.then(|| "secretariat@college-lavigne.example.org".into()),
            phone: with.then(|| "+33199000002".into()),
        };
        let search = || Search {
            ville: "Montferrand".into(),
            nom: String::new(),
        };
        let many = || (0..40).map(|_| school(true)).collect();
        vec![
            Self::new(&back, Search::default(), None),
            Self::new(&back, search(), Some(Vec::new())),
            Self::new(&back, search(), Some(vec![school(true), school(false)])),
            Self::new(&back, search(), Some(many())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<SchoolsPage>();
    }

    #[test]
    fn numbers_are_written_as_they_are_said() {
        assert_eq!(
            spoken("+33199000002").replace('\u{a0}', " "),
            "01 99 00 00 02"
        );
        assert_eq!(spoken("+68740123456"), "+68740123456");
    }

    #[test]
    fn a_name_is_found_by_its_words_in_any_order() {
        assert!(has_words("Collège Simon-Lavigne", "lavigne college"));
        assert!(has_words("Collège Simon-Lavigne", ""));
        assert!(!has_words("Collège Simon-Lavigne", "lycee"));
    }
}
