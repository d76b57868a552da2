//! The files of a project that are its author's own.

use anyhow::{Context as _, Result};

use super::{File, Hook};

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

const COMMON: [(&str, &str); 3] =
    [("Cargo.toml", text!("project.toml")), (".gitignore", text!("gitignore")), ("README.md", text!("README.md"))];

const ORDER_GUARD: [(&str, &str); 9] = [
    ("src/lib.rs", text!("order-guard/lib.rs")),
    ("plugin.toml", text!("order-guard/plugin.toml")),
    ("locales/en.toml", text!("order-guard/en.toml")),
    ("locales/zh.toml", text!("order-guard/zh.toml")),
    ("fixtures/one-too-dear/fixture.toml", text!("order-guard/fixtures/one-too-dear.toml")),
    ("fixtures/one-too-dear/expected.json", text!("order-guard/fixtures/one-too-dear.json")),
    ("fixtures/limit-in-dollars/fixture.toml", text!("order-guard/fixtures/limit-in-dollars.toml")),
    ("fixtures/limit-in-dollars/expected.json", text!("order-guard/fixtures/limit-in-dollars.json")),
    ("fixtures/settings-not-granted/fixture.toml", text!("order-guard/fixtures/settings-not-granted.toml")),
];

const DOCUMENTS: [(&str, &str); 9] = [
    ("src/lib.rs", text!("documents/lib.rs")),
    ("plugin.toml", text!("documents/plugin.toml")),
    ("locales/en.toml", text!("documents/en.toml")),
    ("locales/zh.toml", text!("documents/zh.toml")),
    ("fixtures/gaps/fixture.toml", text!("documents/fixtures/gaps.toml")),
    ("fixtures/gaps/expected.json", text!("documents/fixtures/gaps.json")),
    ("fixtures/complete/fixture.toml", text!("documents/fixtures/complete.toml")),
    ("fixtures/complete/expected.json", text!("documents/fixtures/complete.json")),
    ("fixtures/out-of-fuel/fixture.toml", text!("documents/fixtures/out-of-fuel.toml")),
];

/// The files of a project of this name, its names filled in.
pub(super) fn files(name: &str, hook: Hook) -> Result<Vec<File>> {
    let own = match hook {
        Hook::Documents => DOCUMENTS,
        Hook::OrderGuard => ORDER_GUARD,
    };
    let names = Names::of(name, hook);
    let mut files: Vec<File> = COMMON.iter().chain(&own).map(|(path, text)| ((*path).to_owned(), names.fill(text))).collect();
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
}

impl Names {
    pub(super) fn of(id: &str, hook: Hook) -> Self {
        let words = id.replace('-', " ");
        let mut letters = words.chars();
        let title = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        let summary = match hook {
            Hook::Documents => "Warns about vehicles without a colour or an engine number.",
            Hook::OrderGuard => "Refuses an order with a vehicle above the firm's price limit.",
        };
        Self { id: id.to_owned(), title, summary }
    }

    pub(super) fn fill(&self, text: &str) -> String {
        // A name that is no id must not end its quotes: the reader of manifests refuses it, and says why.
        let quoted = toml::Value::String(self.id.clone()).to_string();
        let text = text.replace("@ID_TEXT@", &quoted).replace("@RULE@", &self.id.to_uppercase());
        text.replace("@ID@", &self.id).replace("@TITLE@", &self.title).replace("@SUMMARY@", self.summary)
    }
}
