//! The wire form of sock_diag for TCP and UDP: requests out, rows in.
//! Layouts: include/uapi/linux/inet_diag.h.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use super::more::{EXTENSIONS, More};
use super::wire::{Answer, NLM_F_DUMP, NLM_F_REQUEST, cookie_at, message, u32_at};
use crate::model::{Address, Fact, KernelRow, Relation, SocketView, Source, TcpState, Timer, Why};

const INET_DIAG_REQ_BYTECODE: u16 = 1;
const BC_JMP: u8 = 1;
const BC_S_COND: u8 = 7;
const BC_D_COND: u8 = 8;
/// struct inet_diag_msg
const MESSAGE: usize = 72;

/// The protocols of the internet whose tables sock_diag shows here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    fn number(self) -> u8 {
        match self {
            Transport::Tcp => 6,
            Transport::Udp => 17,
        }
    }

    fn state(self, number: u8) -> TcpState {
        match self {
            Transport::Tcp => TcpState::from_kernel(number),
            Transport::Udp => TcpState::from_kernel_not_tcp(number),
        }
    }
}

/// One row of the kernel's TCP or UDP tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub state: TcpState,
    pub local: SocketAddr,
    /// All zeros on a listener, and on an unconnected UDP socket.
    pub remote: SocketAddr,
    pub cookie: u64,
    pub timer: Option<Timer>,
    /// Bytes unread; on a listener the length of the accept queue. Of UDP the
    /// kernel's memory for the datagrams that wait, not their bytes.
    pub recv_q: u32,
    /// Bytes unacknowledged; on a listener the limit of the accept queue. Of UDP
    /// memory as well.
    pub send_q: u32,
    pub uid: u32,
    /// 0 when no file refers to the socket.
    pub inode: u64,
    /// What the kernel was asked for besides; `None` where it was not.
    pub more: Option<More>,
}

impl Row {
    /// As a row that no fd of the process holds. Who else holds it is not looked up yet.
    pub(crate) fn related(&self, relation: Relation) -> KernelRow {
        KernelRow {
            relation,
            state: self.state,
            local: Address::Inet(self.local),
            remote: Address::Inet(self.remote),
            inode: self.inode,
            cookie: self.cookie,
            recv_q: self.recv_q,
            send_q: self.send_q,
            timer: self.timer,
            owner: Fact::Unknown(Why::not_asked(Source::Proc)),
            peer_inode: None,
            client: Fact::Unknown(Why::not_asked(Source::Proc)),
        }
    }

    /// Gives the socket its addresses.
    pub(crate) fn name(&self, view: &mut SocketView) {
        let named = |addr: SocketAddr| Some(Address::Inet(addr)).filter(|_| addr.port() != 0);
        view.local = Fact::of_option(named(self.local), Source::SockDiag);
        view.peer = Fact::of_option(named(self.remote), Source::SockDiag);
    }
}

/// What a dump asks for.
pub(super) struct Dump {
    pub transport: Transport,
    pub family: u8,
    /// Bit n asks for the kernel's state n.
    pub states: u32,
    /// Rows with this port on either side; `None`: all.
    pub port: Option<u16>,
    /// Asks for [`More`] as well.
    pub more: bool,
}

/// A request for exactly the socket of these addresses.
pub(super) fn lookup_request(
    transport: Transport,
    local: SocketAddr,
    remote: SocketAddr,
) -> Vec<u8> {
    let family = if local.is_ipv4() { 2 } else { 10 };
    let mut body = request_head(transport, family, u32::MAX, false);
    // The lookup of UDP takes them as a datagram has them that arrives: from the
    // remote to the local address ("swapped for historical reasons": net/ipv4/udp_diag.c).
    let (source, destination) = match transport {
        Transport::Tcp => (local, remote),
        Transport::Udp => (remote, local),
    };
    // struct inet_diag_sockid
    body.extend_from_slice(&source.port().to_be_bytes());
    body.extend_from_slice(&destination.port().to_be_bytes());
    body.extend_from_slice(&sixteen_bytes(source.ip()));
    body.extend_from_slice(&sixteen_bytes(destination.ip()));
    // The interface of a link-local address; 0 is any.
    body.extend_from_slice(&scope(source).max(scope(destination)).to_ne_bytes());
    body.extend_from_slice(&u64::MAX.to_ne_bytes()); // INET_DIAG_NOCOOKIE
    message(NLM_F_REQUEST, &body)
}

