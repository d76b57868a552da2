//! `/v1/plugins`, `/v1/plugin-offers`, `/v1/plugin-packages`, `/v1/plugin-keys`.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRef, Path, State};
use serde::Deserialize;

use super::catalogue::{Catalogue, Shown};
use super::manifest::GrantName;
use super::trust::KeyCard;
use super::view::{PackageCard, PluginCard, PluginPage, ReleaseCard};
use super::{Error, New, Shelf};
use crate::access::Role;
use crate::command::{Answer, Request};
use crate::hook_run::Usage;
use crate::kernel::Ctx;
use crate::kernel::id::ReleaseId;
use crate::web::{Caller, IdempotencyKey, Input, Kind, Page, Problem, Route, TAR, TarBytes};

/// Which package to bring in.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PluginInstallation")]
struct Wanted {
    /// The digest of a package on offer.
    digest: String,
}

/// What a release is made of.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PluginReleaseInput")]
struct Made {
    /// The digest of one of the plugin's packages; without one, the package that came last.
    #[serde(default)]
    package: Option<String>,
    /// Settings as texts. A secret that is left out keeps the value of the release before.
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// What is granted of what the manifest asks for.
    #[serde(default)]
    grants: BTreeSet<GrantName>,
    /// Whether its sandboxes wait for the next call of this release instead of being made anew each time; for plugins of the class
    /// `interpreted` only.
    #[serde(default)]
    warm: bool,
}

/// Which release is to take part.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PluginActivation")]
struct Chosen {
    /// One of the plugin's releases.
    release: ReleaseId,
}

/// Why a plugin is stopped.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PluginSuspension")]
struct Stopped {
    /// For whoever finds it in the history, at most 500 characters. It may name people.
    #[serde(default)]
    #[schemars(length(max = 500))]
    reason: Option<String>,
}

/// A key to trust.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PluginKeyInput")]
struct NewKey {
    /// Whose it is, 1 to 80 characters.
    #[schemars(length(min = 1, max = 80))]
    name: String,
    /// The key, as `roro plugin keygen` prints it: `roro-public-key-1:…`.
    public_key: String,
}

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
    Shelf: FromRef<S>,
    Catalogue: FromRef<S>,
{
    let turn = |route: Route<S>| {
        route.keyed().answers::<PluginCard>(200, "The plugin as it stands now.").fails(&[Kind::Conflict, Kind::Untrusted])
    };
    vec![
        Route::get("/v1/plugin-offers", offers)
            .does("List the plugin packages that this installation offers")
            .answers::<Shown>(200, "The packages, by name, the newest version first; and the registries that could not be read."),
        Route::get("/v1/plugins", list)
            .does("List the plugins of the firm")
            .answers::<Page<PluginCard>>(200, "The plugins, by name."),
        Route::post("/v1/plugins", install)
            .does("Bring in a package on offer; nothing takes part before a release is activated")
            .takes::<Wanted>()
            .keyed()
            .answers::<PackageCard>(201, "The package.")
            .answers::<PackageCard>(200, "The very same package was there already.")
            .fails(&[Kind::NotFound, Kind::Conflict, Kind::Untrusted, Kind::RegistryUnavailable]),
        Route::post("/v1/plugin-packages", upload)
            .does("Upload a package: a tar archive of an OCI layout, as `roro plugin pack` and `sign` write it")
            .takes_file(TAR)
            .keyed()
            .answers::<PackageCard>(201, "The package.")
            .answers::<PackageCard>(200, "The very same package was there already.")
            .fails(&[Kind::Conflict, Kind::Untrusted]),
        Route::get("/v1/plugins/{id}", show)
            .does("Read a plugin by its name: what it asks for, its packages, releases and history")
            .answers::<PluginPage>(200, "The plugin."),
        Route::get("/v1/plugins/{id}/usage", usage)
            .does(
                "Read what a plugin used in the last 24 hours and the last 30 days, by hook: calls, failures, fuel, memory, time",
            )
            .answers::<Usage>(200, "The figures."),
        Route::post("/v1/plugins/{id}/releases", release)
            .does("Make a release: a package with settings and grants, which never changes")
            .takes::<Made>()
            .keyed()
            .answers::<ReleaseCard>(201, "The release; activate it."),
        turn(
            Route::post("/v1/plugins/{id}/activate", activate)
                .does("Let a release take part from the next call on")
                .takes::<Chosen>(),
        ),
        turn(Route::post("/v1/plugins/{id}/roll-back", roll_back).does("Let the release take part again that was active before")),
        turn(Route::post("/v1/plugins/{id}/suspend", suspend).does("Stop a plugin until it is resumed").takes::<Stopped>()),
        turn(Route::post("/v1/plugins/{id}/resume", resume).does("Let a suspended plugin go on")),
        turn(Route::post("/v1/plugins/{id}/uninstall", uninstall).does("Take a plugin away; its history stays in the log")),
        Route::get("/v1/plugin-keys", keys)
            .does("List the keys whose signatures the firm trusts, beside the operator's")
            .answers::<Page<KeyCard>>(200, "The keys, by age."),
        Route::post("/v1/plugin-keys", trust)
            .does("Trust a key: packages that it signs can be installed")
            .takes::<NewKey>()
            .keyed()
            .answers::<KeyCard>(201, "The key counts.")
            .answers::<KeyCard>(200, "The key counted already."),
        Route::post("/v1/plugin-keys/{id}/revoke", revoke)
            .does("End a key: what only it has signed takes part no more from the next call on")
            .keyed()
            .answers::<KeyCard>(200, "The key, revoked."),
    ]
}

