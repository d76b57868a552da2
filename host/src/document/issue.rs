//! One click: the documents of a stored order, checked, numbered, rendered and kept, or a report of what stops them.
//!
//! Plugins run before the transaction; inside it the order's version is held and compared, so that no paper shows an order that has changed
//! meanwhile. Unchanged data keeps number, revision and file; changed data makes the next revision of the same document.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::assemble::{self, Assembled, Case, Paper};
use super::hook::{Hooks, Subject, own_plugin};
use super::numbers::{Slots, Stored};
use super::report::Report;
use super::runs::Judged;
use super::table::{self, Row, State};
use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Begun, Done, Request};
use crate::hook_run::table::Row as Run;
use crate::kernel::Ctx;
use crate::kernel::db::{self, Write};
use crate::kernel::font::Font;
use crate::kernel::id::{DocumentId, OrderId, ReleaseId};
use crate::kernel::objects;
use crate::kernel::time::{Day, Instant};
use crate::order;
use crate::outbox::{self, Event};
use crate::pack::{self, Pack};
use crate::plugin::{self, Active};
use crate::{hook_run, shipment};

/// What can go wrong when documents of a stored order are made or read.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// No such order, document or revision.
    #[error("there is no such order, document or revision")]
    Unknown,
    /// The order or one of its documents changed while documents were made.
    #[error("the order or its documents changed while documents were made; look at it and issue them again")]
    Moved,
    /// The document is void already.
    #[error("the document is void already; the next click on its order makes one that replaces it")]
    Void,
    /// No reason that a list can show.
    #[error("say in 1 to {} characters, without control characters, why the document is void", super::void::REASON_CHARS_MAX)]
    Reason,
    /// A plugin failed, or a template does not fit.
    #[error(transparent)]
    Assemble(#[from] assemble::Error),
    /// The order.
    #[error(transparent)]
    Order(#[from] order::Error),
    /// Who asks may not.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The tenant's plugins.
    #[error(transparent)]
    Plugin(#[from] plugin::Error),
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

/// A document of an order, as lists show it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "DocumentCard")]
pub struct Card {
    /// Its id, the same for all revisions.
    pub id: DocumentId,
    /// For example `commercial-invoice`.
    pub kind: String,
    /// As printed.
    pub number: String,
    /// From 1.
    pub revision: i64,
    /// Whether it counts.
    pub state: State,
    /// The voided document whose place it takes.
    pub replaces: Option<DocumentId>,
    /// The version of the order that it shows.
    pub order_version: i64,
    /// SHA-256 of the canonical data, as printed.
    pub data_sha256: String,
    /// SHA-256 of the file.
    pub file_sha256: String,
    /// For example `application/pdf`.
    pub media_type: String,
    /// How many pages.
    pub pages: i64,
    /// Since when.
    pub created_at: Instant,
    /// Void since.
    pub voided_at: Option<Instant>,
    /// Why it is void. May name people.
    pub void_reason: Option<String>,
}

impl From<Row> for Card {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            number: row.number,
            revision: row.revision,
            state: row.state,
            replaces: row.replaces,
            order_version: row.order_version,
            data_sha256: row.data_hash,
            file_sha256: row.file_sha256,
            media_type: row.media_type,
            pages: row.pages,
            created_at: row.created_at,
            voided_at: row.voided_at,
            void_reason: row.void_reason,
        }
    }
}

/// The file of a revision of a document.
#[derive(Debug, Clone)]
pub struct File {
    /// What to call it: number, revision, SUPERSEDED or VOID when it is, and extension.
    pub name: String,
    /// Whether the revision counts.
    pub state: State,
    /// For example `application/pdf`.
    pub media_type: String,
    /// SHA-256, in hex.
    pub sha256: String,
    /// The file.
    pub bytes: bytes::Bytes,
}

/// What documents of one tenant are made with at one moment.
#[derive(Clone)]
pub struct Means {
    /// The host's own plugins, and the way to the tenant's.
    pub hooks: Arc<dyn Hooks>,
    /// The packs that take part.
    pub packs: Vec<Arc<Pack>>,
    /// The tenant's plugins that take part.
    pub plugins: Arc<[Arc<Active>]>,
    /// The fonts.
    pub fonts: Arc<[Font]>,
}

impl std::fmt::Debug for Means {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Means({} packs, {} plugins)", self.packs.len(), self.plugins.len())
    }
}

