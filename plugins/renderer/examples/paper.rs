//! Renders one template while it is being written, outside the sandbox:
//! `cargo run -p roro-renderer --example paper -- plugins/packs trade/commercial-invoice.typ.j2 data.json paper.pdf [LANGUAGE]`
//!
//! Parts and pictures are read from the packs below the first folder, fonts from `data/fonts` (`cargo xtask fonts`). It says how long the second, warm run took.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use roro_renderer::{FontSource, Job, Sources, forget, render_jobs};

struct Folder {
    packs: PathBuf,
    fonts: Vec<(FontSource, PathBuf)>,
}

impl Sources for Folder {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        // A pack keeps its templates in a folder of its own; paths name the pack and the file.
        let (pack, file) = path.split_once('/')?;
        std::fs::read(self.packs.join(pack).join("templates").join(file)).ok()
    }

    fn fonts(&self) -> Vec<FontSource> {
        self.fonts.iter().map(|(font, _)| font.clone()).collect()
    }

    fn font_file(&self, index: usize) -> Option<Vec<u8>> {
        std::fs::read(&self.fonts.get(index)?.1).ok()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [packs, template, data, out, language @ ..] = arguments.as_slice() else {
        return Err("give: PACKS_FOLDER TEMPLATE DATA.json OUT [LANGUAGE]".into());
    };
    let sources: Arc<dyn Sources> = Arc::new(Folder { packs: packs.into(), fonts: fonts(Path::new("data/fonts")) });
    let job = Job {
        template: template.clone(),
        data: std::fs::read(data)?,
        title: template.clone(),
        language: language.first().map_or("en", String::as_str).to_owned(),
    };
    let jobs = [job];
    for name in ["first", "second"] {
        forget();
        let start = Instant::now();
        let rendered = render_jobs(&sources, &jobs).map_err(|(_, error)| error)?;
        let took = start.elapsed();
        for document in rendered {
            let line = format!("{name}: {} pages, {} kB, {took:.1?}\n", document.pages, document.bytes.len() / 1000);
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes())?;
            std::fs::write(out, document.bytes)?;
        }
    }
    Ok(())
}

/// The entries of `fonts.toml`; none when the fonts were not fetched.
fn fonts(folder: &Path) -> Vec<(FontSource, PathBuf)> {
    let manifest = std::fs::read_to_string(folder.join("fonts.toml")).unwrap_or_default();
    let field = |entry: &str, name: &str| -> Option<String> {
        entry.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start_matches([' ', '=']).trim_matches('"').to_owned()))
    };
    let entries = manifest.split("[[font]]").skip(1).filter_map(|entry| {
        let font = FontSource { family: field(entry, "family")?, bytes: field(entry, "bytes")?.parse().ok()? };
        Some((font, folder.join(field(entry, "file")?)))
    });
    entries.collect()
}
