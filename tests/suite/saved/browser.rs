//! The page of a report in a browser.

use std::fs;
use std::net::TcpListener;

use super::SavedRun;
use super::report::page_of;
use crate::support::{ANY_PORT, Browser, dir_of_test, python_itself};

/// The document of a report after the browser has read it.
fn read(page: &str, browser: &mut Browser) -> String {
    let dir = dir_of_test();
    let file = dir.join("page.html");
    fs::write(&file, page).unwrap();
    browser.open(&format!("file://{}", file.display()));
    browser.dom()
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
    let shown = read(&page, &mut Browser::start());
    assert_eq!(text(&shown).trim(), text(&page).trim());
}

/// Whatever a report shows, axe-core has nothing against it.
#[test]
#[ignore = "needs chromium, axe-core, unshare"]
fn nobody_is_kept_out() {
    let program = "import socket\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0)";
    let program = ["--", &python_itself(), "-c", program];
    let walk = ["walk", "--auto", "--packets", "--private", "--no-predict"];
    let mut browser = Browser::start();
    for (words, behind) in [
        (&walk[..], &[][..]),
        (
            &["walk", "--auto", "--type", "dgram", "--addr", ANY_PORT],
            &[],
        ),
        (&["walk", "--auto", "--lang", "de", "--addr", ANY_PORT], &[]),
        (
            &["check", "create", "listen", "accept", "--limit", "1"],
            &program,
        ),
        (&["trace"], &program),
    ] {
        let run = SavedRun::of(words, behind);
        let page = page_of(&run.file());
        read(&page, &mut browser);
        browser.assert_open_to_all(&words.join(" "));
    }
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
    let mut browser = Browser::start();
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
        let shown = read(&page, &mut browser);
        for tag in ["<script", "<img", "<link", "<iframe"] {
            assert!(!shown.contains(tag), "{tag}: {shown}");
        }
        assert_eq!(text(&shown).trim(), text(&page).trim());
        assert!(beacon.accept().is_err(), "something was loaded");
    }
}
