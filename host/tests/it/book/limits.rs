//! The tables of limits and codes equal the engine and what `roro plugin explain` says.

use std::fmt::Write as _;

use roro::plugin::package::{Part, limits};
use roro::plugin::signature::{ENVELOPE_BYTES_MAX, ENVELOPES_MAX};
use roro_engine::{Class, Limits};
use serde_json::Value;

use super::{chapter, must_be};
use crate::author::Desk;
use crate::support::root;

const MIB: u64 = 1024 * 1024;

fn of(class: Class, lines: u32) -> Limits {
    match class {
        Class::Rule => Limits::rule(lines),
        Class::Interpreted => Limits::interpreted(lines),
        Class::Renderer => Limits::renderer(lines),
    }
}

/// `12 345 678`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(" ")
}

/// `64 MiB`, `32 KiB`.
fn bytes(count: u64) -> String {
    if count.is_multiple_of(MIB) { format!("{} MiB", count / MIB) } else { format!("{} KiB", count / 1024) }
}

/// A row: the base of each class, and what a line of the order adds; with what it never grows above, where there is such a limit.
fn row(table: &mut String, name: &str, of_limits: impl Fn(&Limits) -> u64, show: impl Fn(u64) -> String) {
    write!(table, "| {name} |").unwrap();
    for class in Class::ALL {
        let at = |lines| of_limits(&of(class, lines));
        let (base, step, most) = (at(0), at(1) - at(0), at(u32::MAX));
        let grows = if step == 0 { String::new() } else { format!(" + {} a line", show(step)) };
        let capped = step > 0 && most < base + step * u64::from(u32::MAX);
        let capped = if capped { format!(", at most {}", show(most)) } else { String::new() };
        write!(table, " {}{grows}{capped} |", show(base)).unwrap();
    }
    table.push('\n');
}

#[test]
fn the_limits_are_those_of_the_engine() {
    let mut table = String::from("| A call may use |");
    for class in Class::ALL {
        write!(table, " `{}` |", class.as_str()).unwrap();
    }
    table.push_str("\n|---|---|---|---|\n");
    row(&mut table, "fuel", |limits| limits.fuel, grouped);
    let millis = |limits: &Limits| u64::try_from(limits.wall_time.as_millis()).unwrap();
    row(&mut table, "time on a thread", millis, |count| format!("{} ms", grouped(count)));
    row(&mut table, "memory, all memories together", |limits| limits.memory_bytes, bytes);
    row(&mut table, "elements of tables", |limits| limits.table_elements, grouped);
    row(&mut table, "bytes handed over at once", |limits| limits.output_bytes as u64, bytes);
    row(&mut table, "calls of the host", |limits| limits.host_calls, grouped);
    row(&mut table, "bytes of log", |limits| limits.log_bytes, bytes);
    must_be("limits-and-errors.md", "limits", &table);
}

/// What to do, in one cell: commands and lines of plugin.toml keep their lines.
fn todo(text: &str) -> String {
    let is_code = |paragraph: &str| ["[", "class =", "hosts =", "roro "].iter().any(|start| paragraph.starts_with(start));
    let code = |paragraph: &str| paragraph.lines().map(|line| format!("`{line}`")).collect::<Vec<_>>().join("<br>");
    let cell = |paragraph: &str| if is_code(paragraph) { code(paragraph) } else { paragraph.replace('\n', " ") };
    let text: Vec<String> = text.split("\n\n").map(cell).collect();
    text.join("<br>").replace('|', "\\|")
}

fn explained() -> Vec<Value> {
    Desk::new("book-explain").run(&["plugin", "explain", "--json"]).done().json().as_array().unwrap().clone()
}

#[test]
fn the_codes_are_those_that_roro_explains() {
    let explained = explained();
    for (part, kind) in [("failures", "failure"), ("refusals", "refusal"), ("grants", "grant")] {
        let mut table = String::from("| Code | Means | What to do |\n|---|---|---|\n");
        if kind == "grant" {
            table = String::from("| Grant | Gives |\n|---|---|\n");
        }
        for text in explained.iter().filter(|text| text["kind"] == kind) {
            let [code, means, what] = ["code", "means", "todo"].map(|field| text[field].as_str().unwrap());
            if kind != "grant" {
                writeln!(table, "| `{code}` | {means} | {} |", todo(what)).unwrap();
                continue;
            }
            let more = what.split("\n\n").skip(2).find(|more| !more.starts_with('[')).unwrap_or_default();
            writeln!(table, "| `{code}` | {} |", format!("{means} {more}").trim()).unwrap();
        }
        let file = if kind == "grant" { "manifest.md" } else { "limits-and-errors.md" };
        must_be(file, part, &table);
    }
}

#[test]
fn the_book_tells_all_that_roro_explains() {
    let known = explained();
    assert!(known.iter().all(|text| ["failure", "refusal", "grant"].contains(&text["kind"].as_str().unwrap())));
    for kind in roro_engine::FailureKind::ALL {
        assert!(known.iter().any(|text| text["code"] == kind.code()), "{kind}");
    }
}

#[test]
fn the_parts_of_a_package_are_those_of_the_format() {
    let mut table = String::from("| Layer | Media type | At most |\n|---|---|---|\n");
    for part in Part::ALL {
        writeln!(table, "| `{}` | `{}` | {} |", part.title(), part.media_type(), bytes(part.bytes_max())).unwrap();
    }
    must_be("packaging.md", "parts", &table);
    let count = |count: usize| grouped(count as u64);
    let rows = [
        ("A whole package", bytes(limits::ARCHIVE_BYTES_MAX)),
        ("Files and folders of a layer", count(limits::TAR_ENTRIES_MAX)),
        ("A name in it", format!("{} bytes", limits::NAME_BYTES_MAX)),
        ("Folders below one another", count(limits::FOLDER_DEPTH_MAX)),
        ("Signatures", count(ENVELOPES_MAX)),
        ("A signature", bytes(ENVELOPE_BYTES_MAX)),
    ];
    let rows: String = rows.iter().map(|(what, most)| format!("| {what} | {most} |\n")).collect();
    must_be("packaging.md", "limits", &format!("| What | At most |\n|---|---|\n{rows}"));
}

#[test]
fn what_fuel_is_spent_on_is_said_as_it_is() {
    let engine = std::fs::read_to_string(root().join("host/engine/src/limits.rs")).unwrap();
    let text = chapter("limits-and-errors.md").replace('\n', " ");
    let said = [
        ("FUEL_PER_HOST_CALL: u64 = 250;", "A call of the host costs 250"),
        ("FUEL_PER_BYTE: u64 = 1;", "each byte that crosses the border 1"),
        ("FUEL_PER_MEMORY_GROW: u8 = 255;", "growing memory 255"),
        ("FUEL_PER_PAGE: u8 = 255;", "255 more for each page of 64 KiB"),
        ("HOST_TIME_FACTOR: u64 = 4;", "four times as long"),
        ("WASM_STACK_BYTES_MAX: usize = 1024 * 1024;", "1 MiB of stack deep"),
    ];
    for (constant, words) in said {
        assert!(engine.contains(constant) && text.contains(words), "{constant} {words}");
    }
}
