use proptest::prelude::*;

use super::*;
use crate::plugin::package::limits::COMPONENT_BYTES_MAX;

const EXAMPLE: &str = include_str!("example.toml");

/// What the house tells of, as the outbox lists it.
const EVENTS: [&str; 2] = ["document.issued", "order.imported"];

/// The example with each piece replaced; a piece must stand there exactly once.
pub(super) fn edited(edits: &[(&str, &str)]) -> String {
    let mut text = EXAMPLE.to_owned();
    for (piece, other) in edits {
        assert_eq!(text.matches(piece).count(), 1, "`{piece}` must stand there once");
        text = text.replace(piece, other);
    }
    text
}

/// The problems of a text, each as `line:column: item: message; fix`.
pub(super) fn problems(text: &str) -> Vec<String> {
    let problems = read("plugin.toml", text, &EVENTS).err().unwrap_or_default();
    problems.iter().map(|problem| problem.to_string().trim_start_matches("plugin.toml:").to_owned()).collect()
}

pub(super) fn example() -> Manifest {
    read("plugin.toml", EXAMPLE, &EVENTS).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn the_example_reads_whole() {
    let manifest = example();
    assert_eq!((manifest.id.as_str(), manifest.version.to_string().as_str()), ("acme-guard", "1.2.0"));
    assert_eq!(manifest.title.get("zh").map(String::as_str), Some("Acme 守卫"));
    assert_eq!((manifest.publisher.as_str(), manifest.licence.as_deref()), ("Acme Ltd", Some("Apache-2.0")));
    assert_eq!((manifest.component.as_deref(), manifest.pack.as_deref()), (Some("acme_guard.wasm"), Some("pack")));
    assert_eq!(manifest.class, Some(Class::Rule));
    let hooks: Vec<_> = manifest.hooks.iter().map(|hook| (hook.name, hook.on_failure, hook.effects.as_slice())).collect();
    let expected: [(HookName, OnFailure, &[Effect]); 2] = [
        (HookName::Documents, OnFailure::Open, &[Effect::Finding]),
        (HookName::App, OnFailure::Park, &[Effect::Hold, Effect::Note]),
    ];
    assert_eq!(hooks, expected);
    let grants: Vec<_> = manifest.grants.iter().map(|grant| grant.name).collect();
    let asked = [GrantName::Config, GrantName::Secrets, GrantName::Records, GrantName::Events, GrantName::Fetch];
    assert_eq!(grants, asked);
    assert_eq!(manifest.grants[4].hosts, ["api.example.com", "*.bureau.example:8443"]);
    let defaults: Vec<_> = manifest.config.iter().map(|setting| (setting.key.as_str(), setting.default.as_deref())).collect();
    let expected = [
        ("greeting", Some("Dear Sir or Madam")),
        ("days", Some("30")),
        ("credit_limit", None),
        ("strict", Some("false")),
        ("mode", Some("warn")),
        ("since", Some("2026-01-01")),
        ("api_key", None),
    ];
    assert_eq!(defaults, expected);
    assert_eq!((manifest.config[1].minimum, manifest.config[1].maximum), (Some(0), Some(90)));
    assert_eq!((manifest.config[0].length_max, manifest.config[6].length_max), (Some(60), Some(200)));
    let contacts = &manifest.collections[0];
    assert!(contacts.fields[0].required && contacts.fields[0].personal && !contacts.fields[1].personal);
    assert_eq!(contacts.indexes, [Index { fields: vec!["party".to_owned(), "name".to_owned()], unique: true }]);
    assert_eq!(manifest.events, ["order.imported"]);
    assert_eq!(manifest.schedule, [Schedule { name: "daily-follow-up".to_owned(), every: Every::Day }]);
    assert_eq!(manifest.limits, Limits { fuel: Some(50_000_000), memory_mib: Some(16), records_max: 5_000 });
}

#[test]
fn what_was_read_survives_json() {
    let manifest = example();
    let json = serde_json::to_string(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
}

#[test]
fn a_plugin_that_is_only_a_pack_needs_no_more_than_its_name() {
    let top = EXAMPLE.split("\n[[hooks]]").next().unwrap();
    let text = top.replace("component = \"acme_guard.wasm\"\n", "").replace("class = \"rule\"\n", "");
    assert_eq!(problems(&text), [""; 0]);
    let manifest = read("plugin.toml", &text, &[]).unwrap();
    assert_eq!((manifest.component, manifest.class, manifest.hooks, manifest.limits), (None, None, vec![], Limits::default()));
}

#[test]
fn a_renderer_needs_its_hook_and_nothing_else() {
    let top = EXAMPLE.split("\n[[hooks]]").next().unwrap().replace("class = \"rule\"", "class = \"renderer\"");
    let hook = "\n[[hooks]]\nname = \"render\"\ncontract = \"0.1.0\"\non_failure = \"closed\"\n";
    assert_eq!(problems(&format!("{top}{hook}")), [""; 0]);
}

#[test]
fn every_problem_is_named_at_once() {
    let text = edited(&[
        ("id = \"acme-guard\"", "id = \"Acme\""),
        ("on_failure = \"park\"", "on_failure = \"open\""),
        ("minimum = 0", "minimum = 99"),
        ("key = \"party\"", "key = \"partner\""),
        ("fuel = 50000000", "feul = 50000000"),
    ]);
    let lines: Vec<String> =
        problems(&text).iter().map(|problem| problem.split(':').next().unwrap_or_default().to_owned()).collect();
    // The default below the bounds, the bounds that cross, and the index that lost its field.
    assert_eq!(lines, ["2", "21", "60", "61", "117", "128"]);
}

#[test]
fn what_has_nothing_in_it_is_refused() {
    let top = EXAMPLE.split("\n[[hooks]]").next().unwrap();
    let says = "8:13: a component without a hook is never called; add [[hooks]] with `name`, `contract` and `on_failure`";
    assert_eq!(problems(top), [says]);
    let above = EXAMPLE.split("[[collections.fields]]").next().unwrap();
    let says = "94:1: collection contacts: the collection has no fields; add [[collections.fields]] with `key` and `kind`";
    assert_eq!(problems(above), [says]);
}

#[test]
fn a_file_that_is_no_toml_is_read_as_far_as_it_goes() {
    let problems = problems(&edited(&[("fuel = 50000000", "fuel ="), ("every = \"1d\"", "every = \"2d\"")]));
    assert!(problems[0].starts_with("125:9: schedule daily-follow-up: "), "{problems:?}");
    assert!(problems[1].starts_with("128:7: the TOML cannot be read: "), "{problems:?}");
}

#[test]
fn a_file_that_is_too_large_is_one_problem() {
    let text = format!("{EXAMPLE}#{}", "x".repeat(MANIFEST_BYTES_MAX));
    let expected = format!("plugin.toml: the file has {} bytes; keep it below {MANIFEST_BYTES_MAX} bytes", text.len());
    let problems = read("plugin.toml", &text, &EVENTS).unwrap_err();
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
}

#[test]
fn too_many_of_anything_are_refused() {
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>();
    let title = "title = { en = \"One\", zh = \"一\" }";
    let hosts = many(21, &|n| format!("\"h{n}.example.com\"")).join(", ");
    let words = many(51, &|n| format!("\"w{n}\"")).join(", ");
    let settings = many(54, &|n| format!("[[config]]\nkey = \"s{n}\"\nkind = \"text\"\n{title}\n")).concat();
    let fields = many(58, &|n| format!("[[collections.fields]]\nkey = \"f{n}\"\nkind = \"text\"\n{title}\n")).concat();
    let indexes = many(10, &|_| "[[collections.indexes]]\nfields = [\"name\"]\n".to_owned()).concat();
    let collections = many(20, &|n| {
        format!("[[collections]]\nname = \"c{n}\"\n{title}\n[[collections.fields]]\nkey = \"name\"\nkind = \"text\"\n{title}\n")
    });
    let schedule = many(20, &|n| format!("[[schedule]]\nname = \"s{n}\"\nevery = \"7d\"\n")).concat();
    let (name, sentence) = (format!("\"{}\"", "x".repeat(81)), format!("\"{}\"", "x".repeat(301)));
    let rows = [
        ("\"Days of credit\"", name, "59:9: setting days: `title` has 81 characters; write at most 80"),
        ("\"To keep contacts.\"", sentence, "34:10: grant records: `reason` has 301 characters; write at most 300"),
        ("\"api.example.com\"", hosts, "43:9: grant fetch: `hosts` has 22 entries; name at most 20"),
        (
            "choices = [\"warn\", \"hold\"]",
            format!("choices = [\"warn\", {words}]"),
            "80:11: setting mode: `choices` has 52 entries; name at most 50",
        ),
        (
            "[[collections.indexes]]",
            format!("{fields}[[collections.indexes]]"),
            "98:1: collection contacts: [[fields]] is there 61 times; keep at most 60",
        ),
        (
            "[[collections.indexes]]",
            format!("{indexes}[[collections.indexes]]"),
            "116:1: collection contacts: [[indexes]] is there 11 times; keep at most 10",
        ),
        ("[[events]]", format!("{}[[events]]", collections.concat()), "94:1: [[collections]] is there 21 times; keep at most 20"),
        ("[[events]]", format!("{settings}[[events]]"), "48:1: [[config]] is there 61 times; keep at most 60"),
        ("[limits]", format!("{schedule}[limits]"), "123:1: [[schedule]] is there 21 times; keep at most 20"),
    ];
    for (piece, other, expected) in rows {
        assert_eq!(problems(&edited(&[(piece, &other)])), [expected]);
    }
}

/// The manifest names the classes of the engine and must not promise more than they give.
#[test]
fn the_classes_are_those_of_the_engine() {
    let of_engine = [roro_engine::Limits::rule(0), roro_engine::Limits::interpreted(0), roro_engine::Limits::renderer(0)];
    for (class, limits) in Class::ALL.iter().zip(&of_engine) {
        assert_eq!(class.as_str(), limits.class.as_str());
        assert_eq!(class.fuel_base(), limits.fuel);
        assert_eq!(u64::from(class.memory_base_mib()) * 1024 * 1024, limits.memory_bytes);
    }
    assert_eq!(Class::ALL.len(), of_engine.len());
    assert_eq!(COMPONENT_BYTES_MAX, roro_engine::limits::COMPONENT_BYTES_MAX as u64);
}

#[test]
fn every_period_is_what_its_word_says() {
    let hours = |every: Every| every.period().as_secs() / 3600;
    assert_eq!(Every::ALL.iter().map(|every| hours(*every)).collect::<Vec<_>>(), [0, 0, 1, 6, 12, 24, 168]);
    assert_eq!(Every::QuarterHour.period() * 2, Every::HalfHour.period());
}

const KEYS: &str = "format|id|name|key|kind|hosts|default|minimum|length_max|choices|fields|every|component|class|limits|hooks";
const VALUES: &str = "\"\\PC{0,12}\"|-?[0-9]{1,22}|true|\\[\"[a-z.*:]{0,9}\", \"x\"\\]|\\{ en = \"x\" \\}|2026-01-01|1\\.5";

/// A line of the example, or something that could stand in its place.
fn any_line() -> impl Strategy<Value = String> {
    let lines: Vec<String> = EXAMPLE.lines().map(str::to_owned).collect();
    let pair = (KEYS, VALUES).prop_map(|(key, value)| format!("{key} = {value}"));
    prop_oneof![6 => proptest::sample::select(lines), 3 => pair, 1 => "\\PC{0,30}"]
}

proptest! {
    #[test]
    fn no_text_panics_and_none_is_refused_without_a_reason(text in "\\PC{0,200}") {
        prop_assert!(read("plugin.toml", &text, &EVENTS).is_err_and(|problems| !problems.is_empty()));
    }

    #[test]
    fn no_mixture_of_lines_panics(lines in prop::collection::vec(any_line(), 0..80)) {
        if let Err(problems) = read("plugin.toml", &lines.join("\n"), &EVENTS) {
            prop_assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.fix.is_empty()));
        }
    }

    #[test]
    fn no_line_in_place_of_another_panics(at in 0..130_usize, line in any_line()) {
        let mut lines: Vec<&str> = EXAMPLE.lines().collect();
        lines[at] = &line;
        if let Err(problems) = read("plugin.toml", &lines.join("\n"), &EVENTS) {
            prop_assert!(!problems.is_empty());
        }
    }
}
