//! Numbers of a stored order's papers: one series a company, paper and year, without a gap.
//!
//! A paper that counts keeps its number from revision to revision. A voided one keeps it for ever; the paper that takes its place has an
//! id and a number of its own and names the one that it replaces.

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::assemble::{Numbered, Numbering};
use super::table::{self, Row, Series, State};
use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::db;
use crate::kernel::id::{CompanyId, DocumentId, Id as _, OrderId};

/// A voided document, as the one that replaces it names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replaced {
    pub(super) id: DocumentId,
    number: String,
}

/// Where a click puts a paper of one kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The document that it makes, or of which it makes the next revision.
    pub(super) id: DocumentId,
    /// The revision that counts; none for a new document.
    pub(super) issued: Option<Row>,
    /// The voided document whose place it takes.
    pub(super) replaces: Option<Replaced>,
}

/// The slots of an order, by kind.
#[derive(Debug)]
pub(super) struct Slots(BTreeMap<String, Slot>);

impl Slots {
    /// The slots of these kinds, given every revision of every document of the order.
    pub(super) fn new(order: OrderId, kinds: impl Iterator<Item = String>, rows: &[Row]) -> Self {
        let slot = |kind: String| {
            let slot = Slot::new(order, &kind, rows);
            (kind, slot)
        };
        Self(kinds.map(slot).collect())
    }

    pub(super) fn of(&self, kind: &str) -> Option<&Slot> {
        self.0.get(kind)
    }
}

impl Slot {
    fn new(order: OrderId, kind: &str, rows: &[Row]) -> Self {
        let of_kind = || rows.iter().filter(|row| row.kind == kind);
        let replaced = |row: &Row| Replaced { id: row.id, number: row.number.clone() };
        if let Some(row) = of_kind().find(|row| row.state == State::Issued) {
            let replaces = row.replaces.and_then(|id| of_kind().find(|one| one.id == id)).map(replaced);
            return Self { id: row.id, issued: Some(row.clone()), replaces };
        }
        // A document has one void revision, its last.
        let voided: Vec<&Row> = of_kind().filter(|row| row.state == State::Void).collect();
        let open = voided.iter().find(|row| !of_kind().any(|one| one.replaces == Some(row.id)));
        Self { id: derived_id(order, kind, voided.len()), issued: None, replaces: open.map(|row| replaced(row)) }
    }
}

/// The id of an order's paper: the order's time, then a hash of order, kind and how many were voided before. Made again, it is the same,
/// so that a click that failed between the reservation of a number and the commit takes that number again.
fn derived_id(order: OrderId, kind: &str, voided: usize) -> DocumentId {
    let name = if voided == 0 { format!("{order} {kind}") } else { format!("{order} {kind} {voided}") };
    let digest = Sha256::digest(name);
    let hash = digest.iter().take(10).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    DocumentId::from_bits((order.bits() >> 80 << 80) | hash)
}

/// `commercial-invoice` is `CI`.
pub(crate) fn initials(document: &str) -> String {
    let letters: String = document.split('-').filter(|word| *word != "of").filter_map(|word| word.chars().next()).collect();
    letters.to_uppercase()
}

/// Numbers from the database.
pub(super) struct Stored<'a> {
    ctx: &'a Ctx,
    actor: &'a Actor,
    company: CompanyId,
    year: i16,
    slots: Slots,
    /// Why no number could be reserved: the port's error is text, and a database that is only busy must be told as that.
    trouble: Mutex<Option<db::Error>>,
}

impl<'a> Stored<'a> {
    pub(super) fn new(ctx: &'a Ctx, actor: &'a Actor, company: CompanyId, year: i16, slots: Slots) -> Self {
        Self { ctx, actor, company, year, slots, trouble: Mutex::default() }
    }

    pub(super) fn into_slots(self) -> Slots {
        self.slots
    }

