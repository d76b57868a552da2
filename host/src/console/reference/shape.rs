//! Schemas as people read them: a type in one line, and a table of the fields of whatever has a name.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::text;

/// Where named schemas lie in the description.
const SCHEMAS: &str = "#/components/schemas/";
/// How deep schemas without a name may lie in each other in one line; no type of ours comes near.
const DEPTH_MAX: u8 = 8;

/// A piece of a type: text, or the name of a shape to go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) shape: bool,
}

/// A type in one line, as `Vehicle[] | null`.
pub(super) type Type = Vec<Piece>;

/// A piece of a sentence: what stood in backticks is code.
#[derive(Debug, Serialize)]
pub(super) struct Bit {
    text: String,
    code: bool,
}

/// A schema with a name.
#[derive(Debug, Serialize)]
pub(super) struct Shape {
    name: String,
    about: Vec<Bit>,
    /// What it is when it has no fields and no list of words.
    kind: Option<Type>,
    rules: Vec<String>,
    fields: Vec<Field>,
    words: Vec<Word>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: String,
    kind: Type,
    required: bool,
    about: Vec<Bit>,
    rules: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Word {
    word: String,
    about: Vec<Bit>,
}

/// A sentence in pieces.
pub(super) fn said(text: &str) -> Vec<Bit> {
    let pieces = text.split('`').enumerate();
    pieces.filter(|(_, text)| !text.is_empty()).map(|(at, text)| Bit { text: text.to_owned(), code: at % 2 == 1 }).collect()
}

/// These shapes and all that they are made of, by name.
pub(super) fn all<'a>(description: &Value, from: impl Iterator<Item = &'a str>) -> Vec<Shape> {
    let mut waiting: Vec<String> = from.map(str::to_owned).collect();
    let mut names = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if names.contains(&name) {
            continue;
        }
        if let Some(schema) = schema(description, &name) {
            references(schema, &mut waiting);
            names.insert(name);
        }
    }
    names.iter().filter_map(|name| Some(shape(name, schema(description, name)?))).collect()
}

fn schema<'a>(description: &'a Value, name: &str) -> Option<&'a Value> {
    description.get("components")?.get("schemas")?.get(name)
}

fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).and_then(name_of));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn name_of(reference: &str) -> Option<String> {
    reference.strip_prefix(SCHEMAS).map(str::to_owned)
}

fn shape(name: &str, schema: &Value) -> Shape {
    let fields = fields(schema);
    let words = words(schema);
    let kind = (fields.is_empty() && words.is_empty()).then(|| kind(schema));
    let rules = if words.is_empty() { rules(schema) } else { Vec::new() };
    Shape { name: name.to_owned(), about: said(&text(schema, "description")), kind, rules, fields, words }
}

fn fields(schema: &Value) -> Vec<Field> {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let field = |(name, schema): (&String, &Value)| Field {
        name: name.clone(),
        kind: kind(schema),
        required: required.contains(&name.as_str()),
        about: said(&text(schema, "description")),
        rules: rules(schema),
    };
    properties.map(field).collect()
}

/// The words of a closed list, each with what it means where the description says so.
fn words(schema: &Value) -> Vec<Word> {
    let word = |value: &Value, about: String| Word {
        word: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        about: said(&about),
    };
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten().map(|value| word(value, String::new()));
    let mut found: Vec<Word> = listed.collect();
    let choices = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_word = |choice: &Value| choice.get("const").is_some() || choice.get("enum").is_some();
    if choices.iter().all(is_word) {
        for choice in choices {
            match (choice.get("const"), choice.get("enum").and_then(Value::as_array)) {
                (Some(value), _) => found.push(word(value, text(choice, "description"))),
                (None, Some(values)) => found.extend(values.iter().map(|value| word(value, text(choice, "description")))),
                (None, None) => {}
            }
        }
    }
    found
}

/// A type in one line.
pub(super) fn kind(schema: &Value) -> Type {
    let mut pieces = Vec::new();
    write(schema, DEPTH_MAX, &mut pieces);
    pieces
}

fn plain(text: impl Into<String>) -> Piece {
    Piece { text: text.into(), shape: false }
}

fn write(schema: &Value, depth: u8, pieces: &mut Type) {
    let Some(depth) = depth.checked_sub(1) else { return pieces.push(plain("…")) };
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(name_of) {
        return pieces.push(Piece { text: name, shape: true });
    }
    if let Some(value) = schema.get("const") {
        return pieces.push(plain(value.to_string()));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        return pieces.push(plain(values.join(" | ")));
    }
    let choices = ["anyOf", "oneOf", "allOf"].iter().find_map(|name| Some((*name, schema.get(*name)?.as_array()?)));
    if let Some((name, choices)) = choices {
        let between = if name == "allOf" { " & " } else { " | " };
        for (at, choice) in choices.iter().enumerate() {
            if at > 0 {
                pieces.push(plain(between));
            }
            write(choice, depth, pieces);
        }
        return;
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any"],
    };
    for (at, kind) in kinds.into_iter().enumerate() {
        if at > 0 {
            pieces.push(plain(" | "));
        }
        write_one(schema, kind, depth, pieces);
    }
}

fn write_one(schema: &Value, kind: &str, depth: u8, pieces: &mut Type) {
    match kind {
        "array" => {
            let mut inner = Vec::new();
            write(schema.get("items").unwrap_or(&Value::Null), depth, &mut inner);
            let several = inner.len() > 1 || inner.iter().any(|piece| piece.text.contains('|'));
            if several {
                pieces.push(plain("("));
            }
            pieces.append(&mut inner);
            pieces.push(plain(if several { ")[]" } else { "[]" }));
        }
        "object" => write_object(schema, depth, pieces),
        "string" => match schema.get("format").and_then(Value::as_str) {
            Some(format) => pieces.push(plain(format!("string, {format}"))),
            None => pieces.push(plain("string")),
        },
        other => pieces.push(plain(other)),
    }
}

fn write_object(schema: &Value, depth: u8, pieces: &mut Type) {
    let fields = fields(schema);
    if fields.is_empty() {
        pieces.push(plain("{ [key]: "));
        match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => write(values, depth, pieces),
            _ => pieces.push(plain("any")),
        }
        return pieces.push(plain(" }"));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (at, field) in fields.iter().enumerate() {
        let mark = if field.required { "" } else { "?" };
        pieces.push(plain(format!("{}{}{mark}: ", if at == 0 { "{ " } else { ", " }, field.name)));
        if let Some(schema) = properties.and_then(|all| all.get(&field.name)) {
            write(schema, depth, pieces);
        }
    }
    pieces.push(plain(" }"));
}

/// What narrows a type, in the words of JSON Schema.
pub(super) fn rules(schema: &Value) -> Vec<String> {
    const RULES: [&str; 10] =
        ["minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "default", "examples"];
    let rule = |name: &&str| {
        let value = schema.get(*name)?;
        Some(format!("{name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    };
    RULES.iter().filter_map(rule).collect()
}
