//! One operation: what it takes, what it answers, how it is asked for.

use serde::Serialize;
use serde_json::Value;

use super::example;
use super::shape::{self, Bit, Type};
use super::{resolved, text};

const PROBLEM: &str = "application/problem+json";

#[derive(Debug, Serialize)]
pub(super) struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    answers: Vec<Answer>,
    problems: Vec<Problems>,
    /// A command for a shell.
    example: String,
}

#[derive(Debug, Serialize)]
struct Parameter {
    name: String,
    /// `path`, `query` or `header`.
    place: String,
    required: bool,
    kind: Type,
    about: Vec<Bit>,
    rules: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Body {
    media_type: String,
    kind: Type,
}

#[derive(Debug, Serialize)]
struct Answer {
    status: String,
    about: Vec<Bit>,
    body: Body,
    headers: Vec<String>,
}

/// The problems of a status.
#[derive(Debug, Serialize)]
struct Problems {
    status: String,
    codes: Vec<Coded>,
}

#[derive(Debug, Serialize)]
struct Coded {
    code: String,
    title: String,
}

impl Operation {
    pub(super) fn of(description: &Value, method: &str, path: &str, operation: &Value) -> Self {
        let listed = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let parameters: Vec<&Value> = listed.map(|one| resolved(description, one)).collect();
        let body = operation.get("requestBody").and_then(content);
        let (mut answers, mut problems) = (Vec::new(), Vec::new());
        for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
            let said = text(response, "description");
            // A status can carry both: then the answer's sentence comes first, and codes follow in backticks.
            let (about, codes) = if is_problem(response) { split(&said) } else { (said.as_str(), Vec::new()) };
            if let Some((media_type, schema)) = content(response) {
                let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
                let headers = headers.map(|(name, _)| name.clone()).collect();
                let body = Body { media_type: media_type.to_owned(), kind: shape::kind(schema) };
                answers.push(Answer { status: status.clone(), about: shape::said(about), body, headers });
            }
            if !codes.is_empty() {
                problems.push(Problems { status: status.clone(), codes });
            }
        }
        Self {
            id: text(operation, "operationId"),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            summary: text(operation, "summary"),
            example: example::command(description, method, path, &parameters, body),
            parameters: parameters.into_iter().map(parameter).collect(),
            body: body.map(|(media_type, schema)| Body { media_type: media_type.to_owned(), kind: shape::kind(schema) }),
            answers,
            problems,
        }
    }

    /// The names of the shapes that it speaks of.
    pub(super) fn shapes(&self) -> impl Iterator<Item = &str> {
        let taken = self.parameters.iter().map(|one| &one.kind).chain(self.body.iter().map(|body| &body.kind));
        let answered = self.answers.iter().map(|one| &one.body.kind);
        taken.chain(answered).flatten().filter(|piece| piece.shape).map(|piece| piece.text.as_str())
    }
}

/// The body of a request or of an answer that went well: its media type and its schema.
pub(super) fn content(of: &Value) -> Option<(&str, &Value)> {
    let mut all = of.get("content")?.as_object()?.iter().filter(|(media_type, _)| *media_type != PROBLEM);
    all.next().and_then(|(media_type, body)| Some((media_type.as_str(), body.get("schema")?)))
}

fn is_problem(response: &Value) -> bool {
    response.get("content").is_some_and(|content| content.get(PROBLEM).is_some())
}

/// `What it answers. `code`: Title. …` as the sentence before, and the codes with their titles.
fn split(said: &str) -> (&str, Vec<Coded>) {
    let starts: Vec<usize> = said.match_indices("`: ").filter_map(|(end, _)| said.get(..end)?.rfind('`')).collect();
    let ends = starts.iter().skip(1).copied().chain([said.len()]);
    let coded = |(start, end): (&usize, usize)| {
        let (code, title) = said.get(*start..end)?.trim_start_matches('`').split_once("`: ")?;
        Some(Coded { code: code.to_owned(), title: title.trim().trim_end_matches('.').to_owned() })
    };
    let codes = starts.iter().zip(ends).filter_map(coded).collect();
    (said.get(..starts.first().copied().unwrap_or(said.len())).unwrap_or(said).trim(), codes)
}

fn parameter(of: &Value) -> Parameter {
    let schema = of.get("schema").unwrap_or(&Value::Null);
    Parameter {
        name: text(of, "name"),
        place: text(of, "in"),
        required: of.get("required").and_then(Value::as_bool).unwrap_or_default(),
        kind: shape::kind(schema),
        about: shape::said(&text(of, "description")),
        rules: shape::rules(schema),
    }
}
