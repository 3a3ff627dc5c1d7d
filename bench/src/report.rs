//! The report: one table of ratios, for people and as JSON.

use std::{fmt::Write as _, fs, path::Path};

use serde::Serialize;

use crate::{
    enumeration::{STATES, Told},
    fault::{Doing, Fault},
    growth::Size,
    process::Memory,
    registrations::Registrations,
    series::Series,
    suite::{Figure, Figures},
};

/// All that a run found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Of what the machine has.
    pub(crate) cores: usize,
    /// The load averages at the beginning and at the end: what else ran.
    pub(crate) loads: [String; 2],
    /// On SQLite, with the ceilings and the peer beside it.
    pub(crate) figures: Figures,
    /// On PostgreSQL and Redis, where `cargo xtask bench` started them.
    pub(crate) servers: Figures,
    /// From exec to the first answer, in milliseconds, and memory.
    pub(crate) start: Start,
    /// Lookups in larger stores.
    pub(crate) growth: Vec<Size>,
    /// Times of answers by the state of who was named.
    pub(crate) enumeration: Vec<Told>,
    /// Few registrations and many.
    pub(crate) registrations: Option<Registrations>,
    /// What could not be measured, and why.
    pub(crate) faults: Vec<String>,
}

/// Start times in milliseconds, and memory in bytes.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Start {
    /// People in the store.
    pub(crate) people: usize,
    /// To the first answer.
    pub(crate) ours: Series,
    /// Before any load.
    pub(crate) idle: Memory,
    /// After all of it.
    pub(crate) after: Memory,
    /// The peer's, once.
    pub(crate) peer: Option<PeerStart>,
}

/// The peer's start and memory.
#[derive(Debug, Serialize)]
pub(crate) struct PeerStart {
    /// To the first answer, in milliseconds.
    pub(crate) milliseconds: f64,
    /// Before any load.
    pub(crate) idle: Memory,
    /// After all of it.
    pub(crate) after: Memory,
}

impl Report {
    /// Writes both files into a folder, and gives the text.
    pub(crate) fn write(&self, folder: &Path) -> Result<String, Fault> {
        let text = self.text();
        fs::create_dir_all(folder).doing("make the report's folder")?;
        fs::write(folder.join("report.md"), &text).doing("write the report")?;
        let json = serde_json::to_string_pretty(self).expect("a report is a document");
        fs::write(folder.join("report.json"), json).doing("write the report")?;
        Ok(text)
    }

    fn text(&self) -> String {
        let mut text = String::from("# Bench\n\n");
        let [before, after] = &self.loads;
        let cores = self.cores;
        let _ = writeln!(
            text,
            "{cores} cores shared by server and generator; load average {before} at the \
             beginning, {after} at the end. Rates are medians a second; ± is half the \
             distance of the farthest two rounds. Ratios are taken within each round.\n"
        );
        text.push_str(&ratios(&self.figures));
        text.push_str(&servers(&self.servers, &self.figures));
        text.push_str(&start(&self.start));
        text.push_str(&growth(&self.growth));
        text.push_str(&enumeration(&self.enumeration));
        text.push_str(&registrations(self.registrations.as_ref()));
        for fault in &self.faults {
            let _ = writeln!(text, "Not measured: {fault}");
        }
        text
    }
}

/// A line of the table: ours, what it is held against, and the peer.
struct Line {
    name: &'static str,
    ours: Figure,
    ceiling_name: &'static str,
    ceiling: Ceiling,
    peer: Option<Figure>,
}

enum Ceiling {
    One(Figure),
    /// One after the other: `1 / (1/a + 1/b)`.
    Both(Figure, Figure),
}

impl Ceiling {
    fn series(&self, figures: &Figures) -> Option<Series> {
        match self {
            Self::One(figure) => figures.get(figure).cloned(),
            Self::Both(one, other) => Some(figures.get(one)?.then(figures.get(other)?)),
        }
    }
}

const fn line(
    name: &'static str,
    ours: Figure,
    ceiling_name: &'static str,
    ceiling: Ceiling,
    peer: Option<Figure>,
) -> Line {
    Line {
        name,
        ours,
        ceiling_name,
        ceiling,
        peer,
    }
}

