//! Programs that are not ours: what a class has at hand, as clients and as
//! servers.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::{Peer, output};

/// What a program speaks, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stream,
    Datagram,
}

/// The netcats of a class room.
pub const NETCATS: [&str; 4] = ["nc.openbsd", "nc.traditional", "ncat", "socat"];

/// The programs that know every domain.
pub const PROGRAMS: [&str; 4] = ["nc.openbsd", "ncat", "socat", "python3"];

/// Reads lines, sends each, and prints what comes back: what nc does.
const PYTHON_CLIENT: &str = r#"
import os, socket, sys
domain, kind, address = sys.argv[1:]
kind = getattr(socket, kind)
s = socket.socket(getattr(socket, domain), kind)
if domain == "AF_UNIX":
    if kind == socket.SOCK_DGRAM:
        s.bind(address + ".python")
else:
    host, port = address.rsplit(":", 1)
    address = (host.strip("[]"), int(port))
s.connect(address)
for line in iter(sys.stdin.buffer.readline, b""):
    assert s.send(line) == len(line)
    sys.stdout.buffer.write(s.recv(10000))
    sys.stdout.buffer.flush()
if kind == socket.SOCK_STREAM:
    s.shutdown(socket.SHUT_WR)
    assert s.recv(10000) == b""
elif domain == "AF_UNIX":
    os.unlink(s.getsockname())
"#;

/// Starts that program as a client of the server at `address`, a path or
/// `HOST:PORT`. A stream's end is told when its input ends: some shut down their side
/// then, nc.traditional quits.
pub fn client(program: &str, kind: Kind, address: &str) -> Peer {
    let mut command = Command::new(program);
    let is_path = address.starts_with('/');
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    let host = host.trim_matches(['[', ']']);
    let datagrams = kind == Kind::Datagram;
    match program {
        "nc.openbsd" | "ncat" => {
            if program == "nc.openbsd" && !datagrams {
                command.arg("-N");
            }
            if datagrams {
                command.arg("-u");
            }
            if is_path {
                command.args(["-U", address])
            } else {
                command.args([host, port])
            };
        }
        "nc.traditional" => {
            assert!(!datagrams && !is_path);
            command.args(["-q", "0", host, port]);
        }
        "socat" => {
            let end = match (is_path, datagrams) {
                (true, false) => format!("UNIX-CONNECT:{address}"),
                // One that is not bound could not be answered.
                (true, true) => format!("UNIX-SENDTO:{address},bind={address}.socat"),
                (false, false) => format!("TCP:{address}"),
                (false, true) => format!("UDP:{address}"),
            };
            command.args(["STDIO", &end]);
        }
        _ => {
            let domain = match (is_path, host.contains(':')) {
                (true, _) => "AF_UNIX",
                (_, true) => "AF_INET6",
                _ => "AF_INET",
            };
            let kind = if datagrams {
                "SOCK_DGRAM"
            } else {
                "SOCK_STREAM"
            };
            command.args(["-c", PYTHON_CLIENT, domain, kind, address]);
        }
    }
    Peer::spawn(command)
}

/// The name that /proc gives it: an interpreter has its version behind.
pub fn is_name_of(program: &str, name: &str) -> bool {
    let file = Path::new(name).file_name().unwrap().to_string_lossy();
    file.starts_with(program)
}

/// Accepts one client, prints what it sends, and sends it what is typed.
const PYTHON_SERVER: &str = r#"
import socket, sys
domain, host, port = sys.argv[1:]
listener = socket.socket(getattr(socket, domain))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((host, int(port)))
listener.listen(1)
conn, client = listener.accept()
sys.stdout.buffer.write(conn.recv(10000))
sys.stdout.buffer.flush()
conn.sendall(sys.stdin.buffer.readline())
assert conn.recv(10000) == b""
conn.close()
"#;

/// The programs that listen for a client.
pub const SERVERS: [&str; 5] = ["nc.openbsd", "nc.traditional", "ncat", "socat", "python3"];

/// Starts that program as a server for one client.
pub fn server(program: &str, host: &str, port: u16) -> Peer {
    let mut command = Command::new(program);
    let port = port.to_string();
    let is_ipv6 = host.contains(':');
    match program {
        "nc.openbsd" | "ncat" => command.args(["-l", host, &port]),
        "nc.traditional" => command.args(["-l", "-q", "0", "-s", host, "-p", &port]),
        "socat" => {
            let listen = if is_ipv6 {
                format!("TCP6-LISTEN:{port},bind=[{host}],reuseaddr")
            } else {
                format!("TCP4-LISTEN:{port},bind={host},reuseaddr")
            };
            command.args(["STDIO", &listen])
        }
        _ => {
            let domain = if is_ipv6 { "AF_INET6" } else { "AF_INET" };
            command.args(["-c", PYTHON_SERVER, domain, host, &port])
        }
    };
    Peer::spawn(command)
}

/// python3 itself: what may stand in for it along PATH starts a hundred programs first.
pub fn python_itself() -> String {
    static FOUND: OnceLock<String> = OnceLock::new();
    let asks = ["-c", "import sys; print(sys.executable, end='')"];
    FOUND.get_or_init(|| output("python3", asks)).clone()
}
