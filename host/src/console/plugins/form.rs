//! The form of a new release: made of the manifest's settings and of the grants that it asks for.
//!
//! Field `setting.KEY` is a setting, `grant.NAME` a grant. What was typed comes back with what is wrong beside its field; a secret never does.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::super::Console;
use super::super::notice::Notice;
use super::super::text::Language;
use super::super::visitor::{Form as Posted, Visitor};
use super::one::{self, Sent};
use super::trouble::Trouble;
use super::{Name, fresh_key, is_word, pick};
use crate::access::Role;
use crate::command::{Key, Request};
use crate::plugin::manifest::{Class, GrantName, Manifest, Setting, SettingKind, Wrong};
use crate::plugin::{self, Error, New, PluginPage, ReleaseCard};
use crate::web::Problem;

/// A text that may be longer gets a field of several lines.
const LINE_CHARS_MAX: u32 = 200;

/// The form.
#[derive(Debug, Serialize)]
pub(super) struct Form {
    /// The idempotency key of its button.
    key: String,
    /// The number that the release will have if nobody is faster.
    number: i64,
    package: String,
    version: String,
    /// The packages to choose from.
    versions: Vec<Version>,
    /// The number of the release whose settings stand in it.
    from: Option<i64>,
    fields: Vec<Field>,
    grants: Vec<Asked>,
    /// Whether its sandboxes wait for the next call; none where there is nothing to choose.
    warm: Option<bool>,
    /// How many fields do not fit.
    wrong: usize,
}

#[derive(Debug, Serialize)]
struct Version {
    digest: String,
    version: String,
    chosen: bool,
}

/// A setting as a field.
#[derive(Debug, Serialize)]
struct Field {
    key: String,
    /// The kind, or `lines` for a text that may be long.
    kind: &'static str,
    title: String,
    help: Option<String>,
    required: bool,
    value: String,
    choices: Vec<String>,
    /// Whether it may be left open: then a list has an entry for that.
    open: bool,
    length_max: Option<u32>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    /// Whether a secret is there, which an empty field keeps.
    kept: bool,
    /// Whether a secret was typed and is to be typed again.
    again: bool,
    /// `missing` or `unfit`.
    wrong: Option<&'static str>,
    /// Whether it is the first one that does not fit: the page opens there.
    first: bool,
}

/// A grant as a box to tick.
#[derive(Debug, Serialize)]
struct Asked {
    name: &'static str,
    reason: String,
    hosts: Vec<String>,
    given: bool,
    /// Whether the package that takes part does not ask for it.
    new: bool,
}

/// A form as it was sent, with what does not fit.
#[derive(Debug, Default)]
pub(super) struct Typed {
    package: String,
    settings: BTreeMap<String, String>,
    grants: BTreeSet<GrantName>,
    warm: bool,
    wrong: Vec<Wrong>,
}

impl Typed {
    pub(super) fn package(&self) -> &str {
        &self.package
    }
}

/// The release that the next one begins with, as the verb has it too: the active one, else the newest.
pub(super) fn base(page: &PluginPage) -> Option<&ReleaseCard> {
    page.card.active.as_ref().or_else(|| page.releases.first())
}

impl Form {
    /// The form for a package of the plugin. Without anything typed it shows the settings and grants of the release that takes part; the first
    /// release grants nothing that nobody has ticked.
    pub(super) fn of(
        console: &Console,
        page: &PluginPage,
        chosen: (&str, &Manifest),
        typed: Option<&Typed>,
        language: Language,
    ) -> Self {
        let ((digest, manifest), base) = (chosen, base(page));
        let mut fields: Vec<Field> = manifest.config.iter().map(|setting| Field::of(setting, base, typed, language)).collect();
        if let Some(first) = fields.iter_mut().find(|field| field.wrong.is_some()) {
            first.first = true;
        }
        let granted = typed.map(|typed| &typed.grants).or_else(|| base.map(|base| &base.grants));
        let grants = manifest.grants.iter().map(|grant| Asked {
            name: grant.name.as_str(),
            reason: pick(&grant.reason, language),
            hosts: grant.hosts.clone(),
            given: granted.is_some_and(|granted| granted.contains(&grant.name)),
            new: base.is_some() && !page.manifest.grants.iter().any(|asked| asked.name == grant.name),
        });
        let version = |package: &plugin::PackageCard| Version {
            digest: package.digest.clone(),
            version: package.version.clone(),
            chosen: package.digest == digest,
        };
        Self {
            key: fresh_key(console),
            number: page.releases.first().map_or(1, |newest| newest.number + 1),
            package: digest.to_owned(),
            version: manifest.version.to_string(),
            versions: page.packages.iter().map(version).collect(),
            from: base.map(|base| base.number),
            wrong: fields.iter().filter(|field| field.wrong.is_some()).count(),
            fields,
            grants: grants.collect(),
            warm: (manifest.class == Some(Class::Interpreted))
                .then(|| typed.map_or_else(|| base.is_some_and(|base| base.warm), |typed| typed.warm)),
        }
    }
}

