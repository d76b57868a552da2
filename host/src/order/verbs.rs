//! What can be done with orders: import, replace by a new version, read, list.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::file::{self, OrderFile};
use super::reader::{self, Problem};
use super::snapshot::Snapshot;
use super::table::{self, Commercial, Filter, Goods, Paid, Row, VersionRow};
use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db::{self, Scope, Write};
use crate::kernel::heavy::heavy;
use crate::kernel::id::{CommandId, CompanyId, OrderId, VehicleId};
use crate::kernel::money::Money;
use crate::kernel::time::{Day, Instant};
use crate::outbox::{self, Event};
use crate::party::Contact;
use crate::register::{InScript, Kept as _, TaxId};
use crate::{company, party, shipment, vehicle};

/// What can go wrong with orders.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The order file has problems; every one of them.
    #[error("the order file has {} problems; each is named with its place and its fix", .0.len())]
    Shape(Vec<Problem>),
    /// No such order.
    #[error("there is no such order")]
    Unknown,
    /// Another order has the ids of this one.
    #[error(
        "an order with this source and external id, or this reference of the company, is there already; send a new version of that one"
    )]
    Taken,
    /// Somebody changed it meanwhile.
    #[error("the order has changed to version {now}; read it again and send your change with that version")]
    Moved {
        /// The version that it has.
        now: i64,
    },
    /// Who asks may not.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The command.
    #[error(transparent)]
    Command(#[from] command::Error),
    /// The database failed.
    #[error(transparent)]
    Db(db::Error),
    /// A fault of this program.
    #[error("an answer could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        if matches!(error, db::Error::Taken { .. }) { Self::Taken } else { Self::Db(error) }
    }
}

/// An order in a list.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "OrderCard")]
pub struct Card {
    /// Its id.
    pub id: OrderId,
    /// The newest version.
    pub version: i64,
    /// The firm's own reference.
    pub reference: String,
    /// The buyer, as printed.
    pub buyer_name: String,
    /// The commercial axis.
    pub commercial: Commercial,
    /// The goods axis.
    pub goods: Goods,
    /// The money axis.
    pub money: Paid,
    /// The total.
    pub total: Money,
    /// How many vehicles.
    pub vehicle_count: i64,
    /// The legal date.
    pub contract_date: Day,
    /// Expected departure.
    pub etd: Option<Day>,
    /// Expected arrival.
    pub eta: Option<Day>,
    /// Since when.
    pub created_at: Instant,
    /// When the newest version came.
    pub changed_at: Instant,
}

/// An order, its newest version.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Order {
    /// What lists show.
    #[serde(flatten)]
    pub card: Card,
    /// The order file, as it came.
    #[schemars(with = "OrderFile")]
    pub file: Value,
}

