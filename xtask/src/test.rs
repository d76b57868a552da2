//! Every test, with what they need: components, fonts, PostgreSQL, Redis, a registry, a browser and a PDF reader.

use anyhow::Result;
use std::path::Path;

use crate::services::{self, POSTGRES_URL, REDIS_URL};
use crate::tools::{cargo, need, need_venv, say};
use crate::{deny, extism, fonts, plugins, tidy, wit};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Passed on to `cargo test`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run_checks(root: &Path) -> Result<()> {
    wit::run(root, true)?;
    tidy::run(root)
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    run_checks(root)?;
    deny::run(root)?;
    need("pdftotext", "poppler-utils", Vec::new)?;
    need("chromium", "chromium", Vec::new)?;
    need("chromedriver", "chromium-driver", Vec::new)?;
    // The tests start it themselves: each has its own storage, some their own users.
    need("docker-registry", "docker-registry", Vec::new)?;
    // What authors in TypeScript and Python have.
    need("node", "nodejs", Vec::new)?;
    need("npm", "npm", Vec::new)?;
    need_venv(need("python3", "python3", Vec::new)?)?;
    fonts::fetch(&root.join("data"))?;
    plugins::build(root)?;
    extism::build_guest(root)?;
    let mut test = cargo(root);
    let mut started = Vec::new();
    for (variable, start) in
        [(POSTGRES_URL, services::postgres as fn() -> Result<services::Service>), (REDIS_URL, services::redis)]
    {
        if let Some(url) = std::env::var_os(variable) {
            say(&format!("{variable} is set: using it"));
            test.env(variable, url);
        } else {
            let service = start()?;
            test.env(variable, &service.url);
            started.push(service);
        }
    }
    say("running the tests");
    test.args(["test", "--workspace", "--exclude", "roro-benches"]);
    test.env("RORO_FONTS_DIR", root.join("data/fonts")).env("RORO_PLUGIN_DIR", plugins::folder(root));
    test.env("RORO_EXTISM_DIR", extism::guest_folder(root));
    let result = crate::tools::run(test.args(&arguments.rest));
    drop(started);
    result
}
