//! How other languages write the steps: data, checked like the rest.

use crate::support::{Socklab, dir_of_test, tracks};

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
        for chapter in track.chapters.iter().chain(&track.extras) {
            // A surprise has no calls of its own to write.
            if chapter.file.starts_with("surprises/") {
                continue;
            }
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
