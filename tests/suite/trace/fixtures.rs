//! Programs that are traced: C of tests/fixtures/trace, compiled, and what is at hand.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A program of tests/fixtures/trace in C, built.
pub fn built(name: &str) -> String {
    let cc = ["cc", "-O1", "-w", "-D_GNU_SOURCE", "-pthread", "-o"];
    compiled(&cc, &format!("{name}.c"))
}

/// A program of tests/fixtures/trace, built by that command, which ends before the names of
/// what is made and of what it is made of.
pub fn compiled(compiler: &[&str], source: &str) -> String {
    let name = source.replace('.', "-");
    let source = folder().join(source);
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trace-{name}"));
    // Several tests may build one: each its own, put in place at once.
    let own = program.with_extension(format!("{}", std::process::id()));
    let done = Command::new(compiler[0])
        .args(&compiler[1..])
        .args([&own, &source])
        .status()
        .unwrap();
    assert!(done.success(), "{compiler:?} {}", source.display());
    std::fs::rename(&own, &program).unwrap();
    program.display().to_string()
}

/// A script of tests/fixtures/trace.
pub fn script(name: &str) -> String {
    folder().join(name).display().to_string()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/trace")
}

/// What of the events is of that kind.
pub fn events<'a>(all: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    all.iter().filter(move |event| event["event"] == kind)
}
