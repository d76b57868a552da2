//! What the pages about webhooks may be given.

use serde_json::{Value, json};

use super::super::tests::{MARKUP, moment};

fn row(state: &str, kinds: Value) -> Value {
    let suspended = if state == "failing" { moment() } else { Value::Null };
    json!({
        "id": "whk_1", "url": MARKUP, "description": MARKUP, "kinds": kinds, "state": state, "suspended": suspended,
        "suspended_for": if state == "failing" { json!(MARKUP) } else { Value::Null }, "since": moment(),
    })
}

fn form(wrong: Value) -> Value {
    json!({
        "key": "k", "url": MARKUP, "description": MARKUP,
        "kinds": [{ "name": "order.imported", "chosen": true }, { "name": "document.issued", "chosen": false }],
        "url_wrong": wrong, "description_wrong": wrong,
    })
}

/// Pages of the list.
pub(in crate::console) fn list_pages() -> Vec<Value> {
    let rows = json!([row("sending", json!([])), row("stopped", json!(["order.imported"])), row("failing", json!([]))]);
    vec![
        json!({ "webhooks": rows, "form": form(json!(MARKUP)), "full": false, "most": 20 }),
        json!({ "webhooks": rows, "form": form(Value::Null), "full": true, "most": 20 }),
        json!({ "webhooks": [], "form": form(Value::Null), "full": false, "most": 20 }),
    ]
}

/// Pages of one webhook.
pub(in crate::console) fn pages() -> Vec<Value> {
    let sent = |state: &str, due: Value, status: Value, error: Value| {
        json!({
            "id": "whd_1", "event": "evt_1", "kind": "order.imported", "state": state, "attempts": 2, "due": due, "status": status,
            "error": error, "created": moment(), "key": "k",
        })
    };
    let deliveries = json!([
        sent("waiting", moment(), Value::Null, json!("timed-out")),
        sent("delivered", Value::Null, json!(204), Value::Null),
        sent("failed", Value::Null, Value::Null, Value::Null),
    ]);
    let page = |state: &str, secret: Value, deliveries: &Value, next: Value, first: bool| {
        json!({
            "webhook": row(state, json!(["order.imported"])), "version": 1, "key": "k", "secret": secret, "deliveries": deliveries,
            "next": next, "first": first,
        })
    };
    vec![
        page("sending", json!("whsec_x"), &deliveries, json!("/webhooks/whk_1?after=x"), true),
        page("stopped", Value::Null, &json!([]), Value::Null, true),
        page("failing", Value::Null, &json!([]), Value::Null, false),
    ]
}
