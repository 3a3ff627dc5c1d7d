//! Makes the live objects from the configuration.

use std::{io, net::SocketAddr, sync::Arc};

use axum::Router;
use domain::{ambient::Ambient, client::ClientId};
use idp::App;
use notify::{
    ByChannel, Courier, Notifier, SmsGateway, SmtpTransport, Transport, settings::SettingFault,
};
use store::{
    Database, ServiceSecrets, StoreError, Vault,
    audit::sealer::Sealer,
    ephemeral::{EphemeralError, EphemeralStore, RedisEphemeral, SqlEphemeral},
    vault::hmac_sha256,
};
use web::{
    Site, address::TrustedProxies, assets::Replacements, csrf::CsrfKey, site::SiteSettings,
    urls::Urls,
};

use super::{
    Extras, backlog::OutboxWatch, demo_secrets, health, metrics::Metrics, observe,
    trail::TrailWatch,
};
use crate::config::{Config, limits};

/// The name of the site, which its cookies carry.
const SITE: &str = "preau";
/// The name of the service in messages.
const PRODUCT: &str = "Préau";

/// A node cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The main store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ephemeral store cannot be reached.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
    /// The provider's own fault.
    #[error(transparent)]
    Provider(#[from] idp::StartError),
    /// An address cannot be listened on.
    #[error("server.listen: {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Certificate or key do not do.
    #[error("server.tls: {0}")]
    Tls(io::Error),
    /// A file of the operator's look cannot be read.
    #[error("look: {0}")]
    Look(io::Error),
    /// The list of passwords that nobody may choose cannot be read.
    #[error("self_service.refused_passwords: {0}")]
    Passwords(io::Error),
    /// A registration of the demo is in the store.
    #[error(
        "the client {0} has the demo's secret, which everybody knows: delete it with `preau client delete {0}`"
    )]
    DemoSecret(ClientId),
    /// An account of the demo is in the store.
    #[error(
        "an officer's or administrator's account has the demo's second factor, which everybody \
         knows: import no accounts of the demo"
    )]
    DemoFactor,
    /// A setting that passed its check does not do all the same.
    #[error("{section}.{fault}")]
    Setting {
        /// The section.
        section: &'static str,
        /// The key and its fault.
        fault: SettingFault,
    },
}

/// What a node is made of.
pub(super) struct Wired {
    pub(super) app: App,
    pub(super) courier: Courier,
    pub(super) sealer: Sealer,
    pub(super) router: Router,
    pub(super) metrics: Option<Metrics>,
}

/// Opens the main store, which must have this version's schema.
pub(super) async fn open(config: &Config) -> Result<Database, StartFault> {
    let database = Database::connect(&config.database.url, config.database.connections).await?;
    if let Err(error) = store::migration::check(&database).await {
        database.close().await;
        return Err(error.into());
    }
    Ok(database)
}

async fn refuse_demo_secrets(
    database: &Database,
    vault: &Vault,
    secrets: &ServiceSecrets,
    ambient: &Ambient,
) -> Result<(), StartFault> {
    if let Some(client) = demo_secrets::find(database, secrets, ambient.now()).await? {
        return Err(StartFault::DemoSecret(client));
    }
    if demo_secrets::is_second_factor(database, vault).await? {
        return Err(StartFault::DemoFactor);
    }
    Ok(())
}

pub(super) async fn wire(
    config: &Config,
    ambient: Ambient,
    database: Database,
    extras: &Extras,
) -> Result<Wired, StartFault> {
    let vault = config.secrets.vault();
    let secrets = ServiceSecrets::load_or_create(&database, &vault, &ambient).await?;
    if extras.production {
        refuse_demo_secrets(&database, &vault, &secrets, &ambient).await?;
    }
    let ephemeral = ephemeral(config, &database).await?;
    let notifier = Notifier::new(
        &config.server.issuer,
        PRODUCT,
        vault.clone(),
        ambient.clone(),
    );
    let transport = transport(config, extras)?;
    let courier = Courier::new(
        &notifier,
        database.clone(),
        transport,
        config.delivery.clone(),
    );
    let health = health::router(database.clone(), ephemeral.clone());
    let sealer = Sealer::new(database.clone(), vault.clone(), ambient.clone()).await?;
    let outbox = OutboxWatch::new(database.clone(), ambient.clone());
    let trail = TrailWatch::new(database.clone(), ambient.clone());
    let parts = idp::Parts {
        site: site(config, ambient, &secrets)?,
        database,
        ephemeral,
        vault,
        secrets,
        settings: config.provider(),
        notifier,
    };
    let app = App::start(parts).await?;
    let metrics = config.server.metrics_listen;
    let metrics = metrics.map(|_| Metrics::new(app.counters.clone(), outbox, trail));
    let own = self_service_router(config, &app, extras)?;
    let router = routes(&app, own);
    let router = observe::observed(router, metrics.as_ref(), config.traces.is_some()).merge(health);
    Ok(Wired {
        app,
        courier,
        sealer,
        router,
        metrics,
    })
}

