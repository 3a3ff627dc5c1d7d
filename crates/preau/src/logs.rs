//! The log, on standard error: standard output is for what commands answer.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    config::{LogFormat, LogSettings},
    traces::{self, Traces},
};

/// Begins to log, and hands to `traces` what is theirs. What was begun earlier in this
/// process stays.
pub fn begin(settings: &LogSettings, traces: &Traces) {
    let filter = EnvFilter::try_new(&settings.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let off = format!("{}=off", traces::TARGET);
    let filter = filter.add_directive(off.parse().expect("a target and its level"));
    let log = fmt::layer().with_writer(io::stderr).with_target(true);
    let log = match settings.format {
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).boxed(),
    };
    let begun = tracing_subscriber::registry()
        .with(log.with_filter(filter))
        .with(traces.layer())
        .try_init();
    // A panic's message may quote what a person typed: the place says enough.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    if begun.is_err() {
        tracing::debug!("the log had begun before");
    }
}
