//! No answer contradicts the kernel: the conditions of every choice are held
//! against it, when the course is played.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use serde_json::Value;
use toml::Table;

use super::questions::{asking, choices, conditions};
use crate::support::{
    Chapter, Run, Running, Socklab, Step, TempDir, Track, connect, dir_of_test, is, shipped, track,
    tracks, until,
};

/// A copy of the course in which every condition is an expectation as well: so
/// each is judged, and told, in a run that nobody attends.
pub fn course_of_conditions() -> TempDir {
    let dir = dir_of_test();
    dir.write(
        "course.toml",
        &fs::read_to_string(shipped().join("course.toml")).unwrap(),
    );
    copy(&dir, "languages");
    for track in tracks() {
        for chapter in track.chapters.iter().chain(&track.extras) {
            let name = format!("{}.md", chapter.file);
            fs::create_dir_all(dir.join(&name).parent().unwrap()).unwrap();
            dir.write(&name, &with_conditions(chapter));
        }
    }
    dir
}

fn copy(dir: &TempDir, folder: &str) {
    fs::create_dir(dir.join(folder)).unwrap();
    for entry in fs::read_dir(shipped().join(folder)).unwrap() {
        let from = entry.unwrap().path();
        let name = from.file_name().unwrap().to_string_lossy().into_owned();
        fs::copy(&from, dir.join(folder).join(name)).unwrap();
    }
}

fn with_conditions(chapter: &Chapter) -> String {
    const EXPECT: &str = "\n```expect\n";
    let mut text = String::new();
    let mut rest = chapter.text.as_str();
    for step in &chapter.steps {
        let heading = format!("\n## {}\n", step.title);
        let at = rest.find(&heading).unwrap() + heading.len();
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let lines: Vec<&str> = all_conditions(step);
        if !lines.is_empty() {
            // Behind the step's own, as an answer is looked for after those hold.
            let body = rest.find(EXPECT).unwrap() + EXPECT.len() - 1;
            let at = body + rest[body..].find("\n```").unwrap();
            text.push_str(&format!("{}\n{}", &rest[..at], lines.join("\n")));
            rest = &rest[at..];
        }
    }
    text + rest
}

fn all_conditions(step: &Step) -> Vec<&str> {
    match step.question {
        None => Vec::new(),
        Some(_) => choices(step).into_iter().flat_map(conditions).collect(),
    }
}

/// The first run of each step of a chapter: what was held there, in order.
pub fn judged(run: &Run, id: &str) -> Vec<Vec<Value>> {
    let mut steps: Vec<(Value, Vec<Value>)> = Vec::new();
    for event in run.events() {
        if event["chapter"] != id {
            continue;
        }
        let first = event["round"].is_null() || event["round"] == 1;
        if is(&event, "step") && first {
            steps.push((event["step"].clone(), Vec::new()));
        }
        if is(&event, "expect") {
            let mine = steps.iter_mut().find(|(step, _)| *step == event["step"]);
            mine.unwrap().1.push(event);
        }
    }
    steps.into_iter().map(|(_, events)| events).collect()
}

/// Is that the line, with its placeholders filled in?
fn is_line(template: &str, line: &str) -> bool {
    let mut pieces = template.split(['{', '}']).step_by(2);
    let first = pieces.next().unwrap();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty() || template.ends_with('}')
}

/// What the kernel said to a condition: nothing, if it could not be seen.
fn held(events: &[Value], condition: &str) -> Option<bool> {
    let line = |event: &&Value| is_line(condition, event["line"].as_str().unwrap());
    events.iter().find(line).map(|event| event["held"] == true)
}

/// The choice that is right by the kernel; none if nothing of it can be seen.
/// The first that holds is right, so a later one may say "anything else".
pub fn answer<'s>(step: &'s Step, events: &[Value]) -> Option<&'s Table> {
    let mut right = Vec::new();
    let mut seen = false;
    for choice in choices(step) {
        let lines = conditions(choice);
        let verdicts: Vec<Option<bool>> = lines.iter().map(|line| held(events, line)).collect();
        seen |= verdicts.iter().any(Option::is_some);
        let holds = verdicts.iter().all(|verdict| *verdict == Some(true));
        let rest = |line: &&str| line.ends_with("=*") || line.starts_with("gone ");
        let is_rest = !right.is_empty() && lines.iter().all(rest);
        if holds && !lines.is_empty() && !is_rest {
            right.push(choice);
        }
    }
    if !seen {
        return None;
    }
    assert_eq!(right.len(), 1, "{}: {right:?} {events:#?}", step.title);
    Some(right[0])
}

/// Does the question ask about the time that a call was blocked? What the
/// built-in peer is waited for is too short to tell.
fn asks_of_waiting(step: &Step) -> bool {
    let lines = all_conditions(step);
    lines.iter().any(|line| ["slept", "burned"].contains(line))
}

