//! The description of `/v1` is true: it is the published one, it is whole, and what the server answers to requests made from it, right
//! and wrong ones, is what it says.

use std::collections::BTreeSet;

use proptest::prelude::Strategy as _;
use proptest::strategy::{BoxedStrategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::orders::order;
use super::webhooks::webhook;
use super::{Client, Reply, TestApp, firm};
use crate::storage::{Store, on_both};
use crate::support::root;

/// Requests of each operation on each database.
const CALLS: usize = 40;
/// How deep a made-up value goes before only what must be there is made.
const DEPTH_MAX: usize = 6;

#[test]
fn the_published_description_is_the_one_that_is_served() {
    let published = std::fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    let served = serde_json::to_string_pretty(&roro::http::description()).unwrap() + "\n";
    assert!(published == served, "the description has changed: cargo run -p roro -- openapi > docs/openapi.json");
}

#[test]
fn every_operation_is_described_whole() {
    let description = roro::http::description();
    let mut ids = BTreeSet::new();
    for (method, path) in roro::http::operations() {
        let operation = &description["paths"][path][method.as_str().to_lowercase()];
        let what = format!("{method} {path}: {operation}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{what}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what}");
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert!(statuses.iter().any(|status| status.starts_with('2')), "{what}");
        assert!(["401", "500", "503"].iter().all(|status| statuses.iter().any(|one| one == status)), "{what}");
        assert_eq!(method == Method::GET, operation.get("requestBody").is_none() && !what.contains("idempotency-key"), "{what}");
    }
    let mut references = Vec::new();
    references_of(&description, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        assert!(description.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
}

pub(super) fn references_of(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references_of(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references_of(value, found)),
        _ => {}
    }
}

/// Makes values of the description's schemas.
struct Maker {
    description: Value,
    runner: TestRunner,
}

impl Maker {
    fn new() -> Self {
        Self { description: roro::http::description(), runner: TestRunner::deterministic() }
    }

    fn draw<T: std::fmt::Debug>(&mut self, strategy: &BoxedStrategy<T>) -> T {
        strategy.new_tree(&mut self.runner).unwrap().current()
    }

    fn below(&mut self, limit: usize) -> usize {
        self.draw(&(0..limit).boxed())
    }

    fn resolved(&self, schema: &Value) -> Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.description.pointer(reference.trim_start_matches('#')).unwrap().clone(),
            None => schema.clone(),
        }
    }

    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        let schema = self.resolved(schema);
        for choice in ["anyOf", "oneOf"] {
            if let Some(choices) = schema[choice].as_array() {
                let at = self.below(choices.len());
                return self.value(&choices[at], depth);
            }
        }
        if let Some(words) = schema["enum"].as_array() {
            return words[self.below(words.len())].clone();
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        match kinds[self.below(kinds.len())].as_str() {
            Some("object") => self.object(&schema, depth),
            Some("array") => {
                let count = self.below(3).max(usize::try_from(schema["minItems"].as_u64().unwrap_or(0)).unwrap());
                (0..count).map(|_| self.value(&schema["items"], depth + 1)).collect()
            }
            Some("string") => Value::String(self.text(&schema)),
            Some("integer" | "number") => {
                let from = schema["minimum"].as_i64().unwrap_or(-5);
                json!(self.draw(&(from..=schema["maximum"].as_i64().unwrap_or(from + 5_000)).boxed()))
            }
            Some("boolean") => json!(self.below(2) == 0),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut made = Map::new();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&name.as_str()) || (depth < DEPTH_MAX && self.below(3) == 0) {
                made.insert(name.clone(), self.value(schema, depth + 1));
            }
        }
        Value::Object(made)
    }

    fn text(&mut self, schema: &Value) -> String {
        match (schema["pattern"].as_str(), schema["format"].as_str()) {
            (_, Some("date")) => format!("20{:02}-{:02}-{:02}", self.below(40), 1 + self.below(12), 1 + self.below(28)),
            (_, Some("date-time")) => "2026-03-01T09:00:00Z".to_owned(),
            (Some(pattern), _) => {
                let inner = pattern.trim_start_matches('^').trim_end_matches('$');
                self.draw(&proptest::string::string_regex(inner).unwrap().boxed())
            }
            _ => self.draw(&".{0,40}".boxed()),
        }
    }

    /// Something that is rarely right.
    fn junk(&mut self) -> Value {
        let text = self.draw(&"\\PC{0,20}".boxed());
        let choices = [
            Value::Null,
            json!(true),
            json!(-1),
            json!(u64::MAX),
            json!(0.5),
            json!(""),
            json!("\u{0}"),
            json!("9".repeat(400)),
            json!([]),
            json!({}),
            json!(text),
        ];
        choices[self.below(choices.len())].clone()
    }

    /// Puts junk at some place of a value, or takes something away.
    fn spoil(&mut self, value: &mut Value) {
        let stop = self.below(4) == 0;
        match value {
            Value::Object(fields) if !stop && !fields.is_empty() => {
                let name = fields.keys().nth(self.below(fields.len())).unwrap().clone();
                if self.below(6) == 0 {
                    fields.remove(&name);
                } else {
                    self.spoil(&mut fields[&name]);
                }
            }
            Value::Array(values) if !stop && !values.is_empty() => {
                let at = self.below(values.len());
                self.spoil(&mut values[at]);
            }
            value => *value = self.junk(),
        }
    }

    /// A body of an operation: made up or real, right or spoilt.
    fn body(&mut self, path: &str, schema: &Value) -> Value {
        let real = match path {
            "/v1/orders/import" | "/v1/orders/{id}" => Some(order(self.below(1_000))),
            "/v1/companies" | "/v1/companies/{id}" => Some(firm::company("C-9")),
            "/v1/parties" | "/v1/parties/{id}" => Some(firm::party("A Buyer")),
            "/v1/webhooks" | "/v1/webhooks/{id}" => Some(webhook()),
            _ => None,
        };
        let mut body = match real {
            Some(real) if self.below(2) == 0 => real,
            _ => self.value(schema, 0),
        };
        for _ in 0..self.below(3) {
            self.spoil(&mut body);
        }
        body
    }

    /// A request of an operation, for the things with these ids.
    fn request(&mut self, client: &Client, method: &Method, path: &'static str, ids: &[String]) -> super::client::Asking {
        let operation = self.description["paths"][path][method.as_str().to_lowercase()].clone();
        let id = match self.below(4) {
            0 => self.draw(&"[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}".boxed()),
            1 => percent(&self.draw(&"\\PC{1,20}".boxed())),
            _ => ids[self.below(ids.len())].clone(),
        };
        let mut query = Vec::new();
        let mut headers = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = self.resolved(parameter);
            let name = parameter["name"].as_str().unwrap().to_owned();
            let wanted = parameter["required"] == true;
            if (wanted && self.below(12) == 0) || (!wanted && self.below(2) == 0) {
                continue;
            }
            let value = if self.below(5) == 0 { self.junk() } else { self.value(&parameter["schema"], 0) };
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match parameter["in"].as_str() {
                Some("query") => query.push(format!("{name}={}", percent(&text))),
                Some("header") => headers.push((name, text.replace(|c: char| !(' '..='~').contains(&c), "?"))),
                _ => {}
            }
        }
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let mut asking = client.ask(method, &format!("{}{query}", path.replace("{id}", &id)));
        for (name, value) in headers {
            // Nothing before or after: a client library trims it away.
            asking = asking.header(&name, value.trim());
        }
        match operation.pointer("/requestBody/content/application~1json/schema") {
            Some(schema) => {
                let schema = schema.clone();
                asking.json(&self.body(path, &schema))
            }
            None => asking,
        }
    }

    /// Fails unless the description says that an operation may answer this.
    fn must_fit(&self, method: &Method, path: &str, reply: &Reply, asked: &str) {
        let operation = &self.description["paths"][path][method.as_str().to_lowercase()];
        let what = || format!("{asked} answered {} {}", reply.status, reply.text());
        assert!(reply.status < 500, "{}", what());
        let response = &operation["responses"][reply.status.to_string()];
        assert!(response.is_object(), "the description does not know this status: {}", what());
        let media = reply.header("content-type").split(';').next().unwrap();
        let content = response["content"].get(media).or_else(|| response["content"].get("*/*"));
        let content = content.unwrap_or_else(|| panic!("the description does not know this media type: {}", what()));
        if !media.ends_with("json") {
            return;
        }
        let mut schema = content["schema"].clone();
        schema.as_object_mut().unwrap().insert("components".to_owned(), self.description["components"].clone());
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let wrong: Vec<String> =
            validator.iter_errors(&reply.json()).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(wrong.is_empty(), "the answer is not as described: {wrong:?}: {}", what());
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

on_both! {
    async fn what_is_answered_is_what_is_described(store: &Store) {
        // Made-up addresses are stored and never asked for.
        let app = TestApp::start_with(store, |config| config.webhooks.couriers_max = 0).await;
        let acme = app.tenant("acme").await;
        let mut made = vec![
            acme.post("/v1/companies", &firm::company("C-1")).await.expect(201).id(),
            acme.post("/v1/parties", &firm::party("A Buyer")).await.expect(201).id(),
            acme.post("/v1/orders/import", &order(1)).await.expect(201).id(),
        ];
        acme.ask(&Method::POST, &format!("/v1/orders/{}/documents", made[2])).send().await.expect(201);
        let documents = acme.get(&format!("/v1/orders/{}/documents", made[2])).await.expect(200).json();
        made.push(documents["items"][0]["id"].as_str().unwrap().to_owned());
        made.push("ke".to_owned());
        made.push(acme.post("/v1/webhooks", &webhook()).await.expect(201).id());
        made.push(acme.ask(&Method::POST, &format!("/v1/webhooks/{}/test", made[5])).send().await.expect(202).id());
        let mut maker = Maker::new();
        let mut seen: BTreeSet<u16> = BTreeSet::new();
        for (method, path) in roro::http::operations() {
            // The ids of the noun come up most often.
            let ids: Vec<String> = match path.split('/').nth(2).unwrap() {
                "companies" => vec![made[0].clone()],
                "parties" => vec![made[1].clone()],
                "orders" => vec![made[2].clone()],
                "documents" => vec![made[3].clone()],
                "webhooks" => vec![made[5].clone()],
                "webhook-deliveries" => vec![made[6].clone()],
                _ => made.clone(),
            };
            for _ in 0..CALLS {
                let asking = maker.request(&acme, &method, path, &ids);
                let asked = asking.to_string();
                let reply = asking.send().await;
                seen.insert(reply.status);
                maker.must_fit(&method, path, &reply, &asked);
            }
        }
        // The requests were not all refused, and not all for one reason.
        assert!([200, 201, 404, 422].iter().all(|status| seen.contains(status)), "{seen:?}");
        app.end().await;
    }

    async fn the_description_is_open_to_all(store: &Store) {
        let app = TestApp::start(store).await;
        let served = app.stranger().get("/openapi.json").await.expect(200);
        assert_eq!(served.json(), roro::http::description());
        app.end().await;
    }
}
