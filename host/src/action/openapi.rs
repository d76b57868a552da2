//! The description of one app in OpenAPI 3.1: an operation for each of its actions, and two for each of its collections, at the addresses
//! where they are reached, with schemas of their own.
//!
//! Everything that is the same for every app comes from the description of the door: answers, problems, parameters, how to prove who asks.
//! The document stands alone: what it refers to is in it.

use std::collections::BTreeMap;

use roro_pack::compile::Titles;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{Action, AppCard, Target, Wanted};
use crate::kernel::id::{OrderId, RecordId};
use crate::plugin::manifest::{Collection, Field, FieldKind};
use crate::record;

/// The operations of the door under which an app is reached, by their paths.
const ACT: &str = "/v1/apps/{id}/actions/{action}";
const LIST: &str = "/v1/apps/{id}/records/{collection}";
const READ: &str = "/v1/apps/{id}/records/{collection}/{record}";

/// The parameters of these that an app's own paths have already: the one that is shared, and those by name.
const FIXED: [&str; 3] = ["#/components/parameters/id", "action", "collection"];

/// The description of an app, out of what it offers and the description of the door.
pub(super) fn describe(app: &AppCard, door: &Value) -> Value {
    let at = |path: &str| path.replace("{id}", &app.plugin);
    let mut paths: Map<String, Value> = Map::new();
    for action in &app.description.actions {
        paths.insert(at(ACT).replace("{action}", &action.name), json!({ "post": act(action, door) }));
    }
    for collection in &app.collections {
        let place = |path: &str| at(path).replace("{collection}", &collection.name);
        paths.insert(place(LIST), json!({ "get": list(collection, door) }));
        paths.insert(place(READ), json!({ "get": read(collection, door) }));
    }
    let records: Map<String, Value> = app.collections.iter().map(|one| (one.name.clone(), stored(one, door))).collect();
    let components = components(&paths, &records, door);
    json!({
        "openapi": "3.1.0",
        "info": { "title": english(&app.title, &app.plugin), "version": app.version, "description": about(app) },
        "servers": door.get("servers"),
        "security": door.get("security"),
        "tags": [{ "name": "actions" }, { "name": "records" }],
        "paths": paths,
        "components": components,
    })
}

fn about(app: &AppCard) -> String {
    let what = format!(
        "What the app `{}` offers to the firm of the credential, in the version that takes part now: its actions, and the records that it \
         keeps. Everything else is described at `/openapi.json`.",
        app.plugin
    );
    match &app.stopped {
        None => what,
        Some(code) => format!("{what} It may not run now (`{code}`), so none of its actions is here."),
    }
}

/// Every title has English words.
fn english<'a>(title: &'a Titles, name: &'a str) -> &'a str {
    title.get("en").map_or(name, String::as_str)
}

fn act(action: &Action, door: &Value) -> Value {
    let mut operation = generic(door, ACT, "post");
    name(&mut operation, format!("act-{}", action.name), "actions", english(&action.title, &action.name));
    let content = json!({ "application/json": { "schema": call(action) } });
    operation.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    Value::Object(operation)
}

fn list(collection: &Collection, door: &Value) -> Value {
    let mut operation = generic(door, LIST, "get");
    let title = english(&collection.title, &collection.name);
    name(&mut operation, format!("list-{}", collection.name), "records", &format!("{title}: a page of records"));
    if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
        for one in parameters.iter_mut().filter(|one| one.get("name").and_then(Value::as_str) == Some("index")) {
            *one = index(collection);
        }
    }
    let mut page = shared(door, "PageOfAppRecord");
    if let Some(items) = page.pointer_mut("/properties/items/items") {
        *items = reference(collection);
    }
    answers(&mut operation, page);
    Value::Object(operation)
}

fn read(collection: &Collection, door: &Value) -> Value {
    let mut operation = generic(door, READ, "get");
    let title = english(&collection.title, &collection.name);
    name(&mut operation, format!("read-{}", collection.name), "records", &format!("{title}: one record"));
    answers(&mut operation, reference(collection));
    Value::Object(operation)
}

/// An operation of the door without the parameters that an app's own path has already.
fn generic(door: &Value, path: &str, method: &str) -> Map<String, Value> {
    let found = door.get("paths").and_then(|paths| paths.get(path)?.get(method)?.as_object());
    let mut operation = found.cloned().unwrap_or_default();
    if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
        parameters.retain(|one| {
            let name = one.get("name").or_else(|| one.get("$ref")).and_then(Value::as_str).unwrap_or_default();
            !FIXED.contains(&name)
        });
    }
    operation
}

