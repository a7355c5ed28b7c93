//! Questions before a call: answered right, wrong or not at all, and never in the
//! way.

use std::net::TcpListener;
use std::time::Duration;

use super::learner::Learner;
use super::places::listening_port;
use super::pty::Terminal;
use super::view::View;
use super::waits::SKIP;
use crate::support::{ANY_PORT, connect, free_addr, tcp_rows_of_port};

/// The first choices of the questions of `listen` and `bind`.
pub const GO: &str = "listen alone: Go has no socket and no bind";
pub const VISIBLE: &str = "ss shows it, and clients get in";

/// A run at the question before bind itself.
pub fn before_bind(learner: &Learner) -> Terminal {
    through_setsockopt(learner.start(&["step", "bind"]))
}

fn through_setsockopt(mut terminal: Terminal) -> Terminal {
    terminal.wait_setsockopt();
    terminal.send("\r");
    terminal.wait_question(VISIBLE);
    terminal
}

/// Makes the call that was asked about, and leaves at the end of the chapter.
fn to_the_end(terminal: &mut Terminal) -> View {
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    terminal.leave();
    view
}

/// The lines of the last answer.
fn answer(view: &View) -> Vec<&str> {
    let lines: Vec<&str> = view.lines().collect();
    let start = lines.iter().rposition(|line| line.starts_with("  answer"));
    let start = start.unwrap_or_else(|| panic!("no answer:\n{}", view.show()));
    let body = lines[start + 1..]
        .iter()
        .take_while(|line| line.starts_with("     "));
    let end = start + 1 + body.count();
    lines[start..end]
        .iter()
        .map(|line| line[10..].trim())
        .collect()
}

#[test]
fn a_question_comes_after_the_facts_and_before_what_the_kernel_does() {
    let learner = Learner::new();
    let mut terminal = before_bind(&learner);
    let view = terminal.view();
    assert!(
        view.rows
            .iter()
            .any(|row| row.starts_with("  next    bind(3,"))
    );
    let telling = |view: &View| view.tells("Checks that the IP is one of this machine's");
    assert!(!telling(&view), "{}", view.show());
    terminal.pick(2);
    let view = terminal.wait_next("bind(3,");
    assert!(telling(&view), "{}", view.show());
    // The question has gone from the screen, and the facts are not told twice.
    assert!(!view.has(SKIP), "{}", view.show());
    assert_eq!(view.count("  next    bind(3,"), 1);
}

#[test]
fn the_right_answer_is_said_to_be_right() {
    let learner = Learner::new();
    let mut terminal = before_bind(&learner);
    terminal.pick(2);
    let view = to_the_end(&mut terminal);
    let said = answer(&view);
    assert!(said[0].starts_with("you said: ss does not show it, and clients are refused"));
    assert!(view.tells("· and so it is"), "{said:?}");
    assert!(view.tells("Bound is not listening."), "{said:?}");
    let observed = said.iter().any(|line| line.starts_with("observed:"));
    assert!(!observed, "{said:?}");
    let belief = learner.belief("bound-is-reachable").unwrap();
    assert!(belief.starts_with("right bound-is-reachable"), "{belief}");
}

/// The answer is the kernel's; the lesson goes on as if nothing were.
#[test]
fn a_wrong_answer_is_put_beside_what_was_observed_and_blocks_nothing() {
    let learner = Learner::new();
    for (nth, missed) in [(0, "bound-is-reachable"), (1, "bind-is-visible")] {
        let mut terminal = before_bind(&learner);
        terminal.pick(nth);
        let view = to_the_end(&mut terminal);
        let said = answer(&view);
        assert!(said[0].starts_with("you said: ss shows it,"), "{said:?}");
        assert_eq!(
            said[1],
            "observed: ss does not show it, and clients are refused"
        );
        let belief = learner.belief(missed).unwrap();
        assert!(belief.starts_with(&format!("open {missed}")), "{belief}");
        assert!(belief.contains("missed once"), "{belief}");
    }
}

#[test]
fn what_is_answered_right_later_is_put_right() {
    let learner = Learner::new();
    for nth in [0, 2] {
        let mut terminal = before_bind(&learner);
        terminal.pick(nth);
        to_the_end(&mut terminal);
    }
    let belief = learner.belief("bound-is-reachable").unwrap();
    assert_eq!(
        belief,
        "put right bound-is-reachable · asked 2 times, missed once, right once"
    );
}

