//! The book holds together: every chapter is in the summary, every link leads somewhere, every command is one of `roro`.

use std::collections::BTreeSet;

use super::{chapter, folder};
use crate::author::Desk;

fn names() -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter(|name| name != "SUMMARY.md").collect()
}

/// Where a page's links lead to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

#[test]
fn every_chapter_is_in_the_summary_and_every_link_leads_somewhere() {
    let summary = chapter("SUMMARY.md");
    assert_eq!(links(&summary).map(str::to_owned).collect::<BTreeSet<_>>(), names());
    for name in names() {
        let text = chapter(&name);
        assert!(text.starts_with("# "), "{name} begins with its title");
        for link in links(&text).filter(|link| !link.starts_with("http")) {
            let file = link.split('#').next().unwrap();
            assert!(file.is_empty() || folder().join(file).exists(), "{name}: {link}");
        }
        for line in text.lines().filter(|line| !line.starts_with(['|', '#', '*']) && !line.contains("://")) {
            assert!(line.chars().count() <= 150, "{name} has a line of {} characters: {line}", line.chars().count());
        }
    }
}

#[test]
fn every_command_is_one_of_roro() {
    let desk = Desk::new("book-commands");
    let mut known = BTreeSet::new();
    for group in ["plugin", "tenant", "pack", "order"] {
        let help = desk.run(&["help", group]).done();
        let listed = help.said().split("\n\n").find_map(|part| part.strip_prefix("Commands:\n")).unwrap().to_owned();
        known.extend(listed.lines().filter_map(|line| Some(format!("roro {group} {}", line.split_whitespace().next()?))));
    }
    assert!(known.contains("roro plugin new"), "{known:?}");
    for name in names() {
        let text = chapter(&name);
        for group in ["plugin", "tenant", "pack", "order"] {
            for rest in text.split(&format!("roro {group} ")).skip(1) {
                let verb: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
                assert!(known.contains(&format!("roro {group} {verb}")), "{name}: roro {group} {verb}");
            }
        }
    }
}