/// Exactly one choice is right by the kernel.
fn assert_answered(chapter: &Chapter, step: &Step, events: &[Value]) {
    let at = format!("{}: {}", chapter.file, step.title);
    if answer(step, events).is_none() {
        assert!(asks_of_waiting(step), "{at}: {events:#?}");
    }
}

/// Plays these chapters and judges their questions; says how many.
fn judge(dir: &TempDir, words: &[&str], track: &Track, chapters: &[Chapter]) -> usize {
    let words = [words, &track.options()].concat();
    // Some extras listen publicly, which a copy of the course must be allowed.
    let socklab = Socklab::new(words).args(["--auto", "--json", "--no-progress"]);
    let run = socklab.trusted(dir).run();
    // A wrong choice's condition does not hold, and is told so.
    assert_eq!(run.only("end")["chapter"], Value::Null);
    assert!(run.all("failure").is_empty(), "{}", run.stderr);
    let mut count = 0;
    for chapter in chapters {
        let judged = judged(&run, &chapter.id);
        assert_eq!(judged.len(), chapter.steps.len(), "{}", chapter.file);
        for (step, events) in chapter.steps.iter().zip(&judged) {
            if !all_conditions(step).is_empty() {
                assert_answered(chapter, step, events);
                count += 1;
            }
        }
    }
    count
}

#[test]
fn no_answer_contradicts_the_kernel() {
    let dir = course_of_conditions();
    let path = dir_of_test();
    let mut count = 0;
    for track in tracks() {
        let path = path.join("s").display().to_string();
        let addr = match track.domain.as_str() {
            "unix" => path,
            _ => "127.0.0.1:0".to_string(),
        };
        count += judge(&dir, &["walk", "--addr", &addr], &track, &track.chapters);
        for chapter in &track.extras {
            let words = ["step", &chapter.id, "--addr", &addr];
            count += judge(&dir, &words, &track, std::slice::from_ref(chapter));
        }
    }
    let observed = asking();
    let observed = observed
        .iter()
        .filter(|(_, step)| !all_conditions(step).is_empty());
    assert_eq!(count, observed.count());
}

/// IPv6 answers as IPv4 does.
#[test]
fn no_answer_contradicts_the_kernel_over_ipv6() {
    let dir = course_of_conditions();
    for mut track in tracks() {
        if track.domain == "inet" {
            track.domain = "inet6".into();
            let words = ["walk", "--addr", "[::1]:0"];
            assert!(judge(&dir, &words, &track, &track.chapters) > 0);
        }
    }
}

/// Makes the other end of a call wait for longer than the kernel's clock ticks:
/// shorter, and nobody can tell whether a process slept.
fn long_enough() {
    let began = Instant::now();
    until("it has been blocked for long enough", || {
        began.elapsed() > Duration::from_millis(200)
    });
}

/// The answer to the question of a step that was blocked for a while.
fn assert_slept(run: &Run, track: &Track) {
    let mut chapters = track.chapters.iter();
    let chapter = chapters.find(|one| one.id == "exchange").unwrap();
    let judged = judged(run, &chapter.id);
    let mut asked = 0;
    for (step, events) in chapter.steps.iter().zip(&judged) {
        if asks_of_waiting(step) {
            let right = answer(step, events);
            let right = right.unwrap_or_else(|| panic!("{events:#?}"));
            assert_eq!(conditions(right), ["slept"]);
            asked += 1;
        }
    }
    assert!(asked > 0);
}

/// An unattended run of that track, whose other end is the test.
pub fn with_me(dir: &TempDir, track: &Track, addr: &str) -> Running {
    let words = ["walk", "--auto", "--json", "--no-progress", "--peer", "nc"];
    let socklab = Socklab::new(words).args(track.options());
    socklab.args(["--addr", addr]).chapters(dir).start()
}

#[test]
fn a_blocked_call_is_seen_sleeping() {
    let dir = course_of_conditions();
    let server = track("server");
    let mut running = with_me(&dir, &server, "127.0.0.1:0");
    let port = running.wait_port();
    let mut client = connect(port);
    running.wait_blocked("recvfrom");
    long_enough();
    client.write_all(b"hello\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let run = running.finish();
    assert_slept(&run, &server);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let client = track("client");
    let mut running = with_me(&dir, &client, &addr);
    running.wait_blocked("recvfrom");
    let (mut server, _) = listener.accept().unwrap();
    long_enough();
    server.read_exact(&mut [0; 6]).unwrap();
    server.write_all(b"good day\n").unwrap();
    assert_slept(&running.finish(), &client);

    let udp = track("udp");
    let mut running = with_me(&dir, &udp, "127.0.0.1:0");
    running.wait_blocked("recvfrom");
    let addr = running.last("view")["sockets"][0]["local"].clone();
    long_enough();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"hello", addr.as_str().unwrap()).unwrap();
    assert_slept(&running.finish(), &udp);
}
