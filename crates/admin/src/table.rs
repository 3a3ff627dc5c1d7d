//! Every page of the console: its address, its method, and what it asks of whoever comes.
//! The router is made of this table and of nothing else, it is where each page's needs are
//! asked for, and tests walk it, so that no page is forgotten (docs/PERMISSIONS.md).

use axum::{Router, handler::Handler, middleware, routing};
use domain::permission::{Permission, Powers};
use domain::school::Uai;
use http::Method;
use web::Route;

use crate::{
    agents, clients, desk, home, journal, lost_factor,
    routes::{Home, Journal},
    service,
    state::Admin,
    visitor::{self, Door},
};

/// What a page asks of whoever comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// That they were appointed to anything.
    Console,
    /// A permission of the whole service.
    Service(Permission),
    /// A permission at the school that the address names; without it there is no such page.
    School(Permission),
}

impl Needs {
    /// Whether these powers will do, at this school where the page is one of a school.
    pub fn are_met(self, powers: &Powers, school: Option<&Uai>) -> bool {
        match self {
            Self::Console => !powers.is_empty(),
            Self::Service(permission) => powers.may(permission),
            Self::School(permission) => {
                school.is_some_and(|school| powers.may_at(permission, school))
            }
        }
    }
}

/// A page of the console.
pub struct Entry {
    /// How it is asked for.
    pub method: Method,
    /// Its address, with the names of its parts.
    pub pattern: &'static str,
    /// What it asks of whoever comes.
    pub needs: Needs,
    /// Whether it asks for a sign-in of the last five minutes: what is dangerous does.
    pub is_recent: bool,
    handler: routing::MethodRouter<Admin>,
}

impl Entry {
    /// A page that is looked at.
    pub(crate) fn get<R: Route, H, T>(needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Admin>,
        T: 'static,
    {
        Self {
            method: Method::GET,
            pattern: R::PATTERN,
            needs,
            is_recent: false,
            handler: routing::get(handler),
        }
    }

    /// A form that is sent.
    pub(crate) fn post<R: Route, H, T>(needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Admin>,
        T: 'static,
    {
        Self {
            method: Method::POST,
            pattern: R::PATTERN,
            needs,
            is_recent: false,
            handler: routing::post(handler),
        }
    }

    /// The same for whoever signed in within the last five minutes; others are asked to do so
    /// again, and led back.
    pub(crate) fn recently(mut self) -> Self {
        self.is_recent = true;
        self
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.pattern, self.needs)
    }
}

/// All of them.
pub fn all() -> Vec<Entry> {
    let journal = Needs::Service(Permission::ReadAudit);
    let mut all = vec![
        Entry::get::<Home, _, _>(Needs::Console, home::get),
        Entry::get::<Journal, _, _>(journal, journal::get),
    ];
    all.extend(desk::entries());
    all.extend(agents::entries());
    all.extend(clients::entries());
    all.extend(service::entries());
    all.extend(lost_factor::entries());
    all
}

/// The router of a table: each page behind a door of its own, which asks for what the page
/// needs before its handler is reached.
pub(crate) fn router(entries: Vec<Entry>, state: &Admin) -> Router<Admin> {
    entries.into_iter().fold(Router::new(), |router, entry| {
        let door = Door {
            state: state.clone(),
            needs: entry.needs,
            is_recent: entry.is_recent,
        };
        let door = middleware::from_fn_with_state(door, visitor::admit);
        router.route(entry.pattern, entry.handler.route_layer(door))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of docs/PERMISSIONS.md that say what each page asks for.
    fn rows() -> String {
        let row = |entry: &Entry| {
            let (needs, at) = match entry.needs {
                Needs::Console => ("any appointment".to_owned(), ""),
                Needs::Service(permission) => (format!("`{permission:?}`"), ""),
                Needs::School(permission) => (format!("`{permission:?}`"), ", at the school"),
            };
            let lately = if entry.is_recent { ", lately" } else { "" };
            format!(
                "| {} `{}` | {needs}{at}{lately} |\n",
                entry.method, entry.pattern
            )
        };
        all().iter().map(row).collect()
    }

    #[test]
    fn the_documents_list_every_page_with_what_it_asks_for() {
        let text = include_str!("../../../docs/PERMISSIONS.md");
        let rows = rows();
        assert!(
            text.contains(&rows),
            "docs/PERMISSIONS.md must say:\n{rows}"
        );
    }

    #[test]
    fn what_is_below_a_school_asks_for_a_permission_at_it() {
        for entry in all() {
            let is_below = entry.pattern.starts_with("/admin/ecoles/{uai}");
            let is_of_school = matches!(entry.needs, Needs::School(_));
            assert_eq!(is_below, is_of_school, "{entry:?}");
        }
    }
}
