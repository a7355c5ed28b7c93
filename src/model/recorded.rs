//! Sockets and rows as looks record them: for unit tests.

use super::{Fact, KernelRow, Relation, SocketView, Source, TcpState, Why};

pub(crate) fn seen<T>(value: T) -> Fact<T> {
    Fact::Seen(value, Source::SockDiag)
}

pub(crate) fn unknown<T>() -> Fact<T> {
    Fact::Unknown(Why::note(Source::SockDiag, "refused"))
}

/// A socket whose inode is its cookie and 100.
pub(crate) fn socket(fd: i32, cookie: u64, state: TcpState) -> SocketView {
    SocketView {
        fd,
        inode: seen(cookie + 100),
        cookie: seen(cookie),
        state: seen(state),
        ..SocketView::default()
    }
}

pub(crate) fn row(relation: Relation, cookie: u64, local: &str, remote: &str) -> KernelRow {
    KernelRow {
        relation,
        state: TcpState::FinWait2,
        local: local.parse().unwrap(),
        remote: remote.parse().unwrap(),
        inode: 0,
        cookie,
        recv_q: 0,
        send_q: 7,
        timer: None,
        owner: Fact::None,
        peer_inode: None,
        client: Fact::None,
    }
}
