//! A class that all connects at once: 1,000 and 4,000 clients that nobody accepts, in
//! a network namespace of their own. What a look costs, how soon a key and a signal
//! are heeded, what is printed, and what it costs to wait.

#[path = "support/holder.rs"]
mod holder;
#[path = "support/network.rs"]
mod network;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::time::{Duration, Instant};

use network::{private_network, raise_limit};
use socket2::{Domain, SockAddr, Socket, Type};
use socklab::bench::Bench;
use support::{Row, in_turn, is_bench, report};
use terminal::Terminal;

/// By this name the bench starts itself to hold clients.
const CLIENTS: &str = "clients";
const SIZES: [usize; 2] = [1_000, 4_000];
const ROUNDS: usize = 20;

// What is promised.
const LOOK: Duration = Duration::from_millis(50);
const KEY: Duration = Duration::from_millis(500);
const SIGNAL: Duration = Duration::from_millis(200);
const PERCENT: f64 = 5.0;
const ROWS: usize = 20;

/// How long the screen stands still before it is quiet, and how long it is watched then.
const STILL: Duration = Duration::from_millis(1500);
const WATCHED: Duration = Duration::from_secs(4);

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<ExitCode> {
    let words: Vec<String> = std::env::args().collect();
    if let [_, word, address, count] = words.as_slice()
        && word == CLIENTS
    {
        clients(address, count.parse()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !is_bench() {
        return Ok(ExitCode::SUCCESS);
    }
    private_network()?;
    raise_limit()?;
    let mut rows = Vec::new();
    for count in SIZES {
        for domain in [Domain::IPV4, Domain::UNIX] {
            rows.push(a_look(domain, count)?);
        }
        rows.extend(a_screen(count, 4096)?);
        rows.extend(a_screen(count, 1)?);
    }
    Ok(report(&rows))
}

/// A look at a listener whose queue is full of clients, with who they are.
fn a_look(domain: Domain, count: usize) -> Outcome<Row> {
    let path = tmp("crowd.sock");
    let _ = fs::remove_file(&path);
    let listener = Socket::new(domain, Type::STREAM, None)?;
    listener.bind(&if domain == Domain::UNIX {
        SockAddr::unix(&path)?
    } else {
        SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    })?;
    listener.listen(4096)?;
    let (address, what) = match listener.local_addr()?.as_socket() {
        Some(address) => (address.to_string(), "TCP"),
        None => (path.display().to_string(), "unix"),
    };
    let crowd = start_clients(&address, count)?;
    let mut bench = Bench::new()?;
    let mut look = || {
        let began = Instant::now();
        let seen = bench.clients(Some(listener.as_fd()), crowd.id());
        let took = began.elapsed();
        if seen != Some(count) {
            return Err(io::Error::other("the look did not show who waits"));
        }
        Ok(took)
    };
    let [took] = in_turn(ROUNDS, [&mut look])?;
    holder::end(crowd)?;
    let what = format!("a look with owners, {count} {what} clients wait");
    Ok(Row::times(what, took, LOOK, 1.0))
}

/// A listener with that backlog on the screen, and the clients connect.
fn a_screen(count: usize, backlog: usize) -> Outcome<Vec<Row>> {
    let mut screen = Screen::before_accept(backlog)?;
    let crowd = start_clients(&format!("127.0.0.1:{}", screen.port()?), count)?;
    screen.until_still()?;
    let percent = screen.percent()?;
    let (key, rows) = screen.inspect()?;
    let signal = screen.terminate()?;
    holder::end(crowd)?;
    let of = |what: &str| format!("{what}, {count} clients, backlog {backlog}");
    let ratio = |what, ours: f64, most: f64, unit: &str| Row {
        what: of(what),
        ours: format!("{ours:.1}{unit}"),
        rival: format!("{most:.1}{unit}"),
        ratio: Some(ours / most),
        budget: Some(1.0),
    };
    Ok(vec![
        Row::times(of("the key i"), key, KEY, 1.0),
        ratio("rows printed", rows as f64, ROWS as f64, ""),
        Row::times(of("SIGTERM"), signal, SIGNAL, 1.0),
        ratio("CPU while nothing happens", percent, PERCENT, " %"),
    ])
}

/// socklab at a terminal.
struct Screen {
    terminal: Terminal,
    shown: Vec<u8>,
}

impl Screen {
    /// At the pause before accept.
    fn before_accept(backlog: usize) -> Outcome<Screen> {
        let course = course(backlog)?;
        let course = course.display().to_string();
        let words = [
            "step",
            "lab",
            "--addr",
            "127.0.0.1:0",
            "--chapters",
            &course,
        ];
        let mut screen = Screen {
            terminal: Terminal::start(&[&words[..], &["--color", "never"]].concat())?,
            shown: Vec::new(),
        };
        for call in ["socket(", "bind(", "listen("] {
            screen.until(|shown| shown.contains(&format!("next    {call}")) && at_pause(shown))?;
            screen.type_in(b"\r")?;
        }
        screen.until(|shown| shown.contains("next    accept(") && at_pause(shown))?;
        Ok(screen)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    fn port(&self) -> Outcome<u16> {
        let text = self.text();
        let (_, rest) = text.rsplit_once("local 127.0.0.1:").ok_or("no port")?;
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        Ok(digits.unwrap_or_default().parse()?)
    }

    /// Types, and forgets what was shown before.
    fn type_in(&mut self, keys: &[u8]) -> io::Result<()> {
        self.shown.clear();
        self.terminal.master.write_all(keys)
    }

    fn until(&mut self, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
        while !wanted(&self.text()) {
            if !self.terminal.read(&mut self.shown, Some(10 * STILL))? {
                return Err(io::Error::other(format!("in vain: {}", self.text())));
            }
        }
        Ok(())
    }

    /// Until nothing new is told.
    fn until_still(&mut self) -> io::Result<()> {
        while self.terminal.read(&mut self.shown, Some(STILL))? {}
        Ok(())
    }

    /// How much of one processor all its processes use while nothing happens.
    fn percent(&mut self) -> io::Result<f64> {
        let controller = self.terminal.child.id();
        let children = format!("/proc/{controller}/task/{controller}/children");
        let children = fs::read_to_string(children)?;
        let mut pids: Vec<u32> = children.split_whitespace().flat_map(str::parse).collect();
        pids.push(controller);
        let used = || pids.iter().map(|pid| processor_time(*pid)).sum::<u64>();
        let (before, began) = (used(), Instant::now());
        let end = began + WATCHED;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.terminal.read(&mut self.shown, Some(left))?;
        }
        let used = Duration::from_nanos(used() - before);
        Ok(100.0 * used.as_secs_f64() / began.elapsed().as_secs_f64())
    }

    /// Presses i. How long the answer took, and how many rows it has.
    fn inspect(&mut self) -> io::Result<(Duration, usize)> {
        let began = Instant::now();
        self.type_in(b"i")?;
        self.until(|shown| shown.contains("  kernel  ") && at_pause(shown))?;
        let took = began.elapsed();
        let text = self.text();
        let rows = text.lines().filter(|line| {
            // The rest is counted: `and 980 more`.
            let row = ["  queued ", "  outside "].map(|label| line.strip_prefix(label));
            let mut row = row.into_iter().flatten();
            row.any(|row| !row.trim_start().starts_with("and "))
        });
        if !text.contains("more: ") {
            return Err(io::Error::other(format!("no rest is counted: {text}")));
        }
        Ok((took, rows.count()))
    }

    /// From SIGTERM to the end.
    fn terminate(self) -> Outcome<Duration> {
        let pid = i32::try_from(self.terminal.child.id())?;
        let began = Instant::now();
        // SAFETY: two integers, no memory.
        unsafe { libc::kill(pid, libc::SIGTERM) };
        self.terminal.end()?;
        Ok(began.elapsed())
    }
}

/// Does the prompt of a pause stand last?
fn at_pause(shown: &str) -> bool {
    shown.ends_with("q quit")
}

/// The time that a process has spent on a processor in nanoseconds: proc(5), schedstat.
fn processor_time(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    let time = stat.split_whitespace().next();
    time.and_then(|time| time.parse().ok()).unwrap_or(0)
}

/// A course of one chapter: a server up to its accept.
fn course(backlog: usize) -> io::Result<PathBuf> {
    let dir = tmp("crowd");
    fs::create_dir_all(&dir)?;
    let mut text = String::from(
        "+++\nid = \"lab\"\ntitle = \"Lab\"\nlabel = \"name\"\nsummary = \"a lab\"\n+++\n",
    );
    for action in [
        "socket {domain} stream as server",
        "bind server {addr}",
        &format!("listen server {backlog}"),
        "accept server as conn",
    ] {
        text.push_str(&format!(
            "\n## {action}\nProse.\n```socklab\n{action}\n```\n### Kernel\nKernel.\n"
        ));
    }
    fs::write(dir.join("lab.md"), text)?;
    let course = "title = \"Lab\"\nchapters = [\"lab\"]\n";
    fs::write(dir.join("course.toml"), course)?;
    Ok(dir)
}

fn tmp(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The life of a class: so many clients, until stdin closes. Who finds a full queue
/// goes on trying.
fn clients(address: &str, count: usize) -> Outcome<()> {
    raise_limit()?;
    let mut paths = Vec::new();
    let mut sockets = Vec::new();
    for _ in 0..count {
        if address.starts_with('/') {
            paths.push(UnixStream::connect(address)?);
            continue;
        }
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        let address: SocketAddr = address.parse()?;
        match socket.connect(&address.into()) {
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => {
                return Err(error.into());
            }
            _ => sockets.push(TcpStream::from(socket)),
        }
    }
    println!("ready");
    io::stdout().flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A process that connects so many clients.
fn start_clients(address: &str, count: usize) -> io::Result<Child> {
    holder::start(&[CLIENTS, address, &count.to_string()])
}
