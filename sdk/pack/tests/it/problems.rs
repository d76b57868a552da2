//! What a pack author is told: every problem at once, with place and fix.

use crate::support::{MANIFEST, SOURCED, pack, problems, shown};
use roro_pack::compile::{Folder, PackFiles};

/// The problems of one expression as a rule's `must`.
fn of_must(must: &str) -> String {
    let rule = format!("[[rule]]\nid = \"T-1\"\neach = \"vehicle\"\nmust = '''{must}'''\n{SOURCED}");
    shown(&problems(&pack(&[("rules.toml", &rule)], &["T-1"])))
}

#[test]
fn expressions_are_explained() {
    let table = [
        ("vehicle.hs66 == \"1\"", "did you mean `vehicle.hs6`?"),
        ("vehicle.hs6 == 870323", "text is compared with integer"),
        ("vehicle.fuel == \"petrl\"", "did you mean `petrol`?"),
        ("vehicle.fuel in [\"petrol\", \"disel\"]", "did you mean `diesel`?"),
        ("vehicle.hs6 = \"1\"", "write `==`"),
        ("vehicle.hs6 == none", "present(x)"),
        ("vehicle.hs6 < \"1\"", "text has no order"),
        ("1 < 2 < 3", "comparisons are chained"),
        ("1 / 2 > 0", "divide("),
        ("container.number == \"x\"", "use an aggregate"),
        ("lookup(\"nothing\", vehicle.hs6) == \"x\"", "there is no code table"),
        ("decide(\"nothing\") == \"x\"", "there is no decision"),
        ("yeer(vehicle.first_registration) > 1", "did you mean `year`?"),
        ("year(vehicle.hs6) > 1", "argument 1 of `year` is text"),
        ("year() > 1", "takes 1 arguments, not 0"),
        ("round(1.5, 99, \"half-even\") > 1", "0 to 12"),
        ("round(1.5, 1, \"halfeven\") > 1", "did you mean `half-even`?"),
        ("vehicle.price * 1.1 > order.total", "portion("),
        ("vehicle.hs6 + 1 == \"x\"", "text(x)"),
        ("vehicle.gross_mass_kg", "not boolean"),
        ("if true then 1 else \"x\"", "let both give one type"),
        ("any(order.currency == \"USD\")", "reads no rows"),
        ("any(vehicle.container == container.number)", "rows of two scopes"),
        ("any(vehicle, any(container, vehicle.container == container.number))", "stands in another aggregate"),
        ("date(\"2026-02-30\") > clock", "is no date"),
        ("vehicle.hs6 == 'x'", "double quotes"),
        ("vehicle.hs6 == \"x", "no closing quote"),
        ("(vehicle.hs6 == \"x\"", "`)` is missing before the end"),
        ("vehicle.hs6 == \"x\" vehicle.hs6", "follows a finished expression"),
        ("[1]", "a list stands alone"),
        ("vehicle.gross_mass_kg in []", "the list is empty"),
        ("99999999999999999999 > 1", "too large"),
        ("sum(vehicle.hs6) > 1", "it takes amount"),
    ];
    for (must, expected) in table {
        let shown = of_must(must);
        assert!(shown.contains(expected) && shown.contains("rules.toml:4:") && shown.contains("T-1"), "{must}\n{shown}");
    }
    let nested = format!("{}true{}", "(".repeat(60), ")".repeat(60));
    assert!(of_must(&nested).contains("nests too deep"));
    assert!(of_must(&"true and ".repeat(1000)).contains("bytes are the most"));
}

#[test]
fn a_problem_stands_at_its_column() {
    let rule = format!("[[rule]]\nid = \"T-1\"\neach = \"order\"\nmust = 'true and order.curency == \"USD\"'\n{SOURCED}");
    let found = problems(&pack(&[("rules.toml", &rule)], &["T-1"]));
    assert_eq!((found[0].line, found[0].column), (4, 18), "{}", shown(&found));
}

