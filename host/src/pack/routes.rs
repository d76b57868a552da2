//! `/v1/packs`, `/v1/pack-offers`.

use axum::Json;
use axum::extract::{FromRef, Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::install::{Card, InstallError, Offer, install, installed};
use super::{Pack, Shelf};
use crate::command::{Answer, Request};
use crate::kernel::Ctx;
use crate::web::{Caller, IdempotencyKey, Input, Kind, Page, Problem, Route};

/// A pack with everything that is in it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "InstalledPackInFull")]
struct InFull {
    #[serde(flatten)]
    card: Card,
    /// What the compiler found in it.
    contents: Contents,
}

/// What is in a pack, as its folder says it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PackContents")]
struct Contents {
    /// Each version of each rule: what must hold, when, where it comes from and when that was checked.
    rules: Value,
    /// The documents with their boxes.
    documents: Value,
    /// The milestones that the goods pass.
    milestones: Value,
    /// Who answers for it; none when nobody has reviewed it.
    reviewer: Option<String>,
}

/// Which pack to install.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PackInstallation")]
struct Wanted {
    /// The name of an offered pack, for example `ke`.
    name: String,
}

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
    Shelf: FromRef<S>,
{
    vec![
        Route::get("/v1/pack-offers", offers)
            .does("List the packs that this installation offers")
            .answers::<Page<Offer>>(200, "The packs, by name."),
        Route::get("/v1/packs", list)
            .does("List the packs that take part in this firm's checks and documents")
            .answers::<Page<Card>>(200, "The packs, by name."),
        Route::post("/v1/packs", add)
            .does("Install an offered pack; the one of the same name before it is retired")
            .takes::<Wanted>()
            .keyed()
            .answers::<Card>(201, "It takes part from now on.")
            .answers::<Card>(200, "The very same pack took part already.")
            .fails(&[Kind::NotFound, Kind::Conflict]),
        Route::get("/v1/packs/{id}", show)
            .does("Read an installed pack by its name, with its rules and documents")
            .answers::<InFull>(200, "The pack."),
    ]
}

async fn offers(Caller(_): Caller, State(shelf): State<Shelf>) -> Json<Page<Offer>> {
    Json(Page { items: shelf.offered().iter().map(|pack| Offer::of(pack)).collect(), next: None })
}

async fn list(State(ctx): State<Ctx>, State(shelf): State<Shelf>, Caller(actor): Caller) -> Result<Json<Page<Card>>, Problem> {
    let items = installed(&ctx, &actor, &shelf).await?.iter().map(super::Installed::card).collect();
    Ok(Json(Page { items, next: None }))
}

async fn add(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    IdempotencyKey(key): IdempotencyKey,
    input: Input<Wanted>,
) -> Result<Answer, Problem> {
    let request = Request::new("POST /v1/packs", key, &[&input.bytes]);
    let name = input.value.name;
    let known = || shelf.offered().iter().map(|pack| pack.id().to_owned()).collect();
    let pack = shelf.offer(&name).ok_or_else(|| InstallError::Unknown { name, known: known() })?;
    Ok(install(&ctx, &actor, &shelf, request, pack).await?)
}

async fn show(
    State(ctx): State<Ctx>,
    State(shelf): State<Shelf>,
    Caller(actor): Caller,
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Json<InFull>, Problem> {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let all = installed(&ctx, &actor, &shelf).await?;
    let known = || all.iter().map(|one| one.pack.id().to_owned()).collect();
    let found = all.iter().find(|one| one.pack.id() == name).ok_or_else(|| InstallError::Unknown { name, known: known() })?;
    Ok(Json(InFull { card: found.card(), contents: contents(&found.pack)? }))
}

fn contents(pack: &Pack) -> Result<Contents, Problem> {
    let read = |value: Result<Value, serde_json::Error>| value.map_err(|error| Problem::internal(&error));
    let all = pack.contents();
    Ok(Contents {
        rules: read(serde_json::to_value(&all.rules))?,
        documents: read(serde_json::to_value(&all.documents))?,
        milestones: read(serde_json::to_value(&all.milestones))?,
        reviewer: all.manifest.reviewer.clone(),
    })
}

impl From<InstallError> for Problem {
    fn from(error: InstallError) -> Self {
        let text = error.to_string();
        match error {
            InstallError::Unknown { .. } => Self::new(Kind::NotFound, text),
            InstallError::Collides(_) => Self::new(Kind::Conflict, text),
            InstallError::Moved => Self::new(Kind::Moved, text),
            InstallError::Access(error) => error.into(),
            InstallError::Command(error) => error.into(),
            InstallError::Db(error) => error.into(),
            InstallError::Objects(error) => error.into(),
            error @ (InstallError::Damaged { .. } | InstallError::Json(_)) => Self::internal(&error),
        }
    }
}
