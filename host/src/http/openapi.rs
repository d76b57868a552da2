//! `/openapi.json`: the description of `/v1` in OpenAPI 3.1, made from the routes themselves.
//!
//! OpenAPI 3.1 takes JSON Schema 2020-12 as it is, so the schemas are those of the types that are read and written. Nothing is written
//! by hand twice: an operation that is served is described, and one that is described is served.

use std::collections::BTreeMap;

use axum::http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::web::{About, Kind, ProblemBody, Route, Success};

/// Where the schemas lie in the description.
const SCHEMAS: &str = "/components/schemas";

/// The description of these routes.
pub(super) fn describe<S>(routes: &[Route<S>]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = SCHEMAS.into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let operation = operation(&mut schemas, &route.method, route.path, &route.about);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    schemas.subschema_for::<ProblemBody<'_>>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Roro",
            "version": "1",
            "description": "Export orders of used cars, their checked documents, and what stands behind them. Everything belongs to the firm of the credential; what is another firm's answers 404. Changes take an API token; reading takes a token or the console's session.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "This server" }],
        "security": [{ "token": [] }],
        "tags": tags(routes),
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "parameters": parameters(),
            "headers": {
                "ETag": { "description": "The version, in quotation marks: send it back as If-Match with a change.", "schema": { "type": "string" } },
                "Idempotent-Replayed": { "description": "Whether an earlier, equal request made this answer.", "schema": { "enum": ["true", "false"] } },
                "Retry-After": { "description": "Seconds.", "schema": { "type": "integer", "minimum": 0 } },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "An API token: `roro tenant create` and `roro tenant admin` print one." },
            },
        },
    })
}

/// The noun of a path: `/v1/orders/{id}` is of `orders`.
fn noun(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or(path)
}

fn tags<S>(routes: &[Route<S>]) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for route in routes {
        if !names.contains(&noun(route.path)) {
            names.push(noun(route.path));
        }
    }
    names.iter().map(|name| json!({ "name": name })).collect()
}

/// `POST /v1/orders/{id}/documents` is `post-orders-id-documents`.
fn operation_id(method: &Method, path: &str) -> String {
    let parts = path.split('/').skip(2).map(|part| part.trim_matches(['{', '}']));
    parts.fold(method.as_str().to_ascii_lowercase(), |id, part| format!("{id}-{part}"))
}

fn operation(schemas: &mut SchemaGenerator, method: &Method, path: &str, about: &About) -> Value {
    let mut operation = json!({
        "operationId": operation_id(method, path),
        "tags": [noun(path)],
        "summary": about.summary,
    });
    let mut taken: Vec<Value> = Vec::new();
    if path.contains("{id}") {
        taken.push(json!({ "$ref": "#/components/parameters/id" }));
    }
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).filter(|name| *name != "id");
    taken.extend(named.map(|name| {
        let says = format!("The {name}, as a list or a description gave it.");
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "maxLength": 64 }, "description": says })
    }));
    if about.needs.key {
        taken.push(json!({ "$ref": "#/components/parameters/idempotency-key" }));
    }
    if about.needs.version {
        taken.push(json!({ "$ref": "#/components/parameters/if-match" }));
    }
    if let Some(query) = about.needs.query {
        taken.extend(query_parameters(schemas, query));
    }
    let mut responses: BTreeMap<String, Value> = BTreeMap::new();
    for success in &about.successes {
        responses.insert(success.status.to_string(), response(schemas, success, about));
    }
    for (status, kinds) in by_status(&about.all_problems(method, path)) {
        let said = kinds.iter().map(|kind| format!("`{}`: {}.", kind.code(), kind.title())).collect::<Vec<_>>().join(" ");
        add_problem(responses.entry(status.to_string()).or_insert_with(|| json!({ "description": "", "content": {} })), &said);
    }
    let Some(fields) = operation.as_object_mut() else { return operation };
    if !taken.is_empty() {
        fields.insert("parameters".to_owned(), Value::Array(taken));
    }
    if let Some(body) = about.needs.body {
        let schema = body(schemas);
        fields.insert(
            "requestBody".to_owned(),
            json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
        );
    }
    if let Some(media_type) = about.needs.file {
        let schema = json!({ "type": "string", "format": "binary" });
        fields.insert("requestBody".to_owned(), json!({ "required": true, "content": { media_type: { "schema": schema } } }));
    }
    fields.insert("responses".to_owned(), json!(responses));
    operation
}

