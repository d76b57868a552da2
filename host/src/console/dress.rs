//! What went wrong, as a page: the same problems as `/v1` answers in JSON, in the reader's words. Who is not signed in is led to the
//! sign-in page, and from there back.

use axum::extract::{Request, State};
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Serialize;

use super::Console;
use super::visitor::{Ask, encode};
use crate::web::{Kind, Peer, Problem, Told};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Headers of a problem that a page keeps.
const KEPT: [HeaderName; 3] = [REQUEST_ID, header::RETRY_AFTER, header::ALLOW];
/// What programs ask for, in JSON or plain text.
const FOR_PROGRAMS: [&str; 4] = ["/v1", "/openapi.json", "/livez", "/readyz"];

#[derive(Debug, Serialize)]
struct Page {
    status: u16,
    code: &'static str,
    /// What the problem itself says, where that helps a reader; in English.
    detail: Option<String>,
    request: String,
    seconds: Option<String>,
}

fn is_for_programs(path: &str) -> bool {
    let below = |prefix: &&str| path.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    FOR_PROGRAMS.iter().any(below)
}

/// Passes a request on, and makes a page of the problem that comes back.
pub(super) async fn dress(State(console): State<Console>, request: Request, next: Next) -> Response {
    if is_for_programs(request.uri().path()) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<Peer>().copied();
    let ask = Ask::of(&console, request.method(), request.uri(), request.headers(), peer);
    let reading = request.method() == Method::GET;
    let response = next.run(request).await;
    let Some(told) = response.extensions().get::<Told>().cloned() else { return response };
    if told.kind == Kind::Unauthenticated {
        let back = if reading && ask.here != "/orders" { format!("?next={}", encode(&ask.here)) } else { String::new() };
        return carry(&response, Redirect::to(&format!("/sign-in{back}")).into_response());
    }
    match page(&console, &ask, &told, &response) {
        Ok(page) => carry(&response, page),
        Err(problem) => problem.into_response(),
    }
}

/// The page of a problem.
fn page(console: &Console, ask: &Ask, told: &Told, response: &Response) -> Result<Response, Problem> {
    let text = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status: StatusCode = told.kind.status();
    let says = matches!(
        told.kind,
        Kind::Refused | Kind::Invalid | Kind::Conflict | Kind::Malformed | Kind::Untrusted | Kind::PluginFailed
    );
    let page = Page {
        status: status.as_u16(),
        code: told.kind.code(),
        detail: says.then(|| told.detail.clone()),
        request: text(REQUEST_ID).unwrap_or_default(),
        seconds: text(header::RETRY_AFTER),
    };
    // The notice waits for the page that was meant.
    let mut frame = ask.frame();
    frame.notice = None;
    frame.signed_in = ask.claims_session();
    ask.show(console, status, "problem.html.j2", &frame, page)
}

fn carry(from: &Response, mut onto: Response) -> Response {
    for name in KEPT {
        if let Some(value) = from.headers().get(&name) {
            onto.headers_mut().insert(name, value.clone());
        }
    }
    for (name, value) in [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        onto.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
    }
    onto
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_problems_and_people_pages() {
        for path in ["/v1", "/v1/orders", "/livez", "/readyz", "/openapi.json"] {
            assert!(is_for_programs(path), "{path}");
        }
        for path in ["/", "/orders", "/v1x", "/v2/orders", "/favicon.ico"] {
            assert!(!is_for_programs(path), "{path}");
        }
    }
}
