//! Which program calls, and what it may.

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use domain::audit::Actor;
use idp::{http::resource, registrar::Author};

use super::problem::Problem;
use crate::state::Admin;

/// Reads registrations, their history and the last use of their secrets.
const READ: &str = "clients:read";
/// Changes them.
const WRITE: &str = "clients:write";
/// Searches the audit trail.
const AUDIT: &str = "audit:read";

/// A program that has a scope: what a handler takes to ask for it.
pub(super) trait Power {
    /// The scope.
    const SCOPE: &'static str;
}

impl Power for Reader {
    const SCOPE: &'static str = READ;
}

impl Power for Writer {
    const SCOPE: &'static str = WRITE;
}

impl Power for Auditor {
    const SCOPE: &'static str = AUDIT;
}

/// A handler, by the scope that it asks for: what its second argument needs.
pub(super) trait Asks<Arguments> {
    /// The scope.
    const SCOPE: &'static str;
}

macro_rules! asks {
    ($($argument:ident)*) => {
        impl<H, P: Power, Answer, $($argument),*> Asks<(P, $($argument,)*)> for H
        where
            H: Fn(State<Admin>, P, $($argument),*) -> Answer,
        {
            const SCOPE: &'static str = P::SCOPE;
        }
    };
}

asks!();
asks!(A);
asks!(A B);
asks!(A B C);

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
        program.must(Self::SCOPE).map(|()| Self)
    }
}

/// A program that may change registrations.
pub(super) struct Writer(Program);

impl FromRequestParts<Admin> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Problem> {
        let program = Program::from_request_parts(parts, state).await?;
        program.must(Self::SCOPE).map(|()| Self(program))
    }
}

/// A program that may search the audit trail.
pub(super) struct Auditor(Program);

impl FromRequestParts<Admin> for Auditor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Admin) -> Result<Self, Problem> {
        let program = Program::from_request_parts(parts, state).await?;
        program.must(Self::SCOPE).map(|()| Self(program))
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
