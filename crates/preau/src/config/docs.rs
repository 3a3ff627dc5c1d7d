//! docs/CONFIGURATION.md, made from the schema.

use std::fmt::Write as _;

use serde_json::Value;

use super::schema::{Shape, is_required, properties, schema, sections, shape_of};

const INTRODUCTION: &str = "\
<!-- Made by `preau config docs`; change the code's own documentation instead. -->

# Configuration

`preau serve --config FILE` reads a TOML file. Each setting can also come from the
environment, as `PREAU__SECTION__KEY` (two underscores; lists separated by commas), which
wins over the file. A setting that is a text, such as `secrets.master_key`, may stand in a
file of its own, named by `KEY_file` (`secrets.master_key_file = \"/run/secrets/master_key\"`,
`PREAU__SECRETS__MASTER_KEY_FILE`); a final line break is no part of it.

A bad or unknown setting ends the program with status 78 and a line that names the key, the
fault, and the file or variable that it came from. `preau config check --config FILE` does
the same without starting anything; `preau config schema` prints the JSON Schema.
`config/preau.example.toml` is a file to begin with.
";

/// The text of docs/CONFIGURATION.md.
pub fn documentation() -> String {
    let mut text = INTRODUCTION.to_owned();
    write_sections(&mut text, "", schema());
    text
}

fn write_sections(text: &mut String, prefix: &str, parent: &Value) {
    for (name, section) in properties(parent).into_iter().flatten() {
        if shape_of(section) == Shape::Section {
            let own = sections(section);
            let (name, section) = match own {
                Some(each) => (format!("{prefix}{name}.NAME"), each),
                None => (format!("{prefix}{name}"), section),
            };
            write_section(text, &name, section);
            write_sections(text, &format!("{name}."), section);
        }
    }
}

fn write_section(text: &mut String, name: &str, section: &Value) {
    let mut line = |content: &str| writeln!(text, "{content}").expect("a string takes all");
    line(&format!("\n## `{name}`\n"));
    line(&description(section));
    line("\n| key | value | default | meaning |\n| --- | --- | --- | --- |");
    for (key, setting) in properties(section).into_iter().flatten() {
        if shape_of(setting) != Shape::Section {
            let default = default_of(section, key, setting);
            let meaning = description(setting);
            line(&format!(
                "| `{key}` | {} | {default} | {meaning} |",
                kind(setting)
            ));
        }
    }
}

fn description(part: &Value) -> String {
    let text = part.get("description").and_then(Value::as_str);
    text.unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn kind(setting: &Value) -> &'static str {
    match shape_of(setting) {
        Shape::Text => "text",
        Shape::Number => "number",
        Shape::Boolean => "`true`, `false`",
        Shape::Texts => "list of texts",
        Shape::Section | Shape::Other => "",
    }
}

fn default_of(section: &Value, key: &str, setting: &Value) -> String {
    if is_required(section, key) {
        return "none: must be set".to_owned();
    }
    match setting.get("default") {
        None if shape_of(setting) == Shape::Texts => "empty".to_owned(),
        None | Some(Value::Null) => "absent".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "empty".to_owned(),
        Some(Value::Array(items)) if items.is_empty() => "empty".to_owned(),
        Some(Value::String(text)) => format!("`{text}`"),
        Some(other) => format!("`{other}`"),
    }
}
