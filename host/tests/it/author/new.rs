//! What `roro plugin new` makes, and what it refuses.

use std::path::{Path, PathBuf};

use super::Desk;
use crate::support::root;

const LANGUAGES: [&str; 3] = ["rust", "ts", "python"];

/// Every file below a folder, from there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_copy_of_the_sdk_is_whole() {
    let desk = Desk::new("sdk");
    desk.run(&["plugin", "new", "acme-guard", "--hook", "order-guard"]).done();
    let (sdk, copy) = (root().join("sdk/rust"), desk.path("acme-guard/roro-sdk"));
    assert_eq!(files(&copy), files(&sdk), "host/src/cli/plugin/new/sdk.rs must name every file of sdk/rust");
    for file in files(&sdk).iter().filter(|file| *file != Path::new("Cargo.toml")) {
        assert_eq!(std::fs::read(copy.join(file)).unwrap(), std::fs::read(sdk.join(file)).unwrap(), "{}", file.display());
    }
}

#[test]
fn the_copies_for_typescript_and_python_are_whole() {
    let desk = Desk::new("sdk-others");
    // What the project has itself, or only a reader of the repository needs.
    for (language, sdk, left_out) in
        [("ts", "sdk/js", ["README.md", "package.json"]), ("python", "sdk/python", ["README.md", "requirements.txt"])]
    {
        desk.run(&["plugin", "new", "acme-guard", "--lang", language, "--hook", "order-guard", "--out", language]).done();
        let (sdk, wit, copy) = (root().join(sdk), root().join("wit"), desk.path(&format!("{language}/roro-sdk")));
        let is_ours = |file: &PathBuf| {
            let is_made = file.starts_with("wit") || file.components().any(|part| part.as_os_str() == "__pycache__");
            !is_made && !left_out.iter().any(|left_out| file == Path::new(left_out))
        };
        let mut expected: Vec<(PathBuf, PathBuf)> =
            files(&sdk).into_iter().filter(is_ours).map(|file| (file.clone(), sdk.join(file))).collect();
        expected.extend(files(&wit).into_iter().map(|file| (Path::new("wit").join(&file), wit.join(file))));
        expected.sort();
        let names: Vec<PathBuf> = expected.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(files(&copy), names, "host/src/cli/plugin/new/sdk.rs must name every file of {}", sdk.display());
        for (name, ours) in expected {
            assert_eq!(std::fs::read(copy.join(&name)).unwrap(), std::fs::read(ours).unwrap(), "{}", name.display());
        }
    }
}

#[test]
fn a_project_in_typescript_names_the_tools_of_the_sdk_exactly() {
    let desk = Desk::new("tools-of-ts");
    desk.run(&["plugin", "new", "acme-guard", "--lang", "ts", "--hook", "order-guard"]).done();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (project, sdk) = (
        json(&desk.read("acme-guard/package.json")),
        json(&std::fs::read_to_string(root().join("sdk/js/package.json")).unwrap()),
    );
    assert_eq!(project["devDependencies"], sdk["dependencies"]);
    for (name, version) in sdk["dependencies"].as_object().unwrap() {
        assert!(version.as_str().unwrap().chars().all(|one| one.is_ascii_digit() || one == '.'), "{name} {version}");
    }
}

#[test]
fn the_copy_of_the_sdk_needs_what_the_workspace_has() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap().parse::<toml::Table>().unwrap();
    let ours = read("Cargo.toml")["workspace"]["dependencies"]["wit-bindgen"].clone();
    let theirs = read("host/src/cli/plugin/new/template/rust/sdk.toml");
    assert_eq!(theirs["dependencies"]["wit-bindgen"], ours);
    let sdk = read("sdk/rust/Cargo.toml");
    let names = |table: &toml::Table| table["dependencies"].as_table().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&theirs), names(&sdk));
}

#[test]
fn no_placeholder_stays() {
    let desk = Desk::new("placeholders");
    for (hook, language) in ["order-guard", "documents"].into_iter().flat_map(|hook| LANGUAGES.map(|language| (hook, language))) {
        let out = format!("{hook}-{language}");
        desk.run(&["plugin", "new", "acme-one", "--hook", hook, "--lang", language, "--out", &out]).done();
        for file in
            files(&desk.path(&out)).iter().filter(|file| !file.starts_with("roro-sdk") && *file != Path::new("Cargo.lock"))
        {
            let text = std::fs::read_to_string(desk.path(&out).join(file)).unwrap();
            let marks = ["@ID", "@RULE", "@TITLE", "@SUMMARY", "@CLASS", "@FUEL", "@MEMORY"];
            assert!(!marks.iter().any(|mark| text.contains(mark)), "{out}/{}", file.display());
        }
        assert!(desk.read(&format!("{out}/README.md")).starts_with("# Acme one\n"));
    }
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let desk = Desk::new("not-empty");
    desk.write("acme-guard/notes.txt", "mine");
    desk.write("file", "mine");
    for place in ["acme-guard", "file"] {
        let refused = desk.run(&["plugin", "new", "acme-guard", "--hook", "documents", "--out", place]).ends(2);
        assert_eq!(refused.fix(), "Name a new or an empty folder with --out");
    }
    assert_eq!(files(&desk.path("acme-guard")), [PathBuf::from("notes.txt")]);
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.run(&["plugin", "new", "acme-guard", "--hook", "documents", "--out", "empty"]).done();
}

#[test]
fn a_name_that_is_no_id_is_refused_with_the_rule() {
    let desk = Desk::new("names");
    for name in ["Acme", "ab", "acme_guard", "acme\"\nid = \"other", "../acme"] {
        let refused = desk.run(&["plugin", "new", name, "--hook", "documents"]).ends(2);
        assert!(refused.fix().starts_with("use 3 to 48 lower case letters"), "{refused:#?}");
    }
    assert_eq!(files(&desk.path("")), [] as [PathBuf; 0]);
    desk.run(&["plugin", "new", "acme", "--hook", "documents", "--lang", "cobol"])
        .ends(2)
        .has_said(&["[possible values: rust, extism-rust, ts, python]"]);
}
