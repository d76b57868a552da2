//! What the pages about plugins may be given: the closed lists of their words, and every shape that their templates tell apart.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::tests::{MARKUP, frame, moment};
use super::super::text::Language;
use super::super::view::Pages;
use crate::plugin::Merge;
use crate::plugin::manifest::{Class, Effect, Every, GrantName, HookName, OnFailure};
use crate::plugin::state::{Event, State};

/// The closed lists of plugins whose values are said by `word(group, value)`.
pub(in crate::console) fn lists() -> BTreeMap<&'static str, Vec<String>> {
    let words = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let all = |words: Vec<&'static str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
    BTreeMap::from([
        ("plugin_state", all(State::ALL.iter().map(|one| one.as_str()).collect())),
        ("plugin_event", all(Event::ALL.iter().map(|one| one.as_str()).collect())),
        ("plugin_class", all(Class::ALL.iter().map(|one| one.as_str()).collect())),
        ("merge", all(Merge::ALL.iter().map(|one| one.as_str()).collect())),
        ("hook", all(HookName::ALL.iter().map(|one| one.as_str()).collect())),
        ("usage_period", words(&["day", "month"])),
        ("hook_does", all(HookName::ALL.iter().map(|one| one.as_str()).collect())),
        ("on_failure", all(OnFailure::ALL.iter().map(|one| one.as_str()).collect())),
        ("no_price", all(OnFailure::ALL.iter().map(|one| one.as_str()).collect())),
        ("effect", all(Effect::ALL.iter().map(|one| one.as_str()).collect())),
        ("grant", all(GrantName::ALL.iter().map(|one| one.as_str()).collect())),
        ("every", all(Every::ALL.iter().map(|one| one.as_str()).collect())),
        ("doer", words(&["user", "token", "operator", "worker"])),
        ("answer", words(&["true", "false"])),
        ("key_wrong", words(&["not-public", "private", "not-whole", "weak"])),
        (
            "plugin_stopped",
            words(&[
                "unsigned",
                "malformed",
                "untrusted-key",
                "bad-signature",
                "other-package",
                "tampered",
                "expired",
                "wrong-audience",
                "downgraded",
                "not-loaded",
            ]),
        ),
    ])
}

fn signer(name: Option<&str>, ended: bool) -> Value {
    json!({ "name": name, "key": "0123456789abcdef", "until": moment(), "ended": ended })
}

fn trouble() -> Value {
    json!({ "says": MARKUP, "details": [MARKUP] })
}

/// Pages of the list.
pub(in crate::console) fn list_pages() -> Vec<Value> {
    let row = |state: &str, stopped: Value, signer: Value, release: Value| {
        json!({
            "name": "price-guard", "title": MARKUP, "state": state, "stopped": stopped, "version": "1.0.0", "release": release,
            "since": moment(), "signer": signer,
        })
    };
    let offer = |standing: &str, signed: bool| {
        json!({
            "digest": "ab", "name": "price-guard", "title": MARKUP, "summary": MARKUP, "version": "1.0.0", "publisher": MARKUP,
            "hooks": ["order-guard", "documents"], "grants": 1, "signed": signed, "standing": standing, "key": "k",
            "repository": if signed { json!(MARKUP) } else { Value::Null },
        })
    };
    let key = |signs: Value| json!({ "id": "0123", "name": MARKUP, "public_key": MARKUP, "since": moment(), "signs": signs, "key": "k" });
    let form = |name_wrong: bool, key_wrong: Value| json!({ "key": "k", "name": MARKUP, "public_key": MARKUP, "name_wrong": name_wrong, "key_wrong": key_wrong });
    let full = json!({
        "development": true, "may_administer": true, "trouble": trouble(),
        "plugins": [
            row("active", Value::Null, signer(Some(MARKUP), false), json!(2)),
            row("active", json!("expired"), signer(None, true), json!(1)),
            row("installed", Value::Null, Value::Null, Value::Null),
        ],
        "unread": [{ "repository": MARKUP, "message": MARKUP }],
        "offers": [offer("new", true), offer("here", false), offer("older", true)],
        "keys": [key(json!([MARKUP])), key(json!([]))], "trusting": form(true, json!("private")),
    });
    let mut reader = full.clone();
    reader["may_administer"] = false.into();
    reader["trusting"] = Value::Null;
    let empty = json!({
        "development": false, "may_administer": true, "trouble": null, "plugins": [], "unread": [], "offers": [], "keys": [],
        "trusting": form(false, Value::Null),
    });
    vec![full, reader, empty]
}

