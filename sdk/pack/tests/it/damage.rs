//! Nothing panics: not on any text as an expression, not on any file, not on damaged tables or odd columns.

use crate::support::{SOURCED, catalogue, columns, compiled, date, order, pack};
use proptest::prelude::*;
use roro_pack::compile::compile;
use roro_pack::{Column, Step, Tables};

/// Texts that look like expressions more often than chance would have it.
fn expression() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "vehicle.price",
        "order.total",
        "clock",
        "row",
        "none",
        "1",
        "2.5",
        "9223372036854775807",
        "\"x\"",
        "(",
        ")",
        "[",
        "]",
        ",",
        "+",
        "-",
        "*",
        "/",
        "==",
        "<",
        "in",
        "not",
        "and",
        "or",
        "if",
        "then",
        "else",
        "sum(",
        "any(",
        "repeats(",
        "year(",
        "date(",
        "decide(",
        "lookup(",
        "vehicle",
        "container.number",
        "portion(",
        "vehicle.gross_mass_kg",
        "\\",
        "\"",
        "é",
        "0.",
        "_",
        "=",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.join(" "))
}

/// Expressions that are well typed: what is left to go wrong are their values.
fn number() -> impl Strategy<Value = String> {
    let leaves = prop::sample::select(vec![
        "0",
        "1",
        "7.25",
        "9223372036854775807",
        "0.000000000000000001",
        "coalesce(none, none)",
        "row",
        "vehicle.gross_mass_kg",
        "vehicle.displacement_cc",
        "order.rate",
        "sum(vehicle.displacement_cc)",
        "largest(vehicle.gross_mass_kg)",
        "minor(vehicle.price)",
        "rows(container)",
        "year(vehicle.first_registration)",
        "days_between(shipment.arrival, clock)",
        "length(vehicle.hs6)",
        "sum(vehicle, if clock > as_of then row else 0)",
    ]);
    leaves.prop_map(str::to_owned).prop_recursive(6, 48, 4, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*"]), inner.clone())
                .prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            (inner.clone(), inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c, d)| format!("(if {a} <= {b} and not ({c} == 3 or {a} in [{b}, {d}]) then {c} else {d})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("divide({a}, {b}, 12, \"half-even\")")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("max({a}, abs({b}), ratio({a}, {b}))")),
            inner.clone().prop_map(|a| format!("floor(round({a}, 0, \"up\"))")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("year(add_months(add_days(as_of, floor({a})), ceiling({b})))")),
        ]
    })
}

fn pack_with(must: &str) -> crate::support::Files {
    // A text that TOML itself cannot hold is not the language's business.
    let must = must.replace(['\'', '\r'], "").replace(|letter: char| letter.is_control() && letter != '\n' && letter != '\t', "");
    let rule = format!(
        "[[rule]]\nid = \"T-1\"\neach = \"vehicle\"\nmust = '''{must}'''\nparameters = {{ v = '''{must}''' }}\nclock = \"arrival\"\n{SOURCED}"
    );
    pack(&[("rules.toml", &rule)], &["T-1"])
}

fn evaluate(table: &[u8], shorten: Option<usize>) {
    let bytes = [table];
    let Ok(tables) = Tables::join(&bytes) else { return };
    let known = order();
    let documents = vec!["entry".to_owned()];
    for step in [Step::Check, Step::Requirements, Step::Prepare(&documents)] {
        let Ok(reading) = tables.reads(step) else { continue };
        let mut columns: Vec<Column> =
            reading.paths().iter().map(|path| known.get(path).cloned().unwrap_or(Column::Integers(vec![None]))).collect();
        if let Some(length) = shorten {
            columns.truncate(length);
        }
        let Ok(input) = tables.input(date("2026-11-21"), &reading, columns) else { continue };
        let _ = tables.check(&input);
        let _ = tables.requirements(&input);
        let _ = tables.prepare(&documents, &input);
        let _ = tables.check_ids();
    }
}

