//! Against tcpdump on the same run, and the file that tshark, capinfos and tcpdump read.

use serde_json::Value;

use super::{CONNECTED, during, script, told};
use crate::check::fixture;
use crate::support::{ANY_PORT, Run, Socklab, dir_of_test, output, python_itself};

/// What tshark says of each such packet of a file.
fn tshark(file: &str, which: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let mut words = vec!["-r", file, "-Y", which, "-T", "fields"];
    words.extend(fields.iter().flat_map(|field| ["-e", field]));
    let text = output("tshark", words);
    let row = |line: &str| line.split('\t').map(String::from).collect();
    text.lines().map(row).collect()
}

const FIELDS: [&str; 7] = [
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.seq",
    "tcp.ack",
    "tcp.len",
    "tcp.window_size",
];

/// The same of an event.
fn of_event(packet: &Value) -> Vec<String> {
    let port = |end: &str| {
        let addr = packet[end].as_str().unwrap();
        addr.rsplit_once(':').unwrap().1.to_string()
    };
    let bits = [("FIN", 1), ("SYN", 2), ("RST", 4), ("PSH", 8), ("ACK", 16)];
    let flags = packet["flags"].as_array().unwrap();
    let has = |word: &str| flags.iter().any(|flag| flag == word);
    let flags: u32 = bits.iter().filter(|it| has(it.0)).map(|it| it.1).sum();
    let number = |field: &str| packet[field].as_u64().unwrap_or(0).to_string();
    vec![
        port("from"),
        port("to"),
        format!("0x{flags:04x}"),
        number("sequence"),
        number("acknowledges"),
        number("len"),
        number("window"),
    ]
}

/// Runs it beside a tcpdump that has everything: a datagram is the last that it is waited
/// for.
const BESIDE_TCPDUMP: &str = r#"
ip link set lo up
tcpdump -i lo -Q in -U --immediate-mode -w "$0" 2>"$0.said" & dump=$!
until grep -q listening "$0.said"; do :; done
"$@"; status=$?
echo last >/dev/udp/127.0.0.1/9
until tcpdump -nr "$0" udp port 9 2>/dev/null | grep -q .; do :; done
kill -INT $dump; wait $dump
exit $status
"#;

#[test]
#[ignore = "needs tcpdump, tshark, unshare"]
fn every_packet_is_as_tcpdump_has_it() {
    let run = as_tcpdump_has_it(&["walk", "--auto", "--addr", ANY_PORT], &[]);
    assert!(run.all("packet").len() >= 10);
}

/// Of the program that is checked and of the tester; each stands where it crossed.
#[test]
#[ignore = "needs tcpdump, tshark, unshare, python3"]
fn every_packet_of_a_check_too() {
    let server = fixture("server.py").display().to_string();
    let program = ["--".into(), python_itself(), server, "{port}".into()];
    let run = as_tcpdump_has_it(&["check", "listen", "answer", "close"], &program);
    let told = told(&run);
    let connect = during(&told, "connect");
    assert_eq!(connect[..3], ["in SYN", "out SYN ACK", "in ACK"]);
    assert!(
        during(&told, "close").contains(&"out FIN ACK".into()),
        "{told:?}"
    );
    let mut asides = run.events();
    asides.retain(|it| it["aside"] == true);
    assert!(asides.iter().all(|it| it["task"] == "tester"));
    assert!(asides.iter().any(|it| it["call"] == "connect"));
}

/// Runs it, and holds what it tells and writes to what tcpdump has seen.
fn as_tcpdump_has_it(words: &[&str], program: &[String]) -> Run {
    let dir = dir_of_test();
    let dumped = dir.join("dumped.pcap").display().to_string();
    let written = dir.join("written.pcapng").display().to_string();
    let run = Socklab::new(words)
        .args(["--json", "--packets", "--pcap", &written])
        .args(program)
        // As root tcpdump would want to become another user.
        .under(["unshare", "-Un", "--map-user=1000", "--keep-caps"])
        .under(["bash", "-c", BESIDE_TCPDUMP, &dumped])
        .run();
    run.assert_done();
    assert_same(&run, &dumped, &written, "tcp");
    run
}

/// Is all TCP that was told and written what tcpdump has of such packets? To the byte, but
/// each has its own look at the clock.
pub fn assert_same(run: &Run, dumped: &str, written: &str, which: &str) {
    const MORE: [&str; 5] = [
        "ip.id",
        "tcp.seq_raw",
        "tcp.options",
        "tcp.payload",
        "frame.time_epoch",
    ];
    let fields = [&FIELDS[..], &MORE].concat();
    let (theirs, ours) = (
        tshark(dumped, which, &fields),
        tshark(written, "tcp", &fields),
    );
    let told = run.all("packet").into_iter();
    let told = told.filter(|it| it["protocol"] == "tcp");
    let told: Vec<Vec<String>> = told.map(|it| of_event(&it)).collect();
    let events = theirs.iter().map(|row| row[..FIELDS.len()].to_vec());
    assert_eq!(events.collect::<Vec<_>>(), told);
    assert_eq!(theirs.len(), ours.len());
    let time = |row: &[String]| row.last().unwrap().parse::<f64>().unwrap();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let bytes = ..fields.len() - 1;
        assert_eq!(theirs[bytes], ours[bytes]);
        assert!((time(theirs) - time(ours)).abs() < 0.001);
    }
}

#[test]
#[ignore = "needs tshark, capinfos, tcpdump, unshare"]
fn the_file_names_the_calls() {
    let file = dir_of_test();
    let file_path = file.join("w.pcapng").display().to_string();
    let (_dir, run) = script(&format!("{CONNECTED}close conn\n"), &["--pcap", &file_path]);
    run.assert_done();
    let said = tshark(&file_path, "tcp", &["frame.comment", "tcp.flags.str"]);
    assert_eq!(said.len(), run.all("packet").len());
    let comment = &said[0][0];
    assert!(
        comment.contains("client: connect(3, {sa_family=AF_INET"),
        "{comment}"
    );
    let close = said.iter().find(|row| row[1].contains('F')).unwrap();
    assert!(close[0].contains("server: close("), "{close:?}");
    let about = output("capinfos", [&file_path]);
    for word in ["pcapng", "Raw IP", "nanoseconds", "socklab", "Name = lo"] {
        assert!(about.contains(word), "{word}: {about}");
    }
    let read = output("tcpdump", ["-nr", &file_path]);
    assert_eq!(read.lines().count(), said.len());
}
