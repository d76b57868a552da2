//! One click: the documents of a stored order, checked, numbered, rendered and kept, or a report of what stops them.
//!
//! Plugins run before the transaction; inside it the order's version is held and compared, so that no paper shows an order that has changed
//! meanwhile. Unchanged data keeps number, revision and file; changed data makes the next revision of the same document.

use async_trait::async_trait;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::assemble::{self, Assembled, Case, Numbered, Numbering, Paper};
use super::hook::{Hooks, Subject};
use super::report::Report;
use super::table::{self, Row, Series, State};
use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Begun, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::{self, Write};
use crate::kernel::font::Font;
use crate::kernel::id::{CompanyId, DocumentId, Id as _, OrderId};
use crate::kernel::objects;
use crate::kernel::time::{Day, Instant};
use crate::order;
use crate::outbox::{self, Event};
use crate::pack::{self, Pack};
use crate::{hook_run, shipment};

/// What can go wrong when documents of a stored order are made or read.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// No such order or document.
    #[error("there is no such order or document")]
    Unknown,
    /// The order changed while its documents were made.
    #[error("the order changed while its documents were made; look at it and issue them again")]
    Moved,
    /// A plugin failed, or a template does not fit.
    #[error(transparent)]
    Assemble(#[from] assemble::Error),
    /// The order.
    #[error(transparent)]
    Order(#[from] order::Error),
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

/// A document of an order, as lists show it.
#[derive(Debug, Clone, Serialize)]
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
}

/// The file of a document.
#[derive(Debug, Clone)]
pub struct File {
    /// What to call it: number, revision and extension.
    pub name: String,
    /// For example `application/pdf`.
    pub media_type: String,
    /// SHA-256, in hex.
    pub sha256: String,
    /// The file.
    pub bytes: bytes::Bytes,
}

/// Numbers of a stored order: one series a company, paper and year; a paper that is there keeps its number.
struct Stored<'a> {
    ctx: &'a Ctx,
    actor: &'a Actor,
    company: CompanyId,
    year: i16,
    /// The revisions that count, by kind.
    issued: BTreeMap<String, Row>,
    /// The ids of the papers that this click makes, by kind.
    fresh: BTreeMap<String, DocumentId>,
}

#[async_trait]
impl Numbering for Stored<'_> {
    async fn number(&self, document: &str, data_sha256: &str) -> Result<Numbered, String> {
        if let Some(row) = self.issued.get(document) {
            let revision = if row.data_hash == data_sha256 { row.revision } else { row.revision + 1 };
            return Ok(Numbered { number: row.number.clone(), revision: u32::try_from(revision).unwrap_or(u32::MAX) });
        }
        let id = self
            .fresh
            .get(document)
            .copied()
            .ok_or_else(|| "the rulebook asked for a paper that it did not require".to_owned())?;
        let series = Series { company: self.company, kind: document.to_owned(), year: self.year };
        let number = table::reserve_number(self.ctx, self.actor, series, id).await.map_err(|error| error.to_string())?;
        Ok(Numbered { number: format!("{}-{}-{number:05}", initials(document), self.year), revision: 1 })
    }
}

/// `commercial-invoice` is `CI`.
pub(crate) fn initials(document: &str) -> String {
    let letters: String = document.split('-').filter(|word| *word != "of").filter_map(|word| word.chars().next()).collect();
    letters.to_uppercase()
}

/// The id of an order's paper: the order's time, then a hash of order and kind. Made again, it is the same, so that a click that failed
/// between the reservation of a number and the commit takes that number again.
fn derived_id(order: OrderId, kind: &str) -> DocumentId {
    let digest = Sha256::digest(format!("{order} {kind}"));
    let hash = digest.iter().take(10).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    DocumentId::from_bits((order.bits() >> 80 << 80) | hash)
}

