//! `roro:records/records`: the app's own records, read as they were committed, written as proposals.

use roro_engine::bindings::contract::roro::records::records::{Error, Field, Host, Page, Query, Stored, Value};
use roro_engine::bindings::contract::roro::types::types;
use roro_engine::{HostFault, ImportResult};

use super::answers::{Answers, date};
use crate::action::DeskError;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::RecordId;
use crate::plugin::manifest::GrantName;
use crate::record::{self, Change, Fields, Refused, WRITES_A_CALL_MAX};

type Reply<T> = ImportResult<Result<T, Error>>;

/// What a record is in this call: as it was read or proposed last.
#[derive(Clone)]
pub(super) struct Seen {
    collection: String,
    id: RecordId,
    version: i64,
    /// None once it is proposed to go.
    fields: Option<Fields>,
    /// The version that the database has; none for one that the call adds.
    committed: Option<i64>,
}

/// Either what the desk has, or the guest's error, or the end of the call.
fn from_desk<T>(answer: Result<T, DeskError>) -> Reply<T> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(DeskError::Refused(refused)) => Ok(Err(told(refused))),
        Err(DeskError::Fault(why)) => Err(HostFault::new(why).into()),
    }
}

fn told(refused: Refused) -> Error {
    match refused {
        Refused::Unknown(what) => Error::Unknown(what),
        Refused::NoRecord => Error::NoRecord,
        Refused::Invalid(why) => Error::Invalid(why),
        Refused::Moved => Error::Moved,
        Refused::Taken(fields) => Error::Taken(fields),
        Refused::Full => Error::Full,
    }
}

