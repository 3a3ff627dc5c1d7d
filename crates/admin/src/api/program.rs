//! Which program calls, and what it may.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::audit::Actor;
use idp::{http::resource, registrar::Author};

use super::problem::Problem;
use crate::state::Admin;

/// Reads registrations, their history and the last use of their secrets.
pub(super) const READ: &str = "clients:read";
/// Changes them.
pub(super) const WRITE: &str = "clients:write";

/// Searches the audit trail.
pub(super) const AUDIT: &str = "audit:read";

/// The program that calls.
pub(super) struct Program(resource::Program);

impl FromRequestParts<Admin> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Problem> {
        Ok(Self(resource::program(state, &parts.headers).await?))
    }
}

/// A program that may read registrations.
pub(super) struct Reader;

impl FromRequestParts<Admin> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Problem> {
        let program = Program::from_request_parts(parts, state).await?;
        program.must(READ).map(|()| Self)
    }
}

/// A program that may change registrations.
pub(super) struct Writer(Program);

impl FromRequestParts<Admin> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Problem> {
        let program = Program::from_request_parts(parts, state).await?;
        program.must(WRITE).map(|()| Self(program))
    }
}

/// A program that may search the audit trail.
pub(super) struct Auditor(Program);

impl FromRequestParts<Admin> for Auditor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Problem> {
        let program = Program::from_request_parts(parts, state).await?;
        program.must(AUDIT).map(|()| Self(program))
    }
}

impl Auditor {
    pub(super) const fn client(&self) -> &domain::client::ClientId {
        &self.0.0.client
    }
}

impl Program {
    fn must(&self, scope: &str) -> Result<(), Problem> {
        if self.0.scope.contains(scope) {
            Ok(())
        } else {
            Err(Problem::lacks_scope(scope))
        }
    }
}

impl Writer {
    /// As history and trail name it, with the powers that it may hand on.
    pub(super) fn author(&self) -> Author {
        Author {
            actor: Actor::Client(self.client().clone()),
            powers: Some(self.0.0.scope.clone()),
        }
    }

    pub(super) const fn client(&self) -> &domain::client::ClientId {
        &self.0.0.client
    }
}