/// What stands in the address.
type Name = Result<Path<String>, PathRejection>;

/// The name of a plugin or the id of a key; empty, and so of nothing, when it cannot be one: the database need not see it.
fn named(name: Name) -> String {
    let fits = |name: &String| name.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.map(|Path(name)| name).ok().filter(fits).unwrap_or_default()
}

async fn offers(Caller(_): Caller, State(catalogue): State<Catalogue>) -> Result<Json<Shown>, Problem> {
    Ok(Json(catalogue.offers().await?))
}

async fn list(State(ctx): State<Ctx>, Caller(actor): Caller) -> Result<Json<Page<PluginCard>>, Problem> {
    Ok(Json(Page { items: super::list(&ctx, &actor).await?, next: None }))
}

async fn install(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    State(catalogue): State<Catalogue>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<Wanted>,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/plugins", key, &[&input.bytes]);
    actor.must_be(Role::Admin)?;
    let archive = catalogue.archive(&input.value.digest).await?;
    Ok(Box::pin(super::install(&ctx, &actor, &shelf, request, archive)).await?)
}

async fn upload(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    TarBytes(archive): TarBytes,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/plugin-packages", key, &[&archive]);
    Ok(Box::pin(super::install(&ctx, &actor, &shelf, request, archive)).await?)
}

async fn show(State(ctx): State<Ctx>, Caller(actor): Caller, name: Name) -> Result<Json<PluginPage>, Problem> {
    Ok(Json(super::page(&ctx, &actor, &named(name)).await?))
}

async fn usage(State(ctx): State<Ctx>, Caller(actor): Caller, name: Name) -> Result<Json<Usage>, Problem> {
    Ok(Json(super::usage(&ctx, &actor, &named(name)).await?))
}

async fn release(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    name: Name,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<Made>,
) -> Result<Answer, Problem> {
    let name = named(name);
    // Its hash is stored, and settings may be secrets.
    let request = Request::new("POST /v1/plugins/{id}/releases", key, &[name.as_bytes(), &ctx.vault.mark(&input.bytes)]);
    let Made { package, settings, grants, warm } = input.value;
    if package.as_ref().is_some_and(|digest| !digest.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(Error::Unknown("package").into());
    }
    Ok(super::release(&ctx, &actor, request, &name, New { package, settings, grants, warm }).await?)
}

async fn activate(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    name: Name,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<Chosen>,
) -> Result<Answer, Problem> {
    let name = named(name);
    let request = Request::new("POST /v1/plugins/{id}/activate", key, &[name.as_bytes(), &input.bytes]);
    Ok(super::activate(&ctx, &actor, &shelf, request, &name, input.value.release).await?)
}

