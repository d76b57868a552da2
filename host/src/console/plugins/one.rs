//! One plugin: what it does, who vouches for it, where it is asked, what it was given, its releases and its history.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::super::Console;
use super::super::document::Moment;
use super::super::text::{Language, grouped};
use super::super::visitor::Visitor;
use super::change::{Change, version_of};
use super::form::{Form, Typed};
use super::people::{Doer, People};
use super::step::{Other, Step, before, beside, standing, waiting};
use super::trouble::Trouble;
use super::usage::{self, Period};
use super::{Name, Signer, fresh_key, is_in_development, is_word, pick, signer, stopped};
use crate::document::ORDERS_USUAL;
use crate::kernel::time::Instant;
use crate::plugin::manifest::{GrantName, Manifest, SettingKind};
use crate::plugin::state::{Event, State as Standing};
use crate::plugin::{self, Error, PackageCard, PluginPage, REASON_CHARS_MAX, ReleaseCard};
use crate::web::{Problem, Query};

#[derive(Debug, Serialize)]
struct Page {
    name: String,
    title: String,
    summary: String,
    publisher: String,
    licence: Option<String>,
    state: &'static str,
    version: String,
    /// The number of the release that takes part, or would.
    release: Option<i64>,
    since: Moment,
    /// None when nobody vouches for the package.
    signer: Option<Signer>,
    digest: String,
    component: String,
    /// Why it may not run although it is active, in one word.
    stopped: Option<&'static str>,
    development: bool,
    may_administer: bool,
    trouble: Option<Trouble>,
    step: Step,
    hooks: Vec<Hook>,
    grants: Vec<Grant>,
    settings: Vec<Setting>,
    limits: Limits,
    releases: Vec<Release>,
    packages: Vec<Package>,
    history: Vec<Turn>,
    usage: Vec<Period>,
    acts: Option<Acts>,
    form: Option<Form>,
}

/// Where it is asked.
#[derive(Debug, Serialize)]
struct Hook {
    name: &'static str,
    contract: String,
    on_failure: &'static str,
    effects: Vec<&'static str>,
}

/// What it asks for.
#[derive(Debug, Serialize)]
struct Grant {
    name: &'static str,
    reason: String,
    hosts: Vec<String>,
    /// Whether the release that takes part has it; none when no release does.
    given: Option<bool>,
}

/// A setting of the release that takes part.
#[derive(Debug, Serialize)]
struct Setting {
    key: String,
    title: String,
    kind: &'static str,
    /// None where it is not filled in; never there for a secret.
    value: Option<String>,
    /// Whether a secret is there.
    set: bool,
}

#[derive(Debug, Serialize)]
struct Limits {
    class: Option<&'static str>,
    fuel: Option<String>,
    memory_mib: Option<u32>,
    /// None when it keeps no records.
    records: Option<String>,
    collections: Vec<Collection>,
    events: Vec<String>,
    schedule: Vec<Schedule>,
}

#[derive(Debug, Serialize)]
struct Collection {
    title: String,
    /// Whether a field says something about a person.
    personal: bool,
}

#[derive(Debug, Serialize)]
struct Schedule {
    name: String,
    every: &'static str,
}

#[derive(Debug, Serialize)]
struct Release {
    id: String,
    number: i64,
    version: String,
    grants: Vec<&'static str>,
    made_by: Doer,
    created: Moment,
    active: bool,
    /// What activating it changes; none when no release takes part, or when it is the one.
    change: Option<Change>,
    /// The idempotency key of its button.
    key: String,
}

#[derive(Debug, Serialize)]
struct Package {
    version: String,
    digest: String,
    bytes: String,
    signer: Option<Signer>,
    by: Doer,
    created: Moment,
}

#[derive(Debug, Serialize)]
struct Turn {
    event: &'static str,
    release: Option<i64>,
    who: Doer,
    /// For an installation the version.
    reason: Option<String>,
    at: Moment,
}

/// The buttons.
#[derive(Debug, Serialize)]
struct Acts {
    /// The idempotency key of each.
    key: String,
    /// What the page shows; see [`standing`].
    seen: String,
    back: Option<Other>,
    /// On how many orders a release is tried, at most.
    orders_max: String,
    reason: String,
    reason_chars_max: usize,
    /// Whether the reason was sent before and does not fit.
    reason_wrong: bool,
}

