//! Whole jobs through the library: what a template may do, what it may not, and that no value is ever more than text.
//!
//! The page's text is read from Typst's layout, so these tests need no tool; `tests/pdf.rs` reads the PDF itself with poppler.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;

/// Files in memory, and no font beyond the carried ones.
#[derive(Default)]
struct Files(BTreeMap<&'static str, Vec<u8>>);

impl Files {
    fn with(mut self, path: &'static str, text: &str) -> Self {
        self.0.insert(path, text.as_bytes().to_vec());
        self
    }

    fn render(self, template: &str, data: &serde_json::Value) -> Result<Rendered, Error> {
        let mut data = data.clone();
        data["doc"] = serde_json::json!({ "date": "2026-03-01" });
        let job = Job {
            template: template.to_owned(),
            data: serde_json::to_vec(&data).unwrap(),
            title: "Paper".to_owned(),
            language: "en".to_owned(),
        };
        let sources: Arc<dyn Sources> = Arc::new(self);
        render_jobs(&sources, &[job]).map(|mut all| all.remove(0)).map_err(|(index, error)| {
            assert_eq!(index, 0);
            error
        })
    }

    /// The filled template of a text finish.
    fn text(self, template: &str, data: &serde_json::Value) -> String {
        String::from_utf8(self.render(template, data).unwrap().bytes).unwrap()
    }
}

impl Sources for Files {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }

    fn fonts(&self) -> Vec<FontSource> {
        Vec::new()
    }

    fn font_file(&self, _: usize) -> Option<Vec<u8>> {
        None
    }
}

fn files(template: &str) -> Files {
    Files::default()
        .with("t/a.typ.j2", template)
        .with("t/a.csv.j2", template)
        .with("t/a.html.j2", template)
        .with("t/a.json.j2", template)
}

fn refusal(template: &str, data: &serde_json::Value) -> String {
    files(template).render("t/a.typ.j2", data).expect_err("refused").to_string()
}

/// Text that would do something if any layer read it as more than text.
fn hostile() -> Vec<&'static str> {
    vec![
        "*bold* _it_ `raw` $x^2$ = Heading",
        "#eval(\"1 + 1\")",
        "#panic(\"out\")",
        "#set page(width: 1pt)",
        "\"; panic(\"out\"); \"",
        "\\\" + panic(\"out\") + \\\"",
        "back\\slash \\u{41} \\",
        "{{ 7 * 7 }} {% raw %} {# gone #}",
        "{{ buyer }}{% include \"/etc/passwd\" %}",
        "=HYPERLINK(\"http://x\",\"y\")",
        "@SUM(A1) +1 -1",
        "<script>alert(1)</script> &amp; 'q'",
        "</text> // comment /* block */ <label> @ref",
        "http://example.com/ ~ -- --- ... \u{a0}",
        "[content] (a, b) #[x] #{ 1 }",
        "- item\n+ item\n/ term: x\n= heading",
        "line one\r\nline two\rline three\u{2028}line four",
        "bell\u{7} escape\u{1b} null\u{0} delete\u{7f} reorder\u{202e}",
        "",
        " ",
        "\u{fb01} e\u{301} \u{200d}",
    ]
}

#[test]
fn a_value_is_one_string_token_whatever_it_holds() {
    for value in hostile() {
        // The template compares what Typst got with the text, character by character.
        let shown = value.replace("\r\n", "\n").replace(['\r', '\u{2028}'], "\n");
        let shown: String = shown
            .chars()
            .map(|c| {
                if (c.is_control() && c != '\n') || c == '\u{202e}' { format!("[U+{:04X}]", u32::from(c)) } else { c.to_string() }
            })
            .collect();
        let points: Vec<String> = shown.chars().map(|c| u32::from(c).to_string()).collect();
        let template = format!(
            "#let got = {{{{ buyer }}}}\n#let want = ({}).map(str.from-unicode).sum(default: \"\")\n#assert(type(got) == str)\n\
             #assert.eq(got, want)\n{{% set kept %}}{{{{ buyer }}}}{{% endset %}}#assert.eq({{{{ kept }}}}, want)\n",
            points.iter().map(|point| format!("{point},")).collect::<String>()
        );
        let rendered = files(&template).render("t/a.typ.j2", &serde_json::json!({ "buyer": value }));
        assert_eq!(rendered.map(|rendered| rendered.pages), Ok(1), "{value:?}");
    }
}

#[test]
fn a_value_in_text_position_prints_the_same_as_in_code() {
    for value in hostile() {
        let template = "Buyer: #{{ buyer }}, and #text(weight: \"bold\", {{ buyer }}).";
        let rendered = files(template).render("t/a.typ.j2", &serde_json::json!({ "buyer": value }));
        assert_eq!(rendered.map(|rendered| rendered.pages), Ok(1), "{value:?}");
    }
}

