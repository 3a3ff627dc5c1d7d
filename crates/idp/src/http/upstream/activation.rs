//! A guardian for whom an upstream vouches, and who never activated their account: the
//! activation is opened to them, and nothing else (product.md, Activation). What they
//! must prove beside their name is asked there.

use axum::response::Response;
use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    ids::AccountId,
    matching::{self, Agreement, Match},
    secret::Token,
};
use serde_json::json;
use store::{
    StoreError,
    activations::{self, NumberProof, Vouched},
    audit::{self, Event},
    people,
    vouching::{self, Candidates},
};
use web::PageError;

use super::callback::{Arrival, SEALED_AS};
use crate::{
    app::unavailable,
    guard::coarse,
    http::{activation, pages},
    upstream::{Identified, Matching},
};

impl Arrival<'_> {
    /// Opens the activation of the one account that the pivot identity names; the neutral
    /// page where there is none, or more than one.
    pub(super) async fn activate(&self, who: Identified) -> Result<Response, PageError> {
        let (account, number) = match self.find_named(&who).await.map_err(unavailable)? {
            Ok(found) => found,
            Err(reason) => return Err(self.turn_away(reason, &who).await),
        };
        let name = self.errand.sign_in.as_str();
        let waiting = pages::open(self.app, self.visit, name).await?;
        let holder = self.hold(account.id, self.vouched(&who, number)).await;
        match holder.map_err(unavailable)? {
            Some(holder) => {
                activation::begin(self.app, waiting, name, account.id, Some(holder)).await
            }
            None => Err(self.turn_away("not_admitted", &who).await),
        }
    }

    /// Whom it names, and what of the school's number must be proven; else why nobody.
    async fn find_named(
        &self,
        who: &Identified,
    ) -> Result<Result<(Account, NumberProof), &'static str>, StoreError> {
        if self.upstream.matching() == Matching::None {
            return Ok(Err("unmatched"));
        }
        let Ok(pivot) = who.claims.pivot() else {
            return Ok(Err("incomplete"));
        };
        let reader = self.app.database.reader();
        let candidates = vouching::find_candidates(reader, &pivot).await?;
        let (id, agreement) = match matching::find(&pivot, &candidates.known_as) {
            Match::One(id, agreement) => (id, agreement),
            Match::None => return Ok(Err("unknown")),
            Match::Several => return Ok(Err("several")),
        };
        let (Some(account), Some(number)) =
            (candidates.account(id), proof(&candidates, id, agreement))
        else {
            return Ok(Err("no_number"));
        };
        let facts = people::find_whole(reader, id).await?;
        // A child whose date no school knows cannot be asked for it.
        let knows_a_date = facts.is_some_and(|facts| {
            let mut children = facts.children.iter();
            children.any(|child| child.birth_date.is_some())
        });
        Ok(if knows_a_date {
            Ok((account.clone(), number))
        } else {
            Err("no_children")
        })
    }

    fn vouched(&self, who: &Identified, number: NumberProof) -> Vouched {
        let id_token = who.id_token.expose().as_bytes();
        Vouched {
            upstream: self.upstream.name().to_owned(),
            issuer: self.upstream.issuer().to_owned(),
            acr: who.acr,
            pivot: who.kept(),
            subject: who.subject.clone(),
            sealed_id_token: self.app.vault.seal(SEALED_AS, id_token),
            number,
        }
    }

    async fn hold(
        &self,
        account: AccountId,
        vouched: Vouched,
    ) -> Result<Option<Token>, StoreError> {
        let (app, vault) = (self.app, &self.app.vault);
        let transaction = app.database.begin().await?;
        let begun =
            activations::begin_vouched(&transaction, &app.ambient, vault, account, &vouched);
        let holder = begun.await?;
        if holder.is_some() {
            let event = Event::new(
                Action::UpstreamMatched,
                Actor::Service,
                Target::Account(account),
            );
            let event = event
                .from_network(coarse(&self.visit.network))
                .with(json!({ "upstream": vouched.upstream }));
            audit::record(&transaction, &app.ambient, event).await?;
        }
        transaction.commit().await?;
        Ok(holder)
    }
}

/// The number that a school gave must be proven where no school knows the whole date of
/// birth; none where it cannot be.
fn proof(candidates: &Candidates, id: AccountId, agreement: Agreement) -> Option<NumberProof> {
    if agreement == Agreement::Same {
        return Some(NumberProof::NotNeeded);
    }
    let number = candidates.number(id)?.clone();
    Some(NumberProof::Needed { number, code: None })
}
