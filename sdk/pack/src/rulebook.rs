//! What the rulebook does with the tables of a call: which documents, which findings, which boxes.
//!
//! The life of a call: [`Tables::join`] the bytes, ask what a step [`Tables::reads`], read those fields, hand them back as an [`Input`].
//! The answer depends on nothing else. It never reads a clock and never builds a sentence.

use std::collections::BTreeMap;

use crate::date::Date;
use crate::machine::{Machine, Rows, at_row};
use crate::table::{BoxRule, Code, Document, LAYOUT, Rule, Scope, Severity, Subject, Table};
use crate::value::{Column, Fault, Value};

/// What is wrong with the tables or with what was read for them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not a table of this version.
    #[error("table {index} cannot be read: install the pack again with this version of Roro")]
    Unreadable {
        /// Which of the tables, from 0.
        index: usize,
    },
    /// The table decodes but contradicts itself.
    #[error("the table of pack `{pack}` is damaged ({what}): install the pack again")]
    Damaged {
        /// The pack.
        pack: String,
        /// What was found.
        what: &'static str,
    },
    /// Two packs declare one id.
    #[error("the packs `{first}` and `{second}` both declare `{id}`: rename it in one of them")]
    Twice {
        /// The id of a rule or document.
        id: String,
        /// The pack that came first.
        first: String,
        /// The pack that came second.
        second: String,
    },
    /// The host read fewer or other columns than were asked.
    #[error(
        "the columns that were read do not match the paths that were asked: they need one entry for each, with equal rows in a scope"
    )]
    Columns,
}

/// Why boxes cannot be prepared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The tables are at fault.
    #[error(transparent)]
    Table(#[from] Error),
    /// No pack declares the document.
    #[error("no pack declares the document `{0}`: ask `requirements` for the ids")]
    Unknown(String),
    /// Required boxes stay empty; every one of them.
    #[error("{} values are missing: fill the places that the list names", .0.len())]
    Incomplete(Vec<Missing>),
}

/// A step whose fields are to be read.
#[derive(Debug, Clone, Copy)]
pub enum Step<'s> {
    /// Which documents the order needs.
    Requirements,
    /// The findings.
    Check,
    /// The boxes of the named documents.
    Prepare(&'s [String]),
}

/// The fields that a step reads, in the order in which the columns must come back.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    fields: Vec<usize>,
    paths: Vec<&'a str>,
}

impl<'a> Reading<'a> {
    /// The paths to read.
    #[must_use]
    pub fn paths(&self) -> &[&'a str] {
        &self.paths
    }
}

/// What a call knows about the order.
#[derive(Debug)]
pub struct Input {
    as_of: Date,
    /// By the joined number of the field; none where this step does not read it.
    columns: Vec<Option<Column>>,
}

/// A document that the order needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in wit/deps/roro-documents")]
pub struct Requirement {
    pub document: String,
    pub pack: String,
    pub subject: Subject,
    pub template: String,
    pub rank: u32,
    pub reason: String,
}

/// A rule's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// What it does to the order.
    pub severity: Severity,
    /// A JSON pointer into the order file.
    pub place: String,
    /// What the sentence needs, in the order of the pack.
    pub parameters: Vec<(String, String)>,
}

/// A value that a document needs and the order does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The document.
    pub document: String,
    /// A JSON pointer into the order file.
    pub place: String,
    /// The box that stays empty.
    pub name: String,
}

/// A filled box: its name and its text.
pub type Filled = (String, String);

/// The boxes of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The document.
    pub document: String,
    /// Boxes of the whole document.
    pub boxes: Vec<Filled>,
    /// Boxes of each vehicle; empty when the document has none.
    pub rows: Vec<Vec<Filled>>,
}

struct Member<'a> {
    table: Table<'a>,
    /// The joined number of each path.
    fields: Vec<usize>,
}

/// The tables of the packs of one call.
pub struct Tables<'a> {
    members: Vec<Member<'a>>,
    fields: Vec<(&'a str, Scope)>,
}

impl<'a> Tables<'a> {
    /// Decodes the tables and joins them.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for bytes that are no table, [`Error::Twice`] when two packs declare one rule or document.
    pub fn join<T: AsRef<[u8]>>(tables: &'a [T]) -> Result<Self, Error> {
        let mut joined: BTreeMap<&'a str, usize> = BTreeMap::new();
        let mut fields = Vec::new();
        let mut members = Vec::with_capacity(tables.len());
        for (index, bytes) in tables.iter().enumerate() {
            let table: Table<'a> = postcard::from_bytes(bytes.as_ref()).map_err(|_| Error::Unreadable { index })?;
            if table.layout != LAYOUT {
                return Err(Error::Unreadable { index });
            }
            let numbers = table.paths.iter().map(|path| {
                *joined.entry(path.path).or_insert_with(|| {
                    fields.push((path.path, path.scope));
                    fields.len() - 1
                })
            });
            let numbers = numbers.collect();
            members.push(Member { table, fields: numbers });
        }
        Ok(Self { members, fields })
    }

