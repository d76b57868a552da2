//! Reads the PDF back with poppler (`pdftotext`, `pdfinfo`, Debian's poppler-utils) and with the fetched fonts of `cargo xtask fonts`.
//! `cargo xtask test` provides both; a run without them fails and says so.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test end it at the first thing that is wrong"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use roro_renderer::{FontSource, Job, Rendered, Sources, render_jobs};

/// One template in memory, the fonts of the data folder, and a record of the fonts that were read.
struct Desk {
    template: String,
    fonts: Vec<(FontSource, PathBuf)>,
    read: Mutex<Vec<String>>,
    listed: AtomicUsize,
}

impl Sources for Desk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        (path == "t/paper.typ.j2").then(|| self.template.clone().into_bytes())
    }

    fn fonts(&self) -> Vec<FontSource> {
        self.listed.fetch_add(1, Ordering::Relaxed);
        self.fonts.iter().map(|(font, _)| font.clone()).collect()
    }

    fn font_file(&self, index: usize) -> Option<Vec<u8>> {
        let (font, path) = self.fonts.get(index)?;
        self.read.lock().unwrap().push(font.family.clone());
        std::fs::read(path).ok()
    }
}

fn fetched_fonts() -> Vec<(FontSource, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fonts");
    let manifest = std::fs::read_to_string(folder.join("fonts.toml")).expect("the fonts are there: run `cargo xtask fonts`");
    manifest.split("[[font]]").skip(1).map(|entry| font_of(&folder, entry)).collect()
}

fn font_of(folder: &Path, entry: &str) -> (FontSource, PathBuf) {
    let fields: BTreeMap<&str, &str> =
        entry.lines().filter_map(|line| line.split_once(" = ")).map(|(name, value)| (name, value.trim_matches('"'))).collect();
    (FontSource { family: fields["family"].to_owned(), bytes: fields["bytes"].parse().unwrap() }, folder.join(fields["file"]))
}

fn desk(template: &str) -> Arc<Desk> {
    Arc::new(Desk { template: template.to_owned(), fonts: fetched_fonts(), read: Mutex::default(), listed: AtomicUsize::new(0) })
}

fn render(desk: &Arc<Desk>, data: &serde_json::Value, language: &str) -> Rendered {
    let mut data = data.clone();
    data["doc"] = serde_json::json!({ "date": "2026-03-01" });
    let job = Job {
        template: "t/paper.typ.j2".to_owned(),
        data: serde_json::to_vec(&data).unwrap(),
        title: "Commercial invoice «1»".to_owned(),
        language: language.to_owned(),
    };
    let sources: Arc<dyn Sources> = Arc::<Desk>::clone(desk);
    render_jobs(&sources, &[job]).unwrap().remove(0)
}

/// What a poppler tool says of a PDF.
fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut child = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{tool} cannot be started ({error}): install poppler-utils"));
    let mut input = child.stdin.take().unwrap();
    input.write_all(pdf).unwrap();
    drop(input);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn text(pdf: &[u8]) -> String {
    poppler("pdftotext", &["-layout", "-enc", "UTF-8", "-", "-"], pdf)
}

#[test]
fn latin_papers_read_only_the_latin_fonts_that_they_use() {
    let desk = desk("#set page(paper: \"a4\")\n#{{ name }} *total* #mono({{ vin }})");
    let rendered = render(&desk, &serde_json::json!({ "name": "Ōta & Müller Ltd", "vin": "LSVAU2180E2100012" }), "en");
    let words = text(&rendered.bytes);
    assert!(words.contains("Ōta & Müller Ltd") && words.contains("LSVAU2180E2100012"), "{words}");
    let mut read = desk.read.lock().unwrap().clone();
    read.sort();
    assert_eq!(read, ["IBM Plex Mono", "IBM Plex Sans", "IBM Plex Sans Bold"]);
    assert_eq!(desk.listed.load(Ordering::Relaxed), 1);
}

#[test]
fn chinese_and_japanese_have_glyphs_and_can_be_copied() {
    let desk = desk("#{{ a }}\n\n#{{ b }}\n\n#text(font: \"Libertinus Serif\", {{ a }})\n\n#mono({{ b }})");
    let rendered =
        render(&desk, &serde_json::json!({ "a": "中华人民共和国海关出口货物报关单", "b": "横浜市鶴見区大黒ふ頭カー" }), "zh");
    let words = text(&rendered.bytes);
    assert_eq!(words.matches("中华人民共和国海关出口货物报关单").count(), 2, "{words}");
    assert_eq!(words.matches("横浜市鶴見区大黒ふ頭カー").count(), 2, "{words}");
    assert!(desk.read.lock().unwrap().iter().filter(|family| *family == "Noto Sans SC").count() == 1);
}

#[test]
fn hostile_text_is_printed_as_it_was_written() {
    let hostile = [
        "#eval(\"1+1\")",
        "*bold* _it_ `raw` $x^2$",
        "{{ 7 * 7 }} {% raw %}",
        "=HYPERLINK(\"http://x\")",
        "\"; panic(1); \"",
        "\\u{41} back\\slash",
        "<label> @ref // gone /* gone */",
        "#[x] #{1} -- --- ... ~",
    ];
    let desk = desk("{% for line in lines %}#{{ line }}\n\n#table(columns: 1, {{ line }})\n\n{% endfor %}");
    let rendered = render(&desk, &serde_json::json!({ "lines": hostile }), "en");
    let words = text(&rendered.bytes);
    for line in hostile {
        assert_eq!(words.matches(line).count(), 2, "{line} in {words}");
    }
}

#[test]
fn the_file_is_pdf_a_2u_with_its_title_and_date() {
    let rendered =
        render(&desk("{% for n in range(3) %}#{{ n }}#pagebreak(weak: true)\n{% endfor %}end"), &serde_json::json!({}), "en");
    let facts = poppler("pdfinfo", &["-"], &rendered.bytes);
    assert!(facts.contains("Commercial invoice «1»") && facts.contains("Mar  1 00:00:00 2026"), "{facts}");
    let pages = facts.lines().find_map(|line| line.strip_prefix("Pages:")).map(str::trim).unwrap();
    assert_eq!(pages, rendered.pages.to_string());
    let metadata = poppler("pdfinfo", &["-meta", "-"], &rendered.bytes);
    assert!(
        metadata.contains("<pdfaid:part>2</pdfaid:part>") && metadata.contains("<pdfaid:conformance>U</pdfaid:conformance>"),
        "{metadata}"
    );
}
