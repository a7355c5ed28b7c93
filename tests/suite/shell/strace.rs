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
    lines.push_str("socket inet6 dgram as u6\nsocket inet stream as t\nsocket inet raw as r\n");
    lines.push_str("socket inet dgram as u\nsetsockopt u membership 239.1.2.3\n");
    lines.push_str("setsockopt u leave 239.1.2.3\n");
    for (socket, option, value) in [
        ("u", "membership", "239.1.2.4@127.0.0.1"),
        ("u", "source_membership", "239.1.2.5,127.0.0.1@127.0.0.1"),
        ("u", "source_leave", "239.1.2.5,127.0.0.1@127.0.0.1"),
        ("u", "block_source", "239.1.2.4,127.0.0.9@127.0.0.1"),
        ("u", "unblock_source", "239.1.2.4,127.0.0.9@127.0.0.1"),
        ("u6", "membership6", "ff15::1@lo"),
        ("u6", "leave6", "ff15::1@lo"),
    ] {
        lines.push_str(&format!("setsockopt {socket} {option} {value}\n"));
    }
    for (socket, option, value) in [
        ("u", "timestampns", "on"),
        ("u", "debug", "on"),
        ("u", "passsec", "on"),
        ("u", "rxq_ovfl", "on"),
        ("u", "select_err_queue", "on"),
        ("u", "bindtodevice", "lo"),
        ("u", "mark", "7"),
        ("u", "busy_poll", "0"),
        ("u", "incoming_cpu", "0"),
        ("u", "peek_off", "3"),
        ("u", "rcvbufforce", "5000"),
        ("u", "sndbufforce", "5000"),
        ("a", "congestion", "reno"),
        ("s", "fastopen", "3"),
        ("t", "fastopen_connect", "on"),
        ("u", "udp_cork", "off"),
        ("u", "multicast_if", "127.0.0.1"),
        ("u", "multicast_all", "off"),
        ("u", "multicast_ttl", "3"),
        ("u", "multicast_loop", "off"),
        ("u", "mtu_discover", "2"),
        ("u", "recvttl", "on"),
        ("u", "recvtos", "on"),
        ("u", "recverr", "on"),
        ("u", "recvopts", "on"),
        ("u", "retopts", "on"),
        ("u", "recvorigdstaddr", "on"),
        ("u", "pktinfo", "on"),
        ("u", "ip_passsec", "on"),
        ("u", "transparent", "on"),
        ("t", "bind_address_no_port", "on"),
        ("r", "hdrincl", "on"),
        ("r", "nodefrag", "on"),
        ("r", "router_alert", "on"),
        ("u6", "multicast_hops", "3"),
        ("u6", "multicast_loop6", "off"),
        ("u6", "multicast_if6", "1"),
        ("u6", "unicast_hops", "9"),
        ("u6", "mtu_discover6", "2"),
        ("u6", "mtu6", "1400"),
        ("u6", "recverr6", "on"),
        ("u6", "recvpktinfo", "on"),
        ("u6", "recvhoplimit", "on"),
        ("u6", "recvhopopts", "on"),
        ("u6", "recvdstopts", "on"),
        ("u6", "recvrthdr", "on"),
        ("u6", "flowinfo", "on"),
        ("u6", "v6only", "on"),
    ] {
        lines.push_str(&format!(
            "setsockopt {socket} {option} {value}\ngetsockopt {socket} {option}\n"
        ));
    }
    for option in ["domain", "protocol", "sndlowat", "incoming_napi_id", "mtu"] {
        lines.push_str(&format!("getsockopt u {option}\n"));
    }
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

#[test]
#[ignore = "needs strace"]
fn messages_vectors_and_files_are_told_as_strace_prints_them() {
    straced(
        "socketpair unix stream as x y
        writev x 'one' 'two'
        readv y 2 100
        expect returned 6
        nonblock y on
        readv y 2 3
        expect failed EAGAIN",
    );
    straced(
        "socketpair unix dgram as x y
        open /proc/self/exe as f
        sendfile x f 10
        recv y 100
        sendmsg x 'take this' --fd f
        recvmsg y 100 as g
        sendfile x g 5
        recv y 100
        setsockopt y passcred on
        sendmsg x 'pair' --fd x --fd y --creds --nosignal
        recvmsg y 100 as p q --creds --peek
        close p
        close q
        recvmsg y 100 as p q --creds
        expect p state=CONNECTED
        sendmsg x 'cut' --fd x
        recvmsg y 2
        recvmsg y 100 --dontwait
        expect failed EAGAIN
        close f",
    );
    straced(
        "socket inet dgram as u
        bind u {addr}
        client: socket inet dgram as c
        client: sendmsg c 'hi' 'ho' --to {addr}
        recvmsg u 100 --from
        expect returned 4
        client: sendmsg c 'x'
        client: expect failed EDESTADDRREQ",
    );
}

#[test]
#[ignore = "needs strace"]
fn waits_and_signals_are_told_as_strace_prints_them() {
    straced(
        "socketpair unix stream as x y
        select x y --write x --timeout 0
        expect returned 1
        select x --timeout 50
        expect returned 0
        write y '.'
        select x --write y --except x
        expect returned 2
        poll x y --in --out --timeout 0
        recv x 9
        handle USR1
        handle USR2 restart
        handle ALRM ignore
        recv x 9
        client: kill server USR2
        client: stop server
        client: cont server
        client: kill server USR1
        expect failed EINTR
        handle PIPE default
        handle PIPE ignore
        close y
        send x 'z'
        expect failed EPIPE",
    );
}

#[test]
#[ignore = "needs strace"]
fn types_and_abstract_names_are_told_as_strace_prints_them() {
    straced(
        "socket unix seqpacket as s --cloexec
        bind s @socklab-of-a-test
        listen s 5
        client: socket unix seqpacket as c --nonblock
        client: connect c @socklab-of-a-test
        accept4 s as a --nonblock
        client: send c 'one'
        client: send c 'two'
        recv a 100
        expect returned 3
        expect a local=@socklab-of-a-test
        socket inet raw as r
        socket inet6 ping as p",
    );
}