impl From<Row> for Card {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            reference: row.reference,
            buyer_name: row.buyer_name,
            commercial: row.commercial,
            goods: row.goods,
            money: row.money,
            total: Money::new(row.total_minor, row.currency),
            vehicle_count: row.vehicle_count,
            contract_date: row.contract_date,
            etd: row.etd,
            eta: row.eta,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

/// Imports an order file as version 1 of a new order. Clerks may. The same source and external id again is refused: an edit is a new version.
///
/// # Errors
/// All but [`Error::Unknown`] and [`Error::Moved`].
pub async fn import(ctx: &Ctx, actor: &Actor, request: Request, body: &[u8]) -> Result<Answer, Error> {
    actor.must_be(Role::Clerk)?;
    let snapshot = Arc::new(heavy(body.len(), || checked(body))?);
    let (ids, now, mint) = (ctx.clone(), ctx.now(), ctx.mint.clone());
    Box::pin(command::run(ctx, actor, request, move |tx, command| {
        let (snapshot, ids, mint) = (Arc::clone(&snapshot), ids.clone(), mint.clone());
        async move {
            let company = company_of(&tx, &ids, &snapshot).await?;
            parties_of(&tx, &ids, &snapshot.file).await?;
            let id: OrderId = ids.id();
            let row = row(&tx, id, company, &snapshot, 1, now);
            let first = version_row(&tx, id, 1, &snapshot, command, now)?;
            if !table::insert(&tx, row.clone(), first).await? {
                return Err(Error::Taken);
            }
            shipment::table::insert(&tx, shipment_row(&tx, ids.id(), id, &snapshot.file, now)).await?;
            let vehicles =
                snapshot.file.vehicles.iter().enumerate().map(|(at, one)| vehicle_row(&tx, ids.id(), id, at, one, now));
            vehicle::table::insert(&tx, vehicles.collect()).await?;
            let payload = serde_json::json!({ "order": id, "version": 1 });
            outbox::write(&tx, &mint, now, Event { line: id.to_string(), kind: "order.imported", payload }).await?;
            done(201, row, &snapshot, "order.import", None)
        }
    }))
    .await
}

/// Makes an order file the next version of an order, if its newest version still is `version`. Clerks may.
///
/// # Errors
/// All of [`Error`].
pub async fn replace(
    ctx: &Ctx,
    actor: &Actor,
    request: Request,
    id: OrderId,
    version: i64,
    body: &[u8],
) -> Result<Answer, Error> {
    actor.must_be(Role::Clerk)?;
    let snapshot = Arc::new(heavy(body.len(), || checked(body))?);
    let (ids, now) = (ctx.clone(), ctx.now());
    Box::pin(command::run(ctx, actor, request, move |tx, command| {
        let (snapshot, ids) = (Arc::clone(&snapshot), ids.clone());
        async move {
            let row = advance(&tx, &ids, id, version, &snapshot, command, now).await?;
            done(200, row, &snapshot, "order.replace", Some(version))
        }
    }))
    .await
}

/// Makes a snapshot the next version of an order whose newest is `version`, in the transaction of whatever it belongs to: the row, the shipment, the
/// vehicles, the event.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Moved`], [`Error::Shape`] when the file is another order's, [`Error::Db`].
pub(crate) async fn advance(
    tx: &Write,
    ids: &Ctx,
    id: OrderId,
    version: i64,
    snapshot: &Snapshot,
    command: CommandId,
    now: Instant,
) -> Result<Row, Error> {
    let was = table::by_id(tx, id).await?.ok_or(Error::Unknown)?;
    let file = &snapshot.file;
    if was.source != file.source.as_str() || was.external_id != file.external_id.as_str() {
        return Err(Error::Shape(vec![Problem::new(
            "/external_id",
            "the file names another order",
            format!("send source `{}` and external id `{}`, or import it as a new order", was.source, was.external_id),
        )]));
    }
    parties_of(tx, ids, file).await?;
    let mut row = row(tx, id, was.company, snapshot, version + 1, now);
    (row.created_at, row.commercial, row.goods, row.money) = (was.created_at, was.commercial, was.goods, was.money);
    let next = version_row(tx, id, version + 1, snapshot, command, now)?;
    if was.version != version || !table::advance(tx, version, row.clone(), next).await? {
        return Err(Error::Moved { now: was.version });
    }
    if let Some(shipment) = shipment::table::of_order(tx, id).await? {
        let mut next = shipment_row(tx, shipment.id, id, file, shipment.created_at);
        next.version = shipment.version;
        shipment::table::advance(tx, next).await?;
    }
    vehicles_of(tx, ids, id, file, now).await?;
    let payload = serde_json::json!({ "order": id, "version": version + 1 });
    outbox::write(tx, &ids.mint, now, Event { line: id.to_string(), kind: "order.changed", payload }).await?;
    Ok(row)
}

/// An order, its newest version.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`], [`Error::Json`].
pub async fn get(ctx: &Ctx, actor: &Actor, id: OrderId) -> Result<Order, Error> {
    let scope = ctx.db.read(actor).await?;
    let row = table::by_id(&scope, id).await?.ok_or(Error::Unknown)?;
    let version = table::version(&scope, id, row.version).await?.ok_or(Error::Unknown)?;
    Ok(Order { file: serde_json::from_str(&version.file)?, card: row.into() })
}

/// The snapshot of an order's newest version, with that version.
///
/// # Errors
/// As [`get`]; [`Error::Shape`] when a stored file no longer fits the format, which a migration must mend.
pub async fn snapshot(ctx: &Ctx, actor: &Actor, id: OrderId) -> Result<(Row, Snapshot), Error> {
    let scope = ctx.db.read(actor).await?;
    let row = table::by_id(&scope, id).await?.ok_or(Error::Unknown)?;
    let version = table::version(&scope, id, row.version).await?.ok_or(Error::Unknown)?;
    let read = heavy(version.file.len(), || reader::read(version.file.as_bytes()));
    Ok((row, read.map_err(Error::Shape)?))
}

/// Whether an order is there.
///
/// # Errors
/// When the database fails.
pub async fn is_there(scope: &Scope, id: OrderId) -> Result<bool, db::Error> {
    Ok(table::by_id(scope, id).await?.is_some())
}

/// A page of orders after `after`, newest first. Ask for one more than is shown.
///
/// # Errors
/// [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, filter: &Filter, after: Option<OrderId>, rows: u64) -> Result<Vec<Card>, Error> {
    let scope = ctx.db.read(actor).await?;
    Ok(table::page(&scope, filter, after, rows).await?.into_iter().map(Card::from).collect())
}

