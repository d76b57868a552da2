//! Objects: the bytes of papers and evidence, under the SHA-256 of their content.
//!
//! An object is written, and forced to the disk, before the row that names it commits: a row never points at nothing, and an object
//! that no row names is only lost space. An object is never changed.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, path};
use sha2::{Digest as _, Sha256};

use super::id::TenantId;

/// What can go wrong with objects.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be used.
    #[error("the folder of the objects cannot be used; check that data.folder exists and can be written")]
    Folder(#[source] std::io::Error),
    /// Reading or writing failed.
    #[error("object {sha256} could not be read or written; check the disk of data.folder")]
    Store {
        /// Which object.
        sha256: String,
        /// Why.
        #[source]
        source: object_store::Error,
    },
    /// A row names it and it is not there.
    #[error("object {sha256} is missing; restore data.folder/objects from the backup")]
    Missing {
        /// Which object.
        sha256: String,
    },
    /// What is stored is not what was stored.
    #[error("object {sha256} is damaged; restore it from the backup")]
    Damaged {
        /// Which object.
        sha256: String,
    },
    /// Not the name of an object.
    #[error("`{0}` is not a SHA-256 in 64 hexadecimal digits")]
    Name(String),
}

/// The objects. Clones share them.
#[derive(Clone, Debug)]
pub struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    /// Objects in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// [`Error::Folder`].
    pub fn folder(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::Folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| Error::Folder(std::io::Error::other(error)))?;
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    /// Objects in memory, for one command and for tests.
    #[must_use]
    pub fn memory() -> Self {
        Self(Arc::new(object_store::memory::InMemory::new()))
    }

    /// Keeps bytes and answers their SHA-256 in hexadecimal, once they are on the disk. The same bytes are kept once a tenant: tenants
    /// share nothing, so that one can be exported or erased, and nobody learns what another has.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn put(&self, tenant: TenantId, bytes: Bytes) -> Result<String, Error> {
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let place = place(tenant, &sha256)?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.0.put_opts(&place, PutPayload::from_bytes(bytes), options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(sha256),
            Err(source) => Err(Error::Store { sha256, source }),
        }
    }

    /// The bytes of an object, checked against their name.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Damaged`], [`Error::Store`], [`Error::Name`].
    pub async fn get(&self, tenant: TenantId, sha256: &str) -> Result<Bytes, Error> {
        let failed = |source| match source {
            object_store::Error::NotFound { .. } => Error::Missing { sha256: sha256.to_owned() },
            source => Error::Store { sha256: sha256.to_owned(), source },
        };
        let found = self.0.get(&place(tenant, sha256)?).await.map_err(failed)?;
        let bytes = found.bytes().await.map_err(failed)?;
        if hex::encode(Sha256::digest(&bytes)) == sha256 { Ok(bytes) } else { Err(Error::Damaged { sha256: sha256.to_owned() }) }
    }
}

fn place(tenant: TenantId, sha256: &str) -> Result<path::Path, Error> {
    let well_formed = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let shelf = sha256.get(..2).filter(|_| well_formed).ok_or_else(|| Error::Name(sha256.chars().take(80).collect()))?;
    Ok(path::Path::from_iter([tenant.to_string().as_str(), shelf, sha256]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id as _;

    #[tokio::test]
    async fn what_is_put_twice_is_kept_once_and_read_back() {
        let folder = std::env::temp_dir().join(format!("roro-objects-{}", std::process::id()));
        let objects = Objects::folder(&folder).unwrap();
        let (a, b) = (TenantId::from_bits(1), TenantId::from_bits(2));
        let name = objects.put(a, Bytes::from_static(b"paper")).await.unwrap();
        assert_eq!(objects.put(a, Bytes::from_static(b"paper")).await.unwrap(), name);
        assert_eq!(objects.get(a, &name).await.unwrap(), "paper");
        assert!(matches!(objects.get(b, &name).await, Err(Error::Missing { .. })), "another tenant's object was read");
        assert!(matches!(objects.get(a, "../secret").await, Err(Error::Name(_))));
        let file = folder.join(a.to_string()).join(&name[..2]).join(&name);
        std::fs::write(file, b"forged").unwrap();
        assert!(matches!(objects.get(a, &name).await, Err(Error::Damaged { .. })));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