    pub(super) fn into_trouble(self) -> Option<db::Error> {
        self.trouble.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Numbering for Stored<'_> {
    async fn number(&self, document: &str, data_sha256: &str) -> Result<Numbered, String> {
        let slot = self.slots.of(document).ok_or_else(|| "the rulebook asked for a paper that no pack declares".to_owned())?;
        if let Some(row) = &slot.issued {
            let revision = if row.data_hash == data_sha256 { row.revision } else { row.revision + 1 };
            return Ok(Numbered { number: row.number.clone(), revision: u32::try_from(revision).unwrap_or(u32::MAX) });
        }
        let series = Series { company: self.company, kind: document.to_owned(), year: self.year };
        match table::reserve_number(self.ctx, self.actor, series, slot.id).await {
            Ok(number) => Ok(Numbered { number: format!("{}-{}-{number:05}", initials(document), self.year), revision: 1 }),
            Err(error) => {
                let text = error.to_string();
                *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(text)
            }
        }
    }

    fn replaces(&self, document: &str) -> Option<String> {
        Some(self.slots.of(document)?.replaces.as_ref()?.number.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::TenantId;

    fn row(id: DocumentId, number: &str, revision: i64, state: State, replaces: Option<DocumentId>) -> Row {
        let now = "2026-03-01T09:00:00Z".parse().unwrap();
        Row {
            tenant: TenantId::from_bits(1),
            id,
            revision,
            order_id: OrderId::from_bits(7),
            subject: "s".to_owned(),
            kind: "commercial-invoice".to_owned(),
            number: number.to_owned(),
            order_version: 1,
            state,
            data_hash: "d".to_owned(),
            file_sha256: "f".to_owned(),
            media_type: "application/pdf".to_owned(),
            pages: 1,
            run: None,
            as_of: "2026-03-01".parse().unwrap(),
            created_at: now,
            voided_at: None,
            void_reason: None,
            replaces,
        }
    }

    #[test]
    fn a_voided_paper_is_replaced_by_a_new_one_once() {
        let order = OrderId::from_bits(7);
        let slot = |rows: &[Row]| Slot::new(order, "commercial-invoice", rows);
        let first = slot(&[]);
        assert_eq!((first.id, &first.replaces), (derived_id(order, "commercial-invoice", 0), &None));

        // Two revisions, then void, twice over.
        let mut rows = vec![row(first.id, "CI-1", 1, State::Superseded, None), row(first.id, "CI-1", 2, State::Issued, None)];
        assert_eq!((slot(&rows).id, slot(&rows).issued.map(|row| row.revision)), (first.id, Some(2)));
        rows[1].state = State::Void;
        let second = slot(&rows);
        assert!(second.issued.is_none() && second.id != first.id);
        assert_eq!(second.replaces, Some(Replaced { id: first.id, number: "CI-1".to_owned() }));

        rows.push(row(second.id, "CI-2", 1, State::Issued, Some(first.id)));
        assert_eq!(
            slot(&rows).replaces.map(|one| one.number).as_deref(),
            Some("CI-1"),
            "a later revision forgot what it replaces"
        );
        rows[2].state = State::Void;
        let third = slot(&rows);
        assert!(third.id != second.id && third.id != first.id);
        assert_eq!(third.replaces, Some(Replaced { id: second.id, number: "CI-2".to_owned() }));
        // Another paper of the order knows nothing of it.
        assert_eq!(Slot::new(order, "packing-list", &rows).replaces, None);
    }

    #[test]
    fn a_first_papers_id_is_that_of_earlier_versions_of_this_program() {
        // A number that is reserved and not issued yet hangs on it.
        let order: OrderId = "ord_01kjm3vt4000000000000000r0".parse().unwrap();
        let name = Sha256::digest("ord_01kjm3vt4000000000000000r0 packing-list");
        let hash = name.iter().take(10).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        assert_eq!(derived_id(order, "packing-list", 0).bits() & ((1 << 80) - 1), hash);
    }

    #[test]
    fn initials_leave_out_small_words() {
        assert_eq!((initials("commercial-invoice").as_str(), initials("bill-of-lading").as_str()), ("CI", "BL"));
    }
}
