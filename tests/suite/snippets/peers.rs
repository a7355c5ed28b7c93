//! The other end of each program: socklab, where it plays one, or a few lines here.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use super::build::Started;
use crate::support::{DEADLINE, LISTEN, Socklab, eventually, tcp_rows, until};

/// Starts that program, and is its other end.
pub fn play(name: &str, port: u16, path: &str, start: impl FnOnce() -> Started) {
    match name {
        "server" | "dual" => socklab_as_client(start(), port),
        "client" => socklab_as_server(start, port),
        "serve" => two_clients(start(), port),
        "udp" => datagram_echo(start(), port),
        "datagrams" => datagrams(start(), port),
        "unix" => unix(start(), path),
        "unix_dgram" => unix_dgram(start(), path),
        "names" => finds_localhost(start()),
        "framing" => a_message_in_pieces(start(), port),
        "partial" => is_sent_all(start(), port),
        "queues" => drop(start().finish()),
        "events" => tells_what_is_there(start(), port),
        "timeouts" => waits_no_longer(start, port),
        "backlog" => hears(start, port),
        "bytes" => takes_all(start(), port),
        "endings" => answers_after_the_end(start(), port),
        "ports" => tells_a_port(start()),
        "share" => is_refused(start, port),
        "reset" | "options" | "peek" => says_a_line(start(), port),
        "broadcast" => hears_a_broadcast(start, port),
        "multicast" => sends_to_the_group(start(), port),
        "udp_client" => answers_twice(start, port),
        "unix_client" => answers_at_a_path(start, path),
        "yours" => one_after_the_other(start(), port),
        _ => panic!("no peer for {name}"),
    }
}

fn wait_listener(port: u16) {
    until("it listens", || {
        let mut rows = tcp_rows().into_iter();
        rows.any(|row| row.state == LISTEN && row.local_port == port)
    });
}

fn connect(port: u16) -> TcpStream {
    wait_listener(port);
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client
}

fn echoes(client: &mut (impl Read + Write)) {
    client.write_all(b"hello\n").unwrap();
    let mut buf = [0; 6];
    client.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"hello\n");
}

fn socklab(role: &str, port: u16) -> Socklab {
    let addr = format!("127.0.0.1:{port}");
    Socklab::walk_at(&addr).args(["--role", role, "--peer", "nc", "--no-progress"])
}

fn socklab_as_client(program: Started, port: u16) {
    wait_listener(port);
    let run = socklab("client", port).run();
    run.assert_done();
    run.assert_held();
    let received = run.exits("client", "recvfrom");
    assert_eq!(received[0]["ret"], 6, "{received:?}");
    program.finish();
}

fn socklab_as_server(start: impl FnOnce() -> Started, port: u16) {
    let mut running = socklab("server", port).start();
    running.wait_port();
    start().finish();
    let run = running.finish();
    run.assert_done();
    run.assert_held();
    let received = run.exits("server", "recvfrom");
    assert_eq!(received[0]["ret"], 6, "{received:?}");
}

/// The second is served when the first has ended. The server goes on for ever.
fn one_after_the_other(program: Started, port: u16) {
    for _ in 0..2 {
        let mut client = connect(port);
        echoes(&mut client);
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    }
    drop(program);
}

/// Both are there before either says anything. Some of these servers go on for ever.
fn two_clients(program: Started, port: u16) {
    let mut clients = [connect(port), connect(port)];
    clients.iter_mut().for_each(echoes);
    drop(clients);
    drop(program);
}

/// A datagram that comes too early is lost: it is sent until it is answered, and
/// until the program has ended, for Node.js ends with the second.
fn datagram_echo(mut program: Started, port: u16) {
    let client = datagram_client(port);
    let mut buf = [0; 100];
    eventually("an answer", || {
        let _ = client.send(b"hello\n");
        let count = client.recv(&mut buf).ok()?;
        (buf[..count] == *b"hello\n").then_some(())
    });
    send_to_the_end(&client, &mut program);
    program.finish();
}

fn datagrams(mut program: Started, port: u16) {
    send_to_the_end(&datagram_client(port), &mut program);
    program.finish();
}

fn datagram_client(port: u16) -> UdpSocket {
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(("127.0.0.1", port)).unwrap();
    let soon = Duration::from_millis(100);
    client.set_read_timeout(Some(soon)).unwrap();
    client
}

fn send_to_the_end(client: &UdpSocket, program: &mut Started) {
    until("it has had its datagrams", || {
        let _ = client.send(b"hello\n");
        program.is_over()
    });
}

fn unix(program: Started, path: &str) {
    let mut client = eventually("it listens", || UnixStream::connect(path).ok());
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    echoes(&mut client);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.read(&mut [0; 10]).unwrap(), 0);
    program.finish();
    assert!(!Path::new(path).exists());
}

