//! The whole unattended walk, all observation included, against `strace -f -yy`
//! that merely prints the calls of two bare C programs making the same ones; and with
//! packets, and with a page that nobody looks at, against without.

#[path = "support/program.rs"]
mod program;
mod support;

use std::io::{self, Read};
use std::net::TcpListener;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use program::built;
use support::{Row, in_turn, is_bench, report};

const ROUNDS: usize = 25;

fn main() -> io::Result<ExitCode> {
    if !is_bench() {
        return Ok(ExitCode::SUCCESS);
    }
    let (server, client) = (built("pair/server")?, built("pair/client")?);
    let pair = |to: &[&str]| -> io::Result<Command> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-yy"]).args(to).arg(&server);
        strace.arg(free_port()?.to_string()).arg(&client);
        Ok(strace)
    };
    let socklab = |more: &[&str]| {
        let mut walk = Command::new(env!("CARGO_BIN_EXE_socklab"));
        walk.args(["walk", "--auto", "--json", "--addr", "127.0.0.1:0"]);
        walk.args(more);
        timed(walk)
    };
    let private = |more: &[&str]| socklab(&[&["--private"], more].concat());
    let [walk, page, quiet, piped, bare, private, packets] = in_turn(
        ROUNDS,
        [
            &mut || socklab(&[]),
            &mut || socklab(&["--page"]),
            &mut || timed(pair(&["-o", "/dev/null"])?),
            &mut || timed(pair(&["-o", "/dev/stdout"])?),
            &mut || {
                let mut pair = Command::new(&server);
                pair.arg(free_port()?.to_string()).arg(&client);
                timed(pair)
            },
            &mut || private(&[]),
            &mut || private(&["--packets"]),
        ],
    )?;
    Ok(report(&[
        Row::times("walk, against strace to /dev/null", walk, quiet, 1.0),
        Row::times("walk, against strace to a pipe", walk, piped, 1.0),
        Row::times("walk, against the pair untraced", walk, bare, None),
        Row::times("walk with packets, against without", packets, private, 1.1),
        Row::times("walk with a page, against without", page, walk, 1.1),
    ]))
}

/// From the start of a program to its end, its stdout read and thrown away.
fn timed(mut program: Command) -> io::Result<Duration> {
    let began = Instant::now();
    let mut child = program
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut buffer = [0; 65536];
    if let Some(output) = &mut child.stdout {
        while output.read(&mut buffer)? > 0 {}
    }
    let status = child.wait()?;
    let took = began.elapsed();
    if status.success() {
        Ok(took)
    } else {
        Err(io::Error::other(format!("{program:?}: {status}")))
    }
}

/// A port that is free now, so that the server need not ask which it got.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
