//! What /proc/net says of sockets, read by the tests themselves and not by socklab.

use std::collections::HashSet;
use std::fs;
use std::net::TcpListener;
use std::ops::Range;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::atomic::{AtomicU32, Ordering};

/// States as the kernel numbers them: include/net/tcp_states.h.
pub const ESTABLISHED: u8 = 1;
pub const SYN_SENT: u8 = 2;
pub const FIN_WAIT_2: u8 = 5;
pub const TIME_WAIT: u8 = 6;
pub const CLOSE_WAIT: u8 = 8;
pub const LISTEN: u8 = 10;

/// A row of /proc/net/tcp or tcp6.
#[derive(Clone, Debug)]
pub struct TcpRow {
    pub is_ipv6: bool,
    pub local_port: u16,
    pub peer_port: u16,
    pub state: u8,
    /// Bytes that nobody has read.
    pub rx_queue: u32,
    pub inode: u64,
}

/// Every row of both tables.
pub fn tcp_rows() -> Vec<TcpRow> {
    let hex = |text: &str| u32::from_str_radix(text, 16).unwrap();
    let port = |text: &str| hex(text.rsplit_once(':').unwrap().1) as u16;
    let mut rows = Vec::new();
    for name in ["tcp", "tcp6"] {
        for words in table(name) {
            let (_, rx_queue) = words[4].split_once(':').unwrap();
            rows.push(TcpRow {
                is_ipv6: name == "tcp6",
                local_port: port(&words[1]),
                peer_port: port(&words[2]),
                state: hex(&words[3]) as u8,
                rx_queue: hex(rx_queue),
                inode: words[9].parse().unwrap(),
            });
        }
    }
    rows
}

/// The words of each row of a table in /proc/net.
fn table(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/net/{name}")).unwrap_or_default();
    let words = |line: &str| line.split_whitespace().map(str::to_string).collect();
    text.lines().skip(1).map(words).collect()
}

/// The IPv4 rows that have this port on either side; the same port of IPv6 may
/// be another test's. Of a port of [`free_port`]: where the kernel has chosen one, a
/// client of an earlier test may still be in TIME-WAIT from it, which binds nothing.
pub fn tcp_rows_of_port(port: u16) -> Vec<TcpRow> {
    assert!(!is_chosen_by_the_kernel(port), "{port}: see free_port");
    let mut rows = tcp_rows();
    rows.retain(|row| !row.is_ipv6 && (row.local_port == port || row.peer_port == port));
    rows
}

/// Is it one of those that connect(2) and port 0 take from?
fn is_chosen_by_the_kernel(port: u16) -> bool {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
    let ends: Vec<u16> = range
        .split_whitespace()
        .map(|it| it.parse().unwrap())
        .collect();
    (ends[0]..=ends[1]).contains(&port)
}

/// Is there an IPv4 row of that port, on our side, in that state?
pub fn has_row(port: u16, state: u8) -> bool {
    let mut rows = tcp_rows().into_iter();
    rows.any(|row| !row.is_ipv6 && row.local_port == port && row.state == state)
}

/// Does anybody listen on that port of IPv4?
pub fn listens(port: u16) -> bool {
    has_row(port, LISTEN)
}

/// Is one TIME-WAIT all that is left of that port?
pub fn is_in_time_wait(port: u16) -> bool {
    tcp_rows_of_port(port).len() == 1 && has_row(port, TIME_WAIT)
}

/// The inodes of every socket in the kernel's tables.
pub fn listed_inodes() -> HashSet<u64> {
    let columns = [
        ("tcp", 9),
        ("tcp6", 9),
        ("udp", 9),
        ("udp6", 9),
        ("unix", 6),
    ];
    let inodes = columns.into_iter().flat_map(|(name, column)| {
        let rows = table(name).into_iter();
        // The name of a unix socket may have a line feed in it: what follows is no row.
        rows.filter_map(move |words| words.get(column)?.parse().ok())
    });
    inodes.collect()
}

/// A port of 127.0.0.1 that nobody uses.
pub fn free_addr() -> String {
    format!("127.0.0.1:{}", free_port())
}

/// A port that nobody uses: below the range that connect(2) and port 0 take
/// from, so that no other test gets it by chance.
pub fn free_port() -> u16 {
    free_port_of(20_000..32_000)
}

/// A port of those that nobody uses, with nothing left of earlier runs.
pub fn free_port_of(ports: Range<u16>) -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Far from those of a test that runs at the same time in another process.
    let start = std::process::id() * 79;
    loop {
        let offset = start.wrapping_add(NEXT.fetch_add(17, Ordering::Relaxed));
        let port = ports.start + (offset % u32::from(ports.end - ports.start)) as u16;
        let is_left = |row: TcpRow| row.local_port == port || row.peer_port == port;
        // Of two equal bytes the wrong order is the right one, too.
        if port != port.swap_bytes()
            && claim(port)
            && TcpListener::bind(("127.0.0.1", port)).is_ok()
            && !tcp_rows().into_iter().any(is_left)
        {
            return port;
        }
    }
}

/// Takes that port from all other tests, as long as this process lives: with it the kernel
/// gives the name back, unix(7).
fn claim(port: u16) -> bool {
    let name = SocketAddr::from_abstract_name(format!("port {port} of a test of socklab"));
    let claimed = UnixDatagram::bind_addr(&name.unwrap());
    claimed.map(std::mem::forget).is_ok()
}
