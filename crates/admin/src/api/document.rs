//! What the `OpenAPI` document says beside the handlers: how one gets in, the schema of a
//! registration, and the problems that every address may answer.

use domain::client::Registration;
use schemars::{Schema, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};

use super::problem::{MemberFault, Problem};

/// How one gets in, by its name in the document.
pub(super) const CREDENTIALS: &str = "client_credentials";

/// Problems of every address.
const ALWAYS: [(&str, &str); 7] = [
    ("400", "The request cannot be read"),
    ("401", "An access token is needed, or the one sent is none"),
    ("403", "The access token lacks a scope"),
    ("404", "There is nothing of this name"),
    ("405", "Another method"),
    ("500", "The service's own fault"),
    ("503", "Nothing was done; try again"),
];
/// Problems of what changes something.
const OF_CHANGES: [(&str, &str); 7] = [
    ("409", "Something that is there stands against it"),
    ("412", "It was changed meanwhile"),
    ("413", "The body is too large"),
    ("415", "The body is not JSON"),
    (
        "422",
        "What is sent is not sound; `faults` says what to write instead",
    ),
    ("428", "If-Match is missing"),
    ("429", "Too often"),
];

/// The document before any handler.
pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Préau, administration")
        .version("1")
        .description(Some(
            "Registrations of relying parties and the audit trail, for programs with an access \
             token of their own (client_credentials) and the scopes clients:read, \
             clients:write and audit:read.",
        ));
    let problems = ComponentsBuilder::new()
        .schema_from::<Problem>()
        .schema_from::<MemberFault>()
        .build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(problems))
        .build()
}

/// The whole document.
pub(super) fn finish(described: OpenApi) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    document["openapi"] = "3.1.0".into();
    document["servers"] = json!([{ "url": super::PREFIX }]);
    add_registration(&mut document);
    document["components"]["securitySchemes"] = json!({
        CREDENTIALS: {
            "type": "oauth2",
            "flows": {"clientCredentials": {
                "tokenUrl": "/oauth2/token",
                "scopes": {
                    "clients:read": "Read registrations",
                    "clients:write": "Change registrations",
                    "audit:read": "Search the audit trail",
                },
            }},
        },
    });
    if let Some(paths) = document["paths"].as_object_mut() {
        let operations = paths.values_mut().filter_map(Value::as_object_mut);
        operations.for_each(add_problems);
    }
    document
}

/// The schema that describes files, with what it refers to.
fn add_registration(document: &mut Value) {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut schema: Schema = settings
        .into_generator()
        .into_root_schema_for::<Registration>();
    let mut definitions = Map::new();
    if let Some(found) = schema
        .as_object_mut()
        .and_then(|members| members.remove("components"))
    {
        definitions = found["schemas"].as_object().cloned().unwrap_or_default();
    }
    let schemas = &mut document["components"]["schemas"];
    for (name, definition) in definitions {
        schemas[name] = definition;
    }
    schemas["Registration"] = schema.to_value();
}

fn add_problems(operations: &mut Map<String, Value>) {
    for (method, operation) in operations {
        let of_changes = OF_CHANGES.iter().filter(|_| method != "get");
        for (status, told) in ALWAYS.iter().chain(of_changes) {
            let problem = json!({
                "description": told,
                "content": {"application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                }},
            });
            operation["responses"][*status] = problem;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::described;
    use super::*;

    fn document() -> Value {
        finish(described().split_for_parts().1)
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut references = Vec::new();
        gather(&document, &mut references);
        assert!(references.len() > 30);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    fn gather(value: &Value, references: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    references.push(reference.to_owned());
                }
                members.values().for_each(|value| gather(value, references));
            }
            Value::Array(values) => values.iter().for_each(|value| gather(value, references)),
            _ => {}
        }
    }

    #[test]
    fn each_operation_names_the_scope_that_its_handler_asks_for() {
        let document = document();
        let scope = |method: &str, path: &str| {
            let operation = &document["paths"][path][method];
            operation["security"][0][CREDENTIALS][0].clone()
        };
        assert_eq!(scope("get", "/clients"), "clients:read");
        assert_eq!(scope("post", "/clients"), "clients:write");
        assert_eq!(scope("delete", "/clients/{client_id}"), "clients:write");
        assert_eq!(scope("get", "/audit"), "audit:read");
    }
}
