//! Plugins in TypeScript and Python: from an empty folder to a passing test, with the tools of npm and `PyPI`.
//!
//! The tools are installed once a machine, into `target/author-tests/tools`, and lent to the project of each test. A machine without npm or
//! pip fails here, and says what to install.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::{Desk, Ran, copy, house};
use crate::book::blocks;
use crate::support::root;

/// Settings under which three of the ten vehicles of the larger order are too dear.
const LIMIT: [&str; 4] = ["--set", "price_limit=15000", "--set", "currency=USD"];

/// A language, the folder of its tools, its source, and what an author writes there.
pub(crate) struct Language {
    pub(crate) word: &'static str,
    installed: &'static str,
    source: &'static str,
    /// The folder of its SDK.
    sdk: &'static str,
    /// The line of the rule before which it attacks.
    before: &'static str,
    /// What it does to the house instead of its work, on an order of each year of [`ATTACKS`].
    attacks: &'static str,
    /// The names that are imported then, after the template's own.
    names: &'static str,
    /// Does not compile.
    broken: (&'static str, &'static str),
}

pub(crate) const TYPESCRIPT: Language = Language {
    word: "ts",
    installed: "node_modules",
    source: "src/plugin.ts",
    sdk: "sdk/js",
    before: "    const identities =",
    attacks: r#"    switch (legalDate.asOf().year) {
      case 1990: throw new Error("no such car");
      case 1991: for (;;);
      case 1992: for (const hoard: Uint8Array[] = []; ; ) hoard.push(new Uint8Array(1 << 20).fill(1));
      case 1993: for (;;) log.write("info", "again and again ".repeat(60));
      case 1994: { const deeper = (): number => 1 + deeper(); deeper(); break; }
      case 1995: for (;;) order.reference();
      case 1996: fields.read(order, new Array(20_000).fill(""));
      case 1997: return [finding("KE-AGE-01", "warn", "/order")];
      case 1998: eval("fetch('https://example.com/')");
    }
"#,
    names: "fields, legalDate, log, finding",
    broken: ("legalDate.asOf().year", "legalDate.asOf().years"),
};
pub(crate) const PYTHON: Language = Language {
    word: "python",
    installed: ".venv",
    source: "src/plugin.py",
    sdk: "sdk/python",
    before: "        found = []\n",
    attacks: r#"        year, hoard = legal_date.as_of().year, []
        while 1991 <= year <= 1995:
            if year == 1992:
                hoard.append(b"1" * 2**20)
            if year == 1993:
                log.write(log.Level.INFO, "again and again " * 60)
            if year == 1994:
                (deeper := lambda: 1 + deeper())()
            if year == 1995:
                order.reference()
        if year == 1990:
            raise ValueError("no such car")
        if year == 1996:
            return [finding("PAPER-CHECK-COLOUR-01", Severity.WARN, "/" * 2**21)]
        if year == 1997:
            return [finding("KE-AGE-01", Severity.WARN, "/order")]
        if year == 1998:
            open("/etc/passwd")
"#,
    names: "fields, legal_date, log, finding",
    broken: ("(DocumentsHook):", "(DocumentsHok):"),
};

impl Language {
    /// A folder with the installed tools: the plugin of the SDK's README, built there once and again when something of it has changed.
    fn workshop(&self) -> PathBuf {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("workshop-{}", self.word);
        let desk = Desk::new(&name);
        desk.run(&["plugin", "new", "acme-guard", "--lang", self.word, "--hook", "order-guard"]).done();
        std::fs::remove_dir_all(desk.path("acme-guard/fixtures")).unwrap();
        let readme = std::fs::read_to_string(root().join(self.sdk).join("README.md")).unwrap();
        let mut files = ["plugin.toml", self.source, "locales/en.toml"].into_iter();
        for block in blocks(&readme) {
            desk.write(&format!("acme-guard/{}", files.next().unwrap()), &format!("{}\n", block.lines.join("\n")));
        }
        assert_eq!(files.next(), None, "{} holds a manifest, a rule and sentences", self.sdk);
        desk.write("acme-guard/locales/zh.toml", &desk.read("acme-guard/locales/en.toml"));
        let workshop = house().join("tools").join(self.word);
        let built = std::fs::read_to_string(workshop.join(".built")).unwrap_or_default();
        let wanted = format!("{:#?}", texts(&desk.path("acme-guard")).into_iter().collect::<BTreeMap<_, _>>());
        if built != wanted {
            // What is installed stays, and is installed again if others are asked for.
            copy(&desk.path("acme-guard"), &workshop);
            let began = Instant::now();
            let place = workshop.display().to_string();
            desk.run(&["plugin", "build", &place]).done();
            eprintln!("{}: tools and the README's plugin in {:.1} s", self.word, began.elapsed().as_secs_f64());
            let order = root().join("examples/orders/yokohama-mombasa.json").display().to_string();
            let ask = ["plugin", "run", &place, "--order", &order, "--hook", "order-guard", "--set", "total_limit=1"];
            desk.run(&ask).done().has_said(&["ERROR ACME-GUARD-TOTAL-01  /order: The total of "]);
            std::fs::write(workshop.join(".built"), wanted).unwrap();
        }
        workshop
    }

