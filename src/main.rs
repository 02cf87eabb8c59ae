//! Wiring only: see `aanmaand::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    aanmaand::cli::main()
}
