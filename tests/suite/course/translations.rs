//! The course in other languages of people: which is spoken, what a translation lacks or has
//! too much, and scripts that are wide or written from right to left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use unicode_width::UnicodeWidthChar;

use crate::support::{ANY_PORT, CourseDir, Run, Socklab, TempDir, dir_of_test};

const GERMAN: &str = "Dem Endpunkt einen Namen geben";
const ENGLISH: &str = "Give the endpoint a name";

fn fine(socklab: Socklab) -> String {
    let run = socklab.run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout()
}

fn refused(words: &[&str]) -> String {
    let run = Socklab::new(words).run();
    assert_eq!(run.code, Some(2), "{}", run.stdout());
    run.stderr
}

#[test]
fn the_option_and_the_locale_say_which_language_is_spoken() {
    let read = |words: &[&str], env: &[(&str, &str)]| {
        let mut socklab = Socklab::new(["read", "bind"]).args(words);
        for (name, value) in env {
            socklab = socklab.env(name, value);
        }
        fine(socklab)
    };
    for (words, env, wanted) in [
        (&[][..], &[][..], ENGLISH),
        (&[], &[("LANG", "de_DE.UTF-8")], GERMAN),
        (&[], &[("LANG", "ja_JP.UTF-8")], ENGLISH),
        (
            &[],
            &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C.UTF-8")],
            ENGLISH,
        ),
        (
            &[],
            &[("LANG", "en_US.UTF-8"), ("LANGUAGE", "fr:de")],
            GERMAN,
        ),
        (&["--lang", "de"], &[], GERMAN),
        (&["--lang=de_AT.UTF-8"], &[], GERMAN),
        (&["--lang", "en"], &[("LANG", "de_DE.UTF-8")], ENGLISH),
        (&["--lang", "de", "--lang", "go"], &[], GERMAN),
        (&["--lang", "c"], &[], ENGLISH),
        (&["--lang", "c"], &[("LANG", "de_DE.UTF-8")], GERMAN),
    ] {
        let text = read(words, env);
        assert!(text.contains(wanted), "{words:?} {env:?}: {text}");
    }
    assert!(read(&["--lang", "de", "--lang", "go"], &[]).contains("net.Listen"));
    assert!(read(&["--lang", "c"], &[]).contains("bind("));
    assert_eq!(
        refused(&["walk", "--lang", "fr"]),
        "socklab: --lang fr: the course speaks en, de; a language to program in is for \
         `socklab read`\n"
    );
    let unknown = refused(&["read", "bind", "--lang", "fr"]);
    assert!(
        unknown.contains("Python") && unknown.contains("speaks en, de"),
        "{unknown}"
    );
}

/// A line of the screen in English has words that no German one has.
#[test]
fn a_german_walk_is_german() {
    const LEFT: [&str; 14] = [
        "now", "next", "did", "seen", "try", "why", "got", "sent", "recap", "left", "more",
        "queued", "ends", "peer",
    ];
    let walk = || Socklab::new(["walk", "--auto", "--addr", ANY_PORT]);
    let text = fine(walk().env("LANG", "de_DE.UTF-8"));
    for line in text.lines() {
        let first = line.split_whitespace().next().unwrap_or_default();
        assert!(
            !line.starts_with("  ") || line.starts_with("   ") || !LEFT.contains(&first),
            "{line}"
        );
    }
    is_german(&text);
    // Without umlauts where there are none.
    let plain = fine(walk().args(["--ascii", "--lang", "de"]));
    assert!(plain.is_ascii() && plain.contains("Warteschlange oeffnen") || plain.contains("fuer"));
    // What a program reads is the same in every language, but for the prose.
    let kinds = |run: Run| -> Vec<String> {
        run.assert_done();
        let events = run.events().into_iter();
        events.map(|event| event["event"].to_string()).collect()
    };
    let told = |lang: &str| kinds(walk().args(["--json", "--lang", lang]).run());
    assert_eq!(told("de"), told("en"));
}

#[track_caller]
fn is_german(text: &str) {
    for english in [
        " the ",
        " is ",
        " and ",
        " not ",
        " nobody ",
        "unchanged",
        "(was ",
        "(new)",
    ] {
        assert!(!text.contains(english), "{english}: {text}");
    }
}

/// So is what is told of a program, of the machine and of lines that are typed.
#[test]
fn all_other_commands_speak_german() {
    let dir = dir_of_test();
    let lines = "socket inet stream as s\nwhat\nhelp\nundo\njobs\nexpect s state=LISTEN\n";
    dir.write("lines.socklab", lines);
    let file = dir.join("lines.socklab").display().to_string();
    let me = std::process::id().to_string();
    for (words, wanted) in [
        (&["play", &*file][..], "state ist CLOSED"),
        (&["doctor"], "Die Loopback-Schnittstelle"),
        (&["inspect", &*me], ": schläft in "),
        (&["trace", "--", "true"], "endet: Exit-Code 0"),
        (
            &["check", "create", "--", "true"],
            "es hat keinen Aufruf für einen Socket gemacht",
        ),
    ] {
        let run = Socklab::new(words).env("LANG", "de_DE.UTF-8").run();
        let text = format!("{}{}", run.stdout(), run.stderr);
        assert!(text.contains(wanted), "{words:?}: {text}");
        is_german(&text);
    }
}

