//! `roro plugin explain`.

use roro::plugin::manifest::GrantName;
use roro::plugin::state::State;
use roro_engine::FailureKind;

use super::Desk;

#[test]
fn every_code_is_explained_and_an_unknown_one_is_not() {
    let desk = Desk::new("explain");
    let all = desk.run(&["plugin", "explain", "--json"]).done().json();
    let codes: Vec<&str> = all.as_array().unwrap().iter().map(|text| text["code"].as_str().unwrap()).collect();
    let failures = FailureKind::ALL.iter().map(|kind| kind.code()).chain(["not-loaded", State::Quarantined.as_str()]);
    for code in failures.chain(GrantName::ALL.iter().map(|grant| grant.as_str())) {
        assert!(codes.contains(&code), "{code}");
    }
    for code in codes {
        let said = desk.run(&["plugin", "explain", code]).done();
        assert!(said.out.starts_with(&format!("{code} (")) && said.out.lines().count() >= 4, "{said:#?}");
    }
    desk.run(&["plugin", "explain", "denied"]).done().has_said(&["[[grants]]\nname = \"config\""]);
    let unknown = desk.run(&["plugin", "explain", "out-of-feul"]).ends(2);
    assert_eq!(unknown.fix(), "did you mean `out-of-fuel`?");
    desk.run(&["plugin", "explain"]).done().has_said(&["roro plugin explain CODE says what to do."]);
}
