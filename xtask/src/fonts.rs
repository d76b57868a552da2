//! `cargo xtask fonts`: the fonts that the renderer does not carry itself, fetched into `<data>/fonts/` and never committed.
//!
//! Chinese and Japanese come from Noto Sans SC, the Latin of the papers from IBM Plex Sans and Mono (all under the Open Font License 1.1). They are
//! fetched by npm, or, without npm, Chinese and Japanese by apt, whose Latin then serves too. Versions and SHA-256 are pinned here; what is there and
//! right is not fetched again. `fonts.toml` beside the files tells the host each file's family. It never runs code of a package.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

/// One font file of the data folder.
struct Face {
    /// The family as a template names it, then the weight and style unless they are regular.
    family: &'static str,
    /// Its name in the data folder.
    file: &'static str,
    /// An index into [`PACKAGES`].
    package: &'static Package,
    /// Where it lies inside the package.
    path: &'static str,
    /// Of the file that npm gives.
    sha256: &'static str,
    /// The same face from Debian: the collection and the digest of the face cut out of it.
    debian: Option<(&'static str, &'static str)>,
}

/// An npm package that ships whole font files.
struct Package {
    name: &'static str,
    version: &'static str,
    /// Megabytes to download.
    megabytes: u32,
}

const PLEX_SANS: Package = Package { name: "@expo-google-fonts/ibm-plex-sans", version: "0.4.1", megabytes: 3 };
const PLEX_MONO: Package = Package { name: "@expo-google-fonts/ibm-plex-mono", version: "0.4.1", megabytes: 2 };
const NOTO_SC: Package = Package { name: "@expo-google-fonts/noto-sans-sc", version: "0.4.3", megabytes: 57 };

/// Debian's package of Noto Sans CJK. It has the Latin letters of a sans too.
const DEBIAN_NAME: &str = "fonts-noto-cjk";
const DEBIAN_VERSION: &str = "1:20220127+repack1-1";
const DEBIAN_SHA256: &str = "4a2515eb6db3978b897fef9709ed0d2b1f4c6c4df4d83d6c4ef65f71f1b1f502";
const DEBIAN_FOLDER: &str = "usr/share/fonts/opentype/noto";
const DEBIAN_MEGABYTES: u32 = 57;
/// The simplified Chinese face of a Noto CJK collection: it begins Japanese, Korean, simplified Chinese.
const DEBIAN_FACE: usize = 2;

const FACES: [Face; 8] = [
    Face {
        family: "IBM Plex Sans",
        file: "ibm-plex-sans-regular.ttf",
        package: &PLEX_SANS,
        path: "400Regular/IBMPlexSans_400Regular.ttf",
        sha256: "8685116dfbcfa639621631c4af0ad62e52ddeb9979acbec0007ccef2e4801a27",
        debian: None,
    },
    Face {
        family: "IBM Plex Sans Italic",
        file: "ibm-plex-sans-italic.ttf",
        package: &PLEX_SANS,
        path: "400Regular_Italic/IBMPlexSans_400Regular_Italic.ttf",
        sha256: "e19b5bbc2e981e56a8ddee321146b0a207c3c60a2cb940b4ff7c42c5e6c0718e",
        debian: None,
    },
    Face {
        family: "IBM Plex Sans SemiBold",
        file: "ibm-plex-sans-semibold.ttf",
        package: &PLEX_SANS,
        path: "600SemiBold/IBMPlexSans_600SemiBold.ttf",
        sha256: "659f916ce1922bd4fecac7cd5f26018817a2946327a5dd00169c8bab14ae2c58",
        debian: None,
    },
    Face {
        family: "IBM Plex Sans Bold",
        file: "ibm-plex-sans-bold.ttf",
        package: &PLEX_SANS,
        path: "700Bold/IBMPlexSans_700Bold.ttf",
        sha256: "cf74841e461235ac7205369329b14fd13a126af4c93927f8b287cad9aa6ffaab",
        debian: None,
    },
    Face {
        family: "IBM Plex Mono",
        file: "ibm-plex-mono-regular.ttf",
        package: &PLEX_MONO,
        path: "400Regular/IBMPlexMono_400Regular.ttf",
        sha256: "ab08018ccd276b79fb2c636bb95b9c543598f9d50505fe92506fcb4dae7810cd",
        debian: None,
    },
    Face {
        family: "IBM Plex Mono Bold",
        file: "ibm-plex-mono-bold.ttf",
        package: &PLEX_MONO,
        path: "700Bold/IBMPlexMono_700Bold.ttf",
        sha256: "dbd2a2fb024579438d6400a84e57579bfd2dbe67c306c8fd9fde92a61e4f2eea",
        debian: None,
    },
    Face {
        family: "Noto Sans SC",
        file: "noto-sans-sc-regular.ttf",
        package: &NOTO_SC,
        path: "400Regular/NotoSansSC_400Regular.ttf",
        sha256: "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16",
        debian: Some(("NotoSansCJK-Regular.ttc", "da42d4c5fbab01afb8b04e23eee92d1f23f4729d5bbe1a44890669d834d5b39d")),
    },
    Face {
        family: "Noto Sans SC Bold",
        file: "noto-sans-sc-bold.ttf",
        package: &NOTO_SC,
        path: "700Bold/NotoSansSC_700Bold.ttf",
        sha256: "9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96",
        debian: Some(("NotoSansCJK-Bold.ttc", "5494580260a4e6db69c3d320065e7a10a20b9a3baa960943251778ec60102178")),
    },
];

