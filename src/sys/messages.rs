//! Messages and vectors in memory: sendmsg(2), recvmsg(2), readv(2), writev(2); and the
//! sets of select(2).
//!
//! What was passed stays where it was, so that it can be read from there as a tracer
//! reads it.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use socket2::SockAddr;

use super::check::check;

/// A message: struct msghdr and what it points to.
pub(crate) struct Message {
    header: Box<libc::msghdr>,
    vector: Vec<libc::iovec>,
    parts: Vec<Vec<u8>>,
    name: Vec<u8>,
    /// In whole words: control messages begin at one.
    control: Vec<usize>,
    control_len: usize,
}

impl Message {
    /// Of these parts, to whom, and with these control messages.
    pub(crate) fn of(parts: Vec<Vec<u8>>, to: Option<&SockAddr>, control: &[u8]) -> Message {
        let words = control.as_chunks().0.iter();
        let name = to.map_or(Vec::new(), bytes_of);
        let control_words = words.map(|word| usize::from_ne_bytes(*word)).collect();
        Message::new(parts, name, control_words, control.len())
    }

    /// Room for one: for parts of these sizes, so many bytes of control messages, and a
    /// name of so many bytes.
    pub(crate) fn room(sizes: &[u32], control_len: usize, name_len: usize) -> Message {
        let parts = sizes.iter().map(|size| vec![0; *size as usize]).collect();
        let control = vec![0; control_len.div_ceil(size_of::<usize>())];
        Message::new(parts, vec![0; name_len], control, control_len)
    }

    fn new(parts: Vec<Vec<u8>>, name: Vec<u8>, control: Vec<usize>, control_len: usize) -> Message {
        // SAFETY: msghdr is numbers and pointers that may be null.
        let header = Box::new(unsafe { std::mem::zeroed() });
        Message {
            header,
            vector: Vec::new(),
            parts,
            name,
            control,
            control_len,
        }
    }

    /// Where the vector begins, and how many parts it has.
    pub(crate) fn vector(&mut self) -> (u64, i32) {
        let parts = self.parts.iter_mut().map(|part| libc::iovec {
            iov_base: part.as_mut_ptr().cast(),
            iov_len: part.len(),
        });
        self.vector = parts.collect();
        (self.vector.as_ptr() as u64, self.vector.len() as i32)
    }

    /// Has the header point to the rest.
    fn aim(&mut self) {
        self.vector();
        let header = &mut *self.header;
        if !self.name.is_empty() {
            header.msg_name = self.name.as_mut_ptr().cast();
            header.msg_namelen = self.name.len() as libc::socklen_t;
        }
        header.msg_iov = self.vector.as_mut_ptr();
        header.msg_iovlen = self.vector.len() as _;
        if self.control_len > 0 {
            header.msg_control = self.control.as_mut_ptr().cast();
            header.msg_controllen = self.control_len as _;
        }
    }

    /// Where the header is, as the kernel has left it.
    pub(crate) fn header(&self) -> u64 {
        &raw const *self.header as u64
    }

    /// sendmsg(2).
    pub(crate) fn send(&mut self, fd: BorrowedFd<'_>, flags: i32) -> io::Result<i64> {
        self.aim();
        // SAFETY: the header and what it points to are owned by `self`, with the lengths
        // that it says; the kernel only reads them.
        let sent = check(unsafe { libc::sendmsg(fd.as_raw_fd(), &*self.header, flags) })?;
        Ok(sent as i64)
    }

    /// recvmsg(2), and the descriptors that came.
    pub(crate) fn receive(
        &mut self,
        fd: BorrowedFd<'_>,
        flags: i32,
    ) -> io::Result<(i64, Vec<OwnedFd>)> {
        self.aim();
        // SAFETY: as for sending; the kernel writes at most the lengths that it says.
        let count = check(unsafe { libc::recvmsg(fd.as_raw_fd(), &mut *self.header, flags) })?;
        Ok((count as i64, self.descriptors()))
    }

    /// writev(2).
    pub(crate) fn write(&mut self, fd: BorrowedFd<'_>) -> io::Result<i64> {
        let (_, count) = self.vector();
        // SAFETY: the vector points to the parts, with their lengths; they are only read.
        let wrote = check(unsafe { libc::writev(fd.as_raw_fd(), self.vector.as_ptr(), count) })?;
        Ok(wrote as i64)
    }