/// The app's words come first; what the door says of every such operation explains them.
fn name(operation: &mut Map<String, Value>, id: String, tag: &str, summary: &str) {
    operation.insert("operationId".to_owned(), id.into());
    operation.insert("tags".to_owned(), json!([tag]));
    if let Some(generic) = operation.insert("summary".to_owned(), summary.into()) {
        operation.insert("description".to_owned(), generic);
    }
}

fn answers(operation: &mut Map<String, Value>, schema: Value) {
    let success = operation.get_mut("responses").and_then(|all| all.pointer_mut("/200/content/application~1json/schema"));
    if let Some(success) = success {
        *success = schema;
    }
}

/// What an action is asked with: what `checked` takes.
fn call(action: &Action) -> Value {
    let inputs: Map<String, Value> = action.inputs.iter().map(|one| (one.key.clone(), input(one))).collect();
    let required: Vec<&str> = action.inputs.iter().filter(|one| one.required).map(|one| one.key.as_str()).collect();
    let (mut properties, mut must) = (Map::new(), Vec::new());
    if let Some(target) = target(&action.target) {
        properties.insert("target".to_owned(), target);
        must.push("target");
    }
    if !required.is_empty() {
        must.push("inputs");
    }
    let inputs = json!({ "type": "object", "additionalProperties": false, "properties": inputs, "required": required });
    properties.insert("inputs".to_owned(), inputs);
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": must })
}

fn target(target: &Target) -> Option<Value> {
    let (id, says) = match target {
        Target::Firm => return None,
        Target::Order => (schema_of::<OrderId>(), "The id of the order that it is taken on.".to_owned()),
        Target::Record(name) => (schema_of::<RecordId>(), format!("The id of the record of `{name}` that it is taken on.")),
    };
    Some(described(id, &says))
}

fn schema_of<T: JsonSchema>() -> Value {
    T::json_schema(&mut SchemaGenerator::default()).to_value()
}

/// An input that is left out may be null as well; one that must be there is not empty.
fn input(wanted: &Wanted) -> Value {
    let mut schema = record::schema::taken(&record::of_input(wanted));
    if let Some(fields) = schema.as_object_mut() {
        if !wanted.required {
            or_null(fields);
        } else if wanted.kind == FieldKind::Text {
            fields.insert("minLength".to_owned(), 1.into());
        }
    }
    described(schema, english(&wanted.title, &wanted.key))
}

fn or_null(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
}

/// The indexes of a collection are known, so they are said by their fields.
fn index(collection: &Collection) -> Value {
    let by_age = collection.indexes.len();
    let fields = collection.indexes.iter().enumerate().map(|(at, one)| format!("{at}: by {}.", one.fields.join(", ")));
    let says = fields.chain([format!("{by_age}, or left out: by age.")]).collect::<Vec<_>>().join(" ");
    let schema = json!({ "type": "integer", "minimum": 0, "maximum": by_age });
    json!({ "name": "index", "in": "query", "required": false, "description": says, "schema": schema })
}

/// A record of a collection. No field is said to be there always: an older release may have kept records without it.
fn stored(collection: &Collection, door: &Value) -> Value {
    let field = |one: &Field| (one.key.clone(), described(record::schema::kept(one), english(&one.title, &one.key)));
    let fields: Map<String, Value> = collection.fields.iter().map(field).collect();
    let mut schema = shared(door, "AppRecord");
    if let Some(place) = schema.pointer_mut("/properties/fields") {
        *place = json!({ "type": "object", "additionalProperties": false, "properties": fields });
    }
    described(schema, english(&collection.title, &collection.name))
}

/// Collections have names in lower case and the door's schemas have not, so that neither is taken for the other.
fn reference(collection: &Collection) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", collection.name) })
}

fn shared(door: &Value, schema: &str) -> Value {
    door.get("components").and_then(|all| all.get("schemas")?.get(schema)).cloned().unwrap_or_default()
}

fn described(mut schema: Value, says: &str) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), says.into());
    }
    schema
}

