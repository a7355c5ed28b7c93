//! What the kernel says, read by the tests themselves and not by socklab.

use std::fs;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Sends a signal.
pub fn kill(pid: u32, signal: i32) {
    // SAFETY: kill takes integers.
    let result = unsafe { libc::kill(i32::try_from(pid).unwrap(), signal) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

/// The state letter of /proc/PID/stat.
fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat[stat.rfind(')')? + 2..].chars().next()
}

/// Is it stopped by SIGSTOP?
pub fn is_stopped(pid: u32) -> bool {
    state(pid) == Some('T')
}

/// Is that process an actor of socklab's, and alive? A zombie has no command
/// line, and a process that got the same number is no actor.
pub fn actor_lives(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|words| words.split('\0').any(|word| word == "__actor"))
}

/// A port that nobody uses: below the range that connect(2) and port 0 take
/// from, so that no other test gets it by chance.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 500) as u16 * 20;
    loop {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && tcp_rows_of_port(port).is_empty() {
            return port;
        }
    }
}

/// A row of /proc/net/tcp or tcp6.
#[derive(Clone, Debug)]
pub struct ProcRow {
    pub is_ipv6: bool,
    pub local_port: u16,
    pub remote_port: u16,
    /// The kernel's number of the state: 10 is LISTEN, 1 ESTABLISHED.
    pub state: u8,
    pub rx_queue: u32,
    pub inode: u64,
}

/// Every row of both tables.
pub fn proc_net_tcp() -> Vec<ProcRow> {
    let hex = |text: &str| u32::from_str_radix(text, 16).unwrap();
    let port = |text: &str| hex(text.rsplit_once(':').unwrap().1) as u16;
    let mut rows = Vec::new();
    for name in ["tcp", "tcp6"] {
        let text = fs::read_to_string(format!("/proc/net/{name}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (_, rx) = words[4].split_once(':').unwrap();
            rows.push(ProcRow {
                is_ipv6: name == "tcp6",
                local_port: port(words[1]),
                remote_port: port(words[2]),
                state: hex(words[3]) as u8,
                rx_queue: hex(rx),
                inode: words[9].parse().unwrap(),
            });
        }
    }
    rows
}

/// The IPv4 rows that have this port on either side; the same port of IPv6 may
/// be another test's.
pub fn tcp_rows_of_port(port: u16) -> Vec<ProcRow> {
    let mut rows = proc_net_tcp();
    rows.retain(|row| !row.is_ipv6 && (row.local_port == port || row.remote_port == port));
    rows
}

/// Does anybody listen on that port of IPv4?
pub fn listens(port: u16) -> bool {
    const LISTEN: u8 = 10;
    let rows = tcp_rows_of_port(port);
    rows.iter()
        .any(|row| row.state == LISTEN && row.local_port == port)
}

/// /proc/PID/fd, in number order.
pub fn fd_targets(pid: u64) -> Vec<(i64, String)> {
    let mut found: Vec<(i64, String)> = fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let fd = path.file_name().unwrap().to_string_lossy().parse().unwrap();
            let target = fs::read_link(&path).unwrap();
            (fd, target.to_string_lossy().into_owned())
        })
        .collect();
    found.sort();
    found
}
