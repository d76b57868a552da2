//! Uses every import that an app has in contract 0.1.0: an action for each, and the other three ways in which an app is called.

use roro_sdk::app::exports::roro::app::app::{
    Action, Call, Description, Event, FieldKind, Guest, Input, Layout, Target, Text, View,
};
use roro_sdk::app::roro::host::{cache, events, fetch, legal_date, tasks};
use roro_sdk::app::roro::order::orders;
use roro_sdk::app::roro::records::records::{self, Field, Query, Value};
use roro_sdk::app::roro::types::types::{Date, Decimal, Finding, Parameter, Severity};

const THINGS: &str = "things";

struct App;

impl Guest for App {
    fn describe() -> Description {
        let action = |name: &str, target| Action { name: name.to_owned(), title: title(name), target, inputs: Vec::new() };
        let inputs = [
            ("name", FieldKind::Text, true),
            ("count", FieldKind::Integer, false),
            ("rate", FieldKind::Decimal, false),
            ("is-new", FieldKind::Boolean, false),
            ("state", FieldKind::Choice, false),
            ("due", FieldKind::Date, false),
        ];
        let input = |(key, kind, required): (&str, FieldKind, bool)| Input {
            key: key.replace('-', "_"),
            kind,
            title: title(key),
            required,
            choices: if kind == FieldKind::Choice { vec!["open".to_owned(), "done".to_owned()] } else { Vec::new() },
        };
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        Description {
            actions: vec![
                Action { inputs: inputs.map(input).into(), ..action("add", Target::Firm) },
                action("finish", Target::RecordOf(THINGS.to_owned())),
                action("forget", Target::RecordOf(THINGS.to_owned())),
                action("note", Target::Order),
                action("remember", Target::Firm),
                action("ask", Target::Firm),
                action("put-off", Target::Firm),
                action("tell", Target::Firm),
            ],
            views: vec![
                View {
                    name: "board".to_owned(),
                    title: title("board"),
                    collection: THINGS.to_owned(),
                    layout: Layout::Board(("state".to_owned(), keys(&["name", "due"]))),
                    index: 0,
                },
                View {
                    name: "table".to_owned(),
                    title: title("table"),
                    collection: THINGS.to_owned(),
                    layout: Layout::Table(keys(&["name", "count", "rate"])),
                    index: 1,
                },
            ],
        }
    }

    fn act(call: Call) -> Vec<Finding> {
        let target = call.target.unwrap_or_default();
        match call.action.as_str() {
            "add" => add(call.inputs),
            "finish" => finish(&target),
            "forget" => forget(&target),
            "note" => note(&target),
            "remember" => remember(),
            "ask" => ask(),
            "put-off" => vec![found("put-off", &format!("{:?}", tasks::later("later", "{\"a\":1}", 3_600)))],
            "tell" => vec![found("tell", &format!("{:?}", events::tell("told", "{\"a\":1}")))],
            other => vec![refused(other)],
        }
    }

    fn on_event(event: Event) -> Vec<Finding> {
        vec![found(&event.kind, &event.payload), found("id", &event.id)]
    }

    fn on_schedule(name: String) -> Vec<Finding> {
        let today = legal_date::as_of();
        let query = Query {
            index: 0,
            equals: vec![Value::Text("open".to_owned())],
            at_least: Some(Value::Date(Date { year: 2000, month: 1, day: 1 })),
            at_most: Some(Value::Date(today)),
            after: None,
            limit: 10,
        };
        let late = match records::find(THINGS, &query) {
            Ok(page) => format!("{} {:?}", page.records.len(), page.next),
            Err(error) => format!("{error:?}"),
        };
        vec![found(&name, &late)]
    }

    fn on_task(name: String, payload: String) -> Vec<Finding> {
        vec![found(&name, &payload)]
    }
}

