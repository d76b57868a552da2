//! Rules, versions, clocks, staleness, documents: what a call answers.

use crate::support::{MANIFEST, SOURCED, check, columns, compiled, date, pack};
use roro_pack::{Error, PrepareError, Severity, Step, Tables, sentence};

const RULES: &str = r#"
[[rule]]
id = "KE-AGE-01"
each = "vehicle"
severity = "block"
applies_if = 'present(vehicle.first_registration)'
must = 'year(vehicle.first_registration) >= year(clock) - 7'
clock = "arrival"
basis = "first-registration-year"
place = "/first_registration"
parameters = { first_registration = 'vehicle.first_registration', oldest = 'year(clock) - 7' }
effective_from = 2020-01-01
effective_to = 2026-12-31
source = "notice"
source_kind = "agency"
checked_on = 2026-11-01
confidence = "A"
stale_after_days = 30

[[rule]]
id = "KE-AGE-01"
each = "vehicle"
severity = "block"
must = 'year(vehicle.first_registration) >= 2030'
clock = "arrival"
place = "/first_registration"
parameters = { first_registration = 'vehicle.first_registration', oldest = '2030' }
effective_from = 2027-01-01
source = "notice"
source_kind = "agency"
checked_on = 2026-11-01
confidence = "A"

[[rule]]
id = "KE-DUP-01"
each = "order"
severity = "warn"
must = 'not present(first_duplicate(normalise_id(vehicle.identity.number)))'
place = "/vehicles"
effective_from = 2020-01-01
source = "custom"
source_kind = "general-knowledge"
checked_on = 2026-11-01
confidence = "C"
"#;

const DOCUMENTS: &str = r#"
[[document]]
id = "entry"
title = { en = "Entry", zh = "报关单" }
subject = "shipment"
template = "entry.typ.j2"
language = "en"
rank = 20
when = 'any(vehicle.fuel == "battery-electric")'
reason = "KE-DOC-01"
[[document.box]]
name = "buyer"
value = 'trim(buyer.name)'
required = true
place = "/buyer/name"
[[document.box]]
name = "arrival"
value = 'shipment.arrival'
[[document.row]]
name = "code"
value = 'decide("hs")'
required = true
place = "/hs6"

[[document]]
id = "note"
title = { en = "Note", zh = "说明" }
subject = "order"
template = "entry.typ.j2"
language = "en"
rank = 10
reason = "KE-DOC-01"
[[document.box]]
name = "arrival"
value = 'shipment.arrival'
required = true
place = "/shipment/arrival"
[[document.row]]
name = "code"
value = 'vehicle.hs6'
required = true
place = "/hs6"

[[document]]
id = "never"
title = { en = "Never", zh = "无" }
subject = "order"
template = "entry.typ.j2"
language = "en"
rank = 1
when = 'shipment.arrival > as_of'
reason = "KE-DOC-01"
"#;

const TABLES: &str = r#"
[[decision]]
id = "hs"
each = "vehicle"
[[decision.row]]
when = 'vehicle.fuel == "battery-electric"'
then = '"870380"'
[[decision.row]]
when = 'vehicle.displacement_cc <= 3000'
then = '"870323"'
[[decision.row]]
when = 'true'
then = '"870324"'
"#;

const LOCALE: &str = r#"
[KE-AGE-01]
says = "{first_registration} is before {oldest}; on {clock} ({clock_from})"
why = "w"
fix = "f"
[KE-DUP-01]
says = "d"
why = "w"
fix = "f"
[KE-DOC-01]
says = "{{asked}}"
"#;

fn files() -> crate::support::Files {
    let files = [
        ("rules.toml", RULES),
        ("documents/all.toml", DOCUMENTS),
        ("tables.toml", TABLES),
        ("templates/entry.typ.j2", "x"),
        ("fixtures/old.toml", "anything = true"),
        ("locales/en.toml", LOCALE),
        ("locales/zh.toml", LOCALE),
    ];
    pack(&files, &[])
}

#[test]
fn findings_name_rule_place_and_parameters_worst_first() {
    let pack = compiled(&files());
    let findings = check(&pack.table, "2026-11-21");
    let seen: Vec<(&str, Severity, &str)> =
        findings.iter().map(|finding| (finding.rule.as_str(), finding.severity, finding.place.as_str())).collect();
    assert_eq!(
        seen,
        [("KE-AGE-01", Severity::Block, "/vehicles/0/first_registration"), ("KE-DUP-01", Severity::Warn, "/vehicles")]
    );
    let texts = sentence(&pack.locales["en"], "KE-AGE-01", &findings[0].parameters).unwrap();
    assert_eq!(texts.says, "2018-06-01 is before 2019; on 2026-12-20 (shipment.departure)");
    assert_eq!(sentence(&pack.locales["zh"], "KE-DOC-01", &[]).unwrap().says, "{asked}");
}