/// Every route of the service.
fn routes(app: &App, self_service: Router) -> Router {
    idp::http::router(app)
        .merge(self_service)
        .merge(admin::router(app))
        .merge(web::static_pages::router(&app.site))
}

fn self_service_router(config: &Config, app: &App, extras: &Extras) -> Result<Router, StartFault> {
    let settings = &config.self_service;
    let common = limits::common_passwords(settings).map_err(StartFault::Passwords)?;
    let portal = extras.portal.clone();
    Ok(self_service::router(app, settings.clone(), common, portal))
}

fn site(
    config: &Config,
    ambient: Ambient,
    secrets: &ServiceSecrets,
) -> Result<Arc<Site>, StartFault> {
    let checked = "settings were checked when the configuration was read";
    Ok(Site::new(SiteSettings {
        name: SITE,
        urls: Urls::new(&config.server.issuer).expect(checked),
        ambient,
        // A key of its own: the same bytes sign other things.
        csrf_key: CsrfKey::from_bytes(hmac_sha256(&secrets.cookies, b"csrf")),
        trusted_proxies: TrustedProxies::parse(&config.server.trusted_proxies).expect(checked),
        accessibility: config.accessibility.statement(),
        form_targets: form_targets(config),
        replacements: replacements(config)?,
    }))
}

/// The operator's look, and the official buttons of upstreams.
fn replacements(config: &Config) -> Result<Replacements, StartFault> {
    let mut all = config.look.replacements().map_err(StartFault::Look)?;
    for (name, upstream) in &config.upstream {
        let (at_rest, active) = upstream.pictures(name);
        for (asset, file) in at_rest.into_iter().chain(active) {
            let read = std::fs::read(file);
            all = all.with(asset, read.map_err(StartFault::Look)?);
        }
    }
    Ok(all)
}

/// The origins of the upstreams: where signing out goes on.
fn form_targets(config: &Config) -> Vec<String> {
    let issuers = config.upstream.values();
    let urls = issuers.filter_map(|upstream| url::Url::parse(&upstream.issuer).ok());
    urls.map(|url| url.origin().ascii_serialization()).collect()
}

async fn ephemeral(
    config: &Config,
    database: &Database,
) -> Result<Arc<dyn EphemeralStore>, StartFault> {
    Ok(match &config.redis.url {
        Some(url) => {
            let redis = RedisEphemeral::connect(url).await?;
            Arc::new(redis.with_prefix(&config.redis.prefix))
        }
        None => Arc::new(SqlEphemeral::new(database.clone())),
    })
}

fn transport(config: &Config, extras: &Extras) -> Result<Arc<dyn Transport>, StartFault> {
    if let Some(inbox) = &extras.transport {
        return Ok(inbox.clone());
    }
    let mut channels = ByChannel::default();
    if let Some(mail) = &config.mail {
        let smtp = SmtpTransport::new(mail);
        let smtp = smtp.map_err(|fault| StartFault::Setting {
            section: "mail",
            fault,
        })?;
        channels.email = Some(Arc::new(smtp));
    }
    if let Some(sms) = &config.sms {
        let gateway = SmsGateway::new(sms);
        let gateway = gateway.map_err(|fault| StartFault::Setting {
            section: "sms",
            fault,
        })?;
        channels.sms = Some(Arc::new(gateway));
    }
    Ok(Arc::new(channels))
}
