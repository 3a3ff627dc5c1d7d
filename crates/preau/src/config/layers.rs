//! The layers of the configuration: file, environment, and the files that they name.

use std::fs;

use figment::{
    Figment, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::{
    Sources,
    fault::ConfigError,
    schema::{Shape, shape},
};

const PREFIX: &str = "PREAU__";
const FILE: &str = "_file";

/// All layers, the later ones over the earlier ones.
pub(super) fn figment(sources: &Sources) -> Result<Figment, ConfigError> {
    let environment = environment(&sources.environment);
    let won = keys(&environment, "");
    let mut figment = Figment::new();
    if let Some(path) = &sources.file {
        let text = fs::read_to_string(path)
            .map_err(|error| ConfigError::one("", error.to_string(), path.display().to_string()))?;
        let origin = Origin::File(path.display().to_string());
        figment = add(figment, parse(&text, &origin)?, &origin, &won)?;
    }
    add(figment, environment, &Origin::Environment, &[])
}

/// The one layer of a text.
pub(super) fn figment_of_text(text: &str) -> Result<Figment, ConfigError> {
    let origin = Origin::File("text".to_owned());
    add(Figment::new(), parse(text, &origin)?, &origin, &[])
}

/// Tells where values came from.
pub(super) struct Origins<'a> {
    sources: &'a Sources,
    figment: &'a Figment,
}

impl<'a> Origins<'a> {
    pub(super) const fn new(sources: &'a Sources, figment: &'a Figment) -> Self {
        Self { sources, figment }
    }

    /// Where the value of this key came from.
    pub(super) fn of(&self, key: &str) -> String {
        let path: Vec<&str> = key.split('.').collect();
        match self.figment.find_metadata(key) {
            Some(metadata) => metadata.interpolate(&Profile::Default, &path),
            None if shape(&path).is_none() => self.file(),
            None => format!(
                "not set: set it in {} or as {}",
                self.file(),
                variable(&path)
            ),
        }
    }

    fn file(&self) -> String {
        let file = self.sources.file.as_ref();
        file.map_or_else(
            || "a file given by --config".to_owned(),
            |file| file.display().to_string(),
        )
    }
}

#[derive(Clone)]
enum Origin {
    File(String),
    Environment,
    /// A file that a key of the other origin names.
    Named {
        path: String,
        by: Box<Origin>,
    },
}

impl Origin {
    fn describe(&self, path: &[&str]) -> String {
        match self {
            Self::File(file) => file.clone(),
            Self::Environment => format!("environment variable {}", variable(path)),
            Self::Named { path: file, by } => {
                let key = path.join(".") + FILE;
                match **by {
                    Self::Environment => format!("{file}, named by {}", variable(&[&key])),
                    Self::File(ref config) => format!("{file}, named by {key} in {config}"),
                    Self::Named { .. } => file.clone(),
                }
            }
        }
    }
}

fn variable(path: &[&str]) -> String {
    PREFIX.to_owned() + &path.join(".").replace('.', "__").to_uppercase()
}

struct Layer {
    origin: Origin,
    settings: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        let origin = self.origin.clone();
        Metadata::named("layer").interpolater(move |_, path| origin.describe(path))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.settings.clone()))
    }
}

/// The keys that a layer sets, by themselves or by naming a file.
fn keys(settings: &Dict, prefix: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for (name, value) in settings {
        match value {
            Value::Dict(_, section) => {
                keys.append(&mut self::keys(section, &format!("{prefix}{name}.")));
            }
            _ => keys.push(format!(
                "{prefix}{}",
                name.strip_suffix(FILE).unwrap_or(name)
            )),
        }
    }
    keys
}

/// Puts a layer over the others, and over it each file that it names, but not those of
/// keys that a later layer sets: they need not exist.
fn add(
    figment: Figment,
    mut settings: Dict,
    origin: &Origin,
    won: &[String],
) -> Result<Figment, ConfigError> {
    let mut named = Vec::new();
    take_files(&mut settings, &mut Vec::new(), &mut named, origin)?;
    let figment = figment.merge(Layer {
        origin: origin.clone(),
        settings,
    });
    named.retain(|file| !won.contains(&file.key.join(".")));
    named.into_iter().try_fold(figment, |figment, file| {
        let key = refs(&file.key);
        let origin = Origin::Named {
            path: file.path.clone(),
            by: Box::new(origin.clone()),
        };
        let content = read(&key, &file.path).map_err(|error| {
            ConfigError::one(key.join("."), error.to_string(), origin.describe(&key))
        })?;
        let settings = nest(&key, content);
        Ok(figment.merge(Layer { origin, settings }))
    })
}

