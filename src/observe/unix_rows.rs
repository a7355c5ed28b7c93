//! The wire form of sock_diag for AF_UNIX: requests out, rows in.
//! Layouts: include/uapi/linux/unix_diag.h.

use super::wire::{
    self, Answer, NLM_F_DUMP, NLM_F_REQUEST, attributes, cookie_at, message, u32_at,
};
use crate::model::{
    AcceptQueue, Address, Fact, KernelRow, Kind, Relation, Source, TcpState, UnixAddr, Why,
};

const AF_UNIX: u8 = 1;
/// struct unix_diag_msg
const MESSAGE: usize = 16;

// UDIAG_SHOW_*
const SHOW_NAME: u32 = 1;
const SHOW_VFS: u32 = 2;
const SHOW_PEER: u32 = 4;
/// Only in a dump.
const SHOW_ICONS: u32 = 8;
const SHOW_RQLEN: u32 = 16;
const SHOW_UID: u32 = 64;

// UNIX_DIAG_*
const NAME: u16 = 0;
const VFS: u16 = 1;
const PEER: u16 = 2;
const ICONS: u16 = 3;
const RQLEN: u16 = 4;
const UID: u16 = 7;

/// One row of the kernel's table of unix sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnixRow {
    /// The kernel's own state. It calls a datagram socket connected as soon as
    /// another one has connected to it; [`UnixRow::condition`] does not.
    pub state: TcpState,
    pub kind: Kind,
    pub inode: u64,
    pub cookie: u64,
    pub name: UnixAddr,
    /// The file it was bound to.
    pub file: Option<BoundFile>,
    /// The inode of the socket at the other end: 0 when that is closed, or was not
    /// accepted yet.
    pub peer: Option<u64>,
    /// Of a listener, the inodes of the clients in its queue, oldest first; 0 for
    /// one that has closed again. Only a dump gives them.
    pub clients: Vec<u64>,
    /// Unread bytes, of datagrams those of the next one; of a listener the length
    /// of its queue.
    pub recv_q: u32,
    /// Memory of what was sent and has not been read; of a listener the limit of
    /// its queue.
    pub send_q: u32,
    /// Whose it is; Linux 5.3 and later.
    pub uid: Option<u32>,
}

/// struct unix_diag_vfs: which file a unix socket was bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BoundFile {
    /// The lower half of the inode number.
    pub inode: u32,
    pub device: u32,
}

impl UnixRow {
    /// A row that says no more than which socket it is.
    pub(crate) fn bare(state: TcpState, inode: u64, cookie: u64) -> UnixRow {
        UnixRow {
            state,
            kind: Kind::Stream,
            inode,
            cookie,
            name: UnixAddr::UNNAMED,
            file: None,
            peer: None,
            clients: Vec::new(),
            recv_q: 0,
            send_q: 0,
            uid: None,
        }
    }

    /// As a row that no fd of the process holds; `remote` is the name at its other end.
    /// Who else holds it is not looked up yet.
    pub(crate) fn related(&self, relation: Relation, remote: UnixAddr) -> KernelRow {
        KernelRow {
            relation,
            state: self.condition(),
            local: Address::Unix(self.name),
            remote: Address::Unix(remote),
            inode: self.inode,
            cookie: self.cookie,
            recv_q: self.recv_q,
            send_q: self.send_q,
            timer: None,
            owner: Fact::Unknown(Why::not_asked(Source::Proc)),
            peer_inode: self.peer.filter(|&inode| inode != 0),
            client: Fact::Unknown(Why::not_asked(Source::Proc)),
        }
    }

    /// Connected is what has a peer, as getpeername has it.
    pub(crate) fn condition(&self) -> TcpState {
        match (self.state, self.peer) {
            (TcpState::Listen, _) => TcpState::Listen,
            (_, Some(_)) => TcpState::Connected,
            (_, None) => TcpState::Unconnected,
        }
    }

    /// The queue of a listener.
    pub(crate) fn accept_queue(&self) -> Option<AcceptQueue> {
        (self.state == TcpState::Listen).then_some(AcceptQueue {
            len: self.recv_q,
            max: self.send_q,
        })
    }
}

impl BoundFile {
    /// Is it the file that stat(2) describes so? Some file systems number their
    /// devices otherwise for stat than for themselves (btrfs, overlayfs): then the
    /// inode has to do, if the name is the same too.
    pub(crate) fn is(self, inode: u64, device: u64, same_name: bool) -> bool {
        let (major, minor) = (libc::major(device), libc::minor(device));
        // The kernel's own form, and the one for user space: both have been used.
        let own = major << 20 | minor;
        let user = (minor & 0xff) | major << 8 | (minor & !0xff) << 12;
        self.inode == inode as u32 && (same_name || self.device == own || self.device == user)
    }
}

/// A request for exactly the socket of that inode.
pub(super) fn lookup_request(inode: u32) -> Vec<u8> {
    message(NLM_F_REQUEST, &request(inode, 0))
}

