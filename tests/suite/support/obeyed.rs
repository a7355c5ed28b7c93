//! Characters that a terminal obeys, and a course full of them.

use super::{TempDir, dir_of_test};

/// What a terminal would obey: C0 but for line breaks and NUL, which ends an argument,
/// DEL, C1, the line separators, and what turns the direction of writing or hides.
pub fn obeyed() -> String {
    let controls = ('\u{1}'..='\u{9f}').filter(|c| c.is_control() && !"\n\r".contains(*c));
    let others = ['\u{61c}', '\u{200b}', '\u{2028}', '\u{2029}', '\u{feff}'];
    let turning = ('\u{200e}'..='\u{200f}').chain('\u{202a}'..='\u{202e}');
    let isolating = '\u{2066}'..='\u{2069}';
    let all = controls.chain(others).chain(turning).chain(isolating);
    // Of a kind that is used: a window's title, a cleared screen.
    format!("{}\u{1b}]0;x\u{7}\u{9b}2J", all.collect::<String>())
}

/// The same in a string of TOML.
fn in_toml() -> String {
    let escaped = |c: char| format!("\\u{:04X}", u32::from(c));
    obeyed().chars().map(escaped).collect()
}

const COURSE: &str = "title = \"T TOML\"\nchapters = [\"lab\"]\nlanguages = [\"c\"]\n\
    [beliefs]\nmine = \"B TOML\"\n";

const LANGUAGE: &str = "name = \"N TOML\"\n[lab]\ncode = \"C TOML\"\ncalls = \"S TOML\"\n\
    note = \"O TOML\"\n";

const LAB: &str = "+++\nid = \"lab\"\ntitle = \"Lab TOML\"\nlabel = \"name\"\n\
    summary = \"s TOML\"\n+++\nProse RAW.\n\n\
    ## First RAW step\nStep RAW.\n\
    ```socklab\nsocket {domain} stream as server\n```\n\
    ### Kernel\nKernel RAW.\n\
    ### Why\nWhy `code RAW`, *and RAW*.\n\n- item RAW\n\n\
    | a RAW | b |\n|---|---|\n| c RAW | d |\n\n    verbatim RAW\n\n\
    ```text\nfenced RAW\n```\n\
    ### Seen\nSeen RAW.\n\
    ### Try\n- `nc RAW`: try RAW\n\
    ### Predict\n```predict\nquestion = \"Q TOML\"\nwhy = \"W TOML\"\n\
    [[choice]]\ntext = \"one TOML\"\nbelief = \"mine\"\n\
    [[choice]]\ntext = \"two TOML\"\nwhen = \"server state=CLOSED\"\n```\n\
    ### Expect\n```expect\nserver 'state=CLOSED|RAW'\n```\n\
    ## Second step\nProse.\n```socklab\nbind server {addr}\n```\n### Kernel\nKernel.\n";

/// A course of which every text holds all of it. `change` gets the name and the text of
/// each file; for TOML and RAW in it they are put in, in the escapes of TOML or raw.
pub fn obeying_course(change: impl Fn(&str, String) -> String) -> TempDir {
    let dir = dir_of_test();
    std::fs::create_dir(dir.join("languages")).unwrap();
    for (name, text) in [
        ("course.toml", COURSE),
        ("lab.md", LAB),
        ("languages/c.toml", LANGUAGE),
    ] {
        let text = change(name, text.into());
        // A choice has at most 60 characters.
        let choice = r"\u001B[2J\u009B2J\u202E";
        let text = text
            .replace("one TOML", &format!("one {choice}"))
            .replace("two TOML", &format!("two {choice}"))
            .replace("TOML", &in_toml())
            .replace("RAW", &obeyed());
        dir.write(name, &text);
    }
    dir
}
