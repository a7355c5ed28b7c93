//! Each goal is missed by a program that does all that comes before it.

use super::{check, ids, lines, python};
use crate::support::{CourseDir, Socklab};

const LISTENS: &str = "
import socket, time
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(1)
";

/// Checks a server for one goal that it misses: what came instead.
fn misses(goal: &str, rest: &str) -> String {
    let source = format!("{LISTENS}{rest}");
    missed(&[goal], python(&source))
}

fn missed(goal: &[&str], program: Vec<String>) -> String {
    let words = [goal, &["--limit", "3"]].concat();
    let run = check(&words, program);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let id = goal.last().unwrap();
    assert_eq!(ids(&run, false), [*id], "{}", run.stdout());
    let judged = run.only("goal");
    assert_eq!(judged["score"], 0);
    assert!(judged["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    lines(&judged["instead"])
}

fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
#[ignore = "needs python3"]
fn goals_of_a_server_before_there_is_a_client() {
    let said = missed(&["create"], python("print('hello')"));
    says(
        &said,
        &["no socket", "ended, with status 0", "it printed: hello"],
    );
    let said = missed(
        &["bind"],
        python("import socket; s = socket.socket(); input()"),
    );
    says(&said, &["instead: no bind", "waits for input"]);
    let bound = "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); 1 / 0";
    let said = missed(&["listen"], python(bound));
    says(
        &said,
        &["instead: no listen", "status 1", "ZeroDivisionError"],
    );
    let said = misses("backlog", "s.accept()");
    says(&said, &["backlog is 1", "accept4(3"]);
}

#[test]
#[ignore = "needs python3"]
fn goals_of_a_server_with_one_client() {
    let said = misses("accept", "while True: pass");
    says(&said, &["instead: no accept", "it is running"]);
    let said = misses("hold", "c, a = s.accept()");
    says(&said, &["not open", "status 0"]);
    let said = misses("read", "c, a = s.accept(); time.sleep(99)");
    says(&said, &["received first 6", "0 bytes"]);
    let said = misses("answer", "c, a = s.accept(); c.recv(99); time.sleep(99)");
    says(&said, &["tester: recvfrom", "has not returned"]);
    // A greeting is no answer.
    let greets = "c, a = s.accept(); c.send(b'hello\\n'); c.recv(99); c.close(); time.sleep(99)";
    says(
        &misses("answer", greets),
        &["tester: recvfrom", "0, NULL, NULL) = 0"],
    );
    let said = misses("peer-end", "c, a = s.accept(); c.recv(99); time.sleep(99)");
    says(&said, &["called recv first returned 0", "\"half a \""]);
    let said = misses(
        "close",
        "c, a = s.accept()\nwhile c.recv(99): pass\ntime.sleep(99)",
    );
    says(&said, &["no-fd first", "still in the table"]);
}

#[test]
#[ignore = "needs python3"]
fn goals_of_a_server_with_two_clients() {
    let one = "c, a = s.accept()\nwhile c.recv(99): pass\nc.close()";
    let said = misses("second-client", &format!("{one}\ntime.sleep(99)"));
    says(&said, &["received second 1..", "was never accepted"]);
    let said = misses("second-client", one);
    says(&said, &["ended, with status 0"]);
    let sequential = "while True:\n c, a = s.accept()\n while c.recv(99): pass\n c.close()";
    let said = misses("two-at-once", sequential);
    says(&said, &["was never accepted", "it has been in recvfrom(4"]);
}

#[test]
#[ignore = "needs python3"]
fn goals_of_a_client() {
    let client = |rest: &str| {
        let connects = "import socket, sys, time\ns = socket.socket()\n";
        let mut program = python(&format!("{connects}{rest}"));
        program.extend(["{host}", "{port}"].map(String::from));
        program
    };
    let connects = "s.connect((sys.argv[1], int(sys.argv[2])))\n";
    let said = missed(&["connect"], client("s.connect(('127.0.0.1', 1))"));
    says(&said, &["ECONNREFUSED", "status 1"]);
    let said = missed(&["request"], client(&format!("{connects}time.sleep(99)")));
    says(&said, &["tester: recvfrom", "has not returned"]);
    let one = format!("{connects}s.send(b'hi'); s.recv(99)");
    let said = missed(&["--role", "client", "answer"], client(&one));
    says(&said, &["received conn 15", "instead: 8 bytes"]);
    let stays = format!("{connects}s.send(b'hi'); s.recv(99); time.sleep(99)");
    let said = missed(&["--role", "client", "close"], client(&stays));
    says(&said, &["no-fd conn"]);
}

#[test]
#[ignore = "needs python3"]
fn a_goal_that_needs_a_missed_one_is_not_tried() {
    let run = check(&["server", "--limit", "1"], python("pass"));
    assert_eq!(ids(&run, true), [""; 0]);
    let goals = run.all("goal");
    assert_eq!(goals.len(), 12);
    assert!(lines(&goals[11]["instead"]).contains("not tried: 'accept'"));
}

#[test]
#[ignore = "needs python3"]
fn unix_and_ipv6_are_served_as_well() {
    let serve = "
import socketserver, socket, sys
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(line)
";
    let six = "
class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    request_queue_size = 16
Server(('::', 0), Echo).serve_forever()
";
    check(&["server"], python(&format!("{serve}{six}"))).assert_done();
    let dir = CourseDir::new().write();
    let path = dir.join("echo.sock");
    let unix = format!(
        "socketserver.ThreadingUnixStreamServer.request_queue_size = 16\n\
         socketserver.ThreadingUnixStreamServer({:?}, Echo).serve_forever()",
        path.display().to_string()
    );
    check(&["server"], python(&format!("{serve}{unix}"))).assert_done();
    assert!(!path.exists(), "the path is removed");
}

#[test]
fn what_is_no_goal_is_said() {
    let run = Socklab::new(["check", "nonsense", "--", "true"]).run();
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("no goal 'nonsense'") && run.stderr.contains("two-at-once"));
    let run = Socklab::new(["check", "bind"]).run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}
