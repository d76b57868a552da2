//! The chapters of first plugins, each run from its first block to its last one in an empty folder, with the real program and a real server.
//!
//! `sh` is run line by line; `# ends with N` names an exit code other than 0. `roro serve` is started and goes on. `http` is sent to it. `text`
//! after one of these is what was said: each of its lines, in any order, where `…` stands for anything. A block in the chapter's language stands in
//! the rule.

use std::collections::BTreeMap;
use std::process::Command;

use ureq::http::Method;

use super::{Block, blocks, chapter};
use crate::author::languages::{Language, PYTHON, TYPESCRIPT};
use crate::author::{Desk, house};
use crate::http::program::{Folder, Process};
use crate::support;

/// What the chapter calls something, and what it begins with where it is printed.
const NAMES: [(&str, &str); 3] = [("ORDER", "ord_"), ("RELEASE", "rel_"), ("TOKEN", "roro_ten_")];

/// The project that every chapter makes.
const PROJECT: &str = "price-cap";

struct Evening {
    desk: Desk,
    /// A language whose tools are lent to the project as soon as it is there: nobody waits for a download in a test.
    lent: Option<&'static Language>,
    /// The language of the chapter's code, and where it stands.
    code: (&'static str, &'static str),
    folder: Folder,
    server: Option<Process>,
    names: BTreeMap<&'static str, String>,
    /// What the last block said.
    said: Option<String>,
}

impl Evening {
    /// Runs a line of a shell; answers what it said.
    fn run(&mut self, line: &str) -> String {
        let (command, code) = match line.split_once("# ends with ") {
            Some((command, code)) => (command, code.trim().parse().unwrap()),
            None => (line, 0),
        };
        if command.trim() == "roro serve" {
            self.server = Some(Process::start(&self.folder, &[]));
            return String::new();
        }
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_roro")).parent().unwrap().display().to_string();
        let path = format!("{program}:{}", std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", &self.filled(command)]).current_dir(self.desk.path("")).env("PATH", path);
        shell.env("RORO_DATA_DIR", self.folder.path()).env("CARGO_TARGET_DIR", house().join("cargo"));
        shell.env("RORO_PACKS_DIR", support::root().join("plugins/packs")).env_remove("RORO__DATABASE__URL");
        shell.env("RORO_PLUGIN_DIR", support::folder("RORO_PLUGIN_DIR", "target/wasm32-wasip2/plugin"));
        shell.env("RORO_FONTS_DIR", support::folder("RORO_FONTS_DIR", "data/fonts"));
        let output = shell.output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert_eq!(output.status.code(), Some(code), "{line}\n{said}");
        if self.desk.path(PROJECT).exists()
            && let Some(language) = self.lent.take()
        {
            language.lend(&self.desk, PROJECT);
        }
        self.remember(&said);
        said
    }

    /// Sends a request; answers its status and what came back.
    async fn send(&self, lines: &[String]) -> String {
        let text = self.filled(&lines.join("\n"));
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let (method, path) = head.split_once(' ').unwrap();
        let client = self.server.as_ref().expect("no server runs").client(&self.names["TOKEN"]);
        let asking = client.ask(&method.parse::<Method>().unwrap(), path);
        let asking = if body.is_empty() { asking } else { asking.bytes("application/json", body.as_bytes().to_vec()) };
        let reply = asking.send().await;
        format!("{}\n{}", reply.status, serde_json::to_string_pretty(&reply.json()).unwrap())
    }

    /// Keeps what was printed on the terminal: a reader copies it from there.
    fn remember(&mut self, said: &str) {
        let words = || said.split_whitespace().map(|word| word.trim_end_matches(['.', ',', ':']));
        for (name, prefix) in NAMES {
            if let Some(word) = words().rfind(|word| word.starts_with(prefix)) {
                self.names.insert(name, word.to_owned());
            }
        }
    }

    fn filled(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    async fn read(&mut self, block: &Block) {
        match block.info.as_str() {
            "sh" => {
                let said: Vec<String> = block.lines.iter().map(|line| self.run(line)).collect();
                self.said = Some(said.concat());
            }
            "http" => self.said = Some(self.send(&block.lines).await),
            // Before the first command there is only what is to be set up.
            "text" => {
                if let Some(said) = &self.said {
                    block.lines.iter().for_each(|line| must_be_said(line, said));
                }
            }
            language if language == self.code.0 => {
                let rule = self.desk.read(&format!("{PROJECT}/{}", self.code.1));
                let known: Vec<&str> = rule.lines().map(str::trim).collect();
                block.lines.iter().for_each(|line| assert!(known.contains(&line.trim()), "the rule has no line `{line}`"));
            }
            other => panic!("nothing is known of blocks of `{other}`"),
        }
    }
}

/// Some line has the pieces of this one, in their order.
fn must_be_said(line: &str, said: &str) {
    // A status stands alone, before the body.
    if line.parse::<u16>().is_ok() {
        assert_eq!(said.lines().next(), Some(line), "{said}");
        return;
    }
    let has = |own: &str| {
        let mut rest = Some(own);
        for piece in line.split('…').map(str::trim) {
            rest = rest.and_then(|rest| rest.split_once(piece)).map(|(_, after)| after);
        }
        rest.is_some()
    };
    assert!(said.lines().any(has), "`{line}` is not in\n{said}");
}

async fn walk(file: &str, lent: Option<&'static Language>, code: (&'static str, &'static str)) {
    let desk = Desk::new(file.trim_end_matches(".md"));
    let mut evening = Evening { desk, lent, code, folder: Folder::new(), server: None, names: BTreeMap::new(), said: None };
    let blocks = blocks(&chapter(file));
    assert!(blocks.iter().filter(|block| block.info == "sh").count() >= 6);
    for block in &blocks {
        evening.read(block).await;
    }
    assert_eq!(evening.server.unwrap().end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_evening_goes_as_the_book_says() {
    walk("first-plugin.md", None, ("rust", "src/lib.rs")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_evening_in_typescript_goes_as_the_book_says() {
    walk("first-plugin-typescript.md", Some(&TYPESCRIPT), ("typescript", "src/plugin.ts")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_evening_in_python_goes_as_the_book_says() {
    walk("first-plugin-python.md", Some(&PYTHON), ("python", "src/plugin.py")).await;
}
