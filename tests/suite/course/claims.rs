//! Claims of textbooks: the verdict is the kernel's, and another one where the kernel does
//! otherwise.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::linter::{FINE, course_of, finds, problems};
use crate::support::{
    ANY_PORT, Socklab, TempDir, course_table, dir_of_test, output, python_itself, shipped, track,
};

/// The same experiments without socklab.
const WITNESS: &str = include_str!("claims.py");

/// A line of each chapter, what stands for it in an experiment that the kernel answers
/// otherwise, and whether the claim holds then.
const OTHERWISE: [(&str, &str, &str, Option<bool>); 11] = [
    (
        "refusal",
        "connect third {addr}",
        "connect third 127.0.0.9:{port}",
        Some(true),
    ),
    (
        "exists",
        "connect client {addr}",
        "connect client 127.0.0.9:{port}",
        Some(true),
    ),
    // It does send something to the client.
    (
        "third-ack",
        "accept server as conn\n",
        "close server\n",
        Some(true),
    ),
    ("five", "listen server 10", "listen server 5", Some(true)),
    (
        "unfailing",
        "bind second {addr}",
        "bind second 127.0.0.9:{port}",
        Some(true),
    ),
    ("packets", "--zeros 5000", "--zeros 1700", Some(true)),
    ("closed", "close conn", "shutdown conn write", Some(true)),
    // That no connection is there is not shown to anybody.
    (
        "wildcard",
        "client 127.0.0.2:{port}",
        "client 127.0.0.1:{port}",
        None,
    ),
    (
        "owner",
        "second reuseport on",
        "second keepalive on",
        Some(true),
    ),
    (
        "udp-name",
        "socket unix dgram",
        "socket inet dgram",
        Some(true),
    ),
    (
        "golang",
        "go tool trace -http=127.0.0.1:0 /dev/null'",
        "bash -c \": >/dev/udp/127.0.0.1/9\"'",
        Some(true),
    ),
];

fn ids() -> Vec<String> {
    let course = course_table();
    let claims = course["track"][0]["claims"].as_array().unwrap();
    let id = |name: &toml::Value| name.as_str().unwrap().rsplit('/').next().unwrap().into();
    claims.iter().map(id).collect()
}

fn step(id: &str) -> Socklab {
    let words = ["step", id, "--auto", "--json", "--no-progress"];
    Socklab::new(words).args(["--addr", ANY_PORT])
}

/// What each claim comes to where these words start a program.
fn agreed_with_the_witness(world: &[&str]) -> BTreeMap<String, bool> {
    let python = python_itself();
    let words = [world, &[&python, "-c", WITNESS]].concat();
    let witness = output(words[0], &words[1..]);
    let witness: BTreeMap<String, bool> = serde_json::from_str(&witness).unwrap();
    assert_eq!(witness.len(), ids().len());
    for id in ids() {
        let run = step(&id).under(world).run();
        assert_eq!(run.code, Some(0), "{id}: {}", run.stderr);
        let verdict = run.only("verdict");
        assert_eq!(verdict["holds"], witness[&id], "{id}");
        assert_ne!(verdict["evidence"].as_array().unwrap().len(), 0, "{id}");
    }
    witness
}

#[test]
#[ignore = "needs strace and user namespaces"]
fn verdicts_are_those_of_another_program_here_and_on_a_kernel_set_up_otherwise() {
    let here = agreed_with_the_witness(&["env"]);
    assert!(!here["five"] && !here["refusal"], "{here:?}");
    let setup = "ip link set lo up; echo 5 > /proc/sys/net/core/somaxconn; exec \"$@\"";
    let there = agreed_with_the_witness(&["unshare", "-Urn", "sh", "-ec", setup, "sh"]);
    assert!(there["five"], "{there:?}");
}