fn add(mut inputs: Vec<Field>) -> Vec<Finding> {
    if !inputs.iter().any(|field| field.key == "state") {
        inputs.push(Field { key: "state".to_owned(), value: Value::Text("open".to_owned()) });
    }
    if !inputs.iter().any(|field| field.key == "rate") {
        inputs.push(Field { key: "rate".to_owned(), value: Value::Decimal(Decimal { mantissa: 125, scale: 2 }) });
    }
    let added = match records::add(THINGS, &inputs) {
        Ok(id) => records::get(THINGS, &id).map_or_else(|error| format!("{error:?}"), |one| format!("{} fields", one.fields.len())),
        Err(error) => format!("{error:?}"),
    };
    let wrong = records::add(THINGS, &[Field { key: "wings".to_owned(), value: Value::Integer(2) }]);
    // The words of an error are for people; a program goes by which one it is.
    let wrong = matches!(wrong, Err(records::Error::Invalid(_)));
    vec![found("add", &added), found("wrong", if wrong { "invalid" } else { "something else" })]
}

fn finish(id: &str) -> Vec<Finding> {
    let Ok(mut one) = records::get(THINGS, id) else { return vec![refused("finish")] };
    for field in &mut one.fields {
        if field.key == "state" {
            field.value = Value::Text("done".to_owned());
        }
    }
    let moved = records::replace(THINGS, id, one.version + 1, &one.fields);
    let done = records::replace(THINGS, id, one.version, &one.fields);
    vec![found("finish", &format!("{done:?}")), found("moved", &format!("{:?}", moved.err()))]
}

fn forget(id: &str) -> Vec<Finding> {
    let version = records::get(THINGS, id).map_or(0, |one| one.version);
    let gone = records::remove(THINGS, id, version);
    let nothing = records::get(THINGS, "rec_0000000000000000000000000z");
    vec![found("forget", &format!("{gone:?}")), found("nothing", &format!("{:?}", nothing.err()))]
}

fn note(order: &str) -> Vec<Finding> {
    let opened = match orders::open(order) {
        Ok(one) => format!("{} {}", one.reference(), one.shipment().vehicle_count()),
        Err(error) => format!("{error:?}"),
    };
    let page = orders::newest(None, 10);
    let noted = orders::note(order, "Noted by the corpus.");
    let bad = orders::note(order, "");
    vec![
        found("open", &opened),
        found("newest", &format!("{} {:?}", page.cards.len(), page.next)),
        found("note", &format!("{noted:?}")),
        found("bad-note", &format!("{:?}", bad.err())),
    ]
}

fn remember() -> Vec<Finding> {
    let before = cache::get("word");
    let kept = cache::put("word", b"corpus", 60);
    let after = cache::get("word");
    let gone = cache::remove("word");
    let bad = cache::put("", b"", 1);
    vec![found("remember", &format!("{before:?} {kept:?} {after:?} {gone:?}")), found("bad-key", &format!("{:?}", bad.err()))]
}

fn ask() -> Vec<Finding> {
    let request = |url: &str, method, body: &[u8]| fetch::Request {
        method,
        url: url.to_owned(),
        headers: vec![fetch::Header { name: "accept".to_owned(), value: "text/plain".to_owned() }],
        body: body.to_vec(),
        reuse_seconds: 60,
    };
    let got = fetch::send(&request("https://rates.example/usd", fetch::Method::Get, b""));
    if matches!(got, Err(fetch::Error::Pending)) {
        return Vec::new();
    }
    let said = match got {
        Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
        Err(error) => format!("{error:?}"),
    };
    vec![found("ask", &said)]
}

fn title(text: &str) -> Vec<Text> {
    ["en", "zh"].map(|language| Text { language: language.to_owned(), text: text.to_owned() }).into()
}

fn found(what: &str, came: &str) -> Finding {
    let parameters = [("what", what), ("came", came)].map(|(name, value)| Parameter { name: name.to_owned(), value: value.to_owned() });
    Finding { rule: "CORPUS-APP-01".to_owned(), severity: Severity::Info, place: String::new(), parameters: parameters.into() }
}

fn refused(what: &str) -> Finding {
    Finding { rule: "CORPUS-APP-02".to_owned(), severity: Severity::Error, ..found(what, "refused") }
}

roro_sdk::app::export_app!(App with_types_in roro_sdk::app);
