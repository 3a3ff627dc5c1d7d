//! Another account, proven through an upstream by who is signed in to one of their own
//! (product.md, Mon compte: as at its own sign-in), to be grouped. Nobody is signed in by
//! it: the session stays what it was.

use axum::response::{IntoResponse, Redirect, Response};
use domain::{grouping::obstacle, second_factor::Standing};
use store::{
    groupings::{self, Keeper},
    second_factors,
};
use web::PageError;

use super::{
    callback::{Arrival, Bound},
    linking::send_from_account,
    pages::not_proven,
};
use crate::{
    app::{App, unavailable},
    http::account::RecentlySignedIn,
    upstream::{Identified, Proving, Purpose, Upstream},
};

/// Sends a guardian who signed in just now to the upstream. The way back leads to this
/// path; the proof is opened below it.
///
/// # Errors
/// A page, where the upstream or a store does not answer.
pub async fn begin(
    app: &App,
    signed_in: &RecentlySignedIn,
    upstream: &Upstream,
    path: String,
) -> Result<Response, PageError> {
    let RecentlySignedIn(signed_in) = signed_in;
    let session = &signed_in.live.session;
    let purpose = Purpose::Prove(Proving {
        account: session.account,
        session: session.id,
        then: path.clone(),
    });
    send_from_account(app, signed_in, upstream, path, purpose).await
}

impl Arrival<'_> {
    /// Proves the account that the subject opens, in the session that asked alone. One
    /// page for all that stands in the way: what it is stands in the audit trail.
    pub(super) async fn prove(
        &self,
        proving: &Proving,
        who: Identified,
    ) -> Result<Response, PageError> {
        let live = self.visit.session.as_ref().filter(|live| {
            live.account.id == proving.account && live.session.id == proving.session
        });
        let Some(live) = live else {
            return Err(self.refuse("other_session", not_proven).await);
        };
        let other = match self.find_bound(&who).await.map_err(unavailable)? {
            Bound::To(other) => other,
            Bound::NotAdmitted => return Err(self.refuse("not_admitted", not_proven).await),
            Bound::Ended | Bound::ToNobody => {
                return Err(self.refuse("unknown", not_proven).await);
            }
        };
        if obstacle(&live.account, &other).is_some() {
            return Err(self.refuse("not_grouped", not_proven).await);
        }
        // Its sign-in asks for more, which a proof in another account's session cannot.
        let reader = self.app.database.reader();
        let standing = second_factors::standing(reader, other.id).await;
        if standing.map_err(unavailable)? == Standing::InForce {
            return Err(self.refuse("second_factor", not_proven).await);
        }
        let keeper = Keeper {
            account: live.account.id,
            session: live.session.id,
            auth_time: live.session.auth_time,
        };
        let (writer, ambient) = (self.app.database.writer(), &self.app.ambient);
        let proof = groupings::prove(writer, ambient, keeper, &other).await;
        let proof = proof.map_err(unavailable)?.expose();
        Ok(Redirect::to(&format!("{}/{proof}", proving.then)).into_response())
    }
}
