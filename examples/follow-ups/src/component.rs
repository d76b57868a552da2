//! The app behind the contract: actions, the event of a new order, and the daily turn.

use roro_sdk::app::exports::roro::app::app::{
    Action, Call, Description, Event, FieldKind, Guest, Input, Layout, Target, Text, View,
};
use roro_sdk::app::roro::host::{config, events, legal_date};
use roro_sdk::app::roro::order::orders;
use roro_sdk::app::roro::records::records::{self, Field, Query, Stored, Value};
use roro_sdk::app::roro::types::types::{Date, Finding, Parameter, Severity};

use crate::day;

const FOLLOW_UPS: &str = "follow-ups";
/// The index by state and due date, in `plugin.toml`.
const BY_STATE: u32 = 0;
/// So many late ones are marked a turn; the next turn goes on.
const MARKED_MAX: u32 = 100;

struct FollowUps;

/// What comes of a call: nothing to say, or why it is refused.
type Answer = Result<(), Finding>;

impl Guest for FollowUps {
    fn describe() -> Description {
        let input = |key: &str, kind, en: &str, zh: &str| Input {
            key: key.to_owned(),
            kind,
            title: title(en, zh),
            required: true,
            choices: Vec::new(),
        };
        let what = || input("what", FieldKind::Text, "What is to be done", "待办内容");
        let due = || input("due", FieldKind::Date, "Due", "到期日");
        let on = || Target::RecordOf(FOLLOW_UPS.to_owned());
        let action = |name: &str, en: &str, zh: &str, target, inputs| Action {
            name: name.to_owned(),
            title: title(en, zh),
            target,
            inputs,
        };
        let shown = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        Description {
            actions: vec![
                action("add", "Add a follow-up", "添加跟进事项", Target::Order, vec![what(), due()]),
                action("postpone", "Postpone", "延期", on(), vec![due()]),
                action("close", "Done", "完成", on(), Vec::new()),
            ],
            views: vec![
                View {
                    name: "board".to_owned(),
                    title: title("Board", "看板"),
                    collection: FOLLOW_UPS.to_owned(),
                    layout: Layout::Board(("state".to_owned(), shown(&["reference", "what", "due"]))),
                    index: BY_STATE,
                },
                View {
                    name: "list".to_owned(),
                    title: title("By due date", "按到期日"),
                    collection: FOLLOW_UPS.to_owned(),
                    layout: Layout::Table(shown(&["due", "state", "reference", "what"])),
                    index: BY_STATE,
                },
            ],
        }
    }

    fn act(call: Call) -> Vec<Finding> {
        let target = call.target.unwrap_or_default();
        let done = match call.action.as_str() {
            "add" => add(&target, &text(&call.inputs, "what"), date(&call.inputs)),
            "postpone" => postpone(&target, date(&call.inputs)),
            "close" => close(&target),
            _ => Err(finding("FOLLOW-UPS-04", "/target", &[])),
        };
        said(done)
    }

    fn on_event(event: Event) -> Vec<Finding> {
        // The payload of order.imported is {"order": "ord_…", …}; ids need no JSON library to be found.
        let order = event.payload.split('"').find(|part| part.starts_with("ord_")).unwrap_or_default();
        let days = config::get("days").and_then(|days| days.parse().ok()).unwrap_or(3);
        said(add(order, "Ask for the deposit", after(&today(), days)))
    }

    fn on_schedule(_: String) -> Vec<Finding> {
        said(mark_late())
    }

    fn on_task(_: String, _: String) -> Vec<Finding> {
        Vec::new()
    }
}

fn add(order: &str, what: &str, due: Date) -> Answer {
    not_past(&due)?;
    let opened = orders::open(order).map_err(|_| finding("FOLLOW-UPS-04", "/target", &[]))?;
    let fields = fields(what, order, &opened.reference(), &due, "open");
    // One that is alike is found by the unique index, here to say it well and at the commit to be sure.
    let alike = Query {
        index: 1,
        equals: vec![Value::Text(order.to_owned()), Value::Text(what.to_owned())],
        at_least: None,
        at_most: None,
        after: None,
        limit: 1,
    };
    let there = records::find(FOLLOW_UPS, &alike).map_err(|_| finding("FOLLOW-UPS-04", "/inputs/what", &[]))?;
    if !there.records.is_empty() {
        return Err(finding("FOLLOW-UPS-03", "/inputs/what", &[]));
    }
    records::add(FOLLOW_UPS, &fields).map(drop).map_err(|_| finding("FOLLOW-UPS-04", "/target", &[]))
}

