//! The FranceConnect simulator beside a service that is set up as its relying party.

use std::{net::Ipv4Addr, time::Duration};

use demo::france_connect::{
    self, Behaviour, PREAU_CLIENT_ID, PREAU_CLIENT_SECRET, PREFIX, Registration, Seal,
    SimulatorSettings,
};
use domain::secret::Secret;
use idp::{
    settings::Seconds,
    upstream::{ClientKey, UpstreamSettings},
};
use preau::config::Config;
use serde_json::Value;
use store::bonds;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    Answer, Browser, Door, Service,
    door::encode,
    form::Form,
    request::Request,
    service::{ISSUER, texts},
    visitor::Visitor,
};

/// Its name in the configuration.
const NAME: &str = "franceconnect";

/// The simulator, at work until it is dropped.
pub struct FranceConnect {
    door: Door,
    task: JoinHandle<()>,
}

impl Drop for FranceConnect {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FranceConnect {
    /// A service and its FranceConnect: Claire and François are bound.
    pub async fn with_service() -> (Service, Self) {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> (Service, Self) {
        Box::pin(Self::registered(change, Registration::preau(ISSUER), None)).await
    }

    /// The same, where the simulator encrypts what it signs.
    pub async fn sealing(change: impl FnOnce(&mut Config), seal: Seal) -> (Service, Self) {
        let registration = Registration::preau(ISSUER);
        Box::pin(Self::registered(change, registration, Some(seal))).await
    }

    /// The same, where the service proves itself by this key, in PEM.
    pub async fn with_key(pem: &str) -> (Service, Self) {
        let key = ClientKey::read(&Secret::new(pem), None).expect("a key");
        let keys = serde_json::json!({ "keys": [key.public()] });
        Box::pin(Self::with_key_but_registered(pem, keys)).await
    }

    /// The same, where the simulator knows these keys.
    pub async fn with_key_but_registered(pem: &str, keys: Value) -> (Service, Self) {
        let registration = Registration {
            keys: Some(keys),
            ..Registration::preau(ISSUER)
        };
        let change = |config: &mut Config| {
            let upstream = config.upstream.get_mut(NAME);
            let upstream = upstream.expect("it is configured");
            upstream.client_secret = None;
            upstream.client_key = Some(Secret::new(pem));
        };
        Box::pin(Self::registered(change, registration, None)).await
    }

    async fn registered(
        change: impl FnOnce(&mut Config),
        registration: Registration,
        seal: Option<Seal>,
    ) -> (Service, Self) {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let socket = socket.expect("a port is free");
        let address = socket.local_addr().expect("it has an address");
        let origin = format!("http://localhost:{}", address.port());
        let issuer = format!("{origin}{PREFIX}");
        let service = Service::with(|config| {
            configure(config, &issuer);
            change(config);
        })
        .await;
        bonds::move_all(service.database.writer(), &issuer)
            .await
            .expect("bonds can be moved");
        let simulator = france_connect::router(SimulatorSettings {
            origin: origin.clone(),
            registrations: vec![registration],
            seal,
            slowness: Duration::from_secs(30),
            ambient: service.ambient.clone(),
        });
        let simulator = simulator.expect("keys can be made");
        let task = tokio::spawn(async move {
            axum::serve(socket, simulator).await.expect("it serves");
        });
        let door = Door::new(&origin, address);
        (service, Self { door, task })
    }

    /// Behaves so from now on.
    pub async fn behaves(&self, behaviour: Behaviour) {
        let form = [("behaviour", behaviour.name())];
        let done = self.browser().post("/comportement", &form).await;
        assert_eq!(done.status, 303, "{}", done.summary());
    }

    /// Takes new keys, under new names or under the names of the old ones.
    pub async fn changes_keys(&self, name: &str) {
        let done = self.browser().post("/cles", &[("name", name)]).await;
        assert_eq!(done.status, 303, "{}", done.summary());
    }

    /// A browser at the simulator.
    pub fn browser(&self) -> Browser {
        Browser::new(self.door.clone())
    }

    /// Where the simulator sends a citizen who comes with this address.
    pub async fn answers(&self, browser: &mut Browser, url: &str, citizen: &str) -> String {
        let own = format!("{ISSUER}/");
        let mut answer = browser.open(url).await;
        for _ in 0..4 {
            if let Some(target) = answer.location()
                && target.as_str().starts_with(&own)
            {
                return target.into();
            }
            let forms = Form::all(&answer.text());
            let form = forms.first().cloned();
            let form = form.unwrap_or_else(|| panic!("the simulator stops: {}", answer.summary()));
            answer = browser.submit(&form.with("citizen", citizen)).await;
        }
        panic!("the simulator leads nowhere: {}", answer.summary())
    }
}

impl Visitor {
    /// Chooses « S'identifier avec FranceConnect » on this page; where that leads.
    pub async fn chooses_france_connect(&mut self, page: &Answer) -> Answer {
        let form = page.form("/avec/franceconnect");
        self.browser.submit_only(&form).await
    }

    /// The address with which the browser comes back from FranceConnect as this citizen.
    pub async fn comes_back_from(
        &mut self,
        france_connect: &FranceConnect,
        request: &Request,
        citizen: &str,
    ) -> String {
        let page = self.browser.open(&request.url()).await;
        let sent = self.chooses_france_connect(&page).await;
        let url = sent.location();
        let url = url.unwrap_or_else(|| panic!("not sent on: {}", sent.summary()));
        let mut there = france_connect.browser();
        france_connect
            .answers(&mut there, url.as_str(), citizen)
            .await
    }

    /// Signs in as this citizen, until the service leads elsewhere or shows a page.
    pub async fn identifies_as(
        &mut self,
        france_connect: &FranceConnect,
        request: &Request,
        citizen: &str,
    ) -> Answer {
        let back = self.comes_back_from(france_connect, request, citizen).await;
        self.browser.open(&back).await
    }
}

impl Service {
    /// Why answers of upstreams were refused, in order: from the audit trail.
    pub async fn upstream_refusals(&self) -> Vec<String> {
        let statement = "select cast(details as text) as details from audit_event \
                         where action = 'upstream.refused' order by id";
        let details = texts(self.database.reader(), statement, "details").await;
        let reason = |details: &String| {
            let details: Value = serde_json::from_str(details).expect("JSON");
            details["reason"].as_str().expect("a reason").to_owned()
        };
        details.iter().map(reason).collect()
    }
}

/// A query of these parameters at the callback.
pub fn callback(parameters: &[(&str, &str)]) -> String {
    format!("{ISSUER}/franceconnect/callback?{}", encode(parameters))
}

/// Makes the service a relying party of the FranceConnect at this issuer.
pub(crate) fn configure(config: &mut Config, issuer: &str) {
    config.upstream.insert(NAME.to_owned(), settings(issuer));
}

/// The issuer of the FranceConnect that is configured.
pub(crate) fn issuer(config: &Config) -> Option<String> {
    let upstream = config.upstream.get(NAME)?;
    Some(upstream.issuer.clone())
}

fn settings(issuer: &str) -> UpstreamSettings {
    let members = serde_json::json!({
        "issuer": issuer,
        "client_id": PREAU_CLIENT_ID,
        "client_secret": PREAU_CLIENT_SECRET,
    });
    let mut settings: UpstreamSettings =
        serde_json::from_value(members).expect("three settings are enough");
    settings.patience = Seconds(1);
    settings
}