/// The code of each source file, without comments.
fn sources() -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).unwrap().map(|it| it.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        found.push(code.collect::<Vec<_>>().join("\n"));
    }
    found
}

/// The keys of `say!` in the sources, each with its placeholders.
fn said() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for code in sources() {
        for call in code.split("say!(").skip(1) {
            let Some(rest) = call.trim_start().strip_prefix('"') else {
                continue;
            };
            let (key, rest) = rest.split_once('"').unwrap();
            let mut depth = 1;
            let inside = |c: char| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            };
            let end = rest.find(inside).unwrap();
            let names = rest[..end].split(',').filter_map(|it| it.split_once(" = "));
            let names: BTreeSet<String> = names.map(|(name, _)| name.trim().into()).collect();
            let known = found.insert(key.into(), names.clone());
            assert!(known.is_none_or(|known| known == names), "{key}");
        }
    }
    found
}

#[test]
fn the_words_are_those_that_the_program_says() {
    /// The keys that are made of a word of the program's own.
    const MADE: [&str; 11] = [
        "field-",
        "value-",
        "stage-",
        "relation-",
        "timer-",
        "outcome-",
        "standing-",
        "belief-",
        "command-",
        "why-",
        "note-",
    ];
    let read = |name: &str| -> BTreeMap<String, String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("chapters")
            .join(name);
        toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let placeholders = |text: &str| -> BTreeSet<String> {
        let pieces = text.split('{').skip(1);
        pieces
            .map(|piece| piece.split_once('}').unwrap().0.to_string())
            .collect()
    };
    let said = said();
    assert!(said.len() > 150);
    let english = read("words.toml");
    for (key, names) in &said {
        let text = english.get(key);
        let text = text.unwrap_or_else(|| panic!("words.toml has no '{key}'"));
        assert_eq!(placeholders(text), *names, "{key}");
    }
    for key in english.keys() {
        let is_made = MADE.iter().any(|kind| key.starts_with(kind));
        assert!(is_made || said.contains_key(key), "nobody says '{key}'");
    }
    // What goes by its English words stands so in the sources, where a line may be broken.
    let code = sources().join("\n");
    let broken = code.split("\\\n").map(str::trim_start);
    let code: String = broken.collect();
    for (key, text) in &english {
        let is_reason = key.starts_with("why-") || key.starts_with("note-");
        if is_reason && !said.contains_key(key) {
            assert!(code.contains(text), "{key}: nobody says '{text}'");
        }
    }
    // A mark of the left column has room for seven characters.
    for (key, text) in english.iter().chain(&read("translations/de/words.toml")) {
        if key.starts_with("label-") && key != "label-elsewhere" {
            assert!(text.chars().count() <= 7, "{key}: {text}");
        }
    }
}

/// A course of one chapter with a translation of it.
fn translated(chapter: &str) -> TempDir {
    let dir = CourseDir::listener().write();
    fs::create_dir_all(dir.join("translations/xx")).unwrap();
    dir.write("translations/xx/lab.md", chapter);
    dir
}

fn check(dir: &TempDir, code: i32) -> String {
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert_eq!(run.code, Some(code), "{}", run.stdout());
    run.stdout()
        .replace(&format!("{path}/translations/xx/"), "")
}

