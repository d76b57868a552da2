//! Orders in, documents out: the examples, the broken orders, and what nobody may do to a page.

use serde::Deserialize;
use serde_json::json;

use crate::support::{assemble, case, check, example, example_json, pdf_text, read, root, set, stops};

const EXAMPLES: [&str; 5] =
    ["yokohama-mombasa", "tianjin-mombasa", "yokohama-mombasa-10", "yokohama-mombasa-40", "yokohama-mombasa-containers"];
/// Papers about money or law alone; every other document names every vehicle.
const WITHOUT_VEHICLES: [&str; 0] = [];

#[tokio::test(flavor = "multi_thread")]
async fn every_example_order_is_issued() {
    for name in EXAMPLES {
        let case = case(read(&example_json(name)));
        let (outcome, report) = assemble(&case).await;
        assert_eq!(stops(&outcome), [], "{name}");
        assert!(report.issued && outcome.papers.len() == outcome.requirements.len(), "{name}");
        for paper in &outcome.papers {
            assert!(paper.bytes.starts_with(b"%PDF-") && paper.pages > 0, "{name}: {}", paper.requirement.document);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_document_names_every_vehicle_and_its_own_number() {
    for name in EXAMPLES {
        let case = case(read(&example_json(name)));
        let (outcome, _) = assemble(&case).await;
        for paper in outcome.papers.iter().filter(|paper| !WITHOUT_VEHICLES.contains(&paper.requirement.document.as_str())) {
            let text = pdf_text(&paper.bytes);
            let document = &paper.requirement.document;
            // The dangerous-goods declaration is about the battery vehicles alone.
            let named =
                |vehicle: &&roro::order::file::Vehicle| document != "dangerous-goods-declaration" || vehicle.battery.is_some();
            for vehicle in case.snapshot.file.vehicles.iter().filter(named) {
                assert!(text.contains(vehicle.identity.number.as_str()), "{name}: {document} lacks {}", vehicle.identity.number);
            }
            assert!(text.contains(&paper.numbered.number), "{name}: {document} lacks its number");
            assert!(text.contains(&paper.data_sha256[..16]), "{name}: {document} lacks its hash");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_order_gives_the_same_bytes() {
    for name in ["yokohama-mombasa", "tianjin-mombasa"] {
        let case = case(read(&example_json(name)));
        let (first, one) = assemble(&case).await;
        let (second, two) = assemble(&case).await;
        assert!(!first.papers.is_empty());
        for (a, b) in first.papers.iter().zip(&second.papers) {
            assert!(a.bytes == b.bytes, "{name}: {} differs between two runs", a.requirement.document);
        }
        assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&two).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_price_changes_the_printed_hash() {
    let mut order = example_json("yokohama-mombasa");
    let (before, _) = assemble(&case(read(&order))).await;
    set(&mut order, "/order/payment", json!("By telegraphic transfer, other words than before"));
    let (after, _) = assemble(&case(read(&order))).await;
    assert_ne!(before.papers[0].data_sha256, after.papers[0].data_sha256);
}

#[tokio::test(flavor = "multi_thread")]
async fn chinese_boxes_show_chinese_letters() {
    let case = case(read(&example_json("tianjin-mombasa")));
    let (outcome, _) = assemble(&case).await;
    let company = case.snapshot.file.company.name_local.as_ref().unwrap().to_string();
    for document in ["export-declaration", "export-licence-application"] {
        let paper = outcome.papers.iter().find(|paper| paper.requirement.document == document).unwrap();
        let text: String = pdf_text(&paper.bytes).split_whitespace().collect();
        assert!(text.contains(&company), "{document} lacks the exporter's Chinese name");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_templates_and_formulas_are_printed_as_they_are() {
    let attacks = [
        "#eval(\\\"1+1\\\")",
        "*bold* _it_ $x^2$ `raw` <label>",
        "{{ 7 * 7 }} {% raw %} {# no #}",
        "=1+1",
        "\\\") #panic(\\\"out\\\")",
        "]] #set page(paper: \\\"a1\\\")",
        "@ref // comment /* c */",
        "<script>alert(1)</script> &amp;",
    ];
    for attack in attacks {
        let attack = attack.replace("\\\"", "\"");
        let mut order = example_json("yokohama-mombasa");
        for place in [
            "/order/payment",
            "/vehicles/0/model",
            "/vehicles/0/colour",
            "/shipment/marks",
            "/shipment/vessel",
            "/buyer/address/lines/0",
        ] {
            set(&mut order, place, json!(attack));
        }
        let (outcome, _) = assemble(&case(read(&order))).await;
        assert_eq!(stops(&outcome), [], "{attack}");
        let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let printed: String = outcome.papers.iter().map(|paper| squeeze(&pdf_text(&paper.bytes))).collect();
        assert!(printed.contains(&squeeze(&attack)), "`{attack}` is not printed as it is");
    }
}

#[derive(Deserialize)]
struct Expected {
    order: Vec<Broken>,
}

#[derive(Deserialize)]
struct Broken {
    file: String,
    exit: u8,
    rule: String,
    severity: Option<String>,
    place: String,
}

/// Each broken order has exactly its one fault: one finding that stops it, or one problem of its shape.
#[tokio::test(flavor = "multi_thread")]
async fn each_broken_order_is_refused_with_exactly_its_finding() {
    let folder = root().join("examples/orders/broken");
    let expected: Expected = toml::from_str(&std::fs::read_to_string(folder.join("expected.toml")).unwrap()).unwrap();
    let files = std::fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "json"))
        .count();
    assert_eq!(files, expected.order.len(), "every file of broken/ stands in expected.toml");
    assert!(files >= 15);
    let mut faults = Vec::new();
    for broken in expected.order {
        let bytes = example(&format!("broken/{}", broken.file.trim_end_matches(".json")));
        match roro::order::read(&bytes) {
            Err(problems) => {
                let places: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
                if broken.exit != 2 || places != [broken.place.as_str()] {
                    faults.push(format!("{}: the shape is wrong at {places:?}: {problems:?}", broken.file));
                }
            }
            Ok(snapshot) => {
                let (outcome, _) = assemble(&case(snapshot)).await;
                let found = stops(&outcome);
                let wanted = (broken.rule.clone(), broken.severity.clone().unwrap_or_default(), broken.place.clone());
                if broken.exit != 1 || found != [wanted.clone()] || !outcome.papers.is_empty() {
                    faults.push(format!("{}: wanted {wanted:?}, found {found:?}", broken.file));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn kenya_judges_the_year_at_arrival_and_rolls_on_the_first_of_january() {
    let mut order = example_json("yokohama-mombasa");
    set(&mut order, "/vehicles/0/first_registration", json!("2019-03-01"));
    set(&mut order, "/vehicles/0/year_of_manufacture", json!(2019));
    for (arrival, stopped) in [("2026-12-31", false), ("2027-01-01", true)] {
        set(&mut order, "/shipment/arrival", json!(arrival));
        let outcome = check(&case(read(&order))).await;
        let aged =
            outcome.findings.iter().any(|finding| finding.rule.starts_with("KE-AGE") && finding.place.starts_with("/vehicles/0"));
        assert_eq!(aged, stopped, "arrival on {arrival}: {:?}", outcome.findings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chinas_180_day_rule_does_not_exist_before_2026() {
    let mut order = example_json("tianjin-mombasa");
    set(&mut order, "/vehicles/0/first_registration", json!("2026-08-01"));
    let mut case = case(read(&order));
    for (as_of, there) in [(jiff::civil::date(2025, 12, 31), false), (jiff::civil::date(2026, 1, 1), true)] {
        case.as_of = as_of;
        let outcome = check(&case).await;
        assert_eq!(outcome.findings.iter().any(|finding| finding.rule == "CN-EX-01"), there, "as of {as_of}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_data_is_refused_with_every_field_at_once() {
    let mut order = example_json("yokohama-mombasa");
    crate::support::remove(&mut order, "/company/bank");
    crate::support::remove(&mut order, "/shipment/vessel");
    let (outcome, report) = assemble(&case(read(&order))).await;
    assert!(!report.issued && outcome.papers.is_empty());
    let places: Vec<String> = stops(&outcome).into_iter().map(|(_, _, place)| place).collect();
    assert!(places.iter().any(|place| place.starts_with("/company/bank")), "{places:?}");
}
