//! The component's glue: the contract's types on one side, the library's on the other. It holds no logic.

use std::sync::Arc;

use roro_sdk::renderer::exports::roro::render::render as contract;
use roro_sdk::renderer::roro::render::sources;

use crate::{Error, FontSource, Job, Rendered, Sources};

struct Component;

/// What the host hands over, through the contract's imports.
struct Host;

impl Sources for Host {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        sources::read(path)
    }

    fn fonts(&self) -> Vec<FontSource> {
        sources::fonts().into_iter().map(|font| FontSource { family: font.family, bytes: font.bytes }).collect()
    }

    fn font_file(&self, index: usize) -> Option<Vec<u8>> {
        sources::font_file(u32::try_from(index).ok()?)
    }
}

impl contract::Guest for Component {
    fn render(jobs: Vec<contract::Job>) -> Result<Vec<contract::Rendered>, (u32, contract::Error)> {
        let jobs: Vec<Job> = jobs.into_iter().map(Job::from).collect();
        let host: Arc<dyn Sources> = Arc::new(Host);
        match crate::render_jobs(&host, &jobs) {
            Ok(rendered) => Ok(rendered.into_iter().map(contract::Rendered::from).collect()),
            Err((index, error)) => Err((index, error.into())),
        }
    }
}

impl From<contract::Job> for Job {
    fn from(job: contract::Job) -> Self {
        Self { template: job.template, data: job.data, title: job.title, language: job.language }
    }
}

impl From<Rendered> for contract::Rendered {
    fn from(rendered: Rendered) -> Self {
        Self { media_type: rendered.media_type.to_owned(), bytes: rendered.bytes, pages: rendered.pages }
    }
}

impl From<Error> for contract::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownTemplate(path) => Self::UnknownTemplate(path),
            Error::Template(text) => Self::Template(text),
            Error::MissingGlyph(text) => Self::MissingGlyph(text),
            Error::Layout(text) => Self::Layout(text),
        }
    }
}

roro_sdk::renderer::export_renderer!(Component with_types_in roro_sdk::renderer);