/// The case of a stored order, as of its legal date.
async fn case_of(
    ctx: &Ctx,
    actor: &Actor,
    packs: &[Arc<Pack>],
    fonts: &Arc<[Font]>,
    id: OrderId,
) -> Result<(order::table::Row, Case), IssueError> {
    let (row, snapshot) = order::snapshot(ctx, actor, id).await.map_err(|error| match error {
        order::Error::Unknown => IssueError::Unknown,
        error => IssueError::Order(error),
    })?;
    let case = Case {
        as_of: snapshot.legal_date(),
        packs: pack::for_route(packs, &snapshot.file.shipment).into(),
        snapshot: Arc::new(snapshot),
        config: Arc::default(),
        fonts: Arc::clone(fonts),
    };
    Ok((row, case))
}

/// Findings and required set of an order's newest version. Nothing is stored.
///
/// # Errors
/// [`IssueError::Unknown`], a failing plugin, the database.
pub async fn findings(
    ctx: &Ctx,
    actor: &Actor,
    hooks: &dyn Hooks,
    packs: &[Arc<Pack>],
    fonts: &Arc<[Font]>,
    id: OrderId,
) -> Result<Report, IssueError> {
    let (_, case) = case_of(ctx, actor, packs, fonts, id).await?;
    let outcome = assemble::check(hooks, &case).await?;
    Ok(Report::new(hooks, &case, &outcome))
}

/// Makes the documents of an order's newest version. Clerks may. The answer is the report: 201 when papers were issued, 200 when every
/// paper was there already, 422 when findings stop them and nothing was issued.
///
/// # Errors
/// All of [`IssueError`].
pub async fn issue(
    ctx: &Ctx,
    actor: &Actor,
    hooks: &dyn Hooks,
    packs: &[Arc<Pack>],
    fonts: &Arc<[Font]>,
    request: Request,
    id: OrderId,
) -> Result<Answer, IssueError> {
    actor.must_be(Role::Clerk)?;
    let ticket = match command::begin(ctx, actor, request).await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::Open(ticket) => ticket,
    };
    let (row, case) = case_of(ctx, actor, packs, fonts, id).await?;
    let (outcome, ids) = assembled(ctx, actor, hooks, &case, &row).await?;
    let report = Report::new(hooks, &case, &outcome);
    for paper in &outcome.papers {
        ctx.objects.put(actor.tenant().id(), bytes::Bytes::from(paper.bytes.clone())).await?;
    }
    let snapshot = serde_json::to_string(&case.snapshot.value)?;
    let work = Arc::new(Work { row, ids, snapshot, as_of: Day(case.as_of), report, outcome, components: hooks.components() });
    let (kernel, now) = (ctx.clone(), ctx.now());
    ticket
        .commit(ctx, actor, move |tx| {
            let (work, kernel) = (Arc::clone(&work), kernel.clone());
            async move { work.store(&tx, &kernel, now).await }
        })
        .await
}

/// Calls the plugins. Gives each new paper the id under which its number is reserved: made from order and kind, so that a click that
/// failed halfway and is made again takes the same number.
async fn assembled(
    ctx: &Ctx,
    actor: &Actor,
    hooks: &dyn Hooks,
    case: &Case,
    row: &order::table::Row,
) -> Result<(Assembled, BTreeMap<String, DocumentId>), IssueError> {
    let issued: BTreeMap<String, Row> = {
        let rows = table::of_order(&ctx.db.read(actor).await?, row.id).await?;
        rows.into_iter().filter(|row| row.state == State::Issued).map(|row| (row.kind.clone(), row)).collect()
    };
    let kinds = case.packs.iter().flat_map(|pack| pack.contents().documents.iter().map(|document| document.id.clone()));
    let fresh: BTreeMap<String, DocumentId> = kinds.map(|kind| (kind.clone(), derived_id(row.id, &kind))).collect();
    let year = case.as_of.year();
    let numbering = Stored { ctx, actor, company: row.company, year, issued, fresh };
    let outcome = Box::pin(assemble::assemble(hooks, case, &numbering)).await?;
    let mut ids = numbering.fresh;
    ids.extend(numbering.issued.into_iter().map(|(kind, row)| (kind, row.id)));
    Ok((outcome, ids))
}

