//! The languages that projects can be in, and which one a project is in.

use anyhow::Result;
use clap::ValueEnum;
use std::path::Path;

use super::ended;
use super::project::join;

/// The language of a project's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    Rust,
    /// Rust on the Extism PDK: a core module, JSON in and out.
    ExtismRust,
    #[value(name = "ts")]
    TypeScript,
    Python,
}

impl Language {
    /// Those that a project's folder tells apart. Which of the two in Rust it is, its dependencies say.
    const ALL: [Self; 3] = [Self::Rust, Self::TypeScript, Self::Python];

    /// The file from which the component is made. A project is in the language whose file it holds.
    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::Rust | Self::ExtismRust => "Cargo.toml",
            Self::TypeScript => "src/plugin.ts",
            Self::Python => "src/plugin.py",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Rust | Self::ExtismRust => "Rust",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
        }
    }

    /// The language of a project's folder.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let held: Vec<Self> = Self::ALL.into_iter().filter(|one| join(folder, one.source()).is_file()).collect();
        let say = |languages: &[Self]| {
            let each: Vec<String> = languages.iter().map(|one| format!("{} ({})", one.source(), one.name())).collect();
            each.join(", ")
        };
        match held.as_slice() {
            [one] => Ok(*one),
            [] => {
                let fix = format!(
                    "Add the one of its language; or build the component with other tools and put it where {} says",
                    super::project::MANIFEST
                );
                Err(ended::wrong_input(format!("{} holds none of {}\n{fix}", folder.display(), say(&Self::ALL))))
            }
            several => {
                let fix = "A component is made from one of them: rename the others";
                Err(ended::wrong_input(format!("{} holds {}\n{fix}", folder.display(), say(several))))
            }
        }
    }
}
