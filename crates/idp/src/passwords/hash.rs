//! One hash: made, read, compared.

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use domain::{ambient::Ambient, secret::Secret};
use subtle::ConstantTimeEq;

use crate::settings::PasswordSettings;

/// Settings that Argon2 does not take.
#[derive(Clone, Debug, thiserror::Error)]
#[error("passwords: Argon2id does not take these parameters ({0})")]
pub struct PasswordFault(argon2::Error);

/// The most memory that a hash may ask for, in KiB. Stored hashes come from imports
/// too, and none may exhaust the machine; the configuration has the same bounds, so
/// that what it makes can be read again.
pub const MOST_MEMORY: u32 = 128 * 1024;
/// The most passes that a hash may ask for.
pub const MOST_PASSES: u32 = 16;
/// The most lanes that a hash may ask for.
pub const MOST_LANES: u32 = 8;

/// Memory that a hash is computed in, kept between hashes.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    fn of(&mut self, params: &Params) -> &mut [Block] {
        let blocks = params.block_count();
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::new());
        }
        &mut self.0[..blocks]
    }
}

/// The configured parameters.
pub(super) fn parameters(settings: &PasswordSettings) -> Result<Params, PasswordFault> {
    let length = Some(Params::DEFAULT_OUTPUT_LEN);
    Params::new(settings.memory_kib, settings.passes, settings.lanes, length).map_err(PasswordFault)
}

/// The hash of a password, as the store keeps it: for commands and imports. Requests
/// go through the pool.
///
/// # Errors
/// [`PasswordFault`] for parameters that Argon2 does not take.
pub fn hash(
    settings: &PasswordSettings,
    ambient: &Ambient,
    password: &Secret,
) -> Result<String, PasswordFault> {
    Ok(make(
        &parameters(settings)?,
        ambient,
        password,
        &mut Memory::default(),
    ))
}

/// A new hash in PHC form, with a salt of 128 random bits.
pub(super) fn make(
    params: &Params,
    ambient: &Ambient,
    password: &Secret,
    memory: &mut Memory,
) -> String {
    let salt: [u8; 16] = ambient.random();
    let output = compute(params, password, &salt, memory);
    PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).expect("sound parameters can be written"),
        salt: Some(Salt::new(&salt).expect("16 bytes are a salt")),
        hash: Some(Output::new(&output).expect("32 bytes are a hash")),
    }
    .to_string()
}

/// What a stored hash was made with.
pub(super) struct Stored {
    pub(super) params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    /// Reads a stored hash; nothing for one that is no Argon2id, or asks for more than
    /// any configuration does.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let current = hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into());
        let params = Params::try_from(&hash).ok()?;
        let bounded = params.m_cost() <= MOST_MEMORY
            && params.t_cost() <= MOST_PASSES
            && params.p_cost() <= MOST_LANES;
        (current && bounded).then_some(Self {
            params,
            salt: hash.salt?,
            output: hash.hash?,
        })
    }

    /// Whether the password is the one that was hashed.
    pub(super) fn is_of(&self, password: &Secret, memory: &mut Memory) -> bool {
        let output = compute(&self.params, password, &self.salt, memory);
        output.as_slice().ct_eq(self.output.as_bytes()).into()
    }

    /// Whether guessing it costs less than with these parameters: the work is memory
    /// times passes.
    pub(super) fn is_weaker_than(&self, params: &Params) -> bool {
        let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
        work(&self.params) < work(params)
    }
}

/// Computes as for a stored hash, for nobody: the cost alone counts.
pub(super) fn compute_for_nobody(params: &Params, password: &Secret, memory: &mut Memory) {
    std::hint::black_box(compute(params, password, &[0; 16], memory));
}

fn compute(params: &Params, password: &Secret, salt: &[u8], memory: &mut Memory) -> Vec<u8> {
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let mut output = vec![0; length];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2
        .hash_password_into_with_memory(
            password.expose().as_bytes(),
            salt,
            &mut output,
            memory.of(params),
        )
        .expect("sound parameters, a bounded password and enough memory");
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick() -> PasswordSettings {
        PasswordSettings {
            memory_kib: 64,
            passes: 1,
            ..PasswordSettings::default()
        }
    }

    fn hash_of(password: &str) -> Stored {
        let text = hash(&quick(), &Ambient::system(), &Secret::new(password)).unwrap();
        Stored::parse(&text).unwrap()
    }

    #[test]
    fn a_password_is_its_own_to_the_last_byte() {
        let mut memory = Memory::default();
        let long = "é".repeat(200);
        let stored = hash_of(&long);
        assert!(stored.is_of(&Secret::new(long.as_str()), &mut memory));
        for other in [
            long[..long.len() - 2].to_owned(),
            format!("{long} "),
            long.to_uppercase(),
        ] {
            assert!(!stored.is_of(&Secret::new(other), &mut memory));
        }
    }

    #[test]
    fn hashes_that_would_exhaust_the_machine_are_not_read() {
        let salt_and_hash = "c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        for parameters in [
            "m=4194304,t=2,p=1",
            "m=19456,t=4000,p=1",
            "m=19456,t=2,p=200",
        ] {
            let text = format!("$argon2id$v=19${parameters}${salt_and_hash}");
            assert!(Stored::parse(&text).is_none(), "{parameters}");
        }
        assert!(Stored::parse("$2b$12$abcdefghijklmnopqrstuv").is_none());
        assert!(Stored::parse("").is_none());
    }

    #[test]
    fn weaker_parameters_are_seen() {
        let stored = hash_of("Cartable-bleu-2026");
        let stronger = parameters(&PasswordSettings::default()).unwrap();
        assert!(stored.is_weaker_than(&stronger));
        assert!(!stored.is_weaker_than(&parameters(&quick()).unwrap()));
    }
}
