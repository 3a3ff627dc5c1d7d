//! The fields of a new password: in activation, in recovery, and in « Mon compte ».
//!
//! A page's form flattens [`NewPasswordForm`], its context holds the errors and the
//! [`Meter`], and its template calls the macro `new_password` of `fields.html`.

use domain::{
    password::{self, CommonPasswords, PasswordContext, PasswordFault, Strength},
    secret::Secret,
};
use serde::{Deserialize, Serialize};
use web::{FormErrors, TextKey};

const PASSWORD: &str = "nouveau-mot-de-passe";
const CONFIRMATION: &str = "confirmation-mot-de-passe";

/// What the fields hold; `#[serde(flatten)]` in a form.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NewPasswordForm {
    #[serde(rename = "nouveau-mot-de-passe")]
    password: Secret,
    #[serde(rename = "confirmation-mot-de-passe")]
    confirmation: Secret,
}

impl NewPasswordForm {
    /// The password, as typed.
    ///
    /// # Errors
    /// What to say above which field.
    pub(crate) fn read(
        &self,
        context: &PasswordContext,
        common: &CommonPasswords,
    ) -> Result<Secret, FormErrors> {
        let typed = self.password.expose();
        if typed.is_empty() {
            let empty = TextKey::new("new-password-empty");
            return Err(FormErrors::none().field(PASSWORD, empty));
        }
        password::check(typed, context, common)
            .map_err(|fault| FormErrors::none().field(PASSWORD, text_of(fault)))?;
        if self.password != self.confirmation {
            let differs = TextKey::new("new-password-differs");
            return Err(FormErrors::none().field(CONFIRMATION, differs));
        }
        Ok(self.password.clone())
    }

    /// What the meter shows when the page comes again; none for no password.
    pub(crate) fn meter(&self, context: &PasswordContext) -> Option<Meter> {
        let typed = self.password.expose();
        (!typed.is_empty()).then(|| Meter::of(Strength::of(typed, context)))
    }
}

const fn text_of(fault: PasswordFault) -> TextKey {
    match fault {
        PasswordFault::TooShort => TextKey::new("new-password-too-short"),
        PasswordFault::TooLong => TextKey::new("new-password-too-long"),
        PasswordFault::Common => TextKey::new("new-password-common"),
        PasswordFault::Personal => TextKey::new("new-password-personal"),
    }
}

/// The strength of a password as a page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Meter {
    /// From 0 to 4.
    pub(crate) score: u8,
    /// In a word.
    pub(crate) label: TextKey,
}

impl Meter {
    /// Shows a strength.
    pub(crate) const fn of(strength: Strength) -> Self {
        let label = match strength {
            Strength::VeryWeak => TextKey::new("strength-very-weak"),
            Strength::Weak => TextKey::new("strength-weak"),
            Strength::Fair => TextKey::new("strength-fair"),
            Strength::Strong => TextKey::new("strength-strong"),
            Strength::VeryStrong => TextKey::new("strength-very-strong"),
        };
        Self {
            score: strength.score(),
            label,
        }
    }
}

#[cfg(test)]
mod tests {
    use web::Page;

    use super::*;

    #[derive(Serialize)]
    struct SamplePage {
        confirmation: TextKey,
        errors: FormErrors,
        meter: Option<Meter>,
    }

    impl Page for SamplePage {
        const TEMPLATE: &'static str = "self-service/new_password.html";

        fn samples() -> Vec<Self> {
            let empty = Self {
                confirmation: TextKey::new("new-password-confirm"),
                errors: FormErrors::none(),
                meter: None,
            };
            let tried = Strength::ALL.map(|strength| Self {
                confirmation: TextKey::new("new-password-confirm-mine"),
                errors: read("trop court", "").unwrap_err(),
                meter: Some(Meter::of(strength)),
            });
            std::iter::once(empty).chain(tried).collect()
        }
    }

    fn typed(password: &str, confirmation: &str) -> NewPasswordForm {
        NewPasswordForm {
            password: Secret::new(password),
            confirmation: Secret::new(confirmation),
        }
    }

    fn read(password: &str, confirmation: &str) -> Result<Secret, FormErrors> {
        let (context, common) = (PasswordContext::default(), CommonPasswords::default());
        typed(password, confirmation).read(&context, &common)
    }

    #[test]
    fn the_fields_render() {
        web::testing::assert_renders::<SamplePage>();
    }

    #[test]
    fn a_good_password_is_kept_as_typed() {
        let good = " girafe violon couloir ";
        assert_eq!(read(good, good).unwrap().expose(), good);
    }

    #[test]
    fn each_fault_is_said_at_its_field() {
        let long = "tuile ocre ".repeat(100);
        for (password, confirmation, field, text) in [
            ("", "", PASSWORD, "new-password-empty"),
            ("court", "court", PASSWORD, "new-password-too-short"),
            (&long, &long, PASSWORD, "new-password-too-long"),
            ("motdepasse123", "", PASSWORD, "new-password-common"),
            ("Préau-préau-26", "", PASSWORD, "new-password-personal"),
            (
                "girafe violon",
                "Girafe violon",
                CONFIRMATION,
                "new-password-differs",
            ),
        ] {
            let errors = format!("{:?}", read(password, confirmation).unwrap_err());
            assert!(
                errors.contains(field) && errors.contains(text),
                "{text}: {errors}"
            );
        }
    }

    #[test]
    fn the_meter_is_there_once_something_was_typed() {
        let context = PasswordContext::default();
        assert_eq!(typed("", "").meter(&context), None);
        let meter = typed("girafe violon couloir tulipe", "").meter(&context);
        assert_eq!(meter, Some(Meter::of(Strength::VeryStrong)));
    }
}
