//! Pages under `/admin/clients`: registrations of relying parties. Every act is the
//! registrar's, as for the API and the command.

mod deletion;
mod edit;
mod fields;
mod head;
mod history;
mod initial_tokens;
mod list;
pub(crate) mod routes;
mod secrets;
mod snippets;
mod trial;

use domain::permission::Permission;

use self::routes::{
    Client, ClientState, Clients, Deletion, History, InitialTokens, NewClient, Release, Secrets,
    Snippets, Trial, TrialReturn,
};
use crate::door::{Entry, Needs};

/// All pages.
pub(crate) fn entries() -> Vec<Entry> {
    let read = Needs::Service(Permission::ReadClients);
    let write = Needs::Service(Permission::WriteClients);
    vec![
        Entry::get::<Clients, _, _>(read, list::get),
        Entry::get::<NewClient, _, _>(write, edit::get_new),
        Entry::post::<NewClient, _, _>(write, edit::post_new),
        Entry::get::<InitialTokens, _, _>(write, initial_tokens::get).recently(),
        Entry::post::<InitialTokens, _, _>(write, initial_tokens::post).recently(),
        Entry::get::<Client<'_>, _, _>(read, edit::get),
        Entry::post::<Client<'_>, _, _>(write, edit::post),
        Entry::get::<ClientState<'_>, _, _>(read, edit::back),
        Entry::post::<ClientState<'_>, _, _>(write, edit::set_state),
        Entry::get::<Release<'_>, _, _>(read, edit::back),
        Entry::post::<Release<'_>, _, _>(write, edit::release),
        Entry::get::<Secrets<'_>, _, _>(write, secrets::get).recently(),
        Entry::post::<Secrets<'_>, _, _>(write, secrets::post).recently(),
        Entry::get::<History<'_>, _, _>(read, history::get),
        Entry::post::<History<'_>, _, _>(write, history::post),
        Entry::get::<Snippets<'_>, _, _>(read, snippets::get),
        Entry::get::<Trial<'_>, _, _>(write, trial::get),
        Entry::post::<Trial<'_>, _, _>(write, trial::post),
        Entry::get::<TrialReturn, _, _>(write, trial::come_back),
        Entry::get::<Deletion<'_>, _, _>(write, deletion::get).recently(),
        Entry::post::<Deletion<'_>, _, _>(write, deletion::post).recently(),
    ]
}
