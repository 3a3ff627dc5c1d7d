//! Addresses of a school's desk. A school's own stands in each, so that an officer of two
//! schools always knows at which they are.

use std::borrow::Cow;

use domain::{
    ids::{AccountId, GroupingId, PendingActId},
    school::Uai,
};
use web::Route;

macro_rules! of_school {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'a>(
            /// The school.
            pub(crate) &'a Uai,
        );

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path.replace("{uai}", self.0.as_str()).into()
            }
        }
    )*};
}

of_school! {
    /// Where the desk begins.
    SchoolHome = "/admin/ecoles/{uai}";
    /// People who are looked for.
    People = "/admin/ecoles/{uai}/personnes";
    /// A class, and its letters; its name stands in the query.
    ClassLetters = "/admin/ecoles/{uai}/classe";
    /// Reported links.
    Reports = "/admin/ecoles/{uai}/signalements";
    /// Acts that wait.
    PendingActs = "/admin/ecoles/{uai}/demandes";
}

macro_rules! of_person {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'a>(
            /// The school.
            pub(crate) &'a Uai,
            /// The account.
            pub(crate) AccountId,
        );

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path
                    .replace("{uai}", self.0.as_str())
                    .replace("{compte}", &self.1.to_string())
                    .into()
            }
        }
    )*};
}

of_person! {
    /// A person.
    PersonPage = "/admin/ecoles/{uai}/personnes/{compte}";
    /// A new provisional password.
    NewProvisional = "/admin/ecoles/{uai}/personnes/{compte}/mot-de-passe";
    /// A recovery that is sent to a confirmed contact.
    StartRecovery = "/admin/ecoles/{uai}/personnes/{compte}/recuperation";
    /// A reset after an identity was checked.
    AskReset = "/admin/ecoles/{uai}/personnes/{compte}/remise-a-zero";
    /// A lost second factor.
    AskFactorRemoval = "/admin/ecoles/{uai}/personnes/{compte}/seconde-verification";
    /// The contacts that the school has.
    CorrectContacts = "/admin/ecoles/{uai}/personnes/{compte}/coordonnees";
    /// A suspension.
    Suspend = "/admin/ecoles/{uai}/personnes/{compte}/suspension";
    /// The end of a suspension.
    Reactivate = "/admin/ecoles/{uai}/personnes/{compte}/retablissement";
    /// Another account of the same person.
    GroupWith = "/admin/ecoles/{uai}/personnes/{compte}/regroupement";
    /// What happened.
    PersonHistory = "/admin/ecoles/{uai}/personnes/{compte}/historique";
}

macro_rules! of_link {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'a> {
            /// The school.
            pub(crate) school: &'a Uai,
            /// The guardian's account.
            pub(crate) guardian: AccountId,
            /// The pupil's account.
            pub(crate) pupil: AccountId,
        }

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path
                    .replace("{uai}", self.school.as_str())
                    .replace("{compte}", &self.guardian.to_string())
                    .replace("{eleve}", &self.pupil.to_string())
                    .into()
            }
        }
    )*};
}

of_link! {
    /// A wrong link is ended.
    EndLink = "/admin/ecoles/{uai}/personnes/{compte}/liens/{eleve}/fin";
    /// A link that was ended counts again.
    RestoreLink = "/admin/ecoles/{uai}/personnes/{compte}/liens/{eleve}/retablissement";
    /// A reported link is answered.
    AnswerReport = "/admin/ecoles/{uai}/personnes/{compte}/liens/{eleve}/reponse";
}

/// A grouping is undone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UndoGrouping<'a>(
    pub(crate) &'a Uai,
    pub(crate) AccountId,
    pub(crate) GroupingId,
);

impl Route for UndoGrouping<'_> {
    const PATTERN: &'static str =
        "/admin/ecoles/{uai}/personnes/{compte}/regroupements/{regroupement}/annulation";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN
            .replace("{uai}", self.0.as_str())
            .replace("{compte}", &self.1.to_string())
            .replace("{regroupement}", &self.2.to_string())
            .into()
    }
}

macro_rules! of_act {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'a>(
            /// The school.
            pub(crate) &'a Uai,
            /// The act.
            pub(crate) PendingActId,
        );

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path
                    .replace("{uai}", self.0.as_str())
                    .replace("{demande}", &self.1.to_string())
                    .into()
            }
        }
    )*};
}

of_act! {
    /// An act that waits is carried out.
    ConfirmAct = "/admin/ecoles/{uai}/demandes/{demande}/confirmation";
    /// An act that waits is stopped.
    CancelAct = "/admin/ecoles/{uai}/demandes/{demande}/annulation";
}