/// Some orders, by their ids; one that is not there is not in the answer.
///
/// # Errors
/// [`Error::Db`].
pub async fn cards(ctx: &Ctx, actor: &Actor, ids: &[OrderId]) -> Result<Vec<Card>, Error> {
    let scope = ctx.db.read(actor).await?;
    Ok(table::by_ids(&scope, ids).await?.into_iter().map(Card::from).collect())
}

/// A file of the right shape in which no vehicle stands twice: rows of vehicles are unique in their order.
fn checked(body: &[u8]) -> Result<Snapshot, Error> {
    let snapshot = reader::read(body).map_err(Error::Shape)?;
    let mut seen = BTreeSet::new();
    let twice = |(at, one): (usize, &file::Vehicle)| {
        (!seen.insert(vehicle::table::normal(one.identity.number.as_str()))).then(|| {
            Problem::new(
                format!("/vehicles/{at}/identity/number"),
                format!("the vehicle {} stands in the order twice", one.identity.number),
                "remove it or correct its number",
            )
        })
    };
    let problems: Vec<Problem> = snapshot.file.vehicles.iter().enumerate().filter_map(twice).collect();
    if problems.is_empty() { Ok(snapshot) } else { Err(Error::Shape(problems)) }
}

/// How a command ends that has made a version.
pub(crate) fn done(status: u16, row: Row, snapshot: &Snapshot, verb: &'static str, was: Option<i64>) -> Result<Done, Error> {
    let (id, version) = (row.id, row.version);
    let order = Order { card: row.into(), file: serde_json::to_value(&snapshot.file)? };
    Ok(Done {
        answer: Answer::json(status, &order)?,
        verb,
        subject: Some(id.to_string()),
        before: was.map(|version| serde_json::json!({ "version": version })),
        after: Some(serde_json::json!({ "version": version, "snapshot": snapshot.digest })),
    })
}

fn row(tx: &Write, id: OrderId, company: CompanyId, snapshot: &Snapshot, version: i64, now: Instant) -> Row {
    let file = &snapshot.file;
    Row {
        tenant: tx.tenant_id(),
        id,
        source: file.source.to_string(),
        external_id: file.external_id.to_string(),
        company,
        reference: file.order.reference.to_string(),
        buyer_name: file.buyer.name.to_string(),
        buyer_folded: file.buyer.name.as_str().to_lowercase(),
        commercial: Commercial::Contracted,
        goods: Goods::Waiting,
        money: Paid::Open,
        currency: snapshot.currency,
        total_minor: snapshot.total.minor(),
        vehicle_count: i64::try_from(file.vehicles.len()).unwrap_or(i64::MAX),
        contract_date: Day(file.order.contract_date.0),
        etd: file.shipment.departure.map(|day| Day(day.0)),
        eta: file.shipment.arrival.map(|day| Day(day.0)),
        version,
        created_at: now,
        changed_at: now,
        archived_at: None,
    }
}

