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

const PRICING: &[(&str, &str)] = &[
    ("plugin.toml", text!("pricing/plugin.toml")),
    ("locales/en.toml", text!("pricing/en.toml")),
    ("locales/zh.toml", text!("pricing/zh.toml")),
    ("fixtures/three-vehicles/fixture.toml", text!("pricing/fixtures/three-vehicles.toml")),
    ("fixtures/three-vehicles/expected.json", text!("pricing/fixtures/three-vehicles.json")),
    ("fixtures/tariff-in-dollars/fixture.toml", text!("pricing/fixtures/tariff-in-dollars.toml")),
    ("fixtures/tariff-in-dollars/expected.json", text!("pricing/fixtures/tariff-in-dollars.json")),
    ("fixtures/settings-not-granted/fixture.toml", text!("pricing/fixtures/settings-not-granted.toml")),
];
const APP: &[(&str, &str)] = &[
    ("plugin.toml", text!("app/plugin.toml")),
    ("locales/en.toml", text!("app/en.toml")),
    ("locales/zh.toml", text!("app/zh.toml")),
    ("fixtures/add/fixture.toml", text!("app/fixtures/add.toml")),
    ("fixtures/add/expected.json", text!("app/fixtures/add.json")),
    ("fixtures/add/effects.json", text!("app/fixtures/add.effects.json")),
    ("fixtures/add-too-early/fixture.toml", text!("app/fixtures/add-too-early.toml")),
    ("fixtures/add-too-early/expected.json", text!("app/fixtures/add-too-early.json")),
    ("fixtures/add-too-early/effects.json", text!("app/fixtures/add-too-early.effects.json")),
    ("fixtures/done/fixture.toml", text!("app/fixtures/done.toml")),
    ("fixtures/done/records.json", text!("app/fixtures/done.records.json")),
    ("fixtures/done/expected.json", text!("app/fixtures/done.json")),
    ("fixtures/done/effects.json", text!("app/fixtures/done.effects.json")),
    ("fixtures/done-twice/fixture.toml", text!("app/fixtures/done-twice.toml")),
    ("fixtures/done-twice/records.json", text!("app/fixtures/done-twice.records.json")),
    ("fixtures/done-twice/expected.json", text!("app/fixtures/done-twice.json")),
    ("fixtures/done-twice/effects.json", text!("app/fixtures/done-twice.effects.json")),
    ("fixtures/gone/fixture.toml", text!("app/fixtures/gone.toml")),
    ("fixtures/gone/expected.json", text!("app/fixtures/gone.json")),
    ("fixtures/gone/effects.json", text!("app/fixtures/gone.effects.json")),
    ("fixtures/new-order/fixture.toml", text!("app/fixtures/new-order.toml")),
    ("fixtures/new-order/expected.json", text!("app/fixtures/new-order.json")),
    ("fixtures/new-order/effects.json", text!("app/fixtures/new-order.effects.json")),
];

/// The rule itself.
const fn source(language: Language, hook: Hook) -> (&'static str, &'static str) {
    match (language, hook) {
        // The source of a project on the PDK takes the place of this one.
        (Language::Rust | Language::ExtismRust, Hook::Documents) => ("src/lib.rs", text!("documents/lib.rs")),
        (Language::Rust | Language::ExtismRust, Hook::OrderGuard) => ("src/lib.rs", text!("order-guard/lib.rs")),
        (Language::Rust | Language::ExtismRust, Hook::Pricing) => ("src/lib.rs", text!("pricing/lib.rs")),
        (Language::Rust | Language::ExtismRust, Hook::App) => ("src/lib.rs", text!("app/lib.rs")),
        (Language::TypeScript, Hook::Pricing) => (Language::TypeScript.source(), text!("pricing/plugin.ts")),
        (Language::TypeScript, Hook::App) => (Language::TypeScript.source(), text!("app/plugin.ts")),
        (Language::Python, Hook::Pricing) => (Language::Python.source(), text!("pricing/plugin.py")),
        (Language::Python, Hook::App) => (Language::Python.source(), text!("app/plugin.py")),
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
        Hook::Pricing => PRICING,
        Hook::App => APP,
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
            Hook::Pricing => "Prices the freight of each vehicle, with a discount for many.",
            Hook::App => "Reminders on a board; each new order brings one.",
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
