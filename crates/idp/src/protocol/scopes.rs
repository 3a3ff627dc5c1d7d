//! Which scopes a person's sign-in can give, and which a client has in its own name.

use domain::{
    claims,
    scope::{Scope, ScopeSet},
};

/// The scopes that the authorization endpoint gives, as metadata announces them.
pub fn of_people() -> impl Iterator<Item = &'static str> {
    let of_claims = claims::of_scopes().map(|(scope, _)| scope);
    [Scope::OPENID]
        .into_iter()
        .chain(of_claims)
        .chain([Scope::OFFLINE_ACCESS])
}

/// Those of these scopes that a person's sign-in can give. A scope of an API that a
/// client has for `client_credentials` is not among them: nobody can lend it by
/// signing in.
#[must_use]
pub fn for_people(scopes: &ScopeSet) -> ScopeSet {
    scopes.intersection(&people())
}

/// Those of these scopes that a client may have in its own name
/// (`client_credentials`): all that say nothing about a person.
#[must_use]
pub fn for_clients(scopes: &ScopeSet) -> ScopeSet {
    of_people().fold(scopes.clone(), |kept, scope| kept.without(scope))
}

fn people() -> ScopeSet {
    let list = of_people().collect::<Vec<_>>().join(" ");
    ScopeSet::parse(&list).expect("the scopes of people are well formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_of_people_and_of_clients_share_none() {
        let all = ScopeSet::parse("openid family offline_access directory:read").unwrap();
        let (people, clients) = (for_people(&all), for_clients(&all));
        assert_eq!(people.to_string(), "family offline_access openid");
        assert_eq!(clients.to_string(), "directory:read");
        assert_eq!(people.union(&clients), all);
    }
}
