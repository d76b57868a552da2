//! JSON Schemas of the hooks for guests of Extism PDKs, made from the contract: what a guest gets and what it must answer.
//!
//! The input of a hook is an object of its function's arguments, with the legal date; a handle of the order becomes the order file, whose own
//! schema is published. The output is the function's answer; what WIT calls an error goes through Extism's `error_set`. A list of records
//! that are a name and a value becomes an object of texts.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wit_parser::{Docs, Function, Handle, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, TypeId};

/// Where the schemas lie.
pub(crate) const FOLDER: &str = "sdk/extism/schemas";
/// The hooks that such guests answer: the world that names each, and its exported function. The engine's `extism::export` has the same.
const HOOKS: [(&str, &str); 3] = [("documents", "check"), ("order-guard", "check"), ("pricing", "price")];
/// What an `order` handle stands for: the published schema of the order file.
const ORDER_FILE: &str = "urn:roro:order-file:1";

/// Every schema by its file's name.
pub(crate) fn make(wit: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).context("the contract")?;
    let mut files = BTreeMap::new();
    for (world, function) in HOOKS {
        let world_id = resolve.select_world(&[package], Some(world)).with_context(|| format!("the world {world}"))?;
        let exports = resolve.worlds.get(world_id).map(|world| world.exports.values().collect::<Vec<_>>()).unwrap_or_default();
        let [wit_parser::WorldItem::Interface { id, .. }] = exports.as_slice() else {
            bail!("the world {world} exports more than its hook")
        };
        let hook = Hook { resolve: &resolve, interface: *id, name: format!("{world}-{function}").replace('-', "_") };
        for (side, schema) in [("input", hook.input(function)?), ("output", hook.output(function)?)] {
            let mut text = serde_json::to_vec_pretty(&schema)?;
            text.push(b'\n');
            files.insert(PathBuf::from(format!("{}.{side}.schema.json", hook.name)), text);
        }
    }
    Ok(files)
}

struct Hook<'a> {
    resolve: &'a Resolve,
    interface: InterfaceId,
    name: String,
}

