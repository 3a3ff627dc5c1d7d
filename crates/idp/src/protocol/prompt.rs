//! The `prompt` parameter (OpenID Connect Core, section 3.1.2.1).

use serde::{Deserialize, Serialize};

/// What the client wants people to see, or not to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one value of the parameter, and they combine"
)]
pub struct Prompt {
    /// `none`: no page at all.
    pub none: bool,
    /// `login`: signing in anew.
    pub login: bool,
    /// `consent`: the consent page, whatever was agreed to before.
    pub consent: bool,
    /// `select_account`: a choice of account. As a browser has one account here, it is
    /// a sign-in, in which the person may name another.
    pub select_account: bool,
}

/// What is no `prompt`. The standard's code is `invalid_request`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAPrompt {
    /// A value that is not announced (Initiating User Registration 1.0, section 4.1.1.1).
    #[error("prompt has a value other than none, login, consent, select_account")]
    Unknown,
    /// `none` beside another value.
    #[error("prompt=none cannot be combined with other values")]
    NoneWithOthers,
}

impl Prompt {
    /// Reads the list.
    ///
    /// # Errors
    /// [`NotAPrompt`].
    pub fn parse(text: &str) -> Result<Self, NotAPrompt> {
        let mut prompt = Self::default();
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err(NotAPrompt::Unknown),
            }
        }
        if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
            return Err(NotAPrompt::NoneWithOthers);
        }
        Ok(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone() {
        assert!(Prompt::parse("none").unwrap().none);
        assert_eq!(Prompt::parse("login none"), Err(NotAPrompt::NoneWithOthers));
        assert_eq!(Prompt::parse("create"), Err(NotAPrompt::Unknown));
        assert_eq!(Prompt::parse("Login"), Err(NotAPrompt::Unknown));
    }

    #[test]
    fn others_combine() {
        let prompt = Prompt::parse("login consent").unwrap();
        assert!(prompt.login && prompt.consent && !prompt.select_account && !prompt.none);
    }
}
