//! How other languages write the steps: data, checked like the rest.

use std::collections::BTreeSet;
use std::fs;

use toml::Table;

use crate::support::{Chapter, Socklab, dir_of_test, shipped, tracks};

const CHAPTER: &str = "+++\nid = \"lab\"\ntitle = \"Lab\"\nlabel = \"name\"\nsummary = \"a lab\"\n+++\n\
    ## Step\nProse.\n```socklab\nsocket inet stream as server\n```\n### Kernel\nKernel.\n";

/// The languages that a course should not be without.
const NAMES: [&str; 8] = [
    "C",
    "Rust std",
    "Rust socket2",
    "Go",
    "Python",
    "Node.js",
    "Java",
    "Winsock",
];

#[test]
fn every_chapter_is_shown_in_every_language() {
    for track in tracks() {
        // A claim is about the kernel, in whatever language.
        let is_claim = |chapter: &&Chapter| chapter.file.starts_with("claims/");
        for chapter in track.all().filter(|chapter| !is_claim(chapter)) {
            let run = Socklab::new([
                "read",
                &chapter.id,
                "--role",
                &track.role,
                "--domain",
                &track.domain,
                "--type",
                &track.kind,
            ])
            .run();
            let text = run.stdout();
            for name in NAMES {
                let starts = |line: &&str| line.starts_with(&format!("  {name} "));
                let shown = text.lines().filter(starts).count();
                assert_eq!(shown, 1, "{}: {name}", chapter.file);
            }
        }
    }
}

/// The shipped tables: the file's name, the section's and its code.
fn sections() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(shipped().join("languages")).unwrap() {
        let path = entry.unwrap().path();
        let table: Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        for (key, section) in table.iter().filter(|(key, _)| *key != "name") {
            let code = section["code"].as_str().unwrap();
            found.push((path.display().to_string(), key.clone(), code.into()));
        }
    }
    found
}

/// A renamed chapter would lose its tables unseen.
#[test]
fn every_section_is_about_a_chapter() {
    let tracks = tracks();
    let all = tracks
        .iter()
        .flat_map(|track| track.chapters.iter().chain(&track.extras));
    let files: BTreeSet<&str> = all.map(|chapter| chapter.file.as_str()).collect();
    for (file, key, _) in sections() {
        assert!(files.contains(key.as_str()), "{file}: {key}");
    }
}

/// Beside the longest name, on a screen of 80 columns.
#[test]
fn no_line_of_code_is_broken() {
    for (file, key, code) in sections() {
        for line in code.lines() {
            assert!(line.chars().count() <= 62, "{file} {key}: {line}");
        }
    }
}

#[test]
fn code_keeps_its_indentation() {
    let run = Socklab::new(["read", "exchange", "--width", "80"]).run();
    let text = run.stdout();
    let at = text.find("  Python ").unwrap();
    let mut lines = text[at..].lines();
    let column = |line: &str, word| line.find(word).unwrap();
    let outer = column(lines.next().unwrap(), "while data");
    assert_eq!(column(lines.next().unwrap(), "conn.sendall"), outer + 4);
}

#[test]
fn a_mistake_in_a_language_file_is_found_where_it_stands() {
    let dir = dir_of_test();
    dir.write(
        "course.toml",
        "title = \"Lab\"\nchapters = [\"lab\"]\nlanguages = [\"x\", \"gone\"]\n",
    );
    dir.write("lab.md", CHAPTER);
    std::fs::create_dir(dir.join("languages")).unwrap();
    dir.write(
        "languages/x.toml",
        "name = \"X\"\n[lab]\ncode = \"x()\"\ncalls = 3\n",
    );
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert!(
        run.stdout()
            .contains("languages/gone.toml:1:1: cannot be read")
    );
    dir.write("languages/gone.toml", "name = \"Gone\"\n");
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert!(
        run.stdout().contains("languages/x.toml:"),
        "{}",
        run.stdout()
    );
    assert_eq!(run.status.code(), Some(1));
}

#[test]
fn a_course_reads_no_file_outside_of_its_folder() {
    let dir = dir_of_test();
    dir.write("course.toml", "title = \"Lab\"\nchapters = [\"../lab\"]\n");
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert!(
        run.stdout().contains("'../lab' must be lower-case"),
        "{}",
        run.stdout()
    );
}
