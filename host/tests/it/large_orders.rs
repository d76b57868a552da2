//! Orders of many vehicles: how they are split among sandboxes shows in nothing, the largest comes out, and one that is too large is told.

use std::sync::Arc;

use async_trait::async_trait;
use roro::document::hook::{Answer, Cost, Hooks, Job, Missing, Prepared, Rendered, Reply, Requirement};
use roro::document::{self, Case};
use roro::finding::Finding;
use roro::guest::Dispatch;
use roro::kernel::money::{Currency, Money};
use roro::plugin::Active;
use roro::plugin::manifest::HookName;
use serde_json::{Value, json};

use crate::support::{Plain, assemble, case, check, dispatch, example_json, read, set, stops};

/// The most that the order format takes.
const VEHICLES_MAX: usize = 2_000;

/// The order of forty vehicles with `count` vehicles: the forty again and again, each with numbers of its own.
fn order_of(count: usize) -> Value {
    let mut order = example_json("yokohama-mombasa-40");
    let forty = order["vehicles"].as_array().unwrap().clone();
    let vehicles: Vec<Value> = (0..count).map(|at| another(&forty[at % forty.len()], at, at / forty.len())).collect();
    let sum = |field: &str| vehicles.iter().map(|one| one[field].as_u64().unwrap()).sum::<u64>();
    set(&mut order, "/shipment/packages", json!(count));
    set(&mut order, "/shipment/net_mass_kg", json!(sum("net_mass_kg")));
    set(&mut order, "/shipment/gross_mass_kg", json!(sum("gross_mass_kg")));
    let currency: Currency = order["order"]["currency"].as_str().unwrap().parse().unwrap();
    let amount = |value: &Value| Money::parse(value.as_str().unwrap(), currency).unwrap();
    let charges = ["freight", "other_charges"].map(|name| amount(&order["order"][name]));
    let all = vehicles.iter().map(|one| amount(&one["price"])).chain(charges);
    let total = all.reduce(|sum, one| sum.checked_add(one).unwrap()).unwrap();
    set(&mut order, "/order/agreed_total", json!(format!("{}.{:02}", total.minor() / 100, total.minor() % 100)));
    set(&mut order, "/vehicles", Value::Array(vehicles));
    order
}

fn another(vehicle: &Value, at: usize, round: usize) -> Value {
    let number = vehicle["identity"]["number"].as_str().unwrap();
    let (head, tail) = number.split_at(number.len() - 7);
    let serial = (tail.parse::<usize>().unwrap() + round * 1_000_003) % 10_000_000;
    let text = vehicle.to_string().replace(number, &format!("{head}{serial:07}"));
    let mut vehicle: Value = serde_json::from_str(&text).unwrap();
    vehicle["external_id"] = json!(format!("HM-{at}"));
    vehicle["engine_number"] = json!(format!("EN-{at}"));
    vehicle["deregistration"]["number"] = json!(format!("YKH-2026-{at:07}"));
    vehicle["inspection"]["number"] = json!(format!("QISJ-26-{at:05}"));
    vehicle
}

/// The shipped plugins, with a sandbox for each paper, however small the order is.
struct OneByOne(Dispatch);

#[async_trait]
impl Hooks for OneByOne {
    async fn requirements(&self, case: &Case) -> Answer<Vec<Requirement>> {
        self.0.requirements(case).await
    }

    async fn check(&self, case: &Case) -> Answer<Vec<Finding>> {
        self.0.check(case).await
    }

    async fn prepare(&self, case: &Case, documents: &[String]) -> Answer<Result<Vec<Prepared>, Vec<Missing>>> {
        self.0.prepare(case, documents).await
    }

    async fn render(&self, case: &Case, jobs: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>> {
        let (mut files, mut total) = (Vec::new(), Cost::default());
        for job in jobs {
            let (made, cost) = self.0.render(case, vec![job]).await?;
            total.add(&cost);
            match made {
                Ok(made) => files.extend(made),
                Err((_, reason)) => return Ok((Err((files.len(), reason)), total)),
            }
        }
        Ok((Ok(files), total))
    }

    async fn ask(&self, case: &Case, plugin: &Arc<Active>, hook: HookName) -> Answer<Reply> {
        self.0.ask(case, plugin, hook).await
    }

    fn components(&self) -> Vec<(String, String)> {
        self.0.components()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_do_not_depend_on_how_papers_share_sandboxes() {
    for name in ["yokohama-mombasa-10", "tianjin-mombasa"] {
        let case = case(read(&example_json(name)));
        let (together, _) = assemble(&case).await;
        let apart = document::assemble(&OneByOne(dispatch()), &case, &Plain).await.unwrap();
        assert!(together.papers.len() > 1 && together.papers.len() == apart.papers.len());
        for (one, other) in together.papers.iter().zip(&apart.papers) {
            assert_eq!(one.file_sha256, other.file_sha256, "{name}: {}", one.requirement.document);
        }
        let of_render = |costs: &[(&str, Cost)]| costs.iter().find(|(hook, _)| *hook == "render").unwrap().1.clone();
        assert!(of_render(&apart.costs).peak_memory_bytes < of_render(&together.costs).peak_memory_bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_that_cannot_be_made_is_named_in_a_large_order_too() {
    // No font has this character; the declaration is the last of the papers, so that others are made before it.
    let mut order = order_of(101);
    set(&mut order, "/shipment/particulars/jp_customs_broker", json!("Broker \u{10ffff}"));
    let refused = document::assemble(&dispatch(), &case(read(&order)), &Plain).await.unwrap_err();
    let document::Error::Render { document, reason } = &refused else { panic!("{refused}") };
    assert!(document == "export-declaration-data-sheet" && reason.contains("U+10FFFF"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_order_comes_out() {
    let case = case(read(&order_of(VEHICLES_MAX)));
    let (outcome, report) = assemble(&case).await;
    assert_eq!(stops(&outcome), []);
    assert!(report.issued && outcome.papers.len() == outcome.requirements.len());
    let invoice = outcome.papers.iter().find(|paper| paper.requirement.document == "commercial-invoice").unwrap();
    assert!(invoice.pages > 50, "{} pages", invoice.pages);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_too_large_to_lay_out_is_told_before_it_is_tried() {
    let mut order = order_of(VEHICLES_MAX);
    for at in 0..VEHICLES_MAX {
        set(&mut order, &format!("/vehicles/{at}/trim"), json!("long ".repeat(32).trim()));
        set(&mut order, &format!("/vehicles/{at}/colour"), json!("green ".repeat(26).trim()));
        set(&mut order, &format!("/vehicles/{at}/model_code"), json!("code ".repeat(32).trim()));
        set(&mut order, &format!("/vehicles/{at}/emission_standard"), json!("clean ".repeat(26).trim()));
    }
    let outcome = check(&case(read(&order))).await;
    let finding = outcome.findings.iter().find(|finding| finding.rule == "HOST-SIZE-01").unwrap();
    let fitting = finding.parameters.iter().find(|one| one.name == "fitting").unwrap().value.parse::<usize>().unwrap();
    assert_eq!(stops(&outcome), [("HOST-SIZE-01".to_owned(), "ERROR".to_owned(), "/vehicles".to_owned())]);
    // What the finding offers is true.
    let vehicles = order["vehicles"].as_array().unwrap()[..fitting].to_vec();
    set(&mut order, "/vehicles", Value::Array(vehicles));
    let outcome = check(&case(read(&order))).await;
    assert!(!outcome.findings.iter().any(|finding| finding.rule == "HOST-SIZE-01"), "{:?}", outcome.findings);
}
