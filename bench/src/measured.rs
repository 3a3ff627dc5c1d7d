//! A provider under load: the work of each journey, ready to be repeated.

use std::{cell::RefCell, rc::Rc, time::Duration};

use crate::{
    browser::Browser,
    fault::{Doing, Fault},
    load::{CONNECTIONS, Window, rate},
    people,
    process::Server,
    provider::Provider,
    wire::{Connection, get},
    works::{
        Client, Codes, Gathering, Redemptions, Refreshes, Repeated, SignIns, Tokens, user_info,
    },
};

/// Codes redeemed in one round: they are gathered before, and live for a minute.
const CODES: usize = 3000;
const GATHERING: Window = Window {
    ramp: Duration::ZERO,
    length: Duration::from_secs(15),
};

/// The journeys of one provider.
pub(crate) struct Measured {
    server: Server,
    portal: Client,
    browsers: Vec<Browser>,
    codes: Codes,
    metadata: Vec<Repeated>,
    jwks: Vec<Repeated>,
    client_credentials: Vec<Repeated>,
    user_info: Vec<Repeated>,
    introspection: Vec<Repeated>,
    introspection_of_service: Vec<Repeated>,
    refreshes: Vec<Refreshes>,
    sign_ins: Vec<SignIns>,
}

/// One of the journeys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
#[value(rename_all = "kebab-case")]
pub(crate) enum Journey {
    /// `/.well-known/openid-configuration`.
    Metadata,
    /// The key set.
    Jwks,
    /// A token in the client's own name.
    ClientCredentials,
    /// `UserInfo`, with the scope `family`.
    #[value(name = "userinfo")]
    UserInfo,
    /// Introspection of a person's access token.
    Introspection,
    /// Introspection of a service's access token.
    IntrospectionOfService,
    /// A refresh token for new tokens.
    Refresh,
    /// A code for tokens.
    CodeExchange,
    /// From the authorization request to the code.
    SignIn,
}

impl Measured {
    /// Signs in one person for each connection, whose sessions and tokens the journeys
    /// live on.
    pub(crate) async fn prepare(
        provider: &Provider,
        server: Server,
        people: usize,
    ) -> Result<Self, Fault> {
        let host = provider.host();
        let (portal, service) = (Client::portal(provider), Client::service(provider));
        let mut connection = Connection::open(server.address).await.doing("connect")?;
        let (mut browsers, mut families) = (Vec::new(), Vec::new());
        for number in 0..CONNECTIONS {
            let mut browser = Browser::new(&host);
            // Far from the people with whom the measured sign-ins begin.
            let person = people::guardian(1_000_000_007 + number, people);
            let code = browser.sign_in(&mut connection, &person).await?;
            families.push(portal.redeem(&mut connection, &code).await?);
            browsers.push(browser);
        }
        let own = service
            .tokens(
                &mut connection,
                TOKEN,
                "service's token",
                "grant_type=client_credentials",
            )
            .await?;
        let of_families =
            |request: &dyn Fn(&Tokens) -> Vec<u8>| families.iter().map(request).collect::<Vec<_>>();
        let user_infos = of_families(&|tokens| user_info(&host, &tokens.access_token));
        let questions =
            of_families(&|tokens| portal.introspection(INTROSPECT, &tokens.access_token));
        let of_service = service.introspection(INTROSPECT, &own.access_token);
        Ok(Self {
            metadata: repeated("metadata", vec![get(&host, METADATA, "")]),
            jwks: repeated("jwks", vec![get(&host, "/oauth2/jwks", "")]),
            client_credentials: repeated(
                "client_credentials",
                vec![service.client_credentials(TOKEN, "")],
            ),
            user_info: repeated("userinfo", user_infos),
            introspection: repeated("introspection", questions),
            introspection_of_service: repeated("introspection", vec![of_service]),
            refreshes: Refreshes::workers(&portal, &families),
            sign_ins: SignIns::workers(provider, people, CONNECTIONS),
            codes: Rc::new(RefCell::default()),
            browsers,
            portal,
            server,
        })
    }

    /// The process.
    pub(crate) const fn server(&self) -> &Server {
        &self.server
    }

    /// How often a second the journey is made.
    pub(crate) async fn rate(&mut self, journey: Journey, window: Window) -> Result<f64, Fault> {
        let address = self.server.address;
        match journey {
            Journey::Metadata => rate(address, &mut self.metadata, window).await,
            Journey::Jwks => rate(address, &mut self.jwks, window).await,
            Journey::ClientCredentials => rate(address, &mut self.client_credentials, window).await,
            Journey::UserInfo => rate(address, &mut self.user_info, window).await,
            Journey::Introspection => rate(address, &mut self.introspection, window).await,
            Journey::IntrospectionOfService => {
                rate(address, &mut self.introspection_of_service, window).await
            }
            Journey::Refresh => rate(address, &mut self.refreshes, window).await,
            Journey::CodeExchange => self.exchanges(window).await,
            Journey::SignIn => rate(address, &mut self.sign_ins, window).await,
        }
    }

    async fn exchanges(&mut self, window: Window) -> Result<f64, Fault> {
        self.codes.borrow_mut().clear();
        let mut gathering = Gathering::workers(&self.browsers, &self.codes, CODES);
        rate(self.server.address, &mut gathering, GATHERING).await?;
        let mut redemptions = Redemptions::workers(&self.portal, &self.codes, CONNECTIONS);
        // Codes run out before the time does: a ramp would spend them uncounted.
        let window = Window {
            ramp: Duration::ZERO,
            ..window
        };
        rate(self.server.address, &mut redemptions, window).await
    }
}

/// Where the metadata is.
pub(crate) const METADATA: &str = "/.well-known/openid-configuration";
const TOKEN: &str = "/oauth2/token";
const INTROSPECT: &str = "/oauth2/introspect";

fn repeated(step: &'static str, requests: Vec<Vec<u8>>) -> Vec<Repeated> {
    Repeated::workers(step, requests, CONNECTIONS)
}