#[test]
fn every_problem_is_reported_at_once() {
    let rules = r#"
[[rule]]
id = "ke-age"
each = "vehicel"
severity = "fatal"
must = 'vehicle.nothing'
place = "first"
parameters = { Bad = '1', clock = '2' }
effective_from = "2026-01-01"
effective_to = 2026-01-01T10:00:00Z
source = " "
source_url = "ftp://x"
source_kind = "rumour"
checked_on = 2026-02-01
confidence = "D"
stale_after_days = 0
colour = "red"
"#;
    let documents = "[[document]]\nid = \"d\"\ntitle = { en = \"x\" }\nsubject = \"order\"\ntemplate = \"no\"\nlanguage = \"en\"\nrank = -1\nreason = \"R-1\"\n[[document.box]]\nname = \"a\"\nvalue = '1 +'\nrequired = true\n";
    let files = pack(
        &[("rules.toml", rules), ("documents.toml", documents), ("rule.toml", ""), ("milestones.toml", "x = [\n")],
        &["K-1"],
    );
    let shown = shown(&problems(&files));
    let expected = [
        "no rule id",
        "did you mean `vehicle`?",
        "does not know `fatal`",
        "there is no field `vehicle.nothing`",
        "no JSON pointer",
        "`Bad` is no name",
        "`clock` is no name",
        "`effective_from` is string",
        "`effective_to` is datetime",
        "`source` is empty",
        "no web address",
        "does not know `rumour`",
        "does not know `D`",
        "0 days is out of range",
        "no key `colour`",
        "`zh` is missing",
        "there is no template `no`",
        "`rank` is out of range",
        "does not say where",
        "a value is missing before the end",
        "no such file; did you mean `rules.toml`?",
        "milestones.toml:1",
        "R-1: it has no text",
        "ke-age: it has no text",
        "K-1: no rule and no document",
    ];
    for text in expected {
        assert!(shown.contains(text), "{text} is not in\n{shown}");
    }
}

#[test]
fn versions_overlaps_trust_and_texts_are_checked() {
    let version = |from: &str, name: &str| {
        format!(
            "[[rule]]\nid = \"T-1\"\neach = \"order\"\nmust = 'true'\nparameters = {{ {name} = '1' }}\n{}",
            SOURCED.replace("2020-01-01", from)
        )
    };
    let rules = version("2020-01-01", "a") + &version("2021-01-01", "b");
    let locale = "[T-1]\nsays = \"{a}\"\nwhy = \"w\"\nfix = \"f\"\n";
    let found = shown(&problems(&pack(&[("rules.toml", &rules), ("locales/en.toml", locale), ("locales/zh.toml", locale)], &[])));
    assert!(found.contains("two versions are in force on 2021-01-01"), "{found}");
    assert!(found.contains("not every version of the rule gives `{a}`"), "{found}");

    let rule = format!(
        "[[rule]]\nid = \"T-1\"\neach = \"order\"\nmust = 'true'\n{}",
        SOURCED.replace("\"law\"", "\"general-knowledge\"")
    );
    let found = shown(&problems(&pack(&[("rules.toml", &rule)], &["T-1"])));
    assert!(found.contains("use severity \"warn\""), "{found}");
    let common = MANIFEST.replace("\"KE\"", "\"*\"");
    crate::support::compiled(&pack(&[("pack.toml", &common), ("rules.toml", &rule)], &["T-1"]));
}

#[test]
fn milestones_are_kept_and_cycles_reported() {
    let node = |id: &str, after: &str| {
        format!(
            "[[milestone]]\nid = \"{id}\"\ntitle = {{ en = \"x\", zh = \"y\" }}\nowner = \"exporter\"\nafter = [\"{after}\"]\ndue = {{ clock = \"departure\", days = -7 }}\nreminders_days = [3]\n"
        )
    };
    let good = node("a", "contracted") + &node("b", "a");
    let compiled = crate::support::compiled(&pack(&[("milestones.toml", &good)], &[]));
    assert_eq!(compiled.milestones.len(), 2);
    assert_eq!(compiled.milestones[1].due.map(|due| due.days), Some(-7));
    let round = node("a", "b") + &node("b", "a");
    assert!(shown(&problems(&pack(&[("milestones.toml", &round)], &[]))).contains("wait for one another: a, b"));
}

#[test]
fn a_folder_is_read_like_a_map_and_an_empty_one_says_what_is_missing() {
    let folder = std::env::temp_dir().join(format!("roro-pack-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("locales")).unwrap();
    let files = pack(&[], &[]);
    for (name, bytes) in &files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    std::fs::write(folder.join(".hidden"), b"x").unwrap();
    let read = Folder::new(&folder);
    assert_eq!(read.list().unwrap(), files.list().unwrap());
    let compiled = roro_pack::compile::compile(&read, &crate::support::catalogue()).unwrap();
    assert_eq!(compiled.digest, crate::support::compiled(&files).digest);
    std::fs::remove_dir_all(&folder).unwrap();
    let shown = shown(&roro_pack::compile::compile(&read, &crate::support::catalogue()).unwrap_err());
    assert!(shown.contains("the folder cannot be read") && shown.contains("pack.toml: the file is missing"), "{shown}");
}