#[test]
fn a_value_outside_code_is_refused_with_its_line() {
    for template in
        ["x\nBuyer: {{ buyer }}", "x\n= {{ buyer }}", "x\n`{{ buyer }}`", "x\n#text[{{ buyer }}]", "x\n[{{ buyer }}](b)"]
    {
        let message = refusal(template, &serde_json::json!({ "buyer": "#panic()" }));
        assert!(message.starts_with("t/a.typ.j2, line 2 of the filled template"), "{message}");
    }
}

#[test]
fn a_value_inside_another_literal_is_refused() {
    for buyer in ["abc", "panic", "a\"b", "x + y", "\\", "1"] {
        let message = refusal("#let x = \"Dear {{ buyer }}\"", &serde_json::json!({ "buyer": buyer }));
        assert!(message.contains("t/a.typ.j2, line 1"), "{message}");
    }
}

#[test]
fn no_filter_or_tag_lets_a_value_through_unescaped() {
    let data = serde_json::json!({ "evil": "#panic(1)" });
    for filter in ["safe", "escape", "e", "tojson", "format", "indent", "list", "string", "urlencode", "pprint", "attr(0)"] {
        let message = refusal(&format!("#let x = {{{{ evil | {filter} }}}}"), &data);
        assert!(message.contains("unknown filter"), "{filter}: {message}");
    }
    let unescaped = [
        "{% autoescape false %}#let x = {{ evil }}\n#assert.eq(x.len(), 9){% endautoescape %}",
        "{% autoescape 'none' %}#let x = {{ evil }}{% endautoescape %}",
        "{% set y %}{{ evil }}{% endset %}#let x = {{ y | replace('\"', '') }}\n#assert.eq(type(x), str)",
        "{% set y %}{{ evil }}{% endset %}#let x = {{ y[1:-1] }}\n#assert.eq(type(x), str)",
        "{% set y %}{{ evil }}{% endset %}#let x = {{ y ~ '' }}\n#assert.eq(type(x), str)",
        "{% set y %}{{ evil }}{% endset %}#let x = {{ [y, y] | join('') }}\n#assert.eq(type(x), str)",
        "{% set y %}{{ evil }}{% endset %}#let x = {{ y | reverse }}\n#assert.eq(type(x), str)",
        "{% set y %}{{ evil }}{% endset %}#let x = ({% for c in y | split('') %}{{ c }},{% endfor %})\n#assert(x.all(c => type(c) == str))",
        "{% macro m(v) %}({{ v }}, {{ caller() }}){% endmacro %}#let x = {% call m(evil) %}{{ evil }}{% endcall %}\n#assert.eq(x.at(0), x.at(1))",
    ];
    for template in unescaped {
        let rendered = files(template).render("t/a.typ.j2", &data);
        assert!(
            rendered.is_ok()
                || matches!(&rendered, Err(Error::Template(text)) if text.contains("autoescape") || text.contains("escaping")),
            "{template}: {rendered:?}"
        );
    }
}

#[test]
fn typst_can_neither_evaluate_text_nor_read_files() {
    let data = serde_json::json!({ "evil": "1 + 1" });
    let closed = [
        ("#eval({{ evil }})", "unknown variable: eval"),
        ("#std.eval({{ evil }})", "does not contain `eval`"),
        ("#plugin(\"x.wasm\")", "unknown variable: plugin"),
        ("#read(\"a.typ.j2\")", "reads no file but"),
        ("#include \"a.typ\"", "reads no file but"),
        ("#import \"@preview/tablex:0.0.8\": *", "reads no file but"),
        ("#json(\"/data.json\")", "reads no file but"),
        ("#image(\"../../../secret.svg\")", ""),
        ("#image(\"missing.svg\")", "missing.svg"),
        ("#datetime.today()", "current date"),
    ];
    for (template, reason) in closed {
        let message = refusal(template, &data);
        assert!(message.contains(reason), "{template}: {message}");
    }
}