/// Adds a problem to what a status may answer: a status can carry both, as 422 does for an order that findings stop.
fn add_problem(response: &mut Value, said: &str) {
    if let Some(Value::String(description)) = response.get_mut("description") {
        if !description.is_empty() {
            description.push(' ');
        }
        description.push_str(said);
    }
    if let Some(Value::Object(content)) = response.get_mut("content") {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        content.insert("application/problem+json".to_owned(), schema);
    }
}

fn response(schemas: &mut SchemaGenerator, success: &Success, about: &About) -> Value {
    let mut headers = Map::new();
    if success.tagged {
        headers.insert("ETag".to_owned(), json!({ "$ref": "#/components/headers/ETag" }));
    }
    if about.needs.key {
        headers.insert("Idempotent-Replayed".to_owned(), json!({ "$ref": "#/components/headers/Idempotent-Replayed" }));
    }
    let content = match success.body {
        Some(body) => json!({ "application/json": { "schema": body(schemas) } }),
        None => json!({ "*/*": { "schema": { "type": "string", "format": "binary" } } }),
    };
    let mut response = json!({ "description": success.says, "content": content });
    if let (Some(response), false) = (response.as_object_mut(), headers.is_empty()) {
        response.insert("headers".to_owned(), Value::Object(headers));
    }
    response
}

fn by_status(kinds: &[Kind]) -> BTreeMap<u16, Vec<Kind>> {
    let mut found: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in kinds {
        found.entry(kind.status().as_u16()).or_default().push(*kind);
    }
    found
}

/// The properties of a query's type, as parameters. They are read before the type's schema would land among the shared ones.
fn query_parameters(schemas: &mut SchemaGenerator, query: crate::web::SchemaOf) -> Vec<Value> {
    let reference = query(schemas);
    let name = reference.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    // A type that is only a list of parameters is no schema of its own.
    let removed = name.and_then(|name| schemas.definitions_mut().remove(&name));
    let schema = removed.unwrap_or_else(|| reference.to_value());
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let said = schema.as_object_mut().and_then(|fields| fields.remove("description")).unwrap_or_default();
        json!({ "name": name, "in": "query", "required": required.contains(&name.as_str()), "description": said, "schema": schema })
    };
    properties.iter().map(parameter).collect()
}

fn parameters() -> Value {
    json!({
        "id": {
            "name": "id", "in": "path", "required": true, "schema": { "type": "string", "maxLength": 64 },
            "description": "The id, as a list or an earlier answer gave it.",
        },
        "idempotency-key": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
            "description": "1 to 255 visible ASCII characters, for example a random UUID. The same request again within 48 hours gets the same answer and changes nothing twice; another request with the key is refused.",
        },
        "if-match": {
            "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string", "pattern": "^\"[1-9][0-9]{0,18}\"$" },
            "description": "The ETag of the version that the change was made from, for example \"3\".",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_id_names_method_and_path() {
        assert_eq!(operation_id(&Method::POST, "/v1/orders/{id}/documents"), "post-orders-id-documents");
        assert_eq!(noun("/v1/orders/{id}"), "orders");
    }

    #[test]
    fn the_problem_has_the_name_that_answers_refer_to() {
        assert_eq!(<ProblemBody<'_> as schemars::JsonSchema>::schema_name(), "Problem");
    }
}
