//! Names of hosts: getaddrinfo(3).

use std::ffi::{CStr, CString};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a name stands for.
pub(crate) enum Resolved {
    /// These addresses, in the order in which a program should try them.
    To(Vec<IpAddr>),
    /// The number of the error, and what it means.
    Failed(i32, String),
}

/// getaddrinfo(3) of a host, for streams of either family.
pub(crate) fn resolve(host: &str) -> io::Result<Resolved> {
    let host = CString::new(host)?;
    // SAFETY: addrinfo is numbers and pointers that may be null.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_socktype = libc::SOCK_STREAM;
    let mut list = std::ptr::null_mut();
    let (host, none) = (host.as_ptr(), std::ptr::null());
    // SAFETY: the name ends in 0, the hints are live, and the list is filled in.
    let code = unsafe { libc::getaddrinfo(host, none, &hints, &mut list) };
    if code != 0 {
        // SAFETY: the library gives a text that ends in 0 and stays.
        let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
        return Ok(Resolved::Failed(code, text.to_string_lossy().into_owned()));
    }
    let mut found = Vec::new();
    let mut at = list;
    while !at.is_null() {
        // SAFETY: an entry of the list, which is not freed yet.
        let entry = unsafe { &*at };
        // SAFETY: the address is of the family that the entry says.
        found.extend(unsafe { ip_of(entry.ai_family, entry.ai_addr) });
        at = entry.ai_next;
    }
    // SAFETY: the list is the library's, and nothing of it is kept.
    unsafe { libc::freeaddrinfo(list) };
    Ok(Resolved::To(found))
}

/// # Safety
/// `addr` is an address of that family.
unsafe fn ip_of(family: i32, addr: *const libc::sockaddr) -> Option<IpAddr> {
    match family {
        libc::AF_INET => {
            // SAFETY: of AF_INET it is a sockaddr_in.
            let addr = unsafe { &*addr.cast::<libc::sockaddr_in>() };
            Some(Ipv4Addr::from(u32::from_be(addr.sin_addr.s_addr)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: of AF_INET6 it is a sockaddr_in6.
            let addr = unsafe { &*addr.cast::<libc::sockaddr_in6>() };
            Some(Ipv6Addr::from(addr.sin6_addr.s6_addr).into())
        }
        _ => None,
    }
}
