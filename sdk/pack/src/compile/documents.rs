//! `documents.toml`: which documents, when, and what stands in their boxes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::emit::{Emitter, Setting};
use super::types::Type;
use super::{Sources, Titles, each_file, is_id, titles};
use crate::reader::{Entry, suggest};
use crate::table::{BoxRule, Document, Scope, Subject};

/// A box, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the README of the format explains each key")]
pub struct BoxInfo {
    pub name: String,
    pub value: String,
    pub required: bool,
    /// A JSON pointer, below a vehicle for rows; empty when the box is not required and names none.
    pub place: String,
}

/// A document, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the README of the format explains each key")]
pub struct DocumentInfo {
    pub id: String,
    pub title: Titles,
    pub subject: Subject,
    pub template: String,
    pub language: String,
    pub rank: u32,
    pub when: Option<String>,
    pub reason: String,
    pub boxes: Vec<BoxInfo>,
    pub rows: Vec<BoxInfo>,
}

#[derive(Default)]
struct Programs {
    when: Option<Vec<u8>>,
    boxes: Vec<Vec<u8>>,
    rows: Vec<Vec<u8>>,
    reads: BTreeSet<u16>,
}

/// The documents with their programs, by rank.
#[derive(Default)]
pub(super) struct Compiled {
    pub(super) infos: Vec<DocumentInfo>,
    pub(super) requirement_reads: BTreeSet<u16>,
    programs: Vec<Programs>,
}

pub(super) fn load(sources: &Sources, emitter: &mut Emitter<'_>) -> Compiled {
    let mut documents = Vec::new();
    let mut requirement_reads = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let templates = sources.below("templates/");
    each_file(sources, "documents", emitter, |emitter, root| {
        for mut entry in root.entries(&mut emitter.report, "document") {
            if let Some(document) = document(&mut entry, &templates, &mut ids, &mut requirement_reads, emitter) {
                documents.push(document);
            }
        }
        root.finish(&mut emitter.report);
    });
    documents.sort_by(|(one, _), (two, _)| (one.rank, &one.id).cmp(&(two.rank, &two.id)));
    let (infos, programs) = documents.into_iter().unzip();
    Compiled { infos, requirement_reads, programs }
}

fn document(
    entry: &mut Entry<'_, '_>,
    templates: &[String],
    ids: &mut BTreeSet<String>,
    requirement_reads: &mut BTreeSet<u16>,
    emitter: &mut Emitter<'_>,
) -> Option<(DocumentInfo, Programs)> {
    let id = entry.text(&mut emitter.report, "id");
    if let Some(id) = &id {
        entry.item.clone_from(&id.value);
        if !is_id(&id.value, u8::is_ascii_lowercase) {
            emitter.report.add(&id.place, &id.value, "this is no document id", "use lower case letters, digits and hyphens");
        }
        if !ids.insert(id.value.clone()) {
            emitter.report.add(&id.place, &id.value, "the pack declares this document twice", "give one of them another id");
        }
    }
    let title = entry.title(&mut emitter.report, "title");
    let subject = entry.word(&mut emitter.report, "subject", &[("order", Subject::Order), ("shipment", Subject::Shipment)]);
    let template = entry.text(&mut emitter.report, "template");
    if let Some(template) = template.as_ref().filter(|template| !templates.contains(&template.value)) {
        let fix = suggest(&template.value, templates.iter().map(String::as_str), "add the file to templates/");
        emitter.report.add(&template.place, &entry.item, format!("there is no template `{}`", template.value), fix);
    }
    let language = entry.text(&mut emitter.report, "language");
    let rank = entry.integer(&mut emitter.report, "rank");
    if let Some(rank) = rank.as_ref().filter(|rank| u32::try_from(rank.value).is_err()) {
        emitter.report.add(&rank.place, &entry.item, "`rank` is out of range", "write a number from 0 upwards");
    }
    let reason = entry.text(&mut emitter.report, "reason");
    emitter.reasons.extend(reason.as_ref().map(|reason| reason.value.clone()));
    let item = entry.item.clone();
    let mut programs = Programs::default();
    let when = entry.optional_text(&mut emitter.report, "when");
    if let Some(when) = &when {
        let setting = Setting { item: &item, each: Scope::Order, clock: false };
        programs.when = emitter.typed(&when.value, &when.place, setting, Type::Boolean).map(|program| program.code);
    }
    requirement_reads.extend(emitter.take_reads());
    let boxes = boxes(entry, "box", Scope::Order, &mut programs.boxes, emitter);
    let rows = self::boxes(entry, "row", Scope::Vehicle, &mut programs.rows, emitter);
    programs.reads = emitter.take_reads();
    entry.finish(&mut emitter.report);
    let info = DocumentInfo {
        id: id?.value,
        title: titles(title?),
        subject: subject?,
        template: template?.value,
        language: language?.value,
        rank: u32::try_from(rank?.value).ok()?,
        when: when.map(|found| found.value),
        reason: reason?.value,
        boxes,
        rows,
    };
    Some((info, programs))
}

