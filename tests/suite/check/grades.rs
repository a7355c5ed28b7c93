//! What graders read: results.json, JUnit, exit statuses, the screen.

use serde_json::Value;

use super::python;
use crate::support::{Socklab, dir_of_test};

const LISTENS: &str = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); \
                       s.listen(1); s.accept(); print('<&>\\x1b[31m')";

#[test]
#[ignore = "needs python3"]
fn results_for_gradescope_and_junit() {
    let dir = dir_of_test();
    let (json, xml) = (dir.join("results.json"), dir.join("junit.xml"));
    let run = Socklab::new(["check", "listen", "hold", "--limit", "2"])
        .args(["--gradescope", json.to_str().unwrap()])
        .args(["--junit", xml.to_str().unwrap(), "--"])
        .args(python(LISTENS))
        .run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let results: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(results["score"], 1);
    let tests = results["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 2);
    assert_eq!(
        (&tests[0]["status"], &tests[0]["score"]),
        (&"passed".into(), &1.into())
    );
    assert_eq!(
        (&tests[1]["status"], &tests[1]["score"]),
        (&"failed".into(), &0.into())
    );
    assert_eq!(tests[1]["max_score"], 1);
    let output = tests[1]["output"].as_str().unwrap();
    assert!(output.contains("not open") && output.contains("socklab read accept"));
    let xml = std::fs::read_to_string(&xml).unwrap();
    assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
    assert!(
        xml.contains("&lt;&amp;&gt;") && !xml.contains('\x1b'),
        "{xml}"
    );
}

#[test]
#[ignore = "needs python3"]
fn the_screen_in_ascii() {
    let run = Socklab::new(["check", "listen", "hold", "--limit", "2", "--ascii", "--"])
        .args(python(LISTENS))
        .run();
    let shown = run.stdout();
    assert!(
        shown.contains("* listen") && shown.contains("x hold"),
        "{shown}"
    );
    assert!(shown.contains("listen(3, 1) = 0"), "{shown}");
    assert!(shown.contains("1 of 2 goals met"), "{shown}");
    assert!(shown.is_ascii() && !shown.contains('\x1b'), "{shown}");
}

#[test]
fn a_file_that_cannot_be_written_is_said_before() {
    let run = Socklab::new(["check", "bind", "--gradescope", "/no/such", "--", "true"]).run();
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("/no/such") && run.stdout().is_empty());
}

#[test]
fn help_says_that_there_is_no_sandbox() {
    let run = Socklab::new(["check", "--help"]).run();
    let words: Vec<String> = run.stdout().split_whitespace().map(String::from).collect();
    assert!(words.join(" ").contains("There is no sandbox"), "{words:?}");
}