/// A request for all of them.
pub(super) fn dump_request() -> Vec<u8> {
    message(NLM_F_REQUEST | NLM_F_DUMP, &request(0, SHOW_ICONS))
}

/// struct unix_diag_req
fn request(inode: u32, more: u32) -> Vec<u8> {
    let show = SHOW_NAME | SHOW_VFS | SHOW_PEER | SHOW_RQLEN | SHOW_UID | more;
    let mut body = vec![AF_UNIX, 0, 0, 0];
    body.extend_from_slice(&u32::MAX.to_ne_bytes()); // every state
    body.extend_from_slice(&inode.to_ne_bytes());
    body.extend_from_slice(&show.to_ne_bytes());
    body.extend_from_slice(&u64::MAX.to_ne_bytes()); // INET_DIAG_NOCOOKIE
    body
}

/// Takes one datagram of an answer apart.
pub(super) fn answers(datagram: &[u8]) -> Vec<Answer<UnixRow>> {
    wire::answers(datagram, row)
}

fn row(body: &[u8]) -> Option<UnixRow> {
    let fixed = body.get(..MESSAGE)?;
    if fixed[0] != AF_UNIX {
        return None;
    }
    let mut row = UnixRow::bare(
        TcpState::from_kernel_not_tcp(fixed[2]),
        u64::from(u32_at(fixed, 4)?),
        cookie_at(fixed, 8)?,
    );
    row.kind = Kind::from_kernel(fixed[1].into());
    for (kind, value) in attributes(&body[MESSAGE..]) {
        let number = |at| u32_at(value, at);
        match kind {
            NAME => row.name = UnixAddr::of(value)?,
            VFS => {
                row.file = Some(BoundFile {
                    inode: number(0)?,
                    device: number(4)?,
                });
            }
            PEER => row.peer = number(0).map(u64::from),
            ICONS => {
                let inodes = value.chunks_exact(4).filter_map(|four| u32_at(four, 0));
                row.clients = inodes.map(u64::from).collect();
            }
            RQLEN => (row.recv_q, row.send_q) = (number(0)?, number(4)?),
            UID => row.uid = number(0),
            _ => {}
        }
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited};

    /// A listener on /tmp/x with one client waiting, little-endian.
    #[rustfmt::skip]
    fn listener() -> Vec<u8> {
        vec![
            92, 0, 0, 0,            // nlmsg_len
            20, 0, 0, 0,            // SOCK_DIAG_BY_FAMILY, flags
            0, 0, 0, 0, 0, 0, 0, 0, // sequence, port
            1, 1, 10, 0,            // AF_UNIX, SOCK_STREAM, LISTEN
            0x46, 0x37, 0x1d, 0,    // inode
            9, 0, 0, 0, 1, 0, 0, 0, // cookie
            11, 0, 0, 0, b'/', b't', b'm', b'p', b'/', b'x', 0, 0, // name
            12, 0, 1, 0, 7, 0, 0, 0, 0, 0xfe, 0, 0, // vfs
            12, 0, 3, 0, 5, 0, 0, 0, 0, 0, 0, 0, // icons: inode 5, and one gone
            12, 0, 4, 0, 2, 0, 0, 0, 3, 0, 0, 0, // rqlen
            5, 0, 6, 0, 0, 0, 0, 0, // shutdown
            8, 0, 7, 0, 0xe8, 3, 0, 0, // uid
        ][..].to_vec()
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_row_is_read_attribute_by_attribute() {
        let mut message = listener();
        let len = message.len() as u8;
        message[0] = len;
        let answer = answers(&message);
        let [Answer::Row(row)] = answer.as_slice() else {
            panic!("{answer:?}")
        };
        assert_eq!((row.state, row.inode), (TcpState::Listen, 1_914_694));
        assert_eq!(row.cookie, 9 | 1 << 32);
        assert_eq!(row.name.to_string(), "/tmp/x");
        assert_eq!(row.clients, [5, 0]);
        assert_eq!(row.accept_queue().unwrap().to_string(), "2/3");
        assert_eq!((row.peer, row.uid), (None, Some(1000)));
        let file = row.file.unwrap();
        let device = libc::makedev(254, 0);
        assert!(file.is(7, device, false) && !file.is(8, device, true));
        assert!(!file.is(7, libc::makedev(0, 40), false));
        assert!(file.is(7, libc::makedev(0, 40), true));
        for end in 0..message.len() {
            assert_eq!(answers(&message[..end]), vec![]);
        }
    }

    proptest! {
        #![proptest_config(config(5_000))]
        #[test]
        fn fuzzed_answers_give_no_more_rows_than_they_hold(datagram in edited(
            vec![listener(), [listener(), listener()].concat()],
            &["\0", "\u{1}", "\u{4}", "\u{14}", "\u{7f}", "\0\0\0\0"],
        )) {
            let rows = answers(&datagram);
            // struct nlmsghdr alone has 16 bytes.
            prop_assert!(rows.len() <= datagram.len() / 16);
        }
    }
}
