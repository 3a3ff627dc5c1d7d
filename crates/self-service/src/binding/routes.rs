//! Addresses of the pages after the first, which `idp::http::routes` names.

use std::borrow::Cow;

use web::Route;

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
    /// The code is typed.
    BindingCode = "/relier/code/{journey}";
    /// Another code is asked for.
    ResendBindingCode = "/relier/code/{journey}/renvoi";
}
