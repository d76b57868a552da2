//! Fixtures: faults, expectations, and what is wrong with a fixture itself. And one order without a fixture.

use super::{Desk, GUARD};

const FIXTURE: &str = "acme-guard/fixtures/one-too-dear/fixture.toml";

#[test]
fn a_grant_that_is_denied_and_fuel_that_is_not_there_stop_the_call() {
    let desk = Desk::with_guard("faults");
    for (fault, code) in [("deny = [\"config\"]", "denied"), ("no_fuel = true", "out-of-fuel")] {
        desk.write(FIXTURE, &format!("hook = \"order-guard\"\n[settings]\nprice_limit = 1500000\n[faults]\n{fault}\n"));
        let failed = desk.run(&["plugin", "test", GUARD, "--fixture", "one-too-dear"]).ends(1);
        failed.has_said(&[&format!("+ the call fails with `{code}`: "), &format!("({code})")]);
        desk.edit(FIXTURE, "hook = ", &format!("expect = \"{code}\"\nhook = "));
        let both = desk.run(&["plugin", "test", GUARD, "--fixture", "one-too-dear"]).ends(2);
        both.has_said(&["a call that fails has no findings, and there is acme-guard/fixtures/one-too-dear/expected.json"]);
        std::fs::rename(desk.path("acme-guard/fixtures/one-too-dear/expected.json"), desk.path("aside.json")).unwrap();
        let tested = desk.run(&["plugin", "test", GUARD, "--fixture", "one-too-dear", "--json"]).done().json();
        assert_eq!(tested["fixtures"][0]["failure"]["code"], code);
        std::fs::rename(desk.path("aside.json"), desk.path("acme-guard/fixtures/one-too-dear/expected.json")).unwrap();
    }
    // Expected to fail, and it does not.
    let settings = "acme-guard/fixtures/settings-not-granted/fixture.toml";
    desk.edit(settings, "deny = [\"config\"]", "deny = []");
    let failed = desk.run(&["plugin", "test", GUARD, "--fixture", "settings-not-granted", "-v"]).ends(1);
    failed.has_said(&[
        "- the call fails with `denied`",
        "+ the call ends well",
        "no price limit is set, so no price is too high",
    ]);
    // The same by leaving it out of what is given.
    desk.write(settings, "hook = \"order-guard\"\nexpect = \"denied\"\ngrants = []\n");
    desk.run(&["plugin", "test", GUARD, "--fixture", "settings-not-granted"]).done();
}

#[test]
fn what_is_wrong_with_a_fixture_is_said_with_file_line_and_fix() {
    let desk = Desk::with_guard("wrong-fixture");
    let rows = [
        ("hok = \"order-guard\"", "1:1: the format has no key `hok` here", "fix: did you mean `hook`?"),
        ("hook = \"documents\"", "1:8: `hook` does not know `documents`", "fix: write one of: order-guard"),
        ("hook = \"order-guard\"\nas_of = \"2026-09-01\"", "2:9: `as_of` is string", "fix: write a date without quotes"),
        ("hook = \"order-guard\"\nexpect = \"deny\"", "2:10: no call fails with `deny`", "fix: "),
        (
            "hook = \"order-guard\"\ngrants = [\"tables\"]",
            "2:11: plugin.toml does not ask for a grant `tables`",
            "fix: write one of: config",
        ),
        (
            "hook = \"order-guard\"\n[settings]\nprice_limt = 1",
            "3:1: settings: the plugin has no setting `price_limt`",
            "fix: did you mean `price_limit`?",
        ),
        (
            "hook = \"order-guard\"\n[settings]\nprice_limit = \"1\"",
            "3:15: settings: `price_limit` is string",
            "fix: write a whole number",
        ),
        ("hook = \"order-guard\"\n[settings]\nprice_limit = 0", "setting price_limit: 0 is too small", "fix: write at least 1"),
        (
            "hook = \"order-guard\"\n[faults]\nno_feul = true",
            "3:1: faults: the format has no key `no_feul` here",
            "fix: did you mean `no_fuel`?",
        ),
    ];
    for (text, problem, fix) in rows {
        desk.write(FIXTURE, text);
        let refused = desk.run(&["plugin", "test", GUARD]).ends(2);
        refused.has_said(&[FIXTURE, problem, fix]);
        assert!(refused.out.is_empty(), "nothing runs before every fixture is right: {refused:#?}");
    }
    desk.write(FIXTURE, "hook = \"order-guard\"\n");
    desk.edit("acme-guard/fixtures/one-too-dear/order.json", "\"currency\": \"JPY\"", "\"currency\": 7");
    desk.edit("acme-guard/fixtures/limit-in-dollars/expected.json", "\"rule\"", "\"rul\"");
    let refused = desk.run(&["plugin", "test", GUARD]).ends(2);
    refused.has_said(&[
        "one-too-dear/order.json: /order/currency: ",
        "limit-in-dollars/expected.json:16:3: ",
        "or write it anew: roro plugin test --bless",
    ]);
    let unknown = desk.run(&["plugin", "test", GUARD, "--fixture", "one-to-dear"]).ends(2);
    assert_eq!(unknown.fix(), "did you mean `one-too-dear`?");
}

