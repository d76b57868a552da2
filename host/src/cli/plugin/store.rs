//! Writing what an author keeps: whole or not at all.

use anyhow::{Context as _, Result};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Writes a file in place of what was there. Whoever reads meanwhile sees the old one or the new one, never a part.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".new-{}", std::process::id()));
        let staging = path.with_file_name(name);
        let mut file = fs::File::create(&staging)?;
        let whole = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&staging, path));
        if whole.is_err() {
            // Nobody asked for the half of a file; the first error says more than this one would.
            fs::remove_file(&staging).ok();
        }
        whole
    };
    written().with_context(|| format!("cannot write {}; name a place that you may write to, with room left", path.display()))
}
