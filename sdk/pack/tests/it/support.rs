//! A small pack, a small order, and what tests do with them.

use roro_pack::compile::{CompiledPack, Field, Problem, compile};
use roro_pack::{Column, Date, Finding, Kind, Money, Scope, Step, Tables};
use std::collections::BTreeMap;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) const MANIFEST: &str = r#"
id = "ke"
version = "2026.11.0"
format = 1
jurisdiction = "KE"
direction = "import"
title = { en = "Kenya", zh = "肯尼亚" }
"#;

/// The keys of a rule that tests seldom care about.
pub(crate) const SOURCED: &str = r#"
severity = "block"
place = "/x"
effective_from = 2020-01-01
source = "notice"
source_kind = "law"
checked_on = 2026-11-01
confidence = "A"
"#;

pub(crate) fn catalogue() -> BTreeMap<String, Field> {
    let mut fields = BTreeMap::new();
    let mut add = |path: &str, kind, scope| fields.insert(path.to_owned(), Field::new(kind, scope));
    for path in ["order.contract_date", "shipment.departure", "shipment.arrival", "shipment.declaration_date"] {
        add(path, Kind::Date, Scope::Order);
    }
    add("shipment.bill_of_lading.on_board_date", Kind::Date, Scope::Order);
    add("order.currency", Kind::Text, Scope::Order);
    add("order.total", Kind::Money, Scope::Order);
    add("order.rate", Kind::Decimal, Scope::Order);
    add("buyer.name", Kind::Text, Scope::Order);
    add("order.urgent", Kind::Boolean, Scope::Order);
    for path in ["vehicle.identity.number", "vehicle.hs6", "vehicle.container"] {
        add(path, Kind::Text, Scope::Vehicle);
    }
    add("vehicle.gross_mass_kg", Kind::Integer, Scope::Vehicle);
    add("vehicle.displacement_cc", Kind::Integer, Scope::Vehicle);
    add("vehicle.first_registration", Kind::Date, Scope::Vehicle);
    add("vehicle.price", Kind::Money, Scope::Vehicle);
    add("vehicle.running", Kind::Boolean, Scope::Vehicle);
    add("container.number", Kind::Text, Scope::Container);
    add("container.max_gross_kg", Kind::Integer, Scope::Container);
    let choices = ["petrol", "diesel", "battery-electric"].map(str::to_owned).to_vec();
    fields.insert("vehicle.fuel".to_owned(), Field { kind: Kind::Text, scope: Scope::Vehicle, choices });
    fields
}

fn dates<const N: usize>(rows: [&str; N]) -> Column {
    Column::Dates(rows.iter().map(|text| Date::parse(text)).collect())
}

fn texts<const N: usize>(rows: [&str; N]) -> Column {
    Column::Texts(rows.iter().map(|text| Some((*text).to_owned()).filter(|text| !text.is_empty())).collect())
}

pub(crate) fn money(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: "USD".to_owned() })
}

/// Three vehicles in two containers; the arrival and the second registration are unknown.
pub(crate) fn order() -> BTreeMap<&'static str, Column> {
    BTreeMap::from([
        ("order.contract_date", dates(["2026-11-20"])),
        ("shipment.departure", dates(["2026-12-20"])),
        ("shipment.arrival", dates([""])),
        ("shipment.declaration_date", dates([""])),
        ("shipment.bill_of_lading.on_board_date", dates([""])),
        ("order.currency", texts(["USD"])),
        ("order.total", Column::Moneys(vec![money(3_000_000)])),
        ("order.rate", Column::Decimals(vec![roro_pack::Decimal::new(715, 2)])),
        ("buyer.name", texts([" {must} Ltd "])),
        ("order.urgent", Column::Booleans(vec![None])),
        ("vehicle.identity.number", texts(["1HGCM82633A004352", "NHP10-2345678", "1hgcm 82633a-004352"])),
        ("vehicle.hs6", texts(["870323", "870380", ""])),
        ("vehicle.container", texts(["CSQU3054383", "CSQU3054383", "MSKU6011672"])),
        ("vehicle.gross_mass_kg", Column::Integers(vec![Some(1500), Some(1800), None])),
        ("vehicle.displacement_cc", Column::Integers(vec![Some(1998), None, Some(i64::MAX)])),
        ("vehicle.first_registration", dates(["2018-06-01", "", "2020-01-31"])),
        ("vehicle.price", Column::Moneys(vec![money(1_000_000), money(1_250_050), money(749_950)])),
        ("vehicle.running", Column::Booleans(vec![Some(true), None, Some(true)])),
        ("vehicle.fuel", texts(["petrol", "battery-electric", "petrol"])),
        ("container.number", texts(["CSQU3054383", "MSKU6011672"])),
        ("container.max_gross_kg", Column::Integers(vec![Some(3000), Some(3000)])),
    ])
}

/// A pack with these files beside the manifest; locales are written for the ids.
pub(crate) fn pack(files: &[(&str, &str)], ids: &[&str]) -> Files {
    let mut pack: Files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    pack.entry("pack.toml".to_owned()).or_insert_with(|| MANIFEST.as_bytes().to_vec());
    for language in ["en", "zh"] {
        let texts: String = ids.iter().map(|id| format!("[{id}]\nsays = \"s\"\nwhy = \"w\"\nfix = \"f\"\n")).collect();
        pack.entry(format!("locales/{language}.toml")).or_insert_with(|| texts.into_bytes());
    }
    pack
}

pub(crate) fn compiled(files: &Files) -> CompiledPack {
    compile(files, &catalogue()).unwrap_or_else(|problems| panic!("{}", shown(&problems)))
}

pub(crate) fn problems(files: &Files) -> Vec<Problem> {
    compile(files, &catalogue()).expect_err("the pack should have problems")
}

pub(crate) fn shown(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

pub(crate) fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub(crate) fn columns(paths: &[&str]) -> Vec<Column> {
    let order = order();
    paths.iter().map(|path| order.get(path).unwrap_or_else(|| panic!("no {path}")).clone()).collect()
}

pub(crate) fn check(table: &[u8], as_of: &str) -> Vec<Finding> {
    let bytes = [table];
    let tables = Tables::join(&bytes).unwrap();
    let reading = tables.reads(Step::Check).unwrap();
    let input = tables.input(date(as_of), &reading, columns(reading.paths())).unwrap();
    tables.check(&input).unwrap()
}

/// The value of an expression for each vehicle, as a finding shows it: `—` is none.
pub(crate) fn values(expression: &str, each: &str) -> Vec<String> {
    let rules = format!(
        "[[rule]]\nid = \"T-1\"\neach = \"{each}\"\nmust = 'false'\nparameters = {{ v = '''{expression}''' }}\n{SOURCED}"
    );
    let files = pack(&[("rules.toml", &rules), ("tables.toml", "[code.country]\nKE = \"KEN\"\nCN = \"CHN\"\n")], &["T-1"]);
    let findings = check(&compiled(&files).table, "2026-11-21");
    findings
        .iter()
        .map(|finding| if finding.rule == "T-1" { finding.parameters[0].1.clone() } else { finding.rule.clone() })
        .collect()
}

/// The value of an expression over the order.
pub(crate) fn value(expression: &str) -> String {
    values(expression, "order").remove(0)
}
