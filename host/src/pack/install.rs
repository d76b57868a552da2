//! Which packs take part for a tenant: installing one, and reading those that are active.
//!
//! What is installed is a copy of the pack's files among the tenant's objects: the folder that it came from may change or go, the tenant's
//! packs stay as they were until the next installation.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::table::{self, Model as Row, State};
use super::{Pack, Shelf, shelf};
use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::id::PackId;
use crate::kernel::time::Instant;
use crate::kernel::{db, objects};
use crate::outbox::{self, Event};

/// What can go wrong with a tenant's packs.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Nothing of this name is offered or installed.
    #[error("there is no pack `{name}`; there are: {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// It does not go together with what is active.
    #[error("{0}; rename it in one of them")]
    Collides(String),
    /// Somebody installed another pack meanwhile.
    #[error("the firm's packs have changed meanwhile; look at them and install again")]
    Moved,
    /// What is stored is no pack any more.
    #[error("the installed pack `{name}` cannot be read; restore data.folder from the backup, or install the pack again")]
    Damaged {
        /// Which.
        name: String,
        /// Why.
        #[source]
        source: super::Error,
    },
    /// Who asks may not.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The command.
    #[error(transparent)]
    Command(#[from] command::Error),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The object store failed.
    #[error(transparent)]
    Objects(#[from] objects::Error),
    /// A fault of this program.
    #[error("an answer could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// A pack in the list of those that a tenant can install.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PackOffer")]
pub struct Offer {
    /// The pack's name, for example `ke`.
    pub name: String,
    /// Year, month and number.
    pub version: String,
    /// SHA-256 of its files.
    pub sha256: String,
    /// By language.
    pub title: BTreeMap<String, String>,
    /// ISO 3166-1 alpha-2; `*` for every country.
    pub jurisdiction: String,
    /// `export`, `import` or `any`.
    pub direction: String,
    /// How many rules it has, each version counted.
    pub rules: usize,
    /// How many documents it declares.
    pub documents: usize,
}

impl Offer {
    /// What a list shows of a pack.
    #[must_use]
    pub fn of(pack: &Pack) -> Self {
        let contents = pack.contents();
        Self {
            name: pack.id().to_owned(),
            version: pack.version().to_owned(),
            sha256: pack.digest().to_owned(),
            title: contents.manifest.title.clone(),
            jurisdiction: contents.manifest.jurisdiction.clone(),
            direction: super::word(contents.manifest.direction),
            rules: contents.rules.len(),
            documents: contents.documents.len(),
        }
    }
}

/// An installed pack.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "InstalledPack")]
pub struct Card {
    /// Its id.
    pub id: PackId,
    /// What it is.
    #[serde(flatten)]
    pub offer: Offer,
    /// Since when it takes part.
    pub installed_at: Instant,
}

/// An installed pack with what is in it.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Its id.
    pub id: PackId,
    /// The pack.
    pub pack: Arc<Pack>,
    /// Since when it takes part.
    pub installed_at: Instant,
}

impl Installed {
    /// What a list shows of it.
    #[must_use]
    pub fn card(&self) -> Card {
        Card { id: self.id, offer: Offer::of(&self.pack), installed_at: self.installed_at }
    }
}

/// Installs a pack and makes it the active one of its name; documents that were made with the one before stay as they are. Administrators
/// may. Answers 201, or 200 when the very same pack is active already.
///
/// # Errors
/// All of [`InstallError`] but [`InstallError::Unknown`].
pub async fn install(ctx: &Ctx, actor: &Actor, shelf: &Shelf, request: Request, pack: Arc<Pack>) -> Result<Answer, InstallError> {
    actor.must_be(Role::Admin)?;
    let before = installed(ctx, actor, shelf).await?;
    let others = before.iter().filter(|one| one.pack.id() != pack.id()).map(|one| Arc::clone(&one.pack));
    let together: Vec<Arc<Pack>> = others.chain([Arc::clone(&pack)]).collect();
    super::go_together(&together).map_err(|error| InstallError::Collides(error.to_string()))?;
    let archive = ctx.objects.put(actor.tenant().id(), pack.archive().clone()).await?;
    let (ids, mint, now, who) = (ctx.clone(), ctx.mint.clone(), ctx.now(), crate::command::Doer::who(actor));
    let known: Arc<[PackId]> = before.iter().map(|one| one.id).collect();
    let manifest = serde_json::to_string(&pack.contents().manifest)?;
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let (ids, mint, pack, known) = (ids.clone(), mint.clone(), Arc::clone(&pack), Arc::clone(&known));
        let (archive, manifest, who) = (archive.clone(), manifest.clone(), who.clone());
        async move {
            let standing = table::active(&tx).await?;
            if !standing.iter().map(|row| row.id).eq(known.iter().copied()) {
                return Err(InstallError::Moved);
            }
            let older = standing.into_iter().find(|row| row.name == pack.id());
            if let Some(same) = older.as_ref().filter(|row| row.digest == pack.digest()) {
                let card = Card { id: same.id, offer: Offer::of(&pack), installed_at: same.created_at };
                return done(200, &card, older.as_ref());
            }
            let row = Row {
                tenant: tx.tenant_id(),
                id: ids.id(),
                name: pack.id().to_owned(),
                version: pack.version().to_owned(),
                digest: pack.digest().to_owned(),
                archive,
                manifest,
                state: State::Active,
                installed_by: who,
                created_at: now,
                retired_at: None,
            };
            let card = Card { id: row.id, offer: Offer::of(&pack), installed_at: now };
            let payload = serde_json::json!({ "pack": row.id, "name": row.name, "version": row.version, "digest": row.digest });
            table::activate(&tx, row).await?;
            outbox::write(&tx, &mint, now, Event { line: card.id.to_string(), kind: "pack.installed", payload }).await?;
            done(201, &card, older.as_ref())
        }
    }))
    .await
}

