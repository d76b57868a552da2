//! The plugins that a firm has, the packages on offer, the keys that it trusts; and bringing a package in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::super::Console;
use super::super::document::Moment;
use super::super::notice::Notice;
use super::super::text::Language;
use super::super::visitor::{Form, Visitor};
use super::keys::{Row as KeyRow, TrustForm};
use super::trouble::Trouble;
use super::{Signer, fresh_key, is_in_development, pick, signer, stopped};
use crate::access::Role;
use crate::command::{Key, Request};
use crate::kernel::time::Instant;
use crate::plugin::catalogue::Offer;
use crate::plugin::state::State as Standing;
use crate::plugin::{self, PackageCard, PluginCard};
use crate::web::Problem;

#[derive(Debug, Serialize)]
struct Page {
    development: bool,
    may_administer: bool,
    trouble: Option<Trouble>,
    plugins: Vec<Row>,
    offers: Vec<Offered>,
    /// Registries that could not be read.
    unread: Vec<Unread>,
    keys: Vec<KeyRow>,
    trusting: Option<TrustForm>,
}

/// A plugin in the table.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    title: String,
    state: &'static str,
    /// Why it may not run although it is active, in one word.
    stopped: Option<&'static str>,
    version: String,
    release: Option<i64>,
    since: Moment,
    /// None when nobody vouches for the package.
    signer: Option<Signer>,
}

/// A package on offer.
#[derive(Debug, Serialize)]
struct Offered {
    digest: String,
    name: String,
    title: String,
    summary: String,
    version: String,
    publisher: String,
    hooks: Vec<&'static str>,
    grants: usize,
    signed: bool,
    /// Where it lies when that is a registry.
    repository: Option<String>,
    /// `new`, `here` when the firm has it, `older` when a newer version takes part.
    standing: &'static str,
    /// The idempotency key of its button.
    key: String,
}

/// A registry that could not be read.
#[derive(Debug, Serialize)]
struct Unread {
    repository: String,
    /// In English: it is for the operator.
    message: String,
}

/// A form that comes back.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) trouble: Option<Trouble>,
    pub(super) trusting: Option<TrustForm>,
}

pub(super) async fn show(State(console): State<Console>, visitor: Visitor) -> Result<Response, Problem> {
    let page = page(&console, &visitor, Sent::default()).await?;
    visitor.show(&console, "plugins", "plugins.html.j2", page)
}

/// The page again, after a form that did not go through.
pub(super) async fn again(console: &Console, visitor: &Visitor, status: StatusCode, sent: Sent) -> Result<Response, Problem> {
    let page = page(console, visitor, sent).await?;
    let mut frame = visitor.frame("plugins");
    // What the form was sent to is no page to come back to; the list is.
    "/plugins".clone_into(&mut frame.here);
    visitor.ask.show(console, status, "plugins.html.j2", &frame, page)
}

async fn page(console: &Console, visitor: &Visitor, sent: Sent) -> Result<Page, Problem> {
    let (ctx, actor, language) = (&console.ctx, visitor.actor(), visitor.ask.language);
    let plugins = plugin::list(ctx, actor).await?;
    let packages = plugin::packages(ctx, actor).await?;
    let mut stopped = stopped(console, visitor).await;
    let keys = plugin::keys(ctx, actor).await?;
    let keys = keys.into_iter().map(|card| KeyRow::of(console, card, &plugins, &packages, language)).collect();
    let shown = console.press.catalogue.offers().await?;
    let offers = shown.items.iter().map(|offer| offered(console, offer, &plugins, &packages, language)).collect();
    let now = ctx.now();
    let trusting = sent.trusting.unwrap_or_default().fresh(console);
    Ok(Page {
        development: is_in_development(console, visitor).await?,
        may_administer: visitor.may_administer(),
        trouble: sent.trouble,
        plugins: plugins
            .into_iter()
            .map(|card| {
                let stopped = stopped.remove(&card.name);
                row(card, stopped, &packages, now, language)
            })
            .collect(),
        offers,
        unread: shown.troubles.into_iter().map(|one| Unread { repository: one.repository, message: one.message }).collect(),
        keys,
        trusting: visitor.may_administer().then_some(trusting),
    })
}

fn row(card: PluginCard, stopped: Option<&'static str>, packages: &[PackageCard], now: Instant, language: Language) -> Row {
    // The package of the release that is active, else the one that came last: the first of its plugin.
    let active = card.active.as_ref().map(|release| &release.package);
    let shown = |package: &&PackageCard| package.plugin == card.name && active.is_none_or(|digest| *digest == package.digest);
    Row {
        title: pick(&card.title, language),
        state: card.state.as_str(),
        stopped: stopped.filter(|_| card.state == Standing::Active),
        version: card.version.clone(),
        release: card.active.as_ref().map(|release| release.number),
        since: card.changed_at.into(),
        signer: packages.iter().find(shown).and_then(|package| signer(package, now)),
        name: card.name,
    }
}

fn offered(console: &Console, offer: &Offer, plugins: &[PluginCard], packages: &[PackageCard], language: Language) -> Offered {
    let manifest = &offer.manifest;
    let active = plugins.iter().find(|plugin| plugin.name == manifest.id && plugin.active.is_some());
    let is_older = |active: &PluginCard| active.version.parse::<Version>().is_ok_and(|version| manifest.version < version);
    Offered {
        digest: offer.digest.clone(),
        name: manifest.id.clone(),
        title: pick(&manifest.title, language),
        summary: pick(&manifest.summary, language),
        version: manifest.version.to_string(),
        publisher: manifest.publisher.clone(),
        hooks: manifest.hooks.iter().map(|hook| hook.name.as_str()).collect(),
        grants: manifest.grants.len(),
        signed: offer.signatures > 0,
        repository: offer.repository.clone(),
        standing: if packages.iter().any(|package| package.digest == offer.digest) {
            "here"
        } else if active.is_some_and(is_older) {
            "older"
        } else {
            "new"
        },
        key: fresh_key(console),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    // A form without it is refused like one with a wrong one.
    #[serde(default)]
    csrf: String,
    key: String,
    digest: String,
}

/// What a page needs to know of a package that came in.
#[derive(Debug, Deserialize)]
struct Came {
    plugin: String,
}

/// Brings a package in. Nothing takes part before a release of it is activated.
pub(super) async fn install(
    State(console): State<Console>,
    visitor: Visitor,
    Form(form): Form<Wanted>,
) -> Result<Response, Problem> {
    visitor.must_carry(&form.csrf)?;
    let (ctx, actor) = (&console.ctx, visitor.actor());
    actor.must_be(Role::Admin)?;
    let key: Key = form.key.parse()?;
    let request = Request::new("POST /plugins/install", Some(key), &[form.digest.as_bytes()]);
    let done = match console.press.catalogue.archive(&form.digest).await {
        Ok(archive) => Box::pin(plugin::install(ctx, actor, &console.press.plugins, request, archive)).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(answer) => {
            let came: Came = serde_json::from_str(&answer.body).map_err(|error| Problem::internal(&error))?;
            let notice = if answer.status == 201 { Notice::PluginInstalled } else { Notice::PluginThere };
            Ok(visitor.lead_to(&format!("/plugins/{}", came.plugin), notice))
        }
        Err(error) => {
            let trouble = Trouble::of(error, visitor.ask.words())?;
            let status = trouble.status;
            again(&console, &visitor, status, Sent { trouble: Some(trouble), ..Sent::default() }).await
        }
    }
}
