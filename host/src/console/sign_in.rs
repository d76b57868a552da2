//! Signing in and out, and the language.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::Console;
use super::notice::Notice;
use super::text::Language;
use super::visitor::{Ask, Cookie, Form, Visitor, local};
use crate::access::{self, SignIn};
use crate::kernel::secret::Secret;
use crate::web::{Problem, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Came {
    #[serde(default)]
    next: String,
}

#[derive(Debug, Default, Serialize)]
struct Page {
    firm: String,
    email: String,
    next: String,
    /// Whether firm, address or password was wrong.
    wrong: bool,
    /// How long to wait after too many wrong passwords.
    seconds: Option<u64>,
}

pub(super) async fn show(State(console): State<Console>, ask: Ask, Query(came): Query<Came>) -> Result<Response, Problem> {
    let next = local(&came.next).unwrap_or_default().to_owned();
    if ask.claims_session() && ask.session(&console).await.is_ok() {
        return Ok(Redirect::to(if next.is_empty() { "/orders" } else { &next }).into_response());
    }
    answer(&console, &ask, StatusCode::OK, Page { next, ..Page::default() })
}

fn answer(console: &Console, ask: &Ask, status: StatusCode, page: Page) -> Result<Response, Problem> {
    let mut frame = ask.frame();
    // To come back here in another language without losing where to go.
    frame.here = "/orders".to_owned();
    ask.show(console, status, "sign_in.html.j2", &frame, page)
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    firm: String,
    email: String,
    password: Secret,
    #[serde(default)]
    next: String,
}

/// No handle, address or password has a control character, and PostgreSQL takes no NUL: what is typed so is wrong, not a fault.
fn plain(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).collect()
}

pub(super) async fn sign_in(State(console): State<Console>, ask: Ask, Form(asked): Form<Asked>) -> Result<Response, Problem> {
    let (firm, email) = (plain(&asked.firm), plain(&asked.email));
    let next = local(&asked.next).unwrap_or_default().to_owned();
    let input =
        SignIn { tenant: firm.to_lowercase(), email: email.clone(), password: asked.password, address: ask.address.clone() };
    let page = Page { firm, email, next: next.clone(), ..Page::default() };
    match Box::pin(access::sign_in(&console.ctx, input)).await {
        Ok((session, credential)) => {
            let mut response = Redirect::to(if next.is_empty() { "/orders" } else { &next }).into_response();
            let left = session.expires_at.micros() - console.ctx.now().micros();
            let keep = Duration::from_micros(u64::try_from(left).unwrap_or_default());
            // To its owner, this once: only its hash is stored.
            Cookie::Session.set(&mut response, ask.secure, &credential.reveal(), keep);
            Ok(response)
        }
        Err(access::Error::Unauthenticated) => answer(&console, &ask, StatusCode::UNAUTHORIZED, Page { wrong: true, ..page }),
        Err(access::Error::Throttled { seconds }) => {
            let page = Page { seconds: Some(seconds), ..page };
            let mut response = answer(&console, &ask, StatusCode::TOO_MANY_REQUESTS, page)?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Leaving {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn sign_out(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form<Leaving>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    access::sign_out(&console.ctx, &visitor.session).await?;
    let mut response = visitor.lead_to("/sign-in", Notice::SignedOut);
    Cookie::Session.clear(&mut response, visitor.ask.secure);
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    language: String,
    #[serde(default)]
    next: String,
}

/// Needs no session: the sign-in page is read in a language too, and the choice stands in a cookie of the reader's own.
pub(super) async fn language(ask: Ask, Form(chosen): Form<Chosen>) -> Response {
    let mut response = Redirect::to(local(&chosen.next).unwrap_or("/orders")).into_response();
    if let Some(language) = Language::of_code(&chosen.language) {
        ask.keep_language(&mut response, language);
    }
    response
}
