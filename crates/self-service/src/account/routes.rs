//! Addresses of « Mes informations ».

use std::borrow::Cow;

use domain::ids::PasskeyId;
use web::Route;

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name;

        impl Route for $name {
            const PATTERN: &'static str = $path;
        }
    )*};
}

fixed! {
    /// « Modifier mon mot de passe ».
    ChangePassword = "/compte/mot-de-passe";
    /// « Choisir un mot de passe ».
    ChoosePassword = "/compte/choisir-un-mot-de-passe";
    /// « Vérification en deux étapes ».
    SecondFactor = "/compte/verification-en-deux-etapes";
    /// « Ajouter une application ».
    AddApplication = "/compte/verification-en-deux-etapes/application";
    /// « Obtenir de nouveaux codes ».
    NewRecoveryCodes = "/compte/verification-en-deux-etapes/codes";
    /// « Ne plus demander de code ».
    RemoveApplication = "/compte/verification-en-deux-etapes/retrait";
    /// Passkeys are asked for after the password.
    AskForPasskeys = "/compte/verification-en-deux-etapes/cles-d-acces";
    /// They are no longer.
    StopAskingForPasskeys = "/compte/verification-en-deux-etapes/cles-d-acces/retrait";
    /// « Clés d'accès ».
    Passkeys = "/compte/cles-d-acces";
    /// « Ajouter une clé d'accès ».
    AddPasskey = "/compte/cles-d-acces/ajout";
    /// What the device is asked for it.
    PasskeyQuestion = "/compte/cles-d-acces/question";
    /// « Modifier mon adresse mail ».
    ChangeEmail = "/compte/email";
    /// « Renvoyer un email de validation ».
    ResendEmail = "/compte/email/renvoi";
    /// Where the link of a mail leads that confirms an address.
    EmailConfirmation = "/compte/email/confirmation";
    /// Where the link of a mail leads that takes a change of address back.
    EmailCancellation = "/compte/email/annulation";
    /// « Modifier mon numéro de portable ».
    ChangePhone = "/compte/telephone";
}

/// « Retirer » a passkey.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RemovePasskey {
    /// Which. Whose it is, the store says each time.
    pub(crate) passkey: PasskeyId,
}

impl Route for RemovePasskey {
    const PATTERN: &'static str = "/compte/cles-d-acces/{cle}/retrait";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN
            .replace("{cle}", &self.passkey.to_string())
            .into()
    }
}

macro_rules! of_journey {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'a> {
            /// The journey's name.
            pub(crate) journey: &'a str,
        }

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path.replace("{journey}", self.journey).into()
            }
        }
    )*};
}

of_journey! {
    /// « Mise à jour de l'adresse mail », without the secret of the mail in its address.
    EmailRecapitulation = "/compte/email/confirmation/{journey}";
    /// The page that takes a change of address back, without the secret either.
    EmailUndoing = "/compte/email/annulation/{journey}";
    /// The page that shows the key of an application to be set up.
    Application = "/compte/verification-en-deux-etapes/application/{journey}";
    /// « Code reçu par SMS ».
    PhoneCodeStep = "/compte/telephone/{journey}";
    /// Another code.
    ResendPhoneCode = "/compte/telephone/{journey}/renvoi";
}

macro_rules! of_upstream {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'a> {
            /// The upstream's name.
            pub(crate) upstream: &'a str,
        }

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path.replace("{fournisseur}", self.upstream).into()
            }
        }
    )*};
}

of_upstream! {
    /// Another provider, and whether it opens the account.
    UpstreamOfAccount = "/compte/fournisseurs/{fournisseur}";
    /// It shall.
    LinkUpstream = "/compte/fournisseurs/{fournisseur}/liaison";
    /// It shall no longer.
    UnlinkUpstream = "/compte/fournisseurs/{fournisseur}/retrait";
}
