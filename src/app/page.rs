//! `--page`: the class looks on.

use std::fs::{self, File};
use std::io::{self, ErrorKind, PipeWriter, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};

use super::print::complain;
use crate::cli::Options;
use crate::error::Error;
use crate::model::{Address, Errno};
use crate::page::{Served, name, serve};
use crate::sys::{Helper, Process, reader_is_gone};
use crate::words::say;

/// So many bytes of lines are kept for the page at the most.
const MOST: u64 = 256 << 20;
/// So often it is seen whether it is still served.
const OFTEN: Duration = Duration::from_millis(100);
const DESERTED: &str = "its process has ended";
/// It may stand still for so long at the end, in which it tells browsers of that.
const END: Duration = Duration::from_secs(2);
/// So often that is looked at: after 10 seconds it is ended anyway.
const ENDS: usize = 5;

/// Starts the process that serves the page, where one is asked for. `speak` has it say what
/// it says in the learner's language.
pub(super) fn start(
    at: Option<SocketAddr>,
    speak: impl FnOnce() -> io::Result<()>,
) -> Result<Option<Page>, Error> {
    let starting = || Error::system("starting the page");
    let Some(at) = at else {
        return Ok(None);
    };
    let listener = listen(at)?;
    let at = listener.local_addr().map_err(starting())?;
    let token = name().map_err(starting())?;
    let url = format!("http://{}/{token}/", reached(at));
    let lines = memfd_create("socklab page", MemfdFlags::CLOEXEC);
    let lines = File::from(lines.map_err(io::Error::from).map_err(starting())?);
    let served = Served {
        listener,
        lines: lines.try_clone().map_err(starting())?,
        token,
        url: url.clone(),
        speak,
    };
    let (run, pipe) = io::pipe().map_err(starting())?;
    let mut pipe = Some(pipe);
    let process = Helper::start(|| {
        drop(pipe.take());
        serve(served, &run).map_or(1, |()| 0)
    });
    let process = process.map_err(starting())?;
    Ok(Some(Page {
        at,
        url,
        lines,
        kept: 0,
        looked: Instant::now(),
        process: pipe.map(|pipe| (process, pipe)),
    }))
}

/// Opens the socket of the page.
fn listen(at: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(at).map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => ": leave the address out, and the kernel chooses a port",
            ErrorKind::PermissionDenied => ": choose a port from 1024 on",
            ErrorKind::AddrNotAvailable => ": it must be one of this machine's own",
            _ => "",
        };
        let errno = error.raw_os_error().map(Errno);
        let why = errno.map_or_else(|| error.to_string(), |errno| errno.to_string());
        Error::NotThere(format!("the page cannot be served at {at}: {why}{advice}"))
    })
}

/// An address by which others reach what is served there: where that is every interface,
/// the one by which this machine reaches others. Nothing is sent to find it out.
fn reached(at: SocketAddr) -> SocketAddr {
    if !at.ip().is_unspecified() {
        return at;
    }
    // Addresses of documentation, RFC 5737 and RFC 3849, which nobody has.
    let ipv4: (IpAddr, IpAddr) = (
        Ipv4Addr::UNSPECIFIED.into(),
        Ipv4Addr::new(192, 0, 2, 1).into(),
    );
    let far = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    let ipv6: (IpAddr, IpAddr) = (Ipv6Addr::UNSPECIFIED.into(), far.into());
    let own = |(any, far): (IpAddr, IpAddr)| {
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect((far, 9)).ok()?;
        socket.local_addr().ok()
    };
    let mut all = [ipv4, ipv6].into_iter();
    let found = all.find_map(own).map(|own| own.ip());
    let found = found.unwrap_or(Ipv4Addr::LOCALHOST.into());
    SocketAddr::new(found, at.port())
}

/// The lines of a run, kept for the process that serves the page: it reads them when
/// somebody looks. To write one never waits for it.
pub(super) struct Page {
    at: SocketAddr,
    url: String,
    lines: File,
    /// How many bytes there are.
    kept: u64,
    /// When it was seen last whether that process is there.
    looked: Instant,
    /// That process, and the pipe by which it learns of our end; `None` when it is gone.
    process: Option<(Helper, PipeWriter)>,
}

impl Page {
    /// Says where the page is found, and who can see it. `addr` is that of the run.
    pub(super) fn announce(&self, options: &Options, addr: Option<Address>) -> Result<(), Error> {
        let (at, port) = (self.at, self.at.port());
        let addr = addr.filter(|_| !options.private).and_then(Address::inet);
        if addr.is_some_and(|addr| addr.port() == port) {
            return Err(Error::Usage(format!(
                "the page and the run cannot both have port {port}: give one of them another"
            )));
        }
        complain(say!("page-at", url = self.url));
        if !at.ip().to_canonical().is_loopback() {
            complain(say!("page-open", addr = at));
        }
        Ok(())
    }

    /// Leaves it to a copy of this process.
    pub(super) fn leave(mut self) {
        if let Some((process, _)) = self.process.take() {
            process.leave();
        }
    }

    /// Is nobody there who serves it?
    fn is_deserted(&mut self) -> bool {
        self.looked = Instant::now();
        let mut pipe = self.process.iter().map(|(_, pipe)| pipe);
        pipe.any(|pipe| reader_is_gone(pipe.as_raw_fd()))
    }

    fn give_up(&mut self, why: &str) {
        self.process = None;
        complain(say!("page-gone", why = why));
    }
}

impl Write for Page {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.process.is_none() {
            return Ok(line.len());
        }
        self.kept += line.len() as u64;
        if self.looked.elapsed() >= OFTEN && self.is_deserted() {
            self.give_up(DESERTED);
        } else if self.kept > MOST {
            self.give_up("it is full");
        } else if let Err(error) = self.lines.write_all(line) {
            self.give_up(&error.to_string());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Page {
    /// Lets it tell browsers of the end. It gives way to others, and may be given little of
    /// the processor: it is waited for as long as it gets on.
    fn drop(&mut self) {
        if self.is_deserted() {
            self.give_up(DESERTED);
        }
        if let Some((process, pipe)) = self.process.take() {
            let ends = Process::of(process.pid());
            let mut had = time_on_cpu(&process);
            drop(pipe);
            for _ in 0..ENDS {
                // Where that cannot be waited for it is ended at once.
                let is_there = ends.wait_end(END).is_ok_and(|has_ended| !has_ended);
                let has = time_on_cpu(&process);
                if !is_there || has == had {
                    break;
                }
                had = has;
            }
        }
    }
}

/// How long it has run so far, in nanoseconds: /proc/PID/schedstat, proc(5).
fn time_on_cpu(process: &Helper) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{}/schedstat", process.pid())).ok()?;
    text.split_whitespace().next().map(str::to_string)
}