fn version_row(
    tx: &Write,
    id: OrderId,
    version: i64,
    snapshot: &Snapshot,
    command: CommandId,
    now: Instant,
) -> Result<VersionRow, Error> {
    let file = serde_json::to_string(&snapshot.file)?;
    Ok(VersionRow {
        tenant: tx.tenant_id(),
        order_id: id,
        version,
        file,
        file_hash: snapshot.digest.clone(),
        command,
        created_at: now,
    })
}

fn shipment_row(
    tx: &Write,
    id: crate::kernel::id::ShipmentId,
    order: OrderId,
    file: &OrderFile,
    now: Instant,
) -> shipment::table::Model {
    let one = &file.shipment;
    shipment::table::Model {
        tenant: tx.tenant_id(),
        id,
        order_id: order,
        port_of_loading: one.port_of_loading.to_string(),
        port_of_discharge: one.port_of_discharge.to_string(),
        mode: match one.mode {
            file::Mode::Roro => "roro",
            file::Mode::Container => "container",
        }
        .to_owned(),
        vessel: one.vessel.as_ref().map(ToString::to_string),
        voyage: one.voyage.as_ref().map(ToString::to_string),
        etd: one.departure.map(|day| Day(day.0)),
        eta: one.arrival.map(|day| Day(day.0)),
        version: 1,
        created_at: now,
        archived_at: None,
    }
}

fn vehicle_row(
    tx: &Write,
    id: VehicleId,
    order: OrderId,
    position: usize,
    one: &file::Vehicle,
    now: Instant,
) -> vehicle::table::Model {
    let number = one.identity.number.as_str();
    vehicle::table::Model {
        tenant: tx.tenant_id(),
        id,
        order_id: order,
        position: i64::try_from(position).unwrap_or(i64::MAX),
        identity_kind: match one.identity.kind {
            file::IdentityKind::Vin => vehicle::table::IdentityKind::Vin,
            file::IdentityKind::Frame => vehicle::table::IdentityKind::Frame,
            file::IdentityKind::Other => vehicle::table::IdentityKind::Other,
        },
        identity: number.to_owned(),
        identity_normal: vehicle::table::normal(number),
        identity_reversed: vehicle::table::reversed(number),
        make: one.make.to_string(),
        model: one.model.to_string(),
        milestone: None,
        version: 1,
        created_at: now,
        archived_at: None,
    }
}

/// Brings the rows of vehicles to a new version of the file: kept ones keep their id, new ones get one, others are archived.
async fn vehicles_of(tx: &Write, ids: &Ctx, order: OrderId, file: &OrderFile, now: Instant) -> Result<(), Error> {
    let mut known = vehicle::table::of_order(tx, order).await?;
    let mut fresh = Vec::new();
    for (at, one) in file.vehicles.iter().enumerate() {
        let next = vehicle_row(tx, ids.id(), order, at, one, now);
        match known.iter().position(|row| row.identity_normal == next.identity_normal) {
            Some(found) => {
                let was = known.swap_remove(found);
                vehicle::table::keep(tx, &vehicle::table::Model { id: was.id, version: was.version, ..next }).await?;
            }
            None => fresh.push(next),
        }
    }
    vehicle::table::archive(tx, &known.iter().map(|row| row.id).collect::<Vec<_>>(), now).await?;
    vehicle::table::insert(tx, fresh).await?;
    Ok(())
}

