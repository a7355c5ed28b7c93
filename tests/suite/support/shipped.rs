//! The shipped course, read without the program's own parser.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{ANY_PORT, TempDir, dir_of_test, output};

/// Where the shipped chapters are.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("chapters")
}

/// A copy of them.
pub fn copied() -> TempDir {
    let dir = dir_of_test();
    let from = shipped().join(".");
    output(
        "cp",
        [OsStr::new("-R"), from.as_os_str(), dir.path().as_os_str()],
    );
    dir
}

/// `course.toml`.
pub fn course_table() -> Table {
    let text = fs::read_to_string(shipped().join("course.toml")).unwrap();
    text.parse().unwrap()
}

/// One `[[track]]`.
pub struct Track {
    pub id: String,
    pub role: String,
    pub domain: String,
    pub kind: String,
    pub chapters: Vec<Chapter>,
    /// Those that stand by themselves, claims last.
    pub extras: Vec<Chapter>,
}

/// One chapter file.
#[derive(Clone)]
pub struct Chapter {
    /// Its name without `.md`.
    pub file: String,
    pub id: String,
    pub needs: Vec<String>,
    pub steps: Vec<Step>,
    /// Every line of the file.
    pub text: String,
}

/// One `##`.
#[derive(Clone, Default)]
pub struct Step {
    pub title: String,
    /// Behind the word `socklab`.
    pub attributes: String,
    /// The lines of its `expect` blocks.
    pub expects: Vec<String>,
    /// Its `predict` block.
    pub question: Option<Table>,
    /// It has a `verdict` block, which says what may come of its call.
    pub verdict: bool,
}

impl Track {
    /// The options that choose it.
    pub fn options(&self) -> Vec<&str> {
        vec![
            "--role",
            &self.role,
            "--domain",
            &self.domain,
            "--type",
            &self.kind,
        ]
    }

    /// Every chapter, those that stand by themselves last.
    pub fn all(&self) -> impl Iterator<Item = &Chapter> {
        self.chapters.iter().chain(&self.extras)
    }

    /// An address of this track that no other test has; a folder that is to live as
    /// long if it is a path.
    pub fn own_address(&self) -> (String, Option<TempDir>) {
        if self.domain != "unix" {
            return (ANY_PORT.into(), None);
        }
        let dir = dir_of_test();
        (dir.join("s").display().to_string(), Some(dir))
    }

    /// What playing that chapter plays: what it needs, and itself.
    pub fn played_for(&self, id: &str) -> Vec<Chapter> {
        let all: Vec<&Chapter> = self.all().collect();
        let find = |id: &str| *all.iter().find(|chapter| chapter.id == id).unwrap();
        let mut wanted = vec![id.to_string()];
        let mut at = 0;
        while at < wanted.len() {
            let mut needs = find(&wanted[at]).needs.clone();
            needs.retain(|id| !wanted.contains(id));
            wanted.extend(needs);
            at += 1;
        }
        let mut found: Vec<Chapter> = all.into_iter().cloned().collect();
        found.retain(|chapter| wanted.contains(&chapter.id));
        found
    }
}

/// Every track, in the order of the file.
pub fn tracks() -> Vec<Track> {
    let course = course_table();
    let tracks = course["track"].as_array().unwrap();
    tracks
        .iter()
        .map(|track| {
            let word = |key: &str| track[key].as_str().unwrap().to_string();
            Track {
                id: word("id"),
                role: word("role"),
                domain: word("domain"),
                kind: word("type"),
                chapters: chapters(track.get("chapters")),
                extras: ["extras", "claims"]
                    .map(|list| chapters(track.get(list)))
                    .concat(),
            }
        })
        .collect()
}

/// The track of that id.
pub fn track(id: &str) -> Track {
    tracks().into_iter().find(|track| track.id == id).unwrap()
}

fn words(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.map(|word| word.as_str().unwrap().to_string())
        .collect()
}

fn chapters(list: Option<&Value>) -> Vec<Chapter> {
    words(list).iter().map(|file| read(file)).collect()
}

fn read(file: &str) -> Chapter {
    let text = fs::read_to_string(shipped().join(format!("{file}.md"))).unwrap();
    let (matter, body) = text[4..].split_once("\n+++\n").unwrap();
    let matter: Table = matter.parse().unwrap();
    Chapter {
        file: file.into(),
        id: matter["id"].as_str().unwrap().into(),
        needs: words(matter.get("needs")),
        steps: steps(body),
        text,
    }
}

/// Fences are what counts: everything else is prose.
fn steps(body: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            steps.push(Step {
                title: title.into(),
                ..Step::default()
            });
        }
        let Some(fence) = line.strip_prefix("```").filter(|fence| !fence.is_empty()) else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        // A picture may stand in the chapter's own prose.
        let Some(step) = steps.last_mut() else {
            continue;
        };
        match fence.split_once(' ').unwrap_or((fence, "")) {
            ("socklab", attributes) => step.attributes = attributes.into(),
            ("expect", _) => {
                let lines = block.iter().filter(|line| !line.trim().is_empty());
                step.expects.extend(lines.map(|line| (*line).to_string()));
            }
            ("verdict", _) => step.verdict = true,
            ("predict", _) => step.question = Some(block.join("\n").parse().unwrap()),
            _ => {}
        }
    }
    steps
}