fn boxes(entry: &Entry<'_, '_>, key: &str, scope: Scope, programs: &mut Vec<Vec<u8>>, emitter: &mut Emitter<'_>) -> Vec<BoxInfo> {
    let mut infos: Vec<BoxInfo> = Vec::new();
    for mut below in entry.entries(&mut emitter.report, key) {
        below.item.clone_from(&entry.item);
        let name = below.text(&mut emitter.report, "name");
        let value = below.text(&mut emitter.report, "value");
        let required = below.boolean(&mut emitter.report, "required").unwrap_or(false);
        let place = below.pointer(&mut emitter.report, "place").map(|found| found.value);
        below.finish(&mut emitter.report);
        if let Some(name) = name.as_ref().filter(|name| infos.iter().any(|info| info.name == name.value)) {
            let message = format!("the document has two boxes `{}`", name.value);
            emitter.report.add(&name.place, &entry.item, message, "rename one of them");
        }
        if required && place.is_none() {
            let message = "a required box does not say where its value would stand";
            emitter.report.add(&below.place, &entry.item, message, "add `place = \"/…\"`");
        }
        let setting = Setting { item: &entry.item, each: scope, clock: false };
        let program = value.as_ref().and_then(|value| emitter.program(&value.value, &value.place, setting));
        if let (Some(name), Some(value), Some(program)) = (name, value, program) {
            programs.push(program.code);
            infos.push(BoxInfo { name: name.value, value: value.value, required, place: place.unwrap_or_default() });
        }
    }
    infos
}

/// The documents as the rulebook reads them.
pub(super) fn encode(documents: &Compiled) -> Result<Vec<u8>, postcard::Error> {
    let mut boxes = Vec::with_capacity(documents.infos.len());
    for (info, programs) in documents.infos.iter().zip(&documents.programs) {
        let pair = (encoded(&info.boxes, &programs.boxes), encoded(&info.rows, &programs.rows));
        boxes.push(postcard::to_allocvec(&pair)?);
    }
    let encoded: Vec<Document<'_>> = documents
        .infos
        .iter()
        .zip(&documents.programs)
        .zip(&boxes)
        .map(|((info, programs), boxes)| Document {
            id: &info.id,
            subject: info.subject,
            template: &info.template,
            rank: info.rank,
            reason: &info.reason,
            when: programs.when.as_deref(),
            reads: programs.reads.iter().copied().collect(),
            boxes,
        })
        .collect();
    postcard::to_allocvec(&encoded)
}

fn encoded<'a>(infos: &'a [BoxInfo], programs: &'a [Vec<u8>]) -> Vec<BoxRule<'a>> {
    let boxes = infos.iter().zip(programs);
    boxes.map(|(info, code)| BoxRule { name: &info.name, value: code, required: info.required, place: &info.place }).collect()
}
