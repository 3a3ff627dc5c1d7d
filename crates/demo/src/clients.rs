//! The relying parties of the demo, from config/demo-clients.

use domain::{client::Registration, redirect::RedirectUri, secret::Secret};

use crate::ports::Ports;

const FILES: [&str; 5] = [
    include_str!("../../../config/demo-clients/portail.toml"),
    include_str!("../../../config/demo-clients/ent.toml"),
    include_str!("../../../config/demo-clients/vie-scolaire.toml"),
    include_str!("../../../config/demo-clients/service.toml"),
    include_str!("../../../config/demo-clients/admin-cli.toml"),
];

/// The client id of the portal.
pub const PORTAL: &str = "portail";

/// A registration with the secret that opens it, known to everybody.
#[derive(Clone, Debug)]
pub struct DemoClient {
    /// The registration.
    pub registration: Registration,
    /// Its secret, if it has one.
    pub secret: Option<Secret>,
}

/// The registrations for a demo on these ports: the portal's addresses follow its port,
/// those of the others stand as they are.
pub fn clients(ports: Ports) -> Vec<DemoClient> {
    let mut clients: Vec<DemoClient> = FILES.iter().map(|file| read(file)).collect();
    for client in &mut clients {
        if client.registration.client_id.as_str() == PORTAL {
            move_portal(&mut client.registration, &ports.portal_origin());
        }
    }
    clients
}

/// The portal's secret.
pub fn portal_secret(ports: Ports) -> Secret {
    let mut clients = clients(ports).into_iter();
    let portal = clients.find(|client| client.registration.client_id.as_str() == PORTAL);
    let secret = portal.and_then(|client| client.secret);
    secret.expect("the portal is a confidential client")
}

fn read(file: &str) -> DemoClient {
    let mut members: toml::Table =
        toml::from_str(file).expect("embedded registrations are read by a test");
    let secret = members.remove("client_secret");
    DemoClient {
        secret: secret.and_then(|secret| secret.as_str().map(Secret::new)),
        registration: members
            .try_into()
            .expect("embedded registrations are read by a test"),
    }
}

fn move_portal(registration: &mut Registration, origin: &str) {
    let home = format!("{origin}/");
    registration.redirect_uris = vec![RedirectUri::new(format!("{origin}/callback"))];
    registration.client_uri = home.parse().ok();
    registration.post_logout_redirect_uris = vec![RedirectUri::new(home)];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_8080() -> Vec<DemoClient> {
        clients(Ports::from_first(8080).unwrap())
    }

    #[test]
    fn every_registration_is_sound() {
        for client in on_8080() {
            let id = &client.registration.client_id;
            assert_eq!(client.registration.check(), Ok(()), "{id}");
            let method = client.registration.token_endpoint_auth_method;
            assert_eq!(method.has_secret(), client.secret.is_some(), "{id}");
            assert_eq!(client.registration.sector.as_deref(), Some(id.as_str()));
        }
    }

    #[test]
    fn the_portal_follows_its_port_and_the_others_stay() {
        let moved = clients(Ports::from_first(9300).unwrap());
        let portal = &moved[0].registration;
        assert!(
            portal
                .redirect_uri("http://localhost:9301/callback")
                .is_some()
        );
        assert!(
            portal
                .redirect_uri("http://localhost:8081/callback")
                .is_none()
        );
        assert!(
            portal
                .post_logout_redirect_uri("http://localhost:9301/")
                .is_some()
        );
        assert_eq!(moved[1].registration, on_8080()[1].registration);
    }
}
