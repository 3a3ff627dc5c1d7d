//! « Vérification en deux étapes »: an officer or an administrator sets up their first
//! second factor, between the password and the first session.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    account::Account,
    second_factor::RecoveryCode,
    totp::{TotpCode, TotpKey},
};
use notify::NotifyError;
use serde::Serialize;
use store::{StoreError, second_factors};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    pages::{Nothing, open, show_service},
    routes::{Enrolment, EnrolmentPasskey, EnrolmentPasskeyQuestion, RecoveryCodesSeen, SignIn},
    second_factor::{CodeForm, FIELD, to_sign_in},
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    device::Device,
    enrolment::{Proved, ShownKey, enrol},
    entry::{Second, complete},
    flow::Step,
    passkeys::PasskeyForm,
    proven::{self, Standing},
};

/// Shows the key that an application is set up with.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let enrolling = match enrolling(&app, &visit, &name).await? {
        Ok(enrolling) => enrolling,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = EnrolmentPage::new(&app, &visit, &name, &enrolling, FormErrors::none());
    Ok(visit.view.render(&page))
}

/// The page again, with what was wrong.
pub(super) fn again(
    app: &App,
    visit: &Visit,
    name: &str,
    enrolling: &Enrolling,
    errors: FormErrors,
) -> Response {
    let page = EnrolmentPage::new(app, visit, name, enrolling, errors);
    (StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response()
}

/// The recovery codes, this once.
pub(super) fn with_codes(visit: &Visit, name: &str, codes: &[RecoveryCode]) -> Response {
    visit.view.render(&RecoveryCodesPage::new(name, codes))
}

/// Takes a code of the application: it is the second factor from now on. The recovery
/// codes are shown in the answer, and nowhere again.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let enrolling = match enrolling(&app, &visit, &name).await? {
        Ok(enrolling) => enrolling,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let refused = |text| {
        let errors = FormErrors::none().field(FIELD, text);
        Ok(again(&app, &visit, &name, &enrolling, errors))
    };
    let Some(code) = TotpCode::parse_as_written(&form.code) else {
        return refused(TextKey::new("factor-code-malformed"));
    };
    let codes = match set_up(&app, &visit, &enrolling, &code)
        .await
        .map_err(unavailable)?
    {
        SetUp::Done(codes) => codes,
        SetUp::Wrong => return refused(TextKey::new("factor-enrolment-wrong")),
        SetUp::Late => return Ok(to_sign_in(&name)),
    };
    app.notifier.nudge();
    // The sign-in remembers that both were proven: a reload is led to ask for a code.
    proven::prove_both(&app, enrolling.step, Second::Code).await?;
    Ok(with_codes(&visit, &name, &codes))
}

/// The recovery codes were seen: the session begins.
pub(super) async fn seen(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let standing = proven::find(&app, &step).await.map_err(unavailable)?;
    let both = standing.filter(|standing| standing.means.have_second_factor());
    match both {
        Some(Standing {
            account, at, means, ..
        }) if proven::spend(&app, &step).await? => {
            complete(&app, &visit, &name, &account, means, at).await
        }
        _ => Ok(to_sign_in(&name)),
    }
}

enum SetUp {
    Done(Vec<RecoveryCode>),
    Wrong,
    /// The account has a factor already.
    Late,
}

async fn set_up(
    app: &App,
    visit: &Visit,
    enrolling: &Enrolling,
    code: &TotpCode,
) -> Result<SetUp, NotifyError> {
    let Enrolling { account, key, .. } = enrolling;
    let first = second_factors::Enrolment::First;
    let Some(proved) = Proved::by(key, code, first, app) else {
        return Ok(SetUp::Wrong);
    };
    let transaction = app.database.begin().await?;
    let Some(codes) = enrol(app, &transaction, visit, account, key, proved).await? else {
        return Ok(SetUp::Late);
    };
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(SetUp::Done(codes))
}

/// Who sets a factor up, and the sign-in in which that waits.
pub(super) struct Enrolling {
    pub(super) account: Account,
    key: TotpKey,
    pub(super) step: Step,
}

impl Enrolling {
    fn shown(&self) -> ShownKey {
        ShownKey::new(&self.key, self.account.identifier.as_str())
    }
}

/// Who sets a factor up; else the way to the sign-in.
pub(super) async fn enrolling(
    app: &App,
    visit: &Visit,
    name: &str,
) -> Result<Result<Enrolling, Response>, PageError> {
    let step = open(app, visit, name).await?;
    show_service(app, visit, &step.transaction);
    let standing = proven::find(app, &step).await.map_err(unavailable)?;
    Ok(match standing {
        Some(Standing {
            account,
            key: Some(key),
            ..
        }) => Ok(Enrolling { account, key, step }),
        _ => Err(to_sign_in(name)),
    })
}

/// The context of `idp/enrolment.html`.
#[derive(Debug, Serialize)]
struct EnrolmentPage {
    action: String,
    back: String,
    key: ShownKey,
    /// Where there are passkeys.
    passkey: Option<PasskeyForm>,
    /// What the passkey might be called.
    device: Device,
    errors: FormErrors,
}

impl EnrolmentPage {
    fn new(
        app: &App,
        visit: &Visit,
        transaction: &str,
        enrolling: &Enrolling,
        errors: FormErrors,
    ) -> Self {
        let page = Self::of(transaction, enrolling.shown(), errors);
        Self {
            passkey: page.passkey.filter(|_| app.passkeys.is_some()),
            device: Device::of(&visit.headers),
            ..page
        }
    }

    fn of(transaction: &str, key: ShownKey, errors: FormErrors) -> Self {
        let (answer, question) = (
            EnrolmentPasskey { transaction },
            EnrolmentPasskeyQuestion { transaction },
        );
        Self {
            action: Enrolment { transaction }.path().into_owned(),
            back: SignIn { transaction }.path().into_owned(),
            key,
            passkey: Some(PasskeyForm::new(&answer, &question)),
            device: Device::default(),
            errors,
        }
    }
}

impl Page for EnrolmentPage {
    const TEMPLATE: &'static str = "idp/enrolment.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("verification-en-deux-etapes");

    fn samples() -> Vec<Self> {
        let wrong = FormErrors::none().field(FIELD, TextKey::new("factor-enrolment-wrong"));
        [FormErrors::none(), wrong]
            .map(|errors| Self::of("Sample", ShownKey::sample(), errors))
            .into()
    }
}

/// The context of `idp/recovery_codes.html`.
#[derive(Debug, Serialize)]
struct RecoveryCodesPage {
    action: String,
    codes: Vec<String>,
}

impl RecoveryCodesPage {
    fn new(transaction: &str, codes: &[RecoveryCode]) -> Self {
        Self {
            action: RecoveryCodesSeen { transaction }.path().into_owned(),
            codes: codes.iter().map(RecoveryCode::expose).collect(),
        }
    }
}

impl Page for RecoveryCodesPage {
    const TEMPLATE: &'static str = "idp/recovery_codes.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("verification-en-deux-etapes");

    fn samples() -> Vec<Self> {
        vec![Self {
            action: "/connexion/Sample".into(),
            codes: vec!["0123-abcd-89xy".into(); 10],
        }]
    }
}

#[cfg(test)]
mod tests {
    use web::testing::assert_renders;

    use super::*;

    #[test]
    fn the_pages_render() {
        assert_renders::<EnrolmentPage>();
        assert_renders::<RecoveryCodesPage>();
    }
}
