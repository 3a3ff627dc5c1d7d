//! Temporary folders for servers' data, and passwords for one run.

use std::env;
use std::fmt::Write;
use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process;

use crate::account::Account;
use crate::failure::{Doing, Failure, Outcome};
use crate::guard::Guard;

/// A new folder of this account alone, which the guard will remove. Root's own
/// temporary folder may be closed to others, hence the choice.
pub(crate) fn folder_of(account: &Account, guard: &mut Guard) -> Outcome<PathBuf> {
    for parent in [env::temp_dir(), "/tmp".into(), "/var/tmp".into()] {
        let folder = new_folder(&parent).doing(format!("make a folder in {}", parent.display()))?;
        guard.remove_at_end(&folder)?;
        account
            .own(&folder)
            .doing(format!("give {} away", folder.display()))?;
        if account.can_write(&folder) {
            return Ok(folder);
        }
    }
    Err(Failure::Missing(
        "no temporary folder that a server's account can write in".into(),
    ))
}

/// Makes a folder that only its owner may enter, under a name that was free.
pub(crate) fn new_folder(parent: &Path) -> io::Result<PathBuf> {
    for number in 0_u32.. {
        let folder = parent.join(format!("preau-{}-{number}", process::id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            result => return result.map(|()| folder),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// 128 random bits in hexadecimal: whoever else is on the machine can reach the
/// servers' ports, but must not get in.
pub(crate) fn password() -> Outcome<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .doing("read /dev/urandom")?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_folders_of_one_process_differ() {
        let (one, two) = (
            new_folder(&env::temp_dir()).unwrap(),
            new_folder(&env::temp_dir()).unwrap(),
        );
        assert_ne!(one, two);
        std::fs::remove_dir(one).unwrap();
        std::fs::remove_dir(two).unwrap();
    }

    #[test]
    fn passwords_are_long_and_differ() {
        let (one, two) = (password().unwrap(), password().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
    }
}
