//! Rules of the house that the compiler cannot hold.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

fn host() -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    all
}

/// The part of a file before its own tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn only_access_can_say_for_whom_a_query_is() {
    for (path, text) in host() {
        let makes_proof = text.contains("Authority for ");
        assert!(
            !makes_proof || path.ends_with("access/actor.rs"),
            "{} makes a proof of authority; only access/actor.rs may",
            path.display()
        );
    }
}

#[test]
fn only_tables_and_the_kernel_name_the_database_library() {
    for (path, text) in host() {
        let named = code(&text)
            .lines()
            .any(|line| !line.trim_start().starts_with("//") && (line.contains("sea_orm") || line.contains("sqlx")));
        let place = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().to_string_lossy().into_owned();
        let may = place.ends_with("table.rs")
            || place.starts_with("kernel/db/")
            || place.starts_with("migration/")
            || place.starts_with("access/");
        assert!(!named || may, "{place} names the database library; queries belong into table.rs");
    }
}

#[test]
fn only_config_reads_the_environment_and_only_the_clock_reads_the_time() {
    for (path, text) in host() {
        let place = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().to_string_lossy().into_owned();
        let storage = ["access/", "command/", "company/", "kernel/", "outbox/", "party/", "tenant/", "web/"];
        if !storage.iter().any(|folder| place.starts_with(folder)) {
            continue;
        }
        assert!(!code(&text).contains("env::var"), "{place} reads the environment; config.rs does that");
        let asks = code(&text).contains("Timestamp::now()") || code(&text).contains("Zoned::now()");
        assert!(!asks || place == "kernel/time.rs", "{place} asks the machine for the time; use ctx.clock");
    }
}
