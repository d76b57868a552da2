//! Runs of hooks: which plugin was asked what, with which snapshot, and what it answered at which cost.
//!
//! A run is written once and never changed. With its snapshot and its release it can be done again and must give the same answer.

pub mod table;
