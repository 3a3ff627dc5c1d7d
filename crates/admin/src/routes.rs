//! Addresses of the console.

use domain::permission::Permission;
use web::{Route, TextKey};

use crate::{agents::routes::Agents, clients::routes::Clients};

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Route for $name {
            const PATTERN: &'static str = $path;
        }
    )*};
}

fixed! {
    /// Where the console begins.
    Home = "/admin";
    /// « Journal »: the audit trail, searched.
    Journal = "/admin/journal";
    /// A lost second factor, for whom no school can help.
    LostFactor = "/admin/seconde-verification";
    /// How the service does.
    Service = "/admin/service";
}

/// A part of the console: an entry of its navigation.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Where it begins.
    pub path: &'static str,
    /// What it is called.
    pub title: TextKey,
    /// What is done there, in a sentence; none of where the console begins.
    pub about: Option<TextKey>,
    /// Who may see it; everybody at the console where absent.
    pub permission: Option<Permission>,
}

impl Section {
    /// Whether a page belongs to it.
    pub fn holds(&self, path: &str) -> bool {
        let below = path.strip_prefix(self.path);
        below.is_some_and(|rest| {
            rest.is_empty() || (self.path != Home::PATTERN && rest.starts_with('/'))
        })
    }
}

/// All parts, in the order in which the navigation shows them.
pub const SECTIONS: &[Section] = &[
    Section {
        path: Home::PATTERN,
        title: TextKey::new("admin-home-title"),
        about: None,
        permission: None,
    },
    Section {
        path: Clients::PATTERN,
        title: TextKey::new("admin-clients-title"),
        about: Some(TextKey::new("admin-about-clients")),
        permission: Some(Permission::ReadClients),
    },
    Section {
        path: Journal::PATTERN,
        title: TextKey::new("journal-title"),
        about: Some(TextKey::new("admin-about-journal")),
        permission: Some(Permission::ReadAudit),
    },
    Section {
        path: Agents::PATTERN,
        title: TextKey::new("agents-title"),
        about: Some(TextKey::new("admin-about-agents")),
        permission: Some(Permission::AppointPeople),
    },
    Section {
        path: LostFactor::PATTERN,
        title: TextKey::new("lost-factor-title"),
        about: Some(TextKey::new("admin-about-factor")),
        permission: Some(Permission::RemoveAnyFactor),
    },
    Section {
        path: Service::PATTERN,
        title: TextKey::new("service-title"),
        about: Some(TextKey::new("admin-about-service")),
        permission: Some(Permission::WatchService),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_one_section_at_most() {
        let holding = |path: &str| {
            let holds = SECTIONS.iter().filter(|section| section.holds(path));
            holds.map(|section| section.path).collect::<Vec<_>>()
        };
        assert_eq!(holding("/admin"), ["/admin"]);
        assert_eq!(holding("/admin/clients"), ["/admin/clients"]);
        assert_eq!(holding("/admin/clients/ent/secrets"), ["/admin/clients"]);
        assert!(holding("/admin/clientele").is_empty());
        assert!(holding("/admin/ecoles/0750002V").is_empty());
    }
}
