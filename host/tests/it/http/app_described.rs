//! The description of an app is true: a valid document that stands alone, and what its schemas take and refuse is what the app's own
//! addresses take and refuse.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::apps::follow_ups;
use super::described::references_of;
use super::orders::{import, order};
use super::plugin_life::{Folder, start};
use super::{Client, Reply};
use crate::storage::{Store, on_both};

const ALL: [&str; 4] = ["config", "records", "orders", "events"];
const RECORDS: &str = "/v1/apps/follow-ups/records/follow-ups";

/// What OpenAPI 3.1 asks of the parts that our documents have.
fn rules_of_documents() -> Value {
    let of = |part: &str| json!({ "type": "object", "additionalProperties": { "$ref": format!("#/$defs/{part}") } });
    json!({
        "type": "object",
        "required": ["openapi", "info", "paths", "components"],
        "additionalProperties": false,
        "properties": {
            "openapi": { "const": "3.1.0" },
            "info": { "type": "object", "required": ["title", "version"], "additionalProperties": { "type": "string", "minLength": 1 } },
            "servers": { "type": "array", "items": { "type": "object", "required": ["url"] } },
            "security": { "type": "array", "items": { "type": "object", "additionalProperties": { "type": "array" } } },
            "tags": { "type": "array", "items": { "type": "object", "required": ["name"] } },
            "paths": { "type": "object", "propertyNames": { "pattern": "^/" }, "additionalProperties": {
                "type": "object", "minProperties": 1, "additionalProperties": false,
                "properties": { "get": { "$ref": "#/$defs/operation" }, "post": { "$ref": "#/$defs/operation" } },
            } },
            "components": { "type": "object", "additionalProperties": false, "properties": {
                "schemas": of("schema"), "parameters": of("parameter"), "headers": of("header"), "securitySchemes": of("scheme"),
            } },
        },
        "$defs": {
            "schema": { "type": ["object", "boolean"] },
            "reference": { "type": "object", "required": ["$ref"], "additionalProperties": false, "properties": { "$ref": { "type": "string" } } },
            "header": { "type": "object", "required": ["schema"] },
            "scheme": { "type": "object", "required": ["type"] },
            "parameter": { "anyOf": [{ "$ref": "#/$defs/reference" }, {
                "type": "object", "required": ["name", "in", "schema"],
                "properties": { "in": { "enum": ["path", "query", "header"] }, "required": { "type": "boolean" }, "schema": { "$ref": "#/$defs/schema" } },
                "if": { "properties": { "in": { "const": "path" } } },
                "then": { "required": ["required"], "properties": { "required": { "const": true } } },
            }] },
            "content": { "type": "object", "minProperties": 1, "propertyNames": { "pattern": "/" }, "additionalProperties": {
                "type": "object", "required": ["schema"], "properties": { "schema": { "$ref": "#/$defs/schema" } },
            } },
            "response": { "type": "object", "required": ["description", "content"], "properties": {
                "description": { "type": "string", "minLength": 1 }, "content": { "$ref": "#/$defs/content" },
                "headers": { "type": "object", "additionalProperties": { "anyOf": [{ "$ref": "#/$defs/reference" }, { "$ref": "#/$defs/header" }] } },
            } },
            "operation": {
                "type": "object", "required": ["operationId", "summary", "tags", "responses"], "additionalProperties": false,
                "properties": {
                    "operationId": { "type": "string", "pattern": "^[a-z0-9-]+$" },
                    "summary": { "type": "string", "minLength": 1 }, "description": { "type": "string" }, "tags": { "type": "array" },
                    "parameters": { "type": "array", "items": { "$ref": "#/$defs/parameter" } },
                    "requestBody": { "type": "object", "required": ["content"], "properties": { "content": { "$ref": "#/$defs/content" } } },
                    "responses": { "type": "object", "minProperties": 1, "propertyNames": { "pattern": "^[1-5][0-9][0-9]$" },
                        "additionalProperties": { "$ref": "#/$defs/response" } },
                },
            },
        },
    })
}

/// A schema of a document, with what it refers to.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap_or_else(|error| panic!("{error}: {schema}"))
}

fn wrong(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect()
}

/// Every schema that stands below a key `schema`.
fn schemas_of<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("schema"));
            fields.values().for_each(|value| schemas_of(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| schemas_of(value, found)),
        _ => {}
    }
}

fn must_be_valid(document: &Value) {
    let faults = wrong(&jsonschema::draft202012::new(&rules_of_documents()).unwrap(), document);
    assert!(faults.is_empty(), "{faults:?}: {document}");
    let mut references = Vec::new();
    references_of(document, &mut references);
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    let mut schemas: Vec<&Value> = document["components"]["schemas"].as_object().unwrap().values().collect();
    schemas_of(&document["paths"], &mut schemas);
    for schema in schemas {
        validator(document, schema);
    }
    let (mut ids, tags) = (BTreeSet::new(), document["tags"].to_string());
    for (path, operations) in document["paths"].as_object().unwrap() {
        for operation in operations.as_object().unwrap().values() {
            let text = |place: &Value| place.as_str().unwrap().to_owned();
            assert!(ids.insert(text(&operation["operationId"])) && tags.contains(&text(&operation["tags"][0])), "{operation}");
            // What the path leaves open is a parameter, and nothing else of it is.
            let open: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            let parameters = operation["parameters"].as_array().unwrap();
            let named: Vec<&str> =
                parameters.iter().filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(open, named, "{path}");
        }
    }
}

