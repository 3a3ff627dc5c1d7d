//! Installs Debian packages, without letting their services start.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, IsTerminal};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::failure::{Doing, Outcome};
use crate::interrupts::Interrupts;
use crate::layout::find_program;
use crate::needs::Need;
use crate::setup;
use crate::steps::Steps;

/// Another run may hold dpkg; apt waits this long for it.
const LOCK_TIMEOUT: &str = "DPkg::Lock::Timeout=300";

/// Debian asks this program whether a service may start (`man invoke-rc.d`).
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// By this comment we know the policy that a killed run of ours left.
const MARK: &str = "# Put here by cargo xtask while it installs packages.";

/// Whether we are root on a system with apt.
pub(crate) fn may_install() -> bool {
    nix::unistd::geteuid().is_root()
        && Path::new("/etc/debian_version").exists()
        && find_program("apt-get").is_some()
}

/// Installs what is missing of these needs; two runs take turns.
pub(crate) fn install(steps: &mut Steps, needs: &[Need]) -> Outcome<()> {
    let _turn = lock(Path::new("/var/lib/dpkg"), &steps.interrupts)?;
    let missing = setup::missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let packages = setup::packages(&missing);
    let _policy = Policy::refuse_services(Path::new(POLICY))?;
    // A mirror that is down for a moment does not matter if the lists are there.
    steps.attempt("apt-get update", apt_get("update").arg("-q"))?;
    steps.must(
        &format!("apt-get install {}", packages.join(" ")),
        apt_get("install")
            .args(["-y", "--no-install-recommends"])
            .args(quiet())
            .args(&packages),
    )
}

/// Takes a lock on a file or folder, waiting for whoever has it. It is free
/// again when the file is dropped or the process ends.
pub(crate) fn lock(path: &Path, interrupts: &Interrupts) -> Outcome<File> {
    let doing = format!("lock {}", path.display());
    let file = File::open(path).doing(doing.as_str())?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    println!("another run holds {}: waiting", path.display());
                    told = true;
                }
                interrupts.check()?;
                thread::sleep(Duration::from_millis(100));
            }
            Err(TryLockError::Error(error)) => return Err(error).doing(doing),
        }
    }
}

fn apt_get(action: &str) -> Command {
    let mut command = Command::new("apt-get");
    command
        .args([action, "-o", LOCK_TIMEOUT])
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// A terminal gets apt's progress bar, a log only what changes.
fn quiet() -> &'static [&'static str] {
    if io::stdout().is_terminal() {
        &[]
    } else {
        &["-qq", "-o", "Dpkg::Use-Pty=0"]
    }
}

/// Refuses the start of services until dropped; the policy that was there
/// before comes back then.
#[derive(Debug)]
struct Policy {
    path: PathBuf,
}

impl Policy {
    fn refuse_services(path: &Path) -> Outcome<Self> {
        let policy = Self {
            path: path.to_path_buf(),
        };
        policy
            .put_back()
            .doing(format!("put {} back", path.display()))?;
        policy
            .put_ours()
            .doing(format!("write {}", path.display()))?;
        Ok(policy)
    }

    fn put_ours(&self) -> io::Result<()> {
        if self.path.exists() {
            fs::rename(&self.path, self.aside())?;
        }
        fs::write(&self.path, format!("#!/bin/sh\n{MARK}\nexit 101\n"))?;
        fs::set_permissions(&self.path, Permissions::from_mode(0o755))
    }

    /// Also after a run that was killed: what is aside is always the older one.
    fn put_back(&self) -> io::Result<()> {
        if fs::read_to_string(&self.path).is_ok_and(|text| text.contains(MARK)) {
            fs::remove_file(&self.path)?;
        }
        if self.aside().exists() {
            fs::rename(self.aside(), &self.path)?;
        }
        Ok(())
    }

    fn aside(&self) -> PathBuf {
        self.path.with_extension("d.before-xtask")
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if let Err(error) = self.put_back() {
            eprintln!("xtask: could not put {} back: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch;

    fn in_a_folder(test: impl FnOnce(&Path)) {
        let folder = scratch::new_folder(&std::env::temp_dir()).unwrap();
        test(&folder.join("policy-rc.d"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn services_are_refused_while_the_policy_stands_only() {
        in_a_folder(|path| {
            let policy = Policy::refuse_services(path).unwrap();
            // Not by its own name: another test that forks meanwhile would hold it busy.
            let status = Command::new("sh").arg(path).status().unwrap();
            assert_eq!(status.code(), Some(101));
            let mode = fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o111, 0o111);
            drop(policy);
            assert!(!path.exists());
        });
    }

    #[test]
    fn a_policy_that_was_there_comes_back() {
        in_a_folder(|path| {
            fs::write(path, "the machine's own").unwrap();
            drop(Policy::refuse_services(path).unwrap());
            assert_eq!(fs::read_to_string(path).unwrap(), "the machine's own");
        });
    }

    #[test]
    fn a_killed_run_costs_the_machine_its_policy_only_until_the_next() {
        in_a_folder(|path| {
            fs::write(path, "the machine's own").unwrap();
            std::mem::forget(Policy::refuse_services(path).unwrap());
            drop(Policy::refuse_services(path).unwrap());
            assert_eq!(fs::read_to_string(path).unwrap(), "the machine's own");
        });
    }
}
