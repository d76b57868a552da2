mod damaged;
mod draft;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::plugin::signature::{KeyPair, Refused, Statement, Trusted, Verified, sign, verify};
use draft::{Draft, ID, archive_of, package, signed, version};

/// A folder of its own, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("roro-package-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let place = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&place).unwrap();
        Self(place)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What a host that trusts key 1 says of a package that was read.
fn vouched(stored: &Stored) -> Result<Verified, Refused> {
    let trusted = [Trusted { key: KeyPair::generate([1; 32]).public(), name: "acme".to_owned() }];
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    verify(&stored.envelopes, &stored.subject(ID, &version()), &trusted, &["tenant:acme"], now)
}

#[test]
fn a_package_is_read_back_from_an_archive() {
    let stored = read_archive(&archive_of(&package(), &[signed(&package())]), None).unwrap();
    assert_eq!(stored.package, package());
    assert_eq!(stored.manifest_digest, package().image(ID, &version()).unwrap().manifest_digest());
    assert_eq!(stored.component_digest, Some(digest(b"\0asm component")));
    assert_eq!(stored.plugin_manifest_digest, digest(package().manifest_text.as_bytes()));
    assert_eq!(stored.envelopes, [signed(&package())]);
    assert_eq!(vouched(&stored).unwrap().signer, "acme");
}

#[test]
fn a_package_is_read_back_from_a_folder_and_written_again_with_the_same_digests() {
    let place = Place::new();
    let folder = place.path().join("layout");
    let image = package().image(ID, &version()).unwrap();
    image.write_folder(&[], &folder).unwrap();
    let stored = read_folder(&folder, Some("1.2.0")).unwrap();
    assert_eq!((&stored.package, &stored.image), (&package(), &image));
    assert_eq!(vouched(&stored).unwrap_err(), Refused::Unsigned);
    assert!(matches!(image.write_folder(&[], &folder), Err(Error::FolderNotEmpty { .. })));
    // Signed later, and now as an archive: the package is the same.
    let mut archive = Vec::new();
    stored.image.write_archive(&[signed(&package())], &mut archive).unwrap();
    place.put("package.tar", &archive);
    let again = read_path(&place.path().join("package.tar"), None).unwrap();
    assert_eq!(again.image, image);
    assert_eq!(vouched(&again).unwrap().signer, "acme");
    assert!(again.bytes > stored.bytes);
}

#[test]
fn equal_packages_give_equal_bytes_for_ever() {
    let archive = archive_of(&package(), &[signed(&package())]);
    assert_eq!(archive, archive_of(&package(), &[signed(&package())]));
    // Known digests: whoever changes the format breaks every signature there is.
    assert_eq!(
        package().image(ID, &version()).unwrap().manifest_digest(),
        "db8f59eadb0230809a0942aeb88339dc7defa212a46dedcd9da3cc04b34ddccc"
    );
    assert_eq!(digest(&archive), "660742e3a974cbb88df7a7da809f8cf72b75d84d996ca7a955a6918fd6c6cd88");
}