/// A form that comes back.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) trouble: Option<Trouble>,
    /// The reason of a suspension that does not fit.
    pub(super) reason: Option<String>,
    pub(super) typed: Option<Typed>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The digest of the package for which the form of a new release is.
    package: Option<String>,
}

pub(super) async fn show(
    State(console): State<Console>,
    visitor: Visitor,
    Name(name): Name,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let page = page(&console, &visitor, &name, asked.package.as_deref(), Sent::default()).await?;
    visitor.show(&console, "plugins", "plugin.html.j2", page)
}

/// The page again, after a form that did not go through.
pub(super) async fn again(
    console: &Console,
    visitor: &Visitor,
    name: &str,
    status: StatusCode,
    sent: Sent,
) -> Result<Response, Problem> {
    let package = sent.typed.as_ref().map(|typed| typed.package().to_owned());
    let page = page(console, visitor, name, package.as_deref(), sent).await?;
    let mut frame = visitor.frame("plugins");
    // What the form was sent to is no page to come back to; the plugin is.
    frame.here = format!("/plugins/{name}");
    visitor.ask.show(console, status, "plugin.html.j2", &frame, page)
}

/// The page again, with the reason why something was not done.
pub(super) async fn not_done(console: &Console, visitor: &Visitor, name: &str, error: Error) -> Result<Response, Problem> {
    let trouble = Trouble::of(error, visitor.ask.words())?;
    let status = trouble.status;
    again(console, visitor, name, status, Sent { trouble: Some(trouble), ..Sent::default() }).await
}

async fn page(console: &Console, visitor: &Visitor, name: &str, package: Option<&str>, sent: Sent) -> Result<Page, Problem> {
    let (ctx, actor, language) = (&console.ctx, visitor.actor(), visitor.ask.language);
    let full = plugin::page(ctx, actor, name).await?;
    let people = People::of(console, visitor).await?;
    let form = if visitor.may_administer() {
        let newest = full.packages.first().map(|package| package.digest.as_str());
        let digest = package.filter(|digest| is_word(digest)).or(newest).ok_or(Error::Unknown("package"))?;
        let manifest = plugin::manifest_of(ctx, actor, name, digest).await?;
        Some(Form::of(console, &full, (digest, &manifest), sent.typed.as_ref(), language))
    } else {
        None
    };
    let beside = match waiting(&full) {
        Some(release) => beside(console, visitor, name, release.id).await?,
        None => Vec::new(),
    };
    let active = full.card.active.as_ref();
    let shown = |package: &&PackageCard| active.is_none_or(|release| release.package == package.digest);
    let package = full.packages.iter().find(shown);
    let now = ctx.now();
    Ok(Page {
        title: pick(&full.card.title, language),
        summary: pick(&full.manifest.summary, language),
        publisher: full.manifest.publisher.clone(),
        licence: full.manifest.licence.clone(),
        state: full.card.state.as_str(),
        version: full.card.version.clone(),
        release: active.map(|release| release.number),
        since: full.card.changed_at.into(),
        signer: package.and_then(|package| signer(package, now)),
        digest: package.map(|package| package.digest.clone()).unwrap_or_default(),
        component: package.map(|package| package.component_sha256.clone()).unwrap_or_default(),
        stopped: if full.card.state == Standing::Active { stopped(console, visitor).await.remove(name) } else { None },
        development: is_in_development(console, visitor).await?,
        may_administer: visitor.may_administer(),
        trouble: sent.trouble,
        step: Step::of(&full, beside, language),
        hooks: hooks(&full.manifest),
        grants: full.manifest.grants.iter().map(|grant| self::grant(grant, active, language)).collect(),
        settings: active.map(|release| settings(&full.manifest, release, language)).unwrap_or_default(),
        limits: limits(&full.manifest, language),
        releases: full.releases.iter().map(|one| release(console, one, &full, &people, language)).collect(),
        packages: full.packages.iter().map(|one| self::package(one, &people, now)).collect(),
        history: history(&full, &people),
        usage: usage::periods(plugin::usage(ctx, actor, name).await?),
        acts: visitor.may_administer().then(|| Acts {
            key: fresh_key(console),
            seen: standing(&full),
            back: before(&full).map(|release| Other::of(&full, release, language)),
            orders_max: grouped(&ORDERS_USUAL.to_string()),
            reason_chars_max: REASON_CHARS_MAX,
            reason_wrong: sent.reason.is_some(),
            reason: sent.reason.unwrap_or_default(),
        }),
        form,
        name: full.card.name,
    })
}

