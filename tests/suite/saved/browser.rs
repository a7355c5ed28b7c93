//! The page of a report in a browser.

use std::fs;
use std::net::TcpListener;

use super::SavedRun;
use super::report::page_of;
use crate::support::{ANY_PORT, dir_of_test, dom};

/// The document of a report after the browser has read it.
fn read(page: &str) -> String {
    let dir = dir_of_test();
    let file = dir.join("page.html");
    fs::write(&file, page).unwrap();
    dom(&format!("file://{}", file.display()), &[])
}

/// The text of a document, without its tags and its head.
fn text(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    let texts = body.split('<').filter_map(|part| part.split_once('>'));
    let text: String = texts.map(|(_, text)| text).collect();
    text.replace("&quot;", "\"").replace("&nbsp;", "\u{a0}")
}

#[test]
#[ignore = "needs chromium"]
fn it_shows_what_the_page_says() {
    let run = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    let page = page_of(&run.file());
    let shown = read(&page);
    assert_eq!(text(&shown).trim(), text(&page).trim());
}

/// What comes from outside neither runs nor loads anything.
#[test]
#[ignore = "needs chromium"]
fn what_comes_from_outside_is_text() {
    let beacon = TcpListener::bind("127.0.0.1:0").unwrap();
    beacon.set_nonblocking(true).unwrap();
    let at = format!("http://{}/x", beacon.local_addr().unwrap());
    let evil = [
        format!("<script>location='{at}'</script>"),
        format!("<img src='{at}' onerror='document.title=1'>"),
        format!("</title></style><link rel=stylesheet href='{at}'>"),
        format!("\\\"><iframe src='{at}'></iframe>&lt;b&gt;"),
    ];
    let run = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    for evil in evil {
        let lines = run.lines().into_iter().map(|line| {
            let line = line.replace("\"task\":\"server\"", &format!("\"task\":\"{evil}\""));
            let line = line.replace("\"step\":\"", &format!("\"step\":\"{evil}"));
            line.replace("\"kernel\":\"", &format!("\"kernel\":\"{evil}"))
        });
        let lines: Vec<String> = lines.collect();
        let file = run.dir.join("evil.jsonl");
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let page = page_of(&file.display().to_string());
        let shown = read(&page);
        for tag in ["<script", "<img", "<link", "<iframe"] {
            assert!(!shown.contains(tag), "{tag}: {shown}");
        }
        assert_eq!(text(&shown).trim(), text(&page).trim());
        assert!(beacon.accept().is_err(), "something was loaded");
    }
}
