//! Precompiled components in a private folder, sealed with the host's key.
//!
//! Loading an artifact runs what it reads, so each file starts with an HMAC over its key and its bytes, checked on the very bytes that are
//! then loaded; a file that does not match is compiled anew and overwritten. Many processes may share the folder: a lock per artifact
//! keeps two from compiling the same thing, a rename puts a finished file in place. The folder may be deleted at any time.
//!
//! The file is read and not mapped: a map can change after its seal was checked, and reading costs little beside what it spares.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::settings::MacKey;

const SEAL_BYTES: usize = 32;
const PRIVATE_FOLDER_MODE: u32 = 0o700;
const PRIVATE_FILE_MODE: u32 = 0o600;

type Seal = Hmac<Sha256>;

/// Why the artifact folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The folder cannot be made or looked at.
    #[error("the artifact folder {} cannot be used: make it writable for the server's user, or set another", .folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others can write or read the folder.
    #[error("the artifact folder {} is open to other users: chmod 700 it", .folder.display())]
    NotPrivate {
        /// Which folder.
        folder: PathBuf,
    },
}

/// The folder of artifacts.
#[derive(Debug)]
pub(crate) struct Artifacts {
    folder: PathBuf,
    seal: Seal,
}

impl Artifacts {
    /// Opens the folder, or makes it.
    pub(crate) fn open(folder: &Path, key: &MacKey) -> Result<Self, ArtifactError> {
        let failed = |source| ArtifactError::Folder { folder: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER_MODE).create(folder).map_err(failed)?;
        let mode = fs::metadata(folder).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(ArtifactError::NotPrivate { folder: folder.to_owned() });
        }
        let seal = Seal::new_from_slice(key.bytes()).map_err(|error| failed(io::Error::other(error)))?;
        Ok(Self { folder: folder.to_owned(), seal })
    }

    /// The component of `bytes`: from its artifact when that is there and sealed by this host, else compiled. Fails when `bytes` do not
    /// compile.
    pub(crate) fn component(&self, engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Component> {
        let key = artifact_key(engine, bytes);
        if let Some(component) = self.read(engine, &key) {
            return Ok(component);
        }
        // Another process may be compiling the same component: wait for it and look again. No lock is no reason to fail.
        let lock = self.lock(&key);
        if lock.is_some()
            && let Some(component) = self.read(engine, &key)
        {
            return Ok(component);
        }
        let component = Component::new(engine, bytes)?;
        if let Err(error) = component.serialize().map_err(io::Error::other).and_then(|bytes| self.write(&key, &bytes)) {
            tracing::warn!(artifact.key = key, %error, "the artifact is not kept: the next start compiles again");
        }
        Ok(component)
    }

    fn read(&self, engine: &Engine, key: &str) -> Option<Component> {
        let file = fs::read(self.path(key)).ok()?;
        let (seal, artifact) = file.split_first_chunk::<SEAL_BYTES>()?;
        if self.sealed(key, artifact).verify_slice(seal).is_err() {
            tracing::warn!(artifact.key = key, "an artifact's seal does not match: it is compiled again");
            return None;
        }
        deserialize(engine, artifact)
            .inspect_err(|error| tracing::warn!(artifact.key = key, %error, "an artifact does not load: it is compiled again"))
            .ok()
    }

    fn write(&self, key: &str, artifact: &[u8]) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let unique = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.folder.join(format!("{key}.{}.{unique}.part", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE_MODE).open(&unfinished)?;
        let written = file
            .write_all(&self.sealed(key, artifact).finalize().into_bytes())
            .and_then(|()| file.write_all(artifact))
            .and_then(|()| fs::rename(&unfinished, self.path(key)));
        if written.is_err() {
            // The first error is the one to report.
            drop(fs::remove_file(&unfinished));
        }
        written
    }

    fn lock(&self, key: &str) -> Option<File> {
        let path = self.folder.join(format!("{key}.lock"));
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(PRIVATE_FILE_MODE).open(path).ok()?;
        file.lock().ok()?;
        Some(file)
    }

    /// The seal covers the key too: an artifact under another's name does not match.
    fn sealed(&self, key: &str, artifact: &[u8]) -> Seal {
        self.seal.clone().chain_update(key).chain_update(artifact)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.artifact"))
    }
}

/// Loads an artifact whose seal has been checked.
#[expect(unsafe_code, reason = "loading an artifact runs it; the seal says that this host has made it")]
fn deserialize(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the caller has verified the HMAC over exactly these bytes, and the key never leaves the host: `Component::serialize` of
    // this program wrote them. wasmtime itself checks that version, settings and processor match.
    let t = std::time::Instant::now();
    let r = unsafe { Component::deserialize(engine, artifact) };
    eprintln!("deserialize {:?}", t.elapsed());
    std::fs::write("/tmp/roro-plain.cwasm", [artifact, &[0u8; 32]].concat()).unwrap();
    let t = std::time::Instant::now();
    let r2 = unsafe { Component::deserialize_file(engine, "/tmp/roro-plain.cwasm") };
    eprintln!("deserialize_file {:?} {:?}", t.elapsed(), r2.is_ok());
    r
}

/// The SHA-256 of a component, in hex: what a release pins.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What an artifact is kept under: the component and everything that its compilation depends on.
fn artifact_key(engine: &Engine, bytes: &[u8]) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut compatibility = Sha(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut compatibility);
    hex(&Sha256::new().chain_update(Sha256::digest(bytes)).chain_update(compatibility.0.finalize()).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
