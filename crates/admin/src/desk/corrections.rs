//! Contacts that the school has, corrected: a number or an address of its own record, by
//! which families come in. What the owner of an account confirmed is theirs.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    contact::{EmailAddress, PhoneNumber},
    ids::RecordId,
    phone::DEFAULT_SMS_COUNTRIES,
};
use idp::app::unavailable;
use serde::Deserialize;
use store::desk::{self, Correction, Person, RecordView};
use web::{FormErrors, PageError, Posted, TextKey};

use super::{
    act::{self, Act, Field},
    acting::{begin, commit},
    entrance::enter,
    passwords::changed,
    person::{Done, after},
    routes::CorrectContacts,
};
use crate::{state::Admin, visitor::Visitor};

#[derive(Deserialize)]
pub(super) struct CorrectionForm {
    #[serde(default)]
    fiche: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    telephone: String,
}

impl CorrectionForm {
    fn of(record: &RecordView) -> Self {
        let text = |contact: Option<String>| contact.unwrap_or_default();
        Self {
            fiche: record.id.to_string(),
            email: text(record.email.as_ref().map(ToString::to_string)),
            telephone: text(record.phone.as_ref().map(ToString::to_string)),
        }
    }

    /// What the record shall say; what is left empty is not known.
    fn read(&self) -> Result<Correction, FormErrors> {
        let mut errors = FormErrors::none();
        let mut correction = Correction::default();
        let said = |text: &str| !text.trim().is_empty();
        if said(&self.email) {
            match EmailAddress::parse(&self.email) {
                Ok(email) => correction.email = Some(email),
                Err(_) => errors = errors.field("email", TextKey::new("desk-contacts-email")),
            }
        }
        if said(&self.telephone) {
            let number = PhoneNumber::parse_as_written(&self.telephone).ok();
            match number.filter(|number| number.takes_sms(DEFAULT_SMS_COUNTRIES)) {
                Some(number) => correction.phone = Some(number),
                None => errors = errors.field("telephone", TextKey::new("desk-contacts-phone")),
            }
        }
        if errors.is_empty() {
            Ok(correction)
        } else {
            Err(errors)
        }
    }
}

/// Shows what the school's record says. Of somebody with two records of one school it is the
/// first: the second says the same person.
pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    let record = person.records.first().ok_or_else(PageError::not_found)?;
    let page = contacts_act(&CorrectionForm::of(record));
    let action = CorrectContacts(at.uai(), person.account.id);
    Ok(act::show(&at, &person, page, &action, FormErrors::none()))
}

/// Corrects it.
pub(super) async fn post(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(form): Posted<CorrectionForm>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    let record = own_record(&person, &form.fiche)?;
    let correction = match form.read() {
        Ok(correction) => correction,
        Err(errors) => {
            let action = CorrectContacts(at.uai(), person.account.id);
            let page = contacts_act(&form);
            return Ok(act::show(&at, &person, page, &action, errors));
        }
    };
    let transaction = begin(&app).await?;
    let (id, ambient) = (person.account.id, &app.ambient);
    let done = desk::correct(&transaction, ambient, &at.desk, id, record, &correction).await;
    if done.map_err(unavailable)?.is_none() {
        return Err(changed());
    }
    commit(&app, transaction).await?;
    Ok(Redirect::to(&after(&at, &person, Done::Corrected)).into_response())
}

fn own_record(person: &Person, typed: &str) -> Result<RecordId, PageError> {
    let id: Option<RecordId> = typed.parse().ok();
    let own = person.records.iter().map(|record| record.id);
    id.filter(|id| own.into_iter().any(|own| own == *id))
        .ok_or_else(PageError::not_found)
}

fn contacts_act(form: &CorrectionForm) -> Act {
    let text = |name, label, value: &String| Field::Text {
        name,
        label,
        hint: None,
        value: value.clone(),
        required: false,
    };
    Act {
        title: TextKey::new("desk-contacts-title"),
        lead: TextKey::new("desk-contacts-lead"),
        effects: vec![
            TextKey::new("desk-contacts-effect-record"),
            TextKey::new("desk-contacts-effect-file"),
        ],
        submit: TextKey::new("desk-contacts-submit"),
        is_danger: false,
        fields: vec![
            Field::Hidden {
                name: "fiche",
                value: form.fiche.clone(),
            },
            text(
                "email",
                TextKey::new("desk-contacts-email-label"),
                &form.email,
            ),
            text(
                "telephone",
                TextKey::new("desk-contacts-phone-label"),
                &form.telephone,
            ),
        ],
    }
}
