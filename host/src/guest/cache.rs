//! `roro:host/cache`: the plugin's own cache in its firm.

use std::sync::Arc;

use roro_engine::ImportResult;
use roro_engine::bindings::contract::roro::host::cache::{Error, Host};

use super::answers::Answers;
use crate::action::Desk;
use crate::plugin::manifest::GrantName;

/// The longest key, bytes.
const KEY_BYTES_MAX: usize = 200;
/// The largest value, bytes.
const VALUE_BYTES_MAX: usize = 65_536;
/// The longest time that a value is kept, seconds.
const SECONDS_MAX: u32 = 86_400;

impl Answers {
    /// The desk, for a key that fits.
    fn cache_of(&self, key: &str) -> ImportResult<Result<Arc<dyn Desk>, Error>> {
        self.must_have(GrantName::Cache, "roro:host/cache")?;
        let desk = self.desk()?;
        Ok(if (1..=KEY_BYTES_MAX).contains(&key.len()) { Ok(desk) } else { Err(Error::BadKey) })
    }
}

impl Host for Answers {
    async fn get(&mut self, key: String) -> ImportResult<Result<Option<Vec<u8>>, Error>> {
        let desk = match self.cache_of(&key)? {
            Ok(desk) => desk,
            Err(error) => return Ok(Err(error)),
        };
        let found = desk.cached(&key).await;
        self.moved(found.as_ref().map_or(0, Vec::len));
        Ok(Ok(found))
    }

    async fn put(&mut self, key: String, value: Vec<u8>, seconds: u32) -> ImportResult<Result<(), Error>> {
        let desk = match self.cache_of(&key)? {
            Ok(desk) => desk,
            Err(error) => return Ok(Err(error)),
        };
        if value.len() > VALUE_BYTES_MAX {
            return Ok(Err(Error::TooLarge));
        }
        self.moved(value.len());
        desk.cache(&key, value, seconds.min(SECONDS_MAX)).await;
        Ok(Ok(()))
    }

    async fn remove(&mut self, key: String) -> ImportResult<Result<(), Error>> {
        let desk = match self.cache_of(&key)? {
            Ok(desk) => desk,
            Err(error) => return Ok(Err(error)),
        };
        desk.uncache(&key).await;
        Ok(Ok(()))
    }
}
