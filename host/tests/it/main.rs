//! The integration tests, one binary, a file a topic. They use real components, real packs and real fonts; `cargo xtask test` gets them.

mod documents;
mod fixtures;
mod http;
mod order_file;
mod packs;
mod support;
mod storage;