#[expect(clippy::too_many_lines, reason = "a table, a line each")]
fn lines() -> Vec<Line> {
    use Ceiling::{Both, One};
    use Figure::{
        Argon2AllCores, ClientCredentials, CodeExchange, DurableInserts, DurableTransactions,
        EmptyRoute, Es256AllCores, Es256OneCore, Introspection, IntrospectionOfService, Jwks,
        Metadata, PeerClientCredentials, PeerIntrospection, PeerJwks, PeerMetadata, Refresh,
        SignIn, SignInBesideDown, SignInBesideSlow, SignInBesideWell, UserInfo,
    };
    vec![
        line(
            "sign-in, whole journey",
            SignIn,
            "Argon2id, all cores",
            One(Argon2AllCores),
            None,
        ),
        line(
            "sign-in, FranceConnect slow (10 s)",
            SignInBesideSlow,
            "the same, FranceConnect well",
            One(SignInBesideWell),
            None,
        ),
        line(
            "sign-in, FranceConnect down",
            SignInBesideDown,
            "the same, FranceConnect well",
            One(SignInBesideWell),
            None,
        ),
        line(
            "client_credentials, ES256",
            ClientCredentials,
            "signing on one core, then an empty route",
            Both(Es256OneCore, EmptyRoute),
            Some(PeerClientCredentials),
        ),
        line(
            "client_credentials, ES256",
            ClientCredentials,
            "signing on all cores, then an empty route",
            Both(Es256AllCores, EmptyRoute),
            Some(PeerClientCredentials),
        ),
        line(
            "refresh",
            Refresh,
            "durable inserts",
            One(DurableInserts),
            None,
        ),
        line(
            "refresh",
            Refresh,
            "durable transactions",
            One(DurableTransactions),
            None,
        ),
        line(
            "code exchange",
            CodeExchange,
            "durable transactions",
            One(DurableTransactions),
            None,
        ),
        line(
            "metadata",
            Metadata,
            "empty route",
            One(EmptyRoute),
            Some(PeerMetadata),
        ),
        line(
            "key set",
            Jwks,
            "empty route",
            One(EmptyRoute),
            Some(PeerJwks),
        ),
        line(
            "UserInfo, with family",
            UserInfo,
            "empty route",
            One(EmptyRoute),
            None,
        ),
        line(
            "introspection, a person's token",
            Introspection,
            "empty route",
            One(EmptyRoute),
            None,
        ),
        line(
            "introspection, a service's token",
            IntrospectionOfService,
            "empty route",
            One(EmptyRoute),
            Some(PeerIntrospection),
        ),
    ]
}

fn ratios(figures: &Figures) -> String {
    let mut table = String::from(
        "| journey | ours /s | held against | /s | ratio | npm oidc-provider /s | ours to it |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for line in lines() {
        let (Some(ours), Some(ceiling)) = (figures.get(&line.ours), line.ceiling.series(figures))
        else {
            continue;
        };
        let peer = line.peer.and_then(|peer| figures.get(&peer));
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | **{}** | {} | {} |",
            line.name,
            rate(Some(ours)),
            line.ceiling_name,
            rate(Some(&ceiling)),
            ratio(Some(&ours.over(&ceiling))),
            rate(peer),
            ratio(peer.map(|peer| ours.over(peer)).as_ref()),
        );
    }
    table.push('\n');
    table
}

fn servers(servers: &Figures, sqlite: &Figures) -> String {
    if servers.is_empty() {
        return String::new();
    }
    let mut table =
        String::from("| on PostgreSQL and Redis | /s | beside SQLite |\n|---|---|---|\n");
    for (figure, series) in servers {
        let name = lines().into_iter().find(|line| line.ours == *figure);
        let name = name.map_or("", |line| line.name);
        let beside = series
            .median()
            .zip(sqlite.get(figure).and_then(Series::median));
        let beside = beside.map_or("–".to_owned(), |(one, other)| {
            format!("{:.2}", one / other)
        });
        let _ = writeln!(table, "| {name} | {} | {beside} |", rate(Some(series)));
    }
    table.push('\n');
    table
}

