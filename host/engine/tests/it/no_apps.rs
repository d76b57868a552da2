//! The imports of apps, for a host that has none of what they ask for.

use roro_engine::ImportResult;
use roro_engine::Resource;
use roro_engine::bindings::contract::roro::host::{cache, events, fetch, random, tasks};
use roro_engine::bindings::contract::roro::order::{order, orders};
use roro_engine::bindings::contract::roro::records::records;

use crate::support::Snapshot;

impl random::Host for Snapshot {
    fn bytes(&mut self, count: u32) -> ImportResult<Vec<u8>> {
        Ok(vec![7; usize::try_from(count)?.min(4_096)])
    }
}

impl cache::Host for Snapshot {
    async fn get(&mut self, _key: String) -> ImportResult<Result<Option<Vec<u8>>, cache::Error>> {
        Ok(Ok(None))
    }
    async fn put(&mut self, _key: String, _value: Vec<u8>, _seconds: u32) -> ImportResult<Result<(), cache::Error>> {
        Ok(Ok(()))
    }
    async fn remove(&mut self, _key: String) -> ImportResult<Result<(), cache::Error>> {
        Ok(Ok(()))
    }
}

impl fetch::Host for Snapshot {
    fn send(&mut self, _request: fetch::Request) -> ImportResult<Result<fetch::Answer, fetch::Error>> {
        Ok(Err(fetch::Error::Unreachable))
    }
}

impl tasks::Host for Snapshot {
    fn later(&mut self, _name: String, _payload: String, _seconds: u32) -> ImportResult<Result<(), tasks::Error>> {
        Ok(Err(tasks::Error::TooMany))
    }
}

impl events::Host for Snapshot {
    fn tell(&mut self, _name: String, _payload: String) -> ImportResult<Result<(), events::Error>> {
        Ok(Err(events::Error::TooMany))
    }
}

impl orders::Host for Snapshot {
    async fn open(&mut self, _id: String) -> ImportResult<Result<Resource<order::Order>, orders::Error>> {
        Ok(Err(orders::Error::Unknown))
    }
    async fn newest(&mut self, _after: Option<String>, _limit: u32) -> ImportResult<orders::Page> {
        Ok(orders::Page { cards: Vec::new(), next: None })
    }
    async fn note(&mut self, _order: String, _text: String) -> ImportResult<Result<(), orders::Error>> {
        Ok(Err(orders::Error::Unknown))
    }
}

impl records::Host for Snapshot {
    async fn get(&mut self, _collection: String, _id: String) -> ImportResult<Result<records::Stored, records::Error>> {
        Ok(Err(records::Error::NoRecord))
    }
    async fn find(&mut self, _collection: String, _query: records::Query) -> ImportResult<Result<records::Page, records::Error>> {
        Ok(Ok(records::Page { records: Vec::new(), next: None }))
    }
    async fn add(&mut self, _collection: String, _fields: Vec<records::Field>) -> ImportResult<Result<String, records::Error>> {
        Ok(Err(records::Error::Full))
    }
    async fn replace(
        &mut self,
        _collection: String,
        _id: String,
        _version: u64,
        _fields: Vec<records::Field>,
    ) -> ImportResult<Result<(), records::Error>> {
        Ok(Err(records::Error::NoRecord))
    }
    async fn remove(&mut self, _collection: String, _id: String, _version: u64) -> ImportResult<Result<(), records::Error>> {
        Ok(Err(records::Error::NoRecord))
    }
}