/// What a click stores.
struct Work {
    row: order::table::Row,
    ids: BTreeMap<String, DocumentId>,
    snapshot: String,
    as_of: Day,
    report: Report,
    outcome: Assembled,
    components: Vec<(String, String)>,
}

impl Work {
    async fn store(&self, tx: &Write, kernel: &Ctx, now: Instant) -> Result<Done, IssueError> {
        let order = self.row.id;
        if !order::table::hold_version(tx, order, self.row.version).await? {
            return Err(IssueError::Moved);
        }
        let snapshot = hook_run::table::keep_snapshot(tx, &self.snapshot, now).await?;
        self.store_runs(tx, kernel, &snapshot, now).await?;
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
        let standing = table::issued(tx, self.row.id, &subject, kind).await?;
        if standing.is_some_and(|row| row.data_hash == paper.data_sha256) {
            return Ok(false);
        }
        let id = self.ids.get(kind).copied().ok_or(IssueError::Unknown)?;
        table::note_object(tx, &paper.file_sha256, &paper.media_type, paper.bytes.len() as u64, now).await?;
        let row = Row {
            tenant: tx.tenant_id(),
            id,
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
        };
        table::issue(tx, row)
            .await
            .map_err(|error| if matches!(error, db::Error::Taken { .. }) { IssueError::Moved } else { error.into() })?;
        Ok(true)
    }

    /// One row a hook call: enough to do it again and to know what it cost.
    async fn store_runs(&self, tx: &Write, kernel: &Ctx, snapshot: &str, now: Instant) -> Result<(), IssueError> {
        let packs: Vec<_> =
            self.report.packs.iter().map(|pack| serde_json::json!({ "id": pack.id, "sha256": pack.sha256 })).collect();
        let findings = serde_json::to_string(&self.outcome.findings)?;
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let mut rows = Vec::new();
        for (hook, cost) in &self.outcome.costs {
            let plugin = if *hook == "render" { "renderer" } else { "rulebook" };
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
            rows.push(hook_run::table::Row {
                tenant: tx.tenant_id(),
                id: kernel.id(),
                order_id: self.row.id,
                order_version: self.row.version,
                hook: format!("documents.{hook}"),
                plugin: plugin.to_owned(),
                release: serde_json::json!({ "component": component, "packs": packs }).to_string(),
                snapshot: snapshot.to_owned(),
                as_of: self.as_of,
                outcome: "done".to_owned(),
                outcome_digest: hex::encode(Sha256::digest(answer.as_bytes())),
                findings: if *hook == "check" { findings.clone() } else { "[]".to_owned() },
                fuel: count(cost.fuel),
                memory_bytes: count(cost.peak_memory_bytes),
                host_calls: count(cost.host_calls),
                duration_us: count(cost.duration_us),
                created_at: now,
            });
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
    let card = |row: Row| Card {
        id: row.id,
        kind: row.kind,
        number: row.number,
        revision: row.revision,
        state: row.state,
        order_version: row.order_version,
        data_sha256: row.data_hash,
        file_sha256: row.file_sha256,
        media_type: row.media_type,
        pages: row.pages,
        created_at: row.created_at,
    };
    Ok(table::of_order(&scope, order).await?.into_iter().map(card).collect())
}

/// The file of a document's newest revision.
///
/// # Errors
/// [`IssueError::Unknown`], [`IssueError::Objects`] when the stored bytes are missing or damaged, [`IssueError::Db`].
pub async fn file(ctx: &Ctx, actor: &Actor, id: DocumentId) -> Result<File, IssueError> {
    let row = table::by_id(&ctx.db.read(actor).await?, id).await?.ok_or(IssueError::Unknown)?;
    let bytes = ctx.objects.get(actor.tenant().id(), &row.file_sha256).await?;
    let extension = super::assemble::extension(&row.media_type);
    Ok(File {
        name: format!("{}-r{}.{extension}", row.number, row.revision),
        media_type: row.media_type,
        sha256: row.file_sha256,
        bytes,
    })
}
