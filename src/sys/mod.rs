//! System calls that no library has a safe method for, or makes differently, and what
//! is built on them.
//!
//! The only folder with `unsafe`: each block says why it is sound.

mod calls;
mod check;
mod fds;
mod helper;
mod keeper;
mod launch;
mod messages;
mod names;
mod namespace;
mod packets;
mod poll;
mod process;
pub(crate) mod ptrace;
mod seccomp;
mod signals;
mod sockets;

pub(crate) use calls::{
    accept4, dup_to, epoll_ctl, epoll_wait, forget, get_option, ioctl_int, kill, set_option,
};
pub(crate) use fds::{close, close_range, open_to_read, put_away, set_file_flags};
pub(crate) use helper::{Helper, cut_off, in_copy};
pub(crate) use keeper::Keeper;
pub(crate) use launch::{Launch, Launched, Refused};
pub(crate) use messages::{Message, Sets};
pub(crate) use names::{Resolved, resolve};
pub(crate) use namespace::leave_network;
pub(crate) use packets::{PacketSocket, Way};
pub(crate) use poll::{poll_once, reader_is_gone, wait, wait_to_write};
pub(crate) use process::{
    Process, be_readable, die_with_parent, exit_now, fork, time_of_day, wait_for,
};
pub(crate) use seccomp::{Filter, TRACES};
pub(crate) use signals::{
    Arrivals, Mask, Signals, end_by, ignore, interrupts, not_ignored, on_signal, stop_self,
};
pub(crate) use sockets::{
    TcpInfo, buffers_set, interface_name, loopback_is_up, mem_info, peer_cred, recv, recv_from,
    recv_queue, send_queue, socket_option, tcp_info,
};
