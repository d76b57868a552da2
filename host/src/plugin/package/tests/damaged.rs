//! Archives that are not what they should be: each is one good archive with one thing changed, and has its own refusal.

use bytes::Bytes;
use serde_json::{Value, json};
use tar::EntryType;

use super::super::part::Part;
use super::super::{Package, limits, read_archive, read_folder};
use super::Place;
use super::draft::{Draft, blob_of, package, signed, tar_with};

/// What is wrong with an archive: the beginning of the error, which names its variant and the thing.
fn refusal(archive: &Bytes, tag: Option<&str>) -> String {
    format!("{:?}", read_archive(archive, tag).unwrap_err())
}

/// Checks a table: an archive, and how its refusal begins.
fn check(table: Vec<(Bytes, &str)>) {
    for (archive, expected) in table {
        let found = refusal(&archive, None);
        assert!(found.starts_with(expected), "{found}\nshould begin with\n{expected}");
    }
}

/// The good archive, without signatures, with one thing changed.
fn with(change: impl FnOnce(&mut Draft)) -> Bytes {
    let mut draft = Draft::of(&package(), &[]);
    change(&mut draft);
    draft.tar()
}

/// The good archive with one signature, its manifest changed.
fn with_signature(change: impl FnOnce(&mut Draft, &mut Value)) -> Bytes {
    let mut draft = Draft::of(&package(), &[signed(&package())]);
    draft.change(1, change);
    draft.tar()
}

fn with_manifest(change: impl FnOnce(&mut Value)) -> Bytes {
    with(|draft| draft.change(0, |_, manifest| change(manifest)))
}

/// The good archive with one more entry.
fn with_entry(name: &str, kind: EntryType) -> Bytes {
    tar_with(&Draft::of(&package(), &[]).files(), name, kind)
}

/// The good archive whose assets have one more entry.
fn with_asset(name: &str, kind: EntryType) -> Bytes {
    with(|draft| draft.change_layer(3, tar_with(&package().assets, name, kind)))
}

#[test]
fn an_archive_that_is_no_layout() {
    let good = Draft::of(&package(), &[]).tar();
    let empty = Bytes::from(vec![0; 1024]);
    check(vec![
        (Bytes::from(vec![b'x'; 2_000]), "Archive { what: \"the archive\""),
        (good.slice(..600), "Archive { what: \"the archive\""),
        (Bytes::from(vec![0; 160 * 1024 * 1024 + 1]), "TooLarge { what: \"the archive\", bytes_max: 167772160 }"),
        (empty.clone(), "NoLayout { name: \"oci-layout\" }"),
        (with_entry("../oci-layout", EntryType::Regular), "NameEscapes { what: \"the archive\", name: \"../oci-layout\" }"),
        (with_entry("blobs/../../x/", EntryType::Directory), "NameEscapes { what: \"the archive\", name: \"blobs/../../x\" }"),
        (with_entry("/etc/passwd", EntryType::Regular), "NameAbsolute { what: \"the archive\", name: \"/etc/passwd\" }"),
        (with_entry("blobs//sha256", EntryType::Regular), "NameUnfit { what: \"the archive\", name: \"blobs//sha256\" }"),
        (with_entry("a\\b", EntryType::Regular), "NameUnfit { what: \"the archive\""),
        (with_entry("a\u{1b}[2J", EntryType::Regular), "NameUnfit { what: \"the archive\", name: \"a\\\\u{1b}[2J\" }"),
        (
            with_entry("blobs/sha256", EntryType::Symlink),
            "NotRegular { what: \"the archive\", name: \"blobs/sha256\", kind: \"a link\" }",
        ),
        (with_entry("blobs/x", EntryType::Link), "NotRegular { what: \"the archive\", name: \"blobs/x\", kind: \"a link\" }"),
        (with_entry("blobs/x", EntryType::Char), "NotRegular { what: \"the archive\", name: \"blobs/x\", kind: \"a device\" }"),
        (with_entry("blobs/x", EntryType::Block), "NotRegular { what: \"the archive\", name: \"blobs/x\", kind: \"a device\" }"),
        (with_entry("blobs/x", EntryType::Fifo), "NotRegular { what: \"the archive\", name: \"blobs/x\", kind: \"a pipe\" }"),
        (
            with_entry("blobs/x", EntryType::GNUSparse),
            "NotRegular { what: \"the archive\", name: \"blobs/x\", kind: \"a sparse file\" }",
        ),
        (
            with_entry("blobs/x", EntryType::XGlobalHeader),
            "NotRegular { what: \"the archive\", name: \"blobs/x\", kind: \"of a kind",
        ),
        (with_entry("index.json", EntryType::Regular), "NameTwice { what: \"the archive\", name: \"index.json\" }"),
        (with_entry("./index.json", EntryType::Regular), "NameTwice { what: \"the archive\", name: \"index.json\" }"),
        (with_entry("readme.md", EntryType::Regular), "Stray { name: \"readme.md\" }"),
        (with_entry("blobs/sha256/ab", EntryType::Regular), "Stray { name: \"blobs/sha256/ab\" }"),
        (
            with(|draft| (0..2_001).for_each(|number| draft.put(&number.to_string(), ""))),
            "TooManyEntries { what: \"the archive\" }",
        ),
    ]);
}