#[test]
fn as_of_picks_the_version_and_staleness_softens_nothing() {
    let pack = compiled(&files());
    let on = |as_of| check(&pack.table, as_of);
    assert!(on("2019-12-31").is_empty());
    let stale = on("2026-12-02");
    let finding = stale.iter().find(|finding| finding.rule == "KE-STALE").unwrap();
    assert_eq!((finding.severity, finding.place.as_str()), (Severity::Warn, ""));
    assert_eq!(finding.parameters[0].1, "KE-AGE-01");
    assert!(stale.iter().any(|finding| finding.rule == "KE-AGE-01" && finding.severity == Severity::Block));
    assert!(!on("2026-12-01").iter().any(|finding| finding.rule == "KE-STALE"));
    let later = on("2027-01-01");
    assert_eq!(later.iter().filter(|finding| finding.rule == "KE-AGE-01").count(), 2);
    let (en, zh) = (&pack.locales["en"], &pack.locales["zh"]);
    assert!(sentence(en, "KE-STALE", &finding.parameters).unwrap().says.contains("2026-11-01"));
    assert!(sentence(zh, "KE-STALE", &finding.parameters).unwrap().says.contains("KE-AGE-01"));
}

#[test]
fn documents_are_asked_for_by_rank_and_prepared_whole_or_not_at_all() {
    let pack = compiled(&files());
    let bytes = [&pack.table];
    let tables = Tables::join(&bytes).unwrap();
    let reading = tables.reads(Step::Requirements).unwrap();
    assert_eq!(reading.paths(), ["vehicle.fuel", "shipment.arrival"]);
    let input = tables.input(date("2026-11-21"), &reading, columns(reading.paths())).unwrap();
    let asked: Vec<String> = tables.requirements(&input).unwrap().into_iter().map(|needed| needed.document).collect();
    assert_eq!(asked, ["note", "entry"]);

    let prepare = |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let reading = tables.reads(Step::Prepare(&ids)).unwrap();
        let input = tables.input(date("2026-11-21"), &reading, columns(reading.paths())).unwrap();
        tables.prepare(&ids, &input)
    };
    let prepared = prepare(&["entry"]).unwrap().remove(0);
    assert_eq!(prepared.boxes, [("buyer".to_owned(), "{must} Ltd".to_owned()), ("arrival".to_owned(), String::new())]);
    let codes: Vec<&str> = prepared.rows.iter().map(|row| row[0].1.as_str()).collect();
    assert_eq!(codes, ["870323", "870380", "870324"]);

    let Err(PrepareError::Incomplete(missing)) = prepare(&["entry", "note"]) else { panic!("it should be incomplete") };
    let places: Vec<&str> = missing.iter().map(|missing| missing.place.as_str()).collect();
    assert_eq!(places, ["/shipment/arrival", "/vehicles/2/hs6"]);
    assert_eq!(prepare(&["nothing"]), Err(PrepareError::Unknown("nothing".to_owned())));
}

#[test]
fn packs_of_a_call_share_their_reading_and_must_not_share_ids() {
    let one = compiled(&files());
    let rule = format!("[[rule]]\nid = \"T-1\"\neach = \"order\"\nmust = 'shipment.arrival > shipment.departure'\n{SOURCED}");
    let manifest = MANIFEST.replace("\"ke\"", "\"trade\"").replace("\"KE\"", "\"*\"");
    let two = compiled(&pack(&[("pack.toml", &manifest), ("rules.toml", &rule)], &["T-1"]));
    let bytes = [&one.table, &two.table];
    let tables = Tables::join(&bytes).unwrap();
    tables.check_ids().unwrap();
    let reading = tables.reads(Step::Check).unwrap();
    let mut paths = reading.paths().to_vec();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), reading.paths().len());

    let manifest = MANIFEST.replace("\"ke\"", "\"other\"");
    let mut copy = files();
    copy.insert("pack.toml".to_owned(), manifest.into_bytes());
    let copy = compiled(&copy);
    let bytes = [&one.table, &copy.table];
    let twice = Tables::join(&bytes).unwrap().check_ids();
    assert!(matches!(twice, Err(Error::Twice { first, second, .. }) if first == "ke" && second == "other"));
}

#[test]
fn a_rule_that_reads_no_vehicle_is_still_asked_for_each() {
    let rule = format!("[[rule]]\nid = \"T-1\"\neach = \"vehicle\"\nmust = 'false'\n{SOURCED}");
    let pack = compiled(&pack(&[("rules.toml", &rule)], &["T-1"]));
    let places: Vec<String> = check(&pack.table, "2026-11-21").into_iter().map(|finding| finding.place).collect();
    assert_eq!(places, ["/vehicles/0/x", "/vehicles/1/x", "/vehicles/2/x"]);
}

#[test]
fn the_same_files_give_the_same_table_and_digest() {
    let (one, two) = (compiled(&files()), compiled(&files()));
    assert_eq!((one.table, &one.digest), (two.table, &two.digest));
    let mut changed = files();
    changed.insert("templates/entry.typ.j2".to_owned(), b"y".to_vec());
    assert_ne!(compiled(&changed).digest, two.digest);
    assert_eq!(two.templates, ["entry.typ.j2"]);
    assert_eq!(two.fixtures, ["old.toml"]);
}
