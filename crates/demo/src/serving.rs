//! Serves a router on open sockets until it is told to end.

use std::{io, net, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::timeout};

/// How long requests in flight may take once the end is near.
const LAST_REQUESTS: Duration = Duration::from_secs(1);

/// A router at work.
pub(crate) struct Serving {
    end: watch::Sender<bool>,
    servers: JoinSet<io::Result<()>>,
}

impl Serving {
    /// Begins to accept on every socket.
    pub(crate) fn start(router: &Router, listeners: Vec<net::TcpListener>) -> io::Result<Self> {
        let (end, ended) = watch::channel(false);
        let mut servers = JoinSet::new();
        for listener in listeners {
            let listener = TcpListener::from_std(listener)?;
            let mut ended = ended.clone();
            let told = async move {
                // A sender that is gone means the end as well.
                let _ = ended.wait_for(|ended| *ended).await;
            };
            let server = axum::serve(listener, router.clone()).with_graceful_shutdown(told);
            servers.spawn(server.into_future());
        }
        Ok(Self { end, servers })
    }

    /// Stops accepting, lets requests finish for a moment, then drops what is left.
    pub(crate) async fn stop(mut self) {
        let _ = self.end.send(true);
        let all = async { while self.servers.join_next().await.is_some() {} };
        if timeout(LAST_REQUESTS, all).await.is_err() {
            self.servers.shutdown().await;
        }
    }
}
