//! The keys whose signatures the firm trusts: seen by everybody, for they are public; trusted and revoked by administrators.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::super::Console;
use super::super::document::Moment;
use super::super::notice::Notice;
use super::super::text::Language;
use super::super::visitor::{Form, Visitor};
use super::list::{self, Sent};
use super::{Name, fresh_key, pick};
use crate::access::Role;
use crate::command::{Key, Request};
use crate::plugin::signature::{KeyError, PublicKey};
use crate::plugin::state::State as Standing;
use crate::plugin::{self, Error, KeyCard, PackageCard, PluginCard};
use crate::web::Problem;

/// A key as a row.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    id: String,
    name: String,
    public_key: String,
    since: Moment,
    /// The plugins that take part with a package that came with its signature.
    signs: Vec<String>,
    /// The idempotency key of its button.
    key: String,
}

impl Row {
    pub(super) fn of(
        console: &Console,
        card: KeyCard,
        plugins: &[PluginCard],
        packages: &[PackageCard],
        language: Language,
    ) -> Self {
        let takes_part = |plugin: &&PluginCard| matches!(plugin.state, Standing::Active | Standing::Quarantined);
        let signed = |plugin: &&PluginCard| {
            let digest = plugin.active.as_ref().map(|release| &release.package);
            let package = packages.iter().find(|package| Some(&package.digest) == digest);
            package.is_some_and(|package| package.signer_key.as_ref() == Some(&card.id))
        };
        Self {
            signs: plugins.iter().filter(takes_part).filter(signed).map(|plugin| pick(&plugin.title, language)).collect(),
            id: card.id,
            name: card.name,
            public_key: card.public_key,
            since: card.created_at.into(),
            key: fresh_key(console),
        }
    }
}

/// The form that trusts a key, perhaps as it was sent.
#[derive(Debug, Default, Serialize)]
pub(super) struct TrustForm {
    /// The idempotency key of its button.
    key: String,
    name: String,
    public_key: String,
    name_wrong: bool,
    /// `not-public`, `private`, `not-whole` or `weak`.
    key_wrong: Option<&'static str>,
}

impl TrustForm {
    /// The form for a page that is made now.
    pub(super) fn fresh(self, console: &Console) -> Self {
        Self { key: fresh_key(console), ..self }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct NewKey {
    // A form without it is refused like one with a wrong one.
    #[serde(default)]
    csrf: String,
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    public_key: String,
}

/// Trusts a key: packages that it signs can be installed.
pub(super) async fn trust(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form<NewKey>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let (ctx, actor) = (&console.ctx, visitor.actor());
    actor.must_be(Role::Admin)?;
    let key: Key = form.key.parse()?;
    let read = form.public_key.parse::<PublicKey>();
    let request = Request::new("POST /plugins/keys", Some(key), &[form.name.as_bytes(), form.public_key.as_bytes()]);
    let (name_wrong, key_wrong) = match read {
        Ok(public_key) => match plugin::trust(ctx, actor, request, public_key, &form.name).await {
            Ok(answer) if answer.status == 201 => return Ok(visitor.lead_to("/plugins#keys", Notice::KeyTrusted)),
            Ok(_) => return Ok(visitor.lead_to("/plugins#keys", Notice::KeyKnown)),
            Err(Error::KeyName) => (true, None),
            Err(error) => return Err(error.into()),
        },
        Err(error) => (form.name.trim().is_empty(), Some(word(error))),
    };
    // Whoever pasted a private key does not find it on a page.
    let public_key = if key_wrong == Some("private") { String::new() } else { form.public_key };
    let trusting = TrustForm { key: String::new(), name: form.name, public_key, name_wrong, key_wrong };
    let sent = Sent { trusting: Some(trusting), ..Sent::default() };
    list::again(&console, &visitor, StatusCode::UNPROCESSABLE_ENTITY, sent).await
}

const fn word(error: KeyError) -> &'static str {
    match error {
        KeyError::NotPrivate | KeyError::NotPublic => "not-public",
        KeyError::PrivateForPublic => "private",
        KeyError::NotWhole => "not-whole",
        KeyError::Weak => "weak",
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Revoking {
    #[serde(default)]
    csrf: String,
    key: String,
}

/// Ends a key: what only it has signed takes part no more.
pub(super) async fn revoke(
    State(console): State<Console>,
    visitor: Visitor,
    Name(id): Name,
    Form(form): Form<Revoking>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let key: Key = form.key.parse()?;
    let request = Request::new("POST /plugins/keys/{id}/revoke", Some(key), &[id.as_bytes()]);
    plugin::revoke(&console.ctx, visitor.actor(), request, &id).await?;
    Ok(visitor.lead_to("/plugins#keys", Notice::KeyRevoked))
}