    /// Fails when two packs declare one id. The host asks once, when it activates a set of packs; a call need not.
    ///
    /// # Errors
    /// [`Error::Twice`], or [`Error::Damaged`] for a table that does not decode wholly.
    pub fn check_ids(&self) -> Result<(), Error> {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for member in &self.members {
            let pack = member.table.pack;
            let mut ids: Vec<&str> = member.rules()?.iter().map(|rule| rule.id).collect();
            // Versions of a rule share its id.
            ids.dedup();
            ids.extend(member.documents()?.iter().map(|document| document.id));
            for id in ids {
                let first = *owners.entry(id.to_owned()).or_insert(pack);
                if first != pack {
                    return Err(Error::Twice { id: id.to_owned(), first: first.to_owned(), second: pack.to_owned() });
                }
            }
        }
        Ok(())
    }

    /// The fields that a step reads, each once.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a table that does not decode wholly.
    pub fn reads(&self, step: Step<'_>) -> Result<Reading<'a>, Error> {
        let mut wanted = vec![false; self.fields.len()];
        for member in &self.members {
            let mut want = |reads: &[u16]| {
                for path in reads {
                    let field = member.fields.get(usize::from(*path)).and_then(|field| wanted.get_mut(*field));
                    *field.ok_or_else(|| member.damaged("a path is missing"))? = true;
                }
                Ok(())
            };
            match step {
                Step::Requirements => want(&member.table.requirement_reads)?,
                Step::Check => want(&member.table.check_reads)?,
                Step::Prepare(ids) => {
                    for document in member.documents()?.iter().filter(|document| ids.iter().any(|id| id == document.id)) {
                        want(&document.reads)?;
                    }
                }
            }
        }
        let fields: Vec<usize> = wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(field, _)| field).collect();
        let paths = fields.iter().filter_map(|field| self.fields.get(*field)).map(|(path, _)| *path).collect();
        Ok(Reading { fields, paths })
    }

    /// What was read, as the input of the step. The columns have the order of [`Reading::paths`].
    ///
    /// # Errors
    /// [`Error::Columns`] when their number differs.
    pub fn input(&self, as_of: Date, reading: &Reading<'_>, columns: Vec<Column>) -> Result<Input, Error> {
        if columns.len() != reading.fields.len() {
            return Err(Error::Columns);
        }
        let mut placed: Vec<Option<Column>> = self.fields.iter().map(|_| None).collect();
        for (field, column) in reading.fields.iter().zip(columns) {
            *placed.get_mut(*field).ok_or(Error::Columns)? = Some(column);
        }
        Ok(Input { as_of, columns: placed })
    }

    /// The documents that the order needs, by rank, then id. A condition that cannot be decided asks for the document.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Columns`].
    pub fn requirements(&self, input: &Input) -> Result<Vec<Requirement>, Error> {
        let counts = self.counts(input)?;
        let mut found = Vec::new();
        for member in &self.members {
            let mut machine = member.machine(input, counts);
            for document in member.documents()? {
                let needed = match document.when {
                    None => true,
                    Some(when) => {
                        member.decided(machine.run(when, [0; 3]))?.is_none_or(|value| matches!(value, Value::Boolean(true)))
                    }
                };
                if needed {
                    found.push(Requirement {
                        document: document.id.to_owned(),
                        pack: member.table.pack.to_owned(),
                        subject: document.subject,
                        template: document.template.to_owned(),
                        rank: document.rank,
                        reason: document.reason.to_owned(),
                    });
                }
            }
        }
        found.sort_by(|one, two| (one.rank, &one.document).cmp(&(two.rank, &two.document)));
        Ok(found)
    }

    /// Every finding, worst first, then by rule, then by place.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Columns`].
    pub fn check(&self, input: &Input) -> Result<Vec<Finding>, Error> {
        let counts = self.counts(input)?;
        let mut findings = Vec::new();
        for member in &self.members {
            member.check(input, counts, &mut findings)?;
        }
        findings.sort_by(|one, two| {
            let by_rule = (one.severity, &one.rule).cmp(&(two.severity, &two.rule));
            by_rule.then_with(|| place_key(&one.place).cmp(&place_key(&two.place)))
        });
        Ok(findings)
    }