#[test]
fn a_layout_with_a_wrong_index() {
    let other = Package { manifest_text: "id = 2".to_owned(), ..package() };
    let foreign = |field: &'static str, value: Value| with(|draft| draft.index["manifests"][0][field] = value);
    let mut two = Draft::of(&package(), &[]);
    two.add(Draft::of(&other, &[]), "2.0.0");
    check(vec![
        (with(|draft| draft.remove("oci-layout")), "NoLayout { name: \"oci-layout\" }"),
        (with(|draft| draft.put("oci-layout", "{\"imageLayoutVersion\":\"2.0.0\"}")), "LayoutVersion { found: \"2.0.0\" }"),
        (with(|draft| draft.put("oci-layout", vec![b' '; 5_000])), "TooLarge { what: \"oci-layout\", bytes_max: 4096 }"),
        (with(|draft| draft.index = json!("[")), "Json { what: \"index.json\""),
        (with(|draft| draft.index["schemaVersion"] = json!(1)), "SchemaVersion { what: \"index.json\", found: 1 }"),
        (with(|draft| draft.index["manifests"] = json!([])), "NoPackage"),
        (with(|draft| draft.index["manifests"] = json!(vec![draft.index["manifests"][0].clone(); 65])), "TooManyManifests"),
        (
            with(|draft| draft.index["pad"] = json!(" ".repeat(1024 * 1024))),
            "TooLarge { what: \"index.json\", bytes_max: 1048576 }",
        ),
        (foreign("mediaType", json!("application/vnd.oci.image.index.v1+json")), "MediaType { what: \"the manifest "),
        (foreign("digest", json!(format!("sha512:{}", "a".repeat(128)))), "DigestAlgorithm { what: \"the manifest "),
        (foreign("digest", json!("sha256:../../../etc/passwd")), "Json { what: \"index.json\""),
        (foreign("digest", json!(format!("sha256:{}", "a".repeat(64)))), "BlobMissing { what: \"the manifest "),
        (foreign("size", json!(7)), "BlobSize { what: \"the manifest "),
        (foreign("size", json!(-1)), "Json { what: \"index.json\""),
        (foreign("size", json!(1024 * 1024 + 1)), "TooLarge { what: \"the manifest "),
        (two.tar(), "SeveralPackages { tags: [\"1.2.0\", \"2.0.0\"] }"),
    ]);
    assert_eq!(refusal(&two.tar(), Some("3.0.0")), "TagUnknown { tag: \"3.0.0\", tags: [\"1.2.0\", \"2.0.0\"] }");
    two.add(Draft::of(&Package { manifest_text: "id = 3".to_owned(), ..package() }, &[]), "2.0.0");
    assert_eq!(refusal(&two.tar(), Some("2.0.0")), "TagTwice { tag: \"2.0.0\" }");
    let again = with(|draft| draft.index["manifests"] = json!(vec![draft.index["manifests"][0].clone(); 2]));
    assert!(read_archive(&again, None).is_ok(), "one manifest under two tags is one package");
}

