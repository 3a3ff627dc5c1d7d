//! The rounds: in each, every ceiling and all that is held against it, one after the
//! other within the same minute.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use idp::settings::PasswordSettings;
use serde::Serialize;

use crate::{
    beside::{Beside, Health},
    ceilings::{self, DurableWrites, Transaction},
    fault::Fault,
    load::{CONNECTIONS, Window, rate},
    measured::{Journey, Measured},
    peer::Peer,
    process::Server,
    run::Plan,
    series::Series,
    wire::get,
    works::Repeated,
};

/// What is measured, by its name in the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Figure {
    EmptyRoute,
    Metadata,
    Jwks,
    UserInfo,
    Introspection,
    IntrospectionOfService,
    PeerMetadata,
    PeerJwks,
    PeerIntrospection,
    Es256OneCore,
    Es256AllCores,
    ClientCredentials,
    PeerClientCredentials,
    DurableInserts,
    DurableTransactions,
    Refresh,
    CodeExchange,
    Argon2AllCores,
    SignIn,
    SignInBesideWell,
    SignInBesideSlow,
    SignInBesideDown,
}

/// Every figure with its rounds.
pub(crate) type Figures = BTreeMap<Figure, Series>;

/// All that is measured beside each other.
pub(crate) struct Suite {
    plan: Plan,
    /// The times of what is light.
    window: Window,
    /// Ours.
    pub(crate) measured: Measured,
    /// The peer, where its package is installed.
    pub(crate) peer: Option<Peer>,
    empty: (Server, Vec<Repeated>),
    writes: DurableWrites,
    /// Where an upstream is in trouble, if sign-ins are measured.
    beside: Option<Beside>,
    figures: Figures,
}

impl Suite {
    /// With the ceilings' own processes and files in a folder.
    pub(crate) async fn new(
        folder: &Path,
        plan: &Plan,
        measured: Measured,
        peer: Option<Peer>,
        empty: Server,
        beside: Option<Beside>,
    ) -> Result<Self, Fault> {
        let request = get(&empty.address.to_string(), "/", "");
        let empty_route = Repeated::workers("empty route", vec![request], CONNECTIONS);
        Ok(Self {
            plan: plan.clone(),
            window: plan.window(),
            measured,
            peer,
            empty: (empty, empty_route),
            writes: DurableWrites::open(folder).await?,
            beside,
            figures: Figures::new(),
        })
    }

    /// Does the rounds, and gives the figures.
    pub(crate) async fn run(&mut self) -> Result<Figures, Fault> {
        use Journey::{
            ClientCredentials, CodeExchange, Introspection, IntrospectionOfService, Jwks, Metadata,
            Refresh, SignIn, UserInfo,
        };
        let rounds = self.plan.rounds;
        for round in 1..=rounds {
            let begun = Instant::now();
            let of_answers = [
                Metadata,
                Jwks,
                UserInfo,
                Introspection,
                IntrospectionOfService,
                // Held against the empty route too.
                ClientCredentials,
            ];
            if self.wants_any(&of_answers) {
                self.answers().await?;
            }
            if self.wants_any(&[ClientCredentials]) {
                self.signatures().await?;
            }
            if self.wants_any(&[Refresh, CodeExchange]) {
                self.writes().await?;
            }
            if self.wants_any(&[SignIn]) {
                self.passwords().await?;
            }
            let seconds = begun.elapsed().as_secs_f64();
            eprintln!("round {round} of {rounds}: {seconds:.0} s");
        }
        Ok(std::mem::take(&mut self.figures))
    }

    fn wants_any(&self, journeys: &[Journey]) -> bool {
        journeys.iter().any(|journey| self.plan.wants(*journey))
    }

    /// What is held against the empty route.
    async fn answers(&mut self) -> Result<(), Fault> {
        self.empty_route().await?;
        self.journey(Figure::Metadata, Journey::Metadata).await?;
        self.journey(Figure::Jwks, Journey::Jwks).await?;
        self.journey(Figure::UserInfo, Journey::UserInfo).await?;
        self.journey(Figure::Introspection, Journey::Introspection)
            .await?;
        let of_service = Journey::IntrospectionOfService;
        self.journey(Figure::IntrospectionOfService, of_service)
            .await?;
        let Some(peer) = &mut self.peer else {
            return Ok(());
        };
        let address = peer.server.address;
        let series = [
            (Figure::PeerMetadata, &mut peer.metadata),
            (Figure::PeerJwks, &mut peer.jwks),
            (Figure::PeerIntrospection, &mut peer.introspection),
        ];
        for (figure, workers) in series {
            let value = rate(address, workers, self.window).await?;
            self.figures.entry(figure).or_default().push(value);
        }
        Ok(())
    }

    async fn empty_route(&mut self) -> Result<(), Fault> {
        let (server, workers) = &mut self.empty;
        let value = rate(server.address, workers, self.window).await?;
        self.note(Figure::EmptyRoute, value);
        Ok(())
    }

    async fn signatures(&mut self) -> Result<(), Fault> {
        let length = self.window.length;
        self.note(Figure::Es256OneCore, ceilings::es256(1, length));
        self.note(
            Figure::Es256AllCores,
            ceilings::es256(ceilings::cores(), length),
        );
        self.journey(Figure::ClientCredentials, Journey::ClientCredentials)
            .await?;
        let Some(peer) = &mut self.peer else {
            return Ok(());
        };
        let address = peer.server.address;
        let value = rate(address, &mut peer.client_credentials, self.window).await?;
        self.note(Figure::PeerClientCredentials, value);
        Ok(())
    }

    async fn writes(&mut self) -> Result<(), Fault> {
        let length = self.window.length;
        let value = self.writes.rate(Transaction::Implicit, length).await?;
        self.note(Figure::DurableInserts, value);
        let value = self.writes.rate(Transaction::Explicit, length).await?;
        self.note(Figure::DurableTransactions, value);
        self.journey(Figure::Refresh, Journey::Refresh).await?;
        self.journey(Figure::CodeExchange, Journey::CodeExchange)
            .await
    }

    /// Longer than the rest, since a hash takes so much longer than anything else.
    async fn passwords(&mut self) -> Result<(), Fault> {
        let length = self.window.length * 2;
        let settings = PasswordSettings::default();
        self.note(Figure::Argon2AllCores, ceilings::argon2(&settings, length));
        let window = Window {
            ramp: Duration::from_millis(1500).min(length),
            length,
        };
        let value = self.measured.rate(Journey::SignIn, window).await?;
        self.note(Figure::SignIn, value);
        let Some(beside) = &mut self.beside else {
            return Ok(());
        };
        let well = beside.rate(Health::Well, window).await?;
        let slow = beside.rate(Health::Slow, window).await?;
        let down = beside.rate(Health::Down, window).await?;
        self.note(Figure::SignInBesideWell, well);
        self.note(Figure::SignInBesideSlow, slow);
        self.note(Figure::SignInBesideDown, down);
        Ok(())
    }

    async fn journey(&mut self, figure: Figure, journey: Journey) -> Result<(), Fault> {
        if !self.plan.wants(journey) {
            return Ok(());
        }
        let value = self.measured.rate(journey, self.window).await?;
        self.note(figure, value);
        Ok(())
    }

    fn note(&mut self, figure: Figure, value: f64) {
        self.figures.entry(figure).or_default().push(value);
    }
}