#[test]
fn a_rule_without_words_fails_and_a_new_fixture_is_written_by_blessing_it() {
    let desk = Desk::with_guard("words");
    desk.edit("acme-guard/locales/zh.toml", "[ACME-GUARD-PRICE-01]", "[ACME-GUARD-PRICE-09]");
    let failed = desk.run(&["plugin", "test", GUARD]).ends(1);
    failed.has_said(&[
        "ACME-GUARD-PRICE-01 has no words in locales/zh.toml: add [ACME-GUARD-PRICE-01] with `says`, `why` and `fix`",
    ]);
    desk.edit("acme-guard/locales/zh.toml", "[ACME-GUARD-PRICE-09]", "[ACME-GUARD-PRICE-01]");
    desk.write(
        "acme-guard/fixtures/all/fixture.toml",
        "hook = \"order-guard\"\nas_of = 2026-01-01\n[settings]\nprice_limit = 1\n",
    );
    desk.write("acme-guard/fixtures/all/order.json", &desk.read("acme-guard/fixtures/one-too-dear/order.json"));
    desk.run(&["plugin", "test", GUARD])
        .ends(1)
        .has_said(&["there is no expected.json yet", "+ ERROR ACME-GUARD-PRICE-01 /vehicles/2/price"]);
    desk.run(&["plugin", "test", GUARD, "--bless", "--fixture", "all"]).done();
    desk.run(&["plugin", "test", GUARD]).done().has_said(&["4 fixtures: all as expected."]);
}

#[test]
fn one_order_is_asked_about_with_settings_of_the_command_line() {
    let desk = Desk::with_guard("run");
    let order = "acme-guard/fixtures/one-too-dear/order.json";
    let ask = ["plugin", "run", GUARD, "--order", order, "--hook", "order-guard"];
    let said = desk.run(&[&ask[..], &["--set", "price_limit=1000000", "--json"]].concat()).done().json();
    assert_eq!(said["findings"].as_array().unwrap().len(), 3);
    assert!(said["findings"][0]["says"]["zh"].as_str().unwrap().starts_with("第 1 台"), "{said}");
    assert!(said["cost"]["fuel"].as_u64().unwrap() > 1_000);
    let silent = desk.run(&[&ask[..], &["-v"]].concat()).done();
    silent.has_said(&["done    order-guard", "log info   no price limit is set"]);
    let wrong = desk.run(&[&ask[..], &["--set", "limit=7"]].concat()).ends(2);
    wrong.has_said(&["--set limit=…: the plugin has no such setting"]);
    desk.run(&["plugin", "run", GUARD, "--order", order, "--hook", "documents"])
        .ends(2)
        .has_said(&["Ask through one of: order-guard"]);
    // A limit of its own that no call can keep.
    desk.edit("acme-guard/plugin.toml", "fuel = 20000000", "fuel = 1");
    let stopped = desk.run(&ask).ends(1);
    assert_eq!(stopped.fix(), "What that means: roro plugin explain out-of-fuel");
}
