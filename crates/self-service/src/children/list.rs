//! The cards of the children.

use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{claims::Relative, ids::AccountId, name::PersonName};
use idp::{App, http::account::SignedIn};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::{StoreError, people};
use web::{Page, PageError, Route};

use super::{
    guardian,
    routes::{GroupAccount, ReportLink},
    unavailable,
};
use crate::state::SelfService;

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Done {
    /// Accounts were grouped.
    Regroupement,
    /// A link was reported.
    Signalement,
}

impl Done {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Regroupement => "regroupement",
            Self::Signalement => "signalement",
        }
    }
}

/// What the address may say beside the path; whatever else it says means nothing.
#[derive(Deserialize)]
pub(super) struct After {
    fait: Option<String>,
}

/// The children, as services see them.
pub(super) async fn get(
    State(app): State<SelfService>,
    Query(after): Query<After>,
    signed_in: SignedIn,
) -> Result<Response, PageError> {
    let signed_in = guardian(signed_in)?;
    let own = signed_in.live.account.id;
    let children = cards(&app, own).await.map_err(unavailable)?;
    let done = [Done::Regroupement, Done::Signalement]
        .into_iter()
        .find(|done| after.fait.as_deref() == Some(done.as_str()));
    Ok(signed_in.view().render(&ChildrenPage::new(children, done)))
}

async fn cards(app: &App, guardian: AccountId) -> Result<Vec<Card>, StoreError> {
    let reader = app.database.reader();
    let mut cards = Vec::new();
    for child in people::find_children(reader, guardian).await? {
        let guardians = people::find_guardians(reader, child.account).await?;
        let others = guardians
            .into_iter()
            .filter(|other| other.account != guardian)
            .map(|other| other.name.full());
        cards.push(Card::new(child, others.collect()));
    }
    Ok(cards)
}

/// A child as their guardian sees them.
#[derive(Debug, Serialize)]
struct Card {
    initials: String,
    name: String,
    birth_date: Option<String>,
    schools: Vec<String>,
    /// Names of the other guardians, and nothing else of them.
    others: Vec<String>,
    report: String,
}

impl Card {
    fn new(child: Relative, others: Vec<String>) -> Self {
        let report = ReportLink {
            pupil: child.account,
        };
        Self {
            initials: initials(&child.name),
            name: child.name.full(),
            birth_date: child.birth_date.map(written),
            schools: child
                .schools
                .into_iter()
                .map(|school| school.name)
                .collect(),
            others,
            report: report.path().into_owned(),
        }
    }
}

fn initials(name: &PersonName) -> String {
    [&name.given, &name.family]
        .into_iter()
        .filter_map(|part| part.chars().find(|sign| sign.is_alphabetic()))
        .flat_map(char::to_uppercase)
        .collect()
}

/// JJ/MM/AAAA.
fn written(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}

/// The context of `self-service/children.html`.
#[derive(Debug, Serialize)]
struct ChildrenPage {
    children: Vec<Card>,
    done: Option<Done>,
    add: String,
}

impl ChildrenPage {
    fn new(children: Vec<Card>, done: Option<Done>) -> Self {
        Self {
            children,
            done,
            add: GroupAccount.path().into_owned(),
        }
    }

    fn sample(number: usize) -> Vec<Card> {
        let long = "Marie-Charlotte Anne-Sophie de La Tour d’Auvergne-Lauraguais";
        let card = |index: usize| Card {
            initials: if index == 1 { "MD" } else { "LM" }.into(),
            name: if index == 1 { long } else { "Léo MARTIN" }.into(),
            birth_date: (index != 2).then(|| "11/04/2010".into()),
            schools: ["Lycée Augusta-Delorme", "École des Tilleuls"][..index.min(2)]
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            others: (0..index.min(3)).map(|_| long.to_owned()).collect(),
            report: "/compte/enfants/Sample/signalement".into(),
        };
        (0..number).map(card).collect()
    }
}

impl Page for ChildrenPage {
    const TEMPLATE: &'static str = "self-service/children.html";
    const QUESTION: Option<&'static str> = Some("enfant-manquant");

    fn samples() -> Vec<Self> {
        vec![
            Self::new(Self::sample(0), None),
            Self::new(Self::sample(1), Some(Done::Signalement)),
            Self::new(Self::sample(2), Some(Done::Regroupement)),
            Self::new(Self::sample(6), None),
        ]
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ChildrenPage>();
    }

    #[test]
    fn initials_are_letters_and_dates_as_people_write_them() {
        let of = |given: &str, family: &str| {
            initials(&PersonName {
                given: given.into(),
                family: family.into(),
            })
        };
        assert_eq!(of("Léo", "MARTIN"), "LM");
        assert_eq!(of("élise", "d’Artagnan"), "ÉD");
        assert_eq!(of("’Ali", "-"), "A");
        assert_eq!(written(date(2014, 1, 4)), "04/01/2014");
    }
}
