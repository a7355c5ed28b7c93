//! A class of browsers, and what some of them do.

use std::io::{Read, Write};

use super::{At, url_on};
use crate::support::{ANY_PORT, Socklab, until};

/// A hundred who look on, one that takes nothing, one that takes a byte at a time, one that
/// has vanished, and rubbish: the walk goes on, and whoever looks sees its end.
#[test]
fn a_hundred_browsers_do_not_hold_up_the_walk() {
    let words = ["walk", "--auto=0.1", "--json", "--page", "--addr", ANY_PORT];
    let mut running = Socklab::new(words).start();
    let at = At::of(&running.wait_page());
    let mut lookers: Vec<_> = (0..100).map(|_| at.look()).collect();
    let _deaf = at.look();
    drop(at.look());
    let mut slow = at.send(&format!("GET {} HTTP/1.1\r\n\r\n", at.path));
    let mut rubbish = at.send("");
    for _ in 0..100 {
        // It is hung up on when it has sent too much.
        let _ = rubbish.write(&[0x80; 1000]);
    }
    let _ = slow.read(&mut [0]);
    let began = running.wait_event("the end", |event| event["event"] == "end");
    assert_eq!(began["status"], "done");
    running.finish().assert_done();
    for looker in &mut lookers {
        let last = looker.rest().pop().unwrap();
        let place = last["place"].as_str().unwrap();
        assert!(place.contains("The run has ended: done"), "{last}");
    }
}

/// Each browser has one answer, its last; none while there is no question.
#[test]
fn answers_are_counted() {
    let words = [
        "step", "listen", "--peer", "builtin", "--page", "--addr", ANY_PORT,
    ];
    let mut terminal = Socklab::new(words).in_terminal(80);
    let at = At::of(&url_on(&mut terminal));
    let has = |wanted: &str| at.get("").contains(wanted);
    let question = "<input type=\"hidden\" name=\"question\" value=\"1\">";
    let mut made = 0;
    while terminal.wait_stop(made).at_pause() {
        terminal.send("\r");
        made += 1;
    }
    until("the page has the question", || has(question));
    assert!(has("0 answers so far"));
    let browsers: Vec<String> = (0..4).map(|_| at.browser()).collect();
    for (who, choice) in [(0, 0), (1, 1), (2, 1), (0, 1), (3, 99)] {
        at.answer(&browsers[who], 1, choice);
    }
    at.answer(&browsers[3], 2, 0);
    assert!(has("3 answers so far"), "{}", at.get(""));
    terminal.send("s");
    terminal.wait("the pause", |view| !view.at_menu() && view.at_pause());
    terminal.send("\r");
    terminal.wait_until("it is answered", || !has(question));
    at.answer(&browsers[3], 1, 0);
    let page = at.get("");
    let counts: Vec<&str> = page
        .split("<b class=\"raised\">")
        .skip(1)
        .map(|it| &it[..1])
        .collect();
    assert_eq!(counts[..2], ["0", "3"], "{page}");
    terminal.wait("the menu", |view| view.at_menu());
    terminal.leave();
}
