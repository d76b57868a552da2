//! Picks the few of Typst's own fonts that the renderer carries. Linking all of them would add 8 MB, most of it for mathematics, to a component
//! that is hashed, compiled and mapped into memory.

use std::error::Error;
use std::path::PathBuf;

/// PostScript names.
const CARRIED: [&str; 4] = ["LibertinusSerif-Regular", "LibertinusSerif-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo gives no OUT_DIR")?);
    for wanted in CARRIED {
        let font = typst_assets::fonts().find(|font| name(font).is_some_and(|name| name == wanted));
        let font = font.ok_or_else(|| format!("typst-assets has no font {wanted}: choose another in build.rs"))?;
        std::fs::write(folder.join(wanted), font)?;
    }
    Ok(())
}

fn name(font: &[u8]) -> Option<String> {
    let face = ttf_parser::Face::parse(font, 0).ok()?;
    face.names().into_iter().find(|name| name.name_id == ttf_parser::name_id::POST_SCRIPT_NAME && name.is_unicode())?.to_string()
}
