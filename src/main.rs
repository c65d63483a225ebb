//! The `latchkey` command: hands its arguments to [`latchkey::cli`] and exits with what comes back.

use std::process::ExitCode;

fn main() -> ExitCode {
    latchkey::cli::run(std::env::args_os())
}
