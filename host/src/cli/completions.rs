//! `roro completions`: what a shell needs to complete commands, options and their values.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Print what a shell needs to complete roro's commands and options.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Where it belongs:
  bash        roro completions bash > ~/.local/share/bash-completion/completions/roro
  zsh         roro completions zsh > DIR/_roro, where DIR is in $fpath
  fish        roro completions fish > ~/.config/fish/completions/roro.fish
  elvish      roro completions elvish > roro.elv, and in rc.elv: eval (slurp < roro.elv)
  powershell  roro completions powershell >> $PROFILE
Print it again after every new version of roro. Exit codes: 0 printed; 2 the usage is wrong; 3 it cannot be written.")]
pub(super) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    // A command that is hidden is not for people: only this program calls it.
    let whole = super::Arguments::command();
    let shown: Vec<_> = whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let mut command = clap::Command::new("roro").version(env!("CARGO_PKG_VERSION")).subcommands(shown);
    // Into memory first: the generator panics when its writer fails, and a reader may close its end.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "roro", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
