//! Programs in C that a bench runs.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// That of `benches/SOURCE.c`, built.
pub fn built(source: &str) -> io::Result<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/{source}.c"));
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(source.replace('/', "-"));
    let cc = Command::new("cc")
        .args(["-O2", "-w", "-pthread", "-o"])
        .args([&program, &file])
        .status()?;
    if cc.success() {
        Ok(program)
    } else {
        Err(io::Error::other(format!("cc {}: {cc}", file.display())))
    }
}