async fn roll_back(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    name: Name,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let name = named(name);
    let request = Request::new("POST /v1/plugins/{id}/roll-back", key, &[name.as_bytes()]);
    Ok(super::roll_back(&ctx, &actor, &shelf, request, &name).await?)
}

async fn suspend(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    name: Name,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<Stopped>,
) -> Result<Answer, Problem> {
    let name = named(name);
    let request = Request::new("POST /v1/plugins/{id}/suspend", key, &[name.as_bytes(), &input.bytes]);
    Ok(super::suspend(&ctx, &actor, &shelf, request, &name, input.value.reason).await?)
}

async fn resume(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    name: Name,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let name = named(name);
    let request = Request::new("POST /v1/plugins/{id}/resume", key, &[name.as_bytes()]);
    Ok(super::resume(&ctx, &actor, &shelf, request, &name).await?)
}

async fn uninstall(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    name: Name,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let name = named(name);
    let request = Request::new("POST /v1/plugins/{id}/uninstall", key, &[name.as_bytes()]);
    Ok(super::uninstall(&ctx, &actor, &shelf, request, &name).await?)
}

async fn keys(State(ctx): State<Ctx>, Caller(actor): Caller) -> Result<Json<Page<KeyCard>>, Problem> {
    Ok(Json(Page { items: super::keys(&ctx, &actor).await?, next: None }))
}

async fn trust(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<NewKey>,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/plugin-keys", key, &[&input.bytes]);
    let NewKey { name, public_key } = input.value;
    let public_key =
        public_key.parse().map_err(|error: super::signature::KeyError| invalid("/public_key", &error.to_string()))?;
    Ok(super::trust(&ctx, &actor, request, public_key, &name).await?)
}

async fn revoke(
    State(ctx): State<Ctx>,
    Caller(actor): Caller,
    name: Name,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Answer, Problem> {
    let id = named(name);
    let request = Request::new("POST /v1/plugin-keys/{id}/revoke", key, &[id.as_bytes()]);
    Ok(super::revoke(&ctx, &actor, request, &id).await?)
}

fn invalid(pointer: &str, text: &str) -> Problem {
    let errors = serde_json::json!([{ "pointer": pointer, "message": "it does not fit", "fix": text }]);
    Problem::new(Kind::Invalid, text).with_errors(errors)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Unknown(_) => Self::new(Kind::NotFound, text),
            Error::Refused(refused) => {
                let errors = serde_json::json!([{ "code": refused.code(), "message": text }]);
                Self::new(Kind::Untrusted, text).with_errors(errors)
            }
            Error::Registry(error) => {
                // What the registry says of itself is for its operator; it holds no secret.
                tracing::warn!(code = error.code(), error = &error as &dyn std::error::Error, "a registry failed");
                let errors = serde_json::json!([{ "code": error.code(), "message": text }]);
                Self::new(Kind::RegistryUnavailable, text).with_errors(errors)
            }
            Error::Unfit(problems) => Self::new(Kind::Invalid, "The package does not fit.")
                .with_errors(problems.into_iter().map(|message| serde_json::json!({ "message": message })).collect()),
            Error::Package(_) | Error::Component(_) => Self::new(Kind::Invalid, text),
            Error::Input(wrong) => Self::new(Kind::Invalid, text).with_errors(serde_json::to_value(wrong).unwrap_or_default()),
            Error::KeyName => invalid("/name", &text),
            Error::Reason => invalid("/reason", &text),
            Error::State(_) | Error::NothingBefore | Error::TooMany | Error::TooManyKeys | Error::Records(_) => {
                Self::new(Kind::Conflict, text)
            }
            Error::Moved => Self::new(Kind::Moved, text),
            Error::Tenant(error) => error.into(),
            Error::Access(error) => error.into(),
            Error::Command(error) => error.into(),
            Error::Db(error) => error.into(),
            Error::Objects(error) => error.into(),
            error @ (Error::Damaged | Error::Vault(_) | Error::Json(_)) => Self::internal(&error),
        }
    }
}
