//! Every call of the script is told as strace prints it.

use super::{CONNECTED, piped_to};
use crate::support::{ANY_PORT, Socklab, Strace};

/// Runs the lines under strace; what was told of each actor is what strace saw.
fn straced(lines: &str) {
    let strace = Strace::new();
    let socklab = strace.around(Socklab::new(["shell", "--json", "--addr", ANY_PORT]));
    let run = piped_to(socklab, lines);
    assert_eq!(run.stderr, "");
    run.assert_held();
    strace.saw(run);
}

#[test]
#[ignore = "needs strace"]
fn flags_and_reads_are_told_as_strace_prints_them() {
    straced(
        "socketpair unix stream as x y --nonblock --cloexec
        write x 'hello'
        recv y 3 --peek
        read y 100
        send x '!' --nosignal --more
        recv y 9 --dontwait --waitall
        recv y 9 --dontwait
        expect failed EAGAIN
        shutdown x both
        read y 9
        close x
        close y",
    );
}

#[test]
#[ignore = "needs strace"]
fn every_option_is_told_as_strace_prints_it() {
    let mut lines = CONNECTED.to_string();
    for option in [
        "reuseaddr",
        "reuseport",
        "keepalive",
        "broadcast",
        "oobinline",
        "dontroute",
        "nodelay",
        "cork",
        "quickack",
        "freebind",
        "timestamp",
    ] {
        lines.push_str(&format!(
            "setsockopt a {option} on\ngetsockopt a {option}\n"
        ));
    }
    for (option, value) in [
        ("linger", "3"),
        ("linger", "off"),
        ("rcvbuf", "5000"),
        ("sndbuf", "5000"),
        ("rcvlowat", "2"),
        ("priority", "3"),
        ("rcvtimeo", "0.25"),
        ("sndtimeo", "2"),
        ("maxseg", "1000"),
        ("keepidle", "5"),
        ("keepintvl", "6"),
        ("keepcnt", "7"),
        ("syncnt", "3"),
        ("linger2", "9"),
        ("user_timeout", "900"),
        ("ttl", "9"),
        ("tos", "8"),
    ] {
        lines.push_str(&format!(
            "setsockopt a {option} {value}\ngetsockopt a {option}\n"
        ));
    }
    lines.push_str("socket inet dgram as u\nsetsockopt u membership 239.1.2.3\n");
    lines.push_str("setsockopt u leave 239.1.2.3\n");
    lines.push_str("getsockopt a type\ngetsockopt s acceptconn\n");
    straced(&lines);
}

#[test]
#[ignore = "needs strace"]
fn duplicates_names_and_requests_are_told_as_strace_prints_them() {
    straced(&format!(
        "{CONNECTED}
        client: getpeername c
        client: socket inet stream as d --nonblock
        client: connect d {{addr}}
        accept4 s as b --nonblock --cloexec
        recv b 10
        expect failed EAGAIN
        dup a as e
        dup2 a 20 as f
        client: send c 'x'
        ioctl f nread
        client: ioctl c outq
        recv f 10
        close f
        close e
        close a"
    ));
}

#[test]
#[ignore = "needs strace"]
fn epoll_is_told_as_strace_prints_it() {
    straced(
        "socketpair unix stream as x y
        epoll_create as ep
        epoll_ctl ep add x in,rdhup
        epoll_wait ep --timeout 0
        write y '.'
        epoll_wait ep --timeout 100
        epoll_ctl ep mod x out,et,oneshot
        epoll_wait ep --timeout 0
        close y
        epoll_ctl ep del x
        close ep",
    );
}
