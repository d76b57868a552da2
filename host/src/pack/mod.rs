//! Country packs: what a country asks of an order, as data.
//!
//! A pack is compiled when it is read: a small table for the rulebook, templates for the renderer, sentences for people. Packs are
//! immutable; a new version stands beside the old one. Nothing here interprets a rule.

use jiff::civil::Date;
use roro_pack::{Catalogue, CompiledPack, FieldType, FolderFiles, Scope};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::report::SourceLine;
use crate::finding::Finding;
use crate::order::fields;
use crate::order::file::Shipment;