fn done(status: u16, card: &Card, older: Option<&Row>) -> Result<Done, InstallError> {
    let facts = |version: &str, digest: &str| serde_json::json!({ "version": version, "digest": digest });
    Ok(Done {
        answer: Answer::json(status, card)?,
        verb: "pack.install",
        subject: Some(card.id.to_string()),
        before: older.map(|row| facts(&row.version, &row.digest)),
        after: Some(facts(&card.offer.version, &card.offer.sha256)),
    })
}

/// The packs that take part for a tenant, by name.
///
/// # Errors
/// [`InstallError::Db`], [`InstallError::Objects`], [`InstallError::Damaged`].
pub async fn installed(ctx: &Ctx, actor: &Actor, shelf: &Shelf) -> Result<Vec<Installed>, InstallError> {
    let rows = table::active(&ctx.db.read(actor).await?).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let pack = match shelf.compiled(&row.digest) {
            Some(pack) => pack,
            None => compiled(ctx, actor, shelf, &row).await?,
        };
        found.push(Installed { id: row.id, pack, installed_at: row.created_at });
    }
    Ok(found)
}

/// The packs alone, as documents are made with them.
///
/// # Errors
/// As [`installed`].
pub async fn active(ctx: &Ctx, actor: &Actor, shelf: &Shelf) -> Result<Vec<Arc<Pack>>, InstallError> {
    Ok(installed(ctx, actor, shelf).await?.into_iter().map(|one| one.pack).collect())
}

async fn compiled(ctx: &Ctx, actor: &Actor, shelf: &Shelf, row: &Row) -> Result<Arc<Pack>, InstallError> {
    let bytes = ctx.objects.get(actor.tenant().id(), &row.archive).await?;
    let damaged = |source| InstallError::Damaged { name: row.name.clone(), source };
    let compiled = tokio::task::spawn_blocking(move || shelf::compile(&bytes)).await;
    // A compiler that panics is a fault of this program; the pack is named, so that the operator can tell which one does it.
    let stopped = |error: tokio::task::JoinError| super::Error::Read { path: row.name.clone().into(), reason: error.to_string() };
    let pack = Arc::new(compiled.map_err(stopped).and_then(|pack| pack).map_err(damaged)?);
    shelf.keep(Arc::clone(&pack));
    Ok(pack)
}
