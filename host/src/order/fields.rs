//! Fields by path, for packs: `vehicle.deregistration.owner` is the column of that field over all vehicles.
//!
//! The catalogue of paths is made from the order file's own schema, so a field that the file gains is there for packs at once. It never
//! holds values.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::reader;

/// What kind of value a path holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; names of enumerations are texts too.
    Text,
    /// A whole number.
    Number,
    /// A civil date.
    Date,
    /// Yes or no.
    Boolean,
    /// An amount in minor units, with its currency.
    Money,
}

/// The rows that a path runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One row.
    Order,
    /// A row a vehicle.
    Vehicle,
    /// A row a container.
    Container,
}

/// The scopes: first word of a path, key of the order file, rows.
const SCOPES: [(&str, &str, Scope); 8] = [
    ("order", "order", Scope::Order),
    ("company", "company", Scope::Order),
    ("buyer", "buyer", Scope::Order),
    ("consignee", "consignee", Scope::Order),
    ("notify", "notify", Scope::Order),
    ("shipment", "shipment", Scope::Order),
    ("vehicle", "vehicles", Scope::Vehicle),
    ("container", "containers", Scope::Container),
];

/// Fields that the snapshot adds to the file.
const DERIVED: [(&str, Kind); 14] = [
    ("order.goods_total", Kind::Money),
    ("order.total", Kind::Money),
    ("company.address.text", Kind::Text),
    ("buyer.address.text", Kind::Text),
    ("consignee.address.text", Kind::Text),
    ("notify.address.text", Kind::Text),
    ("shipment.vehicle_count", Kind::Number),
    ("shipment.container_count", Kind::Number),
    ("shipment.total_net_mass_kg", Kind::Number),
    ("shipment.total_gross_mass_kg", Kind::Number),
    ("shipment.total_volume_cm3", Kind::Number),
    ("vehicle.volume_cm3", Kind::Number),
    ("container.vehicle_count", Kind::Number),
    ("container.vehicles_gross_mass_kg", Kind::Number),
];

/// Every path with its kind; `….particulars.` stands for any key below it.
#[must_use]
pub fn catalogue() -> &'static BTreeMap<String, Kind> {
    static CATALOGUE: OnceLock<BTreeMap<String, Kind>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut paths = BTreeMap::new();
        let root = reader::schema();
        for (word, key, _) in SCOPES {
            let Some(node) = root.pointer(&format!("/properties/{key}")) else { continue };
            let node = resolve(root, node);
            let row = node.get("items").map_or(node, |items| resolve(root, items));
            walk(root, row, word, &mut paths);
        }
        paths.extend(DERIVED.iter().map(|(path, kind)| ((*path).to_owned(), *kind)));
        paths
    })
}

/// The kind of a path, or none when there is no such field.
#[must_use]
pub fn kind(path: &str) -> Option<Kind> {
    if let Some(kind) = catalogue().get(path) {
        return Some(*kind);
    }
    let (head, key) = path.rsplit_once('.')?;
    (!key.is_empty() && head.ends_with(".particulars") && catalogue().contains_key(&format!("{head}."))).then_some(Kind::Text)
}

/// The values that an enumeration's path can have; empty for any other path.
#[must_use]
pub fn choices(path: &str) -> Vec<String> {
    let Some(node) = node_of(path).map(|node| resolve(reader::schema(), node)) else { return Vec::new() };
    let of_enum = node.get("enum").and_then(Value::as_array).into_iter().flatten();
    let of_consts = node.get("oneOf").and_then(Value::as_array).into_iter().flatten().filter_map(|one| one.get("const"));
    of_enum.chain(of_consts).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The scope of a path, or none when its first word is not a scope.
#[must_use]
pub fn scope(path: &str) -> Option<Scope> {
    let word = path.split_once('.')?.0;
    SCOPES.iter().find(|(known, _, _)| *known == word).map(|(_, _, scope)| *scope)
}

/// The values of a path in a snapshot's JSON, one a row. None when there is no such field.
#[must_use]
pub fn column<'a>(snapshot: &'a Value, path: &str) -> Option<(Kind, Vec<Option<&'a Value>>)> {
    let kind = kind(path)?;
    let (word, rest) = path.split_once('.')?;
    let (_, key, scope) = SCOPES.iter().find(|(known, _, _)| *known == word)?;
    let below = snapshot.get(*key);
    let rows = match scope {
        Scope::Order => vec![below.and_then(|row| follow(row, rest))],
        Scope::Vehicle | Scope::Container => {
            below.and_then(Value::as_array).map(|rows| rows.iter().map(|row| follow(row, rest)).collect()).unwrap_or_default()
        }
    };
    Some((kind, rows))
}