/// Puts every font into `<data_dir>/fonts/` and writes `fonts.toml` there. Does nothing that was done before.
///
/// # Errors
/// Neither npm nor apt can fetch them, or a file is not the pinned one; the message ends with the line to run.
pub(crate) fn fetch(data_dir: &Path) -> Result<()> {
    let folder = data_dir.join("fonts");
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}: give a data folder that can be written", folder.display()))?;
    let missing: Vec<&Face> = FACES.iter().filter(|face| !is_there(&folder, face)).collect();
    if missing.is_empty() {
        say(&format!("fonts: all {} are in {}", FACES.len(), folder.display()));
        return write_manifest(&folder);
    }
    let work = folder.join(".fetch");
    let outcome = fetch_missing(&folder, &work, &missing);
    // Downloads are of no use after this, whatever came of them.
    let _ = fs::remove_dir_all(&work);
    outcome?;
    write_manifest(&folder)
}

fn fetch_missing(folder: &Path, work: &Path, missing: &[&Face]) -> Result<()> {
    let failure = match fetch_by_npm(folder, work, missing) {
        Ok(()) => return Ok(()),
        Err(failure) => failure,
    };
    say(&format!("fonts: npm did not work ({failure:#}); trying apt"));
    let cjk: Vec<&Face> = missing.iter().copied().filter(|face| face.debian.is_some() && !is_there(folder, face)).collect();
    if cjk.is_empty() {
        say("fonts: the papers' Latin comes from Noto Sans SC until npm works");
        return Ok(());
    }
    fetch_by_apt(folder, work, &cjk).with_context(|| {
        format!(
            "the fonts could not be fetched: npm said `{failure:#}`, and apt failed too.\n\
             Install Node.js, for example with `apt-get install npm`, then run `cargo xtask fonts` again"
        )
    })
}

fn fetch_by_npm(folder: &Path, work: &Path, missing: &[&Face]) -> Result<()> {
    for package in [&PLEX_SANS, &PLEX_MONO, &NOTO_SC] {
        let wanted: Vec<&Face> = missing.iter().copied().filter(|face| face.package.name == package.name).collect();
        if wanted.is_empty() {
            continue;
        }
        let spec = format!("{}@{}", package.name, package.version);
        say(&format!("fonts: npm fetches {spec} ({} MB)", package.megabytes));
        let fresh = empty(&work.join("npm"))?;
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        run(npm.args(["pack", &spec, "--ignore-scripts", "--loglevel=error", "--pack-destination"]).arg(&fresh))?;
        let archive = only_file(&fresh, "tgz")?;
        run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&fresh))?;
        for face in wanted {
            let path = fresh.join("package").join(face.path);
            let bytes = fs::read(&path).with_context(|| format!("{spec} has no {}", face.path))?;
            keep(folder, face, &bytes, face.sha256)?;
        }
    }
    Ok(())
}

fn fetch_by_apt(folder: &Path, work: &Path, wanted: &[&Face]) -> Result<()> {
    let spec = format!("{DEBIAN_NAME}={DEBIAN_VERSION}");
    say(&format!("fonts: apt fetches {spec} ({DEBIAN_MEGABYTES} MB)"));
    let fresh = empty(&work.join("apt"))?;
    run(Command::new("apt-get").args(["download", &spec]).current_dir(&fresh))?;
    let archive = only_file(&fresh, "deb")?;
    let found = digest(&fs::read(&archive)?);
    ensure!(found == DEBIAN_SHA256, "{spec} has SHA-256 {found}, pinned is {DEBIAN_SHA256}");
    run(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&fresh))?;
    for face in wanted {
        let Some((collection, sha256)) = face.debian else { continue };
        let bytes =
            fs::read(fresh.join(DEBIAN_FOLDER).join(collection)).with_context(|| format!("{spec} has no {collection}"))?;
        let cut = cut_face(&bytes, DEBIAN_FACE).with_context(|| format!("{collection} is not the collection it should be"))?;
        keep(folder, face, &cut, sha256)?;
    }
    Ok(())
}

