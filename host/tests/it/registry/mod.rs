//! Packages in registries: the real program against a real one, Debian's `docker-registry`, on a port of loopback with a folder of its own.

mod command;
mod hostile;
mod served;
mod token;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use roro::plugin::package::Package;
use roro::plugin::signature::{Statement, sign};
use semver::Version;

use crate::parcel::key;
use crate::support::root;

/// How long the registry may take to answer.
const START_MAX: Duration = Duration::from_secs(30);
/// The user of a registry that asks for one; the line is what `htpasswd -nbB` makes of name and password.
const USER: &str = "reader";
const PASSWORD: &str = "open sesame";
const HTPASSWD: &str = "reader:$2b$04$.hcXdnRwZ7BTUEwn.f0Z5.DchwjZMkHtJKtCrjAq37U9TOgynGpHm\n";

/// Who may come in.
enum Entrance {
    Open,
    Password,
    /// Whoever has a token of this service, signed with the key of this certificate.
    Token {
        realm: String,
        certificate: &'static str,
    },
}

/// A registry of one test; it ends, and its folder goes, with this.
pub(crate) struct Registry {
    child: Child,
    folder: PathBuf,
    address: String,
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

impl Registry {
    /// Starts one that lets everybody in.
    pub(crate) fn start() -> Self {
        Self::start_with(&Entrance::Open)
    }

    fn start_with(entrance: &Entrance) -> Self {
        let number = roro::kernel::rng::Rng::system().unwrap().number();
        let folder = std::env::temp_dir().join(format!("roro-registry-{number:016x}"));
        std::fs::create_dir_all(&folder).unwrap();
        // Another test may take the port before the registry does.
        for _ in 0..5 {
            if let Some((child, port)) = Self::try_start(&folder, entrance) {
                return Self { child, folder, address: format!("127.0.0.1:{port}") };
            }
        }
        panic!("docker-registry did not start");
    }

    fn try_start(folder: &Path, entrance: &Entrance) -> Option<(Child, u16)> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let in_folder = |name: &str| folder.join(name).display().to_string();
        let auth = match entrance {
            Entrance::Open => String::new(),
            Entrance::Password => {
                std::fs::write(folder.join("htpasswd"), HTPASSWD).unwrap();
                format!("auth:\n  htpasswd:\n    realm: tests\n    path: {}\n", in_folder("htpasswd"))
            }
            Entrance::Token { realm, certificate } => {
                std::fs::write(folder.join("token.pem"), certificate).unwrap();
                let bundle = in_folder("token.pem");
                let service = token::SERVICE;
                format!(
                    "auth:\n  token:\n    realm: {realm}\n    service: {service}\n    issuer: {service}\n    rootcertbundle: {bundle}\n"
                )
            }
        };
        let config = format!(
            "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  \
             addr: 127.0.0.1:{port}\n{auth}",
            in_folder("data")
        );
        std::fs::write(folder.join("config.yml"), config).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut child = Command::new("docker-registry")
            .arg("serve")
            .arg(folder.join("config.yml"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("docker-registry is missing: run `cargo xtask test`, or install the Debian package docker-registry");
        let started = Instant::now();
        while started.elapsed() < START_MAX {
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Some((child, port));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        None
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The reference of something in it.
    fn at(&self, rest: &str) -> String {
        format!("{}/{rest}", self.address)
    }

    /// The file of a blob in the registry's own storage.
    fn blob(&self, digest: &str) -> PathBuf {
        let blobs = self.folder.join("data/docker/registry/v2/blobs/sha256");
        blobs.join(&digest[..2]).join(digest).join("data")
    }
}

/// A package that no engine has to load: its archive with signatures of these keys, and the digests of the package and of its component.
fn package(version: &str, component: &[u8], keys: &[u8]) -> (Bytes, String, String) {
    let folder = root().join("examples/price-guard");
    let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
    let text = String::from_utf8(read("plugin.toml")).unwrap().replace("1.0.0", version);
    let locales = ["locales/en.toml", "locales/zh.toml"].map(|file| (file.to_owned(), Bytes::from(read(file))));
    let assets: BTreeMap<String, Bytes> = locales.into();
    let component = Some(Bytes::copy_from_slice(component));
    let package = Package { manifest_text: text, component, assets, ..Package::default() };
    let version: Version = version.parse().unwrap();
    let image = package.image("price-guard", &version).unwrap();
    let subject = image.subject("price-guard", &version);
    let component_digest = subject.component_digest.clone().unwrap();
    let not_after = "2027-01-01T00:00:00Z".parse().unwrap();
    let statement = Statement { subject, not_after, audience: vec!["*".to_owned()] };
    let envelopes: Vec<Bytes> = keys.iter().map(|number| Bytes::from(sign(&statement, &key(*number)))).collect();
    let mut archive = Vec::new();
    image.write_archive(&envelopes, &mut archive).unwrap();
    (archive.into(), image.manifest_digest(), component_digest)
}