#[test]
fn another_experiment_has_another_verdict() {
    let changed: Vec<&str> = OTHERWISE.iter().map(|(id, ..)| *id).collect();
    for id in ids() {
        assert!(changed.contains(&&*id), "{id}");
    }
    // Of the course only what they need, all changed at once: it is read for each of them.
    let course = dir_of_test();
    let text = |name: &str| fs::read_to_string(shipped().join(name)).unwrap();
    let whole = text("course.toml");
    let between = |from: &str, to: &str| {
        let (_, rest) = whole.split_once(from).unwrap();
        format!("{from}{}", rest.split_once(to).unwrap().0)
    };
    let entry = between("[[track]]", "extras = [");
    let listed = [
        between("[beliefs]", "[[track]]"),
        entry,
        between("claims = [", "\n\n"),
    ];
    course.write(
        "course.toml",
        &format!("title = \"Lab\"\n{}", listed.concat()),
    );
    fs::create_dir(course.join("claims")).unwrap();
    for chapter in track("server").chapters {
        course.write(&format!("{}.md", chapter.file), &chapter.text);
    }
    for (id, line, other, _) in OTHERWISE {
        let file = format!("claims/{id}.md");
        let text = text(&file);
        assert!(text.contains(line), "{id}");
        course.write(&file, &text.replace(line, other));
    }
    for (id, .., holds) in OTHERWISE {
        let run = step(id).trusted(&course).run();
        let verdict = run.only("verdict");
        assert_eq!(verdict["holds"], Value::from(holds), "{id}: {}", run.stderr);
    }
}

/// The end of a chapter that binds `server`.
const VERDICT: &str = r#"### Verdict
```verdict
why = "Because."
[[outcome]]
holds = true
text = "it is free"
when = "server state=CLOSED local=-"
[[outcome]]
holds = false
text = "it is taken"
when = ["server state=CLOSED", "server local=*"]
```
"#;

/// A course with such a chapter in that list of its track.
fn course_with(list: &str, verdict: &str) -> TempDir {
    let track =
        "id = \"a\"\ntitle = \"A\"\nrole = \"server\"\ndomain = \"inet\"\ntype = \"stream\"";
    let course = format!(
        "title = \"Lab\"\n[[track]]\n{track}\nchapters = [\"lab\"]\n{list} = [\"claim\"]\n"
    );
    let dir = course_of(&course, FINE);
    let claim = FINE.replace("id = \"lab\"", "id = \"claim\"\nfresh = true");
    dir.write("claim.md", &format!("{claim}{verdict}"));
    dir
}

#[test]
fn mistakes_in_a_verdict_are_found() {
    let dir = course_with("claims", VERDICT);
    assert_eq!(problems(&dir), [""; 0]);
    let run = step("claim").chapters(&dir).run();
    let verdict = run.only("verdict");
    assert_eq!(
        (&verdict["claim"], &verdict["holds"]),
        (&"Lab".into(), &false.into())
    );
    for (from, to, place, message) in [
        ("holds = true", "holds = false", 34, "one where it does not"),
        ("holds = true", "", 36, "missing field `holds`"),
        ("local=-", "local=*", 34, "do not exclude each other"),
        ("local=-", "lokal=-", 39, "no field 'lokal'"),
        (
            "[\"server state=CLOSED\", \"server local=*\"]",
            "[]",
            34,
            "nothing shows",
        ),
        ("Because.", "{prot}", 25, "no placeholder '{prot}'"),
        ("```\n", "```\n```verdict\n```\n", 45, "one verdict a step"),
    ] {
        let planted = VERDICT.replacen(from, to, 1);
        assert_ne!(planted, VERDICT, "{from}");
        finds(
            &course_with("claims", &planted),
            &format!("claim.md:{place}:1"),
            message,
        );
    }
    finds(
        &course_with("claims", ""),
        "claim.md:1:1",
        "a claim has a verdict",
    );
    let message = "under `claims` in course.toml";
    finds(&course_with("extras", VERDICT), "claim.md:34:1", message);
}
