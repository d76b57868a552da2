//! Setting pages with Typst and writing them as PDF/A-2u.
//!
//! A `Press` lives for one call and prints one document after another: fonts, the standard library and Typst's own memo are shared.
//! `world` closes Typst off from everything but assets of the packs, `fonts` reads font files when a glyph asks for them, `lint` refuses values
//! that stand in markup, `glyphs` refuses pages with missing characters. There is no clock: a PDF holds no time unless its template sets one.

mod fonts;
mod glyphs;
mod lint;
mod world;

use std::sync::Arc;

use typst::WorldExt as _;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::template::{civil_date, typst_literal};
use crate::{Error, Job, Sources};
use fonts::Fonts;
use world::{Sheet, Shelf};

/// The text that a line of an error message quotes at most, in characters.
const QUOTE_CHARS_MAX: usize = 160;

/// Sets the documents of one call.
pub(crate) struct Press {
    shelf: Arc<Shelf>,
}

impl Press {
    pub(crate) fn new(sources: Arc<dyn Sources>) -> Self {
        Self { shelf: Arc::new(Shelf::new(sources)) }
    }

    /// The PDF and its number of pages.
    pub(crate) fn print(&self, job: &Job, text: &str, data: &serde_json::Value) -> Result<(Vec<u8>, u32), Error> {
        let prelude = prelude(job, data);
        let prelude_lines = prelude.matches('\n').count();
        let sheet = Sheet::new(Arc::clone(&self.shelf), &job.template, format!("{prelude}{text}"))?;
        let report = Report { sheet: &sheet, template: &job.template, prelude_lines };
        if let Some(at) = lint::value_in_markup(sheet.root()) {
            return Err(Error::Template(format!(
                "{}: a value stands where Typst reads text or another string: write `#{{{{ … }}}}` in text, `\"…\" + {{{{ … }}}}` beside a string",
                report.place(at)
            )));
        }
        let document: PagedDocument = typst::compile(&sheet).output.map_err(|errors| Error::Layout(report.sentence(&errors)))?;
        glyphs::check(document.pages(), data)?;
        let bytes = typst_pdf::pdf(&document, &options(job)?).map_err(|errors| report.refusal(&errors))?;
        let pages = u32::try_from(document.pages().len())
            .map_err(|_| Error::Layout(format!("{}: too many pages: split the document", job.template)))?;
        // What the last two documents did not use goes: the pages of 400 vehicles would fill the sandbox's memory otherwise.
        typst::comemo::evict(1);
        Ok((bytes, pages))
    }
}

/// Drops what Typst remembers between documents. A component forgets by dying; a process that links the library calls this where a
/// component would have died.
pub fn forget() {
    typst::comemo::evict(0);
}

/// What stands before a template's own first line. The date that PDF/A asks for is the document's own, `doc.date` of its data.
fn prelude(job: &Job, data: &serde_json::Value) -> String {
    let date = data.pointer("/doc/date").and_then(serde_json::Value::as_str).and_then(civil_date);
    let date =
        date.map(|(year, month, day)| format!(", date: datetime(year: {year}, month: {month}, day: {day})")).unwrap_or_default();
    let families = list(&fonts::SANS);
    let mono = list(&fonts::MONO);
    let (title, language) = (typst_literal(&job.title), typst_literal(&job.language));
    let region = match job.language.as_str() {
        "zh" => ", region: \"cn\"",
        _ => "",
    };
    format!(
        "#set document(title: {title}{date})\n#let fallback_fonts = {families}\n#set text(lang: {language}{region}, font: fallback_fonts)\n\
         #let mono(body) = text(font: {mono}, body)\n"
    )
}

fn list(families: &[&str]) -> String {
    let quoted: Vec<String> = families.iter().map(|family| format!("\"{family}\"")).collect();
    format!("({})", quoted.join(", "))
}

fn options(job: &Job) -> Result<PdfOptions, Error> {
    let standards = PdfStandards::new(&[PdfStandard::A_2u])
        .map_err(|error| Error::Layout(format!("this build of the renderer cannot write PDF/A-2u: {}", error.message())))?;
    Ok(PdfOptions {
        // The identifier in the file is a hash of this.
        ident: Smart::Custom(format!("{}\n{}", job.template, job.title)),
        creator: Smart::Custom(Some("Roro".to_owned())),
        timestamp: None,
        standards,
        ..PdfOptions::default()
    })
}

/// Turns Typst's diagnostics into one sentence that a template's author can act on.
struct Report<'a> {
    sheet: &'a Sheet,
    template: &'a str,
    prelude_lines: usize,
}

impl Report<'_> {
    /// The template and the line of the filled template, quoted: Typst knows no other line.
    fn place(&self, at: usize) -> String {
        let text = self.sheet.text();
        let line = text.get(..at).map_or(0, |before| before.matches('\n').count());
        let quote: String = text.lines().nth(line).unwrap_or_default().trim().chars().take(QUOTE_CHARS_MAX).collect();
        format!("{}, line {} of the filled template (`{quote}`)", self.template, (line + 1).saturating_sub(self.prelude_lines))
    }

    /// What typst-pdf refused. Its own advice on a missing date is for people who write Typst by hand.
    fn refusal(&self, errors: &[SourceDiagnostic]) -> Error {
        if errors.iter().any(|error| error.message.contains("missing document date")) {
            return Error::Template(format!(
                "{}: PDF/A needs the document's date: give `doc.date` in the data, as 2026-03-01",
                self.template
            ));
        }
        Error::Layout(self.sentence(errors))
    }

    fn sentence(&self, errors: &[SourceDiagnostic]) -> String {
        let Some(first) = errors.first() else {
            return format!("{}: Typst refused the page without a reason", self.template);
        };
        let place = self.sheet.range(first.span).map_or_else(|| self.template.to_owned(), |range| self.place(range.start));
        let hints: String = first.hints.iter().map(|hint| format!(" ({})", hint.v)).collect();
        let more = match errors.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        format!("{place}: {}{hints}{more}", first.message)
    }
}
