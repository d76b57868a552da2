//! What every noun stands on: ids, money, time, randomness, secrets, the database, the cache, the queue, objects, the way out.
//!
//! The kernel lives as long as the process; `Ctx` hands it around. It knows no noun of the business, no HTTP and no plugin
//! engine, and it never reads the environment: `config` does, once.

pub mod cache;
pub mod ctx;
pub mod db;
pub mod decimal;
pub mod font;
pub mod gate;
pub mod heavy;
pub mod id;
pub mod key_file;
pub mod metrics;
pub mod money;
pub mod objects;
pub mod outbound;
pub mod queue;
pub mod rng;
mod schema;
pub mod secret;
pub mod shifts;
pub mod telemetry;
pub mod time;
pub mod vault;

pub use ctx::Ctx;