impl Hook<'_> {
    fn function(&self, name: &str) -> Result<&Function> {
        let interface = self.resolve.interfaces.get(self.interface).context("an interface")?;
        interface.functions.get(name).with_context(|| format!("the hook has no function {name}"))
    }

    fn head(&self, side: &str) -> Map<String, Value> {
        let mut head = Map::new();
        head.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        head.insert("$id".into(), format!("urn:roro:extism:{}:{side}", self.name).into());
        head.insert("title".into(), format!("{side} of `{}`", self.name).into());
        head
    }

    /// An object of the arguments. It may get more fields: a guest reads the ones that it knows.
    fn input(&self, name: &str) -> Result<Value> {
        let function = self.function(name)?;
        let (mut properties, mut required) = (Map::new(), vec![Value::from("as_of")]);
        properties.insert("as_of".into(), self.as_of()?);
        for parameter in &function.params {
            properties.insert(snake(&parameter.name), self.schema(&parameter.ty)?);
            required.push(snake(&parameter.name).into());
        }
        let mut schema = self.head("input");
        describe(&mut schema, &function.docs);
        schema.insert("type".into(), "object".into());
        schema.insert("properties".into(), properties.into());
        schema.insert("required".into(), required.into());
        Ok(schema.into())
    }

    fn output(&self, name: &str) -> Result<Value> {
        let answer = self.function(name)?.result.as_ref().with_context(|| format!("{name} answers with nothing"))?;
        // What went wrong is told through `error_set`.
        let answer = match self.kind(answer).map(|definition| &definition.kind) {
            Some(TypeDefKind::Result(result)) => result.ok.as_ref().context("an answer without a value")?,
            _ => answer,
        };
        let mut schema = self.head("output");
        if let Value::Object(fields) = self.schema(answer)? {
            schema.extend(fields);
        }
        Ok(schema.into())
    }

    /// The legal date, which other guests ask the host for.
    fn as_of(&self) -> Result<Value> {
        let is_date = |function: &&Function| function.name == "as-of";
        let all = self.resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.values());
        let function = all.into_iter().find(is_date).context("the contract has no legal date")?;
        let mut schema = self.schema(function.result.as_ref().context("a date")?)?;
        if let Value::Object(fields) = &mut schema {
            describe(fields, &function.docs);
        }
        Ok(schema)
    }

    fn kind(&self, ty: &Type) -> Option<&TypeDef> {
        let Type::Id(id) = ty else { return None };
        let definition = self.resolve.types.get(*id)?;
        match &definition.kind {
            TypeDefKind::Type(other @ Type::Id(_)) => self.kind(other),
            _ => Some(definition),
        }
    }

    fn schema(&self, ty: &Type) -> Result<Value> {
        Ok(match ty {
            Type::Bool => json!({ "type": "boolean" }),
            Type::String | Type::Char => json!({ "type": "string" }),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => json!({ "type": "integer", "minimum": 0 }),
            Type::S8 | Type::S16 | Type::S32 | Type::S64 => json!({ "type": "integer" }),
            Type::F32 | Type::F64 | Type::ErrorContext => bail!("no floating-point number crosses the border"),
            Type::Id(id) => self.named(*id)?,
        })
    }

    fn named(&self, id: TypeId) -> Result<Value> {
        let definition = self.resolve.types.get(id).context("a type")?;
        let mut schema = match (&definition.kind, definition.name.as_deref()) {
            (TypeDefKind::Type(other), _) => return self.schema(other),
            (TypeDefKind::Record(_), Some("date")) => json!({ "type": "string", "format": "date" }),
            (TypeDefKind::Record(record), _) => {
                let mut properties = Map::new();
                for field in &record.fields {
                    let mut below = self.schema(&field.ty)?;
                    if let Value::Object(fields) = &mut below {
                        describe(fields, &field.docs);
                    }
                    properties.insert(snake(&field.name), below);
                }
                let required: Vec<String> = record.fields.iter().map(|field| snake(&field.name)).collect();
                json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
            }
            (TypeDefKind::Enum(cases), _) => {
                let meant =
                    |case: &wit_parser::EnumCase| Some(format!("`{}`: {}", case.name, case.docs.contents.as_ref()?.trim()));
                let meant: Vec<String> = cases.cases.iter().filter_map(meant).collect();
                let names: Vec<&str> = cases.cases.iter().map(|case| case.name.as_str()).collect();
                let docs = definition.docs.contents.iter().map(|text| text.trim().to_owned()).chain(meant);
                return Ok(json!({ "type": "string", "enum": names, "description": docs.collect::<Vec<_>>().join("\n") }));
            }
            (TypeDefKind::List(item), _) if self.is_pair(item) => {
                json!({ "type": "object", "additionalProperties": { "type": "string" } })
            }
            (TypeDefKind::List(item), _) => json!({ "type": "array", "items": self.schema(item)? }),
            (TypeDefKind::Option(item), _) => json!({ "anyOf": [self.schema(item)?, { "type": "null" }] }),
            (TypeDefKind::Handle(Handle::Borrow(id) | Handle::Own(id)), _) => {
                let name = self.resolve.types.get(*id).and_then(|resource| resource.name.as_deref());
                if name != Some("order") {
                    bail!("a handle of {name:?} has no JSON")
                }
                json!({ "$ref": ORDER_FILE, "description": "The order file." })
            }
            (kind, name) => bail!("{name:?}, a {}, has no JSON", kind.as_str()),
        };
        if let Value::Object(fields) = &mut schema {
            describe(fields, &definition.docs);
        }
        Ok(schema)
    }

    /// Whether a type is a record of two texts, a name and a value.
    fn is_pair(&self, ty: &Type) -> bool {
        let Some(TypeDefKind::Record(record)) = self.kind(ty).map(|definition| &definition.kind) else { return false };
        let fields: Vec<_> = record.fields.iter().map(|field| (field.name.as_str(), &field.ty)).collect();
        matches!(fields.as_slice(), [("name", Type::String), ("value", Type::String)])
    }
}

/// What the contract says of a thing; a more exact word replaces a general one.
fn describe(schema: &mut Map<String, Value>, docs: &Docs) {
    if let Some(text) = &docs.contents {
        schema.insert("description".into(), text.trim().into());
    }
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}