fn follow<'a>(row: &'a Value, rest: &str) -> Option<&'a Value> {
    rest.split('.').try_fold(row, |value, key| value.get(key)).filter(|value| !value.is_null())
}

pub(super) fn resolve<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    match node.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).unwrap_or(node),
        None => node,
    }
}

fn walk(root: &Value, node: &Value, path: &str, paths: &mut BTreeMap<String, Kind>) {
    if let Some(properties) = node.get("properties").and_then(Value::as_object) {
        for (name, below) in properties {
            walk(root, resolve(root, below), &format!("{path}.{name}"), paths);
        }
    } else if let Some(kind) = scalar(node) {
        paths.insert(path.to_owned(), kind);
    } else if is_map(node) {
        paths.insert(format!("{path}."), Kind::Text);
    }
}

pub(super) fn is_map(node: &Value) -> bool {
    node.get("additionalProperties").is_some_and(Value::is_object)
}

pub(super) fn scalar(node: &Value) -> Option<Kind> {
    let format = node.get("format").and_then(Value::as_str);
    match node.get("type").and_then(Value::as_str) {
        Some("integer") => Some(Kind::Number),
        Some("boolean") => Some(Kind::Boolean),
        Some("string") if format == Some("money") => Some(Kind::Money),
        Some("string") if format == Some("date") => Some(Kind::Date),
        Some("string") => Some(Kind::Text),
        // An enumeration with a documented sentence for each value becomes `oneOf` of constants.
        None if node.get("oneOf").is_some() || node.get("enum").is_some() => Some(Kind::Text),
        _ => None,
    }
}

/// The reference of all paths, as a page: `docs/fields.md` is this text.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(
        "# Fields of the order, by path\n\nMade by `roro order fields` from the schema of the order file. Packs read these paths; a place in an order file is the same path as a \
         JSON pointer (`vehicle.hs6` of the second vehicle is `/vehicles/1/hs6`). A path below `vehicle` has a value a vehicle, one below `container` a \
         value a container. Derived fields are not in the file: the host adds them.\n\n| Path | Kind | Meaning |\n|---|---|---|\n",
    );
    for (path, kind) in catalogue() {
        let kind = match kind {
            Kind::Text => "text",
            Kind::Number => "integer",
            Kind::Date => "date",
            Kind::Boolean => "boolean",
            Kind::Money => "money",
        };
        let choices = choices(path);
        let derived = DERIVED.iter().any(|(known, _)| known == path);
        let meaning = if derived { "derived".to_owned() } else { describe(path).unwrap_or_default() };
        let values = if choices.is_empty() { String::new() } else { format!(" One of: {}.", choices.join(", ")) };
        let shown = if path.ends_with('.') { format!("{path}KEY") } else { path.clone() };
        page.push_str(&format!("| `{shown}` | {kind} | {}{values} |\n", meaning.replace('\n', " ").replace('|', "\\|")));
    }
    page
}

/// What the schema says of a path.
fn describe(path: &str) -> Option<String> {
    let node = node_of(path.trim_end_matches('.'))?;
    node.get("description").and_then(Value::as_str).map(str::to_owned)
}

/// The schema's node of a path, with the description of the field rather than of its type.
fn node_of(path: &str) -> Option<&'static Value> {
    let (word, rest) = path.split_once('.')?;
    let (_, key, _) = SCOPES.iter().find(|(known, _, _)| *known == word)?;
    let root = reader::schema();
    let mut node = resolve(root, root.pointer(&format!("/properties/{key}"))?);
    node = node.get("items").map_or(node, |items| resolve(root, items));
    let mut found = node;
    for name in rest.split('.') {
        found = node.get("properties")?.get(name)?;
        node = resolve(root, found);
    }
    Some(found)
}

/// A mutable object, or none when the value is something else.
pub(super) fn object<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Map<String, Value>> {
    value.get_mut(key).and_then(Value::as_object_mut)
}
