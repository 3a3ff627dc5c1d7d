//! What pages need that take a new password, beside its fields.

use std::time::Duration;

use domain::{account::Account, password::PasswordContext};
use idp::passwords::Busy;
use store::{ConnectionTrait, StoreError, people};
use web::PageError;

/// How long a person is asked to wait when all password workers are taken.
const BUSY_WAIT: Duration = Duration::from_secs(3);

/// All password workers are taken: nothing was done.
pub(crate) fn busy(_: Busy) -> PageError {
    PageError::busy(BUSY_WAIT)
}

/// What is known about the owner of a password, of which it must not be made: names,
/// identifier, and the schools of the person or of their children.
///
/// # Errors
/// The database's.
pub(crate) async fn context_of(
    connection: &impl ConnectionTrait,
    account: &Account,
) -> Result<PasswordContext, StoreError> {
    let own = PasswordContext::default()
        .person(&account.name)
        .identifier(&account.identifier);
    let Some(facts) = people::find_whole(connection, account.id).await? else {
        return Ok(own);
    };
    let of_children = facts.children.iter().flat_map(|child| &child.schools);
    let schools = facts.schools.iter().chain(of_children);
    Ok(schools.fold(own, |context, school| context.school(&school.name)))
}