    /// The boxes of the named documents, in the order in which they are named.
    ///
    /// # Errors
    /// [`PrepareError`]; a missing value of one document stops all, and all are listed.
    pub fn prepare(&self, documents: &[String], input: &Input) -> Result<Vec<Prepared>, PrepareError> {
        let counts = self.counts(input)?;
        let mut prepared = Vec::with_capacity(documents.len());
        let mut missing = Vec::new();
        for id in documents {
            let mut found = None;
            for member in &self.members {
                if let Some(document) = member.documents()?.iter().find(|document| document.id == *id) {
                    found = Some(member.prepare(document, input, counts, &mut missing)?);
                    break;
                }
            }
            prepared.push(found.ok_or_else(|| PrepareError::Unknown(id.clone()))?);
        }
        if missing.is_empty() { Ok(prepared) } else { Err(PrepareError::Incomplete(missing)) }
    }

    /// How many rows each scope has, from the columns of this step. Columns of one scope must agree.
    fn counts(&self, input: &Input) -> Result<[usize; 3], Error> {
        let mut counts: [Option<usize>; 3] = [Some(1), None, None];
        for ((_, scope), column) in self.fields.iter().zip(&input.columns) {
            let (Some(count), Some(column)) = (counts.get_mut(*scope as usize), column) else { continue };
            if count.is_some_and(|count| count != column.rows()) {
                return Err(Error::Columns);
            }
            *count = Some(column.rows());
        }
        Ok(counts.map(Option::unwrap_or_default))
    }
}

/// Numbers in a place sort as numbers: `/vehicles/2` before `/vehicles/10`.
fn place_key(place: &str) -> Vec<(u64, &str)> {
    place.split('/').map(|part| part.parse().map_or((u64::MAX, part), |number| (number, ""))).collect()
}

impl<'a> Member<'a> {
    fn damaged(&self, what: &'static str) -> Error {
        Error::Damaged { pack: self.table.pack.to_owned(), what }
    }

