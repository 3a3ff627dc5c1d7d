//! Listeners: bound first, then served until they are stopped.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum::Router;
use axum_server::{
    Handle, Server,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use tokio::task::JoinSet;

use super::{guard::Guard, metrics::Metrics, wiring::StartFault};
use crate::config::{ServerSettings, TlsSettings};

/// How long a client may take for a request's headers, from the connection's first
/// moment or from the answer before.
const HEADERS: Duration = Duration::from_secs(30);
/// The most that headers may hold, in bytes.
const LONGEST_HEADERS: usize = 64 * 1024;

/// The listeners of a node.
pub(super) struct Listeners {
    addresses: Vec<SocketAddr>,
    metrics_address: Option<SocketAddr>,
    handles: Vec<Handle<SocketAddr>>,
    serving: JoinSet<()>,
    /// Ends with the listeners, and never by itself.
    upkeep: JoinSet<()>,
    tls: Option<(TlsSettings, RustlsConfig)>,
}

impl Listeners {
    /// Binds all, and serves. `open` stands in the place of `server.listen` unless it
    /// is empty.
    pub(super) async fn start(
        settings: &ServerSettings,
        open: Vec<TcpListener>,
        router: Router,
        metrics: Option<Metrics>,
    ) -> Result<Self, StartFault> {
        let sockets = if open.is_empty() {
            settings
                .listen
                .iter()
                .map(|address| bind(*address))
                .collect::<Result<_, _>>()?
        } else {
            open
        };
        let guard = Guard::new(
            settings.max_connections,
            metrics
                .as_ref()
                .map(|metrics| metrics.connections().clone()),
        );
        let mut listeners = Self {
            addresses: Vec::new(),
            metrics_address: None,
            handles: Vec::new(),
            serving: JoinSet::new(),
            upkeep: JoinSet::new(),
            tls: certificate(settings).await?,
        };
        for socket in sockets {
            let address = listeners.serve(socket, guard.clone(), router.clone())?;
            listeners.addresses.push(address);
        }
        if let (Some(address), Some(metrics)) = (settings.metrics_listen, metrics) {
            listeners.serve_metrics(bind(address)?, &metrics)?;
        }
        Ok(listeners)
    }

    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub(super) const fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Stops accepting, and waits for what is under way; when time is over it is cut.
    pub(super) async fn stop(&mut self, grace: Duration) {
        for handle in &self.handles {
            handle.graceful_shutdown(Some(grace));
        }
        let ended = async { while self.serving.join_next().await.is_some() {} };
        let margin = Duration::from_millis(200);
        let _ = tokio::time::timeout(grace + margin, ended).await;
        self.serving.abort_all();
        self.upkeep.abort_all();
    }

    pub(super) async fn reload_certificate(&self) -> std::io::Result<()> {
        match &self.tls {
            Some((files, config)) => {
                config
                    .reload_from_pem_file(&files.certificate_file, &files.key_file)
                    .await
            }
            None => Ok(()),
        }
    }

    fn serve(
        &mut self,
        socket: TcpListener,
        guard: Guard,
        router: Router,
    ) -> Result<SocketAddr, StartFault> {
        let (address, server) = self.server(socket)?;
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        match &self.tls {
            Some((_, config)) => {
                let acceptor = RustlsAcceptor::new(config.clone()).acceptor(guard);
                self.spawn(server.acceptor(acceptor).serve(service));
            }
            // HTTP/2 without TLS is nobody's.
            None => self.spawn(server.http1_only().acceptor(guard).serve(service)),
        }
        Ok(address)
    }

    fn serve_metrics(&mut self, socket: TcpListener, metrics: &Metrics) -> Result<(), StartFault> {
        let (address, server) = self.server(socket)?;
        let service = metrics.router().into_make_service();
        self.spawn(
            server
                .http1_only()
                .acceptor(Guard::new(100, None))
                .serve(service),
        );
        self.metrics_address = Some(address);
        Ok(())
    }

    fn server(
        &mut self,
        socket: TcpListener,
    ) -> Result<(SocketAddr, Server<SocketAddr>), StartFault> {
        let unbound = SocketAddr::from(([0, 0, 0, 0], 0));
        let fault = |address| move |error| StartFault::Listen { address, error };
        let address = socket.local_addr().map_err(fault(unbound))?;
        let handle = Handle::new();
        let mut server = axum_server::from_tcp(socket)
            .map_err(fault(address))?
            .handle(handle.clone())
            .first_request_timeout(HEADERS);
        server
            .http_builder()
            .http1()
            .header_read_timeout(HEADERS)
            .max_buf_size(LONGEST_HEADERS);
        self.handles.push(handle);
        Ok((address, server))
    }

    fn spawn(&mut self, serving: impl Future<Output = std::io::Result<()>> + Send + 'static) {
        self.serving.spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "a listener ended");
            }
        });
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartFault> {
    TcpListener::bind(address).map_err(|error| StartFault::Listen { address, error })
}

async fn certificate(
    settings: &ServerSettings,
) -> Result<Option<(TlsSettings, RustlsConfig)>, StartFault> {
    let Some(files) = &settings.tls else {
        return Ok(None);
    };
    let config = RustlsConfig::from_pem_file(&files.certificate_file, &files.key_file).await;
    Ok(Some((files.clone(), config.map_err(StartFault::Tls)?)))
}
