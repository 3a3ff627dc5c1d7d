//! Section `look`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::assets::Replacements;

use super::{fault::Faults, server::check_readable};

/// Section `look`: the operator's own files in the place of ours.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LookSettings {
    /// A CSS file in the place of `templates/assets/theme.css`: colours, fonts, sizes.
    pub theme: Option<PathBuf>,
    /// An SVG file in the place of the logo.
    pub logo: Option<PathBuf>,
}

impl LookSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        for (key, file, _) in self.files() {
            check_readable(&file, key, faults);
        }
    }

    /// Reads the files.
    ///
    /// # Errors
    /// The key and the fault of a file that cannot be read.
    pub fn replacements(&self) -> Result<Replacements, std::io::Error> {
        let replace = |all: Replacements, (_, file, name): (_, PathBuf, _)| {
            Ok(all.with(name, std::fs::read(file)?))
        };
        self.files().try_fold(Replacements::default(), replace)
    }

    fn files(&self) -> impl Iterator<Item = (&'static str, PathBuf, &'static str)> {
        let theme = self
            .theme
            .clone()
            .map(|file| ("look.theme", file, "theme.css"));
        let logo = self
            .logo
            .clone()
            .map(|file| ("look.logo", file, "logo.svg"));
        theme.into_iter().chain(logo)
    }
}
