//! System calls that socket2 and std have no method for, as safe functions.
//!
//! The only module with `unsafe`: each block says why it is sound.

mod child;
mod keeper;
mod passing;
mod process;
mod receive;
mod signals;
mod sockopt;
mod termios;
mod wait;

pub use child::{Process, as_stdio, exit_now, fork, put_away, wait_for};
pub use keeper::Keeper;
pub use passing::{receive_with_fd, send_with_fd};
pub use process::{
    close, close_range, die_with_parent, kernel_release, own_group, set_name, user_id,
};
pub use receive::recv_from;
pub use signals::{Noting, Signals, ignore, stop_self};
pub use sockopt::{
    TcpInfo, peer_cred, recv_queue, send_memory, send_queue, set_socket_option, socket_cookie,
    socket_option, tcp_info,
};
pub use termios::{Modes, forget_typed, terminal_width};
pub use wait::{Ready, poll_readable, reader_is_gone, set_file_flags, wait};

/// Turns libc's -1 into the error of errno.
fn check(result: libc::c_int) -> std::io::Result<libc::c_int> {
    if result < 0 {
        Err(std::io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
