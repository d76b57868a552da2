//! QR codes (ISO/IEC 18004, level M) as a Typst image of vector shapes.

use std::fmt::Write as _;

use minijinja::value::{Kwargs, Value};
use minijinja::{Error, ErrorKind};
use qrcode::{Color, EcLevel, QrCode};

use super::escape::typst_literal;
use super::number::invalid;

/// The quiet zone that the standard asks for, in modules.
const QUIET: usize = 4;

/// The `qr` function: a Typst expression that draws the code.
pub(super) fn qr(text: &Value, options: Kwargs) -> Result<Value, Error> {
    if text.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let size = options.get::<Option<&str>>("size")?.unwrap_or("20mm");
    options.assert_all_used()?;
    let size = length(size)?;
    let text = text.as_str().ok_or_else(|| invalid("a QR code holds text: give a string"))?;
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| invalid(format!("the text does not fit a QR code ({error}): shorten it")))?;
    let drawing = typst_literal(&svg(&code));
    let alt = typst_literal("QR code");
    Ok(Value::from_safe_string(format!("image(bytes({drawing}), format: \"svg\", width: {size}, height: {size}, alt: {alt})")))
}

/// A length as Typst writes it. Anything else could carry code.
fn length(text: &str) -> Result<&str, Error> {
    let number = ["mm", "cm", "pt"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or_default();
    let is_number = number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(|c: char| c.is_ascii_digit())
        && number.len() <= 8
        && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        && number.matches('.').count() <= 1;
    if is_number { Ok(text) } else { Err(invalid(format!("`{text}` is no size: write it like 20mm, 2cm or 60pt"))) }
}

/// One path of horizontal runs of dark modules: small, and without hairlines between neighbours.
fn svg(code: &QrCode) -> String {
    let width = code.width();
    let side = width + 2 * QUIET;
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\"><path d=\"{path}\"/></svg>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_the_finder_pattern_inside_its_quiet_zone() {
        let code = QrCode::with_error_correction_level("RORO", EcLevel::M).unwrap();
        let drawing = svg(&code);
        assert!(drawing.contains("viewBox=\"0 0 29 29\""));
        assert!(drawing.contains("d=\"M4 4h7v1h-7z"));
    }

    #[test]
    fn a_size_that_is_not_a_length_is_refused() {
        for size in ["20", "mm", "1..2mm", "20mm)", "#x", "2e3mm", ".5mm", "-1mm"] {
            assert!(length(size).is_err(), "{size}");
        }
        assert_eq!(length("22.5mm").unwrap(), "22.5mm");
    }
}
