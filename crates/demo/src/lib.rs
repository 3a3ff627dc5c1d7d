//! The scenery of the demo: people, a portal, a FranceConnect simulator, an inbox, and
//! the folder they live in.
//!
//! This crate owns what `preau demo` shows around the identity provider: the fictional
//! people and registrations of config/, the portal (a relying party written on the
//! openidconnect crate, which knows nothing of our code), the FranceConnect simulator, the
//! page where every mail and SMS arrives, the ports and the data folder.
//!
//! It must not know how the provider is configured and wired: the binary brings that as
//! a [`run::Provider`]. A production build leaves this crate out (feature `demo` of the
//! binary).
//!
//! ```text
//! demo::run(options, provider, shutdown)
//!   1. binds every port, or ends with the number of the one that is taken
//!   2. opens the data folder and writes its preau.toml
//!   3. provider.start(Stage { config, listeners, inbox, … })   the binary's part: opens
//!      the store, migrates, calls demo::seed::seed, starts the node
//!   4. serves the portal, the simulator and the inbox, prints `ready`
//!   5. at shutdown stops them all
//! ```

pub mod clients;
pub mod folder;
pub mod france_connect;
pub mod inbox;
pub mod people;
pub mod portal;
pub mod ports;
pub mod run;
pub mod seed;

mod http_client;
mod look;
mod serving;

pub use run::run;
