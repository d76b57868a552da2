//! The pages of the description say all of it, and the examples are what the schemas take.

use serde_json::{Value, json};

use super::super::tests::MARKUP;
use super::{index_of, page_of};

/// A description with everything that the pages tell apart.
fn description() -> Value {
    let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    json!({
        "info": { "description": MARKUP },
        "tags": [{ "name": "things" }],
        "paths": { "/v1/things/{id}": { "put": {
            "operationId": "put-things-id", "tags": ["things"], "summary": MARKUP,
            "parameters": [
                { "$ref": "#/components/parameters/id" },
                { "name": "q", "in": "query", "required": true, "description": "It is `code`.", "schema": { "type": "string", "minLength": 6 } },
            ],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
            "responses": {
                "200": { "description": MARKUP, "headers": { "ETag": {} }, "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } } } } },
                "422": {
                    "description": "It was looked at. `invalid`: A value is wrong. `refused`: It cannot be made.",
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Word" } }, "application/problem+json": problem.clone() },
                },
                "401": { "description": "`unauthenticated`: No credential.", "content": { "application/problem+json": problem } },
            },
        } } },
        "components": {
            "parameters": { "id": { "name": "id", "in": "path", "required": true, "description": MARKUP, "schema": { "type": "string" } } },
            "schemas": {
                "Thing": { "type": "object", "description": MARKUP, "required": ["word"], "properties": {
                    "word": { "$ref": "#/components/schemas/Word" },
                    "more": { "anyOf": [{ "$ref": "#/components/schemas/Number" }, { "type": "null" }], "description": MARKUP },
                    "map": { "type": ["object", "null"], "additionalProperties": { "type": "string", "format": "date" } },
                    "inline": { "type": "object", "required": ["a"], "properties": { "a": { "type": "integer", "maximum": 3 }, "b": {} } },
                    "list": { "type": "array", "items": { "enum": ["x", "y"] } },
                } },
                "Word": { "oneOf": [{ "const": "one", "description": MARKUP }, { "enum": ["two", "three"] }] },
                "Number": { "type": "string", "pattern": "^[A-Z]{2}$" },
                "Problem": { "type": "object" },
            },
        },
    })
}

/// Pages of the list and of a noun.
pub(in crate::console) fn pages() -> [Value; 2] {
    let description = description();
    [json!(index_of(&description)), json!(page_of(&description, "things").unwrap())]
}

#[test]
fn a_page_says_what_the_description_says() {
    let [_, page] = pages();
    let operation = &page["operations"][0];
    assert_eq!(operation["parameters"][1]["about"][1], json!({ "text": "code", "code": true }));
    assert_eq!(
        operation["problems"],
        json!([
            {
                "status": "422",
                "codes": [{ "code": "invalid", "title": "A value is wrong" }, { "code": "refused", "title": "It cannot be made" }],
            },
            { "status": "401", "codes": [{ "code": "unauthenticated", "title": "No credential" }] },
        ])
    );
    assert_eq!(operation["answers"].as_array().unwrap().len(), 2);
    assert_eq!(operation["answers"][1]["about"], json!([{ "text": "It was looked at.", "code": false }]));
    let line =
        |pieces: &Value| pieces.as_array().unwrap().iter().map(|piece| piece["text"].as_str().unwrap()).collect::<String>();
    assert_eq!(line(&operation["answers"][0]["body"]["kind"]), "Thing[]");
    let names: Vec<&str> = page["shapes"].as_array().unwrap().iter().map(|shape| shape["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Number", "Thing", "Word"]);
    let fields: Vec<String> = page["shapes"][1]["fields"].as_array().unwrap().iter().map(|field| line(&field["kind"])).collect();
    let expected = ["Word", "Number | null", "{ [key]: string, date } | null", "{ a: integer, b?: any }", "(\"x\" | \"y\")[]"];
    assert_eq!(fields, expected);
    let words: Vec<&str> =
        page["shapes"][2]["words"].as_array().unwrap().iter().map(|word| word["word"].as_str().unwrap()).collect();
    assert_eq!(words, ["one", "two", "three"]);
    let example = operation["example"].as_str().unwrap();
    assert!(
        example.contains("-X PUT")
            && example.contains("\"word\": \"one\"")
            && example.ends_with("\"$RORO/v1/things/$ID?q=textxx\""),
        "{example}"
    );
    assert!(page_of(&description(), "others").is_none());
}

#[test]
fn every_operation_of_the_door_has_a_page_with_an_example_that_its_schema_takes() {
    let description = crate::http::description();
    let index = json!(index_of(&description));
    let (mut seen, mut unfit) = (0, Vec::new());
    for noun in index["nouns"].as_array().unwrap() {
        let page = json!(page_of(&description, noun["name"].as_str().unwrap()).unwrap());
        for operation in page["operations"].as_array().unwrap() {
            seen += 1;
            let what = format!("{} {}", operation["method"], operation["path"]);
            assert!(!operation["answers"].as_array().unwrap().is_empty(), "{what} answers nothing");
            assert!(operation["problems"].as_array().unwrap().iter().any(|one| one["status"] == "401"), "{what}");
            assert!(operation["example"].as_str().unwrap().starts_with("curl "), "{what}");
            let path = operation["path"].as_str().unwrap();
            let described = &description["paths"][path][operation["method"].as_str().unwrap().to_lowercase()];
            let Some(body) = described.pointer("/requestBody/content/application~1json/schema") else { continue };
            let sample = super::example::sample(&description, body).unwrap_or_else(|| panic!("{what} has no example"));
            let mut schema = body.clone();
            schema["components"] = description["components"].clone();
            let validator = jsonschema::validator_for(&schema).unwrap();
            let wrong: Vec<String> = validator.iter_errors(&sample).map(|error| error.to_string()).collect();
            unfit.extend(wrong.iter().map(|wrong| format!("{what}: {sample}: {wrong}")));
        }
        // Every link of a type leads to a shape on the same page.
        let names: Vec<&str> = page["shapes"].as_array().unwrap().iter().map(|shape| shape["name"].as_str().unwrap()).collect();
        let mut linked = Vec::new();
        links(&page, &mut linked);
        assert!(linked.iter().all(|name| names.contains(&name.as_str())), "{linked:?} {names:?}");
    }
    assert_eq!(seen, crate::http::operations().len());
    assert!(unfit.is_empty(), "{unfit:#?}");
}

fn links(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if fields.get("shape") == Some(&json!(true)) {
                found.push(fields["text"].as_str().unwrap().to_owned());
            }
            fields.values().for_each(|value| links(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| links(value, found)),
        _ => {}
    }
}
