//! Every snippet of every language stands in a program that compiles, runs, and does
//! with its other end what the chapters say.

mod build;
mod peers;
mod program;

use std::collections::BTreeSet;

use build::Toolchain;
use program::{Language, PROGRAMS};

use crate::support::{dir_of_test, free_port};

/// Compiles all programs of a language and plays each.
fn all_do_what_they_say(name: &str, toolchain: &Toolchain) {
    let language = Language::read(name);
    let dir = dir_of_test();
    let path = dir.join("x.sock").display().to_string();
    let mut made = Vec::new();
    for program in &PROGRAMS {
        let port = free_port();
        if let Some(text) = language.text(program, port, &path) {
            dir.write(&toolchain.source(program.name), &text);
            made.push((program, port));
        }
    }
    let names: Vec<&str> = made.iter().map(|(program, _)| program.name).collect();
    toolchain.compile(dir.path(), &names);
    if !toolchain.runs_here {
        return;
    }
    for (program, port) in made {
        let start = || toolchain.start(dir.path(), program.name);
        peers::play(program.name, port, &path, start);
    }
}

/// A snippet that no program has would be checked by nobody.
#[test]
fn every_snippet_is_in_a_program() {
    let used: BTreeSet<&str> = PROGRAMS
        .iter()
        .flat_map(|program| program.sections)
        .copied()
        .collect();
    for toolchain in build::TOOLCHAINS {
        let language = Language::read(toolchain.language);
        let has: BTreeSet<&str> = language.sections().collect();
        assert_eq!(has, used, "{}", toolchain.language);
    }
}

/// A test of each, for the tools of some may be missing.
macro_rules! languages {
    ($($test:ident $needs:literal $toolchain:ident,)*) => {$(
        #[test]
        #[ignore = $needs]
        fn $test() {
            all_do_what_they_say(build::$toolchain.language, &build::$toolchain);
        }
    )*};
}

languages! {
    c "needs gcc" C,
    rust_std "needs rustc" RUST_STD,
    rust_socket2 "needs cargo" RUST_SOCKET2,
    go "needs go" GO,
    python "needs python3" PYTHON,
    node "needs node" NODE,
    java "needs javac" JAVA,
    winsock "needs mingw" WINSOCK,
}
