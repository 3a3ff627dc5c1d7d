//! Addresses of « Mes enfants ».

use std::borrow::Cow;

use domain::ids::AccountId;
use web::Route;

/// The cards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Children;

impl Route for Children {
    const PATTERN: &'static str = "/compte/enfants";
}

/// The cards, after something was done.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChildrenAfter(pub(super) super::list::Done);

impl Route for ChildrenAfter {
    const PATTERN: &'static str = Children::PATTERN;

    fn path(&self) -> Cow<'_, str> {
        format!("{}?fait={}", Self::PATTERN, self.0.as_str()).into()
    }
}

/// The search for the other account.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupAccount;

impl Route for GroupAccount {
    const PATTERN: &'static str = "/compte/enfants/ajouter";
}

/// The way through another provider to the proof of the other account.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProveThrough<'a> {
    /// The upstream's name.
    pub(super) upstream: &'a str,
}

impl Route for ProveThrough<'_> {
    const PATTERN: &'static str = "/compte/enfants/ajouter/avec/{upstream}";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN.replace("{upstream}", self.upstream).into()
    }
}

/// What grouping a proven account would bring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recapitulation<'a> {
    /// The token of the proof.
    pub(super) proof: &'a str,
}

impl Route for Recapitulation<'_> {
    const PATTERN: &'static str = "/compte/enfants/ajouter/{preuve}";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN.replace("{preuve}", self.proof).into()
    }
}

/// The second factor of the account to be grouped.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupingFactor<'a> {
    /// The journey's name.
    pub(super) journey: &'a str,
}

impl Route for GroupingFactor<'_> {
    const PATTERN: &'static str = "/compte/enfants/ajouter/code/{parcours}";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN.replace("{parcours}", self.journey).into()
    }
}

/// A passkey of that account.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupingPasskey<'a> {
    /// The journey's name.
    pub(super) journey: &'a str,
}

impl Route for GroupingPasskey<'_> {
    const PATTERN: &'static str = "/compte/enfants/ajouter/code/{parcours}/cle-d-acces";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN.replace("{parcours}", self.journey).into()
    }
}

/// What the device is asked for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupingPasskeyQuestion<'a> {
    /// The journey's name.
    pub(super) journey: &'a str,
}

impl Route for GroupingPasskeyQuestion<'_> {
    const PATTERN: &'static str = "/compte/enfants/ajouter/code/{parcours}/cle-d-acces/question";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN.replace("{parcours}", self.journey).into()
    }
}

/// « Je ne suis pas le représentant légal de cet élève ».
#[derive(Clone, Copy, Debug)]
pub(super) struct ReportLink {
    /// The pupil's account. Whose child it is, the store says each time.
    pub(super) pupil: AccountId,
}

impl Route for ReportLink {
    const PATTERN: &'static str = "/compte/enfants/{eleve}/signalement";

    fn path(&self) -> Cow<'_, str> {
        Self::PATTERN
            .replace("{eleve}", &self.pupil.to_string())
            .into()
    }
}
