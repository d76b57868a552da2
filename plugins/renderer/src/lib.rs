//! The stock renderer: data and a template in, a finished file out (PDF/A, CSV, HTML, XML or JSON).
//!
//! One call renders the papers of one order: `template` fills each template with its data, `typeset` turns the Typst ones into PDF.
//! Fonts, the standard library and compiled templates live for one call. As a component it dies after that call; tests and benches link the
//! same code as a library. It never reads a clock, a file system or a network, and no value ever becomes markup or code.

#[cfg(target_family = "wasm")]
mod component;
mod error;
mod template;
mod typeset;

use std::sync::Arc;

pub use error::Error;
use template::{Finish, Templates};
use typeset::Press;
pub use typeset::forget;

/// What is read while rendering, piece by piece: templates and their parts, assets, fonts.
pub trait Sources: Send + Sync {
    /// A file of the packs, by its path. None when there is no such file.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// The fonts beyond those that the renderer carries, without their bytes.
    fn fonts(&self) -> Vec<FontSource>;

    /// The file of the font at `index` of [`Sources::fonts`].
    fn font_file(&self, index: usize) -> Option<Vec<u8>>;
}

/// A font that can be read when a page needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FontSource {
    /// The family, followed by the weight and style when they are not regular: `Noto Sans SC`, `Noto Sans SC Bold`.
    pub family: String,
    /// The size of its file in bytes.
    pub bytes: u64,
}

/// One document to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The template's path; its last extensions choose escaping and finish.
    pub template: String,
    /// JSON, an object: the template's top-level scope. Whole numbers only.
    pub data: Vec<u8>,
    /// What a PDF says of itself.
    pub title: String,
    /// ISO 639-1, the document's first language.
    pub language: String,
}

/// A finished document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// For example `application/pdf`.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// Pages of a PDF; 1 for anything else.
    pub pages: u32,
}

/// Makes every document, in the order of `jobs`. The same jobs and sources give the same bytes.
///
/// # Errors
/// The first document that cannot be made, with its place in `jobs`; nothing else is answered then.
pub fn render_jobs(sources: &Arc<dyn Sources>, jobs: &[Job]) -> Result<Vec<Rendered>, (u32, Error)> {
    let mut desk = Desk { sources, templates: Vec::new(), press: None };
    let numbered = (0_u32..).zip(jobs);
    numbered.map(|(index, job)| desk.render(job).map_err(|error| (index, error))).collect()
}

/// What the jobs of one call share.
struct Desk<'a> {
    sources: &'a Arc<dyn Sources>,
    /// One set of compiled templates a finish, because the finish decides how a value is written, in included parts too.
    templates: Vec<Templates>,
    /// Made with the first document that needs it.
    press: Option<Press>,
}

impl Desk<'_> {
    fn render(&mut self, job: &Job) -> Result<Rendered, Error> {
        let finish = Finish::of(&job.template)?;
        let data = template::read_data(&job.data)?;
        let text = self.templates(finish).fill(job, &data)?;
        if finish != Finish::Typst {
            return Ok(Rendered { media_type: finish.media_type(), bytes: text.into_bytes(), pages: 1 });
        }
        let press = self.press.get_or_insert_with(|| Press::new(Arc::clone(self.sources)));
        let (bytes, pages) = press.print(job, &text, &data)?;
        Ok(Rendered { media_type: finish.media_type(), bytes, pages })
    }

    fn templates(&mut self, finish: Finish) -> &Templates {
        let at = self.templates.iter().position(|templates| templates.finish() == finish).unwrap_or_else(|| {
            self.templates.push(Templates::new(finish, Arc::clone(self.sources)));
            self.templates.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the position was found or pushed on the line above")]
        &self.templates[at]
    }
}

#[cfg(test)]
mod tests;
