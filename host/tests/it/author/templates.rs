//! What `roro plugin new` makes for the hooks `pricing` and `app` works as it comes, in every language, and says the same in all of them.

use super::Desk;
use super::languages::{Language, PYTHON, TYPESCRIPT};

/// Makes, builds and tests a project as it comes; nothing of it would be blessed otherwise.
fn works(desk: &Desk, lang: &str, hook: &str, tools: Option<&Language>, fixtures: usize) {
    let name = format!("acme-{hook}");
    desk.run(&["plugin", "new", &name, "--lang", lang, "--hook", hook]).done();
    if let Some(language) = tools {
        language.lend(desk, &name);
    }
    let built = desk.run(&["plugin", "build", &name, "--json"]).done().json();
    assert_eq!(built["hooks"], serde_json::json!([hook]), "{lang}");
    desk.run(&["plugin", "test", &name]).done().has_said(&[&format!("{fixtures} fixtures: all as expected.")]);
    let blessed = desk.run(&["plugin", "test", &name, "--bless"]).done();
    assert!(!blessed.said().contains("is written"), "{lang} {hook}: {blessed:#?}");
}

#[test]
fn a_price_and_an_app_in_rust_work_as_they_come() {
    let desk = Desk::new("templates-rust");
    works(&desk, "rust", "pricing", None, 3);
    works(&desk, "rust", "app", None, 6);
    let app = desk.run(&["plugin", "run", "acme-app", "--order", "acme-app/fixtures/add/order.json", "--hook", "app"]).ends(2);
    assert!(app.fix().contains("Make a fixture of it"), "{app:#?}");
}

#[test]
fn a_price_on_the_extism_pdk_works_as_it_comes_and_an_app_is_refused() {
    let desk = Desk::new("templates-extism");
    works(&desk, "extism-rust", "pricing", None, 3);
    let refused = desk.run(&["plugin", "new", "acme-app", "--lang", "extism-rust", "--hook", "app"]).ends(2);
    assert!(refused.fix().contains("--lang rust, ts or python"), "{refused:#?}");
    assert!(!desk.path("acme-app").exists());
}

#[test]
fn a_price_and_an_app_in_typescript_work_as_they_come() {
    let desk = Desk::new("templates-ts");
    works(&desk, "ts", "pricing", Some(&TYPESCRIPT), 3);
    works(&desk, "ts", "app", Some(&TYPESCRIPT), 6);
}

#[test]
fn a_price_and_an_app_in_python_work_as_they_come() {
    let desk = Desk::new("templates-python");
    works(&desk, "python", "pricing", Some(&PYTHON), 3);
    works(&desk, "python", "app", Some(&PYTHON), 6);
}