#[test]
fn a_question_is_skipped_by_enter_alone_and_by_s() {
    for key in ["\r", "s"] {
        let learner = Learner::new();
        let mut terminal = before_bind(&learner);
        terminal.send(key);
        // It leaves the question, not the lesson.
        let view = to_the_end(&mut terminal);
        let said = answer(&view);
        assert_eq!(
            said[0],
            "observed: ss does not show it, and clients are refused"
        );
        let belief = learner.belief("bound-is-reachable").unwrap();
        assert!(
            belief.starts_with("met bound-is-reachable"),
            "{key:?}: {belief}"
        );
    }
}

/// Nothing is recorded of a question that was not answered.
#[test]
fn a_question_is_left_as_any_menu_is() {
    for key in ["q", "\x04", "\x1b"] {
        let learner = Learner::new();
        let mut terminal = before_bind(&learner);
        terminal.send(key);
        assert_eq!(terminal.wait_exit(), 0, "{key:?}");
        assert!(terminal.view().has("You left"), "{key:?}");
        terminal.assert_restored();
        assert_eq!(learner.belief("bound-is-reachable"), None, "{key:?}");
    }
}

#[test]
fn a_digit_chooses_an_answer_and_the_keys_are_named() {
    let learner = Learner::new();
    let mut terminal = before_bind(&learner);
    let keys = "  1-5, arrows choose · Enter confirms · s skips · q leaves";
    assert_eq!(terminal.view().cursor_row(), keys);
    terminal.send("3");
    terminal.wait_menu("ss does not show it, and clients are refused");
    terminal.send("\r");
    let view = to_the_end(&mut terminal);
    assert!(view.tells("· and so it is"), "{}", view.show());
}

/// A client comes while the learner thinks: the facts say so, and the question stays.
#[test]
fn the_facts_stay_live_while_a_question_is_open() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "accept"]);
    terminal.wait_question("the SYN-ACK");
    let port = terminal.view().port();
    terminal.send("2");
    terminal.wait_menu("none: the connection");
    let _client = connect(port);
    let view = terminal.wait("the client", |view| {
        view.at_menu() && view.tells("accept queue 1/1")
    });
    // It goes on where it was, and stands there once.
    assert_eq!(view.count(SKIP), 1, "{}", view.show());
    terminal.wait_menu("none: the connection");
}

/// What nobody observes is not said to be observed.
#[test]
fn an_answer_that_the_course_knows_is_no_observation() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "listen"]);
    terminal.skip(GO);
    terminal.wait_next("listen(3,");
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    assert!(
        view.tells("answer right: socket, setsockopt, bind and listen"),
        "{}",
        view.show()
    );
    // What there is to see elsewhere stands under one label.
    assert_eq!(view.count("  seen  "), 1, "{}", view.show());
    assert!(view.tells("Now there is a LISTEN row"), "{}", view.show());
}

#[test]
fn what_was_typed_before_a_question_does_not_answer_it() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "bind"]);
    terminal.wait_setsockopt();
    terminal.send("\r\r\r\r");
    terminal.wait_question(VISIBLE);
    let view = terminal.watch(Duration::from_millis(200));
    assert!(view.at_menu(), "{}", view.show());
    assert_eq!(view.made(), 1);
}

#[test]
fn the_probe_of_a_refused_port_leaves_nothing_in_time_wait() {
    let learner = Learner::new();
    let addr = free_addr();
    let mut terminal = through_setsockopt(learner.start(&["step", "bind", "--addr", &addr]));
    terminal.pick(2);
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    let port = view.port();
    let rows = tcp_rows_of_port(port);
    assert!(rows.is_empty(), "{rows:?}");
}

/// The same port, tried again, is the same question.
#[test]
fn a_call_that_is_tried_again_is_not_asked_about_again() {
    let learner = Learner::new();
    let holder = TcpListener::bind(ANY_PORT).unwrap();
    let addr = holder.local_addr().unwrap().to_string();
    let mut terminal = through_setsockopt(learner.start(&["step", "bind", "--addr", &addr]));
    terminal.pick(2);
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    terminal.wait_menu("try again");
    drop(holder);
    terminal.send("\r");
    let view = to_the_end(&mut terminal);
    assert!(view.tells("· and so it is"), "{}", view.show());
    let belief = learner.belief("bound-is-reachable").unwrap();
    assert!(belief.contains("asked once"), "{belief}");
}

