//! The world of one project: what its plugin.toml serves and asks for, in the words of the contract that lies in `roro-sdk/wit`.
//!
//! A hook has a world of its own in the contract, with everything that its plugins may import. Rust leaves out of a component what it does not
//! use; an interpreter cannot know, and takes all. So the project's world has the imports that need no grant, those whose grant plugin.toml
//! asks for, and every hook of it; and all tools want one folder with everything in it.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;

use super::super::ended;
use super::super::project::Project;
use super::MADE;
use crate::plugin::component;

/// The world's name: `roro:project/project`.
pub(super) const WORLD: &str = "project";
/// Where the contract lies in a project.
const CONTRACT: &str = "roro-sdk/wit";
/// The file with the worlds.
const WORLDS: &str = "world.wit";

/// Writes the world of a project; its folder, below the project's.
pub(super) fn write(project: &Project) -> Result<String> {
    let contract = project.path(CONTRACT);
    let worlds = fs::read_to_string(contract.join(WORLDS)).map_err(|error| {
        let fix = "Make an empty project with `roro plugin new` and take its folder roro-sdk";
        ended::wrong_input(format!("the contract cannot be read from {}: {error}\n{fix}", contract.join(WORLDS).display()))
    })?;
    let manifest = &project.manifest;
    let hooks: Vec<&str> = manifest.hooks.iter().map(|hook| hook.name.as_str()).collect();
    let is_asked = |interface: &str| {
        component::grant_of(interface).is_none_or(|grant| manifest.grants.iter().any(|asked| asked.name == grant))
    };
    let text = text(&worlds, &hooks, is_asked).map_err(|hook| {
        let fix = "Take roro-sdk from a new project of a `roro` that knows it, or remove the hook from plugin.toml";
        ended::wrong_input(format!("{} has no world for the hook `{hook}`\n{fix}", contract.join(WORLDS).display()))
    })?;
    let own = format!("{MADE}/wit");
    let folder = project.path(&own);
    fill(&folder, &contract, &text).with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(own)
}

/// The world as text; the hook for which the contract has none, when there is one.
fn text<'hook>(worlds: &str, hooks: &[&'hook str], is_asked: impl Fn(&str) -> bool) -> Result<String, &'hook str> {
    let mut items = Vec::new();
    for hook in hooks {
        gather(worlds, hook, &mut items).ok_or(*hook)?;
    }
    let lines: String =
        items.iter().filter(|item| item.is_wanted(&is_asked)).map(|item| format!("    {}\n", item.line)).collect();
    Ok(format!("package roro:{WORLD};\n\nworld {WORLD} {{\n{lines}}}\n"))
}

/// An import or export of a world.
#[derive(PartialEq, Eq)]
struct Item<'worlds> {
    line: &'worlds str,
}

impl Item<'_> {
    /// Whether a world has it in which only some imports are asked for.
    fn is_wanted(&self, is_asked: impl Fn(&str) -> bool) -> bool {
        let import = self.line.strip_prefix("import ").map(|rest| rest.trim_end_matches(';'));
        import.is_none_or(|name| is_asked(name.split('@').next().unwrap_or(name)))
    }
}

/// Adds what a world imports and exports, with the worlds that it includes; each once. None when there is no such world.
fn gather<'worlds>(worlds: &'worlds str, world: &str, items: &mut Vec<Item<'worlds>>) -> Option<()> {
    let (_, from) = worlds.split_once(&format!("\nworld {world} {{\n"))?;
    for line in from.split("\n}").next()?.lines().map(str::trim) {
        if let Some(other) = line.strip_prefix("include ") {
            gather(worlds, other.trim_end_matches(';'), items)?;
        } else if line.starts_with("import ") || line.starts_with("export ") {
            let item = Item { line };
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }
    Some(())
}

fn fill(folder: &Path, contract: &Path, world: &str) -> std::io::Result<()> {
    if folder.is_dir() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("project.wit"), world)?;
    for package in fs::read_dir(contract.join("deps"))? {
        let package = package?;
        let copy = folder.join("deps").join(package.file_name());
        fs::create_dir_all(&copy)?;
        for file in fs::read_dir(package.path())? {
            let file = file?;
            fs::copy(file.path(), copy.join(file.file_name()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::text;

    const WORLDS: &str = include_str!("../../../../../wit/world.wit");

    #[test]
    fn a_projects_world_has_its_hooks_and_what_it_asks_for() {
        let guard = text(WORLDS, &["order-guard"], |interface| interface != "roro:host/tables").unwrap();
        assert!(guard.starts_with("package roro:project;\n\nworld project {\n    import roro:host/log@0.1.0;\n"), "{guard}");
        assert!(guard.contains("    import roro:host/config@0.1.0;\n") && !guard.contains("tables"), "{guard}");
        assert!(guard.ends_with("    export roro:guard/guard@0.1.0;\n}\n"), "{guard}");
        let both = text(WORLDS, &["documents", "order-guard"], |_| true).unwrap();
        assert_eq!(both.matches("import roro:host/tables@0.1.0;").count(), 1, "{both}");
        assert_eq!(both.matches("export ").count(), 2, "{both}");
        assert_eq!(text(WORLDS, &["documents", "order"], |_| true), Err("order"));
    }
}
