//! Addresses of the provider: patterns for the router, paths for links.

use std::borrow::Cow;

use web::Route;

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Route for $name {
            const PATTERN: &'static str = $path;
        }
    )*};
}

fixed! {
    /// OpenID Connect Discovery 1.0, section 4.
    OpenidConfiguration = "/.well-known/openid-configuration";
    /// RFC 8414, section 3.
    OauthServerMetadata = "/.well-known/oauth-authorization-server";
    /// RFC 7517.
    Jwks = "/oauth2/jwks";
    /// RFC 6749, section 3.1.
    Authorize = "/oauth2/authorize";
    /// RFC 6749, section 3.2.
    TokenEndpoint = "/oauth2/token";
    /// OpenID Connect Core 1.0, section 5.3.
    UserInfo = "/oauth2/userinfo";
    /// RFC 7662.
    Introspection = "/oauth2/introspect";
    /// RFC 7009.
    Revocation = "/oauth2/revoke";
    /// RFC 7591, section 3.
    RegisterClient = "/oauth2/register";
    /// OpenID Connect RP-Initiated Logout 1.0.
    EndSession = "/oauth2/logout";
    /// Where the confirmation of a logout is posted, and « Se déconnecter ».
    SignOut = "/deconnexion";
    /// « Identifiant perdu » (guide, section 4.3.1).
    LostIdentifier = "/identifiant-perdu";
    /// « Mot de passe perdu » (guide, section 4.3.2).
    LostPassword = "/mot-de-passe-perdu";
    /// « Mon compte », where people without a relying party are led.
    Account = "/compte";
    /// Where an invitation leads; its token stands in the query.
    Invitation = "/invitation";
    /// « Je n'ai pas encore d'identifiant ».
    Registration = "/inscription";
}

macro_rules! of_transaction {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a> {
            /// The transaction's name.
            pub transaction: &'a str,
        }

        impl Route for $name<'_> {
            const PATTERN: &'static str = $path;

            fn path(&self) -> Cow<'_, str> {
                $path.replace("{transaction}", self.transaction).into()
            }
        }
    )*};
}

of_transaction! {
    /// The sign-in page.
    SignIn = "/connexion/{transaction}";
    /// A passkey opens the account by itself.
    SignInPasskey = "/connexion/{transaction}/cle-d-acces";
    /// What the device is asked for it.
    SignInPasskeyQuestion = "/connexion/{transaction}/cle-d-acces/question";
    /// A passkey as the second factor.
    FactorPasskey = "/connexion/{transaction}/second-facteur/cle-d-acces";
    /// What the device is asked for it.
    FactorPasskeyQuestion = "/connexion/{transaction}/second-facteur/cle-d-acces/question";
    /// A passkey as the first second factor.
    EnrolmentPasskey = "/connexion/{transaction}/verification-en-deux-etapes/cle-d-acces";
    /// What the device is asked for it.
    EnrolmentPasskeyQuestion =
        "/connexion/{transaction}/verification-en-deux-etapes/cle-d-acces/question";
    /// The second factor.
    SecondFactor = "/connexion/{transaction}/second-facteur";
    /// A code in its place.
    RecoveryCode = "/connexion/{transaction}/code-de-secours";
    /// Setting up the first one.
    Enrolment = "/connexion/{transaction}/verification-en-deux-etapes";
    /// The recovery codes were seen.
    RecoveryCodesSeen = "/connexion/{transaction}/verification-en-deux-etapes/suite";
    /// The question about links that were reported (guide, section 4.4.5).
    VerifyChildren = "/connexion/{transaction}/enfants";
    /// The consent page.
    Consent = "/connexion/{transaction}/autorisation";
    /// « J'active mon compte », after a right provisional password.
    Activation = "/activation/{transaction}";
    /// Back to the service with `access_denied`.
    Abandon = "/connexion/{transaction}/retour";
    /// Somebody else signs in.
    OtherPerson = "/connexion/{transaction}/autre-compte";
}

/// A client's own address for its registration (RFC 7592, section 2).
#[derive(Clone, Copy, Debug)]
pub struct ManageClient<'a> {
    /// The client's id.
    pub id: &'a str,
}

impl Route for ManageClient<'_> {
    const PATTERN: &'static str = "/oauth2/register/{client_id}";

    fn path(&self) -> Cow<'_, str> {
        format!("/oauth2/register/{}", self.id).into()
    }
}

/// The way through an upstream, from the sign-in page.
#[derive(Clone, Copy, Debug)]
pub struct Through<'a> {
    /// The transaction's name.
    pub transaction: &'a str,
    /// The upstream's name.
    pub upstream: &'a str,
}

impl Route for Through<'_> {
    const PATTERN: &'static str = "/connexion/{transaction}/avec/{upstream}";

    fn path(&self) -> Cow<'_, str> {
        format!("/connexion/{}/avec/{}", self.transaction, self.upstream).into()
    }
}

/// The way through an upstream to « Mon compte », from a page that belongs to no sign-in.
#[derive(Clone, Copy, Debug)]
pub struct ThroughToAccount<'a> {
    /// The upstream's name.
    pub upstream: &'a str,
}

impl Route for ThroughToAccount<'_> {
    const PATTERN: &'static str = "/compte/avec/{upstream}";

    fn path(&self) -> Cow<'_, str> {
        format!("/compte/avec/{}", self.upstream).into()
    }
}

/// Where an identity that opens no account is bound to one by a code.
#[derive(Clone, Copy, Debug)]
pub struct BindUpstream<'a> {
    /// The name under which the identity waits.
    pub identity: &'a str,
}

impl Route for BindUpstream<'_> {
    const PATTERN: &'static str = "/relier/{identity}";

    fn path(&self) -> Cow<'_, str> {
        format!("/relier/{}", self.identity).into()
    }
}

/// Where an upstream sends people with its answer: an address for each, so that one's
/// answer is never taken for another's (RFC 9700, section 4.4.2.2).
#[derive(Clone, Copy, Debug)]
pub struct UpstreamCallback;

impl Route for UpstreamCallback {
    const PATTERN: &'static str = "/{upstream}/callback";
}

/// Our public key for an upstream that knows us by one (RFC 7517).
#[derive(Clone, Copy, Debug)]
pub struct UpstreamKeys;

impl Route for UpstreamKeys {
    const PATTERN: &'static str = "/{upstream}/jwks";
}

/// Where an upstream sends people who signed out there.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamSignedOut;

impl Route for UpstreamSignedOut {
    const PATTERN: &'static str = "/{upstream}/deconnexion";
}
