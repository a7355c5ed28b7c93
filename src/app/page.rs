//! `--page`: the class looks on.

use std::fs::File;
use std::io::{self, ErrorKind, PipeWriter, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

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
/// So long the page may take to tell browsers of the end.
const END: Duration = Duration::from_secs(2);

/// Opens the socket of the page, where one is asked for: before the network is left, in
/// which no browser would find it.
pub(super) fn listen(at: Option<SocketAddr>) -> Result<Option<TcpListener>, Error> {
    let Some(at) = at else {
        return Ok(None);
    };
    TcpListener::bind(at).map(Some).map_err(|error| {
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

/// Starts the process that serves the page, where one is asked for, and says where it is
/// found. `addr` is that of the run.
pub(super) fn start(options: &Options, addr: Option<Address>) -> Result<Option<Page>, Error> {
    let starting = || Error::system("starting the page");
    let Some(listener) = options.page_listener.take() else {
        return Ok(None);
    };
    let at = listener.local_addr().map_err(starting())?;
    if !options.private
        && addr
            .and_then(Address::inet)
            .is_some_and(|addr| addr.port() == at.port())
    {
        return Err(Error::Usage(format!(
            "the page and the run cannot both have port {}: give one of them another",
            at.port()
        )));
    }
    let token = name().map_err(starting())?;
    let url = format!("http://{}/{token}/", reached(at));
    let lines = memfd_create("socklab page", MemfdFlags::CLOEXEC);
    let lines = File::from(lines.map_err(io::Error::from).map_err(starting())?);
    let served = Served {
        listener,
        lines: lines.try_clone().map_err(starting())?,
        token,
        url: url.clone(),
    };
    let (run, pipe) = io::pipe().map_err(starting())?;
    let mut pipe = Some(pipe);
    let process = Helper::start(|| {
        drop(pipe.take());
        serve(served, &run).map_or(1, |()| 0)
    });
    let process = process.map_err(starting())?;
    say(at, &url);
    Ok(Some(Page {
        lines,
        kept: 0,
        process: pipe.map(|pipe| (process, pipe)),
    }))
}

/// Says where the page is found, and who can see it.
fn say(at: SocketAddr, url: &str) {
    complain(say!("page-at", url = url));
    if at.ip().to_canonical().is_loopback() {
        return;
    }
    complain(say!("page-open", addr = at));
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
    lines: File,
    /// How many bytes there are.
    kept: u64,
    /// That process, and the pipe by which it learns of our end; `None` when it is gone.
    process: Option<(Helper, PipeWriter)>,
}

impl Page {
    fn give_up(&mut self, why: &str) {
        self.process = None;
        complain(say!("page-gone", why = why));
    }
}

impl Write for Page {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let Some((_, pipe)) = &self.process else {
            return Ok(line.len());
        };
        self.kept += line.len() as u64;
        if reader_is_gone(pipe.as_raw_fd()) {
            self.give_up("its process has ended");
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
    /// Lets it tell browsers of the end.
    fn drop(&mut self) {
        if let Some((process, pipe)) = self.process.take() {
            let ends = Process::of(process.pid());
            drop(pipe);
            // Where that cannot be waited for it is ended at once.
            let _ = ends.wait_end(END);
        }
    }
}
