//! Who is served, and what.

use std::fs;

use super::At;
use crate::support::{ANY_PORT, Running, Socklab, dir_of_test, free_addr, is, output, until};

/// A lesson that waits where a server is about to listen, and its page.
fn waiting() -> (Running, At) {
    let words = ["step", "listen", "--auto=60", "--json", "--page"];
    let mut running = Socklab::new(words).args(["--addr", ANY_PORT]).start();
    let at = At::of(&running.wait_page());
    running.wait_pause("listen");
    until("the page has it", || at.get("").contains("<dt>next</dt>"));
    (running, at)
}

#[test]
fn only_who_has_its_address_sees_it() {
    let (_running, at) = waiting();
    let page = at.get("");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("default-src 'none'; ") && page.contains("frame-ancestors 'none'"));
    let (token, form) = (&at.path, "Content-Length: 19\r\n\r\nquestion=1&choice=0");
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".into(), 403),
        ("GET /events HTTP/1.1\r\n\r\n".into(), 403),
        ("GET /favicon.ico HTTP/1.1\r\n\r\n".into(), 403),
        (format!("GET {token}x HTTP/1.1\r\n\r\n"), 404),
        (
            format!("GET {} HTTP/1.1\r\n\r\n", token.to_uppercase()),
            403,
        ),
        (
            format!("GET {} HTTP/1.1\r\n\r\n", token.trim_end_matches('/')),
            303,
        ),
        (format!("DELETE {token} HTTP/1.1\r\n\r\n"), 404),
        (format!("POST /answer HTTP/1.1\r\n{form}"), 403),
        (format!("POST {token}answer HTTP/1.1\r\n{form}"), 403),
        (
            format!("POST {token}answer HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
            400,
        ),
        ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n".into(), 400),
    ] {
        let answer = at.ask(&request);
        let line = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&line), "{request}: {answer}");
        assert!(
            status < 400 || !answer.contains("listen"),
            "{request}: {answer}"
        );
    }
}

/// The step, the call that comes, and every call so far.
#[test]
fn it_shows_where_the_run_is_now() {
    let (running, at) = waiting();
    // Whoever looks on is told what stands in the page.
    let (page, told) = (at.get(""), at.look().next().unwrap());
    for (id, part) in told.as_object().unwrap() {
        assert!(page.contains(part.as_str().unwrap()), "{id}: {part}");
    }
    let part = |id: &str| told[id].as_str().unwrap();
    assert!(
        part("place").contains("listen › <strong>open-the-queue</strong>"),
        "{page}"
    );
    assert!(part("now").contains("<dt>next</dt>") && part("now").contains("listen(3, 1)"));
    assert!(
        part("ends").contains("server fd 3 <b class=\"changed\">CLOSED</b>"),
        "{page}"
    );
    let exits = running
        .events()
        .into_iter()
        .filter(|event| is(event, "exit"));
    for exit in exits {
        let call = exit["call"].as_str().unwrap();
        let first = if call == "socket" { "..." } else { "3, ..." };
        let rung = format!(">{call}({first}) = {}<", exit["ret"]);
        assert!(page.contains(&rung), "{rung}: {page}");
    }
    let view = running.last("view");
    let local = view["sockets"][0]["local"].as_str().unwrap();
    assert!(
        part("facts").contains(&format!("state CLOSED · local {local}")),
        "{page}"
    );
}

#[test]
fn every_run_has_one_and_nothing_else() {
    for words in [
        &["list"][..],
        &["replay", "x"],
        &["inspect", "1"],
        &["doctor"],
    ] {
        let run = Socklab::new(words).args(["--page"]).run();
        assert_eq!(run.code, Some(2), "{words:?}");
        assert!(
            run.stderr.contains("--page means nothing"),
            "{}",
            run.stderr
        );
    }
    let dir = dir_of_test();
    let script = dir.join("x.socklab");
    fs::write(&script, "socket inet stream\n").unwrap();
    let script = script.display().to_string();
    let check = ["check", "create", "--limit", "1", "--page", "--", "true"];
    let step = ["step", "create", "--auto", "--page", "--addr", ANY_PORT];
    for words in [
        &["play", &script, "--page"][..],
        &["trace", "--page", "--", "true"],
        &check,
        &step,
    ] {
        let run = Socklab::new(words).run();
        let said = run.stderr.matches("looks on at http://127.0.0.1:").count();
        assert_eq!(said, 1, "{words:?}: {}", run.stderr);
        assert!(!run.stderr.contains("is open"), "{}", run.stderr);
    }
}

#[test]
fn an_address_is_checked_and_what_it_opens_is_said() {
    let addr = free_addr();
    let page = format!("--page={addr}");
    for (words, code, wanted) in [
        (["--page=192.0.2.1:1", ANY_PORT], 1, "EADDRNOTAVAIL"),
        (
            ["--page=/tmp/x", ANY_PORT],
            2,
            "browsers want a host and a port",
        ),
        ([&*page, &*addr], 2, "cannot both have port"),
        (["--page=0.0.0.0:0", ANY_PORT], 0, "It is not encrypted"),
    ] {
        let run = Socklab::new(["step", "create", "--auto", words[0], "--addr", words[1]]).run();
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        assert!(run.stderr.contains(wanted), "{}", run.stderr);
        assert!(!run.stderr.contains("http://0.0.0.0"), "{}", run.stderr);
    }
}

/// A network of the run's own is not that of browsers.
#[test]
#[ignore = "needs unshare"]
fn it_is_served_where_browsers_are() {
    let words = [
        "step",
        "listen",
        "--auto=60",
        "--json",
        "--page",
        "--private",
    ];
    let mut running = Socklab::new(words).start();
    let at = At::of(&running.wait_page());
    until("the page has it", || at.get("").contains("listen(3, 1)"));
}

#[test]
fn what_a_peer_sends_is_text() {
    let dir = dir_of_test();
    let evil = "</script><script>document.title=1</script><img src=x onerror=alert(1)>";
    let script = dir.join("x.socklab");
    let lines = format!(
        "socketpair unix stream as x y\nsend x \"{evil}\"\nrecv y 100\nrecv y 100\nclose y\n"
    );
    fs::write(&script, lines).unwrap();
    let script = script.display().to_string();
    let mut running = Socklab::new(["play", &script, "--json", "--page"]).start();
    let at = At::of(&running.wait_page());
    running.wait_blocked("recvfrom");
    let page = at.get("");
    assert!(page.contains("&lt;script&gt;document.title"), "{page}");
    assert_eq!(page.matches("<script").count(), 1);
    let told = at.look().next().unwrap().to_string();
    assert!(!page.contains("<img") && !told.contains("<img") && !told.contains("<script"));
}

#[test]
#[ignore = "needs python3"]
fn its_styles_and_its_script_are_those_of_the_policy() {
    let (_running, at) = waiting();
    let page = at.get("");
    let (head, page) = page.split_once("\r\n\r\n").unwrap();
    for (tag, count) in [("style", 2), ("script", 1)] {
        let open = format!("<{tag}>");
        let all: Vec<&str> = page.split(&open).skip(1).collect();
        assert_eq!(all.len(), count);
        for text in all {
            let text = text.split(&format!("</{tag}>")).next().unwrap();
            let hash = "import sys, hashlib, base64\n\
                print(base64.b64encode(hashlib.sha256(sys.argv[1].encode()).digest()).decode())";
            let hash = output("python3", ["-c", hash, text]);
            assert!(
                head.contains(&format!("'sha256-{}'", hash.trim())),
                "{tag}: {hash}"
            );
        }
    }
}
