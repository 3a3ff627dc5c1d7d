//! What somebody who is signed in may do: read their claims again, and sign out.

use axum::{
    Form,
    extract::rejection::FormRejection,
    response::{IntoResponse, Redirect, Response},
};
use domain::secret::Token;
use openidconnect::RefreshToken;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Portal, Visitor,
    claims::PersonClaims,
    fault::Fault,
    provider::ExpectedNonce,
    sign_in::signed_in,
    visits::{Notice, SignedIn},
};

/// A form of a page that somebody signed in was shown.
#[derive(Deserialize)]
pub(super) struct OwnForm {
    form: String,
}

type Posted = Result<Form<OwnForm>, FormRejection>;

/// Gives the refresh token for new ones and reads the claims again.
pub(super) async fn refresh(visitor: Visitor, form: Posted) -> Response {
    let (token, person) = match owner(&visitor, form) {
        Ok(owner) => owner,
        Err(fault) => return visitor.show(&fault),
    };
    match refreshed(&visitor.portal, &person).await {
        Ok(newer) => {
            let changed = changes(&person.person, &newer.person);
            visitor
                .portal
                .visits
                .update(&token, newer, Notice::Refreshed { changed });
        }
        Err(Fault::GrantEnded) => visitor.portal.visits.sign_out(&token, Notice::Ended),
        Err(fault) => return visitor.show(&fault),
    }
    Redirect::to("/").into_response()
}

/// Signs out here, ends the refresh token, and leads the browser to the provider, which
/// signs out everywhere and leads back.
pub(super) async fn sign_out(visitor: Visitor, form: Posted) -> Response {
    let (token, person) = match owner(&visitor, form) {
        Ok(owner) => owner,
        Err(fault) => return visitor.show(&fault),
    };
    visitor.portal.visits.sign_out(&token, Notice::SignedOut);
    let Ok(provider) = visitor.portal.provider().await else {
        return Redirect::to("/").into_response();
    };
    if let Some(refresh_token) = &person.refresh_token {
        provider.revoke(refresh_token).await;
    }
    let url = provider.logout_url(&person.id_token, visitor.language.locale.tag());
    Redirect::to(url.as_str()).into_response()
}

fn owner(visitor: &Visitor, form: Posted) -> Result<(Token, SignedIn), Fault> {
    let Ok(Form(OwnForm { form })) = form else {
        return Err(Fault::ForeignForm);
    };
    let owner = visitor
        .portal
        .visits
        .owner_of_form(visitor.token.as_ref(), &form);
    visitor.token.clone().zip(owner).ok_or(Fault::ForeignForm)
}

async fn refreshed(portal: &Portal, person: &SignedIn) -> Result<SignedIn, Fault> {
    let refresh_token: &RefreshToken = person.refresh_token.as_ref().ok_or(Fault::GrantEnded)?;
    let tokens = portal.provider().await?.refresh(refresh_token).await?;
    let newer = signed_in(portal, &tokens, ExpectedNonce::AfterRefresh).await?;
    // OpenID Connect Core, section 12.2: a refresh never changes whose session it is.
    if newer.id_token_claims.subject() != person.id_token_claims.subject() {
        return Err(Fault::Unverified(
            "the refreshed ID token has another sub".into(),
        ));
    }
    Ok(SignedIn {
        refresh_token: newer.refresh_token.or_else(|| person.refresh_token.clone()),
        form_token: person.form_token.clone(),
        ..newer
    })
}

/// The names of the claims that are not what they were.
fn changes(before: &PersonClaims, after: &PersonClaims) -> Vec<String> {
    let members = |claims| match serde_json::to_value(claims) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (before, after): (serde_json::Map<_, _>, serde_json::Map<_, _>) =
        (members(before), members(after));
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| before.get(name) != after.get(name));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(members: &str) -> PersonClaims {
        let json = format!(r#"{{"sub": "s"{members}}}"#);
        PersonClaims::from_json::<std::io::Error>(json.as_bytes(), None).unwrap()
    }

    #[test]
    fn a_refresh_says_which_claims_changed() {
        let before = person(r#", "email": "a@example.org", "children": [{"sub": "c"}]"#);
        let after = person(r#", "email": "a@example.org", "children": [], "locale": "fr""#);
        assert_eq!(changes(&before, &after), ["children", "locale"]);
        assert!(changes(&before, &before.clone()).is_empty());
    }
}
