//! A network of the run's own, and what it may see of a network.

use std::ffi::OsString;
use std::fs;
use std::io;

use rustix::process::{geteuid, getpid};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

use super::print::complain;
use crate::cli::Options;
use crate::model::{Address, Domain, Errno, RunEvent, Seeing};
use crate::run::Wire;
use crate::source::Capture;
use crate::sys;

/// Leaves the network, where that is asked for: before there is any other process or
/// thread. What is in the way is said later.
pub(super) fn leave(argv: &[OsString]) -> io::Result<()> {
    let is_asked = argv.iter().any(|word| word == "--private");
    if is_asked {
        sys::leave_network()
    } else {
        Ok(())
    }
}

/// What is to be said of the network, and what is seen of it. `addr`: of what is walked.
pub(super) fn wire(options: &Options, addr: Option<Address>) -> Wire {
    let mut wire = Wire::default();
    let host = addr.and_then(Address::inet);
    if options.private && options.refused.is_none() {
        let to = match host {
            Some(addr) if addr.port() != 0 => format!("nc {} {}", addr.ip(), addr.port()),
            Some(addr) => format!("nc {} PORT", addr.ip()),
            None => "nc 127.0.0.1 PORT".into(),
        };
        let pid = getpid();
        let enter = format!("nsenter --preserve-credentials -U -n -t {pid} {to}");
        wire.said.push(RunEvent::Private { enter });
    }
    if !options.wants_packets() {
        if let Some(refused) = &options.refused {
            complain(refused);
        }
        return wire;
    }
    let seeing = if addr.is_some_and(|addr| addr.domain() == Domain::Unix) {
        let why = "a unix socket sends none. The kernel moves what is sent from one process \
            to the other";
        Seeing::No { why: why.into() }
    } else {
        match Capture::open() {
            Ok(capture) => {
                wire.capture = Some(Box::new(capture));
                Seeing::Yes
            }
            Err(error) => Seeing::No {
                why: forbidden(options, &error),
            },
        }
    };
    wire.said.push(RunEvent::Packets(seeing));
    wire
}

/// Why packets are not seen, and what would allow it.
fn forbidden(options: &Options, error: &io::Error) -> String {
    let errno = error.raw_os_error().map(Errno);
    let name = errno.map_or_else(|| error.to_string(), Errno::name);
    let itself = std::env::current_exe().unwrap_or_else(|_| "socklab".into());
    let itself = itself.display();
    let setcap = format!("sudo setcap cap_net_raw=ep {itself}");
    match &options.refused {
        None => format!(
            "to see them needs CAP_NET_RAW ({name}). Either: {setcap}. Or add --private: the \
             run has a network of its own, in which it may"
        ),
        Some(refused) => format!("to see them needs CAP_NET_RAW ({name}): {setcap}. {refused}"),
    }
}

/// Why there is no network of its own, and what would allow it.
pub(super) fn refused(error: &io::Error) -> String {
    let name = error
        .raw_os_error()
        .map_or_else(|| error.to_string(), |it| Errno(it).name());
    let is = |file: &str, value: &str| fs::read_to_string(file).is_ok_and(|it| it.trim() == value);
    let allow = if is(
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
    ) {
        ": this distribution allows it with sudo sysctl \
         kernel.apparmor_restrict_unprivileged_userns=0"
    } else if is("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        ": this distribution allows it with sudo sysctl kernel.unprivileged_userns_clone=1"
    } else if is("/proc/sys/user/max_user_namespaces", "0") {
        ": this host allows it with sudo sysctl user.max_user_namespaces=1000"
    } else {
        ": a container may forbid it"
    };
    format!("A network of its own is refused here ({name}){allow}")
}

/// What a file's capabilities (setcap) would change: the actors must have none, for their
/// calls are those of any program, and all of them must be readable for one another.
pub(super) fn be_ordinary(is_actor: bool) {
    if geteuid().is_root() {
        return;
    }
    let has_any = capabilities(None).is_ok_and(|sets| !sets.permitted.is_empty());
    if has_any {
        sys::be_readable();
    }
    if has_any && is_actor {
        let none = CapabilitySet::empty();
        let sets = CapabilitySets {
            effective: none,
            permitted: none,
            inheritable: none,
        };
        // To give up is always allowed.
        let _ = set_capabilities(None, sets);
    }
}
