//! `/docs`: the description of `/v1` for people, a page a noun, drawn from the same value that `/openapi.json` answers.
//!
//! Open to all, as the description is: nothing of a firm is on it. What a page says of an operation is what the description says, in
//! English; the words around it are the reader's. Nothing here knows an operation or a schema by its name.

mod example;
mod operation;
mod shape;
#[cfg(test)]
pub(super) mod tests;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use super::Console;
use super::visitor::Ask;
use crate::web::{Kind, Problem, Route};
use operation::Operation;
use shape::Shape;

pub(super) fn routes() -> Vec<Route<Console>> {
    vec![Route::get("/docs", index), Route::get("/docs/{noun}", noun)]
}

/// The first page: how to ask, and every operation in one line.
#[derive(Debug, Serialize)]
pub(super) struct Index {
    about: String,
    nouns: Vec<Noun>,
    problems: Vec<Code>,
}

/// A noun with its operations.
#[derive(Debug, Serialize)]
pub(super) struct Noun {
    name: String,
    operations: Vec<Line>,
}

/// An operation in one line.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    id: String,
    method: String,
    path: String,
    summary: String,
}

/// A problem: its code, which never changes, and what its answers have as status.
#[derive(Debug, Serialize)]
pub(super) struct Code {
    status: u16,
    code: &'static str,
    title: &'static str,
}

/// The page of a noun.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    noun: String,
    /// All nouns, to go on to.
    nouns: Vec<String>,
    operations: Vec<Operation>,
    /// What the operations take and answer, with everything that it is made of.
    shapes: Vec<Shape>,
}

async fn index(State(console): State<Console>, ask: Ask) -> Result<Response, Problem> {
    show(&console, &ask, "docs.html.j2", index_of(console.description))
}

async fn noun(State(console): State<Console>, ask: Ask, Path(noun): Path<String>) -> Result<Response, Problem> {
    let page = page_of(console.description, &noun);
    let page = page.ok_or_else(|| Problem::new(Kind::NotFound, "No operation is of this noun; /docs lists them all."))?;
    show(&console, &ask, "docs_noun.html.j2", page)
}

fn show(console: &Console, ask: &Ask, template: &str, page: impl Serialize + Send + Sync) -> Result<Response, Problem> {
    let mut frame = ask.frame();
    // A notice waits for the page that was meant.
    frame.notice = None;
    frame.section = "docs";
    frame.signed_in = ask.claims_session();
    ask.show(console, StatusCode::OK, template, &frame, page)
}

pub(super) fn index_of(description: &Value) -> Index {
    let nouns = nouns(description);
    let of = |name: String| {
        let line = |(method, path, operation): (&str, &str, &Value)| Line {
            id: text(operation, "operationId"),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            summary: text(operation, "summary"),
        };
        let operations = operations(description, &name).map(line).collect();
        Noun { name, operations }
    };
    let mut problems: Vec<Code> =
        Kind::ALL.iter().map(|kind| Code { status: kind.status().as_u16(), code: kind.code(), title: kind.title() }).collect();
    problems.sort_by_key(|one| (one.status, one.code));
    let about = description.pointer("/info/description").and_then(Value::as_str).unwrap_or_default().to_owned();
    Index { about, nouns: nouns.into_iter().map(of).collect(), problems }
}

pub(super) fn page_of(description: &Value, noun: &str) -> Option<Page> {
    let nouns = nouns(description);
    if !nouns.iter().any(|name| name == noun) {
        return None;
    }
    let operations: Vec<Operation> =
        operations(description, noun).map(|(method, path, one)| Operation::of(description, method, path, one)).collect();
    let shapes = shape::all(description, operations.iter().flat_map(Operation::shapes));
    Some(Page { noun: noun.to_owned(), nouns, operations, shapes })
}

fn nouns(description: &Value) -> Vec<String> {
    let tags = description.get("tags").and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| text(tag, "name")).collect()
}

/// The operations of a noun: method, path and what the description says of them.
fn operations<'a>(description: &'a Value, noun: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
    let paths = description.get("paths").and_then(Value::as_object).into_iter().flatten();
    let all = paths.flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, one)| (method.as_str(), path.as_str(), one))
    });
    all.filter(move |(_, _, one)| one.pointer("/tags/0").and_then(Value::as_str) == Some(noun))
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What a reference leads to, or the value itself.
fn resolved<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    let path = value.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| description.pointer(path)).unwrap_or(value)
}