fn change(nothing: bool) -> Value {
    if nothing {
        return json!({ "version": null, "settings": [], "given": [], "taken": [], "secrets": true, "nothing": true });
    }
    json!({
        "version": { "from": "1.0.0", "to": "2.0.0" },
        "settings": [
            { "title": MARKUP, "boolean": false, "from": null, "to": MARKUP },
            { "title": MARKUP, "boolean": true, "from": "true", "to": "false" },
        ],
        "given": ["config"], "taken": ["secrets"], "secrets": false, "nothing": false,
    })
}

fn other(change: Value) -> Value {
    json!({ "id": "rel_1", "number": 3, "version": "2.0.0", "change": change })
}

/// The hooks of `price-guard` at which others are asked as well.
fn beside() -> Value {
    let line = |hook: &str, merge: &str, order: [&str; 2], shared: Value| json!({ "hook": hook, "merge": merge, "order": order, "shared": shared });
    json!([
        line(
            "order-guard",
            "all-must-allow",
            [MARKUP, "price-guard"],
            json!([
                { "effect": "finding", "plugins": [MARKUP] }, { "effect": "note", "plugins": [MARKUP, "price-cap"] },
            ])
        ),
        line("pricing", "sum", ["price-guard", MARKUP], json!([])),
    ])
}

fn form(wrong: bool) -> Value {
    let field = |kind: &str, wrong: Value, bounds: (Value, Value)| {
        json!({
            "key": kind, "kind": kind, "title": MARKUP, "help": MARKUP, "required": true, "value": MARKUP, "choices": [MARKUP],
            "open": true, "length_max": 200, "minimum": bounds.0, "maximum": bounds.1, "kept": false, "again": false, "wrong": wrong, "first": wrong == "missing",
        })
    };
    let unfit = if wrong { json!("unfit") } else { Value::Null };
    let mut secret = field("secret", unfit.clone(), (Value::Null, Value::Null));
    secret["again"] = wrong.into();
    secret["kept"] = true.into();
    let bounds = [(json!(1), json!(2)), (json!(1), Value::Null), (Value::Null, json!(2)), (Value::Null, Value::Null)];
    let integers = bounds.map(|bounds| field("integer", unfit.clone(), bounds));
    let rest = ["text", "lines", "decimal", "boolean", "choice", "date"];
    let missing = if wrong { json!("missing") } else { Value::Null };
    let rest = rest.map(|kind| field(kind, missing.clone(), (Value::Null, Value::Null)));
    let fields: Vec<Value> = integers.into_iter().chain(rest).chain([secret]).collect();
    let grant = |given: bool| json!({ "name": "fetch", "reason": MARKUP, "hosts": ["a.example"], "given": given, "new": !given });
    json!({
        "key": "k", "number": 2, "package": "ab", "version": "2.0.0", "from": if wrong { json!(1) } else { Value::Null },
        "versions": [
            { "digest": "ab12ab12ab12", "version": "2.0.0", "chosen": true },
            { "digest": "cd12cd12cd12", "version": "1.0.0", "chosen": false },
        ],
        "fields": fields, "grants": [grant(true), grant(false)], "warm": if wrong { Value::Null } else { json!(true) }, "wrong": if wrong { 2 } else { 0 },
    })
}