#[test]
fn in_a_second_round_nothing_is_asked() {
    use std::io::Write;
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "exchange"]);
    let port = listening_port(&mut terminal);
    let mut client = connect(port);
    terminal.skip("it asks again and again");
    terminal.wait_next("recvfrom(4,");
    client.write_all(b"one\n").unwrap();
    terminal.send("\r");
    terminal.skip("our kernel has taken the bytes");
    terminal.wait_next("sendto(4,");
    terminal.send("\r");
    let in_round = |view: &View| view.at_pause() && view.has("round 2");
    terminal.wait("the second round", in_round);
    client.write_all(b"two\n").unwrap();
    terminal.send("\r");
    terminal.wait("the second answer", |view| {
        view.at_pause() && view.count("  next    sendto(4,") == 2
    });
}

/// After `c` the chapter runs to its end; the next one asks again.
#[test]
fn after_c_nothing_is_asked_in_this_chapter() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "bind"]);
    terminal.wait_setsockopt();
    terminal.send("c");
    let view = terminal.wait_menu("next chapter");
    assert!(!terminal.written().contains(VISIBLE), "{}", view.show());
    terminal.send("\r");
    terminal.wait_question(GO);
}

/// Neither with these options nor where nobody is at the keys.
#[test]
fn nobody_is_asked_who_does_not_want_it() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "bind", "--no-predict"]);
    terminal.wait_setsockopt();
    terminal.send("\r");
    terminal.wait_next("bind(3,");
    for words in [
        &["step", "bind", "--auto"][..],
        &["step", "bind", "--auto", "--json"],
    ] {
        let mut terminal = learner.start(words);
        assert_eq!(terminal.wait_exit(), 0, "{words:?}");
        let written = terminal.written();
        assert!(
            !written.contains("get in") && !written.contains("skip"),
            "{written}"
        );
        terminal.assert_restored();
    }
    // At the keys, but what is told is for a program.
    let mut terminal = learner.start(&["step", "bind", "--json"]);
    terminal.wait("the first pause", |view| view.has("\"event\":\"pause\""));
    terminal.send("c");
    terminal.wait_menu("next chapter");
    terminal.leave();
    assert!(!terminal.written().contains(SKIP));
    // The prompts and menus have spoilt no line.
    let written = terminal.written();
    let lines = written.lines().filter(|line| line.contains("{\"event\""));
    let read = lines.map(|line| {
        let line = line.rsplit('\r').find(|part| !part.is_empty()).unwrap();
        serde_json::from_str::<serde_json::Value>(line).expect(line)
    });
    assert!(read.count() > 10, "{written}");
    assert!(learner.belief("bound-is-reachable").is_none());
}

/// The same question has two answers: the kernel's of this time.
#[test]
fn the_answer_is_what_happened_this_time() {
    use std::io::Write;
    let learner = Learner::new();
    for early in [false, true] {
        let mut terminal = learner.start(&["step", "exchange"]);
        let port = listening_port(&mut terminal);
        let mut client = connect(port);
        terminal.wait_question("it asks again and again");
        terminal.pick(0);
        terminal.wait_next("recvfrom(4,");
        if early {
            client.write_all(b"early\n").unwrap();
            terminal.wait("the bytes", |view| view.has("recv-q 6") && view.at_pause());
        }
        terminal.send("\r");
        if !early {
            // A nap is too short to tell sleeping from work.
            terminal.wait("a second of sleep", |view| {
                view.number("recvfrom sleeps ") >= Some(1)
            });
            client.write_all(b"late\n").unwrap();
        }
        let view = terminal.wait_question("our kernel has taken the bytes");
        let said = answer(&view);
        assert_eq!(said[0], "you said: it asks again and again: a busy loop");
        let observed = if early {
            "it could not be observed this time"
        } else {
            "observed: the process sleeps; the kernel wakes it"
        };
        assert_eq!(said[1], observed, "{}", view.show());
    }
}

/// What a language does is known by a program of its own, traced now. Where none can be
/// run, nothing is claimed.
#[test]
#[ignore = "needs python3"]
fn a_program_is_traced_for_an_answer() {
    let path = std::env::var("PATH").unwrap();
    for (path, observed) in [
        (path.as_str(), "observed: socket, bind and listen"),
        ("/nonexistent", "it could not be observed this time"),
    ] {
        let learner = Learner::new();
        let socklab = learner.socklab(&["step", "yours"]).env("PATH", path);
        let mut terminal = socklab.in_terminal(80);
        terminal.wait_question("listen alone: such languages");
        terminal.pick(0);
        terminal.wait_next("socket(");
        terminal.send("\r");
        let view = terminal.wait("the answer", |view| view.has("  answer"));
        assert!(view.has(observed), "{}", view.show());
        terminal.wait_menu("quit");
        terminal.send("q");
        assert_eq!(terminal.wait_exit(), 0);
    }
}