/// A request for every socket that `dump` describes, filtered in the kernel.
pub(super) fn dump_request(dump: &Dump) -> Vec<u8> {
    let mut body = request_head(dump.transport, dump.family, dump.states, dump.more);
    body.extend_from_slice(&[0; 48]);
    let Some(port) = dump.port else {
        return message(NLM_F_REQUEST | NLM_F_DUMP, &body);
    };
    // Source port or destination port: the jump makes it "or", as the kernel's
    // audit wants every target to lie on the path of the "yes" offsets.
    let condition = 12u8;
    let jump = 4u8;
    let mut code = Vec::new();
    let host = |code: &mut Vec<u8>, kind: u8, no: u16| {
        code.extend_from_slice(&[kind, condition]);
        code.extend_from_slice(&no.to_ne_bytes());
        // struct inet_diag_hostcond: any family, no address, the port
        code.extend_from_slice(&[0, 0, 0, 0]);
        code.extend_from_slice(&i32::from(port).to_ne_bytes());
    };
    host(&mut code, BC_S_COND, u16::from(condition + jump));
    code.extend_from_slice(&[BC_JMP, jump]);
    code.extend_from_slice(&u16::from(jump + condition).to_ne_bytes());
    // "No" one operation beyond the end rejects.
    host(&mut code, BC_D_COND, u16::from(condition + jump));
    body.extend_from_slice(&(4 + code.len() as u16).to_ne_bytes());
    body.extend_from_slice(&INET_DIAG_REQ_BYTECODE.to_ne_bytes());
    body.extend_from_slice(&code);
    message(NLM_F_REQUEST | NLM_F_DUMP, &body)
}

/// The start of struct inet_diag_req_v2.
fn request_head(transport: Transport, family: u8, states: u32, more: bool) -> Vec<u8> {
    let extensions = if more { EXTENSIONS } else { 0 };
    let mut body = vec![family, transport.number(), extensions, 0];
    body.extend_from_slice(&states.to_ne_bytes());
    body
}

fn sixteen_bytes(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => {
            let mut out = [0; 16];
            out[..4].copy_from_slice(&ip.octets());
            out
        }
        IpAddr::V6(ip) => ip.octets(),
    }
}

fn scope(addr: SocketAddr) -> u32 {
    match addr {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(addr) => addr.scope_id(),
    }
}

/// Takes one datagram of an answer apart.
pub(super) fn answers(transport: Transport, datagram: &[u8]) -> Vec<Answer<Row>> {
    super::wire::answers(datagram, |body| row(transport, body))
}

/// struct inet_diag_msg
fn row(transport: Transport, body: &[u8]) -> Option<Row> {
    let (body, rest) = body.split_at_checked(MESSAGE)?;
    let family = body[0];
    let interface = u32_at(body, 40)?;
    // As getsockname(2) gives it: only a link-local address comes with its interface.
    let addr = |ip_at: usize, port_at: usize| {
        let port = u16::from_be_bytes([body[port_at], body[port_at + 1]]);
        Some(match ip(family, &body[ip_at..ip_at + 16])? {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, port, 0, interface).into()
            }
            ip => SocketAddr::new(ip, port),
        })
    };
    Some(Row {
        state: transport.state(body[1]),
        local: addr(8, 4)?,
        remote: addr(24, 6)?,
        cookie: cookie_at(body, 44)?,
        timer: timer(
            body[2],
            body[3],
            u32_at(body, 52)?,
            transport.state(body[1]),
        ),
        recv_q: u32_at(body, 56)?,
        send_q: u32_at(body, 60)?,
        uid: u32_at(body, 64)?,
        inode: u64::from(u32_at(body, 68)?),
        more: More::of(rest),
    })
}

/// idiag_timer: which timer of the socket runs. What has no process any more waits
/// for the peer's FIN by the same timer as in TIME-WAIT.
fn timer(kind: u8, retries: u8, expires_ms: u32, state: TcpState) -> Option<Timer> {
    let kind = match kind {
        1 => "retransmit",
        2 => "keepalive",
        3 if state == TcpState::FinWait2 => "end of FIN-WAIT-2",
        3 => "end of TIME-WAIT",
        4 => "zero-window probe",
        _ => return None,
    };
    Some(Timer {
        kind,
        expires_ms,
        retries,
    })
}

