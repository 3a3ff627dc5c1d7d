//! What tests of the token endpoint share.

use tests::{Answer, Callback, Person, RelyingParty, Service, Tokens};

pub(crate) const INVALID_GRANT: (u16, &str) = (400, "invalid_grant");
pub(crate) const INVALID_CLIENT: (u16, &str) = (401, "invalid_client");
pub(crate) const INVALID_REQUEST: (u16, &str) = (400, "invalid_request");

pub(crate) fn assert_error(answer: &Answer, (status, error): (u16, &str), what: &str) {
    assert_eq!(
        answer.error(),
        (status, error.to_owned()),
        "{what}: {}",
        answer.text()
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
}

pub(crate) async fn callback(service: &Service, client: &RelyingParty) -> Callback {
    service
        .visitor(Person::CLAIRE)
        .follows(&client.request())
        .await
}

pub(crate) async fn tokens(service: &Service, client: &RelyingParty) -> Tokens {
    client.tokens(&callback(service, client).await).await
}