#[test]
fn an_undefined_or_null_field_names_file_line_and_field() {
    let data = serde_json::json!({ "buyer": { "name": "A", "tax": null }, "lines": [] });
    let cases = [
        ("a\n#{{ buyer.nmae }}", "buyer.nmae"),
        ("a\n#{{ byer.name }}", "byer"),
        ("a\n{% if buyer.vat %}x{% endif %}", "buyer.vat"),
        ("a\n{% for line in lnes %}x{% endfor %}", "lnes"),
        ("a\n#{{ buyer.total | money }}", "buyer.total"),
        ("a\n#{{ buyer.day | date }}", "buyer.day"),
        ("a\n#{{ buyer.n | int }}", "buyer.n"),
        ("a\n#{{ buyer.s | upper }}", "buyer.s"),
        ("a\n#{{ buyer.s | join }}", "buyer.s"),
        ("a\n#{{ qr(buyer.q) }}", "buyer.q"),
        ("a\n#{{ buyer.tax }}", "buyer.tax"),
        ("a\n#{{ buyer }}", "buyer"),
        ("a\n#{{ 7 / 2 }}", "7 / 2"),
    ];
    for (template, field) in cases {
        let message = refusal(template, &data);
        assert!(message.starts_with("t/a.typ.j2:2: "), "{template}: {message}");
        assert!(message.contains(field), "{template}: {message}");
    }
    let fine = "#{{ buyer.vat | default('–') }} #{{ buyer.tax | default('–', true) }}{% if buyer.vat is defined %}x{% endif %}";
    assert!(files(fine).render("t/a.typ.j2", &data).is_ok());
}

#[test]
fn parts_are_read_by_path_and_written_in_the_finish_of_their_document() {
    let data = serde_json::json!({ "name": "=1+1" });
    let set = || {
        Files::default()
            .with("a/main.csv.j2", "{% include 'b/part.typ.j2' %},{% from 'b/macros.csv.j2' import cell %}{{ cell(name) }}")
            .with("b/part.typ.j2", "{{ name }}")
            .with("b/macros.csv.j2", "{% macro cell(x) %}{{ x }}{% endmacro %}")
    };
    assert_eq!(set().text("a/main.csv.j2", &data), "\"'=1+1\",\"'=1+1\"");
    let broken = set().with("b/part.typ.j2", "x\n{{ nobody }}").render("a/main.csv.j2", &data).unwrap_err().to_string();
    assert!(broken.starts_with("b/part.typ.j2:2: ") && broken.contains("nobody"), "{broken}");
    let absent = Files::default().with("a.csv.j2", "{% include 'none.j2' %}").render("a.csv.j2", &data).unwrap_err();
    assert!(matches!(&absent, Error::Template(text) if text.contains("none.j2")), "{absent:?}");
    assert_eq!(Files::default().render("x.csv.j2", &data), Err(Error::UnknownTemplate("x.csv.j2".to_owned())));
    assert!(matches!(Files::default().render("x.txt", &data), Err(Error::Template(_))));
}

#[test]
fn csv_fields_are_quoted_and_formulas_shown_as_text() {
    let cases = [
        ("=1+1", "\"'=1+1\""),
        ("+254 20", "\"'+254 20\""),
        ("-cmd", "\"'-cmd\""),
        ("-12,500.00", "\"-12,500.00\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("  =1", "\"'  =1\""),
        ("\t=1", "\"' =1\""),
        ("\r=1", "\"'\n=1\""),
        ("＝1", "\"'＝1\""),
        ("say \"hi\", all", "\"say \"\"hi\"\", all\""),
        ("plain", "\"plain\""),
    ];
    for (value, expected) in cases {
        assert_eq!(files("{{ v }}").text("t/a.csv.j2", &serde_json::json!({ "v": value })), expected, "{value:?}");
    }
    assert_eq!(files("{{ v }}").text("t/a.csv.j2", &serde_json::json!({ "v": -5 })), "\"-5\"");
}

#[test]
fn html_and_json_are_escaped() {
    let data = serde_json::json!({ "v": "<a href='x'>\"&\u{1}" });
    assert_eq!(files("{{ v }}").text("t/a.html.j2", &data), "&lt;a href&#61;&#39;x&#39;&gt;&quot;&amp;[U+0001]");
    assert_eq!(files("{\"v\": {{ v }}}").text("t/a.json.j2", &data), "{\"v\": \"\\u003ca href='x'\\u003e\\\"\\u0026\\u0001\"}");
    let list = serde_json::json!({ "v": [1, true, null, { "a": "b" }] });
    assert_eq!(files("{{ v }}").text("t/a.json.j2", &list), "[1,true,null,{\"a\":\"b\"}]");
}

