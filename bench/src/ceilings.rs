//! What the machine allows: each kind of work alone, with nothing of ours around it.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use domain::secret::Secret;
use idp::settings::PasswordSettings;
use josekit::{
    jwk::alg::ec::{EcCurve, EcKeyPair},
    jws::{ES256, JwsSigner},
};
use sea_orm::{ConnectionTrait, Statement};
use store::Database;

use crate::fault::Fault;

/// As long as the part of an access token that is signed.
const SIGNED_BYTES: usize = 480;

/// How many cores the machine gives.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Argon2id with these parameters on all cores, each keeping its memory: hashes a
/// second.
pub(crate) fn argon2(settings: &PasswordSettings, length: Duration) -> f64 {
    let hash = || {
        let params = Params::new(
            settings.memory_kib,
            settings.passes,
            settings.lanes,
            Some(32),
        );
        let params = params.expect("the default parameters are sound");
        let mut memory = vec![Block::new(); params.block_count()];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        rate_of(length, move || {
            let mut output = [0; 32];
            let made = argon2.hash_password_into_with_memory(
                b"Cartable-bleu-2026",
                b"sixteen salt 123",
                &mut output,
                &mut memory,
            );
            made.expect("sound parameters and enough memory");
            std::hint::black_box(output);
        })
    };
    on_cores(cores(), hash)
}

/// ES256 with josekit on that many cores: signatures a second.
pub(crate) fn es256(cores: usize, length: Duration) -> f64 {
    let pair = EcKeyPair::generate(EcCurve::P256).expect("OpenSSL makes keys");
    let private = pair.to_der_private_key();
    let sign = || {
        let signer = ES256
            .signer_from_der(&private)
            .expect("a key just made is sound");
        let message = [b'e'; SIGNED_BYTES];
        rate_of(length, move || {
            let signature = signer.sign(&message).expect("OpenSSL signs");
            std::hint::black_box(signature);
        })
    };
    on_cores(cores, sign)
}

fn on_cores(cores: usize, work: impl Fn() -> f64 + Sync) -> f64 {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(&work)).collect();
        let rates = threads.into_iter().map(thread::ScopedJoinHandle::join);
        rates
            .map(|rate| rate.expect("a ceiling does not panic"))
            .sum()
    })
}

/// How often a second a thread does it. The last one is not cut.
fn rate_of(length: Duration, mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut done = 0_u32;
    while begun.elapsed() < length {
        work();
        done += 1;
    }
    f64::from(done) / begun.elapsed().as_secs_f64()
}

/// Durable transactions of SQLite, on the connection that the store uses (WAL,
/// `synchronous=full`), one insert of a row like a refresh token's in each.
pub(crate) struct DurableWrites {
    database: Database,
    next: u64,
}

/// How a transaction is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Transaction {
    /// The insert alone: the database begins and commits by itself.
    Implicit,
    /// As the store does: begin IMMEDIATE, insert, commit.
    Explicit,
}

impl DurableWrites {
    /// A new database in a folder.
    pub(crate) async fn open(folder: &Path) -> Result<Self, Fault> {
        let url = format!("sqlite:{}", folder.join("ceiling.db").display());
        let database = Database::connect(&Secret::new(url), 1).await?;
        let table = "create table entry (id integer primary key, hash blob not null unique, \
             expires_at integer not null)";
        database.writer().execute_unprepared(table).await?;
        Ok(Self { database, next: 0 })
    }

    /// Transactions a second, one after the other: there is one writer.
    pub(crate) async fn rate(&mut self, kind: Transaction, length: Duration) -> Result<f64, Fault> {
        let begun = Instant::now();
        let mut done = 0_u32;
        while begun.elapsed() < length {
            let insert = self.insert();
            match kind {
                Transaction::Implicit => {
                    self.database.writer().execute_raw(insert).await?;
                }
                Transaction::Explicit => {
                    let transaction = self.database.begin().await?;
                    transaction.execute_raw(insert).await?;
                    transaction.commit().await?;
                }
            }
            done += 1;
        }
        Ok(f64::from(done) / begun.elapsed().as_secs_f64())
    }

    /// Hashes are spread as real ones are, so that the index costs what it costs.
    fn insert(&mut self) -> Statement {
        use sha2::{Digest, Sha256};
        self.next += 1;
        let hash = Sha256::digest(self.next.to_le_bytes()).to_vec();
        Statement::from_sql_and_values(
            self.database.backend(),
            "insert into entry (hash, expires_at) values ($1, $2)",
            [hash.into(), 1_800_000_000_000_i64.into()],
        )
    }
}