/// The case of a stored order, as of its legal date.
pub(crate) async fn case_of(
    ctx: &Ctx,
    actor: &Actor,
    means: &Means,
    id: OrderId,
) -> Result<(order::table::Row, Case), IssueError> {
    let (row, snapshot) = order::snapshot(ctx, actor, id).await.map_err(|error| match error {
        order::Error::Unknown => IssueError::Unknown,
        error => IssueError::Order(error),
    })?;
    let case = Case {
        as_of: snapshot.legal_date(),
        packs: pack::for_route(&means.packs, &snapshot.file.shipment).into(),
        snapshot: Arc::new(snapshot),
        config: Arc::default(),
        fonts: Arc::clone(&means.fonts),
        plugins: Arc::clone(&means.plugins),
    };
    Ok((row, case))
}

/// Findings and required set of an order's newest version. Nothing is stored.
///
/// # Errors
/// [`IssueError::Unknown`], a failing plugin, the database.
pub async fn findings(ctx: &Ctx, actor: &Actor, means: &Means, id: OrderId) -> Result<Report, IssueError> {
    let (_, case) = case_of(ctx, actor, means, id).await?;
    let outcome = assemble::check(means.hooks.as_ref(), &case).await?;
    Ok(Report::new(means.hooks.as_ref(), &case, &outcome))
}

/// Makes the documents of an order's newest version. Clerks may. The answer is the report: 201 when papers were issued, 200 when every
/// paper was there already, 422 when findings stop them and nothing was issued.
///
/// # Errors
/// All of [`IssueError`].
pub async fn issue(ctx: &Ctx, actor: &Actor, means: &Means, request: Request, id: OrderId) -> Result<Answer, IssueError> {
    actor.must_be(Role::Clerk)?;
    let ticket = match command::begin(ctx, actor, request).await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::Open(ticket) => ticket,
    };
    let hooks = means.hooks.as_ref();
    let (row, case) = case_of(ctx, actor, means, id).await?;
    let (outcome, slots) = assembled(ctx, actor, hooks, &case, &row).await?;
    let report = Report::new(hooks, &case, &outcome);
    for paper in &outcome.papers {
        ctx.objects.put(actor.tenant().id(), bytes::Bytes::from(paper.bytes.clone())).await?;
    }
    let snapshot = serde_json::to_string(&case.snapshot.value)?;
    let components = hooks.components();
    let releases = case.plugins.iter().filter_map(|plugin| plugin.release).collect();
    let work = Arc::new(Work { row, slots, snapshot, as_of: Day(case.as_of), report, outcome, components, releases });
    let (kernel, now) = (ctx.clone(), ctx.now());
    let stored = ticket.commit(ctx, actor, move |tx| {
        let (work, kernel) = (Arc::clone(&work), kernel.clone());
        async move { work.store(&tx, &kernel, now).await }
    });
    Box::pin(stored).await
}

/// Calls the plugins. Each paper has the slot that it goes into, with the id under which its number is reserved.
async fn assembled(
    ctx: &Ctx,
    actor: &Actor,
    hooks: &dyn Hooks,
    case: &Case,
    row: &order::table::Row,
) -> Result<(Assembled, Slots), IssueError> {
    let rows = table::of_order(&ctx.db.read(actor).await?, row.id).await?;
    let kinds = case.packs.iter().flat_map(|pack| &pack.contents().documents).map(|document| document.id.clone());
    let slots = Slots::new(row.id, kinds, &rows);
    let numbers = Stored::new(ctx, actor, row.company, case.as_of.year(), slots);
    match Box::pin(assemble::assemble(hooks, case, &numbers)).await {
        Ok(outcome) => Ok((outcome, numbers.into_slots())),
        Err(error) => Err(numbers.into_trouble().map_or_else(|| error.into(), IssueError::Db)),
    }
}

