//! Every page of the console: its address, its method, and what it asks of whoever comes.
//! The router is made of this table and of nothing else, and tests walk it, so that no page is
//! forgotten (docs/PERMISSIONS.md).

use domain::permission::Permission;

use crate::{
    agents, clients, desk,
    door::{Entry, Needs},
    home, journal, lost_factor,
    routes::{Home, Journal},
    service,
};

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