/// A page with everything on it.
fn full(state: &str, wrong: bool) -> Value {
    let doer = |name: Option<&str>| json!({ "kind": "user", "name": name, "id": "usr_1" });
    let grant = |given: Value| json!({ "name": "config", "reason": MARKUP, "hosts": [MARKUP], "given": given });
    let setting =
        |kind: &str, value: Value, set: bool| json!({ "key": "k", "title": MARKUP, "kind": kind, "value": value, "set": set });
    let release = |active: bool, grants: Value, change: Value| {
        json!({
            "id": "rel_1", "number": 2, "version": "1.0.0", "grants": grants, "made_by": doer(Some(MARKUP)), "created": moment(),
            "active": active, "change": change, "key": "k",
        })
    };
    let package = |signer: Value| json!({ "version": "1.0.0", "digest": "ab12ab12ab12ab12ab12", "bytes": "1,000", "signer": signer, "by": doer(None), "created": moment() });
    let turn = |release: Value, reason: Value| json!({ "event": "activate", "release": release, "who": doer(None), "reason": reason, "at": moment() });
    json!({
        "name": "price-guard", "title": MARKUP, "summary": MARKUP, "publisher": MARKUP, "licence": "MIT", "state": state,
        "version": "1.0.0", "release": 2, "since": moment(), "signer": signer(Some(MARKUP), false), "digest": "ab", "component": "cd",
        "stopped": null, "development": true, "may_administer": true, "trouble": trouble(),
        "step": { "waiting": other(change(false)), "beside": beside(), "unreleased": null },
        "hooks": [
            { "name": "order-guard", "contract": "0.1.0", "on_failure": "closed", "effects": ["finding", "note"] },
            { "name": "app", "contract": "0.1.0", "on_failure": "park", "effects": [] },
            { "name": "pricing", "contract": "0.1.0", "on_failure": "closed", "effects": ["charge"] },
        ],
        "grants": [grant(json!(true)), grant(json!(false)), grant(Value::Null)],
        "settings": [
            setting("text", json!(MARKUP), false), setting("boolean", json!("true"), false), setting("text", Value::Null, false),
            setting("secret", Value::Null, true), setting("secret", Value::Null, false),
        ],
        "limits": {
            "class": "rule", "fuel": "50,000,000", "memory_mib": 16, "records": "5,000",
            "collections": [{ "title": MARKUP, "personal": true }, { "title": MARKUP, "personal": false }],
            "events": ["order.imported"], "schedule": [{ "name": "daily", "every": "1d" }],
        },
        "releases": [release(true, json!(["config"]), Value::Null), release(false, json!([]), change(false)), release(false, json!([]), Value::Null)],
        "packages": [package(signer(None, true)), package(Value::Null)],
        "usage": [
            { "name": "day", "hooks": [] },
            { "name": "month", "hooks": [
                { "name": "order-guard", "calls": "1,000", "failures": [{ "code": MARKUP, "calls": "2" }], "fuel": "9", "fuel_most": "3", "memory_mib": 2, "mean_ms": "0.84", "most_ms": "3.00" },
                { "name": "documents", "calls": "1", "failures": [], "fuel": "9", "fuel_most": "3", "memory_mib": 2, "mean_ms": "0.84", "most_ms": "3.00" },
            ] },
        ],
        "history": [turn(json!(2), json!(MARKUP)), turn(Value::Null, Value::Null)],
        "acts": {
            "key": "k", "seen": "active.none.none", "back": other(change(true)), "orders_max": "1,000", "reason": MARKUP,
            "reason_chars_max": 500, "reason_wrong": wrong,
        },
        "form": form(wrong),
    })
}

/// Pages of one plugin.
pub(in crate::console) fn pages() -> Vec<Value> {
    let mut fresh = full("installed", false);
    for (field, value) in [
        ("release", Value::Null),
        ("signer", Value::Null),
        ("licence", Value::Null),
        ("grants", json!([])),
        ("settings", json!([])),
        ("releases", json!([])),
        ("trouble", Value::Null),
        ("step", json!({ "waiting": null, "beside": [], "unreleased": "1.0.0" })),
    ] {
        fresh[field] = value;
    }
    fresh["acts"]["back"] = Value::Null;
    fresh["limits"] = json!({ "class": null, "fuel": null, "memory_mib": null, "records": null, "collections": [], "events": [], "schedule": [] });
    let mut first = full("suspended", true);
    first["step"]["waiting"]["change"] = Value::Null;
    first["step"]["beside"] = json!([]);
    let mut reader = full("active", false);
    reader["may_administer"] = false.into();
    reader["acts"] = Value::Null;
    reader["form"] = Value::Null;
    let mut stopped = full("active", true);
    stopped["stopped"] = "untrusted-key".into();
    vec![full("active", false), fresh, first, reader, stopped, full("quarantined", false)]
}