#[test]
fn the_manifest_is_the_one_that_the_specification_describes() {
    let image = package().image(ID, &version()).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(image.manifest()).unwrap();
    assert_eq!(manifest["artifactType"], ARTIFACT_TYPE);
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.oci.empty.v1+json");
    assert_eq!(manifest["config"]["digest"], "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    assert_eq!(manifest["annotations"]["org.opencontainers.image.title"], ID);
    assert_eq!(manifest["annotations"]["org.opencontainers.image.version"], "1.2.0");
    let layers: Vec<_> = manifest["layers"].as_array().unwrap().iter().map(|layer| layer["mediaType"].clone()).collect();
    assert_eq!(layers, Part::ALL.map(Part::media_type));
    let bare = Package { manifest_text: "id = \"acme.rebate\"".to_owned(), ..Package::default() };
    let stored = read_archive(&archive_of(&bare, &[]), None).unwrap();
    assert_eq!((stored.package, stored.component_digest), (bare, None));
}

#[test]
fn an_author_s_folder_becomes_a_package() {
    let place = Place::new();
    for (name, text) in [
        ("plugin.toml", package().manifest_text.as_str()),
        ("dist/rebate.wasm", "\0asm component"),
        ("assets/logo.svg", "<svg/>"),
        ("assets/.DS_Store", "hidden"),
        ("locales/en.toml", "rebate = \"Rebate\""),
        ("fixtures/one/input.json", "{}"),
        ("rules/pack.toml", "id = 1"),
        ("src/lib.rs", "not part of a package"),
    ] {
        place.put(name, text.as_bytes());
    }
    assert_eq!(Package::from_folder(place.path(), Some("dist/rebate.wasm"), Some("rules")).unwrap(), package());
    let bare = Package::from_folder(place.path(), None, None).unwrap();
    assert_eq!((bare.component, bare.pack.len()), (None, 0));
}

#[test]
fn an_author_s_mistakes_are_named() {
    let place = Place::new();
    let said = |component: Option<&str>, pack: Option<&str>| {
        format!("{:?}", Package::from_folder(place.path(), component, pack).unwrap_err())
    };
    assert!(said(None, None).starts_with("Missing"));
    place.put("plugin.toml", b"\xff");
    assert_eq!(said(None, None), "NotText");
    place.put("plugin.toml", b"id = 1");
    assert!(said(Some("no.wasm"), None).starts_with("Missing"));
    assert!(said(None, Some("rules")).starts_with("Missing"));
    assert!(said(Some("../plugin.wasm"), None).starts_with("NameEscapes"));
    assert!(said(Some("/etc/hosts"), None).starts_with("NameAbsolute"));
    std::os::unix::fs::symlink("/etc", place.path().join("rules")).unwrap();
    assert!(said(None, Some("rules")).starts_with("NotAFile"));
    assert!(said(Some("rules/hosts"), None).starts_with("NotAFile"));
    std::fs::create_dir(place.path().join("assets")).unwrap();
    std::os::unix::fs::symlink("/etc/hosts", place.path().join("assets/hosts")).unwrap();
    assert!(said(None, None).starts_with("NotAFile"));
    std::fs::remove_file(place.path().join("assets/hosts")).unwrap();
    place.put("assets/locales/en.toml", b"");
    place.put("locales/en.toml", b"");
    assert_eq!(said(None, None), "NameTwice { what: \"assets\", name: \"locales/en.toml\" }");
    place.put("plugin.toml", &vec![b' '; 256 * 1024 + 1]);
    assert!(said(None, None).starts_with("TooLarge"));
}

#[test]
fn a_package_that_nobody_could_read_is_not_written() {
    let with = |name: &str| Package { assets: [(name.to_owned(), Bytes::new())].into(), ..package() };
    assert!(matches!(with("../up").image(ID, &version()), Err(Error::NameEscapes { .. })));
    let many = Package { assets: (0..2_001).map(|number| (number.to_string(), Bytes::new())).collect(), ..package() };
    assert!(matches!(many.image(ID, &version()), Err(Error::TooManyEntries { .. })));
    let large = Package { manifest_text: " ".repeat(256 * 1024 + 1), ..package() };
    assert!(matches!(large.image(ID, &version()), Err(Error::TooLarge { .. })));
    let image = package().image(ID, &version()).unwrap();
    let envelopes: Vec<Bytes> = (0..17).map(|number| Bytes::from(format!("{number}"))).collect();
    assert!(matches!(image.write_archive(&envelopes, &mut Vec::new()), Err(Error::TooManySignatures)));
    assert!(matches!(image.write_archive(&[vec![0; 65_537].into()], &mut Vec::new()), Err(Error::TooLarge { .. })));
    // One envelope twice is one signature.
    let twice = archive_of(&package(), &[signed(&package()), signed(&package())]);
    assert_eq!(read_archive(&twice, None).unwrap().envelopes.len(), 1);
}

#[test]
fn a_tag_chooses_among_packages_and_their_signatures_stay_apart() {
    let other = Package { manifest_text: "id = \"acme.rebate\"\nversion = \"2.0.0\"\n".to_owned(), ..package() };
    let mut draft = Draft::of(&package(), &[signed(&package())]);
    draft.add(Draft::of(&other, &[Bytes::from_static(b"theirs")]), "2.0.0");
    let stored = read_archive(&draft.tar(), Some("1.2.0")).unwrap();
    assert_eq!((stored.package, stored.envelopes), (package(), vec![signed(&package())]));
    let stored = read_archive(&draft.tar(), Some("2.0.0")).unwrap();
    assert_eq!((stored.package, stored.envelopes), (other, vec![Bytes::from_static(b"theirs")]));
}

#[test]
fn an_archive_by_another_tool_is_read_too() {
    let draft = Draft::of(&package(), &[signed(&package())]);
    let mut tar = tar::Builder::new(Vec::new());
    for folder in ["./", "./blobs/", "./blobs/sha256/"] {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_size(0);
        tar.append_data(&mut header, folder, [].as_slice()).unwrap();
    }
    for (name, bytes) in draft.files() {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mtime(1_700_000_000);
        tar.append_data(&mut header, format!("./{name}"), bytes.as_ref()).unwrap();
    }
    let stored = read_archive(&tar.into_inner().unwrap().into(), None).unwrap();
    assert_eq!(vouched(&stored).unwrap().signer, "acme");
}

#[test]
fn whatever_is_changed_after_signing_is_found() {
    let changed = [
        ("plugin.toml", Package { manifest_text: "grants = [\"all\"]".to_owned(), ..package() }),
        ("component", Package { component: Some(Bytes::from_static(b"\0asm other")), ..package() }),
        ("component", Package { component: None, ..package() }),
        ("package manifest", Package { assets: [("logo.svg".to_owned(), Bytes::new())].into(), ..package() }),
        ("package manifest", Package { fixtures: BTreeMap::new(), ..package() }),
        ("package manifest", Package { pack: [("pack.toml".to_owned(), Bytes::from_static(b"id = 2"))].into(), ..package() }),
    ];
    for (part, changed) in changed {
        // Whole and well-formed, with the signature of the other package.
        let stored = read_archive(&archive_of(&changed, &[signed(&package())]), None).unwrap();
        let Err(Refused::Tampered { part: found, .. }) = vouched(&stored) else { panic!("{part}: {:?}", vouched(&stored)) };
        assert_eq!(found.to_string(), part);
    }
}

#[test]
fn every_reason_not_to_take_a_signed_package_is_told() {
    let statement = || draft::statement(&package());
    let refused = |statement: Statement, seed: u8, trusted_seed: u8, change: fn(Vec<u8>) -> Vec<u8>| {
        let envelope = change(sign(&statement, &KeyPair::generate([seed; 32])));
        let stored = read_archive(&archive_of(&package(), &[envelope.into()]), None).unwrap();
        let trusted = [Trusted { key: KeyPair::generate([trusted_seed; 32]).public(), name: "acme".to_owned() }];
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        verify(&stored.envelopes, &stored.subject(ID, &version()), &trusted, &["tenant:acme"], now)
            .map_err(|refused| refused.code())
    };
    let same = |envelope| envelope;
    assert!(refused(statement(), 1, 1, same).is_ok());
    assert_eq!(refused(statement(), 1, 2, same), Err("untrusted-key"));
    assert_eq!(refused(statement(), 1, 1, |_| b"{}".to_vec()), Err("malformed"));
    let longer = |envelope: Vec<u8>| String::from_utf8(envelope).unwrap().replace("in-toto+json", "in-toto+text").into_bytes();
    assert_eq!(refused(statement(), 1, 1, longer), Err("bad-signature"));
    let expired = Statement { not_after: "2026-02-28T23:59:59Z".parse().unwrap(), ..statement() };
    assert_eq!(refused(expired, 1, 1, same), Err("expired"));
    let others = Statement { audience: vec!["tenant:umbrella".to_owned()], ..statement() };
    assert_eq!(refused(others, 1, 1, same), Err("wrong-audience"));
    let older = Statement { subject: Subject { version: "1.1.9".parse().unwrap(), ..statement().subject }, ..statement() };
    assert_eq!(refused(older, 1, 1, same), Err("other-package"));
    let other = Statement { subject: Subject { component_digest: None, ..statement().subject }, ..statement() };
    assert_eq!(refused(other, 1, 1, same), Err("tampered"));
    let unsigned = read_archive(&archive_of(&package(), &[]), None).unwrap();
    assert_eq!(vouched(&unsigned).unwrap_err().code(), "unsigned");
}

/// Reads what may be an archive; whoever gets a package with a good signature out of it must have got the signed one.
fn holds_the_signed_package_or_none(archive: Vec<u8>) -> bool {
    read_archive(&archive.into(), None).is_ok_and(|stored| vouched(&stored).is_ok() && stored.package != package())
}

proptest! {
    #[test]
    fn a_changed_byte_never_makes_another_package_that_is_vouched_for(at: proptest::sample::Index, flip in 1_u8..) {
        let mut archive = archive_of(&package(), &[signed(&package())]).to_vec();
        let at = at.index(archive.len());
        archive[at] ^= flip;
        prop_assert!(!holds_the_signed_package_or_none(archive));
    }

    #[test]
    fn an_archive_cut_anywhere_never_makes_another_package(at: proptest::sample::Index) {
        let mut archive = archive_of(&package(), &[signed(&package())]).to_vec();
        archive.truncate(at.index(archive.len()));
        prop_assert!(!holds_the_signed_package_or_none(archive));
    }

    #[test]
    fn any_files_are_read_back(files in proptest::collection::btree_map("[a-z]{1,8}(/[a-zé]{1,120}){0,2}", any::<Vec<u8>>(), 0..6)) {
        let short = files.into_iter().filter(|(name, _)| name.len() <= limits::NAME_BYTES_MAX);
        let files: BTreeMap<String, Bytes> = short.map(|(name, bytes)| (name, bytes.into())).collect();
        let package = Package { assets: files.clone(), fixtures: files, ..package() };
        prop_assert_eq!(read_archive(&archive_of(&package, &[]), None).unwrap().package, package);
    }
}
