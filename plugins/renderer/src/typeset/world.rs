//! Typst's view of the world: one source, the fonts, and pictures of the packs. Nothing else can be read, and there is no clock.

use std::sync::Arc;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, SyntaxNode, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

use super::Fonts;
use crate::{Error, Sources};

/// What a page may show besides text.
const PICTURES: [&str; 4] = ["svg", "png", "jpg", "jpeg"];

/// Names of Typst's standard library that turn text into code or load code. Data must not reach them, so templates have none of them.
const CLOSED: [&str; 2] = ["eval", "plugin"];

/// What the documents of one call share.
pub(super) struct Shelf {
    library: LazyHash<Library>,
    fonts: Fonts,
    sources: Arc<dyn Sources>,
}

impl Shelf {
    pub(super) fn new(sources: Arc<dyn Sources>) -> Self {
        Self { library: LazyHash::new(library()), fonts: Fonts::new(Arc::clone(&sources)), sources }
    }
}

fn library() -> Library {
    let mut library = Library::default();
    let mut open = library.global.scope().clone();
    let kept: Vec<_> =
        open.iter().filter(|(name, _)| !CLOSED.contains(&name.as_str())).map(|(n, b)| (n.clone(), b.clone())).collect();
    open = typst::foundations::Scope::new();
    for (name, binding) in kept {
        open.bind(name, binding);
    }
    *library.global.scope_mut() = open;
    library.std = typst::foundations::Binding::detached(library.global.clone());
    library
}

/// One document's source, beside the shared shelf.
pub(super) struct Sheet {
    shelf: Arc<Shelf>,
    source: Source,
}

impl Sheet {
    /// The source stands at the template's path, so that relative pictures are found beside it.
    pub(super) fn new(shelf: Arc<Shelf>, template: &str, text: String) -> Result<Self, Error> {
        let path = VirtualPath::new(template).map_err(|_| Error::UnknownTemplate(template.to_owned()))?;
        let id = RootedPath::new(VirtualRoot::Project, path).intern();
        Ok(Self { shelf, source: Source::new(id, text) })
    }

    pub(super) fn text(&self) -> &str {
        self.source.text()
    }

    pub(super) fn root(&self) -> &SyntaxNode {
        self.source.root()
    }
}

impl World for Sheet {
    fn library(&self) -> &LazyHash<Library> {
        &self.shelf.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.shelf.fonts.book()
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() { Ok(self.source.clone()) } else { Err(closed(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath();
        let is_picture = path.extension().is_some_and(|extension| PICTURES.contains(&extension));
        if *id.root() != VirtualRoot::Project || !is_picture {
            return Err(closed(id));
        }
        let name = path.get_without_slash();
        let bytes = self.shelf.sources.read(name);
        bytes.map(Bytes::new).ok_or_else(|| FileError::NotFound(name.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shelf.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn closed(id: FileId) -> FileError {
    let path = id.vpath().get_without_slash();
    FileError::Other(Some(format!("a template reads no file but svg, png and jpg pictures of its pack: remove `{path}`").into()))
}