/// Everything that the paths refer to, and what that refers to in its turn; and how to prove who asks.
fn components(paths: &Map<String, Value>, records: &Map<String, Value>, door: &Value) -> Value {
    let shared = door.get("components");
    let mut found: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut waiting = Vec::new();
    paths.values().for_each(|path| references(path, &mut waiting));
    while let Some(reference) = waiting.pop() {
        let Some((kind, name)) = reference.strip_prefix("#/components/").and_then(|rest| rest.split_once('/')) else { continue };
        if found.get(kind).is_some_and(|all| all.contains_key(name)) {
            continue;
        }
        let own = if kind == "schemas" { records.get(name) } else { None };
        let Some(value) = own.or_else(|| shared?.get(kind)?.get(name)) else { continue };
        references(value, &mut waiting);
        found.entry(kind.to_owned()).or_default().insert(name.to_owned(), value.clone());
    }
    if let Some(schemes) = shared.and_then(|all| all.get("securitySchemes")?.as_object()) {
        found.insert("securitySchemes".to_owned(), schemes.clone());
    }
    json!(found)
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Description;
    use crate::action::perform::checked;
    use crate::action::routes::Call;
    use crate::plugin::manifest::Index;

    const ORDER: &str = "ord_00000000000000000000000000";
    const RECORD: &str = "rec_00000000000000000000000000";

    fn title(text: &str) -> Titles {
        Titles::from([("en".to_owned(), text.to_owned())])
    }

    fn wanted(key: &str, kind: FieldKind, required: bool) -> Wanted {
        let words: &[&str] = if kind == FieldKind::Choice { &["sea", "land"] } else { &[] };
        let choices = words.iter().map(|word| (*word).to_owned()).collect();
        Wanted { key: key.to_owned(), kind, title: title(key), required, choices }
    }

    /// An action that asks for something of each kind.
    fn book(target: Target) -> Action {
        let inputs = vec![
            wanted("what", FieldKind::Text, true),
            wanted("more", FieldKind::Text, false),
            wanted("count", FieldKind::Integer, true),
            wanted("rate", FieldKind::Decimal, true),
            wanted("urgent", FieldKind::Boolean, true),
            wanted("by", FieldKind::Choice, true),
            wanted("back_by", FieldKind::Choice, false),
            wanted("due", FieldKind::Date, true),
            wanted("party", FieldKind::Reference, false),
        ];
        Action { name: "book".to_owned(), title: title("Book it"), target, inputs }
    }

    fn body() -> Value {
        let inputs = json!({ "what": "x", "count": 3, "rate": "1.50", "urgent": true, "by": "sea", "due": "2026-03-01" });
        json!({ "target": ORDER, "inputs": inputs })
    }

    fn app() -> AppCard {
        let field = |key: &str, kind| Field {
            key: key.to_owned(),
            kind,
            title: title(key),
            required: true,
            personal: false,
            choices: Vec::new(),
        };
        let ships = Collection {
            name: "ships".to_owned(),
            title: title("Ships"),
            fields: vec![field("name", FieldKind::Text), field("draught", FieldKind::Decimal)],
            indexes: vec![Index { fields: vec!["name".to_owned()], unique: true }],
        };
        AppCard {
            plugin: "yard".to_owned(),
            version: "1.0.0".to_owned(),
            title: title("Yard"),
            stopped: None,
            records: 0,
            collections: vec![ships],
            description: Description { actions: vec![book(Target::Order)], views: Vec::new() },
        }
    }

    fn validator(schema: &Value) -> jsonschema::Validator {
        jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap()
    }

    fn is_taken(action: &Action, body: &Value) -> bool {
        let call = serde_json::from_value::<Call>(body.clone());
        call.is_ok_and(|call| checked(action, call.target, &call.inputs).is_ok())
    }

    #[test]
    fn an_operation_stands_at_its_own_address_with_the_doors_answers() {
        let (door, app) = (crate::http::description(), app());
        let described = describe(&app, &door);
        let paths: Vec<&String> = described["paths"].as_object().unwrap().keys().collect();
        assert_eq!(paths, ["/v1/apps/yard/actions/book", "/v1/apps/yard/records/ships", "/v1/apps/yard/records/ships/{record}"]);
        let (book, generic) = (&described["paths"]["/v1/apps/yard/actions/book"]["post"], &door["paths"][ACT]["post"]);
        assert_eq!((&book["summary"], &book["responses"]), (&json!("Book it"), &generic["responses"]));
        assert_eq!(book["parameters"], json!([{ "$ref": "#/components/parameters/idempotency-key" }]));
        let list = &described["paths"]["/v1/apps/yard/records/ships"]["get"];
        let names: Vec<&Value> = list["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["index", "equals", "after", "limit"]);
        assert_eq!(list["parameters"][0]["description"], "0: by name. 1, or left out: by age.");
        let items = &list["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["items"]["items"];
        assert_eq!(*items, json!({ "$ref": "#/components/schemas/ships" }));
        let read = &described["paths"]["/v1/apps/yard/records/ships/{record}"]["get"];
        assert_eq!((read["parameters"].as_array().unwrap().len(), &read["parameters"][0]["name"]), (1, &json!("record")));
        let ship = &described["components"]["schemas"]["ships"]["properties"]["fields"]["properties"];
        assert_eq!((&ship["name"]["type"], &ship["draught"]["pattern"]), (&json!("string"), &json!(r"^-?[0-9]+(\.[0-9]+)?$")));
    }

    #[test]
    fn a_description_stands_alone_and_brings_nothing_that_nobody_asks_for() {
        let described = describe(&app(), &crate::http::description());
        let mut named = Vec::new();
        references(&described, &mut named);
        for reference in &named {
            assert!(described.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
        }
        let mut schemas: Vec<&String> = described["components"]["schemas"].as_object().unwrap().keys().collect();
        schemas.sort();
        assert_eq!(schemas, ["ActionDone", "AppFinding", "Problem", "Severity", "ships"]);
        assert_eq!(described["components"]["securitySchemes"], crate::http::description()["components"]["securitySchemes"]);
    }

    #[test]
    fn an_app_that_may_not_run_says_why_it_has_no_actions() {
        let app = AppCard { stopped: Some("quarantined".to_owned()), description: Description::default(), ..app() };
        let described = describe(&app, &crate::http::description());
        assert_eq!(described["paths"].as_object().unwrap().len(), 2);
        assert!(described["info"]["description"].as_str().unwrap().contains("`quarantined`"), "{}", described["info"]);
    }

    #[test]
    fn what_the_schema_takes_and_refuses_the_action_takes_and_refuses() {
        let action = book(Target::Order);
        let schema = validator(&call(&action));
        assert!(schema.is_valid(&body()) && is_taken(&action, &body()));
        let others = json!([null, true, 3, -1, i64::MIN, u64::MAX, [], {}]);
        let texts = json!(["", " ", "x", "sea", "air", "3", "1.50", "-0.001", ".5", "1e3", "a/b", "a\u{7}b", "a\u{85}b", "a\nb"]);
        let dates = json!(["2026-03-01", "2026-3-1", "2026-02-30", "soon"]);
        let long = ["9".repeat(19), "x".repeat(64), "x".repeat(65), "一".repeat(4_000), "一".repeat(4_001)];
        let long = json!(long);
        let values: Vec<&Value> = [&others, &texts, &dates, &long].iter().flat_map(|list| list.as_array().unwrap()).collect();
        let (mut taken, mut refused) = (0, 0);
        for input in &action.inputs {
            for value in &values {
                let mut body = body();
                body["inputs"][&input.key] = (*value).clone();
                let (says, does) = (schema.is_valid(&body), is_taken(&action, &body));
                // An empty field of a form is one that was left out; a program leaves it out.
                let is_forgiven = does && !input.required && **value == "";
                assert!(says == does || is_forgiven, "{}: {value}: the schema says {says}, the action {does}", input.key);
                taken += usize::from(does);
                refused += usize::from(!does);
            }
            let mut body = body();
            body["inputs"].as_object_mut().unwrap().remove(&input.key);
            assert_eq!((schema.is_valid(&body), is_taken(&action, &body)), (!input.required, !input.required), "{}", input.key);
        }
        assert!(taken > 30 && refused > 100, "{taken} {refused}");
    }

    #[test]
    fn a_target_is_asked_for_where_there_is_one() {
        let targets = [json!(null), json!(ORDER), json!(RECORD), json!("ord_1"), json!(7)];
        for (target, fits) in [(Target::Order, Some(1)), (Target::Record("ships".to_owned()), Some(2)), (Target::Firm, None)] {
            let action = book(target);
            let schema = validator(&call(&action));
            for (at, value) in targets.iter().enumerate() {
                let mut body = body();
                body["target"] = value.clone();
                let is_fit = fits == Some(at);
                assert_eq!(schema.is_valid(&body), is_fit, "{:?}: {value}", action.target);
                // Null is no target at all, which the action forgives and a program leaves out.
                let is_forgiven = fits.is_none() && value.is_null();
                assert_eq!(is_taken(&action, &body), is_fit || is_forgiven, "{:?}: {value}", action.target);
            }
            let mut body = body();
            body.as_object_mut().unwrap().remove("target");
            assert_eq!((schema.is_valid(&body), is_taken(&action, &body)), (fits.is_none(), fits.is_none()));
            body["colour"] = json!("red");
            assert!(!schema.is_valid(&body) && !is_taken(&action, &body));
        }
        let bare = Action { inputs: Vec::new(), ..book(Target::Firm) };
        let schema = validator(&call(&bare));
        for body in [json!({}), json!({ "inputs": {} })] {
            assert!(schema.is_valid(&body) && is_taken(&bare, &body), "{body}");
        }
    }
}
