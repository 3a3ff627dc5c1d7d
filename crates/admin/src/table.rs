//! Every page of the console: its address, its method, and what it asks of whoever comes.
//! The router is made of this table and of nothing else, and tests walk it, so that no page
//! is forgotten (docs/PERMISSIONS.md).

use axum::{Router, handler::Handler, routing};
use domain::permission::{Permission, Powers};
use domain::school::Uai;
use http::Method;
use web::Route;

use crate::{
    agents, desk, home, journal,
    routes::{Home, Journal},
    service,
    state::Admin,
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
    pub fn are_met(self, powers: &Powers, school: &Uai) -> bool {
        match self {
            Self::Console => !powers.is_empty(),
            Self::Service(permission) => powers.may(permission),
            Self::School(permission) => powers.may_at(permission, school),
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
            handler: routing::post(handler),
        }
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
    all.extend(service::entries());
    all
}

/// The router of a table.
pub(crate) fn router(entries: Vec<Entry>) -> Router<Admin> {
    entries.into_iter().fold(Router::new(), |router, entry| {
        router.route(entry.pattern, entry.handler)
    })
}
