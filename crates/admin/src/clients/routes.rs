//! Addresses of the pages of registrations.

use std::borrow::Cow;

use web::Route;

/// All registrations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clients;

impl Route for Clients {
    const PATTERN: &'static str = "/admin/clients";
}

/// The form of a new one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewClient;

impl Route for NewClient {
    const PATTERN: &'static str = "/admin/nouveau-client";
}

/// Where a try comes back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrialReturn;

impl Route for TrialReturn {
    const PATTERN: &'static str = "/admin/essai-client";
}

/// Initial access tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InitialTokens;

impl Route for InitialTokens {
    const PATTERN: &'static str = "/admin/jetons-inscription";
}

macro_rules! of_client {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'a> {
            /// The client's id.
            pub(crate) id: &'a str,
        }

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path.replace("{client_id}", self.id).into()
            }
        }
    )*};
}

of_client! {
    /// A registration.
    Client = "/admin/clients/{client_id}";
    /// Whether it works.
    ClientState = "/admin/clients/{client_id}/etat";
    /// Takes it out of the hands of a file.
    Release = "/admin/clients/{client_id}/reprise";
    /// Its secrets.
    Secrets = "/admin/clients/{client_id}/secrets";
    /// Its changes.
    History = "/admin/clients/{client_id}/historique";
    /// How a framework is set up for it.
    Snippets = "/admin/clients/{client_id}/integration";
    /// « Essayer ».
    Trial = "/admin/clients/{client_id}/essai";
    /// Its end.
    Deletion = "/admin/clients/{client_id}/suppression";
}