/// What a click stores.
struct Work {
    row: order::table::Row,
    slots: Slots,
    snapshot: String,
    as_of: Day,
    report: Report,
    outcome: Assembled,
    components: Vec<(String, String)>,
    /// The releases of the tenant's plugins that were asked.
    releases: Vec<ReleaseId>,
}

impl Work {
    async fn store(&self, tx: &Write, kernel: &Ctx, now: Instant) -> Result<Done, IssueError> {
        let order = self.row.id;
        if !order::table::hold_version(tx, order, self.row.version).await? {
            return Err(IssueError::Moved);
        }
        if !plugin::unchanged(tx, &self.releases).await? {
            return Err(IssueError::Moved);
        }
        let snapshot = hook_run::table::keep_snapshot(tx, &self.snapshot, now).await?;
        let judged = Judged { order, version: self.row.version, as_of: self.as_of, snapshot };
        self.store_runs(tx, kernel, &judged, now).await?;
        judged.store_asked(tx, kernel, now, &self.outcome.asked).await?;
        let subject = shipment::table::of_order(tx, order).await?.map_or_else(|| order.to_string(), |row| row.id.to_string());
        let mut issued = 0_usize;
        for paper in &self.outcome.papers {
            issued += usize::from(self.store_paper(tx, paper, &subject, now).await?);
        }
        if issued > 0 {
            let payload = serde_json::json!({ "order": order, "papers": issued });
            outbox::write(tx, &kernel.mint, now, Event { line: order.to_string(), kind: "document.issued", payload }).await?;
        }
        let status = if !self.report.issued {
            422
        } else if issued > 0 {
            201
        } else {
            200
        };
        Ok(Done {
            answer: Answer::json(status, &self.report)?,
            verb: "document.issue",
            subject: Some(order.to_string()),
            before: None,
            after: Some(
                serde_json::json!({ "issued": issued, "order_version": self.row.version, "refused": !self.report.issued }),
            ),
        })
    }

    /// Stores a paper unless the same one is there; says whether it did.
    async fn store_paper(&self, tx: &Write, paper: &Paper, shipment: &str, now: Instant) -> Result<bool, IssueError> {
        let kind = paper.requirement.document.as_str();
        let subject = match paper.requirement.subject {
            Subject::Order => self.row.id.to_string(),
            Subject::Shipment => shipment.to_owned(),
        };
        let slot = self.slots.of(kind).ok_or(IssueError::Unknown)?;
        let standing = table::issued(tx, self.row.id, &subject, kind).await?;
        if standing.as_ref().is_some_and(|row| row.id == slot.id && row.data_hash == paper.data_sha256) {
            return Ok(false);
        }
        // Somebody issued or voided it since its number was chosen: what is void never comes back as a new revision.
        let revision = |row: &Row| (row.id, row.revision);
        if standing.as_ref().map(revision) != slot.issued.as_ref().map(revision) {
            return Err(IssueError::Moved);
        }
        table::note_object(tx, &paper.file_sha256, &paper.media_type, paper.bytes.len() as u64, now).await?;
        let row = Row {
            tenant: tx.tenant_id(),
            id: slot.id,
            revision: i64::from(paper.numbered.revision),
            order_id: self.row.id,
            subject,
            kind: kind.to_owned(),
            number: paper.numbered.number.clone(),
            order_version: self.row.version,
            state: State::Issued,
            data_hash: paper.data_sha256.clone(),
            file_sha256: paper.file_sha256.clone(),
            media_type: paper.media_type.clone(),
            pages: i64::from(paper.pages),
            run: None,
            as_of: self.as_of,
            created_at: now,
            voided_at: None,
            void_reason: None,
            replaces: slot.replaces.as_ref().map(|one| one.id),
        };
        table::issue(tx, row)
            .await
            .map_err(|error| if matches!(error, db::Error::Taken { .. }) { IssueError::Moved } else { error.into() })?;
        Ok(true)
    }

