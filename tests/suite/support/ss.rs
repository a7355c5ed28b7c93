//! What ss shows, row by row.

use std::collections::BTreeMap;

use super::output;

/// A row of `ss -tanoe`.
#[derive(Debug)]
pub struct SsRow {
    pub state: String,
    pub recv_q: u64,
    pub send_q: u64,
    pub local: String,
    pub peer: String,
    pub inode: u64,
    pub cookie: u64,
    /// Its kind and the seconds left.
    pub timer: Option<(String, f64)>,
}

impl SsRow {
    fn parse(line: &str) -> SsRow {
        let words: Vec<&str> = line.split_whitespace().collect();
        let named = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
        let timer = named("timer:").map(|text| {
            let inner = text.trim_matches(['(', ')']);
            let mut parts = inner.split(',');
            let kind = parts.next().unwrap().to_string();
            (kind, seconds(parts.next().unwrap()))
        });
        SsRow {
            state: words[0].into(),
            recv_q: words[1].parse().unwrap(),
            send_q: words[2].parse().unwrap(),
            local: words[3].into(),
            peer: words[4].into(),
            inode: named("ino:").map_or(0, |text| text.parse().unwrap()),
            cookie: u64::from_str_radix(named("sk:").unwrap(), 16).unwrap(),
            timer,
        }
    }
}

/// `1min2sec`, `59sec`, `1.200ms`, as ss writes a timer: with three digits
/// behind the point where it counts thousandths.
fn seconds(text: &str) -> f64 {
    let (minutes, rest) = text.split_once("min").unwrap_or(("0", text));
    let minutes: f64 = minutes.parse().unwrap();
    let rest = match rest {
        "" => 0.0,
        _ => match (rest.strip_suffix("ms"), rest.strip_suffix("sec")) {
            (Some(ms), _) => ms.parse::<f64>().unwrap() / 1000.0,
            (_, Some(sec)) => sec.parse().unwrap(),
            _ => panic!("{text}"),
        },
    };
    minutes * 60.0 + rest
}

/// All TCP rows, by cookie.
pub fn ss_tcp() -> BTreeMap<u64, SsRow> {
    rows_of("-tanoeHO")
}

/// All UDP rows, by cookie.
pub fn ss_udp() -> BTreeMap<u64, SsRow> {
    rows_of("-uanoeHO")
}

fn rows_of(options: &str) -> BTreeMap<u64, SsRow> {
    let text = output("ss", [options]);
    let rows = text.lines().map(SsRow::parse);
    rows.map(|row| (row.cookie, row)).collect()
}

/// A row of `ss -xae`.
#[derive(Debug)]
pub struct SsUnix {
    /// `u_str` or `u_dgr`.
    pub kind: String,
    pub state: String,
    pub recv_q: u64,
    pub send_q: u64,
    /// `*` for one without a name.
    pub name: String,
    /// 0 for one without a peer.
    pub peer_inode: u64,
    /// The inode of the file it is bound to.
    pub file: Option<u64>,
    /// The inodes of the clients in a listener's queue.
    pub clients: Vec<u64>,
}

/// All unix rows, by inode. A name with a space in it is none of ours.
pub fn ss_unix() -> BTreeMap<u64, SsUnix> {
    let text = output("ss", ["-xaeHO"]);
    let rows = text.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| words.get(at)?.parse::<u64>().ok();
        let named = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
        let clients = words.iter().skip_while(|word| **word != "peers:").skip(1);
        let row = SsUnix {
            kind: words[0].into(),
            state: words[1].into(),
            recv_q: number(2)?,
            send_q: number(3)?,
            name: words[4].into(),
            peer_inode: number(7)?,
            file: named("ino:").map(|inode| inode.parse().unwrap()),
            clients: clients.map_while(|word| word.parse().ok()).collect(),
        };
        Some((number(5)?, row))
    });
    rows.collect()
}
