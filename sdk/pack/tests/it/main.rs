//! The pack format from the outside: packs are compiled from memory and evaluated over columns in memory.

mod damage;
mod language;
mod problems;
mod reference;
mod rulebook;
mod support;