    /// One row a hook call: enough to do it again and to know what it cost.
    async fn store_runs(&self, tx: &Write, kernel: &Ctx, judged: &Judged, now: Instant) -> Result<(), IssueError> {
        let packs: Vec<_> =
            self.report.packs.iter().map(|pack| serde_json::json!({ "id": pack.id, "sha256": pack.sha256 })).collect();
        let findings = serde_json::to_string(&self.outcome.findings)?;
        let mut rows = Vec::new();
        for (hook, cost) in &self.outcome.costs {
            let plugin = own_plugin(hook);
            let component = self.components.iter().find(|(name, _)| name == plugin).map(|(_, digest)| digest.as_str());
            let answer = match *hook {
                "check" => findings.clone(),
                "render" => serde_json::to_string(
                    &self.outcome.papers.iter().map(|paper| paper.file_sha256.as_str()).collect::<Vec<_>>(),
                )?,
                _ => {
                    serde_json::to_string(&self.outcome.requirements.iter().map(|one| one.document.as_str()).collect::<Vec<_>>())?
                }
            };
            let kept = if *hook == "check" { findings.clone() } else { "[]".to_owned() };
            let release = serde_json::json!({ "component": component, "packs": packs });
            let row = judged.run(tx, kernel, now, (plugin, format!("documents.{hook}")), release, cost);
            rows.push(Run { outcome_digest: hex::encode(Sha256::digest(answer.as_bytes())), findings: kept, ..row });
        }
        Ok(hook_run::table::insert(tx, rows).await?)
    }
}

/// The documents of an order, every revision.
///
/// # Errors
/// [`IssueError::Unknown`], [`IssueError::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, order: OrderId) -> Result<Vec<Card>, IssueError> {
    let scope = ctx.db.read(actor).await?;
    order::table::by_id(&scope, order).await?.ok_or(IssueError::Unknown)?;
    Ok(table::of_order(&scope, order).await?.into_iter().map(Card::from).collect())
}

/// A document's newest revision, with its order.
///
/// # Errors
/// [`IssueError::Unknown`], [`IssueError::Db`].
pub async fn get(ctx: &Ctx, actor: &Actor, id: DocumentId) -> Result<(OrderId, Card), IssueError> {
    let row = table::by_id(&ctx.db.read(actor).await?, id).await?.ok_or(IssueError::Unknown)?;
    Ok((row.order_id, row.into()))
}

/// How many papers of some orders count; an order without any is not in the answer.
///
/// # Errors
/// [`IssueError::Db`].
pub async fn counts(ctx: &Ctx, actor: &Actor, orders: &[OrderId]) -> Result<BTreeMap<OrderId, usize>, IssueError> {
    let mut counts = BTreeMap::new();
    for row in table::issued_of_orders(&ctx.db.read(actor).await?, orders).await? {
        *counts.entry(row.order_id).or_default() += 1;
    }
    Ok(counts)
}

/// The file of a revision of a document, the newest when nobody says which; also of one that is superseded or void: what has left the
/// house can be looked up.
///
/// # Errors
/// [`IssueError::Unknown`], [`IssueError::Objects`] when the stored bytes are missing or damaged, [`IssueError::Db`].
pub async fn file(ctx: &Ctx, actor: &Actor, id: DocumentId, revision: Option<NonZeroU32>) -> Result<File, IssueError> {
    let found = match revision {
        Some(revision) => table::by_revision(&ctx.db.read(actor).await?, id, revision.get().into()).await?,
        None => table::by_id(&ctx.db.read(actor).await?, id).await?,
    };
    let row = found.ok_or(IssueError::Unknown)?;
    let bytes = ctx.objects.get(actor.tenant().id(), &row.file_sha256).await?;
    let extension = super::assemble::extension(&row.media_type);
    let mark = match row.state {
        State::Issued => "",
        State::Superseded => "-SUPERSEDED",
        State::Void => "-VOID",
    };
    Ok(File {
        name: format!("{}-r{}{mark}.{extension}", row.number, row.revision),
        state: row.state,
        media_type: row.media_type,
        sha256: row.file_sha256,
        bytes,
    })
}
