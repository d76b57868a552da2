//! Packs: a country is data.

use roro::pack::Pack;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support::{assemble, case_with, check, example_json, pdf_text, read, set, shelf, stops};

/// Ruritania, which exists in no file of this repository: one rule, one document.
fn made_up_country() -> Arc<Pack> {
    let files: BTreeMap<String, Vec<u8>> = [
        (
            "pack.toml",
            r#"
id = "xr"
version = "2026.11.0"
format = 1
jurisdiction = "XR"
direction = "import"
title = { en = "Ruritania, import", zh = "卢里塔尼亚进口" }
"#,
        ),
        (
            "rules.toml",
            r#"
[[rule]]
id = "XR-COLOUR-01"
each = "vehicle"
severity = "block"
must = 'lower(vehicle.colour) != "purple"'
place = "/colour"
parameters = { colour = 'vehicle.colour' }
effective_from = 2020-01-01
source = "Royal decree on colours, 2019"
source_kind = "law"
checked_on = 2026-11-21
confidence = "A"
"#,
        ),
        (
            "documents.toml",
            r#"
[[document]]
id = "royal-permit"
title = { en = "Royal permit", zh = "皇家许可" }
subject = "shipment"
template = "royal-permit.typ.j2"
language = "en"
rank = 900
reason = "XR-DOC-01"
[[document.box]]
name = "buyer"
value = 'buyer.name'
required = true
place = "/buyer/name"
"#,
        ),
        ("locales/en.toml", "[XR-COLOUR-01]\nsays = \"the car is {colour}\"\nwhy = \"Purple is the king's.\"\nfix = \"Paint it.\"\n[XR-DOC-01]\nsays = \"The king asks for it.\"\n"),
        ("locales/zh.toml", "[XR-COLOUR-01]\nsays = \"车是 {colour}\"\nwhy = \"紫色属于国王。\"\nfix = \"重新喷漆。\"\n[XR-DOC-01]\nsays = \"国王要求。\"\n"),
        ("templates/royal-permit.typ.j2", "= Royal permit #{{ doc.number }}\n\nFor #{{ boxes.buyer }}\n"),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .collect();
    Arc::new(Pack::compile(&files, Path::new("xr")).unwrap_or_else(|error| panic!("{error}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_country_works_from_its_files_alone() {
    let mut packs = shelf().to_vec();
    packs.push(made_up_country());
    let mut order = example_json("yokohama-mombasa");
    set(&mut order, "/shipment/country_of_destination", json!("XR"));
    set(&mut order, "/vehicles/1/colour", json!("Purple"));
    let outcome = check(&case_with(read(&order), &packs)).await;
    assert!(
        stops(&outcome).contains(&("XR-COLOUR-01".to_owned(), "BLOCK".to_owned(), "/vehicles/1/colour".to_owned())),
        "{:?}",
        outcome.findings
    );
    set(&mut order, "/vehicles/1/colour", json!("Red"));
    let case = case_with(read(&order), &packs);
    let (outcome, report) = assemble(&case).await;
    assert!(report.issued, "{:?}", stops(&outcome));
    let permit = outcome.papers.iter().find(|paper| paper.requirement.document == "royal-permit").unwrap();
    assert!(pdf_text(&permit.bytes).contains(case.snapshot.file.buyer.name.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_without_a_pack_is_said() {
    let mut order = example_json("yokohama-mombasa");
    set(&mut order, "/shipment/country_of_destination", json!("ZZ"));
    let outcome = check(&case_with(read(&order), shelf())).await;
    assert!(outcome.findings.iter().any(|finding| finding.rule == "HOST-PACK-02"), "{:?}", outcome.findings);
}