fn start(start: &Start) -> String {
    let mut table = String::from(
        "| start and memory | to the first answer | resident idle | after load | highest |\n\
         |---|---|---|---|---|\n",
    );
    let mut add = |name: &str, time: String, idle: Memory, after: Memory| {
        let (idle, now, most) = (mib(idle.resident), mib(after.resident), mib(after.highest));
        let _ = writeln!(table, "| {name} | {time} | {idle} | {now} | {most} |");
    };
    if let Some(median) = start.ours.median() {
        let name = format!("`serve`, {} people, second start", start.people);
        let spread = start.ours.spread().unwrap_or_default() * 50.0;
        let time = format!("{median:.0} ms ± {spread:.0} %");
        add(&name, time, start.idle, start.after);
    }
    if let Some(peer) = &start.peer {
        let time = format!("{:.0} ms", peer.milliseconds);
        add("npm oidc-provider", time, peer.idle, peer.after);
    }
    table.push('\n');
    table
}

fn growth(sizes: &[Size]) -> String {
    let Some(first) = sizes.first() else {
        return String::new();
    };
    let mut table = String::from(
        "| people | file | imported /s | sign-in query /s | to the smallest | UserInfo /s | to the smallest |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for size in sizes {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} |",
            size.people,
            mib(size.bytes),
            size.imported
                .map_or("–".to_owned(), |rate| format!("{rate:.0}")),
            rate(Some(&size.by_identifier)),
            ratio(Some(&size.by_identifier.over(&first.by_identifier))),
            rate(Some(&size.user_info)),
            ratio(Some(&size.user_info.over(&first.user_info))),
        );
    }
    table.push('\n');
    table
}

/// Times of answers by the state of who was named, in milliseconds.
pub(crate) fn enumeration(told: &[Told]) -> String {
    let Some(first) = told.first() else {
        return String::new();
    };
    let mut table = format!(
        "Median milliseconds of {} answers each, by who was named; by chance: what the \
         largest difference stays under in 95 of 100 random deals of the same times.\n\n| answer |",
        first.tries
    );
    for state in STATES {
        let _ = write!(table, " {} |", state.name());
    }
    table.push_str(" largest difference | by chance |\n|---|");
    table.push_str(&"---|".repeat(STATES.len() + 2));
    table.push('\n');
    for line in told {
        let _ = write!(table, "| {} |", line.answer);
        for median in &line.medians {
            let _ = write!(table, " {median:.3} |");
        }
        let _ = writeln!(table, " {:.3} | {:.3} |", line.difference, line.by_chance);
    }
    table.push('\n');
    table
}

fn registrations(measured: Option<&Registrations>) -> String {
    let Some(measured) = measured else {
        return String::new();
    };
    let milliseconds = |series: &Series| match series.median() {
        Some(median) => format!("{median:.1} ms"),
        None => "–".to_owned(),
    };
    format!(
        "| registrations | client_credentials /s | to few | list p99 | search p99 |\n\
         |---|---|---|---|---|\n\
         | a handful | {} | | | |\n\
         | 10 000 | {} | {} | {} | {} |\n\n",
        rate(Some(&measured.tokens_few)),
        rate(Some(&measured.tokens_many)),
        ratio(Some(&measured.tokens_many.over(&measured.tokens_few))),
        milliseconds(&measured.list),
        milliseconds(&measured.search),
    )
}

fn rate(series: Option<&Series>) -> String {
    let measured = series.and_then(|series| Some((series.median()?, series.spread()?)));
    let Some((median, spread)) = measured else {
        return "–".to_owned();
    };
    let digits = usize::from(median < 1000.0);
    format!("{median:.digits$} ± {:.0} %", spread * 50.0)
}

fn ratio(series: Option<&Series>) -> String {
    let median = series.and_then(Series::median);
    median.map_or("–".to_owned(), |median| format!("{median:.2}"))
}

#[expect(clippy::cast_precision_loss, reason = "far from 2^52 bytes")]
fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}
