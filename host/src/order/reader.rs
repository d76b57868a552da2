//! Reading an order file: every problem at once, each with its JSON pointer and its fix, and nothing changed.

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::Serialize;
use serde_json::Value;
use std::sync::OnceLock;

use super::file::OrderFile;
use super::snapshot::Snapshot;

/// The largest order file, bytes: 2 000 vehicles with every field and long texts stay below it.
pub const ORDER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most problems that one answer lists; the next line says how many more there are.
pub const PROBLEMS_MAX: usize = 200;

/// One thing wrong with the shape of an order file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where, as a JSON pointer (RFC 6901); empty for the whole file.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Problem {
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), fix: fix.into() }
    }
}

/// The published JSON Schema of the order file (draft 2020-12).
#[must_use]
pub fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let settings =
            SchemaSettings::draft2020_12().with_transform(RecursiveTransform(leave_out_null as fn(&mut schemars::Schema)));
        settings.into_generator().into_root_schema_for::<OrderFile>().to_value()
    })
}

/// An optional field is left out, never null: one way to say "not known", and problems keep their exact place.
fn leave_out_null(schema: &mut schemars::Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get("anyOf") {
        let kept: Vec<Value> =
            choices.iter().filter(|choice| choice.get("type") != Some(&Value::from("null"))).cloned().collect();
        if let [Value::Object(only)] = kept.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

fn validator() -> Result<&'static Validator, Problem> {
    static VALIDATOR: OnceLock<Result<Validator, String>> = OnceLock::new();
    VALIDATOR
        .get_or_init(|| jsonschema::options().should_validate_formats(true).build(schema()).map_err(|error| error.to_string()))
        .as_ref()
        .map_err(|error| {
            Problem::new("", format!("the order schema of this build cannot be used: {error}"), "report this as a bug of Roro")
        })
}

/// Reads an order file and derives its sums.
///
/// # Errors
/// Every problem of its shape, at most [`PROBLEMS_MAX`] and a line that counts the rest.
pub fn read(bytes: &[u8]) -> Result<Snapshot, Vec<Problem>> {
    if bytes.len() > ORDER_BYTES_MAX {
        return Err(vec![Problem::new(
            "",
            format!("the file has {} bytes, the limit is {ORDER_BYTES_MAX}", bytes.len()),
            "split the order: one file holds at most 2000 vehicles",
        )]);
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        vec![Problem::new(
            "",
            format!("not JSON: {error}"),
            format!("mend the text at line {}, column {}", error.line(), error.column()),
        )]
    })?;
    let validator = validator().map_err(|problem| vec![problem])?;
    let mut problems: Vec<Problem> = Vec::new();
    let mut more = 0_usize;
    for error in validator.iter_errors(&value) {
        if problems.len() < PROBLEMS_MAX {
            explain(&error, &mut problems);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        problems.push(Problem::new("", format!("{more} more problems are not listed"), "mend the listed ones first"));
    }
    if !problems.is_empty() {
        return Err(once_a_place(problems));
    }
    let file: OrderFile = serde_json::from_value(value).map_err(|error| {
        vec![Problem::new("", format!("cannot be read: {error}"), "compare the file with `roro order schema`")]
    })?;
    Snapshot::new(file)
}

/// A text that is too short for its pattern breaks both: the pattern's problem says more, and it comes last.
fn once_a_place(problems: Vec<Problem>) -> Vec<Problem> {
    let mut kept: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems {
        match kept.last_mut() {
            Some(last) if last.pointer == problem.pointer && !problem.pointer.is_empty() => *last = problem,
            _ => kept.push(problem),
        }
    }
    kept
}

fn explain(error: &jsonschema::ValidationError<'_>, problems: &mut Vec<Problem>) {
    let pointer = error.instance_path().as_str().to_owned();
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            problems.push(Problem::new(
                format!("{pointer}/{}", escape(name)),
                format!("`{name}` is missing"),
                format!("add `{name}`{}", hint(name)),
            ));
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                problems.push(Problem::new(
                    format!("{pointer}/{}", escape(name)),
                    format!("`{}` is not a field of the format", clip(name)),
                    "remove it, correct its spelling, or put a country's own fact under `particulars`",
                ));
            }
        }
        ValidationErrorKind::Type { kind } => {
            problems.push(Problem::new(pointer, type_message(error, kind), "change the value's type"))
        }
        ValidationErrorKind::Enum { options } => {
            let list = options
                .as_array()
                .map(|all| all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
                .unwrap_or_default();
            problems.push(Problem::new(
                pointer,
                format!("{} is not one of the known values", shown(error)),
                format!("use one of: {list}"),
            ));
        }
        ValidationErrorKind::Pattern { pattern } => {
            let (message, fix) = pattern_hint(error, pattern);
            problems.push(Problem::new(pointer, message, fix));
        }
        ValidationErrorKind::Format { format } => problems.push(Problem::new(
            pointer,
            format!("{} is not a {format}", shown(error)),
            if format == "date" { "write the civil date as YYYY-MM-DD".to_owned() } else { format!("write a valid {format}") },
        )),
        _ => problems.push(Problem::new(
            pointer,
            clip(&error.masked_with("the value").to_string()),
            "bring the value into the allowed range",
        )),
    }
}

fn type_message(error: &jsonschema::ValidationError<'_>, kind: &jsonschema::error::TypeKind) -> String {
    let wanted = match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(_) => "another type".to_owned(),
    };
    if error.instance().is_null() {
        format!("null where {wanted} is wanted; leave the field out when it is not known")
    } else {
        format!("{} is not of type {wanted}", shown(error))
    }
}

fn pattern_hint(error: &jsonschema::ValidationError<'_>, pattern: &str) -> (String, String) {
    let text = error.instance().as_str().unwrap_or_default();
    if let Some(found) = text.chars().find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return (
            format!("the text holds the control character U+{:04X}, which no document can print", u32::from(found)),
            "remove it; put each address line into an entry of its own".to_owned(),
        );
    }
    if text.trim().is_empty() {
        return ("the text is empty".to_owned(), "fill it in or leave the field out".to_owned());
    }
    let fix = match pattern {
        p if p.starts_with(r"^(0|[1-9]") => "write the amount as decimal text without grouping, for example \"12500.00\"",
        r"^[A-Z]{2}$" => "use the two capital letters of ISO 3166-1, for example \"KE\"",
        r"^[A-Z]{3}$" => "use the three capital letters of ISO 4217, for example \"USD\"",
        r"^[A-Z]{2}[A-Z2-9]{3}$" => "use the five characters of UN/LOCODE, for example \"KEMBA\"",
        r"^[0-9]{6}$" => "use the six digits of the Harmonized System, for example \"870322\"",
        _ => "bring the text into the pattern of the schema (`roro order schema`)",
    };
    (format!("{} does not have the right form", shown(error)), fix.to_owned())
}

fn hint(name: &str) -> &'static str {
    match name {
        "format" => ": \"roro.order/1\"",
        "identity" => ": {\"kind\": \"vin\" | \"frame\" | \"other\", \"number\": \"…\"}",
        "hs6" => ": six digits of the Harmonized System",
        _ => "",
    }
}

fn shown(error: &jsonschema::ValidationError<'_>) -> String {
    clip(&error.instance().to_string())
}

/// Long values are cut: a problem names a place, it does not repeat the file.
fn clip(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { format!("{}…", text.chars().take(79).collect::<String>()) }
}

fn escape(key: &str) -> String {
    clip(key).replace('~', "~0").replace('/', "~1")
}
