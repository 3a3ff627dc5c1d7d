//! Addresses of appointments.

use std::borrow::Cow;

use domain::ids::AccountId;
use web::Route;

/// Who is appointed to what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agents;

impl Route for Agents {
    const PATTERN: &'static str = "/admin/agents";
}

/// A new person for the console.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewAgent;

impl Route for NewAgent {
    const PATTERN: &'static str = "/admin/agents/nouveau";
}

/// One person, and their appointments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agent(pub(crate) AccountId);

impl Route for Agent {
    const PATTERN: &'static str = "/admin/agents/{compte}";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN
            .replace("{compte}", &self.0.to_string())
            .into()
    }
}

/// An appointment is ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndAppointment(pub(crate) AccountId);

impl Route for EndAppointment {
    const PATTERN: &'static str = "/admin/agents/{compte}/fin";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN
            .replace("{compte}", &self.0.to_string())
            .into()
    }
}

/// A link by which somebody sets up their own access.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InviteAgent(pub(crate) AccountId);

impl Route for InviteAgent {
    const PATTERN: &'static str = "/admin/agents/{compte}/lien";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN
            .replace("{compte}", &self.0.to_string())
            .into()
    }
}