impl Field {
    fn of(setting: &Setting, base: Option<&ReleaseCard>, typed: Option<&Typed>, language: Language) -> Self {
        let is_secret = setting.kind == SettingKind::Secret;
        let kept = is_secret && base.is_some_and(|base| base.secrets.contains(&setting.key));
        let sent = typed.and_then(|typed| typed.settings.get(&setting.key));
        let is_blank = sent.is_none_or(|text| text.trim().is_empty());
        let pointer = format!("/settings/{}", setting.key);
        let is_wrong = typed.is_some_and(|typed| typed.wrong.iter().any(|wrong| wrong.pointer == pointer));
        // A choice that the package no longer has is not held: the form would show its first one instead.
        let is_choice = |value: &&String| setting.choices.is_empty() || setting.choices.contains(value);
        let held = base.and_then(|base| base.settings.get(&setting.key)).filter(is_choice).or(setting.default.as_ref());
        let value = if is_secret { None } else { sent.or(held.filter(|_| typed.is_none())) };
        let is_long = setting.kind == SettingKind::Text && setting.length_max.is_some_and(|length| length > LINE_CHARS_MAX);
        Self {
            key: setting.key.clone(),
            kind: if is_long { "lines" } else { setting.kind.as_str() },
            title: pick(&setting.title, language),
            help: setting.help.as_ref().map(|help| pick(help, language)),
            required: setting.required && setting.default.is_none() && !kept,
            value: value.cloned().unwrap_or_default(),
            choices: setting.choices.clone(),
            open: setting.default.is_none(),
            length_max: setting.length_max,
            minimum: setting.minimum,
            maximum: setting.maximum,
            kept,
            again: is_secret && !is_blank,
            wrong: is_wrong.then_some(if is_blank { "missing" } else { "unfit" }),
            first: false,
        }
    }
}

/// Makes a release of what was filled in. It takes part when it is activated.
pub(super) async fn make(
    State(console): State<Console>,
    visitor: Visitor,
    Name(name): Name,
    Posted(fields): Posted<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    visitor.must_carry(field("csrf"))?;
    let (ctx, actor) = (&console.ctx, visitor.actor());
    actor.must_be(Role::Admin)?;
    let key: Key = field("key").parse()?;
    let digest = Some(field("package")).filter(|digest| is_word(digest)).ok_or(Error::Unknown("package"))?;
    let manifest = plugin::manifest_of(ctx, actor, &name, digest).await?;
    let mut typed = read(&fields, digest, &manifest);
    let (package, warm) = (Some(digest.to_owned()), typed.warm);
    let new = New { package, settings: typed.settings.clone(), grants: typed.grants.clone(), warm };
    let body = serde_json::to_vec(&(digest, &new.settings, &new.grants, new.warm)).map_err(|error| Problem::internal(&error))?;
    let request = Request::new("POST /plugins/{name}/releases", Some(key), &[name.as_bytes(), &ctx.vault.mark(&body)]);
    match plugin::release(ctx, actor, request, &name, new).await {
        Ok(answer) => {
            let made: Made = serde_json::from_str(&answer.body).map_err(|error| Problem::internal(&error))?;
            Ok(visitor.lead_to(&format!("/plugins/{name}"), Notice::Released(u64::try_from(made.number).unwrap_or_default())))
        }
        Err(Error::Input(wrong)) => {
            typed.wrong = wrong;
            let sent = Sent { typed: Some(typed), ..Sent::default() };
            one::again(&console, &visitor, &name, StatusCode::UNPROCESSABLE_ENTITY, sent).await
        }
        Err(error) => {
            let trouble = Trouble::of(error, visitor.ask.words())?;
            let (status, typed) = (trouble.status, Some(typed));
            one::again(&console, &visitor, &name, status, Sent { trouble: Some(trouble), typed, ..Sent::default() }).await
        }
    }
}

/// What a page needs to know of a release that was made.
#[derive(Debug, Deserialize)]
struct Made {
    number: i64,
}

/// The settings and grants among the fields of a form. Fields that the manifest does not know are no part of it.
fn read(fields: &BTreeMap<String, String>, digest: &str, manifest: &Manifest) -> Typed {
    let sent = |key: &String| Some((key.clone(), fields.get(&format!("setting.{key}"))?.clone()));
    let given = |name: &GrantName| fields.contains_key(&format!("grant.{name}"));
    Typed {
        package: digest.to_owned(),
        settings: manifest.config.iter().filter_map(|setting| sent(&setting.key)).collect(),
        grants: manifest.grants.iter().map(|grant| grant.name).filter(given).collect(),
        warm: fields.contains_key("warm") && manifest.class == Some(Class::Interpreted),
        wrong: Vec::new(),
    }
}
