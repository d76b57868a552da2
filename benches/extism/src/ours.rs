//! Our side: the bench `languages` as a child that makes a block of calls when it is asked.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::callers::Made;

/// The child; it ends when its standard input does.
pub(crate) struct Ours {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
    /// What it can call.
    pub(crate) rows: Vec<String>,
    /// What its engine gives to the guest of a PDK.
    pub(crate) input: String,
    /// What every call finds.
    pub(crate) finding: Value,
}

impl Drop for Ours {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Ours {
    /// Starts it, and shows what it says until it is ready.
    pub(crate) fn start(program: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(["--bench", "--answer"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the bench `languages`");
        let (asks, says) = (child.stdin.take().expect("its input"), child.stdout.take().expect("its output"));
        let mut ours =
            Self { child, asks, says: BufReader::new(says), rows: Vec::new(), input: String::new(), finding: Value::Null };
        let there = loop {
            let line = ours.line();
            match serde_json::from_str::<Value>(&line) {
                Ok(there) if there.is_object() => break there,
                _ => print!("{line}"),
            }
        };
        let part = |name: &str| there.get(name).cloned().expect("what there is");
        ours.rows = serde_json::from_value(part("rows")).expect("rows");
        ours.input = serde_json::from_value(part("input")).expect("an input");
        ours.finding = part("finding");
        ours
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let count = self.says.read_line(&mut line).expect("a line");
        assert!(count > 0, "the bench `languages` has ended: its reason stands above");
        line
    }

    /// A block of calls.
    pub(crate) fn call(&mut self, row: usize, callers: usize, calls: usize) -> Made {
        writeln!(self.asks, "{}", json!({ "row": row, "callers": callers, "calls": calls })).expect("it listens");
        let said: Value = serde_json::from_str(&self.line()).expect("JSON");
        let part = |name: &str| said.get(name).cloned().expect("what it measured");
        let times: Vec<u64> = serde_json::from_value(part("ns")).expect("times");
        let elapsed: u64 = serde_json::from_value(part("elapsed_ns")).expect("a time");
        Made { times: times.into_iter().map(Duration::from_nanos).collect(), elapsed: Duration::from_nanos(elapsed) }
    }
}
