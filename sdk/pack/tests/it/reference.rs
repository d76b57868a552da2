//! The README is the reference: its tables equal the lists in the code.

use roro_pack::function::{Accepts, Aggregate, Function, Gives};

fn accepted(accepts: Accepts) -> &'static str {
    match accepts {
        Accepts::Any => "any",
        Accepts::Text => "text",
        Accepts::Literal => "literal",
        Accepts::Integer => "integer",
        Accepts::Number => "number",
        Accepts::Amount => "amount",
        Accepts::Date => "date",
        Accepts::Money => "money",
    }
}

fn given(gives: Gives) -> &'static str {
    match gives {
        Gives::Text => "text",
        Gives::Integer => "integer",
        Gives::Decimal => "decimal",
        Gives::Date => "date",
        Gives::Boolean => "boolean",
        Gives::Money => "money",
        Gives::Common => "common",
    }
}

fn section(name: &str) -> Vec<String> {
    let readme = include_str!("../../README.md");
    let (_, from) = readme.split_once(&format!("<!-- {name} -->\n")).unwrap();
    let (section, _) = from.split_once(&format!("\n<!-- /{name} -->")).unwrap();
    section.lines().skip(2).map(str::to_owned).collect()
}

#[test]
fn the_table_of_functions_equals_the_code() {
    let rows = Function::ALL.iter().map(|function| {
        let signature = function.signature();
        let mut arguments: Vec<&str> = signature.accepts.iter().map(|accepts| accepted(*accepts)).collect();
        if signature.repeats {
            arguments.push("…");
        }
        format!("| `{}({})` | {} | {} |", signature.name, arguments.join(", "), given(signature.gives), signature.meaning)
    });
    assert_eq!(section("functions"), rows.collect::<Vec<_>>());
}

#[test]
fn the_table_of_aggregates_equals_the_code() {
    let rows = Aggregate::ALL.iter().map(|(_, name, of, gives, meaning)| format!("| `{name}` | {of} | {gives} | {meaning} |"));
    assert_eq!(section("aggregates"), rows.collect::<Vec<_>>());
}
