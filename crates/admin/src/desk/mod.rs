//! The desk of a school: its officers find people of the school and help them. What is done
//! is a function of `store::desk`; what is said to the owner is written in the same
//! transaction.
//!
//! - `entrance`: who is there, at which school, about whom;
//! - `home`, `people`, `person`, `history`, `class`: what is seen;
//! - `act`, `acting`: what the pages and the doing of every act share;
//! - `passwords`, `letters`: provisional passwords, on paper;
//! - `recovery`, `resets`, `pending`: passwords and second factors that somebody lost;
//! - `corrections`, `suspension`, `links`, `reports`, `groupings`: the rest.

pub(crate) mod act;
pub(crate) mod acting;
mod class;
mod corrections;
mod entrance;
mod groupings;
mod history;
mod home;
mod letters;
mod links;
mod passwords;
mod pending;
mod people;
mod person;
mod recovery;
mod reports;
pub(crate) mod resets;
pub(crate) mod routes;
mod suspension;
mod words;

use domain::permission::Permission as P;

pub use self::pending::carry_out_due;
use self::routes::{
    AnswerReport, AskFactorRemoval, AskReset, CancelAct, ClassLetters, ConfirmAct, CorrectContacts,
    EndLink, GroupWith, NewProvisional, PendingActs, People, PersonHistory, PersonPage, Reactivate,
    Reports, RestoreLink, SchoolHome, StartRecovery, Suspend, UndoGrouping,
};
use crate::door::{Entry, Needs};

/// All pages of a desk.
pub(crate) fn entries() -> Vec<Entry> {
    let school = Needs::School;
    let mut entries = vec![
        Entry::get::<SchoolHome<'_>, _, _>(school(P::FindPeople), home::get),
        Entry::get::<People<'_>, _, _>(school(P::FindPeople), people::get),
        Entry::get::<PersonPage<'_>, _, _>(school(P::FindPeople), person::get),
        Entry::get::<PersonHistory<'_>, _, _>(school(P::ReadHistory), history::get),
        Entry::get::<ClassLetters<'_>, _, _>(school(P::FindPeople), class::get),
        Entry::post::<ClassLetters<'_>, _, _>(school(P::GivePasswords), class::post).recently(),
        Entry::get::<NewProvisional<'_>, _, _>(school(P::GivePasswords), passwords::get).recently(),
        Entry::post::<NewProvisional<'_>, _, _>(school(P::GivePasswords), passwords::post)
            .recently(),
        Entry::get::<CorrectContacts<'_>, _, _>(school(P::CorrectRecords), corrections::get)
            .recently(),
        Entry::post::<CorrectContacts<'_>, _, _>(school(P::CorrectRecords), corrections::post)
            .recently(),
        Entry::get::<Suspend<'_>, _, _>(school(P::SuspendAccounts), suspension::get).recently(),
        Entry::post::<Suspend<'_>, _, _>(school(P::SuspendAccounts), suspension::post).recently(),
        Entry::get::<Reactivate<'_>, _, _>(school(P::SuspendAccounts), suspension::get_back)
            .recently(),
        Entry::post::<Reactivate<'_>, _, _>(school(P::SuspendAccounts), suspension::post_back)
            .recently(),
    ];
    entries.extend(recovery_entries());
    entries.extend(link_entries());
    entries
}

fn recovery_entries() -> Vec<Entry> {
    let school = Needs::School;
    vec![
        Entry::get::<StartRecovery<'_>, _, _>(school(P::RecoverAccounts), recovery::get).recently(),
        Entry::post::<StartRecovery<'_>, _, _>(school(P::RecoverAccounts), recovery::post)
            .recently(),
        Entry::get::<AskReset<'_>, _, _>(school(P::RecoverAccounts), resets::get_reset).recently(),
        Entry::post::<AskReset<'_>, _, _>(school(P::RecoverAccounts), resets::post_reset)
            .recently(),
        Entry::get::<AskFactorRemoval<'_>, _, _>(school(P::RemoveFactors), resets::get_factor)
            .recently(),
        Entry::post::<AskFactorRemoval<'_>, _, _>(school(P::RemoveFactors), resets::post_factor)
            .recently(),
        Entry::get::<PendingActs<'_>, _, _>(school(P::ConfirmReset), pending::list),
        Entry::get::<ConfirmAct<'_>, _, _>(school(P::ConfirmReset), pending::get_confirm)
            .recently(),
        Entry::post::<ConfirmAct<'_>, _, _>(school(P::ConfirmReset), pending::post_confirm)
            .recently(),
        Entry::get::<CancelAct<'_>, _, _>(school(P::ConfirmReset), pending::get_cancel),
        Entry::post::<CancelAct<'_>, _, _>(school(P::ConfirmReset), pending::post_cancel),
    ]
}

fn link_entries() -> Vec<Entry> {
    let school = Needs::School;
    vec![
        Entry::get::<EndLink<'_>, _, _>(school(P::EndLinks), links::get_end).recently(),
        Entry::post::<EndLink<'_>, _, _>(school(P::EndLinks), links::post_end).recently(),
        Entry::get::<RestoreLink<'_>, _, _>(school(P::EndLinks), links::get_restore).recently(),
        Entry::post::<RestoreLink<'_>, _, _>(school(P::EndLinks), links::post_restore).recently(),
        Entry::get::<Reports<'_>, _, _>(school(P::AnswerReports), reports::list),
        Entry::get::<AnswerReport<'_>, _, _>(school(P::AnswerReports), reports::get).recently(),
        Entry::post::<AnswerReport<'_>, _, _>(school(P::AnswerReports), reports::post).recently(),
        Entry::get::<GroupWith<'_>, _, _>(school(P::GroupAccounts), groupings::get).recently(),
        Entry::post::<GroupWith<'_>, _, _>(school(P::GroupAccounts), groupings::post).recently(),
        Entry::get::<UndoGrouping<'_>, _, _>(school(P::GroupAccounts), groupings::get_undo)
            .recently(),
        Entry::post::<UndoGrouping<'_>, _, _>(school(P::GroupAccounts), groupings::post_undo)
            .recently(),
    ]
}
