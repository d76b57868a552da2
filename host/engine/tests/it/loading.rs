//! What is refused at load, and what an artifact must prove before it is loaded.

use std::fs;
use std::path::{Path, PathBuf};

use roro_engine::{ArtifactError, Engine, EngineError, EngineSettings, Limits, LoadError, MacKey, PluginId};

use crate::support::{Snapshot, attackers, call};

/// A folder of its own for one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("roro-engine-{test}-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        Self(folder)
    }

    fn engine(&self) -> Engine<Snapshot> {
        Engine::new(EngineSettings { artifacts: self.0.clone(), ..EngineSettings::for_testing() }).unwrap()
    }

    fn artifact(&self) -> PathBuf {
        let is_artifact = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "artifact");
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).find(is_artifact).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn id() -> PluginId {
    PluginId::new("guest", "1.0.0")
}

fn refused(wat: &str) -> LoadError {
    let folder = Folder::new("refused");
    folder.engine().load(id(), &wat::parse_str(wat).unwrap()).unwrap_err()
}

/// A component that exports the documents hook in name only, beside `body`.
fn with_hook(body: &str) -> String {
    format!(r#"(component {body} (instance $hook) (export "roro:documents/documents@0.1.0" (instance $hook)))"#)
}

async fn works(engine: &Engine<Snapshot>, bytes: &[u8]) {
    let plugin = engine.load(id(), bytes).unwrap();
    let (answer, _) = engine.documents_check(&plugin, call(Snapshot::attack("small"), Limits::rule(10))).await.unwrap();
    assert_eq!(answer.unwrap()[0].rule, "SMALL");
}

#[tokio::test]
async fn an_artifact_is_written_once_and_read_again() {
    let folder = Folder::new("kept");
    let bytes = attackers();
    works(&folder.engine(), &bytes).await;
    let written = fs::metadata(folder.artifact()).unwrap().modified().unwrap();
    works(&folder.engine(), &bytes).await;
    assert_eq!(fs::metadata(folder.artifact()).unwrap().modified().unwrap(), written);
}

#[tokio::test]
async fn a_changed_artifact_is_never_loaded_and_is_made_anew() {
    let folder = Folder::new("changed");
    let bytes = attackers();
    works(&folder.engine(), &bytes).await;
    let sealed = fs::read(folder.artifact()).unwrap();
    for position in [0, 32, sealed.len() / 2, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        fs::write(folder.artifact(), &changed).unwrap();
        works(&folder.engine(), &bytes).await;
        assert_ne!(fs::read(folder.artifact()).unwrap(), changed, "changed at {position}");
    }
    fs::write(folder.artifact(), &sealed[..16]).unwrap();
    works(&folder.engine(), &bytes).await;
}

#[tokio::test]
async fn an_artifact_of_another_host_or_name_is_not_loaded() {
    let folder = Folder::new("other");
    let bytes = attackers();
    works(&folder.engine(), &bytes).await;
    let (path, first) = (folder.artifact(), fs::read(folder.artifact()).unwrap());
    let stranger = EngineSettings { artifacts: folder.0.clone(), mac_key: MacKey::new([1; 32]), ..EngineSettings::for_testing() };
    works(&Engine::new(stranger).unwrap(), &bytes).await;
    let second = fs::read(&path).unwrap();
    assert_ne!(second[second.len() - 32..], first[first.len() - 32..], "sealed anew with the stranger's key");

    let other = wat::parse_str(with_hook("")).unwrap();
    drop(folder.engine().load(id(), &other));
    for entry in fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|extension| extension == "artifact") && entry != path {
            fs::copy(&entry, &path).unwrap();
        }
    }
    works(&folder.engine(), &bytes).await;
}

#[tokio::test]
async fn a_core_module_is_kept_and_proven_like_a_component() {
    let folder = Folder::new("module");
    let bytes = crate::extism::honest();
    let works = async || {
        let engine = folder.engine();
        let plugin = engine.load(id(), &bytes).unwrap();
        let (answer, _) = engine.documents_check(&plugin, call(Snapshot::default(), Limits::rule(1))).await.unwrap();
        assert_eq!(answer.unwrap().len(), 0);
    };
    works().await;
    let sealed = fs::read(folder.artifact()).unwrap();
    works().await;
    assert_eq!(fs::read(folder.artifact()).unwrap(), sealed);
    let mut changed = sealed.clone();
    changed[sealed.len() / 2] ^= 1;
    fs::write(folder.artifact(), &changed).unwrap();
    works().await;
    assert_ne!(fs::read(folder.artifact()).unwrap(), changed);
}

#[test]
fn a_folder_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("open");
    fs::create_dir_all(&folder.0).unwrap();
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).unwrap();
    let error = Engine::<Snapshot>::new(EngineSettings { artifacts: folder.0.clone(), ..EngineSettings::for_testing() });
    assert!(matches!(error.unwrap_err(), EngineError::Artifacts(ArtifactError::NotPrivate { .. })));
}

#[test]
fn engines_that_share_a_folder_compile_a_component_at_the_same_time() {
    let folder = Folder::new("shared");
    let bytes = attackers();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| folder.engine().load(id(), &bytes).unwrap());
        }
    });
    let leftovers = |path: &Path| path.extension().is_some_and(|extension| extension == "part");
    assert!(!fs::read_dir(&folder.0).unwrap().any(|entry| leftovers(&entry.unwrap().path())));
}

#[test]
fn imports_outside_the_contract_are_refused_by_name_all_at_once() {
    let LoadError::Imports { imports, .. } = refused(&with_hook(
        r#"(import "wasi:sockets/tcp@0.2.0" (instance)) (import "wasi:cli/environment@0.2.6" (instance))
           (import "roro:render/sources@0.1.0" (instance)) (import "naked" (func))"#,
    )) else {
        panic!("not refused for its imports")
    };
    assert_eq!(imports, ["wasi:sockets/tcp@0.2.0", "roro:render/sources@0.1.0", "naked"]);
}

#[test]
fn what_is_no_plugin_is_refused() {
    assert!(matches!(refused("(component)"), LoadError::NoHook { .. }));
    assert!(matches!(refused("(module)"), LoadError::NoHook { .. }));
    let nothing = Folder::new("nothing").engine().load(id(), b"no plugin at all").unwrap_err();
    assert!(matches!(nothing, LoadError::Invalid { .. }), "{nothing}");
    assert!(matches!(refused(&with_hook("")), LoadError::Contract { .. }), "a hook without its functions");
}

#[test]
fn what_does_not_fit_the_pool_is_refused_at_load() {
    let memories = format!("(core module $m (memory 1)) {}", "(core instance (instantiate $m))".repeat(5));
    for big in [memories.as_str(), "(core module $m (table 200000 funcref)) (core instance (instantiate $m))"] {
        let error = refused(&with_hook(big));
        assert!(matches!(error, LoadError::Pool { .. } | LoadError::Invalid { .. }), "{error}");
    }
}
