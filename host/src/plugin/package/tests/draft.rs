//! A layout that a test can damage: its files, and the JSON of its index and manifests.

use std::collections::BTreeMap;

use bytes::Bytes;
use semver::Version;
use serde_json::{Value, json};

use super::super::{Package, archive, digest};
use crate::plugin::signature::{KeyPair, Statement, sign};

pub(super) const ID: &str = "acme.rebate";

pub(super) fn version() -> Version {
    "1.2.0".parse().unwrap()
}

pub(super) fn package() -> Package {
    let file = |name: &str, text: &'static str| (name.to_owned(), Bytes::from_static(text.as_bytes()));
    Package {
        manifest_text: "id = \"acme.rebate\"\nversion = \"1.2.0\"\n".to_owned(),
        component: Some(Bytes::from_static(b"\0asm component")),
        assets: [file("logo.svg", "<svg/>"), file("locales/en.toml", "rebate = \"Rebate\"")].into(),
        fixtures: [file("one/input.json", "{}")].into(),
        pack: [file("pack.toml", "id = 1")].into(),
    }
}

/// A statement about a package that key 1 would sign.
pub(super) fn statement(package: &Package) -> Statement {
    Statement {
        subject: package.image(ID, &version()).unwrap().subject(ID, &version()),
        not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        audience: vec!["tenant:acme".to_owned()],
    }
}

pub(super) fn signed(package: &Package) -> Bytes {
    sign(&statement(package), &KeyPair::generate([1; 32])).into()
}

pub(super) fn archive_of(package: &Package, envelopes: &[Bytes]) -> Bytes {
    let mut archive = Vec::new();
    package.image(ID, &version()).unwrap().write_archive(envelopes, &mut archive).unwrap();
    archive.into()
}

pub(super) struct Draft {
    files: BTreeMap<String, Bytes>,
    pub(super) index: Value,
}

impl Draft {
    pub(super) fn of(package: &Package, envelopes: &[Bytes]) -> Self {
        let mut files = archive::read("the archive", &archive_of(package, envelopes)).unwrap();
        let index = serde_json::from_slice(&files.remove("index.json").unwrap()).unwrap();
        Self { files, index }
    }

    pub(super) fn files(&self) -> BTreeMap<String, Bytes> {
        let mut files = self.files.clone();
        files.insert("index.json".to_owned(), self.index.to_string().into());
        files
    }

    pub(super) fn tar(&self) -> Bytes {
        let mut archive = Vec::new();
        archive::write(&self.files(), &mut archive).unwrap();
        archive.into()
    }

    pub(super) fn put(&mut self, name: &str, bytes: impl Into<Bytes>) {
        self.files.insert(name.to_owned(), bytes.into());
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.files.remove(name).unwrap();
    }

    /// Another layout beside this one, its package under a tag.
    pub(super) fn add(&mut self, mut other: Self, tag: &str) {
        other.index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"] = json!(tag);
        self.files.extend(other.files);
        self.index["manifests"].as_array_mut().unwrap().append(other.index["manifests"].as_array_mut().unwrap());
    }

    /// Keeps a blob and gives its descriptor.
    pub(super) fn blob(&mut self, media_type: &str, bytes: impl Into<Bytes>) -> Value {
        let bytes = bytes.into();
        let descriptor = json!({ "mediaType": media_type, "digest": format!("sha256:{}", digest(&bytes)), "size": bytes.len() });
        self.put(&blob_of(&descriptor), bytes);
        descriptor
    }

    /// The manifest in this place of the index.
    pub(super) fn manifest(&self, place: usize) -> Value {
        serde_json::from_slice(&self.files[&blob_of(&self.index["manifests"][place])]).unwrap()
    }

    /// Changes a manifest; everything that names it follows.
    pub(super) fn change(&mut self, place: usize, change: impl FnOnce(&mut Self, &mut Value)) {
        let mut manifest = self.manifest(place);
        change(self, &mut manifest);
        let descriptor = self.blob("application/vnd.oci.image.manifest.v1+json", manifest.to_string());
        for field in ["digest", "size"] {
            self.index["manifests"][place][field] = descriptor[field].clone();
        }
    }

    /// Changes the content of a layer of the package; everything that names it follows.
    pub(super) fn change_layer(&mut self, place: usize, bytes: impl Into<Bytes>) {
        self.change(0, |draft, manifest| {
            let media_type = manifest["layers"][place]["mediaType"].as_str().unwrap().to_owned();
            manifest["layers"][place] = draft.blob(&media_type, bytes);
        });
    }
}

/// Where the blob of a descriptor lies.
pub(super) fn blob_of(descriptor: &Value) -> String {
    format!("blobs/{}", descriptor["digest"].as_str().unwrap().replace(':', "/"))
}

/// A tar archive of one entry that no honest tool would write, after these files.
pub(super) fn tar_with(files: &BTreeMap<String, Bytes>, name: &str, kind: tar::EntryType) -> Bytes {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, bytes.as_ref()).unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(0);
    header.as_gnu_mut().unwrap().realsize = *b"00000000000\0";
    header.set_cksum();
    archive.append(&header, [].as_slice()).unwrap();
    archive.into_inner().unwrap().into()
}
