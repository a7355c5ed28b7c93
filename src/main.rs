//! The exit status, and nothing else.

#[cfg(not(target_os = "linux"))]
compile_error!("socklab shows what the Linux kernel does and runs on Linux only (WSL2 is Linux)");

use std::process::ExitCode;

fn main() -> ExitCode {
    let argv: Vec<_> = std::env::args_os().collect();
    socklab::run(&argv)
}
