//! Addresses of recovery. Those that the sign-in page links to stand in
//! `idp::http::routes`.

use std::borrow::Cow;

use web::Route;

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name;

        impl Route for $name {
            const PATTERN: &'static str = $path;
        }
    )*};
}

fixed! {
    /// An address is typed.
    IdentifierByMail = "/identifiant-perdu/email";
    /// « Vérifiez vos emails ! »
    IdentifierMailed = "/identifiant-perdu/email/envoye";
    /// A number is typed.
    IdentifierBySms = "/identifiant-perdu/sms";
    /// « Vérifiez votre téléphone ! »
    IdentifierTexted = "/identifiant-perdu/sms/envoye";
    /// « Vérifiez vos emails ! »
    PasswordMailed = "/mot-de-passe-perdu/email/envoye";
    /// The link of the mail; its token stands in the query.
    PasswordLink = "/mot-de-passe/lien";
    /// The link was used, replaced, or too old.
    LinkOver = "/mot-de-passe/lien/termine";
    /// The new password is set.
    PasswordSet = "/mot-de-passe/modifie";
    /// « Ce n'est pas moi »; its token stands in the query.
    DisavowalLink = "/ce-n-est-pas-moi";
    /// The account was taken back.
    DisavowalDone = "/ce-n-est-pas-moi/fait";
    /// A request of a school on the account; its token stands in the query.
    RequestLink = "/demande-de-mon-etablissement";
    /// It was stopped.
    RequestStopped = "/demande-de-mon-etablissement/arretee";
    /// It is stopped in « Mon compte ».
    StopOwnRequest = "/compte/demande-de-mon-etablissement";
}

macro_rules! of_journey {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name<'a> {
            /// The journey's name.
            pub(super) journey: &'a str,
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
    /// The code of the SMS is typed.
    EnterCode = "/mot-de-passe-perdu/sms/{journey}";
    /// Another code is asked for.
    ResendCode = "/mot-de-passe-perdu/sms/{journey}/renvoi";
    /// The new password is typed.
    NewPassword = "/mot-de-passe/nouveau/{journey}";
    /// « Ce n'est pas moi », confirmed by a button.
    Disavow = "/ce-n-est-pas-moi/{journey}";
    /// A request of a school on the account, stopped by a button.
    StopRequest = "/demande-de-mon-etablissement/{journey}";
}
