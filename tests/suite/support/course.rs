//! Folders of a test, and courses of its own in them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is gone when the test is over.
pub struct TempDir {
    path: PathBuf,
}

/// A new folder; other users may look into it.
pub fn dir_of_test() -> TempDir {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let path = std::env::temp_dir().join(format!(
            "socklab-test-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        match fs::create_dir(&path) {
            Ok(()) => return TempDir { path },
            // A test of that process id was killed once.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
}

impl TempDir {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path inside.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.join(name), text).unwrap();
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A course of one chapter, `lab`, written line by line.
#[derive(Clone)]
pub struct CourseDir {
    text: String,
    steps: usize,
}

impl CourseDir {
    /// No step yet.
    pub fn new() -> CourseDir {
        CourseDir {
            text:
                "+++\nid = \"lab\"\ntitle = \"Lab\"\nlabel = \"name\"\nsummary = \"a lab\"\n+++\n"
                    .into(),
            steps: 0,
        }
    }

    /// A step of one action.
    pub fn step(self, action: &str) -> CourseDir {
        self.step_with("", action)
    }

    /// A step of one action with attributes: `by=child`, `fails=EAGAIN`.
    pub fn step_with(mut self, attributes: &str, action: &str) -> CourseDir {
        self.steps += 1;
        self.text.push_str(&format!(
            "\n## Step {}\nProse.\n```socklab {attributes}\n{action}\n```\n### Kernel\nKernel.\n",
            self.steps
        ));
        self
    }

    /// What the built-in client does around the last step.
    pub fn peer(mut self, when: &str, actions: &str) -> CourseDir {
        self.text
            .push_str(&format!("### Peer\n```peer when={when}\n{actions}\n```\n"));
        self
    }

    /// What the last step's call must show.
    pub fn expect(mut self, line: &str) -> CourseDir {
        self.text
            .push_str(&format!("### Expect\n```expect\n{line}\n```\n"));
        self
    }

    /// A server up to its listener.
    pub fn listener() -> CourseDir {
        CourseDir::new()
            .step("socket {domain} stream as server")
            .step("setsockopt server reuseaddr on")
            .step("bind server {addr}")
            .step("listen server 1")
    }

    /// As files.
    pub fn write(self) -> TempDir {
        let dir = dir_of_test();
        dir.write("course.toml", "title = \"Lab\"\nchapters = [\"lab\"]\n");
        dir.write("lab.md", &self.text);
        dir
    }
}