macro_rules! or_answer {
    ($reply:expr) => {
        match $reply {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}

impl Answers {
    fn declared(&self, collection: &str) -> Reply<crate::plugin::manifest::Collection> {
        self.must_have(GrantName::Records, "roro:records/records")?;
        let plugin = self.asking.as_ref().ok_or_else(|| HostFault::new("no plugin asks"))?;
        Ok(record::collection(plugin, collection).cloned().map_err(told))
    }

    fn seen(&mut self, collection: &str, id: RecordId) -> ImportResult<Option<Seen>> {
        Ok(self.call()?.seen.iter().find(|one| one.id == id && one.collection == collection).cloned())
    }

    /// A record as this call sees it. What was read is compared again before the call is committed.
    async fn look(&mut self, collection: &str, id: &str) -> Reply<Seen> {
        let Ok(id) = id.parse::<RecordId>() else { return Ok(Err(Error::NoRecord)) };
        if let Some(seen) = self.seen(collection, id)? {
            return Ok(if seen.fields.is_some() { Ok(seen) } else { Err(Error::NoRecord) });
        }
        let desk = self.desk()?;
        let found = or_answer!(from_desk(desk.record(collection, id).await)?);
        self.moved(found.fields.iter().map(|(key, value)| key.len() + value.to_string().len()).sum());
        let version = found.version;
        let seen = Seen { collection: collection.to_owned(), id, version, fields: Some(found.fields), committed: Some(version) };
        let call = self.call()?;
        call.effects.records_read.push((collection.to_owned(), id, version));
        call.seen.push(seen.clone());
        Ok(Ok(seen))
    }

    /// The record that is to be written, if the call has room and the version is the one that it sees.
    async fn writable(&mut self, collection: &str, id: &str, version: u64) -> Reply<Seen> {
        or_answer!(self.declared(collection)?);
        let seen = or_answer!(self.look(collection, id).await?);
        if self.call()?.effects.changes.len() >= WRITES_A_CALL_MAX {
            return Ok(Err(Error::Full));
        }
        Ok(if u64::try_from(seen.version) == Ok(version) { Ok(seen) } else { Err(Error::Moved) })
    }

    fn propose(&mut self, seen: Seen, change: Change) -> ImportResult<()> {
        let call = self.call()?;
        call.effects.changes.push(change);
        call.seen.retain(|one| one.id != seen.id || one.collection != seen.collection);
        call.seen.push(seen);
        Ok(())
    }
}

impl Host for Answers {
    async fn get(&mut self, collection: String, id: String) -> Reply<Stored> {
        or_answer!(self.declared(&collection)?);
        let seen = or_answer!(self.look(&collection, &id).await?);
        Ok(Ok(stored(seen.id, seen.version, seen.fields.unwrap_or_default())))
    }

    async fn find(&mut self, collection: String, query: Query) -> Reply<Page> {
        or_answer!(self.declared(&collection)?);
        let asked = record::Query {
            index: query.index as usize,
            equals: or_answer!(query.equals.into_iter().map(value).collect::<Result<_, _>>()),
            at_least: or_answer!(query.at_least.map(value).transpose()),
            at_most: or_answer!(query.at_most.map(value).transpose()),
            after: query.after,
            limit: u64::from(query.limit),
        };
        let desk = self.desk()?;
        let page = or_answer!(from_desk(desk.records(&collection, asked).await)?);
        let mut records = Vec::with_capacity(page.records.len());
        for found in page.records {
            self.moved(found.fields.iter().map(|(key, value)| key.len() + value.to_string().len()).sum());
            let call = self.call()?;
            if !call.seen.iter().any(|one| one.id == found.id) {
                call.effects.records_read.push((collection.clone(), found.id, found.version));
            }
            records.push(stored(found.id, found.version, found.fields));
        }
        Ok(Ok(Page { records, next: page.next }))
    }

    async fn add(&mut self, collection: String, fields: Vec<Field>) -> Reply<String> {
        let declared = or_answer!(self.declared(&collection)?);
        let fields = or_answer!(read(fields).and_then(|fields| record::check(&declared.fields, fields).map_err(told)));
        if self.call()?.effects.changes.len() >= WRITES_A_CALL_MAX {
            return Ok(Err(Error::Full));
        }
        self.moved(fields.iter().map(|(_, value)| value.to_string().len()).sum());
        let id = self.desk()?.new_record();
        let seen = Seen { collection: collection.clone(), id, version: 1, fields: Some(fields.clone()), committed: None };
        self.propose(seen, Change::Add { collection, id, fields })?;
        Ok(Ok(id.to_string()))
    }

    async fn replace(&mut self, collection: String, id: String, version: u64, fields: Vec<Field>) -> Reply<()> {
        let seen = or_answer!(self.writable(&collection, &id, version).await?);
        let declared = or_answer!(self.declared(&collection)?);
        let fields = or_answer!(read(fields).and_then(|fields| record::check(&declared.fields, fields).map_err(told)));
        self.moved(fields.iter().map(|(_, value)| value.to_string().len()).sum());
        let change = Change::Replace { collection, id: seen.id, version: seen.committed.unwrap_or(1), fields: fields.clone() };
        self.propose(Seen { version: seen.version + 1, fields: Some(fields), ..seen }, change)?;
        Ok(Ok(()))
    }

    async fn remove(&mut self, collection: String, id: String, version: u64) -> Reply<()> {
        let seen = or_answer!(self.writable(&collection, &id, version).await?);
        let change = Change::Remove { collection, id: seen.id, version: seen.committed.unwrap_or(1) };
        self.propose(Seen { fields: None, ..seen }, change)?;
        Ok(Ok(()))
    }
}

fn stored(id: RecordId, version: i64, fields: Fields) -> Stored {
    let field = |(key, value)| Field { key, value: wire(value) };
    Stored { id: id.to_string(), version: version.unsigned_abs(), fields: fields.into_iter().map(field).collect() }
}

/// A value on its way to the guest.
pub(super) fn wire(value: record::Value) -> Value {
    match value {
        record::Value::Text(text) => Value::Text(text),
        record::Value::Integer(number) => Value::Integer(number),
        record::Value::Decimal(number) => Value::Decimal(types::Decimal { mantissa: number.mantissa(), scale: number.scale() }),
        record::Value::Boolean(yes) => Value::Boolean(yes),
        record::Value::Date(day) => Value::Date(date(day)),
    }
}

fn value(wire: Value) -> Result<record::Value, Error> {
    Ok(match wire {
        Value::Text(text) => record::Value::Text(text),
        Value::Integer(number) => record::Value::Integer(number),
        Value::Decimal(number) => record::Value::Decimal(
            Decimal::new(number.mantissa, number.scale).map_err(|error| Error::Invalid(error.to_string()))?,
        ),
        Value::Boolean(yes) => record::Value::Boolean(yes),
        Value::Date(day) => {
            let read = i8::try_from(day.month).ok().zip(i8::try_from(day.day).ok());
            let date = read.and_then(|(month, of_month)| jiff::civil::Date::new(day.year, month, of_month).ok());
            record::Value::Date(date.ok_or_else(|| Error::Invalid("there is no such date".to_owned()))?)
        }
    })
}

fn read(fields: Vec<Field>) -> Result<Fields, Error> {
    fields.into_iter().map(|field| Ok((field.key, value(field.value)?))).collect()
}