/// Pages of a release that was tried.
pub(in crate::console) fn trial_pages() -> Vec<Value> {
    let count = |number: usize| json!({ "number": number, "text": number.to_string() });
    let side = |orders: usize, worth: Value| json!({ "orders": count(orders), "worth": worth });
    let worth = json!([{ "currency": "JPY", "amount": "4,991,000" }, { "currency": "USD", "amount": "1.00" }]);
    let found =
        |severity: &str, more: usize| json!({ "told": [{ "rule": MARKUP, "severity": severity, "says": MARKUP }], "more": more });
    let row = |stops: [bool; 2], added: Value, removed: Value| {
        json!({
            "id": "ord_1", "reference": MARKUP, "version": 2, "as_of": "2026-09-07", "total": worth[0], "stops_today": stops[0],
            "stops_then": stops[1], "added": added, "removed": removed,
            "priced": if stops[1] { json!({ "today": worth[0], "then": worth[1] }) } else { Value::Null },
        })
    };
    let nothing = json!({ "told": [], "more": 0 });
    let cost = |calls: usize| json!({ "calls": calls, "milliseconds": "0.84", "fuel": "51,000", "fuel_most": "60,000", "memory_mib": 2 });
    let full = json!({
        "name": "price-guard", "title": MARKUP, "number": 3, "version": "2.0.0", "development": true,
        "against": { "number": 2, "stopped": "quarantined" }, "tone": "bad", "orders": 412, "left_out": 1, "changed": count(17),
        "stopped": side(5, worth.clone()), "freed": side(1, json!([])), "priced": [{ "today": worth[0], "then": worth[1] }], "failures": [{ "code": "denied", "calls": 2 }], "cost": cost(412),
        "changes": [
            row([false, true], found("block", 1), nothing.clone()), row([true, false], nothing, found("warn", 2)),
            row([true, true], found("error", 0), found("info", 0)),
        ],
        "activation": { "key": "k", "seen": "active.none.none", "from": 2, "release": other(change(false)), "beside": beside() },
    });
    let mut same = full.clone();
    for (field, value) in [
        ("orders", json!(1)),
        ("left_out", json!(0)),
        ("changed", count(0)),
        ("changes", json!([])),
        ("failures", json!([])),
        ("priced", json!([])),
        ("against", Value::Null),
        ("activation", Value::Null),
        ("cost", cost(1)),
    ] {
        same[field] = value;
    }
    let mut unread = same.clone();
    unread["orders"] = 0.into();
    unread["left_out"] = 2.into();
    unread["cost"] = cost(0);
    let mut empty = unread.clone();
    empty["left_out"] = 0.into();
    empty["activation"] =
        json!({ "key": "k", "seen": "installed.none.none", "from": null, "release": other(Value::Null), "beside": [] });
    vec![full, same, unread, empty]
}

#[test]
fn who_else_is_asked_is_told_where_a_release_is_activated_and_only_where_somebody_is() {
    let console = Pages::new();
    let of = |template, place, pages: Vec<Value>| pages.into_iter().map(move |page| (template, place, page));
    let all = of("plugin.html.j2", "/step/beside", pages()).chain(of("trial.html.j2", "/activation/beside", trial_pages()));
    let (mut told, mut alone) = (0, 0);
    for (template, place, page) in all {
        let beside = page.pointer(place).and_then(Value::as_array).is_some_and(|hooks| !hooks.is_empty());
        let text = console.write(Language::English, template, &frame(Language::English), page).unwrap();
        assert_eq!(text.contains("asked at the same place"), beside, "{template}: {text}");
        if !beside {
            alone += 1;
            continue;
        }
        told += 1;
        for piece in [
            "<strong>Order guard</strong> All must allow",
            "<strong>Prices</strong> The lines of all are added up",
            "<strong>price-guard</strong> <span class=\"quiet-text\">(this one)</span>",
            "<p class=\"shared tone-warning\">",
            "script&gt; also brings findings.",
            "script&gt;, price-cap also bring notes.",
        ] {
            assert!(text.contains(piece), "{template} does not say `{piece}`: {text}");
        }
    }
    assert!(told > 1 && alone > 1, "{told} with others, {alone} without");
}
