//! Compiling what somebody sends: in a process of its own, within bounds; a bomb ends alone.

use std::path::Path;
use std::time::Duration;

use roro::guest::Runner;
use roro::guest::compiler::{Bounds, Compiler};
use roro::plugin::component::Components as _;
use serde_json::{Value, json};
use ureq::http::Method;

use super::program::{Folder, Process};
use crate::parcel::{Parcel, key};
use crate::support::component;

fn compiler(folder: &Path, bounds: Bounds) -> Compiler {
    Compiler::new(Path::new(env!("CARGO_BIN_EXE_roro")), folder, bounds)
}

/// A data folder that shares nothing with other tests: what is compiled here was never compiled before.
struct Empty(std::path::PathBuf);

impl Empty {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("roro-compile-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn a_component_is_compiled_next_door_and_found_here() {
    let folder = Empty::new("good");
    let runner = Runner::open(&folder.0).unwrap();
    let here = runner.with_compiler(compiler(&folder.0, Bounds::DEFAULT));
    let bytes = component("roro_example_price_guard.wasm");
    let version = semver::Version::new(1, 0, 0);
    let facts = here.load("price-guard", &version, &bytes).unwrap();
    assert_eq!(facts.hooks.len(), 1);
    assert!(std::fs::read_dir(folder.0.join("artifacts")).unwrap().count() >= 1);
    // A compiler that cannot be started is not needed any more.
    let none = Compiler::new(Path::new("/nowhere/roro"), &folder.0, Bounds::DEFAULT);
    Runner::open(&folder.0).unwrap().with_compiler(none.clone()).load("price-guard", &version, &bytes).unwrap();
    let other = component("roro_rulebook.wasm");
    let refused =
        Runner::open(&folder.0).unwrap().with_compiler(none).load("rulebook", &version, &other).unwrap_err().to_string();
    assert!(refused.contains("could not be started"), "{refused}");
}

#[test]
fn what_takes_too_much_is_ended_alone_and_says_why() {
    let folder = Empty::new("bomb");
    // The largest component that there is, with a fraction of what it needs.
    let bomb = component("roro_renderer.wasm");
    let seconds = Bounds { cpu_s_max: 2, ..Bounds::DEFAULT };
    let said = compiler(&folder.0, seconds).compile(&bomb).unwrap_err().to_string();
    assert!(said.contains("more than 2 s of processor time"), "{said}");
    let memory = Bounds { memory_bytes_max: 192 * 1024 * 1024, ..Bounds::DEFAULT };
    let said = compiler(&folder.0, memory).compile(&bomb).unwrap_err().to_string();
    assert!(said.contains("more than 192 MiB of memory"), "{said}");
    // Neither left anything behind that would be taken for an artifact.
    let runner = Runner::open(&folder.0).unwrap();
    let sealed = runner.with_compiler(compiler(&folder.0, seconds)).load("renderer", &semver::Version::new(0, 1, 0), &bomb);
    assert!(sealed.unwrap_err().to_string().contains("processor time"));
    for (garbage, word) in [(b"not wasm at all".to_vec(), "does not compile"), (b"\0asm\x01\0\0\0".to_vec(), "component")] {
        let said = compiler(&folder.0, Bounds::DEFAULT).compile(&garbage).unwrap_err().to_string();
        assert!(said.contains(word), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_uploaded_to_a_running_server() {
    let folder = Folder::new();
    let made: Value =
        serde_json::from_slice(&folder.roro(&["tenant", "create", "acme", "--json"]).output().unwrap().stdout).unwrap();
    let server = Process::start(&folder, &[]);
    let acme = server.client(made["token"].as_str().unwrap());
    let trusted = json!({ "name": "Acme", "public_key": key(1).public().to_string() });
    acme.post("/v1/plugin-keys", &trusted).await.expect(201);
    let upload = |archive: Vec<u8>| acme.ask(&Method::POST, "/v1/plugin-packages").bytes("application/x-tar", archive).send();
    // An edit makes it another component, which no other test has compiled, and no earlier run of this one.
    let (archive, digest) =
        Parcel::price_guard("1.0.0").padded(roro::kernel::rng::Rng::system().unwrap().bytes()).archive(&[&key(1)]);
    let package = upload(archive.to_vec()).await.expect(201).json();
    assert_eq!((&package["digest"], &package["signer"]), (&digest.as_str().into(), &"Acme".into()));
    upload(archive.to_vec()).await.expect(200);
    let (unsigned, _) = Parcel::price_guard("1.1.0").archive(&[]);
    upload(unsigned.to_vec()).await.problem(422, "untrusted");
    let problem = upload(b"no archive".to_vec()).await.problem(422, "invalid");
    assert!(problem["detail"].as_str().unwrap().len() > 20, "{problem}");
    // A signed package whose component is garbage: the child says so, the server goes on.
    let (garbage, _) = Parcel::price_guard("1.2.0").with_component(b"\0asm\x0d\0\x01\0garbage").archive(&[&key(1)]);
    let began = std::time::Instant::now();
    upload(garbage.to_vec()).await.problem(422, "invalid");
    assert!(began.elapsed() < Duration::from_secs(60));
    acme.get("/v1/plugins/price-guard").await.expect(200);
}
