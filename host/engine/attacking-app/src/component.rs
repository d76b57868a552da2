//! The app behind the contract. Each action takes one text, `with`, and answers with one finding that says what the host answered.

use roro_sdk::app::exports::roro::app::app::{Action, Call, Description, Event, FieldKind, Guest, Input, Target, Text};
use roro_sdk::app::roro::host::fetch::{self, Header, Method, Request};
use roro_sdk::app::roro::host::{cache, events, random, tasks};
use roro_sdk::app::roro::order::orders;
use roro_sdk::app::roro::records::records::{self, Field, Query, Value};
use roro_sdk::app::roro::types::types::{Finding, Parameter, Severity};

/// Every action, by name.
const ACTIONS: [&str; 17] = [
    "fetch",
    "fetch-many",
    "flood-records",
    "flood-tasks",
    "flood-events",
    "flood-notes",
    "flood-orders",
    "flood-cache",
    "keep",
    "kept",
    "add",
    "add-refused",
    "read",
    "random",
    "spin",
    "trap",
    "later",
];

struct AttackingApp;

impl Guest for AttackingApp {
    fn describe() -> Description {
        let title = |text: &str| vec![Text { language: "en".to_owned(), text: text.to_owned() }];
        let with =
            Input { key: "with".to_owned(), kind: FieldKind::Text, title: title("With"), required: false, choices: Vec::new() };
        let action = |name: &&str| Action {
            name: (*name).to_owned(),
            title: title(name),
            target: Target::Firm,
            inputs: vec![with.clone()],
        };
        Description { actions: ACTIONS.iter().map(action).collect(), views: Vec::new() }
    }

    fn act(call: Call) -> Vec<Finding> {
        let with = call.inputs.first().map(|field| match &field.value {
            Value::Text(text) => text.clone(),
            _ => String::new(),
        });
        does(&call.action, &with.unwrap_or_default())
    }

    fn on_event(event: Event) -> Vec<Finding> {
        does("add", &event.kind)
    }

    fn on_schedule(name: String) -> Vec<Finding> {
        does("add", &name)
    }

    fn on_task(name: String, payload: String) -> Vec<Finding> {
        does(&name, &payload)
    }
}

fn does(action: &str, with: &str) -> Vec<Finding> {
    match action {
        "fetch" => vec![info(&fetched(with, ""))],
        "fetch-many" => {
            let each = |at: usize| fetched(with, &at.to_string());
            let all: Vec<String> = (0..20).map(each).collect();
            vec![info(&all.join(" "))]
        }
        "flood-records" => {
            until(|at| records::add("things", &named(&at.to_string())).map(drop).map_err(|error| format!("{error:?}")))
        }
        "flood-tasks" => until(|_| tasks::later("again", "", 60).map_err(|error| format!("{error:?}"))),
        "flood-events" => until(|_| events::tell("much", "{}").map_err(|error| format!("{error:?}"))),
        "flood-notes" => until(|_| orders::note(with, "much").map_err(|error| format!("{error:?}"))),
        "flood-orders" => until(|_| orders::open(with).map(std::mem::forget).map_err(|error| format!("{error:?}"))),
        "flood-cache" => until(|at| {
            if at > 1_000 {
                return Err("no end".to_owned());
            }
            cache::put(&at.to_string(), &vec![7; 60_000], 60).map_err(|error| format!("{error:?}"))
        }),
        "keep" => vec![info(&format!("{:?}", cache::put("what", with.as_bytes(), 60)))],
        "kept" => {
            let found = cache::get("what").ok().flatten();
            vec![info(&found.map_or_else(|| "nothing".to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned()))]
        }
        "add" => match records::add("things", &named(with)) {
            Ok(_) => Vec::new(),
            Err(error) => vec![info(&format!("{error:?}"))],
        },
        "add-refused" => {
            let added = records::add("things", &named(with));
            vec![Finding { severity: Severity::Error, ..info(&format!("{added:?}")) }]
        }
        "read" => {
            let all = Query { index: 1, equals: Vec::new(), at_least: None, at_most: None, after: None, limit: 100 };
            let count = records::find("things", &all).map(|page| page.records.len());
            let one = records::get("things", with);
            vec![info(&format!("{count:?} {}", if one.is_ok() { "read" } else { "not there" }))]
        }
        "random" => vec![info(&format!("{:?}", random::bytes(8)))],
        "later" => vec![info(&format!("{:?}", tasks::later("add", with, 1)))],
        "spin" => loop {
            std::hint::black_box(0);
        },
        _ => unreachable!("{action}"),
    }
}

/// Does something until the host refuses, and says how often it went well and what the host said then.
fn until(mut once: impl FnMut(usize) -> Result<(), String>) -> Vec<Finding> {
    let mut at = 0;
    loop {
        if let Err(why) = once(at) {
            return vec![info(&format!("{at} {why}"))];
        }
        at += 1;
    }
}

fn fetched(url: &str, tag: &str) -> String {
    let (method, url) = url.strip_prefix("POST ").map_or((Method::Get, url), |url| (Method::Post, url));
    let header = Header { name: "x-tag".to_owned(), value: tag.to_owned() };
    let request = Request { method, url: url.to_owned(), headers: vec![header], body: Vec::new(), reuse_seconds: 0 };
    match fetch::send(&request) {
        Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
        Err(error) => format!("{error:?}"),
    }
}

fn named(name: &str) -> Vec<Field> {
    vec![Field { key: "name".to_owned(), value: Value::Text(name.to_owned()) }]
}

fn info(what: &str) -> Finding {
    Finding {
        rule: "ATTACKING-APP-01".to_owned(),
        severity: Severity::Info,
        place: String::new(),
        parameters: vec![Parameter { name: "what".to_owned(), value: what.chars().take(2_000).collect() }],
    }
}

roro_sdk::app::export_app!(AttackingApp with_types_in roro_sdk::app);
