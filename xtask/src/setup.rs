//! Sees to it that the machine has what is needed: installs it, or says how.

use crate::apt;
use crate::failure::{Failure, Outcome};
use crate::needs::Need;
use crate::steps::Steps;

/// Makes sure of all these needs. On a machine that has them, does nothing.
pub(crate) fn ensure(steps: &mut Steps, needs: &[Need]) -> Outcome<()> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    println!("missing on this machine: {}", names(&missing));
    if !apt::may_install() {
        return Err(refusal(&missing));
    }
    apt::install(steps, needs)?;
    match self::missing(needs) {
        still if still.is_empty() => Ok(()),
        still => Err(refusal(&still)),
    }
}

/// Which of these needs are not met.
pub(crate) fn missing(needs: &[Need]) -> Vec<Need> {
    needs
        .iter()
        .copied()
        .filter(|need| !need.is_met())
        .collect()
}

/// The packages that bring these needs, each once.
pub(crate) fn packages(needs: &[Need]) -> Vec<&'static str> {
    needs
        .iter()
        .flat_map(|need| need.packages())
        .copied()
        .collect()
}

fn refusal(missing: &[Need]) -> Failure {
    Failure::Missing(format!(
        "this machine lacks {}. On Debian or Ubuntu:\n\n  sudo apt-get install --no-install-recommends {}\n\n\
         Elsewhere, install the same by your system's means, then run this command again.",
        names(missing),
        packages(missing).join(" "),
    ))
}

fn names(needs: &[Need]) -> String {
    let names: Vec<&str> = needs.iter().map(|need| need.name()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_missing_and_what_to_type() {
        let text = refusal(&[Need::OpenSsl, Need::CCompiler]).to_string();
        assert!(text.contains("OpenSSL's headers, a C compiler"), "{text}");
        assert!(
            text.contains("apt-get install --no-install-recommends libssl-dev gcc libc6-dev"),
            "{text}"
        );
    }
}
