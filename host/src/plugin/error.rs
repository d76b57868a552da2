//! What can go wrong with the plugins of a tenant.

use super::component::Unfit;
use super::manifest::Wrong;
use super::{package, registry, signature, state};
use crate::kernel::{db, objects, vault};
use crate::{access, command, record, tenant};

/// What can go wrong with plugins.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such plugin, package, release or key.
    #[error("there is no such {0}; a list shows what is there")]
    Unknown(&'static str),
    /// The archive is no package.
    #[error(transparent)]
    Package(#[from] package::Error),
    /// What is in the package does not fit: everything that is wrong, each with its place and its fix.
    #[error("the package does not fit: {}", .0.join("; "))]
    Unfit(Vec<String>),
    /// A registry of the catalogue, or what it holds.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// Nobody who is trusted vouches for it.
    #[error(transparent)]
    Refused(#[from] signature::Refused),
    /// The component cannot be run.
    #[error(transparent)]
    Component(#[from] Unfit),
    /// Settings or grants that do not fit: every place.
    #[error("the release does not fit: {}", .0.iter().map(|one| format!("{}: {}; {}", one.pointer, one.message, one.fix)).collect::<Vec<_>>().join("; "))]
    Input(Vec<Wrong>),
    /// The event does not fit where the plugin stands.
    #[error(transparent)]
    State(#[from] state::Refused),
    /// There is no release to go back to.
    #[error("no other release of the plugin was active before; activate one by its id")]
    NothingBefore,
    /// No room for another key.
    #[error("a firm trusts at most {max} keys; revoke one that is not used", max = super::table::KEYS_MAX)]
    TooManyKeys,
    /// No room for another plugin.
    #[error("a firm has at most {max} plugins; uninstall one that is not used", max = super::table::PLUGINS_MAX)]
    TooMany,
    /// Not a name of a key.
    #[error("a key's name has 1 to 80 characters, without control characters")]
    KeyName,
    /// No reason that a history can show.
    #[error("say in at most 500 characters, without control characters, why the plugin is stopped; or say nothing")]
    Reason,
    /// Somebody changed it meanwhile.
    #[error("the plugin has changed meanwhile; look at it and try again")]
    Moved,
    /// The records that are there do not fit the release.
    #[error(
        "the records that the plugin keeps do not fit this release: {0}; change them with the release that takes part, or activate another one"
    )]
    Records(record::Refused),
    /// What is stored of a plugin cannot be read.
    #[error("what is stored of the plugin cannot be read; install the package again")]
    Damaged,
    /// A secret.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// The tenant.
    #[error(transparent)]
    Tenant(#[from] tenant::Error),
    /// Who asks may not.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The command.
    #[error(transparent)]
    Command(#[from] command::Error),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The object store failed.
    #[error(transparent)]
    Objects(#[from] objects::Error),
    /// A fault of this program.
    #[error("an answer could not be written as JSON")]
    Json(#[from] serde_json::Error),
}
