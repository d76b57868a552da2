//! A firm's plugins: what it has, what is on offer, whose signatures it trusts; and one page for everything about one of them.
//!
//! Everybody of the firm reads these pages, administrators change what they show. Each form speaks of what its page showed: when that is no
//! longer so, nothing is done and the newest page is shown first. What an administrator can mend (a signature, a setting, a reason) comes back
//! on the same page. Secrets are taken and never shown. Nothing here decides: the verbs of `plugin` do, the same ones as behind `/v1`.

mod act;
mod change;
mod form;
mod keys;
mod list;
mod one;
mod people;
mod step;
#[cfg(test)]
pub(super) mod tests;
mod trial;
mod trouble;
mod usage;

use std::collections::BTreeMap;

use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::handler::Handler as _;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Serialize;

use super::Console;
use super::document::Moment;
use super::text::Language;
use super::visitor::Visitor;
use crate::kernel::time::Instant;
use crate::plugin::{self, Error, OPERATOR, PackageCard};
use crate::tenant;
use crate::web::{Problem, Route};

/// The largest form of settings: as many as a manifest may have, each as long as it may be, percent-encoded.
const SETTINGS_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// The longest name, key id or digest in an address or a form, bytes.
const WORD_BYTES_MAX: usize = 64;

pub(super) fn routes() -> Vec<Route<Console>> {
    vec![
        Route::get("/plugins", list::show),
        Route::get("/plugins/install", namesake),
        Route::post("/plugins/install", list::install),
        Route::get("/plugins/keys", namesake),
        Route::post("/plugins/keys", keys::trust),
        Route::post("/plugins/keys/{id}/revoke", keys::revoke),
        Route::get("/plugins/{name}", one::show),
        Route::post("/plugins/{name}/releases", form::make.layer(DefaultBodyLimit::max(SETTINGS_BYTES_MAX))),
        Route::get("/plugins/{name}/releases/{id}/trial", trial::show),
        Route::post("/plugins/{name}/activate", act::activate),
        Route::post("/plugins/{name}/roll-back", act::roll_back),
        Route::post("/plugins/{name}/suspend", act::suspend),
        Route::post("/plugins/{name}/resume", act::resume),
        Route::post("/plugins/{name}/uninstall", act::uninstall),
    ]
}

/// The address of a form, asked for as a page: a plugin may be called so, else the list is meant.
async fn namesake(state: axum::extract::State<Console>, visitor: Visitor, uri: Uri) -> Result<Response, Problem> {
    let name = uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    match plugin::page(&state.0.ctx, visitor.actor(), &name).await {
        Ok(_) => one::show(state, visitor, Name(name), crate::web::Query(one::Asked::default())).await,
        Err(Error::Unknown(_)) => Ok(Redirect::to("/plugins").into_response()),
        Err(error) => Err(error.into()),
    }
}

/// The `{name}` of a plugin or `{id}` of a key in an address. What cannot be one is as unknown as the name of nothing: no database takes
/// every text.
#[derive(Debug, Clone)]
struct Name(String);

impl FromRequestParts<Console> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, console).await.ok();
        let name = text.map(|Path(text)| text).filter(|text| is_word(text));
        name.map(Self).ok_or_else(|| Error::Unknown("plugin").into())
    }
}

/// Whether a text can be the name of a plugin, the id of a key or the digest of a package.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=WORD_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain)
}

/// An idempotency key for one form of a page: sent twice, it acts once.
fn fresh_key(console: &Console) -> String {
    hex::encode(console.ctx.rng.bytes::<16>())
}

/// A text of a plugin in the reader's language; every manifest has it in English.
pub(super) fn pick(texts: &BTreeMap<String, String>, language: Language) -> String {
    texts.get(language.code()).or_else(|| texts.get("en")).cloned().unwrap_or_default()
}

/// Who vouches for a package.
#[derive(Debug, Serialize)]
struct Signer {
    /// None when it is the operator of the installation.
    name: Option<String>,
    key: String,
    until: Option<Moment>,
    /// Whether that is over.
    ended: bool,
}

/// Nobody, for a package that came in while the firm was in development mode.
fn signer(package: &PackageCard, now: Instant) -> Option<Signer> {
    let name = package.signer.as_ref()?;
    Some(Signer {
        name: (name != OPERATOR).then(|| name.clone()),
        key: package.signer_key.clone().unwrap_or_default(),
        until: package.not_after.map(Moment::from),
        ended: package.not_after.is_some_and(|until| until < now),
    })
}

/// Whether the firm takes unsigned packages, which every one of these pages says first.
async fn is_in_development(console: &Console, visitor: &Visitor) -> Result<bool, Problem> {
    let firm = tenant::find(&console.ctx, visitor.actor().tenant().id()).await?;
    Ok(firm.is_some_and(|firm| firm.development))
}

/// Why plugins that are active may not run, in one word, by name. A page that cannot learn it is a page all the same.
async fn stopped(console: &Console, visitor: &Visitor) -> BTreeMap<String, &'static str> {
    match plugin::active(&console.ctx, visitor.actor(), &console.press.plugins).await {
        Ok(active) => active.iter().filter_map(|one| Some((one.id.clone(), one.refused?))).collect(),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "whether the plugins of a firm may run could not be looked up"
            );
            BTreeMap::new()
        }
    }
}
