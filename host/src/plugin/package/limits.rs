//! How much a package may hold. What is larger is refused before it is read.

/// The component, in bytes. The engine takes as much; a test compares both.
pub const COMPONENT_BYTES_MAX: u64 = 96 * 1024 * 1024;
/// plugin.toml, in bytes.
pub const PLUGIN_TOML_BYTES_MAX: u64 = super::super::manifest::MANIFEST_BYTES_MAX as u64;
/// The tar of the pack, of the assets or of the fixtures, in bytes.
pub const TAR_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Entries of one tar, folders among them.
pub const TAR_ENTRIES_MAX: usize = 2_000;
/// A name in a tar, in bytes.
pub const NAME_BYTES_MAX: usize = 240;
/// Folders below one another, in a folder that becomes a package.
pub const FOLDER_DEPTH_MAX: usize = 8;
/// A whole package as one archive, in bytes.
pub const ARCHIVE_BYTES_MAX: u64 = 160 * 1024 * 1024;
/// The index of a layout, in bytes.
pub const INDEX_BYTES_MAX: u64 = 1024 * 1024;
/// Manifests in the index of a layout.
pub const INDEX_MANIFESTS_MAX: usize = 64;
/// One manifest, in bytes.
pub const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;
/// The file `oci-layout`, in bytes.
pub(super) const LAYOUT_BYTES_MAX: u64 = 4 * 1024;
/// The config of a manifest, in bytes: it is `{}`.
pub(super) const CONFIG_BYTES_MAX: u64 = 2;
