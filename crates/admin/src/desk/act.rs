//! The page of an act: whom it is about, what it does, what it asks for, and its button.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{account::PersonKind, desk::Checked};
use serde::Serialize;
use store::desk::Person;
use web::{FormErrors, Page, Route, TextKey};

use super::{
    acting::TICK,
    entrance::{AtDesk, Head, sample_account, sample_school},
    routes::{PersonPage, Suspend},
    words,
};

/// Whom an act is about.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Subject {
    name: String,
    identifier: String,
    kind: TextKey,
    class: Option<String>,
}

impl Subject {
    pub(super) fn of(person: &Person) -> Self {
        Self {
            name: person.name().full(),
            identifier: person.account.identifier.to_string(),
            kind: words::kind(person.account.kind),
            class: person.classes().next().map(str::to_owned),
        }
    }

    /// An example, for pages' samples.
    pub(super) fn sample(kind: PersonKind) -> Self {
        Self {
            name: "Marie-Charlotte DE LA TOUR D’AUVERGNE".into(),
            identifier: "m.delatourdauvergne1".into(),
            kind: words::kind(kind),
            class: (kind == PersonKind::Pupil).then(|| "4e A".into()),
        }
    }
}

/// One of several things to choose from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Choice {
    value: &'static str,
    text: TextKey,
    chosen: bool,
}

impl Choice {
    pub(super) fn new(value: &'static str, text: TextKey, chosen: bool) -> Self {
        Self {
            value,
            text,
            chosen,
        }
    }
}

/// What the form asks for.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Field {
    /// One of several.
    Choice {
        name: &'static str,
        label: TextKey,
        options: Vec<Choice>,
    },
    /// What was checked: any of several, each a field of its own.
    Checks {
        label: TextKey,
        options: Vec<Choice>,
    },
    /// A line of text.
    Text {
        name: &'static str,
        label: TextKey,
        hint: Option<TextKey>,
        value: String,
        required: bool,
    },
    /// What the form knows already.
    Hidden { name: &'static str, value: String },
}

impl Field {
    /// The boxes for what was checked.
    pub(crate) fn checks(checked: &[Checked]) -> Self {
        let option =
            |one: &Checked| Choice::new(one.as_str(), words::checked(*one), checked.contains(one));
        Self::Checks {
            label: TextKey::new("desk-checked-label"),
            options: Checked::ALL.iter().map(option).collect(),
        }
    }
}

/// The id of the first box, to which the summary of errors leads.
pub(crate) const FIRST_CHECK: &str = "verifie-identity_paper";

/// What an act's page says.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) title: TextKey,
    pub(super) lead: TextKey,
    /// What will happen, one by one.
    pub(super) effects: Vec<TextKey>,
    pub(super) submit: TextKey,
    pub(super) is_danger: bool,
    pub(super) fields: Vec<Field>,
}

/// Shows the page of an act.
pub(super) fn show(
    at: &AtDesk,
    person: &Person,
    act: Act,
    action: &impl Route,
    errors: FormErrors,
) -> Response {
    let is_refused = !errors.is_empty();
    let page = ActPage {
        head: at.head(),
        subject: Subject::of(person),
        title: act.title,
        lead: act.lead,
        effects: act.effects,
        submit: act.submit,
        danger: act.is_danger,
        fields_of_act: act.fields,
        action: action.path().into_owned(),
        cancel: PersonPage(at.uai(), person.account.id).path().into_owned(),
        tick: TICK,
        errors,
    };
    let page = at.view().render(&page);
    if is_refused {
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    }
    page
}

/// The context of `admin/desk/act.html`.
#[derive(Debug, Serialize)]
struct ActPage {
    head: Head,
    subject: Subject,
    title: TextKey,
    lead: TextKey,
    effects: Vec<TextKey>,
    submit: TextKey,
    danger: bool,
    fields_of_act: Vec<Field>,
    action: String,
    cancel: String,
    tick: &'static str,
    errors: FormErrors,
}

impl Page for ActPage {
    const TEMPLATE: &'static str = "admin/desk/act.html";

    fn samples() -> Vec<Self> {
        let school = sample_school();
        let account = sample_account();
        let sample = |act: Act, errors| Self {
            head: Head::sample(),
            subject: Subject::sample(PersonKind::Guardian),
            title: act.title,
            lead: act.lead,
            effects: act.effects,
            submit: act.submit,
            danger: act.is_danger,
            fields_of_act: act.fields,
            action: Suspend(&school, account).path().into_owned(),
            cancel: PersonPage(&school, account).path().into_owned(),
            tick: TICK,
            errors,
        };
        let refused = FormErrors::none().field("motif", TextKey::new("desk-suspend-reason-none"));
        vec![
            sample(super::suspension::act(None, ""), FormErrors::none()),
            sample(super::suspension::act(None, "Voir dossier"), refused),
            sample(super::resets::reset_act(&[]), FormErrors::none()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ActPage>();
    }
}