fn ip(family: u8, bytes: &[u8]) -> Option<IpAddr> {
    match family {
        2 => Some(IpAddr::V4(Ipv4Addr::from(
            <[u8; 4]>::try_from(&bytes[..4]).ok()?,
        ))),
        10 => Some(IpAddr::V6(Ipv6Addr::from(
            <[u8; 16]>::try_from(bytes).ok()?,
        ))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited};

    /// A TIME-WAIT row of 127.0.0.1:6789 to 127.0.0.1:50412, little-endian.
    #[rustfmt::skip]
    fn time_wait() -> Vec<u8> {
        let mut m = vec![
            88, 0, 0, 0,            // nlmsg_len
            20, 0, 0, 0,            // SOCK_DIAG_BY_FAMILY, flags
            0, 0, 0, 0, 0, 0, 0, 0, // sequence, port
            2, 6, 3, 0,             // AF_INET, TIME-WAIT, timer 3, retries 0
            0x1a, 0x85, 0xc4, 0xec, // ports 6789, 50412
            127, 0, 0, 1,
        ];
        m.extend([0; 12]);
        m.extend([127, 0, 0, 1]);
        m.extend([0; 12]);
        m.extend([0, 0, 0, 0]);     // interface
        m.extend([9, 0, 0, 0, 1, 0, 0, 0]); // cookie: two halves, low first
        m.extend([0x60, 0xea, 0, 0]); // expires 60000 ms
        m.extend([0; 4]);           // rqueue
        m.extend([7, 0, 0, 0]);     // wqueue
        m.extend([0xe8, 3, 0, 0]);  // uid 1000
        m.extend([0; 4]);           // inode
        m
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_row_is_read_field_by_field() {
        let answer = answers(Transport::Tcp, &time_wait());
        let [Answer::Row(row)] = answer.as_slice() else {
            panic!("{answer:?}")
        };
        assert_eq!(row.state, TcpState::TimeWait);
        assert_eq!(row.local.to_string(), "127.0.0.1:6789");
        assert_eq!(row.remote.to_string(), "127.0.0.1:50412");
        assert_eq!(row.cookie, 9 | 1 << 32);
        assert_eq!(
            (row.recv_q, row.send_q, row.uid, row.inode),
            (0, 7, 1000, 0)
        );
        let timer = row.timer.as_ref().unwrap();
        assert_eq!((timer.kind, timer.expires_ms), ("end of TIME-WAIT", 60_000));
        // The same timer, in FIN-WAIT-2.
        let mut waiting = time_wait();
        waiting[17] = 5;
        let answer = answers(Transport::Tcp, &waiting);
        let [Answer::Row(row)] = answer.as_slice() else {
            panic!("{answer:?}")
        };
        assert_eq!(row.timer.unwrap().kind, "end of FIN-WAIT-2");
    }

    #[test]
    fn a_udp_lookup_names_the_remote_end_first() {
        let local = "127.0.0.1:6789".parse().unwrap();
        let remote = "127.0.0.2:50412".parse().unwrap();
        let tcp = lookup_request(Transport::Tcp, local, remote);
        let udp = lookup_request(Transport::Udp, local, remote);
        assert_eq!((tcp[17], udp[17]), (6, 17));
        assert_eq!(tcp[24..28], [0x1a, 0x85, 0xc4, 0xec]);
        assert_eq!(udp[24..28], [0xc4, 0xec, 0x1a, 0x85]);
        assert_eq!((tcp[31], udp[31]), (1, 2));
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn cut_messages_are_left_out_wherever_they_are_cut() {
        let whole = time_wait();
        for end in 0..whole.len() {
            assert_eq!(answers(Transport::Tcp, &whole[..end]), vec![]);
        }
        let mut short = whole.clone();
        short[0] = 40;
        assert_eq!(answers(Transport::Tcp, &short[..40]), vec![]);
        let mut zero = whole;
        zero[0] = 0;
        assert_eq!(answers(Transport::Tcp, &zero), vec![]);
    }

    proptest! {
        #![proptest_config(config(5_000))]
        #[test]
        fn fuzzed_answers_give_no_more_rows_than_they_hold(datagram in edited(
            vec![time_wait(), [time_wait(), time_wait()].concat()],
            &["\0", "\u{1}", "\u{4}", "\u{14}", "\u{7f}", "\0\0\0\0"],
        )) {
            let rows = answers(Transport::Tcp, &datagram);
            // struct nlmsghdr alone has 16 bytes.
            prop_assert!(rows.len() <= datagram.len() / 16);
        }
    }
}