fn postpone(id: &str, due: Date) -> Answer {
    not_past(&due)?;
    let stored = open_one(id)?;
    let [what, order, reference] = ["what", "order", "reference"].map(|key| text(&stored.fields, key));
    replace(&stored, &fields(&what, &order, &reference, &due, "open"))
}

fn close(id: &str) -> Answer {
    let stored = open_one(id)?;
    let [what, order, reference] = ["what", "order", "reference"].map(|key| text(&stored.fields, key));
    replace(&stored, &fields(&what, &order, &reference, &date(&stored.fields), "done"))?;
    orders::note(&order, &format!("Done: {what}")).map_err(|_| finding("FOLLOW-UPS-04", "/target", &[]))
}

/// Marks what is due before today as late, and tells the firm's other programs.
fn mark_late() -> Answer {
    let yesterday = after(&today(), -1);
    let late = Query {
        index: BY_STATE,
        equals: vec![Value::Text("open".to_owned())],
        at_least: None,
        at_most: Some(Value::Date(yesterday)),
        after: None,
        limit: MARKED_MAX,
    };
    let page = records::find(FOLLOW_UPS, &late).map_err(|_| finding("FOLLOW-UPS-04", "", &[]))?;
    for stored in &page.records {
        let [what, order, reference] = ["what", "order", "reference"].map(|key| text(&stored.fields, key));
        replace(stored, &fields(&what, &order, &reference, &date(&stored.fields), "late"))?;
    }
    if !page.records.is_empty() {
        let payload = format!("{{\"count\":{}}}", page.records.len());
        events::tell("late", &payload).map_err(|_| finding("FOLLOW-UPS-04", "", &[]))?;
    }
    Ok(())
}

fn open_one(id: &str) -> Result<Stored, Finding> {
    let stored = records::get(FOLLOW_UPS, id).map_err(|_| finding("FOLLOW-UPS-04", "/target", &[]))?;
    if text(&stored.fields, "state") == "done" { Err(finding("FOLLOW-UPS-01", "/target", &[])) } else { Ok(stored) }
}

fn replace(stored: &Stored, fields: &[Field]) -> Answer {
    records::replace(FOLLOW_UPS, &stored.id, stored.version, fields).map_err(|_| finding("FOLLOW-UPS-04", "/target", &[]))
}

fn fields(what: &str, order: &str, reference: &str, due: &Date, state: &str) -> Vec<Field> {
    let text = |key: &str, text: &str| Field { key: key.to_owned(), value: Value::Text(text.to_owned()) };
    vec![
        text("what", what),
        text("order", order),
        text("reference", reference),
        Field { key: "due".to_owned(), value: Value::Date(*due) },
        text("state", state),
    ]
}

fn value<'a>(fields: &'a [Field], key: &str) -> Option<&'a Value> {
    fields.iter().find(|field| field.key == key).map(|field| &field.value)
}

fn text(fields: &[Field], key: &str) -> String {
    match value(fields, key) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

/// The host has checked that it is there and a date.
fn date(fields: &[Field]) -> Date {
    match value(fields, "due") {
        Some(Value::Date(date)) => *date,
        _ => today(),
    }
}

fn today() -> Date {
    legal_date::as_of()
}

fn after(date: &Date, days: i64) -> Date {
    let (year, month, day) = day::date(day::number(date.year, date.month, date.day) + days);
    Date { year, month, day }
}

fn not_past(due: &Date) -> Answer {
    let (due_number, today) = (day::number(due.year, due.month, due.day), today());
    if due_number >= day::number(today.year, today.month, today.day) {
        return Ok(());
    }
    Err(finding("FOLLOW-UPS-02", "/inputs/due", &[("due", written(due)), ("today", written(&today))]))
}

fn written(date: &Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn title(en: &str, zh: &str) -> Vec<Text> {
    [("en", en), ("zh", zh)].map(|(language, text)| Text { language: language.to_owned(), text: text.to_owned() }).into()
}

fn said(answer: Answer) -> Vec<Finding> {
    answer.err().into_iter().collect()
}

fn finding(rule: &str, place: &str, parameters: &[(&str, String)]) -> Finding {
    let parameter = |(name, value): &(&str, String)| Parameter { name: (*name).to_owned(), value: value.clone() };
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        place: place.to_owned(),
        parameters: parameters.iter().map(parameter).collect(),
    }
}

roro_sdk::app::export_app!(FollowUps with_types_in roro_sdk::app);