    /// readv(2).
    pub(crate) fn read(&mut self, fd: BorrowedFd<'_>) -> io::Result<i64> {
        let (_, count) = self.vector();
        // SAFETY: the vector points to the parts, with their lengths, and nobody else
        // uses them.
        let read = check(unsafe { libc::readv(fd.as_raw_fd(), self.vector.as_ptr(), count) })?;
        Ok(read as i64)
    }

    /// The first bytes of all parts together.
    pub(crate) fn bytes(&self, count: i64) -> Vec<u8> {
        let mut bytes = self.parts.concat();
        bytes.truncate(usize::try_from(count).unwrap_or(0));
        bytes
    }

    /// The descriptors of every control message that passes some.
    fn descriptors(&self) -> Vec<OwnedFd> {
        let mut found = Vec::new();
        // SAFETY: the header is what the kernel has filled in, and its control messages
        // are owned by `self`.
        let mut at = unsafe { libc::CMSG_FIRSTHDR(&*self.header) };
        while !at.is_null() {
            // SAFETY: `at` is a control message within the buffer, as the macros say.
            let (head, data) = unsafe { (at.read_unaligned(), libc::CMSG_DATA(at)) };
            if (head.cmsg_level, head.cmsg_type) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
                let head_len = data as usize - at as usize;
                #[allow(clippy::unnecessary_cast, reason = "musl has another type")]
                let len = head.cmsg_len as usize - head_len;
                for place in 0..len / size_of::<i32>() {
                    // SAFETY: the kernel has written so many numbers there; each is a new
                    // descriptor of this process that nobody else owns.
                    let fd = unsafe {
                        let number = data.cast::<i32>().add(place).read_unaligned();
                        OwnedFd::from_raw_fd(number)
                    };
                    found.push(fd);
                }
            }
            // SAFETY: as above.
            at = unsafe { libc::CMSG_NXTHDR(&*self.header, at) };
        }
        found
    }
}

fn bytes_of(addr: &SockAddr) -> Vec<u8> {
    let len = addr.len() as usize;
    // SAFETY: the address has so many bytes, all of them initialised.
    unsafe { std::slice::from_raw_parts(addr.as_ptr().cast::<u8>(), len) }.to_vec()
}

/// The sets and the time of select(2).
pub(crate) struct Sets {
    count: i32,
    sets: [Option<Box<[u64; WORDS]>>; 3],
    time: Option<Box<libc::timespec>>,
}

/// A set has a bit for each of 1024 descriptors.
const WORDS: usize = libc::FD_SETSIZE / 64;

impl Sets {
    /// Those descriptors: readable, writable, exceptional; `None` is no set. And how many
    /// milliseconds at the most.
    pub(crate) fn of(count: i32, sets: [Option<&[i32]>; 3], timeout_ms: Option<i64>) -> Sets {
        let set = |fds: Option<&[i32]>| {
            let mut words = Box::new([0; WORDS]);
            for fd in fds?.iter().filter_map(|fd| usize::try_from(*fd).ok()) {
                if let Some(word) = words.get_mut(fd / 64) {
                    *word |= 1 << (fd % 64);
                }
            }
            Some(words)
        };
        let time = timeout_ms.map(|ms| {
            // SAFETY: timespec is numbers, for which zero is valid.
            let mut time: Box<libc::timespec> = Box::new(unsafe { std::mem::zeroed() });
            time.tv_sec = (ms / 1000) as _;
            time.tv_nsec = (ms % 1000 * 1_000_000) as _;
            time
        });
        Sets {
            count,
            sets: sets.map(set),
            time,
        }
    }

    /// What is passed: how many, the sets, the time, and no signal mask.
    pub(crate) fn args(&mut self) -> [u64; 6] {
        let [read, write, except] = self
            .sets
            .each_mut()
            .map(|set| set.as_mut().map_or(0, |words| words.as_mut_ptr() as u64));
        let time = self.time.as_mut().map_or(0, |it| &raw mut **it as u64);
        let count = u64::from(self.count.cast_unsigned());
        [count, read, write, except, time, 0]
    }

    /// The call that the C library's select(2) makes: pselect6(2).
    pub(crate) fn wait(&mut self) -> io::Result<i64> {
        let [count, read, write, except, time, mask] = self.args();
        // SAFETY: the sets and the time are owned by `self`; a set has room for every
        // number below `count`, which is at most 1024.
        let ready = check(unsafe {
            libc::syscall(libc::SYS_pselect6, count, read, write, except, time, mask)
        })?;
        #[allow(
            clippy::unnecessary_cast,
            reason = "libc's c_long has 32 bits elsewhere"
        )]
        Ok(ready as i64)
    }
}
