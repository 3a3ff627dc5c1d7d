//! Who is appointed to what: administrators see, appoint and end.
//!
//! - `list`: all of them;
//! - `person`: one person, to be appointed to more or to less;
//! - `new`: somebody new.

mod list;
mod new;
mod person;
pub(crate) mod routes;

use domain::{
    permission::{Permission, Powers, Role},
    school::Uai,
};
use serde::Serialize;
use store::appointments::Appointment;
use web::{FormErrors, TextKey};

use self::routes::{Agent, Agents, EndAppointment, InviteAgent, NewAgent};
use crate::door::{Entry, Needs};

/// All pages of appointments.
pub(crate) fn entries() -> Vec<Entry> {
    let needs = Needs::Service(Permission::AppointPeople);
    vec![
        Entry::get::<Agents, _, _>(needs, list::get),
        Entry::get::<NewAgent, _, _>(needs, new::get).recently(),
        Entry::post::<NewAgent, _, _>(needs, new::post).recently(),
        Entry::get::<Agent, _, _>(needs, person::get),
        Entry::post::<Agent, _, _>(needs, person::post).recently(),
        Entry::get::<EndAppointment, _, _>(needs, person::back),
        Entry::post::<EndAppointment, _, _>(needs, person::end).recently(),
        Entry::get::<InviteAgent, _, _>(needs, person::back),
        Entry::post::<InviteAgent, _, _>(needs, person::invite).recently(),
    ]
}

const fn role(role: Role) -> TextKey {
    match role {
        Role::Administrator => TextKey::new("agents-role-administrator"),
        Role::Auditor => TextKey::new("agents-role-auditor"),
        Role::Officer => TextKey::new("agents-role-officer"),
    }
}

/// An appointment as pages list it.
#[derive(Debug, Serialize)]
struct RoleLine {
    text: TextKey,
    role: &'static str,
    school: Option<String>,
}

fn role_lines(powers: &Powers) -> Vec<RoleLine> {
    let of_service = powers.roles().iter().map(|one| RoleLine {
        text: role(*one),
        role: one.as_str(),
        school: None,
    });
    let of_schools = powers.schools().iter().map(|school| RoleLine {
        text: role(Role::Officer),
        role: Role::Officer.as_str(),
        school: Some(school.to_string()),
    });
    of_service.chain(of_schools).collect()
}

/// The roles to choose from.
#[derive(Debug, Serialize)]
struct RoleChoice {
    value: &'static str,
    text: TextKey,
    chosen: bool,
}

fn role_choices(chosen: &str) -> Vec<RoleChoice> {
    let choice = |one: Role| RoleChoice {
        value: one.as_str(),
        text: role(one),
        chosen: one.as_str() == chosen,
    };
    Role::ALL.into_iter().map(choice).collect()
}

/// What a role and, of an officer, a school's code come to.
fn read_appointment(role: &str, school: &str) -> Result<Appointment, FormErrors> {
    match Role::parse(role) {
        Some(Role::Administrator) => Ok(Appointment::Administrator),
        Some(Role::Auditor) => Ok(Appointment::Auditor),
        Some(Role::Officer) => match Uai::parse(school) {
            Ok(uai) => Ok(Appointment::Officer(uai)),
            Err(_) => Err(FormErrors::none().field("uai", TextKey::new("agents-uai-fault"))),
        },
        None => Err(FormErrors::none().field("role", TextKey::new("agents-role-none"))),
    }
}
