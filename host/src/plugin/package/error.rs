//! What can be wrong with a package, each with what it is about and the fix.

use std::io;
use std::path::PathBuf;

use super::limits::{FOLDER_DEPTH_MAX, INDEX_MANIFESTS_MAX, NAME_BYTES_MAX, TAR_ENTRIES_MAX};
use super::part::ARTIFACT_TYPE;
use crate::plugin::signature::ENVELOPES_MAX;

/// Why a package cannot be made, written or read. `what` is always the thing in question, as people call it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system did not let us read.
    #[error("{} cannot be read: name a file or folder that is there and that you may read", .path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system did not let us write.
    #[error("{} cannot be written: name a place that you may write to, with room left", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The writer that takes an archive failed.
    #[error("the archive cannot be written: write it to a place with room left")]
    WriteArchive {
        /// What the writer said.
        source: io::Error,
    },
    /// The JSON of a manifest cannot be made: a fault of this program.
    #[error("the manifest of the package cannot be made: report this as a fault of roro")]
    Encode {
        /// What failed.
        source: oci_spec::OciSpecError,
    },
    /// A file that the package needs.
    #[error("{} is not there: build or add it, or correct its name in plugin.toml", .path.display())]
    Missing {
        /// The file or folder.
        path: PathBuf,
    },
    /// A link, a device or a folder stands where a file should.
    #[error("{} is no plain file: put the file itself there, not a link or a device", .path.display())]
    NotAFile {
        /// What was found.
        path: PathBuf,
    },
    /// plugin.toml is not text.
    #[error("plugin.toml is not UTF-8: save it as UTF-8")]
    NotText,
    /// Folders in folders in folders.
    #[error("{} lies too deep: a package has at most {FOLDER_DEPTH_MAX} levels of folders", .path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
    },
    /// More bytes than there may be.
    #[error("{what} has more than {bytes_max} bytes: leave out what is not needed")]
    TooLarge {
        /// What is too large.
        what: String,
        /// How large it may be.
        bytes_max: u64,
    },
    /// More entries than an archive or a folder may have.
    #[error("{what} has more than {TAR_ENTRIES_MAX} files and folders: leave out what is not needed")]
    TooManyEntries {
        /// The archive or the folder.
        what: String,
    },
    /// A name from the root of a disk.
    #[error("`{name}` in {what} is an absolute path: pack it again with names below the folder")]
    NameAbsolute {
        /// The archive or the folder.
        what: String,
        /// The name.
        name: String,
    },
    /// A name that leads out.
    #[error("`{name}` in {what} leads out of the package: pack it again without `..`")]
    NameEscapes {
        /// The archive or the folder.
        what: String,
        /// The name.
        name: String,
    },
    /// A name that is not plain.
    #[error(
        "`{name}` in {what} is no name for a file of a package: use at most {NAME_BYTES_MAX} bytes of UTF-8, `/` between the parts, no empty part, `\\` or control character"
    )]
    NameUnfit {
        /// The archive or the folder.
        what: String,
        /// The name.
        name: String,
    },
    /// One name, two files.
    #[error("`{name}` is in {what} twice: keep one of them")]
    NameTwice {
        /// The archive or the folder.
        what: String,
        /// The name.
        name: String,
    },
    /// A link, a device or the like in an archive.
    #[error("`{name}` in {what} is {kind}: pack the file itself")]
    NotRegular {
        /// The archive.
        what: String,
        /// The name.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// Not a tar archive, or not whole.
    #[error("{what} is no tar archive or is damaged: fetch it again")]
    Archive {
        /// The archive.
        what: String,
        /// What is wrong.
        source: io::Error,
    },
    /// A file in the archive that no layout has.
    #[error("`{name}` does not belong into an OCI layout: pack only `oci-layout`, `index.json` and `blobs/sha256`")]
    Stray {
        /// The name.
        name: String,
    },
    /// `oci-layout` or `index.json` is missing.
    #[error("there is no `{name}`: name an OCI layout, as `roro plugin pack` writes it")]
    NoLayout {
        /// The missing file.
        name: &'static str,
    },
    /// A layout of another version.
    #[error("the layout has version `{found}`: write it with a tool for OCI layouts of version 1.0.0")]
    LayoutVersion {
        /// The version.
        found: String,
    },
    /// A document is not what it should be.
    #[error("{what} is not the JSON of its kind: fetch the package again, or write it with another tool")]
    Json {
        /// The document.
        what: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A document of another version.
    #[error("{what} has schema version {found}: write it as OCI 1.1, which has 2")]
    SchemaVersion {
        /// The document.
        what: String,
        /// The version.
        found: u32,
    },
    /// A digest by another function.
    #[error("{what} is named by {digest}: write the package with SHA-256 digests")]
    DigestAlgorithm {
        /// The blob.
        what: String,
        /// Its digest.
        digest: String,
    },
    /// A blob is not there.
    #[error("{what} ({digest}) is missing: fetch or copy the package again, with all its blobs")]
    BlobMissing {
        /// The blob.
        what: String,
        /// Its digest.
        digest: String,
    },
    /// A blob has another size than its descriptor says.
    #[error("{what} ({digest}) has {found} bytes, not {expected}: fetch the package again")]
    BlobSize {
        /// The blob.
        what: String,
        /// Its digest.
        digest: String,
        /// The descriptor's size.
        expected: u64,
        /// Its size.
        found: u64,
    },
    /// A blob has another content than its name says.
    #[error("{what} ({digest}) has the digest {found}: it was changed, fetch the package again")]
    BlobDigest {
        /// The blob.
        what: String,
        /// The descriptor's digest.
        digest: String,
        /// Its digest.
        found: String,
    },
    /// Something of another kind than it must be.
    #[error("{what} is of the type `{found}`, not `{expected}`: write the package with `roro plugin pack`")]
    MediaType {
        /// The thing.
        what: String,
        /// Its type.
        found: String,
        /// The type it must have.
        expected: &'static str,
    },
    /// A layer that no package has.
    #[error(
        "the package has a layer `{media_type}`, which no plugin package has: write it with `roro plugin pack`, or update roro"
    )]
    UnknownLayer {
        /// The layer's media type.
        media_type: String,
    },
    /// A part, two layers.
    #[error("the package has two layers for {what}: keep one of them")]
    LayerTwice {
        /// The part.
        what: &'static str,
    },
    /// The layer that every package has.
    #[error("the package has no layer for {what}: write it with `roro plugin pack`")]
    LayerMissing {
        /// The part.
        what: &'static str,
    },
    /// A config with content.
    #[error("the config of {what} is not `{{}}`: write it with `roro plugin pack`")]
    Config {
        /// The manifest.
        what: String,
    },
    /// An index of too many.
    #[error(
        "the layout has more than {INDEX_MANIFESTS_MAX} manifests: keep the package and its signatures in a layout of their own"
    )]
    TooManyManifests,
    /// An artifact that is neither a package nor a signature.
    #[error("the artifact {digest} is of the type `{found}`: keep only a package and its signatures in the layout")]
    UnknownArtifact {
        /// The manifest's digest.
        digest: String,
        /// Its type.
        found: String,
    },
    /// A layout without a package.
    #[error("the layout holds no plugin package: put an artifact of the type `{ARTIFACT_TYPE}` into it")]
    NoPackage,
    /// A layout with several.
    #[error("the layout holds several packages ({}): say which, by its tag", .tags.join(", "))]
    SeveralPackages {
        /// Their tags.
        tags: Vec<String>,
    },
    /// The asked tag is not there.
    #[error("no package of the layout has the tag `{tag}`, there are {}: ask for one of these", .tags.join(", "))]
    TagUnknown {
        /// The tag.
        tag: String,
        /// The tags that are there.
        tags: Vec<String>,
    },
    /// One tag on two packages.
    #[error("two packages of the layout have the tag `{tag}`: remove it from one of them")]
    TagTwice {
        /// The tag.
        tag: String,
    },
    /// A signature of nothing that is there.
    #[error("the signature {digest} refers to no package of the layout: remove it, or add what it refers to")]
    StraySignature {
        /// The signature manifest's digest.
        digest: String,
    },
    /// A signature that is not one envelope.
    #[error("the signature {digest} has {layers} layers, not one envelope: sign the package again")]
    SignatureLayers {
        /// The signature manifest's digest.
        digest: String,
        /// How many layers it has.
        layers: usize,
    },
    /// More signatures than anybody verifies.
    #[error("the package has more than {ENVELOPES_MAX} signatures: keep those that somebody trusts")]
    TooManySignatures,
    /// The folder to write to is in use.
    #[error("{} is not empty: name a new or an empty folder", .folder.display())]
    FolderNotEmpty {
        /// The folder.
        folder: PathBuf,
    },
}

/// How many characters of a stranger's text are shown.
const SHOWN_CHARACTERS_MAX: usize = 120;

/// A stranger's text as it may be shown: on one line, and not too long.
pub(in crate::plugin) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
