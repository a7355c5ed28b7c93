//! Compilers and interpreters, and the programs at work that they made.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::eventually;

/// What a language is compiled and started with.
pub struct Toolchain {
    /// The name of its table.
    pub language: &'static str,
    extension: &'static str,
    /// Compiles one program; `@` stands for its name. With none, all are compiled at
    /// once, or nothing is.
    each: &'static [&'static str],
    all: fn(&Path, &[&str]),
    /// Starts one.
    run: &'static [&'static str],
    /// Winsock's programs are for another system.
    pub runs_here: bool,
}

const NOTHING: fn(&Path, &[&str]) = |_, _| {};

pub const C: Toolchain = Toolchain {
    language: "c",
    extension: "c",
    each: &[
        "gcc",
        "-Wall",
        "-Werror",
        "-Wno-unused-variable",
        "-o",
        "@",
        "@.c",
    ],
    all: NOTHING,
    run: &["./@"],
    runs_here: true,
};

pub const WINSOCK: Toolchain = Toolchain {
    language: "winsock",
    extension: "c",
    each: &[
        "x86_64-w64-mingw32-gcc",
        "-Wall",
        "-Werror",
        "-Wno-unused-variable",
        "-o",
        "@.exe",
        "@.c",
        "-lws2_32",
    ],
    all: NOTHING,
    run: &[],
    runs_here: false,
};

pub const RUST_STD: Toolchain = Toolchain {
    language: "rust-std",
    extension: "rs",
    each: &["rustc", "--edition", "2024", "-o", "@", "@.rs"],
    all: NOTHING,
    run: &["./@"],
    runs_here: true,
};

pub const RUST_SOCKET2: Toolchain = Toolchain {
    language: "rust-socket2",
    extension: "rs",
    each: &[],
    all: cargo,
    run: &["target/debug/@"],
    runs_here: true,
};

pub const GO: Toolchain = Toolchain {
    language: "go",
    extension: "go",
    each: &["go", "build", "-o", "@", "@.go"],
    all: NOTHING,
    run: &["./@"],
    runs_here: true,
};

pub const PYTHON: Toolchain = Toolchain {
    language: "python",
    extension: "py",
    each: &[],
    all: NOTHING,
    run: &["python3", "@.py"],
    runs_here: true,
};

pub const NODE: Toolchain = Toolchain {
    language: "node",
    extension: "js",
    each: &[],
    all: NOTHING,
    run: &["node", "@.js"],
    runs_here: true,
};

pub const JAVA: Toolchain = Toolchain {
    language: "java",
    extension: "java",
    each: &[],
    all: javac,
    run: &["java", "@"],
    runs_here: true,
};

pub const TOOLCHAINS: [Toolchain; 8] = [C, RUST_STD, RUST_SOCKET2, GO, PYTHON, NODE, JAVA, WINSOCK];

/// One crate of all, with the socket2 that this one was built with, and none of its
/// optional features.
fn cargo(dir: &Path, names: &[&str]) {
    let mut manifest = "[package]\nname = \"snippets\"\nedition = \"2024\"\n\
        [dependencies]\nsocket2 = { version = \"0.6\" }\n[workspace]\n"
        .to_string();
    for name in names {
        manifest += &format!("[[bin]]\nname = \"{name}\"\npath = \"{name}.rs\"\n");
    }
    std::fs::write(dir.join("Cargo.toml"), manifest).unwrap();
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    std::fs::copy(lock, dir.join("Cargo.lock")).unwrap();
    let mut command = in_dir(
        dir,
        &["cargo", "build", "--offline", "--target-dir", "target"],
        "",
    );
    assert_done(command.env_remove("CARGO_TARGET_DIR"));
}

fn javac(dir: &Path, names: &[&str]) {
    let files = names.iter().map(|name| format!("{name}.java"));
    assert_done(in_dir(dir, &["javac"], "").args(files));
}

/// That command, with the name for `@`.
fn in_dir(dir: &Path, words: &[&str], name: &str) -> Command {
    let mut words = words.iter().map(|word| word.replace('@', name));
    let mut command = Command::new(words.next().unwrap());
    command.args(words).current_dir(dir);
    command
}

fn assert_done(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
}

impl Toolchain {
    /// The file of that program.
    pub fn source(&self, name: &str) -> String {
        format!("{name}.{}", self.extension)
    }

    /// Makes programs of the sources.
    pub fn compile(&self, dir: &Path, names: &[&str]) {
        if !self.each.is_empty() {
            for name in names {
                assert_done(&mut in_dir(dir, self.each, name));
            }
        }
        (self.all)(dir, names);
    }

    /// Starts one of them.
    pub fn start(&self, dir: &Path, name: &str) -> Started {
        let said = dir.join(format!("{name}.said"));
        let file = File::create(&said).unwrap();
        let child = in_dir(dir, self.run, name)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Started {
            what: format!("{} {name}", self.language),
            child,
            said,
        }
    }
}

/// A program at work. Dropping it kills it.
pub struct Started {
    what: String,
    child: Child,
    said: PathBuf,
}

impl Started {
    /// Has it ended?
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// What it printed, on stdout and stderr.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap()
    }

    /// Waits for its end, which is no failure; what it printed.
    pub fn finish(mut self) -> String {
        let what = format!("{} ends", self.what);
        let child = &mut self.child;
        let status = eventually(&what, || child.try_wait().unwrap());
        assert!(status.success(), "{}: {status}\n{}", self.what, self.said());
        self.said()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{}: {}", self.what, self.said());
        }
    }
}
