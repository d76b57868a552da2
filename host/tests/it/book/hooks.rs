//! The reference of hooks and imports equals the contract: every function with its words.

use std::fmt::Write as _;

use super::must_be;
use crate::support::root;

/// An interface or a resource: its name, its words, its functions.
struct Holder {
    name: String,
    says: String,
    functions: Vec<Function>,
}

struct Function {
    name: String,
    signature: String,
    says: String,
}

fn wit(package: &str) -> String {
    let file = package.strip_prefix("roro-").unwrap();
    std::fs::read_to_string(root().join(format!("wit/deps/{package}/{file}.wit"))).unwrap()
}

/// The interfaces and resources of a file, in its order.
fn holders(text: &str) -> Vec<Holder> {
    let (mut holders, mut says) = (Vec::<Holder>::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            says.push(words.trim());
            continue;
        }
        let said = std::mem::take(&mut says).join("\n");
        let named = line.strip_suffix(" {").and_then(|line| line.split_once(' '));
        if let Some((_, name)) = named.filter(|(kind, _)| ["interface", "resource"].contains(kind)) {
            holders.push(Holder { name: name.to_owned(), says: said, functions: Vec::new() });
        } else if let Some((name, signature)) = line.split_once(": func(") {
            let function =
                Function { name: name.to_owned(), signature: format!("func({}", signature.trim_end_matches(';')), says: said };
            holders.last_mut().unwrap().functions.push(function);
        }
    }
    holders
}

fn holder(package: &str, name: &str) -> Holder {
    // An interface may bear the name of its resource: the one with the functions is meant.
    let is_meant = |one: &Holder| one.name == name && !one.functions.is_empty();
    holders(&wit(package)).into_iter().find(is_meant).unwrap_or_else(|| panic!("{package} has no `{name}`"))
}

/// The text of a type, with its words.
fn types(package: &str, names: &[&str]) -> String {
    let text = wit(package);
    let lines: Vec<&str> = text.lines().collect();
    let mut said = String::from("```wit\n");
    for name in names {
        let at = lines.iter().position(|line| line.trim().strip_suffix(" {") == Some(name)).unwrap();
        let above = lines[..at].iter().rev().take_while(|line| line.trim().starts_with("///")).count();
        let indent = lines[at].len() - lines[at].trim_start().len();
        let end = at + lines[at..].iter().position(|line| line.trim() == "}").unwrap();
        for line in &lines[at - above..=end] {
            writeln!(said, "{}", line.get(indent..).unwrap_or_default()).unwrap();
        }
        said.push('\n');
    }
    format!("{}\n```", said.trim_end())
}

/// A hook's functions, each with its words.
fn hook(package: &str, interface: &str, functions: &[&str]) -> String {
    let holder = holder(package, interface);
    let mut said = String::new();
    for function in holder.functions.iter().filter(|function| functions.is_empty() || functions.contains(&function.name.as_str()))
    {
        let Function { name, signature, says } = function;
        write!(said, "`roro:{}/{interface}@0.1.0`\n\n```wit\n{name}: {signature};\n```\n\n{says}\n\n", &package[5..]).unwrap();
    }
    said
}

/// What each of the holders gives, a table each.
fn tables(package: &str, names: &[&str]) -> String {
    let mut said = String::new();
    for name in names {
        let Holder { says, functions, .. } = holder(package, name);
        let from = if package == "roro-host" { format!("roro:host/{name}") } else { (*name).to_owned() };
        write!(said, "**`{from}`** {says}\n\n| Function | |\n|---|---|\n").unwrap();
        for Function { name, signature, says } in &functions {
            writeln!(said, "| `{name}: {signature}` | {} |", says.replace('\n', " ")).unwrap();
        }
        said.push('\n');
    }
    said
}

#[test]
fn the_hooks_are_those_of_the_contract() {
    must_be("hooks.md", "order-guard", &hook("roro-guard", "guard", &[]));
    must_be("hooks.md", "documents", &hook("roro-documents", "documents", &["check"]));
    must_be("hooks.md", "pricing", &hook("roro-pricing", "pricing", &[]));
    must_be("hooks.md", "quote", &types("roro-pricing", &["record quote", "record line", "enum charge"]));
    must_be("hooks.md", "app", &hook("roro-app", "app", &[]));
    must_be("hooks.md", "finding", &types("roro-types", &["record finding", "enum severity", "record parameter"]));
}

#[test]
fn the_imports_are_those_of_the_contract() {
    must_be("hooks.md", "host", &tables("roro-host", &["log", "config", "legal-date", "tables", "random"]));
    must_be("hooks.md", "app-host", &tables("roro-host", &["cache", "fetch", "tasks", "events"]));
    must_be("hooks.md", "app-orders", &tables("roro-order", &["orders"]));
    must_be("hooks.md", "app-records", &tables("roro-records", &["records"]));
    must_be("hooks.md", "order", &tables("roro-order", &["order", "shipment", "vehicle", "party"]));
    must_be("hooks.md", "fields", &tables("roro-order", &["fields"]));
    let values = ["record money", "record decimal", "record date", "record odometer"];
    must_be("hooks.md", "values", &types("roro-types", &values));
}

#[test]
fn no_function_of_the_contract_is_left_out() {
    let told = [
        "log",
        "config",
        "legal-date",
        "tables",
        "random",
        "cache",
        "fetch",
        "tasks",
        "events",
        "order",
        "orders",
        "shipment",
        "vehicle",
        "party",
        "fields",
        "guard",
        "pricing",
        "records",
        "app",
    ];
    for package in ["roro-host", "roro-order", "roro-guard", "roro-pricing", "roro-records", "roro-app"] {
        for holder in holders(&wit(package)).iter().filter(|one| !one.functions.is_empty()) {
            assert!(told.contains(&holder.name.as_str()), "the book does not tell of `{}` in {package}", holder.name);
        }
    }
}
