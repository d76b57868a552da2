//! Precompiled components and core modules in a private folder, sealed with the host's key.
//!
//! Loading an artifact runs what it holds, so each file ends with an HMAC over its name and its bytes, checked before it is loaded; a file
//! that does not match is compiled anew and overwritten. Many processes may share the folder: a lock per artifact keeps two from compiling
//! the same thing, a rename puts a finished file in place and nothing is ever changed in place. The folder may be deleted at any time.
//!
//! The file is mapped, not read: the renderer has 100 MB, and loading it takes 5 ms mapped and 80 ms from bytes, pages that no guest touches
//! stay on disk, and processes share the rest. The very file whose seal was checked is mapped (by its descriptor, not by its name), so a
//! file that is swapped in between is not loaded. Who could write into the open file is this user already, and could as well rewrite
//! the server's memory.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

use crate::settings::MacKey;

const SEAL_BYTES: u64 = 32;
/// How much of an artifact is read at a time to check its seal.
const READ_BYTES: usize = 256 * 1024;
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

    /// The code of `bytes`, whose digest is `digest`: from its artifact when that is there and sealed by this host, else compiled. Fails when
    /// `bytes` do not compile.
    pub(crate) fn compiled<C: Code>(&self, engine: &Engine, bytes: &[u8], digest: &str) -> wasmtime::Result<C> {
        let key = artifact_key(engine, digest);
        if let Some(code) = self.read(engine, &key) {
            return Ok(code);
        }
        // Another process may be compiling the same code: wait for it and look again. No lock is no reason to fail.
        let lock = self.lock(&key);
        if lock.is_some()
            && let Some(code) = self.read(engine, &key)
        {
            return Ok(code);
        }
        let code = C::compile(engine, bytes)?;
        if let Err(error) = code.serialize().map_err(io::Error::other).and_then(|bytes| self.write(&key, &bytes)) {
            tracing::warn!(artifact.key = key, %error, "the artifact is not kept: the next start compiles again");
        }
        Ok(code)
    }

    /// Whether an artifact of this digest is there and sealed by this host.
    pub(crate) fn has(&self, engine: &Engine, digest: &str) -> bool {
        let key = artifact_key(engine, digest);
        File::open(self.path(&key)).is_ok_and(|file| self.is_sealed(&key, &file).unwrap_or(false))
    }

    fn read<C: Code>(&self, engine: &Engine, key: &str) -> Option<C> {
        let file = File::open(self.path(key)).ok()?;
        match self.is_sealed(key, &file) {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(artifact.key = key, "an artifact's seal does not match: it is compiled again");
                return None;
            }
            Err(error) => {
                tracing::warn!(artifact.key = key, %error, "an artifact cannot be read: it is compiled again");
                return None;
            }
        }
        deserialize(engine, &file)
            .inspect_err(|error| tracing::warn!(artifact.key = key, %error, "an artifact does not load: it is compiled again"))
            .ok()
    }

    /// Whether a file ends with this host's seal over the key and everything before it.
    fn is_sealed(&self, key: &str, mut file: &File) -> io::Result<bool> {
        let Some(length) = file.metadata()?.len().checked_sub(SEAL_BYTES) else { return Ok(false) };
        let mut seal = self.seal.clone().chain_update(key);
        let mut artifact = file.take(length);
        let mut piece = vec![0; READ_BYTES];
        loop {
            let count = artifact.read(&mut piece)?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
            seal.update(read);
        }
        let mut written = Vec::new();
        file.read_to_end(&mut written)?;
        Ok(seal.verify_slice(&written).is_ok())
    }

    fn write(&self, key: &str, artifact: &[u8]) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // The seal covers the key too: an artifact under another's name does not match.
        let seal = self.seal.clone().chain_update(key).chain_update(artifact);
        let unique = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.folder.join(format!("{key}.{}.{unique}.part", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE_MODE).open(&unfinished)?;
        let written = file
            .write_all(artifact)
            .and_then(|()| file.write_all(&seal.finalize().into_bytes()))
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

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.artifact"))
    }
}

/// Maps an artifact whose seal has been checked.
fn deserialize<C: Code>(engine: &Engine, file: &File) -> wasmtime::Result<C> {
    C::map(engine, Path::new(&format!("/dev/fd/{}", file.as_raw_fd())))
}

/// What can be kept as an artifact. The bytes that it is compiled from say which of the two it is, so the digest in the key says it too.
pub(crate) trait Code: Sized {
    fn compile(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Self>;
    fn serialize(&self) -> wasmtime::Result<Vec<u8>>;
    /// Maps the file of an artifact; whoever calls has verified its seal.
    fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Self>;
}

macro_rules! code {
    ($($code:ty),*) => {
        $(impl Code for $code {
            fn compile(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Self> {
                Self::from_binary(engine, bytes)
            }

            fn serialize(&self) -> wasmtime::Result<Vec<u8>> {
                self.serialize()
            }

            #[expect(unsafe_code, reason = "loading an artifact runs it; the seal says that this host has made it")]
            fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
                // SAFETY: the caller has verified the HMAC of exactly this open file, and the key never leaves the host: `serialize` of
                // this program wrote it, and files of this folder are replaced, never changed. wasmtime checks that kind, version,
                // settings and processor match.
                unsafe { Self::deserialize_file(engine, path) }
            }
        })*
    };
}

code!(Component, Module);

/// The SHA-256 of a component or module, in hex: what a release pins.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What an artifact is kept under: the component and everything that its compilation depends on.
fn artifact_key(engine: &Engine, digest: &str) -> String {
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
    hex(&Sha256::new().chain_update(digest).chain_update(compatibility.0.finalize()).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