#[test]
fn what_a_translation_lacks_or_has_too_much_is_told() {
    let front = "+++\ntitle = \"T\"\n+++\n";
    let dir = translated(&format!("{front}## Eins {{#step-1}}\nText.\n"));
    let told = check(&dir, 0);
    for lacks in ["summary", "Kernel of 'step-1'", "prose of 'step-2'"] {
        assert!(
            told.contains(&format!("lab.md:1:1: lacks {lacks}\n")),
            "{told}"
        );
    }
    assert!(!told.contains("prose of 'step-1'"), "{told}");
    for (body, problem) in [
        (
            "## Zwei {#step-9}\nText.\n",
            "lab.md:4:1: the chapter has no step 'step-9'",
        ),
        (
            "## Step 1\nText.\n",
            "lab.md:4:1: which step does it translate?",
        ),
        (
            "## X {#step-1}\n```expect\nserver state=LISTEN\n```\n",
            "lab.md:5:1: a `expect` block stands in the chapter itself",
        ),
        (
            "## X {#step-1}\n{nobody}\n",
            "lab.md:4:1: no placeholder '{nobody}'",
        ),
        (
            "## X {#step-1}\n```verdict\nwhy = \"W\"\noutcome = []\n```\n",
            "lab.md:5:1: the step has no such block",
        ),
        (
            "## X {#step-1}\n```predict\nwhy = \"W\"\n[[choice]]\ntext = \"T\"\nright = true\n```\n",
            "lab.md:9:1: unknown field `right`, expected `text`",
        ),
    ] {
        let told = check(&translated(&format!("{front}{body}")), 1);
        assert!(told.starts_with(problem), "{told}");
    }
    let dir = translated(front);
    dir.write(
        "translations/xx/doctor.toml",
        "[ipv6]\ntitle = \"T\"\nworks.do = \"D\"\n",
    );
    let told = check(&dir, 1);
    let problem = "doctor.toml:3:12: there is no do of 'ipv6 works' that this translates";
    assert!(told.starts_with(problem), "{told}");
    dir.write("translations/xx/doctor.toml", "[ipv6]\ntitle = \"T\"\n");
    let told = check(&dir, 0);
    assert!(!told.contains("lacks title of 'ipv6'"), "{told}");
    for lacks in [
        "doctor.toml:1:1: lacks means of 'ipv6 works'",
        "faults.toml:1:1: lacks do of 'fd-leak'",
        "goals/server.toml:1:1: lacks hint of 'bind'",
    ] {
        assert!(told.contains(lacks), "{lacks}: {told}");
    }
    dir.write(
        "translations/xx/words.toml",
        "label-now = \"{x}\"\nno-such = \"\"\n",
    );
    dir.write("translations/xx/course.toml", "[beliefs]\nno-such = \"\"\n");
    let told = check(&dir, 1);
    assert!(
        told.contains("course.toml:2:1: the course has no belief 'no-such'"),
        "{told}"
    );
    dir.write("translations/xx/course.toml", "");
    let told = check(&dir, 1);
    for problem in [
        "words.toml:1:13: no placeholder '{x}'",
        "words.toml:2:1: no words 'no-such'",
    ] {
        assert!(told.contains(problem), "{told}");
    }
}

/// The columns of a line: a terminal places character by character.
fn columns(line: &str) -> usize {
    line.chars().filter_map(UnicodeWidthChar::width).sum()
}

#[test]
fn wide_and_right_to_left_text_keeps_its_columns() {
    let wide = "カーネルは新しいソケットを作り、空いている最小の番号を返します。`bind` はアドレスを結び付けます。".repeat(2);
    let arabic = "يعيد النواة رقماً صغيراً للبرنامج، وهو واصف الملف 3 في `bind` لا غير. ".repeat(2);
    let hebrew = "הליבה מחזירה מספר קטן, מתאר קובץ, לתוכנית `socket` שביקשה אותו. ".repeat(2);
    for (prose, is_turned) in [(wide, false), (arabic, true), (hebrew, true)] {
        let start = &prose.chars().take(5).collect::<String>();
        let table = format!("| {} | b |\n|---|---|\n| c | {} |\n", start, start);
        let dir = translated(&format!(
            "+++\ntitle = \"{}\"\nsummary = \"s\"\n+++\n## T {{#step-1}}\n{prose}\n### Kernel\n\
             {prose}\u{202e}\n### Why\n{table}\n### Seen\n{prose}\n",
            start
        ));
        dir.write(
            "translations/xx/words.toml",
            &format!("label-now = \"{}\"\n", start),
        );
        let walk = Socklab::new(["walk", "--auto", "--width", "60", "--lang", "xx"]);
        let mut text = fine(walk.args(["--addr", ANY_PORT]).chapters(&dir));
        let read = Socklab::new(["read", "lab", "--width", "60", "--lang", "xx"]);
        text.push_str(&fine(read.chapters(&dir)));
        for line in text.lines() {
            assert!(columns(line) <= 60, "{}: {line}", columns(line));
            // Whatever is turned stands in an isolate of its own, and nothing of the course's
            // steers.
            let [begins, ends] = ['\u{2068}', '\u{2069}'].map(|c| line.matches(c).count());
            assert_eq!(begins, ends, "{line}");
            assert!(!line.contains('\u{202e}'));
            let body = line.trim_start_matches(' ');
            assert!(
                !body.starts_with("Kernel") || line.starts_with("  kernel"),
                "{line}"
            );
        }
        assert!(text.contains("\\u{202e}"), "{text}");
        assert_eq!(text.contains('\u{2068}'), is_turned, "{text}");
        // The body of a field begins in one column, whatever its label.
        for label in ["  kernel  ", "  seen    "] {
            assert!(text.lines().any(|line| line.starts_with(label)), "{text}");
        }
    }
}
