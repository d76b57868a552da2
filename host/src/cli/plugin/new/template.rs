//! The files of a project that are its author's own.

use anyhow::{Context as _, Result};

use super::{File, Hook};
use crate::cli::plugin::language::Language;

/// Takes a file of the templates into this program.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!("template/", $path))
    };
}

/// The order of the fixtures: three cars from Yokohama to Mombasa.
const ORDER: &str = include_str!("../../../../../examples/orders/yokohama-mombasa.json");
/// The lines that the order of the fixture `gaps` does not have.
const GAPS: [&str; 2] = ["      \"colour\": \"Pearl white\",\n", "      \"engine_number\": \"S8-10572236\",\n"];

/// The files of a language, whatever the hook.
const RUST: &[(&str, &str)] = &[
    ("Cargo.toml", text!("rust/project.toml")),
    (".gitignore", text!("rust/gitignore")),
    ("README.md", text!("rust/README.md")),
];
const TYPESCRIPT: &[(&str, &str)] = &[
    ("package.json", text!("typescript/package.json")),
    ("tsconfig.json", text!("typescript/tsconfig.json")),
    (".gitignore", text!("typescript/gitignore")),
    ("README.md", text!("typescript/README.md")),
];
const PYTHON: &[(&str, &str)] = &[
    ("requirements.txt", include_str!("../../../../../sdk/python/requirements.txt")),
    ("pyrightconfig.json", text!("python/pyrightconfig.json")),
    (".gitignore", text!("python/gitignore")),
    ("README.md", text!("python/README.md")),
];

/// The files of a hook, whatever the language.
const ORDER_GUARD: &[(&str, &str)] = &[
    ("plugin.toml", text!("order-guard/plugin.toml")),
    ("locales/en.toml", text!("order-guard/en.toml")),
    ("locales/zh.toml", text!("order-guard/zh.toml")),
    ("fixtures/one-too-dear/fixture.toml", text!("order-guard/fixtures/one-too-dear.toml")),
    ("fixtures/one-too-dear/expected.json", text!("order-guard/fixtures/one-too-dear.json")),
    ("fixtures/limit-in-dollars/fixture.toml", text!("order-guard/fixtures/limit-in-dollars.toml")),
    ("fixtures/limit-in-dollars/expected.json", text!("order-guard/fixtures/limit-in-dollars.json")),
    ("fixtures/settings-not-granted/fixture.toml", text!("order-guard/fixtures/settings-not-granted.toml")),
];
const DOCUMENTS: &[(&str, &str)] = &[
    ("plugin.toml", text!("documents/plugin.toml")),
    ("locales/en.toml", text!("documents/en.toml")),
    ("locales/zh.toml", text!("documents/zh.toml")),
    ("fixtures/gaps/fixture.toml", text!("documents/fixtures/gaps.toml")),
    ("fixtures/gaps/expected.json", text!("documents/fixtures/gaps.json")),
    ("fixtures/complete/fixture.toml", text!("documents/fixtures/complete.toml")),
    ("fixtures/complete/expected.json", text!("documents/fixtures/complete.json")),
    ("fixtures/out-of-fuel/fixture.toml", text!("documents/fixtures/out-of-fuel.toml")),
];

/// The rule itself.
const fn source(language: Language, hook: Hook) -> (&'static str, &'static str) {
    match (language, hook) {
        // The source of a project on the PDK takes the place of this one.
        (Language::Rust | Language::ExtismRust, Hook::Documents) => ("src/lib.rs", text!("documents/lib.rs")),
        (Language::Rust | Language::ExtismRust, Hook::OrderGuard) => ("src/lib.rs", text!("order-guard/lib.rs")),
        (Language::TypeScript, Hook::Documents) => (Language::TypeScript.source(), text!("documents/plugin.ts")),
        (Language::TypeScript, Hook::OrderGuard) => (Language::TypeScript.source(), text!("order-guard/plugin.ts")),
        (Language::Python, Hook::Documents) => (Language::Python.source(), text!("documents/plugin.py")),
        (Language::Python, Hook::OrderGuard) => (Language::Python.source(), text!("order-guard/plugin.py")),
    }
}

/// The files of a project of this name, its names filled in.
pub(super) fn files(name: &str, language: Language, hook: Hook) -> Result<Vec<File>> {
    let own = match hook {
        Hook::Documents => DOCUMENTS,
        Hook::OrderGuard => ORDER_GUARD,
    };
    let common = match language {
        Language::Rust | Language::ExtismRust => RUST,
        Language::TypeScript => TYPESCRIPT,
        Language::Python => PYTHON,
    };
    let names = Names::of(name, language, hook);
    let source = [source(language, hook)];
    let all = common.iter().chain(&source).chain(own);
    let mut files: Vec<File> = all.map(|(path, text)| ((*path).to_owned(), names.fill(text))).collect();
    let fixtures: Vec<String> =
        own.iter().filter_map(|(path, _)| path.strip_suffix("/fixture.toml")).map(str::to_owned).collect();
    for fixture in fixtures {
        let order = if fixture.ends_with("/gaps") { order_with_gaps()? } else { ORDER.to_owned() };
        files.push((format!("{fixture}/order.json"), order));
    }
    Ok(files)
}

fn order_with_gaps() -> Result<String> {
    let mut order = ORDER.to_owned();
    for line in GAPS {
        let at = order.find(line).with_context(|| format!("the example order has no line {line:?}: a fault of this build"))?;
        order.replace_range(at..at + line.len(), "");
    }
    Ok(order)
}

/// What the templates call the plugin.
pub(super) struct Names {
    id: String,
    title: String,
    summary: &'static str,
    /// Class, fuel and memory in MiB: below what the class gives, and several times what a call of the example takes.
    limits: [&'static str; 3],
}

impl Names {
    pub(super) fn of(id: &str, language: Language, hook: Hook) -> Self {
        let words = id.replace('-', " ");
        let mut letters = words.chars();
        let title = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        let summary = match hook {
            Hook::Documents => "Warns about vehicles without a colour or an engine number.",
            Hook::OrderGuard => "Refuses an order with a vehicle above the firm's price limit.",
        };
        let limits = match language {
            Language::Rust | Language::ExtismRust => ["rule", "20000000", "8"],
            Language::TypeScript | Language::Python => ["interpreted", "200000000", "48"],
        };
        Self { id: id.to_owned(), title, summary, limits }
    }

    pub(super) fn fill(&self, text: &str) -> String {
        // A name that is no id must not end its quotes: the reader of manifests refuses it, and says why.
        let quoted = toml::Value::String(self.id.clone()).to_string();
        let text = text.replace("@ID_TEXT@", &quoted).replace("@RULE@", &self.id.to_uppercase());
        let [class, fuel, memory_mib] = self.limits;
        let text = text.replace("@CLASS@", class).replace("@FUEL@", fuel).replace("@MEMORY_MIB@", memory_mib);
        text.replace("@ID@", &self.id).replace("@TITLE@", &self.title).replace("@SUMMARY@", self.summary)
    }
}
