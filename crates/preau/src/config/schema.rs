//! The JSON Schema of the configuration file, and questions to it.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Config;

/// Where the names of required settings are kept once a file may stand for each.
const REQUIRED: &str = "x-required";

/// The JSON Schema (2020-12) of the configuration file.
pub fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let settings =
            SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let mut schema = settings
            .into_generator()
            .into_root_schema_for::<Config>()
            .to_value();
        allow_files(&mut schema);
        schema
    });
    &SCHEMA
}

/// What a value may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    Text,
    Number,
    Boolean,
    Texts,
    Section,
    Other,
}

/// What the setting at this path is; `None` where there is no such setting.
pub(super) fn shape(path: &[&str]) -> Option<Shape> {
    path.iter()
        .try_fold(schema(), |at, name| member(at, name))
        .map(shape_of)
}

/// The shape of a property of the schema.
pub(super) fn shape_of(property: &Value) -> Shape {
    let is = |kind: &str| types(property).contains(&kind);
    if is("object") || properties(property).is_some() {
        Shape::Section
    } else if is("array") {
        Shape::Texts
    } else if is("integer") || is("number") {
        Shape::Number
    } else if is("boolean") {
        Shape::Boolean
    } else if is("string") || property.get("enum").is_some() || property.get("oneOf").is_some() {
        Shape::Text
    } else {
        Shape::Other
    }
}

/// A setting of a section, or a section of any name.
fn member<'s>(section: &'s Value, name: &str) -> Option<&'s Value> {
    match properties(section) {
        Some(properties) => properties.get(name),
        None => sections(section),
    }
}

/// What each section is, where sections have names of the operator's own.
pub(super) fn sections(of: &Value) -> Option<&Value> {
    let each = of.get("additionalProperties")?;
    each.is_object().then_some(each)
}

/// The properties of a section, through the `anyOf` of an optional one.
pub(super) fn properties(section: &Value) -> Option<&serde_json::Map<String, Value>> {
    let own = section.get("properties").and_then(Value::as_object);
    own.or_else(|| {
        section
            .get("anyOf")?
            .as_array()?
            .iter()
            .find_map(properties)
    })
}

/// The key that is missing where this setting or section is: a section's first
/// required setting.
pub(super) fn first_required(key: &str) -> String {
    let path: Vec<&str> = key.split('.').collect();
    let at = path.iter().try_fold(schema(), |at, name| member(at, name));
    let required = at.and_then(|section| required(section)?.first()?.as_str());
    match required {
        Some(name) => format!("{key}.{name}"),
        None => key.to_owned(),
    }
}

/// Whether a section must have this setting.
pub(super) fn is_required(section: &Value, name: &str) -> bool {
    required(section).is_some_and(|names| names.iter().any(|required| required == name))
}

/// The settings that a section must have, or their files: `allOf` of `anyOf`.
fn required(section: &Value) -> Option<&Vec<Value>> {
    let own = section.get(REQUIRED).or_else(|| section.get("required"));
    let own = own.and_then(Value::as_array);
    own.or_else(|| section.get("anyOf")?.as_array()?.iter().find_map(required))
}

fn types(property: &Value) -> Vec<&str> {
    let own = match property.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let parts = property.get("anyOf").and_then(Value::as_array);
    own.into_iter()
        .chain(parts.into_iter().flatten().flat_map(types))
        .collect()
}

/// Adds `KEY_file` to the schema for each text `KEY`, in one pattern for each section.
fn allow_files(section: &mut Value) {
    if let Some(parts) = section.get_mut("anyOf").and_then(Value::as_array_mut) {
        parts.iter_mut().for_each(allow_files);
    }
    if let Some(each) = section.get_mut("additionalProperties") {
        allow_files(each);
    }
    let Some(properties) = section.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    properties.values_mut().for_each(allow_files);
    let texts = properties
        .iter()
        .filter(|(_, property)| matches!(shape_of(property), Shape::Text | Shape::Texts))
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()
        .join("|");
    if !texts.is_empty() {
        section["patternProperties"] = serde_json::json!({
            format!("^({texts})_file$"): {
                "type": "string",
                "description": "The file that holds the value of this setting.",
            },
        });
        release_required(section);
    }
}

/// A required text may come from its file instead, which `required` cannot say.
fn release_required(section: &mut Value) {
    let members = section.as_object_mut();
    let Some(required) = members.and_then(|members| members.remove("required")) else {
        return;
    };
    let names = required
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let either = names.map(|name| {
        serde_json::json!({"anyOf": [{"required": [name]}, {"required": [format!("{name}_file")]}]})
    });
    section["allOf"] = either.collect();
    section[REQUIRED] = required;
}
