//! Section `look`.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::{Locale, assets::Replacements, help};

use super::{fault::Faults, server::check_readable};

/// Section `look`: the operator's own files in the place of ours.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LookSettings {
    /// A CSS file in the place of `templates/assets/theme.css`: colours, fonts, sizes.
    pub theme: Option<PathBuf>,
    /// An SVG file in the place of the logo.
    pub logo: Option<PathBuf>,
    /// A TOML file in the place of `templates/help/fr.toml`: the questions of « Aide ».
    pub help_fr: Option<PathBuf>,
    /// The same in English, in the place of `templates/help/en.toml`.
    pub help_en: Option<PathBuf>,
}

impl LookSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        for (key, file, _) in self.files() {
            check_readable(&file, key, faults);
        }
        let helps = [
            ("look.help_fr", &self.help_fr),
            ("look.help_en", &self.help_en),
        ];
        for (key, file) in helps {
            if let Some(file) = file {
                check_help(file, key, faults);
            }
        }
    }

    /// Reads the files.
    ///
    /// # Errors
    /// The key and the fault of a file that cannot be read.
    pub fn replacements(&self) -> Result<Replacements, std::io::Error> {
        let replace = |all: Replacements, (_, file, name): (_, PathBuf, _)| {
            Ok(all.with(name, fs::read(file)?))
        };
        self.files().try_fold(Replacements::default(), replace)
    }

    fn files(&self) -> impl Iterator<Item = (&'static str, PathBuf, String)> {
        let all = [
            ("look.theme", &self.theme, "theme.css".to_owned()),
            ("look.logo", &self.logo, "logo.svg".to_owned()),
            ("look.help_fr", &self.help_fr, help::file_name(Locale::Fr)),
            ("look.help_en", &self.help_en, help::file_name(Locale::En)),
        ];
        all.into_iter()
            .filter_map(|(key, file, name)| Some((key, file.clone()?, name)))
    }
}

/// A file that cannot be opened was told of before.
fn check_help(file: &Path, key: &str, faults: &mut Faults) {
    match fs::read_to_string(file) {
        Ok(text) => {
            if let Err(fault) = help::check(&text) {
                faults.add(key, fault);
            }
        }
        Err(error) if error.kind() == ErrorKind::InvalidData => faults.add(key, error),
        Err(_) => {}
    }
}
