//! An example for each operation: a command for a shell, with the smallest body that its schema takes.

use serde_json::{Map, Value, json};

use super::{resolved, text};

/// A longer body is read from a file.
const BODY_BYTES_MAX: usize = 600;
/// How deep a body is made; what lies deeper in our schemas can be left out.
const DEPTH_MAX: u8 = 10;
/// How the pattern of an id ends.
const ID_DIGITS: &str = "[0-7][0-9a-hjkmnp-tv-z]{25}$";

/// The command. `$RORO` is the server's address, `$TOKEN` the credential.
pub(super) fn command(
    description: &Value,
    method: &str,
    path: &str,
    parameters: &[&Value],
    body: Option<(&str, &Value)>,
) -> String {
    let mut lines = vec!["curl -H \"Authorization: Bearer $TOKEN\"".to_owned()];
    let header = |name: &str| parameters.iter().any(|one| text(one, "name") == name);
    if header("Idempotency-Key") {
        lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
    }
    if header("If-Match") {
        lines.push("-H 'If-Match: \"1\"'".to_owned());
    }
    if let Some((media_type, schema)) = body {
        lines.push(format!("-H 'Content-Type: {media_type}'"));
        lines.push(match sample(description, schema) {
            Some(body) if media_type == "application/json" => {
                let text = serde_json::to_string_pretty(&body).unwrap_or_default();
                // What an apostrophe would end is read from a file too.
                if text.len() > BODY_BYTES_MAX || text.contains('\'') {
                    "--data-binary @body.json".to_owned()
                } else {
                    format!("--data '{text}'")
                }
            }
            _ => "--data-binary @file".to_owned(),
        });
    } else if method == "post" {
        lines.push("-X POST".to_owned());
    }
    if method == "put" {
        lines.push("-X PUT".to_owned());
    }
    let required = parameters.iter().filter(|one| text(one, "in") == "query" && one.get("required") == Some(&Value::Bool(true)));
    let query: Vec<String> = required
        .map(|one| {
            let value = one.get("schema").and_then(|schema| sample(description, schema)).unwrap_or_default();
            format!("{}={}", text(one, "name"), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    lines.push(format!("\"$RORO{}{query}\"", path.replace('{', "$").replace('}', "").replace("$id", "$ID")));
    lines.join(" \\\n  ")
}

/// The smallest value that a schema takes.
pub(super) fn sample(description: &Value, schema: &Value) -> Option<Value> {
    make(description, schema, DEPTH_MAX)
}

fn make(description: &Value, schema: &Value, depth: u8) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let schema = resolved(description, schema);
    for given in ["const", "default"] {
        if let Some(value) = schema.get(given) {
            return Some(value.clone());
        }
    }
    for listed in ["enum", "examples"] {
        if let Some(value) = schema.get(listed).and_then(|values| values.get(0)) {
            return Some(value.clone());
        }
    }
    for choices in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(choices).and_then(Value::as_array) {
            return choices.iter().find_map(|choice| make(description, choice, depth));
        }
    }
    match schema.get("type").and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()))? {
        "object" => object(description, schema, depth),
        "array" => {
            let wanted = schema.get("minItems").and_then(Value::as_u64).unwrap_or_default();
            let items = schema.get("items")?;
            (0..wanted).map(|_| make(description, items, depth)).collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        "string" => Some(Value::String(words(schema))),
        "integer" => Some(schema.get("minimum").cloned().unwrap_or_else(|| json!(1))),
        "number" => Some(json!(1)),
        "boolean" => Some(json!(true)),
        "null" => Some(Value::Null),
        _ => None,
    }
}

/// What must be there; of what need not be, the first field where nothing must.
fn object(description: &Value, schema: &Value, depth: u8) -> Option<Value> {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut made = Map::new();
    for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if required.contains(&name.as_str()) {
            made.insert(name.clone(), make(description, field, depth)?);
        }
    }
    Some(Value::Object(made))
}

/// A text of the format or the pattern; `text` where nothing says more.
fn words(schema: &Value) -> String {
    let format = text(schema, "format");
    let pattern = text(schema, "pattern");
    let known = [("date", "2026-10-04"), ("date-time", "2026-10-04T08:00:00Z"), ("uri", "https://systems.example/roro")];
    if let Some((_, sample)) = known.iter().find(|(name, _)| *name == format) {
        return (*sample).to_owned();
    }
    let fits: [(&str, &str); 7] = [
        ("^[A-Z]{3}$", "JPY"),
        ("^[A-Z]{2}$", "KE"),
        ("^[A-Z]{2}[A-Z2-9]{3}$", "KEMBA"),
        ("^[0-9]{6}$", "870322"),
        ("^[a-z]{2}$", "en"),
        ("^[0-9a-f]{64}$", "0000000000000000000000000000000000000000000000000000000000000000"),
        ("^(0|[1-9][0-9]{0,12})(\\.[0-9]{1,3})?$", "12500.00"),
    ];
    if let Some((_, sample)) = fits.iter().find(|(known, _)| *known == pattern) {
        return (*sample).to_owned();
    }
    // An id of ours: its prefix, then 26 digits.
    if let Some(prefix) = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix(ID_DIGITS)) {
        return format!("{prefix}{}", "0".repeat(26));
    }
    let least = usize::try_from(schema.get("minLength").and_then(Value::as_u64).unwrap_or_default()).unwrap_or_default();
    let mut sample = "text".to_owned();
    while sample.len() < least {
        sample.push('x');
    }
    sample
}
