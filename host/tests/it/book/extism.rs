//! The chapter on guests of Extism: its functions are those that the engine links, its example is what `roro plugin new` writes.

use super::{chapter, must_be, part, quoted, rows};
use crate::support::root;

fn source(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_functions_of_the_kernel_are_those_of_the_engine() {
    let link = source("host/engine/src/extism/link.rs");
    let (_, list) = link.split_once("FUNCTIONS: &[&str] = &[").unwrap();
    let mut linked: Vec<&str> = list.split_once("];").unwrap().0.split('"').skip(1).step_by(2).collect();
    linked.sort_unstable();
    let text = chapter("extism.md");
    let table = rows(&part(&text, "kernel"));
    let mut told: Vec<&str> = table.iter().flat_map(|row| quoted(&row[0])).collect();
    told.sort_unstable();
    assert_eq!(told, linked);
}

#[test]
fn the_functions_of_the_hooks_have_schemas() {
    let text = chapter("extism.md");
    for name in ["documents_check", "order_guard_check"] {
        assert!(text.contains(&format!("| `{name}` |")), "{name}");
        for side in ["input", "output"] {
            let schema = source(&format!("sdk/extism/schemas/{name}.{side}.schema.json"));
            let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
            if side == "input" {
                let row =
                    rows(&text).into_iter().find(|row| row.get(1).is_some_and(|cell| *cell == format!("`{name}`"))).unwrap();
                let mut told: Vec<&str> = quoted(&row[2]).collect();
                let mut required: Vec<&str> =
                    schema["required"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
                told.sort_unstable();
                required.sort_unstable();
                assert_eq!(told, required);
            }
        }
    }
}

#[test]
fn the_example_is_what_a_new_project_has() {
    let rule = source("host/src/cli/plugin/new/template/documents/extism.rs").replace("@RULE@", "ACME");
    must_be("extism.md", "example", &format!("```rust\n{rule}```"));
}
