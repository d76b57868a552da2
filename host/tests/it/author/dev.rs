//! `roro plugin dev`: one round, and rounds that follow what is saved.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{Desk, GUARD};

/// A running `roro plugin dev`, killed when it is dropped.
struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(desk: &Desk) -> Self {
        let mut child = desk.roro(&["plugin", "dev", GUARD]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What it says until the end of a round.
    fn round(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        for line in self.lines.by_ref() {
            said.push(line.unwrap());
            if said.last().unwrap().starts_with("The round took ") {
                return said;
            }
        }
        panic!("it ended: {said:#?}");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn must_have(said: &[String], line: &str) {
    assert!(said.iter().any(|own| own.trim() == line), "`{line}` is not in {said:#?}");
}

#[test]
fn each_saved_file_gives_a_round_that_says_what_is_different() {
    let desk = Desk::with_guard("dev");
    // A name of its own in cargo's folder: other tests compile at the same time.
    desk.edit("acme-guard/Cargo.toml", "name = \"acme-guard\"", "name = \"watched-guard\"");
    let mut watching = Watching::start(&desk);
    must_have(&watching.round(), "3 fixtures: all as expected.");

    desk.edit("acme-guard/fixtures/one-too-dear/fixture.toml", "1500000", "1900000");
    let said = watching.round();
    must_have(&said, "changed: fixtures/one-too-dear/fixture.toml");
    must_have(&said, "3 fixtures: 1 FAILED.");
    must_have(&said, "one-too-dear: was ok, is FAILED");
    assert!(!said.iter().any(|line| line.starts_with("built ")), "nothing of the component has changed: {said:#?}");

    desk.edit("acme-guard/fixtures/one-too-dear/fixture.toml", "1900000", "1500000");
    must_have(&watching.round(), "one-too-dear: was FAILED, is ok");

    desk.edit("acme-guard/src/lib.rs", "price.minor > limit_minor", "price.minor < limit_minor");
    let said = watching.round();
    assert!(said.iter().any(|line| line.starts_with("built acme-guard")), "{said:#?}");
    must_have(&said, "one-too-dear: was ok, is FAILED");

    let told = Command::new("kill").args(["-INT", &watching.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
}

#[test]
fn one_round_ends_with_the_code_of_its_fixtures() {
    let desk = Desk::with_guard("dev-once");
    desk.edit("acme-guard/Cargo.toml", "name = \"acme-guard\"", "name = \"once-guard\"");
    desk.run(&["plugin", "dev", GUARD, "--once"]).done().has_said(&["built acme-guard 0.1.0", "3 fixtures: all as expected."]);
    desk.edit("acme-guard/fixtures/one-too-dear/fixture.toml", "1500000", "1900001");
    // 1 930 000 is above that too: only the limit in the finding is another.
    desk.run(&["plugin", "dev", GUARD, "--once"]).ends(1).has_said(&["limit=\"1900001\""]);
    desk.run(&["plugin", "dev", "nowhere", "--once"]).ends(2);
}
