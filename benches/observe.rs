//! One observation of one socket: with 0 and with 50,000 other sockets on the
//! host, and against `ss` asked for that socket alone. All happens in a network
//! namespace of its own, so the sockets are nobody else's concern.

#[path = "support/holder.rs"]
mod holder;
#[path = "support/network.rs"]
mod network;
mod support;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use network::{private_network, raise_limit};
use socket2::{Domain, SockAddr, Socket, Type};
use socklab::bench::Bench;
use support::{Row, in_turn, is_bench, report};

/// By this name the bench starts itself to hold sockets.
const CROWD: &str = "crowd";
/// Each crowd is 5,000 connections: two sockets each, and 10,000 descriptors.
const CROWDS: u8 = 5;
const CONNECTIONS: usize = 5_000;
const ROUNDS: usize = 40;
/// How many observations one measurement makes.
const REPEAT: u32 = 50;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<ExitCode> {
    let words: Vec<String> = std::env::args().collect();
    if let [_, word, number] = words.as_slice()
        && word == CROWD
    {
        crowd(number.parse()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !is_bench() {
        return Ok(ExitCode::SUCCESS);
    }
    private_network()?;
    let mut subject = Subject::new()?;
    let alone = subject.measure()?;
    let crowds: Vec<Child> = (0..CROWDS)
        .map(|number| holder::start(&[CROWD, &number.to_string()]))
        .collect::<io::Result<_>>()?;
    let crowded = subject.measure()?;
    for crowd in crowds {
        holder::end(crowd)?;
    }
    let mut rows = vec![Row::times(
        "one socket: 50,000 others, against none",
        crowded.one,
        alone.one,
        1.5,
    )];
    for (others, seen) in [("0", &alone), ("50,000", &crowded)] {
        let what = format!("one socket, {others} others, against ss");
        rows.push(Row::times(what, seen.one, seen.ss, 0.01));
    }
    for (at, what) in LOOKS.iter().enumerate() {
        rows.push(Row::times(
            format!("a whole look, {what}: 50,000 others, against none"),
            crowded.looks[at],
            alone.looks[at],
            None,
        ));
    }
    Ok(report(&rows))
}

/// What was measured at one size of the crowd.
struct Measured {
    one: Duration,
    ss: Duration,
    looks: [Duration; LOOKS.len()],
}

/// What whole looks are of; the last is the process and its fd table alone.
const LOOKS: [&str; 5] = [
    "connected",
    "listener",
    "bound only",
    "unbound",
    "no socket",
];

/// The sockets that are looked at.
struct Subject {
    unbound: Socket,
    bound: Socket,
    listener: TcpListener,
    connection: TcpStream,
    client: TcpStream,
    bench: Bench,
}

impl Subject {
    fn new() -> io::Result<Subject> {
        let unbound = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        let bound = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        bound.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let client = TcpStream::connect(listener.local_addr()?)?;
        let (connection, _) = listener.accept()?;
        Ok(Subject {
            unbound,
            bound,
            listener,
            connection,
            client,
            bench: Bench::new()?,
        })
    }

    fn measure(&mut self) -> io::Result<Measured> {
        let (local, remote) = (self.connection.local_addr()?, self.connection.peer_addr()?);
        let fds = [
            self.connection.as_fd(),
            self.listener.as_fd(),
            self.bound.as_fd(),
            self.unbound.as_fd(),
        ];
        let bench = &mut self.bench;
        let [one, ss] = in_turn(
            ROUNDS,
            [
                &mut || each(|| seen(bench.look_at_one(fds[0], local, remote)?)),
                &mut || ss(local, remote),
            ],
        )?;
        let mut looks = [Duration::ZERO; LOOKS.len()];
        for (at, took) in looks.iter_mut().enumerate() {
            let fd = fds.get(at).copied();
            [*took] = in_turn(ROUNDS, [&mut || each(|| seen(bench.look_at_all(fd)))])?;
        }
        // Open to the end: it is the other side of what was looked at.
        self.client.local_addr()?;
        Ok(Measured { one, ss, looks })
    }
}

fn seen(seen: bool) -> io::Result<()> {
    if !seen {
        return Err(io::Error::other("the observation did not show the socket"));
    }
    Ok(())
}

/// The time of one of many.
fn each(mut observation: impl FnMut() -> io::Result<()>) -> io::Result<Duration> {
    let began = Instant::now();
    for _ in 0..REPEAT {
        observation()?;
    }
    Ok(began.elapsed() / REPEAT)
}

/// `ss` asked for exactly one connection.
fn ss(local: SocketAddr, remote: SocketAddr) -> io::Result<Duration> {
    let began = Instant::now();
    let output = Command::new("ss")
        .args([
            "-tnH",
            "src",
            &local.to_string(),
            "dst",
            &remote.to_string(),
        ])
        .output()?;
    let took = began.elapsed();
    if String::from_utf8_lossy(&output.stdout).lines().count() == 1 {
        Ok(took)
    } else {
        Err(io::Error::other("ss did not show the socket"))
    }
}

/// The life of a crowd: as many connections, on a loopback address of its own,
/// until stdin closes.
fn crowd(number: u8) -> io::Result<()> {
    raise_limit()?;
    let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2 + number), 0))?;
    let address = listener.local_addr()?;
    let mut held = Vec::with_capacity(2 * CONNECTIONS);
    for _ in 0..CONNECTIONS {
        held.push(TcpStream::connect(address)?);
        held.push(listener.accept()?.0);
    }
    println!("ready");
    io::stdout().flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
