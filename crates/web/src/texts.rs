//! Texts by key, in every language (`templates/texts`).

use std::fmt;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use include_dir::Dir;
use serde::{Serialize, Serializer};

use crate::locale::Locale;

/// The key of a text. Made only by [`TextKey::new`] with a literal, so that a test can
/// find every key that code uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextKey(&'static str);

impl TextKey {
    /// Names a text of `templates/texts`.
    pub const fn new(key: &'static str) -> Self {
        Self(key)
    }

    /// The key itself.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for TextKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for TextKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// Why a text cannot be given.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextError {
    /// The language has no text of that key.
    #[error("no text `{key}` in {}", locale.tag())]
    Missing {
        /// The key asked for.
        key: String,
        /// The language asked for.
        locale: Locale,
    },
    /// The text names a value that was not given, or the like.
    #[error("text `{key}` in {}: {reason}", locale.tag())]
    Broken {
        /// The key asked for.
        key: String,
        /// The language asked for.
        locale: Locale,
        /// What Fluent says.
        reason: String,
    },
}

/// The texts of one language.
pub(crate) struct Texts {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads `texts/<language>.ftl`, and the further files of `texts/<language>/`.
    pub(crate) fn embedded(templates: &'static Dir<'static>, locale: Locale) -> Self {
        let language = locale.tag().parse().expect("our tags are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks would stand in attributes and in what people copy.
        bundle.set_use_isolating(false);
        for (name, source) in sources(templates, locale) {
            let resource = FluentResource::try_new(source.to_owned())
                .unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
            bundle
                .add_resource(resource)
                .unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        }
        Self { locale, bundle }
    }

    /// The text of a key with its values put in.
    pub(crate) fn format(&self, key: &str, values: &FluentArgs<'_>) -> Result<String, TextError> {
        let pattern = self
            .bundle
            .get_message(key)
            .and_then(|message| message.value())
            .ok_or_else(|| TextError::Missing {
                key: key.to_owned(),
                locale: self.locale,
            })?;
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(values), &mut errors);
        match errors.first() {
            None => Ok(text.into_owned()),
            Some(error) => Err(TextError::Broken {
                key: key.to_owned(),
                locale: self.locale,
                reason: error.to_string(),
            }),
        }
    }
}

/// A template's value as Fluent wants it.
pub(crate) fn fluent_value(value: &minijinja::Value) -> FluentValue<'static> {
    match value.as_i64() {
        Some(number) if value.is_number() => FluentValue::from(number),
        _ => FluentValue::from(value.to_string()),
    }
}

/// Every file of texts of a language, with its name.
pub(crate) fn sources(
    templates: &'static Dir<'static>,
    locale: Locale,
) -> Vec<(String, &'static str)> {
    let tag = locale.tag();
    let main = templates.get_file(format!("texts/{tag}.ftl"));
    let more = templates.get_dir(format!("texts/{tag}"));
    main.into_iter()
        .chain(more.into_iter().flat_map(Dir::files))
        .map(|file| {
            let name = file.path().display().to_string();
            let source = file.contents_utf8().expect("texts are UTF-8");
            (name, source)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use fluent_syntax::{ast::Entry, parser};

    use super::*;
    use crate::pages::TEMPLATES;

    type Keys = BTreeMap<String, BTreeSet<String>>;

    /// Every key of a language with the values that its text names.
    fn keys(locale: Locale) -> Keys {
        let mut keys = Keys::new();
        for (name, source) in sources(&TEMPLATES, locale) {
            let resource = parser::parse(source).unwrap_or_else(|_| panic!("{name}"));
            for entry in resource.body {
                if let Entry::Message(message) = entry {
                    let text = format!("{:?}", message.value);
                    let named = text.split("VariableReference { id: Identifier { name: \"");
                    let named = named.skip(1).filter_map(|rest| rest.split('"').next());
                    let named = named.map(str::to_owned).collect();
                    let before = keys.insert(message.id.name.to_owned(), named);
                    assert!(before.is_none(), "{} twice in {name}", message.id.name);
                }
            }
        }
        keys
    }

    /// The text of every file of a folder that ends so.
    fn files(folder: &Path, extension: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                texts.extend(files(&path, extension));
            } else if path.extension().is_some_and(|end| end == extension) {
                texts.push(fs::read_to_string(&path).unwrap());
            }
        }
        texts
    }

    /// Every literal that follows the opening, where that begins a word.
    fn literals(text: &str, opening: &str) -> Vec<String> {
        text.match_indices(opening)
            .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            .filter_map(|(at, _)| text[at + opening.len()..].split('"').next())
            .map(str::to_owned)
            .collect()
    }

    fn used() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let templates = files(&root.join("templates"), "html");
        let templates = templates.iter().flat_map(|text| literals(text, "t(\""));
        let code = files(&root.join("crates"), "rs");
        let code = code.iter().flat_map(|text| {
            let dense: String = text.split_whitespace().collect();
            literals(&dense, concat!("TextKey", "::new(\""))
        });
        templates.chain(code).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_and_name_the_same_values() {
        assert_eq!(keys(Locale::Fr), keys(Locale::En));
    }

    #[test]
    fn every_key_that_is_used_has_a_text_and_every_text_is_used() {
        let (keys, used) = (keys(Locale::Fr), used());
        let missing: Vec<_> = used.iter().filter(|key| !keys.contains_key(*key)).collect();
        assert!(missing.is_empty(), "keys without text: {missing:?}");
        let stale: Vec<_> = keys.keys().filter(|key| !used.contains(*key)).collect();
        assert!(stale.is_empty(), "texts that nobody uses: {stale:?}");
    }

    #[test]
    fn french_punctuation_keeps_to_its_word() {
        for (name, source) in sources(&TEMPLATES, Locale::Fr) {
            for line in source.lines().filter(|line| !line.starts_with('#')) {
                let loose = [" ;", " :", " ?", " !", " »", "« ", " %", "'"];
                let found = loose.iter().find(|loose| line.contains(**loose));
                assert_eq!(found, None, "{name}: {line}");
            }
        }
    }
}
