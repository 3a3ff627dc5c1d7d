//! The account of the system that a server runs as.

use std::io;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use crate::failure::{Doing, Failure, Outcome};

/// Who a server runs as.
#[derive(Clone, Debug)]
pub(crate) enum Account {
    /// Whoever runs xtask.
    Own,
    /// The account that the server's package made, because we are root and no
    /// server should be (`postgres` refuses to).
    Package {
        /// Number of the user.
        user: u32,
        /// Number of its group.
        group: u32,
    },
}

impl Account {
    /// The account for the server whose package calls its own `name`.
    pub(crate) fn of_package(name: &str) -> Outcome<Self> {
        if !nix::unistd::geteuid().is_root() {
            return Ok(Self::Own);
        }
        Ok(Self::Package {
            user: number(name, "-u")?,
            group: number(name, "-g")?,
        })
    }

    /// A command that runs `program` as this account, in `folder`, with none
    /// of our environment but what finds programs.
    pub(crate) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = match self {
            Self::Own => Command::new(program),
            Self::Package { user, group } => {
                let mut command = Command::new("setpriv");
                command
                    .args([format!("--reuid={user}"), format!("--regid={group}")])
                    .args(["--clear-groups", "--"])
                    .arg(program);
                command
            }
        };
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(folder);
        command
    }

    /// Makes this account the owner of `path`.
    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Package { user, group } => chown(path, Some(*user), Some(*group)),
        }
    }

    /// Whether this account can write in `folder`, through all folders above.
    pub(crate) fn can_write(&self, folder: &Path) -> bool {
        self.command(Path::new("test"), Path::new("/"))
            .arg("-w")
            .arg(folder)
            .status()
            .is_ok_and(|status| status.success())
    }
}

fn number(name: &str, which: &str) -> Outcome<u32> {
    let output = Command::new("id")
        .args([which, name])
        .output()
        .doing("run id")?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| {
            Failure::Missing(format!(
                "there is no account {name:?} to run a server as: root does not run one itself. \
             Install the system's package, or run this command as another user."
            ))
        })
}
