//! What stands between the network and HTTP: a bound on connections, and on peers that
//! do not take what they asked for.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use prometheus_client::metrics::gauge::Gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};

/// How long a peer may take none of what is sent to it.
const STALLED: Duration = Duration::from_secs(30);

/// Takes connections while there are places; shared by all of a node's listeners.
#[derive(Clone)]
pub(super) struct Guard {
    places: Arc<Semaphore>,
    open: Option<Gauge>,
}

impl Guard {
    pub(super) fn new(most: usize, open: Option<Gauge>) -> Self {
        Self {
            places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            open,
        }
    }

    fn admit(&self, stream: TcpStream) -> io::Result<Guarded> {
        let full = || io::Error::new(io::ErrorKind::ConnectionRefused, "too many connections");
        let place = self
            .places
            .clone()
            .try_acquire_owned()
            .map_err(|_| full())?;
        stream.set_nodelay(true)?;
        if let Some(open) = &self.open {
            open.inc();
        }
        Ok(Guarded {
            stream,
            stalled: None,
            open: self.open.clone(),
            _place: place,
        })
    }
}

impl<S> Accept<TcpStream, S> for Guard {
    type Stream = Guarded;
    type Service = S;
    type Future = std::future::Ready<io::Result<(Guarded, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        std::future::ready(self.admit(stream).map(|stream| (stream, service)))
    }
}

/// A connection that has a place until it is dropped.
pub(super) struct Guarded {
    stream: TcpStream,
    /// Runs while the peer takes nothing. Reading is bounded by HTTP's own time-outs.
    stalled: Option<Pin<Box<Sleep>>>,
    open: Option<Gauge>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(open) = &self.open {
            open.dec();
        }
    }
}

impl Guarded {
    /// Lets a write wait for the peer, but not for ever.
    fn patiently<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patiently(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.patiently(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.patiently(context, ended)
    }
}
