//! Programs of a learner's, held against the goals of the course.

mod course;
mod ends;
mod faults;
mod goals;
mod grades;
mod languages;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, Socklab, python_itself};

/// The programs that are checked.
pub fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check");
    folder.join(name)
}

/// Compiles a fixture in C: the program's path. Every caller has one of its own.
pub fn compiled(name: &str, to: &str, flags: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check");
    std::fs::create_dir_all(&folder).unwrap();
    let to = folder.join(to);
    let done = Command::new("cc")
        .args(["-Wall", "-Werror", "-Wno-unused-function"])
        .args(flags)
        .arg("-o")
        .args([&to, &fixture(name)])
        .status();
    assert!(done.unwrap().success(), "{name}");
    to.display().to_string()
}

/// Checks a program for goals, and tells JSON.
pub fn check<S: AsRef<str>>(words: &[&str], program: impl IntoIterator<Item = S>) -> Run {
    Socklab::new(["check", "--json"])
        .args(words)
        .args(["--"])
        .args(program)
        .run()
}

/// A program in Python.
pub fn python(source: &str) -> Vec<String> {
    vec![python_itself(), "-c".into(), source.into()]
}

/// The ids of the goals that are met, or missed.
pub fn ids(run: &Run, met: bool) -> Vec<String> {
    let goals = run.all("goal").into_iter();
    let goals = goals.filter(|goal| goal["met"] == met);
    goals.map(|goal| text(&goal["id"])).collect()
}

/// The ids of the faults that were found.
pub fn faults(run: &Run) -> Vec<String> {
    run.all("fault").iter().map(|it| text(&it["id"])).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().into()
}

/// All lines of a list, one below the other.
pub fn lines(value: &Value) -> String {
    let lines = value.as_array().unwrap().iter().map(text);
    lines.collect::<Vec<_>>().join("\n")
}
