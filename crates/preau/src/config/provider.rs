//! Checks of the provider's sections: `tokens`, `session`, `passwords`, `keys`.

use idp::{
    passwords::{MOST_LANES, MOST_MEMORY, MOST_PASSES},
    registrar::POWERS,
    settings::{
        ClientSettings, KeySettings, PasswordSettings, Seconds, SessionSettings, TokenSettings,
    },
};

use super::fault::Faults;

const DAY: u64 = 24 * 3600;

/// What keeps a stolen table of hashes expensive: the least parameters of the OWASP
/// Password Storage Cheat Sheet, as memory times passes.
const LEAST_COST: u32 = 7 * 1024 * 5;

pub(super) fn check_tokens(tokens: &TokenSettings, faults: &mut Faults) {
    within(tokens.code, 1, 60, "tokens.code", faults);
    within(tokens.id_token, 10, DAY, "tokens.id_token", faults);
    within(tokens.access_token, 10, DAY, "tokens.access_token", faults);
    let idle = tokens.refresh_token_idle;
    within(idle, 60, 3650 * DAY, "tokens.refresh_token_idle", faults);
    let whole = "must be at least tokens.refresh_token_idle";
    faults.require(
        tokens.refresh_token_whole.0 >= idle.0,
        "tokens.refresh_token_whole",
        whole,
    );
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    let namespace = "must be a prefix without spaces, such as https://claims.example/";
    faults.require(
        tokens.claim_namespace.chars().all(plain),
        "tokens.claim_namespace",
        namespace,
    );
}

pub(super) fn check_session(session: &SessionSettings, faults: &mut Faults) {
    within(session.idle, 60, 30 * DAY, "session.idle", faults);
    within(session.sign_in, 60, DAY, "session.sign_in", faults);
    let what = "must be at least session.idle";
    faults.require(session.whole.0 >= session.idle.0, "session.whole", what);
    let longest = "must be at most 30 days";
    faults.require(session.whole.0 <= 30 * DAY, "session.whole", longest);
}

pub(super) fn check_passwords(passwords: &PasswordSettings, faults: &mut Faults) {
    let cost = passwords.memory_kib.saturating_mul(passwords.passes);
    let what = "too weak: at least 7168 with 5 passwords.passes, or 19456 with 2";
    faults.require(
        passwords.memory_kib >= 7 * 1024 && cost >= LEAST_COST,
        "passwords.memory_kib",
        what,
    );
    faults.require(
        passwords.memory_kib <= MOST_MEMORY,
        "passwords.memory_kib",
        "must be at most 131072 (128 MiB)",
    );
    faults.require(
        (1..=MOST_PASSES).contains(&passwords.passes),
        "passwords.passes",
        "must be from 1 to 16",
    );
    faults.require(
        (1..=MOST_LANES).contains(&passwords.lanes),
        "passwords.lanes",
        "must be from 1 to 8",
    );
    faults.require(
        passwords.workers <= 1024,
        "passwords.workers",
        "must be at most 1024",
    );
    let queue = (1..=10_000).contains(&passwords.queue_per_worker);
    faults.require(
        queue,
        "passwords.queue_per_worker",
        "must be from 1 to 10000",
    );
}

pub(super) fn check_keys(keys: &KeySettings, tokens: &TokenSettings, faults: &mut Faults) {
    let days = (1..=3650).contains(&keys.rotate_after_days);
    faults.require(days, "keys.rotate_after_days", "must be from 1 to 3650");
    let longest = tokens.access_token.0.max(tokens.id_token.0);
    let kept = u64::from(keys.keep_hours) * 3600 > longest;
    let what = "must be longer than tokens.access_token and tokens.id_token: verifiers need the key until they end";
    faults.require(kept, "keys.keep_hours", what);
    within(keys.reload, 1, 60, "keys.reload", faults);
}

pub(super) fn check_clients(clients: &ClientSettings, faults: &mut Faults) {
    if let Err(network) = clients.fetcher() {
        let what = format_args!("{network} is no network, such as 10.1.0.0/16");
        faults.require(false, "clients.allowed_networks", what);
    }
    within(
        clients.fetch_timeout,
        1,
        30,
        "clients.fetch_timeout",
        faults,
    );
    let gives_power = POWERS
        .iter()
        .any(|power| clients.dynamic_scopes.contains(power));
    let what =
        "must not give power over the service itself (clients:read, clients:write, audit:read)";
    faults.require(!gives_power, "clients.dynamic_scopes", what);
}

fn within(value: Seconds, least: u64, most: u64, key: &str, faults: &mut Faults) {
    let what = format_args!("must be from {least} to {most} seconds, not {}", value.0);
    faults.require((least..=most).contains(&value.0), key, what);
}