#[test]
fn filters_write_exact_figures() {
    let data = serde_json::json!({
        "price": { "minor": 1_250_050, "currency": "USD" }, "grams": 1_480_500, "cm3": 13_481_952, "day": "2026-03-01",
        "rate": { "mantissa": 70_125, "scale": 4 }, "ppm": 125_000, "lines": [{ "n": 2 }, { "n": 3 }], "yen": 1_250_000,
    });
    let cases = [
        ("price | money", "12,500.50"),
        ("price | money(code=true)", "USD 12,500.50"),
        ("yen | money('JPY')", "1,250,000"),
        ("price | amount_in_words", "US DOLLARS TWELVE THOUSAND FIVE HUNDRED AND CENTS FIFTY ONLY"),
        ("price | amount_in_words('zh')", "美元壹万贰仟伍佰元伍角整"),
        ("yen | amount_in_words('en', 'JPY')", "JAPANESE YEN ONE MILLION TWO HUNDRED FIFTY THOUSAND ONLY"),
        ("grams | kg", "1,480.5"),
        ("grams | kg(0)", "1,480"),
        ("cm3 | m3", "13.482"),
        ("volume(4650, 1825, 1700) | m3(2)", "14.43"),
        ("day | date", "01 Mar 2026"),
        ("rate | decimal", "7.0125"),
        ("ppm | percent", "12.5"),
        ("yen | thousands", "1,250,000"),
        ("lines | sum(attribute='n')", "5"),
        ("lines | map(attribute='n') | join(', ')", "2, 3"),
        ("lines | length", "2"),
        ("day | upper | replace('-', '/')", "2026/03/01"),
    ];
    for (expression, expected) in cases {
        let text = files(&format!("{{{{ {expression} }}}}")).text("t/a.csv.j2", &data);
        assert_eq!(text, format!("\"{expected}\""), "{expression}");
    }
    let bare =
        "#assert.eq({{ yen | int }} + 1, 1250001)\n#assert.eq({{ true | bool }}, true)\n#assert.eq({{ yen }}, \"1250000\")";
    assert!(files(bare).render("t/a.typ.j2", &data).is_ok());
}

#[test]
fn data_that_is_no_object_or_holds_a_fraction_is_refused() {
    let job = |data: &str| Job { template: "t.csv.j2".into(), data: data.into(), title: String::new(), language: "en".into() };
    let sources: Arc<dyn Sources> = Arc::new(Files::default().with("t.csv.j2", "x"));
    for (data, reason) in [("[]", "not a JSON object"), ("{", "not JSON"), ("{\"a\":[1.5]}", "/a/0"), ("{\"a\":1e300}", "/a")] {
        let (_, error) = render_jobs(&sources, &[job(data)]).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_missing_glyph_names_the_character_and_the_field() {
    let data = serde_json::json!({ "buyer": { "name": "Ann 𓀀" }, "other": ["x", "y 𓀀"] });
    let error = files("#{{ buyer.name }}").render("t/a.typ.j2", &data).unwrap_err();
    let Error::MissingGlyph(text) = &error else { panic!("{error:?}") };
    assert!(text.contains("𓀀 (U+13000)") && text.contains("/buyer/name"), "{text}");
}

#[test]
fn a_qr_code_and_a_picture_of_the_pack_are_drawn() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><rect width=\"9\" height=\"9\"/></svg>";
    let template = "#image(\"logo.svg\", width: 9mm) #image(\"/t/logo.svg\") #{{ qr(text) }} #box({{ qr(text, size='30mm') }})";
    let set = files(template).with("t/logo.svg", svg);
    let rendered = set.render("t/a.typ.j2", &serde_json::json!({ "text": "https://roro/x \" #panic()" })).unwrap();
    assert_eq!((rendered.media_type, rendered.pages), ("application/pdf", 1));
    let refused = refusal("#{{ qr(text, size='1mm) + panic(') }}", &serde_json::json!({ "text": "x" }));
    assert!(refused.contains("is no size"), "{refused}");
}

#[test]
fn the_same_jobs_give_the_same_bytes_and_pages_are_counted() {
    let template = "#set page(footer: context [#counter(page).display(\"1 / 1\", both: true)])\n{% for n in range(3) %}Page #{{ n }}#pagebreak(weak: true)\n{% endfor %}#{{ qr('a') }}";
    let data = serde_json::json!({});
    let first = files(template).render("t/a.typ.j2", &data).unwrap();
    forget();
    let second = files(template).render("t/a.typ.j2", &data).unwrap();
    assert_eq!(first.pages, 4);
    assert!(first == second, "the bytes differ");
    assert!(first.bytes.starts_with(b"%PDF-1.7"));
}

#[test]
fn the_first_job_that_fails_is_named_by_its_place() {
    let job = |template: &str| Job {
        template: template.into(),
        data: br#"{"doc":{"date":"2026-03-01"}}"#.to_vec(),
        title: "T".into(),
        language: "en".into(),
    };
    let sources: Arc<dyn Sources> = Arc::new(files("fine").with("b.typ.j2", "#panic(\"stop\")"));
    let (index, error) = render_jobs(&sources, &[job("t/a.typ.j2"), job("t/a.csv.j2"), job("b.typ.j2")]).unwrap_err();
    assert_eq!(index, 2);
    assert!(matches!(&error, Error::Layout(text) if text.contains("b.typ.j2, line 1") && text.contains("stop")), "{error:?}");
}
