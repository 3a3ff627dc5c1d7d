//! Who may do what with others' data: the one place where it is decided
//! (docs/PERMISSIONS.md is this table in words).

use std::collections::BTreeSet;

use crate::school::Uai;

/// What somebody was appointed to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Runs the service: clients, directories, officers.
    Administrator,
    /// Reads what the service and its people did.
    Auditor,
    /// Directeur, chef d'établissement, référent: helps the families of a school.
    Officer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::Auditor, Self::Officer];

    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::Officer => "officer",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether the role has this permission: everywhere, or, for a permission of a school
    /// ([`Permission::is_of_school`]) and an officer, at the schools of the appointment.
    pub const fn grants(self, permission: Permission) -> bool {
        use Permission::{
            AnswerReports, AppointPeople, ConfirmReset, CorrectRecords, EndLinks, FindPeople,
            GivePasswords, GroupAccounts, ReadAudit, ReadClients, ReadHistory, RecoverAccounts,
            RemoveAnyFactor, RemoveFactors, SuspendAccounts, WatchService, WriteClients,
        };
        match permission {
            WriteClients | AppointPeople | RemoveAnyFactor => matches!(self, Self::Administrator),
            ReadClients | WatchService | ReadAudit => {
                matches!(self, Self::Administrator | Self::Auditor)
            }
            FindPeople | GivePasswords | RecoverAccounts | ConfirmReset | RemoveFactors
            | CorrectRecords | SuspendAccounts | EndLinks | AnswerReports | GroupAccounts
            | ReadHistory => {
                matches!(self, Self::Officer)
            }
        }
    }
}

/// A named right to do something with others' data.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Permission {
    /// See client registrations.
    ReadClients,
    /// Register, change and delete clients, and their secrets.
    WriteClients,
    /// Appoint officers, auditors and administrators, and end that.
    AppointPeople,
    /// See how the service does: messages that were given up, counters.
    WatchService,
    /// Search the whole audit trail.
    ReadAudit,
    /// Find the people of a school and see what the school knows of them.
    FindPeople,
    /// Give new provisional passwords.
    GivePasswords,
    /// Start a recovery, or ask for a reset after an identity was checked.
    RecoverAccounts,
    /// Confirm the reset that another officer asked for.
    ConfirmReset,
    /// Ask for the removal of a lost second factor of anybody's account.
    RemoveAnyFactor,
    /// Ask for the removal of a second factor that somebody of the school lost.
    RemoveFactors,
    /// Correct what the school's records say.
    CorrectRecords,
    /// Suspend and reactivate.
    SuspendAccounts,
    /// End a wrong link.
    EndLinks,
    /// Answer reported links.
    AnswerReports,
    /// Group two accounts, and undo it.
    GroupAccounts,
    /// See what happened to a person's account.
    ReadHistory,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::ReadClients,
        Self::WriteClients,
        Self::AppointPeople,
        Self::WatchService,
        Self::ReadAudit,
        Self::FindPeople,
        Self::GivePasswords,
        Self::RecoverAccounts,
        Self::ConfirmReset,
        Self::RemoveAnyFactor,
        Self::RemoveFactors,
        Self::CorrectRecords,
        Self::SuspendAccounts,
        Self::EndLinks,
        Self::AnswerReports,
        Self::GroupAccounts,
        Self::ReadHistory,
    ];

    /// Whether it is had at a school, not for the service as a whole.
    pub const fn is_of_school(self) -> bool {
        Role::Officer.grants(self)
    }
}

/// All that one person was appointed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Powers {
    roles: BTreeSet<Role>,
    schools: BTreeSet<Uai>,
}

impl Powers {
    /// Makes somebody administrator or auditor of the whole service. An officer is one of
    /// schools: [`Powers::at_school`].
    #[must_use]
    pub fn with(mut self, role: Role) -> Self {
        if role != Role::Officer {
            self.roles.insert(role);
        }
        self
    }

    /// Makes somebody officer of a school.
    #[must_use]
    pub fn at_school(mut self, school: Uai) -> Self {
        self.schools.insert(school);
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.schools.is_empty()
    }

    /// The schools that the person is officer of.
    pub const fn schools(&self) -> &BTreeSet<Uai> {
        &self.schools
    }

    /// The roles that are held for the whole service.
    pub const fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    /// Whether the permission is had for the whole service.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.grants(permission))
    }

    /// Whether the permission is had at a school.
    pub fn may_at(&self, permission: Permission, school: &Uai) -> bool {
        self.may(permission) || (Role::Officer.grants(permission) && self.schools.contains(school))
    }

    /// Whether the permission is had anywhere: whether a page of it is shown at all.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.may(permission) || (Role::Officer.grants(permission) && !self.schools.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn college() -> Uai {
        Uai::parse("0750002V").unwrap()
    }

    fn lycee() -> Uai {
        Uai::parse("0750001U").unwrap()
    }

    #[test]
    fn an_officer_has_power_at_their_schools_alone() {
        let officer = Powers::default().at_school(college());
        for permission in Permission::ALL {
            assert!(!officer.may(permission), "{permission:?}");
            assert!(!officer.may_at(permission, &lycee()), "{permission:?}");
            assert_eq!(
                officer.may_at(permission, &college()),
                permission.is_of_school(),
                "{permission:?}"
            );
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_sees_no_family() {
        let auditor = Powers::default().with(Role::Auditor);
        let had: Vec<_> = Permission::ALL
            .into_iter()
            .filter(|permission| auditor.may_somewhere(*permission))
            .collect();
        assert_eq!(
            had,
            [
                Permission::ReadClients,
                Permission::WatchService,
                Permission::ReadAudit
            ]
        );
    }

    #[test]
    fn an_administrator_does_not_look_into_families() {
        let administrator = Powers::default().with(Role::Administrator);
        assert!(administrator.may(Permission::WriteClients));
        assert!(!administrator.may_at(Permission::FindPeople, &college()));
        assert!(!administrator.may_at(Permission::GivePasswords, &college()));
    }

    /// A row of docs/PERMISSIONS.md: the permission, and yes or nothing for each role.
    fn documented(row: &str) -> Option<(String, [bool; 3])> {
        let mut cells = row.strip_prefix("| `")?.split('|').map(str::trim);
        let name = cells.next()?.split('`').next()?.to_owned();
        let mut yes = || Some(cells.next()? == "yes");
        Some((name, [yes()?, yes()?, yes()?]))
    }

    #[test]
    fn the_table_in_the_documents_is_the_one_that_decides() {
        let text = include_str!("../../../docs/PERMISSIONS.md");
        let rows: Vec<_> = text.lines().filter_map(documented).collect();
        let expected = Permission::ALL.map(|permission| {
            let roles = [Role::Administrator, Role::Auditor, Role::Officer];
            (
                format!("{permission:?}"),
                roles.map(|role| role.grants(permission)),
            )
        });
        assert_eq!(rows, expected);
    }

    #[test]
    fn who_was_appointed_to_nothing_may_nothing() {
        let nobody = Powers::default().with(Role::Officer);
        assert!(nobody.is_empty());
        for permission in Permission::ALL {
            assert!(!nobody.may_somewhere(permission), "{permission:?}");
        }
    }
}
