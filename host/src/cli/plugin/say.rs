//! How the commands of this folder print: numbers for people, findings in sentences, strangers' words without their control characters.

use std::time::Duration;

use super::called::{Called, Told, ToldLine};

/// What stands before the lines below a result.
pub(super) const INDENT: &str = "        ";

/// A text that a guest or a stranger wrote, on one line and without what could move a terminal's cursor.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// `12 345 678`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == first {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `57 kB`, `1.2 MB`: the size of a file.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{} kB", bytes.div_ceil(1_000)) } else { format!("{} MB", tenths(bytes, 1_000_000)) }
}

/// `1.1 MiB`: memory.
fn memory(bytes: u64) -> String {
    format!("{} MiB", tenths(bytes, 1024 * 1024))
}

/// `0.57 ms`: most calls take less than one.
fn millis(micros: u64) -> String {
    let hundredths = micros / 10;
    format!("{}.{:02} ms", hundredths / 100, hundredths % 100)
}

/// `12.3 s`.
pub(super) fn seconds(time: Duration) -> String {
    format!("{} s", tenths(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), 1_000))
}

fn tenths(number: u64, unit: u64) -> String {
    let tenths = number.saturating_mul(10) / unit;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// `1 fixture`, `2 fixtures`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// What a call cost, on one line.
pub(super) fn cost(called: &Called) -> String {
    let cost = &called.cost;
    let (memory, time) = (memory(cost.peak_memory_bytes), millis(cost.duration_us));
    let calls = counted(usize::try_from(cost.host_calls).unwrap_or(usize::MAX), "host call");
    format!("{} fuel, {memory}, {calls}, {time}", grouped(cost.fuel))
}

/// A finding in English, with its fix.
pub(super) fn finding(told: &Told) {
    let (severity, rule, place) = (told.finding.severity.word(), plain(&told.finding.rule), plain(&told.finding.place));
    let says = told.says.get("en").map_or("(no sentence)", String::as_str);
    println!("{INDENT}{severity:5} {rule}  {place}: {says}");
    if let Some(fix) = told.fix.get("en").filter(|fix| !fix.is_empty()) {
        println!("{INDENT}      Fix: {fix}");
    }
}

/// A line of a price in English.
pub(super) fn line(told: &ToldLine) {
    let (rule, amount) = (plain(&told.line.rule), told.line.amount);
    let says = told.says.get("en").map_or("(no sentence)", String::as_str);
    println!("{INDENT}{:17} {} {}  {rule}: {says}", told.line.charge.as_str(), amount.amount(), amount.currency().code());
}

/// What a component imports: the contract by name, the shim by how much of it. Of a guest of an Extism PDK the functions of its kernel by name.
pub(super) fn imports(names: &[String]) {
    let is_shim = |name: &&String| name.starts_with("wasi:") || name.starts_with("wasi_snapshot_preview1/");
    let (shim, own): (Vec<&String>, Vec<&String>) = names.iter().partition(is_shim);
    for name in own {
        println!("imports    {name}");
    }
    let is_module = names.iter().any(|name| name.starts_with("extism:"));
    if !shim.is_empty() {
        println!("imports    {} of the closed WASI shim", counted(shim.len(), if is_module { "function" } else { "interface" }));
    }
}

/// What the guest logged.
pub(super) fn log(called: &Called) {
    for line in &called.log {
        println!("{INDENT}log {:6} {}", line.level, plain(&line.text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        let numbers = [0, 7, 999, 1_000, 12_345, 999_999, 1_234_567];
        assert_eq!(numbers.map(grouped), ["0", "7", "999", "1 000", "12 345", "999 999", "1 234 567"]);
        assert_eq!([size(999), size(57_223), size(1_250_000)], ["1 kB", "58 kB", "1.2 MB"]);
        assert_eq!(
            (memory(1_179_648), millis(449), seconds(Duration::from_millis(1_290))),
            ("1.1 MiB".to_owned(), "0.44 ms".to_owned(), "1.2 s".to_owned())
        );
    }

    #[test]
    fn a_guest_cannot_move_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\u{fffd}c");
    }
}
