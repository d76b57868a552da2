//! The demo: from a fresh clone to checked documents, with progress all the way.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

use crate::tools::{cargo, run as run_command, say};
use crate::{fonts, plugins};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write the documents of the example orders and end.
    #[arg(long)]
    once: bool,
    /// Where the documents go, a folder an order.
    #[arg(long, default_value = "out", requires = "once")]
    out: PathBuf,
}

/// The example orders, smallest first.
const ORDERS: [&str; 3] = ["yokohama-mombasa", "tianjin-mombasa", "yokohama-mombasa-40"];

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    fonts::fetch(&root.join("data"))?;
    plugins::build(root)?;
    say("building roro");
    run_command(cargo(root).args(["build", "--release", "--package", "roro"]))?;
    if !arguments.once {
        bail!("the server is not there yet: run `cargo xtask demo --once --out DIR`")
    }
    let out = std::env::current_dir()?.join(&arguments.out);
    for order in ORDERS {
        say(&format!("documents of examples/orders/{order}.json"));
        let mut roro = cargo(root);
        roro.args(["run", "--quiet", "--release", "--package", "roro", "--", "documents"]);
        roro.arg(format!("examples/orders/{order}.json")).arg("--out").arg(out.join(order));
        run_command(&mut roro)?;
    }
    say(&format!("done: look into {}", out.display()));
    Ok(())
}
