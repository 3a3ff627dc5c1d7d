//! Addresses of the console.

use domain::permission::Permission;
use web::{Route, TextKey};

use crate::{
    agents::routes::Agents, clients::routes::Clients, lost_factor::LostFactor, service::Service,
};

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
}

/// A part of the console: an entry of its navigation.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Where it begins.
    pub path: &'static str,
    /// What it is called.
    pub title: TextKey,
    /// Who may see it; everybody at the console where absent.
    pub permission: Option<Permission>,
}

/// All parts, in the order in which the navigation shows them.
pub const SECTIONS: &[Section] = &[
    Section {
        path: Home::PATTERN,
        title: TextKey::new("admin-home-title"),
        permission: None,
    },
    Section {
        path: Clients::PATTERN,
        title: TextKey::new("admin-clients-title"),
        permission: Some(Permission::ReadClients),
    },
    Section {
        path: Journal::PATTERN,
        title: TextKey::new("journal-title"),
        permission: Some(Permission::ReadAudit),
    },
    Section {
        path: Agents::PATTERN,
        title: TextKey::new("agents-title"),
        permission: Some(Permission::AppointPeople),
    },
    Section {
        path: LostFactor::PATTERN,
        title: TextKey::new("lost-factor-title"),
        permission: Some(Permission::RemoveAnyFactor),
    },
    Section {
        path: Service::PATTERN,
        title: TextKey::new("service-title"),
        permission: Some(Permission::WatchService),
    },
];
