//! The `roro` program: parses arguments, runs a command, exits with its code. No rule lives here.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    roro::cli::run().await
}