/// A setting whose value stands in a file.
struct NamedFile {
    key: Vec<String>,
    path: String,
}

/// Takes `KEY_file` out of a layer, for each text `KEY`.
fn take_files(
    settings: &mut Dict,
    path: &mut Vec<String>,
    named: &mut Vec<NamedFile>,
    origin: &Origin,
) -> Result<(), ConfigError> {
    let members: Vec<String> = settings.keys().cloned().collect();
    for name in members {
        path.push(name.clone());
        if let Some(Value::Dict(_, section)) = settings.get_mut(&name) {
            take_files(section, path, named, origin)?;
        } else if let Some(key) = text_of_file(path) {
            let Some(Value::String(_, file)) = settings.remove(&name) else {
                let what = "must be the path of a file";
                return Err(ConfigError::one(
                    path.join("."),
                    what,
                    origin.describe(&refs(path)),
                ));
            };
            refuse_both(settings, &key, origin)?;
            named.push(NamedFile { key, path: file });
        }
        path.pop();
    }
    Ok(())
}

fn refs(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// The text setting that `KEY_file` stands for.
fn text_of_file(path: &[String]) -> Option<Vec<String>> {
    let (last, section) = path.split_last()?;
    let name = last.strip_suffix(FILE)?;
    let mut key = section.to_vec();
    key.push(name.to_owned());
    let is_text = matches!(shape(&refs(&key)), Some(Shape::Text | Shape::Texts));
    (is_text && shape(&refs(path)).is_none()).then_some(key)
}

fn refuse_both(settings: &Dict, key: &[String], origin: &Origin) -> Result<(), ConfigError> {
    let name = key.last().map_or("", String::as_str);
    if !settings.contains_key(name) {
        return Ok(());
    }
    let what = format!("give {name} or {name}{FILE}, not both");
    Err(ConfigError::one(
        key.join("."),
        what,
        origin.describe(&refs(key)),
    ))
}

/// The content of a setting's file: a final line break is no part of it.
fn read(key: &[&str], file: &str) -> std::io::Result<Value> {
    let content = fs::read_to_string(file)?;
    let content = content.trim_end_matches(['\n', '\r']);
    Ok(match shape(key) {
        Some(Shape::Texts) => Value::from(lines(content)),
        _ => Value::from(content),
    })
}

fn lines(content: &str) -> Vec<String> {
    let lines = content.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn parse(text: &str, origin: &Origin) -> Result<Dict, ConfigError> {
    let fault = |error: toml::de::Error| {
        let before = error
            .span()
            .map_or("", |span| &text[..span.start.min(text.len())]);
        let line = before.matches('\n').count() + 1;
        let what = format!("line {line} is not TOML: {}", error.message());
        ConfigError::one("", what, origin.describe(&[]))
    };
    let table: toml::Table = toml::from_str(text).map_err(fault)?;
    let value = Value::serialize(table).expect("whatever TOML holds, settings can hold");
    Ok(value.into_dict().unwrap_or_default())
}

fn environment(pairs: &[(String, String)]) -> Dict {
    let mut settings = Dict::new();
    for (name, value) in pairs {
        let Some(upper) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let key = upper.to_lowercase().replace("__", ".");
        let path: Vec<&str> = key.split('.').collect();
        merge(&mut settings, nest(&path, typed(&path, value)));
    }
    settings
}

/// The value of a variable, read as the kind of value that the setting is.
fn typed(path: &[&str], text: &str) -> Value {
    match shape(path) {
        Some(Shape::Number) => text
            .parse::<u64>()
            .map_or_else(|_| Value::from(text), Value::from),
        Some(Shape::Boolean) => text
            .parse::<bool>()
            .map_or_else(|_| Value::from(text), Value::from),
        Some(Shape::Texts) => {
            let parts = text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            Value::from(parts.map(str::to_owned).collect::<Vec<_>>())
        }
        _ => Value::from(text),
    }
}

fn nest(path: &[&str], value: Value) -> Dict {
    let Some((first, rest)) = path.split_first() else {
        return Dict::new();
    };
    let value = if rest.is_empty() {
        value
    } else {
        Value::from(nest(rest, value))
    };
    Dict::from([((*first).to_owned(), value)])
}

fn merge(into: &mut Dict, from: Dict) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Dict(_, old)), Value::Dict(_, new)) => merge(old, new),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}