fn unix_dgram(program: Started, path: &str) {
    let client = UnixDatagram::bind(format!("{path}.client")).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    eventually("it is bound", || client.send_to(b"hello\n", path).ok());
    let mut buf = [0; 10];
    assert_eq!(client.recv(&mut buf).unwrap(), 6);
    program.finish();
    assert!(!Path::new(path).exists());
}

fn listener(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port)).unwrap()
}

fn hears(start: impl FnOnce() -> Started, port: u16) {
    let listener = listener(port);
    listener.set_nonblocking(true).unwrap();
    let program = start();
    let client = eventually("it connects", || listener.accept().ok());
    drop(client);
    program.finish();
}

fn takes_all(program: Started, port: u16) {
    let mut bytes = Vec::new();
    connect(port).read_to_end(&mut bytes).unwrap();
    assert!(!bytes.is_empty());
    program.finish();
}

fn finds_localhost(program: Started) {
    let said = program.finish();
    assert!(said.contains("127.0.0.1"), "{said}");
}

fn a_message_in_pieces(program: Started, port: u16) {
    let mut client = connect(port);
    client.set_nodelay(true).unwrap();
    for piece in [&b"\0\0"[..], b"\0\x05he", b"llo"] {
        client.write_all(piece).unwrap();
    }
    client.shutdown(Shutdown::Write).unwrap();
    let said = program.finish();
    assert!(said.contains("hello"), "{said}");
}

fn is_sent_all(program: Started, port: u16) {
    let mut bytes = Vec::new();
    connect(port).read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len(), 10_000_000);
    program.finish();
}

/// Some of these programs have nothing to tell: their library has no such call.
fn tells_what_is_there(program: Started, port: u16) {
    let mut client = connect(port);
    let _ = client.write_all(b"hello\n");
    let _ = client.shutdown(Shutdown::Write);
    let said = program.finish();
    assert!(said.is_empty() || said.contains('6'), "{said}");
}

/// This end accepts, and says nothing.
fn waits_no_longer(start: impl FnOnce() -> Started, port: u16) {
    let listener = listener(port);
    let program = start();
    let silent = listener.accept().unwrap();
    let said = program.finish().to_lowercase();
    let why = ["unavailable", "timeout", "timed out"];
    assert!(why.iter().any(|why| said.contains(why)), "{said}");
    drop(silent);
}

fn answers_after_the_end(program: Started, port: u16) {
    let mut client = connect(port);
    assert_eq!(client.read(&mut [0; 10]).unwrap(), 0);
    client.write_all(b"bye\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let said = program.finish();
    assert!(said.trim_start().starts_with('4'), "{said}");
}

fn tells_a_port(program: Started) {
    let said = program.finish();
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    assert!(digits.parse::<u16>().is_ok_and(|port| port > 0), "{said}");
}

/// A client that says a line and ends its side, and does not mind a reset.
fn says_a_line(program: Started, port: u16) {
    let mut client = connect(port);
    let _ = client.write_all(b"hello\n");
    let _ = client.shutdown(Shutdown::Write);
    let _ = client.read_to_end(&mut Vec::new());
    program.finish();
}

fn answers_twice(start: impl FnOnce() -> Started, port: u16) {
    let server = UdpSocket::bind(("127.0.0.1", port)).unwrap();
    server.set_read_timeout(Some(DEADLINE)).unwrap();
    let program = start();
    let mut buf = [0; 100];
    for line in [b"hello\n", b"again\n"] {
        let (count, client) = server.recv_from(&mut buf).unwrap();
        assert_eq!(&buf[..count], line);
        server.send_to(line, client).unwrap();
    }
    program.finish();
}

fn answers_at_a_path(start: impl FnOnce() -> Started, path: &str) {
    let server = UnixListener::bind(path).unwrap();
    server.set_nonblocking(true).unwrap();
    let program = start();
    let (mut conn, _) = eventually("it connects", || server.accept().ok());
    conn.set_nonblocking(false).unwrap();
    conn.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut buf = [0; 100];
    assert_eq!(conn.read(&mut buf).unwrap(), 6);
    conn.write_all(&buf[..6]).unwrap();
    drop(conn);
    program.finish();
    std::fs::remove_file(path).unwrap();
}

fn hears_a_broadcast(start: impl FnOnce() -> Started, port: u16) {
    let receiver = UdpSocket::bind(("127.255.255.255", port)).unwrap();
    receiver.set_read_timeout(Some(DEADLINE)).unwrap();
    let program = start();
    assert_eq!(receiver.recv(&mut [0; 10]).unwrap(), 6);
    program.finish();
}

/// What comes before it has joined is lost.
fn sends_to_the_group(mut program: Started, port: u16) {
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    until("it has had a datagram", || {
        sender.send_to(b"hello\n", ("239.1.2.3", port)).unwrap();
        program.is_over()
    });
    program.finish();
}

fn is_refused(start: impl FnOnce() -> Started, port: u16) {
    let _first = listener(port);
    let said = start().finish().to_lowercase();
    let why = ["address already in use", "eaddrinuse"];
    assert!(why.iter().any(|why| said.contains(why)), "{said}");
}
