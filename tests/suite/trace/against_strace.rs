//! Call by call, arguments and results, in the order of each thread, as strace says.

use super::compared::assert_same;
use super::fixtures::{built, script};
use crate::support::python_itself;

/// Every call that is watched, with the arguments that there are.
#[test]
#[ignore = "needs strace, cc"]
fn every_call_is_told_as_strace_tells_it() {
    assert_same(&[&built("calls")]);
}

#[test]
#[ignore = "needs strace, cc"]
fn forks_threads_and_programs_are_followed() {
    assert_same(&[&built("family")]);
}

#[test]
#[ignore = "needs strace, python3"]
fn python_is_told_as_strace_tells_it() {
    assert_same(&[&python_itself(), &script("life.py")]);
}

#[test]
#[ignore = "needs strace, perl"]
fn perl_is_told_as_strace_tells_it() {
    assert_same(&["perl", &script("life.pl")]);
}

/// Nobody here has written it.
#[test]
#[ignore = "needs strace, nc"]
fn nc_is_told_as_strace_tells_it() {
    assert_same(&["nc.openbsd", "-w", "1", "127.0.0.1", "1"]);
}
