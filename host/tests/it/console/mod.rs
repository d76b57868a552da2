//! Tests of the console: its pages over real HTTP with cookies, on SQLite and on PostgreSQL, and once in a real browser.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails like the test"
)]

mod browser;
mod browser_apps;
mod browser_plugins;
mod browser_prices;
mod browser_systems;
mod coverage;
mod document;
mod order;
mod pages;
mod plugins;
mod plugins_refused;
mod sign_in;
mod trial;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use ureq::http::Method;

use crate::http::{Client, Reply, TestApp};
use crate::storage::Store;
use crate::support;
use roro::access::Role;

/// The password of `Store::user`.
const PASSWORD: &str = "correct horse battery";

/// A browser without a screen: it keeps cookies and sends forms, and follows a redirect when it is told to.
#[derive(Clone)]
struct Visitor {
    client: Client,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Visitor {
    fn new(app: &TestApp<'_>) -> Self {
        Self { client: app.stranger(), cookies: Arc::default() }
    }

    /// Somebody of a tenant who has signed in.
    async fn signed_in(app: &TestApp<'_>, store: &Store, handle: &str, role: Role) -> Self {
        let operator = roro::access::operator(&store.ctx, handle).await.unwrap();
        let email = format!("{}@{handle}.example", role.as_str());
        store.user(&operator, &email, role).await;
        let visitor = Self::new(app);
        visitor.sign_in(handle, &email, PASSWORD).await.expect(303);
        visitor
    }

    async fn sign_in(&self, firm: &str, email: &str, password: &str) -> Reply {
        self.post("/sign-in", &[("firm", firm), ("email", email), ("password", password)]).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(&Method::GET, path, &[], None).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.send(&Method::POST, path, &[("Sec-Fetch-Site", "same-origin")], Some(form)).await
    }

    async fn send(&self, method: &Method, path: &str, headers: &[(&str, &str)], form: Option<&[(&str, &str)]>) -> Reply {
        let mut asking = self.client.ask(method, path);
        let cookies = self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        if !cookies.is_empty() {
            asking = asking.header("Cookie", &cookies.join("; "));
        }
        for (name, value) in headers {
            asking = asking.header(name, value);
        }
        if let Some(form) = form {
            let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
            asking = asking.bytes("application/x-www-form-urlencoded", pairs.join("&").into_bytes());
        }
        let mut reply = asking.send().await;
        // The templates write a slash as an entity; a browser reads both alike.
        if reply.header("content-type").starts_with("text/html") {
            reply.body = reply.text().replace("&#x2f;", "/").into_bytes();
        }
        for cookie in reply.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (pair, rest) = text.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(rest.contains("Path=/") && rest.contains("HttpOnly") && rest.contains("SameSite=Lax"), "{text}");
            if rest.contains("Max-Age=0") {
                self.cookies.lock().unwrap().remove(name);
            } else {
                self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }
}

fn encode(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The value of the first hidden input of a name.
fn hidden(page: &str, name: &str) -> String {
    let mark = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let rest = page.split_once(&mark).unwrap_or_else(|| panic!("no hidden `{name}` in\n{page}")).1;
    rest.split('"').next().unwrap().to_owned()
}

/// An example order with ids of its own.
fn example(name: &str, number: usize) -> Value {
    let mut order = support::example_json(name);
    support::set(&mut order, "/external_id", format!("SO-{number}").into());
    support::set(&mut order, "/order/reference", format!("HM-T-{number}").into());
    order
}

/// Imports an order by the other door.
async fn import(program: &Client, order: &Value) -> String {
    program.post("/v1/orders/import", order).await.expect(201).id()
}

/// How many documents an order has, by the other door.
async fn documents(program: &Client, order: &str) -> usize {
    let listed = program.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
    listed["items"].as_array().unwrap().len()
}

/// Presses the button of an order's page as it stands there.
async fn click(visitor: &Visitor, order: &str) -> Reply {
    let page = visitor.get(&format!("/orders/{order}")).await.expect(200).text();
    let form = ["csrf", "key", "version"].map(|name| (name, form_value(&page, name)));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.post(&format!("/orders/{order}/documents"), &form).await
}

/// A hidden value of the form with the one button; other forms of the page come before it.
fn form_value(page: &str, name: &str) -> String {
    let form = page.split("/documents\" method=\"post\">").nth(1).unwrap_or_else(|| panic!("no button in\n{page}"));
    hidden(form, name)
}