    /// Lends the tools to a project, as if they were installed there.
    pub(crate) fn lend(&self, desk: &Desk, project: &str) {
        let tools = self.workshop().join(self.installed);
        std::os::unix::fs::symlink(tools, desk.path(project).join(self.installed)).unwrap();
    }

    /// A new project with the tools.
    fn project(&self, desk: &Desk, name: &str, hook: &str) {
        desk.run(&["plugin", "new", name, "--lang", self.word, "--hook", hook]).done();
        self.lend(desk, name);
    }
}

/// Every file of a project before anything is built in it, with its text.
fn texts(project: &Path) -> Vec<(String, String)> {
    let (mut found, mut open) = (Vec::new(), vec![project.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(project).unwrap().display().to_string();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// From an empty folder to a passing test and a package, and a real order.
fn evening(language: &Language) {
    let word = language.word;
    language.workshop();
    let desk = Desk::new(&format!("evening-{word}"));
    let began = Instant::now();
    language.project(&desk, "price-cap", "order-guard");
    let built = desk.run(&["plugin", "build", "price-cap", "--json"]).done().json();
    let took_to_build = began.elapsed();
    desk.run(&["plugin", "test", "price-cap"]).done().has_said(&["3 fixtures: all as expected."]);
    let took = began.elapsed();
    eprintln!("{word}: new and build in {:.1} s, to a passing test in {:.1} s", took_to_build.as_secs_f64(), took.as_secs_f64());

    // Nothing of the machine comes in.
    let imports = built["imports"].as_array().unwrap();
    assert!(imports.iter().all(|import| import.as_str().unwrap().starts_with("roro:")), "{built}");
    assert_eq!(built["hooks"], serde_json::json!(["order-guard"]));

    let ten = root().join("examples/orders/yokohama-mombasa-10.json").display().to_string();
    let ask = ["plugin", "run", "price-cap", "--order", &ten, "--hook", "order-guard", "--json"];
    let said = desk.run(&[&ask[..], &LIMIT].concat()).done().json();
    let findings = said["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 3, "{said}");
    for finding in findings {
        assert_eq!((&finding["rule"], &finding["severity"]), (&"PRICE-CAP-PRICE-01".into(), &"ERROR".into()));
        assert!(finding["says"]["en"].as_str().unwrap().contains("is above the firm's limit of 15000 USD"), "{finding}");
    }
    // The same as a plugin in Rust finds.
    let rust = Desk::with_guard(&format!("evening-{word}-rust"));
    let ask = ["plugin", "run", "acme-guard", "--order", &ten, "--hook", "order-guard", "--json"];
    let theirs = rust.run(&[&ask[..], &LIMIT].concat()).done().json();
    let places = |said: &serde_json::Value| {
        let each = said["findings"].as_array().unwrap().iter().map(|one| (one["place"].clone(), one["parameters"].clone()));
        each.collect::<Vec<_>>()
    };
    assert_eq!(places(&said), places(&theirs));

    desk.run(&["plugin", "pack", "price-cap", "--out", "price-cap.tar"]).done();
    desk.run(&["plugin", "inspect", "price-cap.tar"]).done().has_said(&["interpreted"]);
}

/// The years in which [`papers`] attacks, and how its call ends then.
const ATTACKS: [(u16, &str); 9] = [
    // Throws.
    (1990, "trapped"),
    // Never ends.
    (1991, "out-of-fuel"),
    // Hoards memory.
    (1992, "out-of-memory"),
    // Floods the log.
    (1993, "log-limit"),
    // Calls itself without end.
    (1994, "trapped"),
    // Asks the host without end.
    (1995, "host-call-limit"),
    // Hands over too much.
    (1996, "output-limit"),
    // Speaks for the law of a country.
    (1997, "bad-output"),
    // Reaches for the machine.
    (1998, "trapped"),
];

/// The other hook; what an author gets wrong is said, and where; and no attack ends otherwise than it should.
fn papers(language: &Language) {
    let desk = Desk::new(&format!("papers-{}", language.word));
    language.project(&desk, "paper-check", "documents");
    let source = format!("paper-check/{}", language.source);
    desk.edit(&source, language.before, &format!("{}{}", language.attacks, language.before));
    desk.edit(&source, "fields, finding", language.names);
    // Enough for an interpreter to come as far as the other limits.
    desk.edit("paper-check/plugin.toml", "fuel = 200000000", "fuel = 1000000000");
    let order = desk.read("paper-check/fixtures/gaps/order.json");
    for (year, code) in ATTACKS {
        let fixture = format!("paper-check/fixtures/in-{year}");
        let asked = format!("hook = \"documents\"\nas_of = {year}-01-01\nexpect = \"{code}\"\n");
        desk.write(&format!("{fixture}/fixture.toml"), &asked);
        desk.write(&format!("{fixture}/order.json"), &order);
    }
    let dev = desk.run(&["plugin", "dev", "paper-check", "--once", "--verbose"]).done();
    dev.has_said(&["exports    documents", "12 fixtures: all as expected.", "(trapped)", "log error", "no such car"]);
    // What the templates expect is, byte for byte, what would be blessed.
    let blessed = desk.run(&["plugin", "test", "paper-check", "--bless"]).done();
    assert!(!blessed.said().contains("is written"), "{blessed:#?}");

    let (piece, other) = language.broken;
    desk.edit(&source, piece, other);
    let failed = desk.run(&["plugin", "build", "paper-check"]).ends(1);
    failed.has_said(&["plugin.", "error: the project does not compile"]);
    assert_eq!(failed.fix(), "Mend what is named above");
}

#[test]
fn a_plugin_in_typescript_goes_from_an_empty_folder_to_a_passing_test() {
    evening(&TYPESCRIPT);
}

#[test]
fn a_plugin_in_python_goes_from_an_empty_folder_to_a_passing_test() {
    evening(&PYTHON);
}

#[test]
fn papers_are_checked_in_typescript() {
    papers(&TYPESCRIPT);
}

#[test]
fn papers_are_checked_in_python() {
    papers(&PYTHON);
}

#[test]
fn a_missing_tool_is_named_with_the_line_that_installs_it() {
    let desk = Desk::new("no-tools");
    desk.write("bin/nothing", "");
    for (language, fix) in [("ts", "apt-get install nodejs npm"), ("python", "apt-get install python3 python3-venv")] {
        desk.run(&["plugin", "new", "acme-guard", "--lang", language, "--hook", "documents", "--out", language]).done();
        let build = desk.roro(&["plugin", "build", language]).env("PATH", desk.path("bin")).output().unwrap();
        let failed = Ran::of(build).ends(3);
        assert!(failed.fix().contains(fix), "{failed:#?}");
    }
}

#[test]
fn a_folder_of_two_languages_or_none_is_not_guessed() {
    let desk = Desk::new("which-language");
    desk.run(&["plugin", "new", "acme-guard", "--lang", "python", "--hook", "documents"]).done();
    desk.write("acme-guard/src/plugin.ts", "");
    let two = desk.run(&["plugin", "build", "acme-guard"]).ends(2);
    two.has_said(&["acme-guard holds src/plugin.ts (TypeScript), src/plugin.py (Python)"]);
    for source in ["ts", "py"] {
        std::fs::remove_file(desk.path(&format!("acme-guard/src/plugin.{source}"))).unwrap();
    }
    let none = desk.run(&["plugin", "build", "acme-guard"]).ends(2);
    none.has_said(&["acme-guard holds none of Cargo.toml (Rust), src/plugin.ts (TypeScript), src/plugin.py (Python)"]);
}
