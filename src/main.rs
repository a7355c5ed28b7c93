//! The exit status, and nothing else.

use std::ffi::OsString;
use std::process::ExitCode;

use socklab::app;
use socklab::error::Error;

fn main() -> ExitCode {
    let argv: Vec<OsString> = std::env::args_os().collect();
    match app::run(&argv) {
        Ok(code) => code,
        Err(error) => {
            if !matches!(error, Error::Closed) {
                eprintln!("socklab: {error}");
            }
            error.exit_code()
        }
    }
}
