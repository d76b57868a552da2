//! The state of one call: what the guest may read, and what it logged.

use jiff::civil::Date;
use roro_engine::bindings::contract::roro::host::{config, legal_date, log, tables};
use roro_engine::bindings::contract::roro::types::types;
use roro_engine::{Denied, HostFault, LogSource};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::app::AppCall;
use super::random::Random;
use crate::document::Case;
use crate::kernel::font::Font;
use crate::order::Snapshot;
use crate::pack::Pack;
use crate::plugin::Active;
use crate::plugin::manifest::GrantName;

/// A finding as guests give it.
pub(super) use types::Finding as WireFinding;

/// A line that a guest logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its level: `debug`, `info`, `warn`, `error`, or `stdout`, `stderr`.
    pub level: &'static str,
    /// The text, as the guest wrote it.
    pub text: String,
}

/// The host's side of one sandbox.
pub struct Answers {
    /// The orders that the guest has handles of: a rule's one, or those that an app has opened.
    pub(super) orders: Vec<Arc<Snapshot>>,
    pub(super) packs: Arc<[Arc<Pack>]>,
    pub(super) fonts: Arc<[Font]>,
    as_of: Date,
    config: Arc<BTreeMap<String, String>>,
    /// The plugin that is called; none for the host's own, which may read everything that a call has.
    pub(super) asking: Option<Arc<Active>>,
    /// What an app's call has beside that; none for a rule.
    pub(super) app: Option<Box<AppCall>>,
    /// Where the call's randomness comes from.
    pub(super) random: Random,
    pub(super) bytes_moved: u64,
    lines: Arc<Mutex<Vec<LogLine>>>,
}

impl Answers {
    /// A fresh state, and the place where its log lines will be.
    #[must_use]
    pub fn new(case: Case) -> (Self, Arc<Mutex<Vec<LogLine>>>) {
        let Case { snapshot, packs, as_of, config, fonts, .. } = case;
        let random = Random::seeded(&snapshot.digest);
        let (orders, lines) = (vec![snapshot], Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&lines);
        (Self { orders, packs, fonts, as_of, config, asking: None, app: None, random, bytes_moved: 0, lines }, kept)
    }

    /// The same for a plugin of a tenant: with its settings, and with its grants alone.
    #[must_use]
    pub fn of_plugin(case: Case, plugin: Arc<Active>) -> (Self, Arc<Mutex<Vec<LogLine>>>) {
        let (answers, lines) = Self::new(case);
        (Self { asking: Some(plugin), ..answers }, lines)
    }

    /// The state of an app's call: no order until it opens one.
    pub(super) fn of_app(plugin: Arc<Active>, today: Date, seed: u64, app: AppCall) -> (Self, Arc<Mutex<Vec<LogLine>>>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let answers = Self {
            orders: Vec::new(),
            packs: Arc::default(),
            fonts: Arc::default(),
            as_of: today,
            config: Arc::default(),
            asking: Some(plugin),
            app: Some(Box::new(app)),
            random: Random::seeded(&seed.to_string()),
            bytes_moved: 0,
            lines: Arc::clone(&lines),
        };
        (answers, lines)
    }

    /// Refuses an import whose grant the plugin does not have.
    pub(super) fn must_have(&self, grant: GrantName, import: &'static str) -> Result<(), Denied> {
        let has = self.asking.as_ref().is_none_or(|plugin| plugin.grants.contains(&grant));
        if has { Ok(()) } else { Err(Denied::new(grant.as_str(), import)) }
    }

    /// Counts bytes that cross the border; the guest pays fuel for them.
    pub(super) fn moved(&mut self, bytes: usize) {
        self.bytes_moved = self.bytes_moved.saturating_add(bytes as u64);
    }

    /// A text for the guest, counted.
    pub(super) fn text(&mut self, text: &str) -> String {
        self.moved(text.len());
        text.to_owned()
    }
}

/// A civil date in the contract's form.
pub(super) fn date(date: Date) -> types::Date {
    types::Date { year: date.year(), month: date.month().unsigned_abs(), day: date.day().unsigned_abs() }
}

impl roro_engine::Answers for Answers {
    fn log(&mut self, source: LogSource, line: &str) {
        let level = match source {
            LogSource::Log(log::Level::Debug) => "debug",
            LogSource::Log(log::Level::Info) => "info",
            LogSource::Log(log::Level::Warn) => "warn",
            LogSource::Log(log::Level::Error) => "error",
            LogSource::Stdout => "stdout",
            LogSource::Stderr => "stderr",
        };
        // A poisoned lock means that a reader panicked; the lines themselves are still whole.
        let mut lines = self.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        lines.push(LogLine { level, text: line.to_owned() });
    }

    fn take_bytes_moved(&mut self) -> u64 {
        std::mem::take(&mut self.bytes_moved)
    }

    /// The order file: its schema is published, and the places of findings are pointers into it.
    fn order_json(&mut self) -> roro_engine::ImportResult<Vec<u8>> {
        let order = self.orders.first().ok_or_else(|| HostFault::new("the call is about no order"))?;
        let written = serde_json::to_vec(&order.file);
        Ok(written.map_err(|error| HostFault::new(format!("the order cannot be written as JSON: {error}")))?)
    }
}

impl config::Host for Answers {
    fn get(&mut self, key: String) -> roro_engine::ImportResult<Option<String>> {
        self.must_have(GrantName::Config, "roro:host/config")?;
        let value = match &self.asking {
            Some(plugin) => plugin.settings.get(&key).map(str::to_owned),
            None => self.config.get(&key).cloned(),
        };
        self.moved(value.as_ref().map_or(0, String::len));
        Ok(value)
    }
}

impl legal_date::Host for Answers {
    fn as_of(&mut self) -> roro_engine::ImportResult<types::Date> {
        Ok(date(self.as_of))
    }
}

impl tables::Host for Answers {
    fn packs(&mut self) -> roro_engine::ImportResult<Vec<Vec<u8>>> {
        self.must_have(GrantName::Tables, "roro:host/tables")?;
        let tables: Vec<Vec<u8>> = self.packs.iter().map(|pack| pack.table().to_vec()).collect();
        self.moved(tables.iter().map(Vec::len).sum());
        Ok(tables)
    }
}