/// The company of an order: the one that has its external id, or a new one. A letterhead that is there is not changed by an order.
async fn company_of(tx: &Write, ids: &Ctx, snapshot: &Snapshot) -> Result<CompanyId, Error> {
    let (source, one) = (snapshot.file.source.as_str(), &snapshot.file.company);
    if let Some(known) = company::table::by_external_id(tx, source, one.external_id.as_str()).await? {
        return Ok(known.id);
    }
    let tax = [("tax", &one.tax_id), ("customs", &one.customs_id)];
    let bank = one.bank.as_ref().map(|bank| company::BankAccount {
        currency: snapshot.currency,
        bank: bank.name.to_string(),
        bank_address: bank.address.as_ref().map(ToString::to_string),
        swift: bank.swift.to_string(),
        account: bank.account.to_string(),
        holder: bank.holder.as_ref().unwrap_or(&one.name).to_string(),
    });
    let zone = one.time_zone.as_ref().map_or("UTC", |zone| zone.as_str());
    let input = company::Input {
        source: Some(source.to_owned()),
        external_id: Some(one.external_id.to_string()),
        country: one.address.country.to_string(),
        home_currency: snapshot.currency,
        zone: zone.parse().map_err(|_| Error::Shape(vec![Snapshot::zone_problem(zone)]))?,
        scripts: scripts(&one.name, one.name_local.as_ref(), &one.address),
        tax_ids: tax
            .into_iter()
            .filter_map(|(kind, value)| Some(TaxId { kind: kind.to_owned(), value: value.as_ref()?.to_string() }))
            .collect(),
        bank_accounts: bank.into_iter().collect(),
        seal_object: None,
    };
    let company = company::Company { id: ids.id(), input, version: 1, created_at: ids.now() };
    let id = company.id;
    if company.insert(tx).await? {
        return Ok(id);
    }
    // Another import made it between the look and the insert.
    let known = company::table::by_external_id(tx, source, one.external_id.as_str()).await?;
    known.map(|known| known.id).ok_or(Error::Taken)
}

/// Remembers the parties that have an id in the source system and are not known yet.
async fn parties_of(tx: &Write, ids: &Ctx, file: &OrderFile) -> Result<(), Error> {
    let source = file.source.as_str();
    for one in [Some(&file.buyer), file.consignee.as_ref(), file.notify.as_ref()].into_iter().flatten() {
        let Some(external_id) = &one.external_id else { continue };
        if party::table::by_external_id(tx, source, external_id.as_str()).await?.is_some() {
            continue;
        }
        let text = |value: &Option<super::text::Text>| value.as_ref().map(ToString::to_string);
        let contact = Contact { name: text(&one.contact), phone: text(&one.phone), email: text(&one.email) };
        let input = party::Input {
            source: Some(source.to_owned()),
            external_id: Some(external_id.to_string()),
            country: one.address.country.to_string(),
            scripts: scripts(&one.name, one.name_local.as_ref(), &one.address),
            tax_ids: one.tax_id.iter().map(|id| TaxId { kind: "tax".to_owned(), value: id.to_string() }).collect(),
            contacts: vec![contact],
        };
        party::Party { id: ids.id(), input, version: 1, created_at: ids.now() }.insert(tx).await?;
    }
    Ok(())
}

fn scripts(name: &super::text::Text, local: Option<&super::text::Text>, address: &file::Address) -> Vec<InScript> {
    let mut lines: Vec<String> = address.lines.iter().map(ToString::to_string).collect();
    lines.push(address.postal_code.as_ref().map_or_else(|| address.city.to_string(), |code| format!("{}, {code}", address.city)));
    let mut all = vec![InScript { script: "Latn".to_owned(), name: name.to_string(), address: lines }];
    let script = match address.country.as_str() {
        "CN" | "SG" => "Hans",
        "TW" | "HK" | "MO" => "Hant",
        "JP" => "Jpan",
        "KR" => "Kore",
        // ISO 15924 for "not determined".
        _ => "Zyyy",
    };
    all.extend(local.map(|name| InScript { script: script.to_owned(), name: name.to_string(), address: Vec::new() }));
    all
}