/// Fails unless the description says that an operation may answer this.
fn must_fit(document: &Value, path: &str, method: &str, reply: &Reply) {
    let media = reply.header("content-type").split(';').next().unwrap();
    let response = &document["paths"][path][method]["responses"][reply.status.to_string()];
    let schema = response["content"].get(media).unwrap_or_else(|| panic!("{path}: {} {media} is not described", reply.status));
    let faults = wrong(&validator(document, &schema["schema"]), &reply.json());
    assert!(faults.is_empty(), "{path}: {faults:?}: {}", reply.text());
}

/// Takes an action with a body that its schema takes, or refuses; the app's own no is another thing.
async fn compare(client: &Client, document: &Value, action: &str, body: &Value) -> bool {
    let path = format!("/v1/apps/follow-ups/actions/{action}");
    let schema = &document["paths"][&path]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let is_described = validator(document, schema).is_valid(body);
    let reply = client.post(&path, body).await;
    must_fit(document, &path, "post", &reply);
    let is_invalid = reply.status == 422 && reply.json()["code"] == "invalid";
    assert_eq!(is_described, !is_invalid, "{action} {body}: {}", reply.text());
    is_described
}

/// A body with something else in one place.
fn with(body: &Value, place: &str, key: &str, value: Value) -> Value {
    let mut body = body.clone();
    let fields: &mut Map<String, Value> = body.pointer_mut(place).unwrap().as_object_mut().unwrap();
    fields.insert(key.to_owned(), value);
    body
}

on_both! {
    async fn an_app_is_described_as_it_is(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        acme.get("/v1/apps/follow-ups/openapi").await.problem(404, "not-found");
        follow_ups(&acme, &folder, &ALL).await;
        let document = acme.get("/v1/apps/follow-ups/openapi").await.expect(200).json();
        bolt.get("/v1/apps/follow-ups/openapi").await.problem(404, "not-found");
        must_be_valid(&document);
        let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
        let one = format!("{RECORDS}/{{record}}");
        let actions = ["add", "postpone", "close"].map(|name| format!("/v1/apps/follow-ups/actions/{name}"));
        assert_eq!(paths, [&actions[0], &actions[1], &actions[2], &RECORDS.to_owned(), &one]);
        let add = &document["paths"][&actions[0]]["post"];
        assert_eq!((&add["summary"], &add["parameters"][0]["$ref"]), (&json!("Add a follow-up"), &json!("#/components/parameters/idempotency-key")));

        let good = json!({ "target": id, "inputs": { "what": "Book the ship", "due": "2099-02-01" } });
        assert!(compare(&acme, &document, "add", &good).await);
        // The app refuses a day that is past and what is there already; the schema knows of neither.
        assert!(compare(&acme, &document, "add", &good).await);
        assert!(compare(&acme, &document, "add", &with(&good, "/inputs", "due", json!("2001-01-01"))).await);
        assert!(compare(&acme, &document, "add", &with(&good, "/inputs", "what", json!("a\tb\nc"))).await);
        let bodies = [
            json!({}), json!({ "target": id }), json!({ "inputs": good["inputs"] }),
            with(&good, "", "colour", json!("red")), with(&good, "", "inputs", json!([])), with(&good, "", "target", json!(null)),
            with(&good, "", "target", json!("rec_00000000000000000000000000")), with(&good, "/inputs", "colour", json!("red")),
            with(&good, "/inputs", "what", json!("")), with(&good, "/inputs", "what", json!(7)), with(&good, "/inputs", "what", json!(null)),
            with(&good, "/inputs", "what", json!("a\u{7}b")), with(&good, "/inputs", "what", json!("x".repeat(4_001))),
            with(&good, "/inputs", "due", json!("soon")), with(&good, "/inputs", "due", json!("2026-02-30")), with(&good, "/inputs", "due", json!(20_990_201)),
        ];
        for body in bodies {
            assert!(!compare(&acme, &document, "add", &body).await, "{body}");
        }

        // Records are as they are described, one and a page, by index and by age, and so is a question that does not fit.
        for query in ["", "?index=0&equals=open", "?index=2&limit=1"] {
            let page = acme.get(&format!("{RECORDS}{query}")).await.expect(200);
            must_fit(&document, RECORDS, "get", &page);
            assert!(!page.json()["items"].as_array().unwrap().is_empty(), "{query}");
        }
        must_fit(&document, RECORDS, "get", &acme.get(&format!("{RECORDS}?index=7")).await.expect(409));
        let record = acme.get(RECORDS).await.expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
        must_fit(&document, &one, "get", &acme.get(&format!("{RECORDS}/{record}")).await.expect(200));

        // An action on a record, with an input and without any.
        let later = json!({ "target": record, "inputs": { "due": "2099-03-01" } });
        assert!(compare(&acme, &document, "postpone", &later).await);
        assert!(!compare(&acme, &document, "postpone", &with(&later, "", "target", json!(id))).await);
        assert!(!compare(&acme, &document, "close", &json!({ "target": record, "inputs": { "due": "2099-03-01" } })).await);
        assert!(compare(&acme, &document, "close", &json!({ "target": record })).await);
        app.end().await;
    }
}
