//! An axum route that does nothing, in a process of its own: `bench empty-route`.

use std::{io, net::Ipv4Addr};

use axum::{Router, routing::get};
use tokio::net::TcpListener;

/// Serves until the process is ended, on the runtime that `preau serve` uses.
pub(crate) fn serve(port: u16) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        println!("ready http://127.0.0.1:{port}");
        axum::serve(listener, Router::new().route("/", get(async || "ok"))).await
    })
}