const RICH: &str = r#"
[[rule]]
id = "T-1"
each = "vehicle"
applies_if = 'vehicle.fuel in ["petrol", "diesel"] and not (vehicle.displacement_cc > 3 or order.urgent)'
must = 'sum(vehicle.price) * 2 == order.total and decide("hs") != lookup("c", vehicle.hs6) and not repeats(vehicle.identity.number)'
clock = "arrival"
parameters = { a = 'if clock > as_of then text(row) else join_present("-", vehicle.hs6, "x")', b = 'round(1.5, 1, "up")', c = 'date("2026-01-01")' }
"#;

fn rich() -> Vec<u8> {
    let tables = "[code.c]\n\"870323\" = \"x\"\n[[decision]]\nid = \"hs\"\neach = \"vehicle\"\n[[decision.row]]\nwhen = 'vehicle.fuel == \"petrol\"'\nthen = '\"1\"'\n";
    let documents = "[[document]]\nid = \"entry\"\ntitle = { en = \"x\", zh = \"y\" }\nsubject = \"order\"\ntemplate = \"t\"\nlanguage = \"en\"\nrank = 1\nwhen = 'any(vehicle.running)'\nreason = \"T-1\"\n[[document.row]]\nname = \"a\"\nvalue = 'vehicle.hs6'\nrequired = true\nplace = \"/hs6\"\n";
    let rules = format!("{RICH}{SOURCED}");
    compiled(&pack(
        &[("rules.toml", &rules), ("tables.toml", tables), ("documents.toml", documents), ("templates/t", "")],
        &["T-1"],
    ))
    .table
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_as_an_expression_is_compiled_or_explained(text in "\\PC{0,80}") {
        let _ = compile(&pack_with(&text), &catalogue());
    }

    #[test]
    fn whatever_compiles_also_evaluates(text in expression()) {
        if let Ok(pack) = compile(&pack_with(&text), &catalogue()) {
            evaluate(&pack.table, None);
        }
    }

    #[test]
    fn well_typed_expressions_compile_and_evaluate(text in number()) {
        let must = format!("{text} >= 0");
        // What is too long or too deep is refused; all else must compile.
        match compile(&pack_with(&must), &catalogue()) {
            Ok(pack) => evaluate(&pack.table, None),
            Err(problems) => prop_assert!(problems.iter().all(|problem| problem.to_string().contains("the most") || problem.to_string().contains("too deep")), "{problems:?}"),
        }
    }

    #[test]
    fn any_file_is_read_or_explained(text in "\\PC{0,200}", name in prop::sample::select(vec!["pack.toml", "rules.toml", "documents.toml", "tables.toml", "milestones.toml", "locales/en.toml"])) {
        let _ = compile(&pack(&[(name, &text)], &["T-1"]), &catalogue());
    }

    #[test]
    fn any_bytes_as_a_table_are_refused_or_evaluated(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        evaluate(&bytes, None);
    }

    #[test]
    fn a_damaged_table_is_refused_or_evaluated(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut table = rich();
        for (index, byte) in damage {
            let at = index.index(table.len());
            table[at] = byte;
        }
        evaluate(&table, None);
    }

    #[test]
    fn missing_columns_are_an_error(length in 0_usize..6) {
        evaluate(&rich(), Some(length));
    }
}

#[test]
fn columns_of_unequal_length_are_an_error() {
    let table = rich();
    let bytes = [&table];
    let tables = Tables::join(&bytes).unwrap();
    let reading = tables.reads(Step::Check).unwrap();
    let mut columns = columns(reading.paths());
    let vehicle = reading.paths().iter().position(|path| path.starts_with("vehicle.")).unwrap();
    columns[vehicle] = Column::Texts(vec![None]);
    let input = tables.input(date("2026-11-21"), &reading, columns).unwrap();
    assert!(tables.check(&input).is_err());
}