    fn rules(&self) -> Result<Vec<Rule<'a>>, Error> {
        postcard::from_bytes(self.table.rules).map_err(|_| self.damaged("its rules do not decode"))
    }

    fn documents(&self) -> Result<Vec<Document<'a>>, Error> {
        postcard::from_bytes(self.table.documents).map_err(|_| self.damaged("its documents do not decode"))
    }

    fn machine<'t>(&'t self, input: &'t Input, counts: [usize; 3]) -> Machine<'t> {
        let columns = self.fields.iter().map(|field| input.columns.get(*field).and_then(Option::as_ref)).collect();
        Machine::new(&self.table, columns, counts, input.as_of)
    }

    /// The value, none when the order's figures left it undecided, an error when the table is at fault.
    fn decided<T>(&self, answer: Result<T, Fault>) -> Result<Option<T>, Error> {
        match answer {
            Ok(value) => Ok(Some(value)),
            Err(Fault::Table(what)) => Err(self.damaged(what)),
            Err(Fault::Overflow | Fault::Currencies) => Ok(None),
        }
    }

    fn check(&self, input: &Input, counts: [usize; 3], findings: &mut Vec<Finding>) -> Result<(), Error> {
        let mut machine = self.machine(input, counts);
        let rules = self.rules()?;
        let today = input.as_of.days();
        let in_force = |rule: &&Rule<'_>| rule.effective_from <= today && rule.effective_to.is_none_or(|to| today <= to);
        for rule in rules.iter().filter(in_force) {
            let (clock, source) = self.clock(&machine, rule, input.as_of)?;
            machine.clock = clock;
            for row in 0..machine.count(rule.each) {
                let rows = at_row([0; 3], rule.each, row);
                match self.judge(&mut machine, rule, rows) {
                    Ok(None) => {}
                    Ok(Some(mut parameters)) => {
                        if rule.shows_clock {
                            parameters.push(("clock".to_owned(), clock.to_string()));
                            parameters.push(("clock_from".to_owned(), source.to_owned()));
                        }
                        let (rule_id, severity) = (rule.id.to_owned(), rule.severity);
                        findings.push(Finding { rule: rule_id, severity, place: place(rule.each, row, rule.place), parameters });
                    }
                    Err(Fault::Table(what)) => return Err(self.damaged(what)),
                    Err(fault) => findings.push(self.undecided(rule, row, fault)),
                }
            }
        }
        findings.extend(self.stale(rules.iter().filter(in_force), today));
        Ok(())
    }

    /// The parameters of the finding when the rule is broken for these rows.
    fn judge<'t>(&self, machine: &mut Machine<'t>, rule: &Rule<'t>, rows: Rows) -> Result<Option<Vec<Filled>>, Fault> {
        if let Some(applies_if) = rule.applies_if
            && machine.run(applies_if, rows)?.boolean()? != Some(true)
        {
            return Ok(None);
        }
        if machine.run(rule.must, rows)?.boolean()? != Some(false) {
            return Ok(None);
        }
        let mut parameters = Vec::with_capacity(rule.parameters.len());
        for (name, code) in &rule.parameters {
            parameters.push(((*name).to_owned(), shown(machine, code, rows)?));
        }
        Ok(Some(parameters))
    }

    fn clock<'r>(&self, machine: &Machine<'_>, rule: &Rule<'_>, as_of: Date) -> Result<(Date, &'r str), Error>
    where
        'a: 'r,
    {
        for path in &rule.clock {
            let date = machine.date(*path).map_err(|_| self.damaged("a clock is no date"))?;
            if let (Some(date), Some(path)) = (date, self.table.paths.get(usize::from(*path))) {
                return Ok((date, path.path));
            }
        }
        Ok((as_of, "as-of"))
    }

    fn undecided(&self, rule: &Rule<'_>, row: usize, fault: Fault) -> Finding {
        Finding {
            rule: format!("{}-UNDECIDED", self.table.pack.to_uppercase()),
            severity: if rule.severity <= Severity::Error { Severity::Error } else { Severity::Warn },
            place: place(rule.each, row, rule.place),
            parameters: vec![("rule".to_owned(), rule.id.to_owned()), ("cause".to_owned(), fault.cause().to_owned())],
        }
    }

    fn stale<'r>(&self, rules: impl Iterator<Item = &'r Rule<'r>>, today: i32) -> Option<Finding> {
        let mut stale: Vec<&Rule<'_>> = rules.filter(|rule| rule.stale_from <= today).collect();
        stale.sort_by_key(|rule| rule.id);
        let worst = stale.iter().map(|rule| rule.severity).min()?;
        let oldest = stale.iter().map(|rule| rule.checked_on).min().and_then(Date::from_days)?;
        let ids: Vec<&str> = stale.iter().map(|rule| rule.id).collect();
        Some(Finding {
            rule: format!("{}-STALE", self.table.pack.to_uppercase()),
            severity: if worst <= Severity::Error { Severity::Warn } else { Severity::Info },
            place: String::new(),
            parameters: vec![
                ("rules".to_owned(), ids.join(", ")),
                ("count".to_owned(), ids.len().to_string()),
                ("checked_on".to_owned(), oldest.to_string()),
            ],
        })
    }

    fn prepare(
        &self,
        document: &Document<'a>,
        input: &Input,
        counts: [usize; 3],
        missing: &mut Vec<Missing>,
    ) -> Result<Prepared, Error> {
        let (boxes, rows): (Vec<BoxRule<'a>>, Vec<BoxRule<'a>>) =
            postcard::from_bytes(document.boxes).map_err(|_| self.damaged("its boxes do not decode"))?;
        let mut machine = self.machine(input, counts);
        let mut prepared = Prepared { document: document.id.to_owned(), boxes: Vec::new(), rows: Vec::new() };
        for entry in &boxes {
            prepared.boxes.push(self.fill(&mut machine, entry, Scope::Order, 0, document.id, missing)?);
        }
        if !rows.is_empty() {
            for row in 0..machine.count(Scope::Vehicle) {
                let mut filled = Vec::with_capacity(rows.len());
                for entry in &rows {
                    filled.push(self.fill(&mut machine, entry, Scope::Vehicle, row, document.id, missing)?);
                }
                prepared.rows.push(filled);
            }
        }
        Ok(prepared)
    }

    /// Fills a box. A value that cannot be computed counts as missing, whether the box is required or not.
    fn fill<'t>(
        &self,
        machine: &mut Machine<'t>,
        entry: &BoxRule<'t>,
        scope: Scope,
        row: usize,
        document: &str,
        missing: &mut Vec<Missing>,
    ) -> Result<Filled, Error> {
        let value = self.decided(machine.run(entry.value, at_row([0; 3], scope, row)))?;
        let lacking = value.as_ref().is_none_or(|value| entry.required && !value.is_present());
        if lacking {
            missing.push(Missing {
                document: document.to_owned(),
                place: place(scope, row, entry.place),
                name: entry.name.to_owned(),
            });
        }
        Ok((entry.name.to_owned(), value.map(|value| value.render()).unwrap_or_default()))
    }
}

/// A parameter's text; a dash where the order says nothing.
fn shown<'t>(machine: &mut Machine<'t>, code: Code<'t>, rows: Rows) -> Result<String, Fault> {
    let value = machine.run(code, rows)?;
    Ok(if value.is_none() { "—".to_owned() } else { value.render() })
}

fn place(scope: Scope, row: usize, below: &str) -> String {
    match scope {
        Scope::Order => below.to_owned(),
        scope => format!("{}/{row}{below}", scope.pointer()),
    }
}
