//! Questions that packets answer, where they are seen.

use std::io::Write;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

use super::learner::Learner;
use super::places::listening_port;
use crate::support::connect;

/// May see packets, and has no more room for them than any program.
const SEES: [&str; 4] = [
    "setpriv",
    "--bounding-set=-all,+net_raw",
    "--inh-caps=-all",
    "--",
];

/// More packets than there is room for, while nobody takes them: ICMP is seen until it is
/// known what it is about.
fn flood() {
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)).unwrap();
    let here = SocketAddr::from(([127, 0, 0, 1], 0)).into();
    // Of no kind that anybody answers.
    let packet = [u8::MAX; 60_000];
    for _ in 0..1000 {
        assert_eq!(socket.send_to(&packet, &here).unwrap(), packet.len());
    }
}

/// The client's bytes come before accept, and are acknowledged: a count tells nothing then,
/// but the packets do. Where some were lost, they do not either.
#[test]
#[ignore = "needs setpriv, root"]
fn what_accept_sends_is_seen() {
    let unseen = "it could not be observed this time";
    let seen = "· and so it is (packets conn unasked=0)";
    for (packets, lost, said) in [
        (false, false, unseen),
        (true, false, seen),
        (true, true, unseen),
    ] {
        let options: &[&str] = if packets { &["--packets"] } else { &[] };
        let learner = Learner::new();
        let run = learner.socklab(&[&["step", "accept"], options].concat());
        let mut terminal = run.under(SEES).in_terminal(80);
        let port = listening_port(&mut terminal);
        terminal.wait_question("the SYN-ACK");
        let mut client = connect(port);
        client.write_all(b"early\n").unwrap();
        if lost {
            flood();
        }
        terminal.pick(1);
        terminal.wait_next("accept(3,");
        terminal.send("\r");
        let view = terminal.wait_menu("next chapter");
        assert!(view.tells(said), "{}", view.show());
        let is_lost = view.tells("packets came too fast");
        assert_eq!(is_lost, lost, "{}", view.show());
        terminal.leave();
    }
}
