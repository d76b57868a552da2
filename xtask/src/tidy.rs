//! The rules of the house that a compiler does not know: who may name what, how long a file may be, how a folder opens.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

use crate::tools::say;

const LINES_MAX: usize = 600;

/// A word that only some places may use in code.
struct Layer {
    /// The word, as it stands in code.
    word: &'static str,
    /// Below which folder the rule holds.
    below: &'static str,
    /// The places that may use it: a folder ends with `/`, a file name stands alone.
    allowed: &'static [&'static str],
    reason: &'static str,
}

const LAYERS: [Layer; 9] = [
    Layer { word: "wasmtime::", below: "host/src/", allowed: &[], reason: "only host/engine names wasmtime" },
    Layer {
        word: "roro_engine::",
        below: "host/src/",
        allowed: &["host/src/guest/", "host/src/schedule/", "host/src/app.rs", "host/src/config.rs"],
        reason: "only the guest door, the scheduler and the wiring reach the engine",
    },
    Layer {
        word: "sea_orm::",
        below: "host/src/",
        allowed: &[
            "table.rs",
            "host/src/kernel/db",
            "host/src/kernel/id",
            "host/src/kernel/money",
            "host/src/migration/",
            "host/src/access/",
            "host/src/app.rs",
        ],
        reason: "queries stand in a noun's table.rs (access keeps a file a table)",
    },
    Layer {
        word: "axum::",
        below: "host/src/",
        allowed: &["routes.rs", "host/src/web/", "host/src/http/", "host/src/console/", "host/src/app.rs"],
        reason: "only doors know HTTP",
    },
    Layer {
        word: "redis::",
        below: "host/src/",
        allowed: &["redis.rs", "host/src/kernel/cache/mod.rs"],
        reason: "Redis is a back end behind a port",
    },
    Layer {
        word: "minijinja::",
        below: "host/src/",
        allowed: &["host/src/console/"],
        reason: "templates of documents run in the sandbox; the host renders the console's own only",
    },
    Layer {
        word: "crate::console",
        below: "host/src/",
        allowed: &["host/src/console/", "host/src/http/mod.rs"],
        reason: "nothing below a door knows the door",
    },
    Layer { word: "crate::guest", below: "host/src/kernel/", allowed: &[], reason: "the kernel knows no door" },
    Layer { word: "async ", below: "host/src/", allowed: &["!state.rs"], reason: "a state machine is pure" },
];

/// Packages whose sources the rules are for.
const SOURCES: [&str; 10] = [
    "host/src",
    "host/engine/src",
    "sdk/pack/src",
    "sdk/rust/src",
    "plugins/rulebook/src",
    "plugins/renderer/src",
    "examples/price-guard/src",
    "examples/follow-ups/src",
    "xtask/src",
    "host/tests",
];

pub(crate) fn run(root: &Path) -> Result<()> {
    let mut faults = Vec::new();
    for folder in SOURCES {
        let mut files = Vec::new();
        collect(&root.join(folder), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            check_file(&name, &text, &mut faults);
        }
    }
    check_lints(root, &mut faults)?;
    if !faults.is_empty() {
        bail!("{} faults:\n  {}", faults.len(), faults.join("\n  "));
    }
    say("tidy: layers, sizes and headers are in order");
    Ok(())
}

fn check_file(name: &str, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > LINES_MAX {
        faults.push(format!("{name} has {lines} lines, at most {LINES_MAX}: split it by topic"));
    }
    if (name.ends_with("/mod.rs") || name.ends_with("/lib.rs") || name.ends_with("/main.rs")) && !text.starts_with("//!") {
        faults.push(format!("{name} does not open with `//!`: say what it is, its life, what it never does"));
    }
    for layer in &LAYERS {
        if !name.starts_with(layer.below) || name.ends_with("tests.rs") {
            continue;
        }
        let only_in = layer.allowed.iter().find_map(|place| place.strip_prefix('!'));
        let checked = only_in.map_or_else(
            || !layer.allowed.iter().any(|place| name.starts_with(place) || name.ends_with(&format!("/{place}"))),
            |file| name.ends_with(file),
        );
        if !checked {
            continue;
        }
        for (number, line) in text.lines().enumerate().filter(|(_, line)| names(line, layer.word)) {
            faults.push(format!("{name}:{}: `{}`: {}", number + 1, line.trim(), layer.reason));
        }
    }
}

/// Whether code (not a comment) uses the word as a whole path segment.
fn names(line: &str, word: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(word)
        .any(|(at, _)| !code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':'))
}

fn check_lints(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let manifest: toml::Value = toml::from_str(&std::fs::read_to_string(root.join("Cargo.toml"))?)?;
    let members =
        manifest.get("workspace").and_then(|w| w.get("members")).and_then(toml::Value::as_array).context("workspace.members")?;
    for member in members.iter().filter_map(toml::Value::as_str) {
        let text = std::fs::read_to_string(root.join(member).join("Cargo.toml")).with_context(|| member.to_owned())?;
        if !text.contains("[lints]\nworkspace = true") {
            faults.push(format!("{member}/Cargo.toml does not inherit the workspace's lints"));
        }
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        run(&crate::tools::root().unwrap()).unwrap();
    }

    #[test]
    fn a_forbidden_name_is_found_in_code_and_not_in_comments() {
        let mut faults = Vec::new();
        check_file(
            "host/src/order/mod.rs",
            "//! x\nuse sea_orm::Entity;\n// sea_orm::Entity\nlet a = my_sea_orm::x();\n",
            &mut faults,
        );
        assert_eq!(faults.len(), 1, "{faults:?}");
        check_file("host/src/order/table.rs", "use sea_orm::Entity;\n", &mut faults);
        assert_eq!(faults.len(), 1, "{faults:?}");
    }

    #[test]
    fn the_contract_copies_are_equal() {
        crate::wit::run(&crate::tools::root().unwrap(), true).unwrap();
    }
}