fn hooks(manifest: &Manifest) -> Vec<Hook> {
    let hook = |hook: &plugin::manifest::Hook| Hook {
        name: hook.name.as_str(),
        contract: hook.contract.to_string(),
        on_failure: hook.on_failure.as_str(),
        effects: hook.effects.iter().map(|effect| effect.as_str()).collect(),
    };
    manifest.hooks.iter().map(hook).collect()
}

fn grant(grant: &plugin::manifest::Grant, active: Option<&ReleaseCard>, language: Language) -> Grant {
    Grant {
        name: grant.name.as_str(),
        reason: pick(&grant.reason, language),
        hosts: grant.hosts.clone(),
        given: active.map(|release| release.grants.contains(&grant.name)),
    }
}

fn settings(manifest: &Manifest, release: &ReleaseCard, language: Language) -> Vec<Setting> {
    let setting = |setting: &plugin::manifest::Setting| Setting {
        key: setting.key.clone(),
        title: pick(&setting.title, language),
        kind: setting.kind.as_str(),
        value: release.settings.get(&setting.key).filter(|_| setting.kind != SettingKind::Secret).cloned(),
        set: release.secrets.contains(&setting.key),
    };
    manifest.config.iter().map(setting).collect()
}

fn limits(manifest: &Manifest, language: Language) -> Limits {
    let limits = &manifest.limits;
    let collection = |one: &plugin::manifest::Collection| Collection {
        title: pick(&one.title, language),
        personal: one.fields.iter().any(|field| field.personal),
    };
    Limits {
        class: manifest.class.map(plugin::manifest::Class::as_str),
        fuel: limits.fuel.map(|fuel| grouped(&fuel.to_string())),
        memory_mib: limits.memory_mib,
        records: (!manifest.collections.is_empty()).then(|| grouped(&limits.records_max.to_string())),
        collections: manifest.collections.iter().map(collection).collect(),
        events: manifest.events.clone(),
        schedule: manifest.schedule.iter().map(|one| Schedule { name: one.name.clone(), every: one.every.as_str() }).collect(),
    }
}

fn release(console: &Console, one: &ReleaseCard, full: &PluginPage, people: &People, language: Language) -> Release {
    let active = full.card.active.as_ref();
    let other = active.filter(|active| active.id != one.id);
    Release {
        id: one.id.to_string(),
        number: one.number,
        version: version_of(one, &full.packages),
        grants: one.grants.iter().copied().map(GrantName::as_str).collect(),
        made_by: people.doer(&one.made_by),
        created: one.created_at.into(),
        active: active.is_some_and(|active| active.id == one.id),
        change: other.map(|active| Change::between(active, one, &full.packages, &full.manifest, language)),
        key: fresh_key(console),
    }
}

fn package(one: &PackageCard, people: &People, now: Instant) -> Package {
    Package {
        version: one.version.clone(),
        digest: one.digest.clone(),
        bytes: grouped(&one.bytes.to_string()),
        signer: signer(one, now),
        by: people.doer(&one.imported_by),
        created: one.created_at.into(),
    }
}

fn history(full: &PluginPage, people: &People) -> Vec<Turn> {
    let number = |id| full.releases.iter().find(|release| release.id == id).map(|release| release.number);
    let turn = |turn: &plugin::TurnCard| Turn {
        event: turn.event.as_str(),
        release: turn.release.filter(|_| turn.event != Event::Install).and_then(number),
        who: people.doer(&turn.who),
        reason: turn.reason.clone(),
        at: turn.at.into(),
    };
    full.history.iter().map(turn).collect()
}
