//! The server of Roro as a library: nouns of the business, the kernel below them, the doors above them.
//!
//! Source arrows go one way: cli, http, guest, console → nouns → web → kernel → config. `ARCHITECTURE.md` has the map.

pub mod access;
pub mod action;
pub mod app;
pub mod cli;
pub mod command;
pub mod company;
pub mod config;
pub mod console;
pub mod document;
pub mod finding;
pub mod guest;
pub mod hook_run;
pub mod http;
pub mod job;
pub mod kernel;
pub mod migration;
pub mod note;
pub mod order;
pub mod outbox;
pub mod pack;
pub mod party;
pub mod plugin;
pub mod price;
pub mod record;
pub mod register;
pub mod shipment;
pub mod tenant;
pub mod vehicle;
pub mod web;
pub mod webhook;
