//! Packets between two hosts: two network namespaces and a cable, with a real nc.

use super::files::assert_same;
use super::{during, short, told};
use crate::support::{Socklab, dir_of_test, output};

/// The other host, a tcpdump on the cable, a client that comes when it is waited for, and
/// what is not ours: other ports, the same port of the other host, an echo. With `$2` the
/// cable is plugged into a bridge.
const TWO_HOSTS: &str = r#"
set -e; trap 'kill $(jobs -p)' EXIT
unshare -n sh -c 'ip link set lo up; exec sleep 60' & other=$!
there="nsenter -n -t $other"
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
ip link set lo up
ip link add cable type veth peer name cable netns $other
here=cable
if [ -n "$2" ]; then ip link add bridge0 type bridge; ip link set cable master bridge0 up; here=bridge0; fi
ip addr add 10.99.0.1/24 dev $here; ip addr add fd99::1/64 dev $here nodad; ip link set $here up
$there sh -c 'ip addr add 10.99.0.2/24 dev cable; ip addr add fd99::2/64 dev cable nodad; ip link set cable up'
( : </dev/tcp/fd99::2/9 ) 2>/dev/null &
tcpdump -i $here -U --immediate-mode -w "$1" 2>"$1.said" & dump=$!
$there nc -l 10.99.0.2 7002 >/dev/null & $there nc -6 -l fd99::2 7003 >/dev/null &
until [ "$($there ss -ltnH | grep -c ':700[23]')" = 2 ]; do :; done
until grep -q listening "$1.said"; do :; done
(until ss -ltnH | grep -q :7001; do :; done
 ( : </dev/tcp/10.99.0.2/7001 ) 2>/dev/null || :
 ( : </dev/tcp/10.99.0.2/7009 ) 2>/dev/null || :
 echo hello | $there nc -N 10.99.0.1 7001) >/dev/null &
status=0; "${@:3}" || status=$?
$there bash -c 'echo last >/dev/udp/10.99.0.1/9'
until tcpdump -nr "$1" udp dst port 9 and dst 10.99.0.1 2>/dev/null | grep -q .; do :; done
kill -INT $dump; wait $dump || :
exit $status
"#;

/// A server that nc calls, and two clients that call nc; a datagram that nobody takes.
const LINES: &str = "\
socket inet stream as s
bind s 10.99.0.1:7001
listen s 5
accept s as conn
recv conn 100
send conn \"welcome\"
close conn
socket inet stream as c
connect c 10.99.0.2:7002
send c \"hello\"
shutdown c write
recv c 100
close c
socket inet6 stream as d
connect d [fd99::2]:7003
shutdown d write
recv d 100
close d
socket inet dgram as u
sendto u 10.99.0.2:9 \"hi\"
";

/// What of it is the run's own, and what has one of its ports elsewhere, for tshark.
const OURS: &str = "ip.dst == 10.99.0.1 && tcp.dstport == 7001 \
    || ip.src == 10.99.0.1 && tcp.srcport == 7001 || tcp.port == 7002 || tcp.port == 7003";
const OTHERS: &str = "tcp.port == 7009 || ip.dst == 10.99.0.2 && tcp.dstport == 7001 \
    || ip.src == 10.99.0.2 && tcp.srcport == 7001";

#[test]
#[ignore = "needs ip, nc, tcpdump, tshark, unshare"]
fn every_packet_between_two_hosts_is_as_tcpdump_has_it() {
    for bridge in ["", "bridge"] {
        let dir = dir_of_test();
        let file = |name: &str| dir.join(name).display().to_string();
        let (dumped, written) = (file("dumped.pcap"), file("written.pcapng"));
        dir.write("a.socklab", LINES);
        let run = Socklab::new(["play", &file("a.socklab"), "--json", "--trust-course"])
            .args(["--patience", "20", "--packets", "--pcap", &written])
            .under(["unshare", "-Un", "--map-user=1000", "--keep-caps"])
            .under(["bash", "-c", TWO_HOSTS, "bash", &dumped, bridge])
            .run();
        run.assert_done();
        assert_same(&run, &dumped, &written, OURS);
        assert!(run.all("packet").len() >= 20);
        let others = output("tshark", ["-r", &dumped, "-Y", OTHERS]);
        assert_eq!(others.lines().count(), 4, "{others}");
        let told = told(&run);
        assert_eq!(
            during(&told, "connect")[..3],
            ["out SYN", "in SYN ACK", "out ACK"]
        );
        let icmp = run.all("packet").into_iter();
        let icmp: Vec<String> = icmp
            .filter(|it| it["protocol"] != "tcp")
            .map(|it| short(&it))
            .collect();
        assert_eq!(icmp, ["out udp 2", "in icmp 30"]);
        let about = output("capinfos", [&written]);
        let interface = if bridge.is_empty() {
            "cable"
        } else {
            "bridge0"
        };
        for word in ["Raw IP", &format!("Name = {interface}")] {
            assert!(about.contains(word), "{word}: {about}");
        }
    }
}
