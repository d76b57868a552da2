//! Reminders on a board: people add them and mark what is done, and each new order brings one.
//!
//! What an app writes is proposed: the host commits all that a call proposes, or none when a finding of the call refuses. An app has no clock,
//! no files and no network of its own; today is the date of the call.

use roro_sdk::app::exports::roro::app::app::{
    Action, Call, Description, Event, FieldKind, Guest, Input, Layout, Target, Text, View,
};
use roro_sdk::app::roro::host::{config, legal_date};
use roro_sdk::app::roro::records::records::{self, Error, Field, Value};
use roro_sdk::app::roro::types::types::{Date, Finding, Parameter, Severity};

/// The collection of plugin.toml, and its index by state and day.
const REMINDERS: &str = "reminders";
const BY_STATE: u32 = 0;

/// The day of a reminder has passed. The sentences of all three rules stand in `locales/`.
const TOO_EARLY: &str = "@RULE@-DUE-01";
/// It is done already.
const DONE_BEFORE: &str = "@RULE@-DONE-01";
/// It is not there.
const GONE: &str = "@RULE@-GONE-01";

struct Reminders;

impl Guest for Reminders {
    fn describe() -> Description {
        let input = |key: &str, kind, title| Input { key: key.to_owned(), kind, title, required: true, choices: Vec::new() };
        let what = input("what", FieldKind::Text, titles("What", "事项"));
        let due = input("due", FieldKind::Date, titles("Due", "到期日"));
        let add = Action {
            name: "add".to_owned(),
            title: titles("Add a reminder", "添加提醒"),
            target: Target::Firm,
            inputs: vec![what, due],
        };
        let done = Action {
            name: "done".to_owned(),
            title: titles("Done", "完成"),
            target: Target::RecordOf(REMINDERS.to_owned()),
            inputs: Vec::new(),
        };
        let board = View {
            name: "board".to_owned(),
            title: titles("Board", "看板"),
            collection: REMINDERS.to_owned(),
            layout: Layout::Board(("state".to_owned(), vec!["what".to_owned(), "due".to_owned()])),
            index: BY_STATE,
        };
        Description { actions: vec![add, done], views: vec![board] }
    }

    fn act(call: Call) -> Vec<Finding> {
        let answer = match call.action.as_str() {
            "add" => add(&call.inputs),
            _ => done(&call.target.unwrap_or_default()),
        };
        said(answer)
    }

    fn on_event(event: Event) -> Vec<Finding> {
        // The payload of order.imported is {"order": "ord_…", …}; an id needs no JSON library to be found.
        let order = event.payload.split('"').find(|part| part.starts_with("ord_")).map(str::to_owned);
        // The host has checked the settings against plugin.toml.
        let days = config::get("days").and_then(|days| days.parse().ok()).unwrap_or(0);
        said(remind("Look at the new order".to_owned(), later(legal_date::as_of(), days), order))
    }

    /// It has no timetable,
    fn on_schedule(_name: String) -> Vec<Finding> {
        Vec::new()
    }

    /// and puts nothing off.
    fn on_task(_name: String, _payload: String) -> Vec<Finding> {
        Vec::new()
    }
}

fn add(inputs: &[Field]) -> Result<Vec<Finding>, Error> {
    // The host has checked the inputs against the description.
    let (Some(Value::Text(what)), Some(Value::Date(due))) = (value(inputs, "what"), value(inputs, "due")) else {
        panic!("an input is missing")
    };
    let today = legal_date::as_of();
    if (due.year, due.month, due.day) < (today.year, today.month, today.day) {
        let parameters = [("due", written(due)), ("today", written(&today))];
        return Ok(vec![finding(TOO_EARLY, Severity::Error, "/inputs/due", &parameters)]);
    }
    remind(what.clone(), *due, None)
}

/// Marks a reminder as done.
fn done(id: &str) -> Result<Vec<Finding>, Error> {
    let mut reminder = match records::get(REMINDERS, id) {
        Err(Error::NoRecord) => return Ok(vec![finding(GONE, Severity::Error, "/target", &[])]),
        found => found?,
    };
    for field in reminder.fields.iter_mut().filter(|field| field.key == "state") {
        if matches!(&field.value, Value::Text(state) if state == "done") {
            return Ok(vec![finding(DONE_BEFORE, Severity::Warn, "/target", &[])]);
        }
        field.value = Value::Text("done".to_owned());
    }
    records::replace(REMINDERS, id, reminder.version, &reminder.fields)?;
    Ok(Vec::new())
}

/// Proposes a reminder.
fn remind(what: String, due: Date, order: Option<String>) -> Result<Vec<Finding>, Error> {
    let field = |key: &str, value| Field { key: key.to_owned(), value };
    let mut fields = vec![field("what", Value::Text(what)), field("due", Value::Date(due))];
    fields.extend(order.map(|order| field("order", Value::Text(order))));
    fields.push(field("state", Value::Text("open".to_owned())));
    records::add(REMINDERS, &fields)?;
    Ok(Vec::new())
}

/// Any other error of the records is a mistake of this app's: it ends the call, and stands in the log.
fn said(answer: Result<Vec<Finding>, Error>) -> Vec<Finding> {
    answer.unwrap_or_else(|error| panic!("the records refuse: {error:?}"))
}

/// The day so many days later.
fn later(day: Date, days: u32) -> Date {
    (0..days).fold(day, |Date { year, month, day }, _| match (month, day) {
        _ if day < days_of(year, month) => Date { year, month, day: day + 1 },
        (12, _) => Date { year: year + 1, month: 1, day: 1 },
        _ => Date { year, month: month + 1, day: 1 },
    })
}

fn days_of(year: i16, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn written(day: &Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
}

fn value<'a>(fields: &'a [Field], key: &str) -> Option<&'a Value> {
    fields.iter().find(|field| field.key == key).map(|field| &field.value)
}

fn titles(en: &str, zh: &str) -> Vec<Text> {
    [("en", en), ("zh", zh)].map(|(language, text)| Text { language: language.to_owned(), text: text.to_owned() }).into()
}

fn finding(rule: &str, severity: Severity, place: &str, parameters: &[(&str, String)]) -> Finding {
    let parameters = parameters.iter().map(|(name, value)| Parameter { name: (*name).to_owned(), value: value.clone() });
    Finding { rule: rule.to_owned(), severity, place: place.to_owned(), parameters: parameters.collect() }
}

roro_sdk::app::export_app!(Reminders with_types_in roro_sdk::app);
