//! What a run was, drawn: the states of both ends and the ladder.

use super::SavedRun;
use crate::support::{ANY_PORT, Socklab};
use crate::terminal::{Terminal, View};

/// The first words of both drawings, and of both in words.
const DRAWN: [&str; 2] = ["*CLOSED", "server │  "];
const IN_ASCII: [&str; 2] = ["*CLOSED", "server |  "];
const IN_WORDS: [&str; 2] = ["server fd 3 is in LISTEN", "server: socket("];

/// A walk told again in a terminal of so many columns, as far as the server's first recv:
/// the states, and the ladder.
fn drawn(columns: u16, more: &[&str], first: [&str; 2]) -> [Vec<String>; 2] {
    let run = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    drawn_of(&run, columns, more, first)
}

fn drawn_of(run: &SavedRun, columns: u16, more: &[&str], first: [&str; 2]) -> [Vec<String>; 2] {
    let file = run.file();
    let words = [&["replay", &file], more].concat();
    let mut terminal = Socklab::new(words).in_terminal(columns);
    for call in ["socket(", "setsockopt(", "bind(", "listen(", "accept("] {
        terminal.wait_next(call);
        terminal.send("\r");
    }
    terminal.wait_next("recvfrom(");
    let drawn = [("m", first[0]), ("t", first[1])].map(|(key, first)| {
        terminal.send(key);
        after(&mut terminal, first)
    });
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    drawn
}

/// What stands above the prompt, from the last line on that has that.
fn after(terminal: &mut Terminal, first: &str) -> Vec<String> {
    let drawn = |view: &View| {
        let lines: Vec<&str> = view.lines().collect();
        let from = lines.iter().rposition(|line| line.contains(first))?;
        let end = lines
            .iter()
            .rposition(|line| line.contains("Enter go on"))?;
        let rows = lines[from..].get(..end.checked_sub(from)?)?;
        Some(rows.iter().map(|row| (*row).to_string()).collect())
    };
    let view = terminal.wait("the drawing", |view| {
        view.at_pause() && drawn(view).is_some()
    });
    drawn(&view).unwrap()
}

fn assert_drawn(drawn: &[String], wanted: &str) {
    assert_eq!(drawn.join("\n"), wanted.trim_matches('\n'));
}

#[test]
fn in_a_screen_of_80_columns() {
    let [states, ladder] = drawn(80, &[], DRAWN);
    assert_drawn(&states, STATES);
    assert_drawn(&ladder, LADDER);
}

#[test]
fn in_ascii_and_in_60_columns() {
    let [states, ladder] = drawn(60, &["--ascii"], IN_ASCII);
    let is_ascii = |lines: &[String]| lines.iter().all(|line| line.is_ascii());
    assert!(is_ascii(&states) && is_ascii(&ladder));
    assert_drawn(&states, ASCII_STATES);
    assert_drawn(&ladder, ASCII_LADDER);
}

#[test]
fn in_words() {
    let [states, ladder] = drawn(80, &["--plain"], IN_WORDS);
    assert_drawn(&states, STATES_IN_WORDS);
    assert_drawn(&ladder, LADDER_IN_WORDS);
}

/// Of a handshake each segment stands between both ends, as the capture has it.
#[test]
#[ignore = "needs unshare"]
fn packets_cross_the_ladder() {
    let run = SavedRun::of(&["walk", "--auto", "--packets", "--private"], [""; 0]);
    let seen: Vec<String> = run
        .lines()
        .iter()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|line| line["event"] == "packet")
        .map(|line| format!("{} {}", line["direction"], line["flags"]))
        .collect();
    let handshake = [
        r#""in" ["SYN"]"#,
        r#""out" ["SYN","ACK"]"#,
        r#""in" ["ACK"]"#,
    ];
    assert_eq!(seen[..3], handshake);
    let first = |lines: &[String], marks: &[&str]| {
        let is_one = |line: &&String| marks.iter().any(|mark| line.contains(mark));
        let lines = lines.iter().filter(is_one).map(|line| line.trim());
        lines.take(3).map(str::to_string).collect::<Vec<_>>()
    };
    for (columns, wanted) in [
        (
            80,
            ["│<──────── SYN│", "│SYN ACK ────>│", "│<──────── ACK│"],
        ),
        (60, ["│<───── SYN│", "│SYN ACK ─>│", "│<───── ACK│"]),
    ] {
        let [_, ladder] = drawn_of(&run, columns, &[], DRAWN);
        let between = first(&ladder, &["<", ">"]);
        assert_eq!(between, wanted, "{ladder:#?}");
    }
    let [_, words] = drawn_of(&run, 80, &["--plain"], IN_WORDS);
    let said = [
        "client: sends SYN",
        "server: sends SYN ACK",
        "client: sends ACK",
    ];
    assert_eq!(first(&words, &["sends"]), said, "{words:#?}");
}