/// One face of an OpenType collection as a font of its own: the sandbox would have to be given all ten otherwise.
fn cut_face(collection: &[u8], face: usize) -> Option<Vec<u8>> {
    let number =
        |at: usize| -> Option<u32> { Some(u32::from_be_bytes(collection.get(at..at.checked_add(4)?)?.try_into().ok()?)) };
    let place = |at: usize| -> Option<usize> { usize::try_from(number(at)?).ok() };
    if collection.get(..4)? != b"ttcf" || face >= place(8)? {
        return None;
    }
    let directory = place(12 + 4 * face)?;
    let tables = usize::from(u16::from_be_bytes(collection.get(directory + 4..directory + 6)?.try_into().ok()?));
    let mut header = collection.get(directory..directory + 12)?.to_vec();
    let mut body = Vec::new();
    let body_at = 12 + 16 * tables;
    for table in 0..tables {
        let record = directory + 12 + 16 * table;
        let (offset, length) = (place(record + 8)?, place(record + 12)?);
        header.extend_from_slice(collection.get(record..record + 8)?);
        header.extend_from_slice(&u32::try_from(body_at + body.len()).ok()?.to_be_bytes());
        header.extend_from_slice(collection.get(record + 12..record + 16)?);
        body.extend_from_slice(collection.get(offset..offset.checked_add(length)?)?);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    header.extend_from_slice(&body);
    Some(header)
}

fn is_there(folder: &Path, face: &Face) -> bool {
    fs::read(folder.join(face.file)).is_ok_and(|bytes| {
        let found = digest(&bytes);
        found == face.sha256 || face.debian.is_some_and(|(_, sha256)| found == sha256)
    })
}

/// Writes a font under its final name only when it is whole and the pinned one.
fn keep(folder: &Path, face: &Face, bytes: &[u8], sha256: &str) -> Result<()> {
    let found = digest(bytes);
    ensure!(found == sha256, "{} has SHA-256 {found}, pinned is {sha256}", face.file);
    let path = folder.join(face.file);
    let part = folder.join(format!(".{}.part", face.file));
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, &path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("fonts: {} ({} kB)", face.family, bytes.len() / 1000));
    Ok(())
}

/// What the host reads: one entry a font that is there.
fn write_manifest(folder: &Path) -> Result<()> {
    let mut manifest = String::from(
        "# Written by `cargo xtask fonts`. The host offers these fonts to the renderer, which reads one when a page needs it.\n",
    );
    for face in FACES {
        let Ok(bytes) = fs::read(folder.join(face.file)) else { continue };
        write!(
            manifest,
            "\n[[font]]\nfamily = \"{}\"\nfile = \"{}\"\nsha256 = \"{}\"\nbytes = {}\n",
            face.family,
            face.file,
            digest(&bytes),
            bytes.len()
        )?;
    }
    let path = folder.join("fonts.toml");
    fs::write(&path, manifest).with_context(|| format!("cannot write {}", path.display()))
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn empty(folder: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.canonicalize()?)
}

fn only_file(folder: &Path, extension: &str) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            return Ok(path);
        }
    }
    bail!("the package client left no .{extension} file")
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{name} cannot be started"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {}", complaint.trim().lines().last().unwrap_or("no reason given"));
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress of a command that people run")]
fn say(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A collection of `faces` faces that share one table of three bytes.
    fn collection(faces: u32) -> Vec<u8> {
        let mut bytes = b"ttcf\0\x02\0\0".to_vec();
        bytes.extend(faces.to_be_bytes());
        let first = 12 + 4 * faces;
        (0..faces).for_each(|face| bytes.extend((first + 28 * face).to_be_bytes()));
        let table = first + 28 * faces;
        for _ in 0..faces {
            bytes.extend(b"OTTO\0\x01\0\0\0\0\0\0cmap\x01\x02\x03\x04");
            bytes.extend(table.to_be_bytes());
            bytes.extend(3_u32.to_be_bytes());
        }
        bytes.extend(b"abc");
        bytes
    }

    #[test]
    fn a_face_is_cut_out_of_its_collection() {
        let cut = cut_face(&collection(3), 2).unwrap();
        assert_eq!(cut, b"OTTO\0\x01\0\0\0\0\0\0cmap\x01\x02\x03\x04\0\0\0\x1c\0\0\0\x03abc\0");
    }

    #[test]
    fn a_broken_collection_has_no_face() {
        let whole = collection(3);
        assert!(cut_face(&whole, 3).is_none());
        assert!(cut_face(b"OTTO", 0).is_none());
        for length in 0..whole.len() {
            assert!(cut_face(&whole[..length], 2).is_none(), "{length}");
        }
    }
}
