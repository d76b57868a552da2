//! Fonts: a few of Typst's own inside the renderer, all others read when a page first needs one.
//!
//! Typst chooses a font from a book of descriptions. A font that was not read yet is described by its name, weight and what its family is for;
//! the file is copied into the sandbox only when Typst asks for the font itself.

use std::sync::{Arc, LazyLock, OnceLock};

use typst::foundations::Bytes;
use typst::text::{Coverage, Font, FontBook, FontFlags, FontInfo, FontStretch, FontStyle, FontVariant, FontWeight};
use typst::utils::LazyHash;

use crate::{FontSource, Sources};

/// The families of a text, best first. Chinese and Japanese come from the second, and the third is always there.
pub(super) const SANS: [&str; 3] = ["IBM Plex Sans", "Noto Sans SC", "Libertinus Serif"];

/// The families of VINs and numbers of documents.
pub(super) const MONO: [&str; 3] = ["IBM Plex Mono", "DejaVu Sans Mono", "Noto Sans SC"];

/// Typst's own fonts that the renderer carries, picked by `build.rs`.
const CARRIED: [&[u8]; 4] = [
    include_bytes!(concat!(env!("OUT_DIR"), "/LibertinusSerif-Regular")),
    include_bytes!(concat!(env!("OUT_DIR"), "/LibertinusSerif-Bold")),
    include_bytes!(concat!(env!("OUT_DIR"), "/DejaVuSansMono")),
    include_bytes!(concat!(env!("OUT_DIR"), "/DejaVuSansMono-Bold")),
];

/// Scripts that a font beyond the carried ones may be asked for when no family of the text has a character: CJK symbols, kana, ideographs,
/// Hangul, compatibility and full-width forms.
const ASKED: [std::ops::RangeInclusive<u32>; 5] =
    [0x2e80..=0x33ff, 0x3400..=0x9fff, 0xac00..=0xd7a3, 0xf900..=0xfaff, 0xfe30..=0xffee];

static OWN: LazyLock<Vec<Font>> = LazyLock::new(|| CARRIED.iter().filter_map(|data| Font::new(Bytes::new(*data), 0)).collect());

/// The fonts of one call.
pub(super) struct Fonts {
    book: LazyHash<FontBook>,
    /// The fonts that can be read, each with its place once it was.
    further: Vec<OnceLock<Option<Font>>>,
    sources: Arc<dyn Sources>,
}

impl Fonts {
    pub(super) fn new(sources: Arc<dyn Sources>) -> Self {
        let further = sources.fonts();
        let mut book = FontBook::from_fonts(OWN.iter());
        for font in &further {
            book.push(describe(font));
        }
        Self { book: LazyHash::new(book), further: further.iter().map(|_| OnceLock::new()).collect(), sources }
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(super) fn font(&self, index: usize) -> Option<Font> {
        if let Some(own) = OWN.get(index) {
            return Some(own.clone());
        }
        let index = index.checked_sub(OWN.len())?;
        let place = self.further.get(index)?;
        place.get_or_init(|| Font::new(Bytes::new(self.sources.font_file(index)?), 0)).clone()
    }
}

/// What the book says of a font that was not read yet.
fn describe(font: &FontSource) -> FontInfo {
    let (family, weight, style) = split_name(&font.family);
    let is_cjk = ["SC", "TC", "HK", "JP", "KR", "CJK"].iter().any(|script| family.split(' ').any(|word| word == *script));
    let covered = if is_cjk { ASKED.iter().cloned().flatten().collect() } else { Vec::new() };
    let flags = if family.contains("Mono") { FontFlags::MONOSPACE } else { FontFlags::empty() };
    FontInfo {
        family,
        variant: FontVariant { style, weight, stretch: FontStretch::NORMAL },
        flags,
        axes: Vec::new(),
        coverage: Coverage::from_vec(covered),
    }
}

/// `Noto Sans SC Bold` is the family `Noto Sans SC` in bold.
fn split_name(name: &str) -> (String, FontWeight, FontStyle) {
    let (mut weight, mut style) = (FontWeight::REGULAR, FontStyle::Normal);
    let mut words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    while let Some(last) = words.last() {
        match *last {
            "Light" => weight = FontWeight::LIGHT,
            "Regular" => {}
            "Medium" => weight = FontWeight::MEDIUM,
            "SemiBold" => weight = FontWeight::SEMIBOLD,
            "Bold" => weight = FontWeight::BOLD,
            "Italic" => style = FontStyle::Italic,
            _ => break,
        }
        words.pop();
    }
    (words.join(" "), weight, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_family_with_weight_and_style_at_its_end() {
        let bold = split_name("Noto Sans SC Bold");
        assert_eq!(bold, ("Noto Sans SC".to_owned(), FontWeight::BOLD, FontStyle::Normal));
        assert_eq!(
            split_name("IBM Plex Sans SemiBold Italic"),
            ("IBM Plex Sans".to_owned(), FontWeight::SEMIBOLD, FontStyle::Italic)
        );
        assert_eq!(split_name("IBM Plex Sans").1, FontWeight::REGULAR);
    }
}
