//! Addresses of what an account leaves behind.

use web::Route;

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name;

        impl Route for $name {
            const PATTERN: &'static str = $path;
        }
    )*};
}

fixed! {
    /// Where one is signed in.
    Sessions = "/compte/sessions";
    /// Ends one session.
    EndSession = "/compte/sessions/fin";
    /// Ends all sessions but this one.
    EndOtherSessions = "/compte/sessions/fin-des-autres";
    /// Services used, and what each learns.
    Services = "/compte/services";
    /// Takes a service's access back.
    Withdraw = "/compte/services/retrait";
    /// What happened to the account.
    History = "/compte/historique";
    /// All data, as a file.
    MyData = "/compte/donnees.json";
    /// The language of messages.
    Language = "/compte/langue";
}