const STATES: &str = r#"
                         *CLOSED
            listen ┌────────┴────────┐ connect: SYN
               [LISTEN]s        *SYN-SENT
      SYN: SYN,ACK │                 │ SYN,ACK: ACK
            *SYN-RECEIVED            │
               ACK └────────┬────────┘
                      [ESTABLISHED]sc
        close: FIN ┌────────┴────────┐ FIN: ACK
              FIN-WAIT-1         CLOSE-WAIT
         ACK ┌─────┴─────┐ FIN: ACK  │ close: FIN
        FIN-WAIT-2    CLOSING     LAST-ACK
    FIN: ACK └─────┬─────┘ ACK       │ ACK
               TIME-WAIT          CLOSED
                   └ 60 s: CLOSED
    s server · c client · [where it is] · *where it was
  way     server fd 3: CLOSED → LISTEN
  then    SYN: SYN,ACK → SYN-RECEIVED · close → CLOSED
  way     server fd 4: (SYN-RECEIVED) → ESTABLISHED
  then    close: FIN → FIN-WAIT-1 · FIN: ACK → CLOSE-WAIT
  way     client: (CLOSED) → (SYN-SENT) → ESTABLISHED
  then    close: FIN → FIN-WAIT-1 · FIN: ACK → CLOSE-WAIT
"#;
const LADDER: &str = r#"
                          server │             │ client
                 socket(...) = 3 │             │
                     fd 3 CLOSED │             │
          setsockopt(3, ...) = 0 │             │
                bind(3, ...) = 0 │             │
              listen(3, ...) = 0 │             │
                     fd 3 LISTEN │             │
                                 │             │ socket(...) = 3
                                 │             │ connect(3, ...) = 0
        in the queue ESTABLISHED │             │
              accept(3, ...) = 4 │             │
                                 │             │ ESTABLISHED
"#;
const ASCII_STATES: &str = r#"
                         *CLOSED
            listen +--------+--------+ connect: SYN
               [LISTEN]s        *SYN-SENT
      SYN: SYN,ACK |                 | SYN,ACK: ACK
            *SYN-RECEIVED            |
               ACK +--------+--------+
                      [ESTABLISHED]sc
        close: FIN +--------+--------+ FIN: ACK
              FIN-WAIT-1         CLOSE-WAIT
         ACK +-----+-----+ FIN: ACK  | close: FIN
        FIN-WAIT-2    CLOSING     LAST-ACK
    FIN: ACK +-----+-----+ ACK       | ACK
               TIME-WAIT          CLOSED
                   + 60 s: CLOSED
    s server | c client | [where it is] | *where it was
  way     server fd 3: CLOSED -> LISTEN
  then    SYN: SYN,ACK -> SYN-RECEIVED | close -> CLOSED
  way     server fd 4: (SYN-RECEIVED) -> ESTABLISHED
  then    close: FIN -> FIN-WAIT-1 | FIN: ACK -> CLOSE-WAIT
  way     client: (CLOSED) -> (SYN-SENT) -> ESTABLISHED
  then    close: FIN -> FIN-WAIT-1 | FIN: ACK -> CLOSE-WAIT
"#;
const ASCII_LADDER: &str = r#"
                  server |          | client
         socket(...) = 3 |          |
             fd 3 CLOSED |          |
  setsockopt(3, ...) = 0 |          |
        bind(3, ...) = 0 |          |
      listen(3, ...) = 0 |          |
             fd 3 LISTEN |          |
                         |          | socket(...) = 3
                         |          | connect(3, ...) = 0
            in the queue |          |
             ESTABLISHED |          |
      accept(3, ...) = 4 |          |
                         |          | ESTABLISHED
"#;
const STATES_IN_WORDS: &str = r#"
  server fd 3 is in LISTEN now. Then an arriving SYN leads to
          SYN-RECEIVED and sends SYN,ACK. Then the call close leads to CLOSED.
  server fd 4 is in ESTABLISHED now. Then the call close leads to
          FIN-WAIT-1 and sends FIN. Then an arriving FIN leads to CLOSE-WAIT and
          sends ACK.
  client is in ESTABLISHED now. Then the call close leads to FIN-WAIT-1
          and sends FIN. Then an arriving FIN leads to CLOSE-WAIT and sends ACK.
  way     server fd 3: CLOSED → LISTEN
  then    SYN: SYN,ACK → SYN-RECEIVED · close → CLOSED
  way     server fd 4: (SYN-RECEIVED) → ESTABLISHED
  then    close: FIN → FIN-WAIT-1 · FIN: ACK → CLOSE-WAIT
  way     client: (CLOSED) → (SYN-SENT) → ESTABLISHED
  then    close: FIN → FIN-WAIT-1 · FIN: ACK → CLOSE-WAIT
"#;
const LADDER_IN_WORDS: &str = r#"
  server: socket(...) = 3
  server: fd 3 CLOSED
  server: setsockopt(3, ...) = 0
  server: bind(3, ...) = 0
  server: listen(3, ...) = 0
  server: fd 3 LISTEN
  client: socket(...) = 3
  client: connect(3, ...) = 0
  server: in the queue ESTABLISHED
  server: accept(3, ...) = 4
  client: ESTABLISHED
"#;
