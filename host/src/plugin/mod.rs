//! Plugins as a firm meets them: what one asks for, how it travels, who vouches for it, and which release of it takes part.
//!
//! A plugin begins as a folder with `plugin.toml` ([`manifest`]). It travels as an OCI artifact ([`package`]) with the signatures of those who
//! vouch for it ([`signature`]). An administrator installs a package, makes a release of it with settings and grants, and activates that;
//! goes back, suspends, resumes, uninstalls (`state`). Packages and releases are never changed, what happened is never forgotten. Nothing here
//! runs a plugin: the guest door does ([`component`]).

mod active;
mod beside;
pub mod catalogue;
pub mod component;
mod error;
mod install;
mod load;
mod locale;
pub mod manifest;
pub mod package;
pub mod registry;
mod release;
pub mod routes;
mod shelf;
pub mod signature;
pub mod state;
mod table;
mod trust;
mod usage;
mod view;

pub use active::{Active, Settings, speaker};
pub use beside::{Beside, Merge, SharedEffect, beside};
pub use error::Error;
pub use install::{Checked, check, install};
pub use load::{Standing, active, candidate, standing, takes_part};
pub use locale::{LANGUAGES, locale_file, read_locale};
pub use release::{New, activate, quarantine, release, resume, roll_back, suspend, unchanged, uninstall};
pub(crate) use release::{QUARANTINE_AFTER, REASON_CHARS_MAX};
pub use shelf::{OPERATOR, Shelf};
pub use trust::{KeyCard, keys, revoke, trust};
pub use usage::usage;
pub use view::{PackageCard, PluginCard, PluginPage, ReleaseCard, TurnCard, list, manifest_of, packages, page};
