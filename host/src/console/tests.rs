//! The words and the templates agree, and every template renders in every language.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::text::Language;
use super::view::{Choice, Frame, Pages, Person, TEMPLATES};
use crate::access::Role;
use crate::order::file::{Fuel, IdentityKind, Mode};
use crate::order::table::{Commercial, Goods, Paid};
use crate::web::Kind;

/// Sources that say texts by their key.
const SOURCES: [&str; 2] = [include_str!("notice.rs"), include_str!("plugins/trouble.rs")];
/// Closed lists whose values are said by `word(group, value)`; every value needs its word.
fn lists() -> BTreeMap<&'static str, Vec<String>> {
    let words = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let mut lists = super::plugins::tests::lists();
    lists.extend([
        ("role", Role::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("commercial", Commercial::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("goods", Goods::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("paid", Paid::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("paper_state", crate::document::table::State::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("problem_title", Kind::ALL.iter().map(|kind| kind.code().to_owned()).collect()),
        ("problem_advice", Kind::ALL.iter().map(|kind| kind.code().to_owned()).collect()),
        ("job", crate::job::Kind::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("job_state", crate::job::State::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("severity", words(&["block", "error", "warn", "info"])),
        ("identity", values::<IdentityKind>()),
        ("mode", values::<Mode>()),
        ("webhook_state", words(&["sending", "stopped", "failing"])),
        ("delivery_state", crate::webhook::DeliveryState::ALL.iter().map(|one| one.as_str().to_owned()).collect()),
        ("parameter_place", words(&["path", "query", "header"])),
        ("direction", words(&["export", "import", "any"])),
        ("charge", words(&["goods", "freight", "insurance", "other"])),
        ("party", words(&["company", "buyer", "consignee", "notify"])),
        ("place_row", words(&["vehicles", "containers"])),
        ("place", words(&["order", "shipment", "containers", "company", "buyer", "consignee", "notify", "vehicles", "file"])),
        ("clock", roro_pack::Clock::ALL.iter().map(|(_, name, _)| (*name).to_owned()).collect()),
        ("source_kind", words(&["law", "agency", "standard", "press", "seller", "general-knowledge"])),
        ("fuel", values::<Fuel>()),
        // Open lists: what the shipped packs write; another value is shown as it is.
        ("paper_language", words(&["en", "zh", "ja"])),
        (
            "owner",
            words(&[
                "exporter",
                "seller",
                "importer",
                "authority",
                "carrier",
                "customs-broker",
                "forwarder",
                "inspection-body",
                "maker",
            ]),
        ),
    ]);
    lists
}

/// The values of an enumeration of the order file, from its schema.
fn values<T: schemars::JsonSchema>() -> Vec<String> {
    let schema = schemars::schema_for!(T);
    let found = schema.as_value()["oneOf"].as_array().unwrap().iter().map(|one| one["const"].as_str().unwrap().to_owned());
    found.collect()
}

/// The first texts of the calls of a function: `t("orders.title")`, `words.say("notice.moved", …)`.
fn called(text: &str, function: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(&format!("{function}(\"")) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + function.len() + 2..];
        found.insert(rest.split('"').next().unwrap_or_default().to_owned());
    }
    found
}

fn all_called(functions: &[&str]) -> BTreeSet<String> {
    let texts = TEMPLATES.iter().map(|(_, text)| *text).chain(SOURCES);
    texts.flat_map(|text| functions.iter().flat_map(|function| called(text, function)).collect::<Vec<_>>()).collect()
}

#[test]
fn every_key_that_is_said_is_there_and_none_is_there_for_nothing() {
    let plain = all_called(&["t", "say"]);
    let counted = all_called(&["tn", "count"]);
    let groups = all_called(&["word"]);
    let lists = lists();
    assert_eq!(groups, lists.keys().map(|group| (*group).to_owned()).collect(), "groups of words");
    let mut wanted: BTreeSet<String> = plain;
    wanted.extend(counted.iter().map(|key| format!("{key}.other")));
    wanted.extend(lists.iter().flat_map(|(group, values)| values.iter().map(move |value| format!("{group}.{value}"))));
    let one: BTreeSet<String> = counted.iter().map(|key| format!("{key}.one")).collect();
    for language in Language::ALL {
        let mut wanted = wanted.clone();
        if language == Language::English {
            wanted.extend(one.clone());
        }
        let there: BTreeSet<String> = language.words().keys().map(str::to_owned).collect();
        let missing: Vec<_> = wanted.difference(&there).collect();
        let unused: Vec<_> = there.difference(&wanted).collect();
        assert!(missing.is_empty() && unused.is_empty(), "{language:?}: missing {missing:?}, unused {unused:?}");
    }
}

#[test]
fn the_languages_have_the_same_parameters() {
    let parameters = |text: &str| {
        let names = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned);
        names.collect::<BTreeSet<_>>()
    };
    let (english, chinese) = (Language::English.words(), Language::Chinese.words());
    for key in chinese.keys() {
        let text = |words: &super::text::Words| words.get(key).map(parameters);
        assert_eq!(text(english), text(chinese), "{key}");
    }
}

pub(super) fn frame(language: Language) -> Frame {
    Frame {
        language: language.tag(),
        languages: Choice::all_but(language),
        here: "/orders?text=a&b".to_owned(),
        section: "orders",
        person: Some(Person { name: "<i>A</i>".to_owned(), firm: "F & Sons".to_owned(), role: "clerk" }),
        signed_in: true,
        csrf: "c".to_owned(),
        q: "\"><script>".to_owned(),
        notice: Some(super::notice::Notice::Issued(8).say(language.words())),
    }
}

/// What a tenant may write wherever a page shows its text.
pub(super) const MARKUP: &str = "<script>alert(1)</script>";

pub(super) fn moment() -> Value {
    json!({ "iso": "2026-03-01T09:00:00Z", "text": "2026-03-01 09:00" })
}

fn marks() -> Value {
    json!([{ "number": 1, "rule": "KE-AGE-01", "severity": "block" }])
}

fn row() -> Value {
    json!({
        "id": "ord_1", "reference": MARKUP, "buyer": MARKUP, "from": "JPYOK", "to": "KEMBA", "vehicles": "3",
        "total": { "currency": "JPY", "amount": "4,991,000" }, "contract_date": "2026-09-07", "etd": null, "eta": "2026-11-12",
        "commercial": "contracted", "goods": "waiting", "papers": 0,
    })
}

fn order(stops: u64, issued: u64, older: u64, findings: &Value) -> Value {
    let standing = |revision: i64| json!({ "id": "doc_1", "number": "CI-2026-00001", "revision": revision, "pages": 1, "order_version": 1, "created": moment() });
    let paper = |issued: &Value| json!({ "kind": "commercial-invoice", "title": MARKUP, "why": MARKUP, "issued": issued, "marks": marks() });
    json!({
        "id": "ord_1", "version": 2, "reference": MARKUP, "contract_number": MARKUP, "contract_date": "2026-09-07",
        "commercial": "contracted", "goods": "waiting", "paid": "open", "as_of": "2026-09-07",
        "route": {
            "from_code": "JPYOK", "from": MARKUP, "from_country": "JP", "to_code": "KEMBA", "to": MARKUP, "to_country": "KE",
            "mode": "roro", "terms": MARKUP, "carrier": MARKUP, "vessel": MARKUP, "booking": null, "etd": null, "eta": null,
            "containers": 2,
        },
        "parties": [
            { "role": "company", "name": MARKUP, "local": MARKUP, "place": MARKUP, "marks": [] },
            { "role": "buyer", "name": MARKUP, "local": null, "place": MARKUP, "marks": marks() },
        ],
        "vehicles": [{
            "identity": MARKUP, "kind": "vin", "name": MARKUP, "detail": MARKUP, "year": 2019, "registered": null,
            "fuel": "petrol", "hs6": "870322", "mass_kg": "1,100", "price": "1,085,000", "marks": marks(),
        }],
        "gross_mass_kg": "1,100", "papers": [paper(&standing(1)), paper(&Value::Null)], "others": [paper(&standing(2))],
        "money": {
            "total": { "currency": "JPY", "amount": "1" }, "lines": [{ "what": "goods", "amount": "1" }], "payment": MARKUP,
            "agreed": "1", "marks": marks(), "has_price": true,
        },
        "findings": findings,
        "counts": [{ "severity": "block", "count": 1 }, { "severity": "warn", "count": 0 }],
        "packs": [{ "id": "ke" }],
        "step": { "stops": stops, "required": 2, "issued": issued, "older": older, "may_work": true, "key": "k" },
        "doings": [doing()],
        "notes": { "key": "k", "items": [
            { "text": MARKUP, "app": MARKUP, "at": moment() }, { "text": "a\nb", "app": null, "at": moment() },
        ] },
    })
}

fn doing() -> Value {
    json!({ "title": MARKUP, "app": MARKUP, "href": "/apps/a/actions/b?target=c" })
}

fn app_pages() -> Vec<Value> {
    let cell = |text: &str, href: Value, is_day: bool| json!({ "name": MARKUP, "text": text, "href": href, "is_day": is_day, "is_number": !is_day });
    let row = json!({ "cells": [cell(MARKUP, Value::Null, false), cell("2026-03-01", Value::Null, true), cell("x", json!("/orders/x"), false),
        cell("", Value::Null, false)], "actions": [doing()] });
    let page = |view: Value, stopped: Value, jobs: Value| {
        json!({ "plugin": "a", "title": MARKUP, "version": "1.0.0", "stopped": stopped, "records": 2, "view": view, "jobs": jobs,
            "actions": [doing()], "views": [{ "name": "a", "title": MARKUP, "chosen": true }, { "name": "b", "title": "b", "chosen": false }] })
    };
    let table =
        json!({ "title": MARKUP, "layout": "table", "columns": [MARKUP], "rows": [row], "lanes": [], "next": "/apps/a?after=b" });
    let empty = json!({ "title": "a", "layout": "table", "columns": ["a"], "rows": [], "lanes": [], "next": null });
    let lanes = json!([{ "title": MARKUP, "cards": [row], "more": true }, { "title": "b", "cards": [], "more": false }]);
    let board = json!({ "title": "a", "layout": "board", "columns": [], "rows": [], "lanes": lanes, "next": null });
    let job = |state: &str| json!({ "kind": "task", "name": MARKUP, "state": state, "due": moment(), "last_error": MARKUP, "attempts": 1 });
    let states = crate::job::State::ALL.iter().map(|state| job(state.as_str()));
    let jobs: Vec<Value> = states
        .chain([json!({ "kind": "event", "name": "a", "state": "done", "due": null, "last_error": null, "attempts": 1 })])
        .collect();
    vec![
        page(table, Value::Null, jobs.into()),
        page(empty, json!("quarantined"), json!([])),
        page(board, Value::Null, json!([])),
        page(Value::Null, Value::Null, json!([])),
    ]
}

fn action_pages() -> Vec<Value> {
    let field = |kind: &str, wrong: Value| json!({ "key": kind, "kind": kind, "title": MARKUP, "required": true, "choices": [MARKUP, "b"], "value": "b", "wrong": wrong, "first": false });
    let fields: Vec<Value> =
        ["lines", "text", "integer", "decimal", "boolean", "choice", "date"].map(|kind| field(kind, Value::Null)).into();
    let page = |fields: Value, refused: Value, order: Value| json!({ "plugin": "a", "app": MARKUP, "title": MARKUP, "action": "b", "target": "c", "order": order, "fields": fields, "refused": refused, "key": "k" });
    let why = json!([{ "says": MARKUP, "fix": MARKUP, "rule": "A-01" }, { "says": "a", "fix": null, "rule": "A-02" }]);
    vec![
        page(fields.into(), json!([]), json!([MARKUP, "/orders/x"])),
        page(json!([field("date", json!("missing")), field("lines", json!("wrong"))]), why, Value::Null),
        page(json!([]), json!([]), Value::Null),
    ]
}

fn order_pages() -> Vec<Value> {
    let finding = |row: Value, source: Value| {
        json!([{
            "number": 1, "rule": "KE-AGE-01", "severity": "block", "stops": true, "says": MARKUP, "why": MARKUP, "fix": MARKUP,
            "place": { "pointer": MARKUP, "part": "vehicles", "row": row, "anchor": "vehicle-1" }, "source": source,
        }])
    };
    let source = json!({
        "pack": "ke", "text": MARKUP, "url": "https://a.example/?\"><b>", "kind": "press", "checked_on": "2026-11-21", "confidence": "B",
    });
    let none = json!([]);
    let mut nothing = order(0, 0, 0, &none);
    nothing["step"]["required"] = 0.into();
    nothing["papers"] = none.clone();
    nothing["others"] = none.clone();
    nothing["doings"] = none.clone();
    nothing["notes"]["items"] = none.clone();
    let mut viewer = order(0, 2, 0, &none);
    viewer["step"]["may_work"] = false.into();
    vec![
        order(1, 0, 0, &finding(json!(1), source)),
        order(0, 0, 0, &finding(Value::Null, Value::Null)),
        order(0, 1, 1, &none),
        order(0, 2, 0, &none),
        viewer,
        nothing,
    ]
}

fn price_pages() -> Vec<Value> {
    let amount = |amount: &str| json!({ "currency": "JPY", "amount": amount });
    let line = json!({ "charge": "freight", "says": MARKUP, "why": MARKUP, "rule": "A-1", "plugin": "a 1.0.0", "amount": "-1" });
    let charge = |was: Value, is_same: bool| json!({ "charge": "insurance", "was": was, "becomes": "1,000", "is_same": is_same });
    let finding = json!({ "rule": "A-2", "severity": "error", "says": MARKUP, "fix": MARKUP });
    let page = |plugins: u64, stops: u64, can_be_taken: bool, may_work: bool| {
        json!({
            "id": "ord_1", "reference": MARKUP, "version": 2, "as_of": "2026-09-07", "currency": "JPY", "lines": [line],
            "charges": [charge(Value::Null, false), charge(json!("1,000"), true)], "total": amount("1"), "becomes": amount("2"),
            "is_same": !can_be_taken, "findings": if stops > 0 { json!([finding]) } else { json!([]) }, "stops": stops,
            "plugins": plugins, "can_be_taken": can_be_taken, "may_work": may_work, "sha256": "ab", "key": "k",
        })
    };
    let mut nothing = page(1, 0, false, true);
    nothing["lines"] = json!([]);
    nothing["charges"] = json!([]);
    vec![page(0, 0, false, true), page(1, 1, false, true), page(1, 0, true, true), page(2, 0, true, false), nothing]
}

fn list_pages() -> Vec<Value> {
    let empty = |narrowed: bool, first: Value| json!({ "rows": [], "text": "", "commercial": "", "narrowed": narrowed, "first": first, "next": null, "chips": [] });
    let full = json!({
        "rows": [row()], "text": MARKUP, "commercial": "quoted", "narrowed": true, "first": "/orders", "next": "/orders?after=x",
        "chips": [
            { "value": "", "href": "/orders", "current": false },
            { "value": "quoted", "href": "/orders?a=b&c", "current": true },
        ],
    });
    vec![full, empty(false, Value::Null), empty(true, Value::Null), empty(true, json!("/orders"))]
}

fn search_pages() -> Vec<Value> {
    let vehicle = json!({
        "identity": MARKUP, "kind": "vin", "name": MARKUP, "href": "/orders/ord_1#vehicle-1", "reference": MARKUP, "buyer": MARKUP,
    });
    vec![
        json!({ "q": MARKUP, "orders": [row()], "too_short": false, "full": true, "vehicles": [vehicle] }),
        json!({ "q": "", "orders": [], "too_short": true, "full": false, "vehicles": [] }),
        json!({ "q": MARKUP, "orders": [], "too_short": false, "full": false, "vehicles": [] }),
    ]
}

fn document_pages() -> Vec<Value> {
    let revision = |number: i64, state: &str| json!({ "revision": number, "state": state, "order_version": number, "pages": 1, "created": moment() });
    let other = json!({ "id": "doc_2", "number": MARKUP });
    let form =
        |wrong: bool| json!({ "key": "k", "reason": if wrong { MARKUP } else { "" }, "reason_chars_max": 500, "wrong": wrong });
    let document = |state: &str, is_pdf: bool, void: Value, voiding: Value, others: [&Value; 2]| {
        json!({
            "id": "doc_1", "title": MARKUP, "kind": "commercial-invoice", "number": MARKUP, "revision": 1, "state": state, "pages": 1,
            "order_id": "ord_1", "order": MARKUP, "order_version": 1, "created": moment(), "data_sha256": "ab", "file_sha256": "cd",
            "media_type": "application/pdf", "is_pdf": is_pdf, "void": void, "replaces": others[0], "replaced_by": others[1],
            "revisions": [revision(2, state), revision(1, "superseded")], "voiding": voiding,
        })
    };
    let (void, null) = (json!({ "at": moment(), "reason": MARKUP }), Value::Null);
    vec![
        document("issued", true, Value::Null, form(false), [&other, &null]),
        document("issued", true, Value::Null, form(true), [&null, &null]),
        document("superseded", false, Value::Null, Value::Null, [&null, &null]),
        document("void", true, void.clone(), Value::Null, [&null, &other]),
        document("void", true, void, Value::Null, [&null, &null]),
    ]
}

fn pack() -> Value {
    json!({
        "id": "ke", "title": MARKUP, "version": "2026.11.0", "jurisdiction": "*", "direction": "import", "rules": 1, "documents": 1,
        "milestones": 1, "reviewer": null, "checked_since": null, "stale": 1, "installed": moment(), "sha256": "ab",
    })
}

fn pack_pages() -> Vec<Value> {
    let rule = json!({
        "id": "KE-AGE-01", "severity": "BLOCK", "says": MARKUP, "must": "a < b", "applies_if": "c", "from": "2026-01-01", "to": null,
        "source": MARKUP, "url": null, "kind": "law", "confidence": "A", "checked_on": "2026-11-21", "stale": true,
    });
    let due = |days: u64, before: bool| json!({ "clock": "departure", "days": days, "before": before });
    let step = |due: Value| json!({ "id": "m", "title": MARKUP, "owner": "a new one", "after": ["x"], "when": "y", "due": due, "evidence": [] });
    let document =
        json!({ "id": "d", "title": MARKUP, "language": "en", "reason": "R", "why": MARKUP, "when": null, "boxes": 3 });
    let full = json!({
        "card": pack(), "rules": [rule, rule], "documents": [document],
        "milestones": [step(due(7, true)), step(due(1, false)), step(due(0, false)), step(Value::Null)],
    });
    vec![full, json!({ "card": pack(), "rules": [], "documents": [], "milestones": [] })]
}

/// What each page is given, in every shape that its template tells apart.
fn pages() -> Vec<(&'static str, Value)> {
    let sign_in = vec![
        json!({ "firm": MARKUP, "email": MARKUP, "next": MARKUP, "wrong": true, "seconds": null }),
        json!({ "firm": "", "email": "", "next": "", "wrong": false, "seconds": 1 }),
    ];
    let problems = vec![
        json!({ "status": 429, "code": "too-many", "detail": MARKUP, "request": "r", "seconds": "3" }),
        json!({ "status": 404, "code": "not-found", "detail": null, "request": "", "seconds": null }),
    ];
    let all = [
        ("sign_in.html.j2", sign_in),
        ("orders.html.j2", list_pages()),
        ("order.html.j2", order_pages()),
        ("price.html.j2", price_pages()),
        ("document.html.j2", document_pages()),
        ("search.html.j2", search_pages()),
        ("packs.html.j2", vec![json!({ "packs": [pack()] }), json!({ "packs": [] })]),
        ("pack.html.j2", pack_pages()),
        ("plugins.html.j2", super::plugins::tests::list_pages()),
        ("plugin.html.j2", super::plugins::tests::pages()),
        ("trial.html.j2", super::plugins::tests::trial_pages()),
        (
            "apps.html.j2",
            vec![
                json!({ "apps": [
            { "plugin": "a", "title": MARKUP, "version": "1.0.0", "stopped": null, "records": 1 },
            { "plugin": "b", "title": "b", "version": "1.0.0", "stopped": MARKUP, "records": 0 },
        ] }),
                json!({ "apps": [] }),
            ],
        ),
        ("app.html.j2", app_pages()),
        ("app_action.html.j2", action_pages()),
        ("docs.html.j2", vec![super::reference::tests::pages()[0].clone()]),
        ("docs_noun.html.j2", vec![super::reference::tests::pages()[1].clone()]),
        ("webhooks.html.j2", super::webhooks::tests::list_pages()),
        ("webhook.html.j2", super::webhooks::tests::pages()),
        ("problem.html.j2", problems),
    ];
    all.into_iter().flat_map(|(template, pages)| pages.into_iter().map(move |page| (template, page))).collect()
}

#[test]
fn every_page_renders_in_every_language_and_lets_no_markup_through() {
    let console = Pages::new();
    let mut rendered = BTreeSet::new();
    for language in Language::ALL {
        for (template, page) in pages() {
            let text = console
                .write(language, template, &frame(language), page)
                .unwrap_or_else(|error| panic!("{language:?} {template}: {error:#}"));
            rendered.insert(template);
            assert!(!text.contains("<script"), "{template} lets markup through");
            assert!(!text.contains("<i>A</i>") && !text.contains("<b>\""), "{template} lets markup through");
            assert!(!text.contains(" style=") && !text.contains(" onclick"), "{template} has what the policy forbids");
            assert!(text.contains(&format!("<html lang=\"{}\">", language.tag())), "{template} names no language");
            assert_eq!(text.matches("<h1").count(), 1, "{template} has one first heading");
            assert_eq!(text.matches("<main").count(), 1, "{template} has one main part");
            for table in text.split("<table").skip(1) {
                assert!(
                    table.trim_start_matches(|c| c != '>').starts_with(">\n<caption"),
                    "{template}: a table without a caption"
                );
                assert!(table.contains("scope=\"col\""), "{template}: a table whose head has no scope");
            }
            for input in text.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
                let id = input.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
                let labelled = id
                    .is_some_and(|id| text.contains(&format!("<label for=\"{id}\"")) || text.contains(&format!("for=\"{id}\"")));
                assert!(input.contains("type=\"hidden\"") || labelled, "{template}: an input without a label: {input}");
            }
        }
    }
    let whole: BTreeSet<_> = TEMPLATES
        .iter()
        .map(|(name, text)| (*name, text.contains("extends")))
        .filter(|(_, page)| *page)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(rendered, whole, "every page is rendered here");
}

#[test]
fn the_stylesheets_name_follows_its_bytes() {
    let name = Pages::new().stylesheet;
    assert!(name.starts_with("console.") && name.ends_with(".css") && name.len() == "console..css".len() + 16, "{name}");
}
