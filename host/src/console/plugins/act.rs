//! The buttons of a plugin's page: activate, go back, suspend, resume, uninstall.
//!
//! A form says what its page showed. When that is no longer so and the form itself has not done it, nothing is done.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::Console;
use super::super::notice::Notice;
use super::super::visitor::{Form, Visitor};
use super::Name;
use super::one::{self, Sent};
use super::step::standing;
use crate::access::Role;
use crate::command::{self, Answer, Begun, Key, Request};
use crate::kernel::id::ReleaseId;
use crate::plugin::{self, Error, REASON_CHARS_MAX};
use crate::register::printable;
use crate::web::Problem;

#[derive(Debug, Deserialize)]
pub(super) struct Pressed {
    // A form without it is refused like one with a wrong one.
    #[serde(default)]
    csrf: String,
    key: String,
    /// What the page showed.
    seen: String,
    /// For an activation.
    release: Option<ReleaseId>,
    /// For a suspension.
    #[serde(default)]
    reason: String,
}

/// Which button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Button {
    Activate(ReleaseId),
    RollBack,
    Suspend,
    Resume,
    Uninstall,
}

impl Button {
    const fn route(self) -> &'static str {
        match self {
            Self::Activate(_) => "POST /plugins/{name}/activate",
            Self::RollBack => "POST /plugins/{name}/roll-back",
            Self::Suspend => "POST /plugins/{name}/suspend",
            Self::Resume => "POST /plugins/{name}/resume",
            Self::Uninstall => "POST /plugins/{name}/uninstall",
        }
    }

    /// What is said when it is done.
    fn done(self, answer: &Answer) -> Result<Notice, Problem> {
        let stands: Stands = serde_json::from_str(&answer.body).map_err(|error| Problem::internal(&error))?;
        let number = stands.active.and_then(|release| u64::try_from(release.number).ok()).unwrap_or_default();
        Ok(match self {
            Self::Activate(_) => Notice::Activated(number),
            Self::RollBack => Notice::WentBack(number),
            Self::Suspend => Notice::Suspended,
            Self::Resume => Notice::Resumed(number),
            Self::Uninstall => Notice::Uninstalled,
        })
    }

    /// Where it leads to. A plugin that is gone has no page.
    fn leads_to(self, name: &str) -> String {
        if self == Self::Uninstall { "/plugins".to_owned() } else { format!("/plugins/{name}") }
    }
}

/// What is said again of an answer.
#[derive(Debug, Deserialize)]
struct Stands {
    active: Option<Numbered>,
}

#[derive(Debug, Deserialize)]
struct Numbered {
    number: i64,
}

pub(super) async fn activate(
    state: State<Console>,
    visitor: Visitor,
    name: Name,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let release = form.release.ok_or(Error::Unknown("release"))?;
    press(state, visitor, name, form, Button::Activate(release)).await
}

pub(super) async fn roll_back(
    state: State<Console>,
    visitor: Visitor,
    name: Name,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    press(state, visitor, name, form, Button::RollBack).await
}

pub(super) async fn suspend(
    state: State<Console>,
    visitor: Visitor,
    name: Name,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    press(state, visitor, name, form, Button::Suspend).await
}

pub(super) async fn resume(
    state: State<Console>,
    visitor: Visitor,
    name: Name,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    press(state, visitor, name, form, Button::Resume).await
}

pub(super) async fn uninstall(
    state: State<Console>,
    visitor: Visitor,
    name: Name,
    Form(form): Form<Pressed>,
) -> Result<Response, Problem> {
    press(state, visitor, name, form, Button::Uninstall).await
}

async fn press(
    State(console): State<Console>,
    visitor: Visitor,
    Name(name): Name,
    form: Pressed,
    button: Button,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let (ctx, actor) = (&console.ctx, visitor.actor());
    actor.must_be(Role::Admin)?;
    let key: Key = form.key.parse()?;
    let release = form.release.map(|id| id.to_string()).unwrap_or_default();
    let parts = [name.as_bytes(), form.seen.as_bytes(), release.as_bytes(), form.reason.as_bytes()];
    let request = Request::new(button.route(), Some(key), &parts);
    let page = match plugin::page(ctx, actor, &name).await {
        Ok(page) => Some(page),
        Err(Error::Unknown(_)) => None,
        Err(error) => return Err(error.into()),
    };
    if page.as_ref().is_none_or(|page| standing(page) != form.seen) {
        // Pressed twice: what has changed may be what this very form did.
        return match command::begin(ctx, actor, request).await? {
            Begun::Answered(answer) => Ok(visitor.lead_to(&button.leads_to(&name), button.done(&answer)?)),
            Begun::Open(_) if page.is_none() => Err(Error::Unknown("plugin").into()),
            Begun::Open(_) => Ok(visitor.lead_to(&format!("/plugins/{name}"), Notice::PluginMoved)),
        };
    }
    if button == Button::Suspend && !printable(&form.reason, REASON_CHARS_MAX) {
        let sent = Sent { reason: Some(form.reason), ..Sent::default() };
        return one::again(&console, &visitor, &name, StatusCode::UNPROCESSABLE_ENTITY, sent).await;
    }
    let shelf = &console.press.plugins;
    let done = match button {
        Button::Activate(release) => plugin::activate(ctx, actor, shelf, request, &name, release).await,
        Button::RollBack => plugin::roll_back(ctx, actor, shelf, request, &name).await,
        Button::Suspend => plugin::suspend(ctx, actor, shelf, request, &name, Some(form.reason.trim().to_owned())).await,
        Button::Resume => plugin::resume(ctx, actor, shelf, request, &name).await,
        Button::Uninstall => plugin::uninstall(ctx, actor, shelf, request, &name).await,
    };
    match done {
        Ok(answer) => Ok(visitor.lead_to(&button.leads_to(&name), button.done(&answer)?)),
        Err(Error::Moved | Error::State(_) | Error::NothingBefore) => {
            Ok(visitor.lead_to(&format!("/plugins/{name}"), Notice::PluginMoved))
        }
        Err(error) => one::not_done(&console, &visitor, &name, error).await,
    }
}
