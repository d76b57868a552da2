//! The fixtures of the example app, in the sandbox and without a server.

use super::{Desk, copy};
use crate::support::{component, root};

const APP: &str = "follow-ups";

fn with_app(test: &str) -> Desk {
    let desk = Desk::new(test);
    copy(&root().join("examples/follow-ups"), &desk.path(APP));
    std::fs::write(desk.path("follow-ups/follow_ups.wasm"), component("roro_example_follow_ups.wasm")).unwrap();
    desk
}

#[test]
fn an_apps_fixtures_say_what_it_finds_and_what_it_proposes() {
    let desk = with_app("an-app");
    let tested = desk.run(&["plugin", "test", APP, "--json"]).done().json();
    assert_eq!(tested["fixtures"].as_array().unwrap().len(), 5, "{tested}");
    // A proposal that is not expected, and one that does not come, are both named.
    desk.edit("follow-ups/fixtures/late/effects.json", "\"late\"", "\"never\"");
    desk.run(&["plugin", "test", APP, "--fixture", "late"]).ends(1).has_said(&["- {\"", "+ {\"", "\"never\""]);
    desk.run(&["plugin", "test", APP, "--fixture", "late", "--bless"]).done();
    desk.run(&["plugin", "test", APP]).done();
    // Input that does not fit is refused as the host would.
    desk.edit("follow-ups/fixtures/add/fixture.toml", "\"due\": \"2026-03-05\"", "\"due\": \"soon\"");
    desk.run(&["plugin", "test", APP, "--fixture", "add"]).ends(2).has_said(&["due: "]);
    desk.edit("follow-ups/fixtures/add/fixture.toml", "name = \"add\"", "name = \"fly\"");
    desk.run(&["plugin", "test", APP, "--fixture", "add"])
        .ends(2)
        .has_said(&["the app has no action `fly`", "add, postpone, close"]);
    desk.edit("follow-ups/fixtures/late/records.json", "\"open\"", "\"asleep\"");
    desk.run(&["plugin", "test", APP, "--fixture", "late"]).ends(2).has_said(&["records.json", "the record does not fit"]);
}

#[test]
fn a_description_must_fit_the_manifest() {
    let desk = with_app("a-description");
    desk.edit("follow-ups/plugin.toml", "key = \"state\"", "key = \"status\"");
    desk.edit("follow-ups/plugin.toml", "fields = [\"state\", \"due\"]", "fields = [\"status\", \"due\"]");
    let said = desk.run(&["plugin", "test", APP]).ends(1);
    said.has_said(&["view `board`: `state` is no choice of the collection", "view `list`: the collection has no field `state`"]);
}
