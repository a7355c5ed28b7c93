//! System calls that socket2 and std have no method for, as safe functions.
//!
//! The only folder with `unsafe`: each block says why it is sound.

mod check;
mod fds;
mod helper;
mod interface;
mod keeper;
mod launch;
mod limits;
mod messages;
mod pidfd;
mod poll;
mod process;
pub mod ptrace;
mod seccomp;
mod signals;
mod sockopt;
mod termios;

pub use fds::{as_stdin, as_stdio, close, close_range, put_away, set_file_flags};
pub use helper::Helper;
pub use interface::loopback_is_up;
pub use keeper::Keeper;
pub use launch::{Launch, Launched, Refused};
pub use limits::stack_limit;
pub use messages::{receive_with_fd, recv_from, send_with_fd};
pub use pidfd::Process;
pub use poll::{poll_readable, reader_is_gone, wait, wait_to_write};
pub use process::{
    die_with_parent, exit_now, fork, kernel_release, own_group, set_name, time_of_day, user_id,
    wait_for,
};
pub use seccomp::{Filter, TRACES};
pub use signals::{Arrivals, Signals, end_by, ignore, not_ignored, stop_self};
pub use sockopt::{
    TcpInfo, mem_info, peer_cred, recv_queue, send_queue, set_socket_option, socket_cookie,
    socket_option, tcp_info,
};
pub use termios::{Modes, discard_typed};