#[test]
fn a_package_with_a_wrong_manifest() {
    let same_size = |draft: &mut Draft| {
        let name = blob_of(&draft.index["manifests"][0]);
        draft.put(&name, draft.manifest(0).to_string().replace("component.wasm", "component.wasn"));
    };
    let config = |bytes: &'static str| {
        with(|draft| {
            draft.change(0, |draft, manifest| manifest["config"] = draft.blob("application/vnd.oci.empty.v1+json", bytes))
        })
    };
    let layer = |field: &'static str, value: Value| with_manifest(|manifest| manifest["layers"][1][field] = value);
    check(vec![
        (with(same_size), "BlobDigest { what: \"the manifest "),
        (with_manifest(|manifest| manifest["schemaVersion"] = json!(1)), "SchemaVersion { what: \"the manifest "),
        (with_manifest(|manifest| manifest["mediaType"] = json!("text/plain")), "MediaType { what: \"the manifest "),
        (with_manifest(|manifest| *manifest = json!([])), "Json { what: \"the manifest "),
        (with_manifest(|manifest| manifest["artifactType"] = json!("application/spdx+json")), "UnknownArtifact { digest: "),
        (with_manifest(|manifest| manifest["artifactType"] = Value::Null), "UnknownArtifact { digest: "),
        (with_manifest(|manifest| manifest["config"]["mediaType"] = json!("text/plain")), "MediaType { what: \"the config of "),
        (config("[]"), "Config { what: \"the manifest "),
        (config("{} "), "TooLarge { what: \"the config of "),
        (
            layer("mediaType", json!("application/vnd.oci.image.layer.v1.tar+gzip")),
            "UnknownLayer { media_type: \"application/vnd.oci",
        ),
        (layer("mediaType", json!(Part::Assets.media_type())), "LayerTwice { what: \"assets.tar\" }"),
        (layer("digest", json!(format!("sha256:{}", "a".repeat(64)))), "BlobMissing { what: \"component.wasm\""),
        (layer("size", json!(13)), "BlobSize { what: \"component.wasm\""),
        (layer("size", json!(limits::COMPONENT_BYTES_MAX + 1)), "TooLarge { what: \"component.wasm\", bytes_max: 100663296 }"),
        (
            with_manifest(|manifest| drop(manifest["layers"].as_array_mut().unwrap().remove(0))),
            "LayerMissing { what: \"plugin.toml\" }",
        ),
        (with_manifest(|manifest| manifest["layers"] = json!([])), "LayerMissing { what: \"plugin.toml\" }"),
        (with(|draft| draft.change_layer(0, vec![0xff])), "NotText"),
        (
            with(|draft| draft.change_layer(0, vec![b' '; 256 * 1024 + 1])),
            "TooLarge { what: \"plugin.toml\", bytes_max: 262144 }",
        ),
        (with(|draft| draft.change_layer(2, vec![b'x'; 600])), "Archive { what: \"pack.tar\""),
        (with_asset("../up", EntryType::Regular), "NameEscapes { what: \"assets.tar\", name: \"../up\" }"),
        (with_asset("/up", EntryType::Regular), "NameAbsolute { what: \"assets.tar\", name: \"/up\" }"),
        (with_asset("logo.svg", EntryType::Regular), "NameTwice { what: \"assets.tar\", name: \"logo.svg\" }"),
        (with_asset("logo", EntryType::Symlink), "NotRegular { what: \"assets.tar\", name: \"logo\", kind: \"a link\" }"),
    ]);
}

#[test]
fn a_package_with_wrong_signatures() {
    let elsewhere = json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": format!("sha256:{}", "a".repeat(64)), "size": 1 });
    let large = with_signature(|draft, manifest| {
        manifest["layers"][0] = draft.blob("application/vnd.dsse.envelope.v1+json", vec![b' '; 65_537]);
    });
    let mut many = Draft::of(&package(), &[signed(&package())]);
    for number in 0..16 {
        let more = Draft::of(&package(), &[Bytes::from(number.to_string())]);
        let signature = more.index["manifests"][1].clone();
        many.add(more, "1.2.0");
        many.index["manifests"].as_array_mut().unwrap().push(signature);
    }
    check(vec![
        (with_signature(|_, manifest| manifest["subject"] = Value::Null), "StraySignature { digest: "),
        (with_signature(|_, manifest| manifest["subject"] = elsewhere), "StraySignature { digest: "),
        (with_signature(|_, manifest| manifest["layers"] = json!([])), "SignatureLayers { digest: "),
        (
            with_signature(|_, manifest| manifest["layers"] = json!(vec![manifest["layers"][0].clone(); 2])),
            "SignatureLayers { digest: ",
        ),
        (
            with_signature(|_, manifest| manifest["layers"][0]["mediaType"] = json!("text/plain")),
            "MediaType { what: \"the signature ",
        ),
        (large, "TooLarge { what: \"the signature "),
        (many.tar(), "TooManySignatures"),
    ]);
}

#[test]
fn a_folder_with_a_link_is_refused() {
    let place = Place::new();
    for (name, bytes) in Draft::of(&package(), &[]).files() {
        place.put(&name, &bytes);
    }
    assert!(read_folder(place.path(), None).is_ok());
    std::fs::rename(place.path().join("index.json"), place.path().join("index")).unwrap();
    std::os::unix::fs::symlink("index", place.path().join("index.json")).unwrap();
    assert!(format!("{:?}", read_folder(place.path(), None).unwrap_err()).starts_with("NotAFile"));
    std::fs::remove_file(place.path().join("index.json")).unwrap();
    std::fs::rename(place.path().join("index"), place.path().join("index.json")).unwrap();
    std::fs::rename(place.path().join("blobs"), place.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", place.path().join("blobs")).unwrap();
    assert!(format!("{:?}", read_folder(place.path(), None).unwrap_err()).starts_with("NotAFile"));
}
