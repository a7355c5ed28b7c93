//! Every track, whole: against the kernel, strace, ss, and programs that are
//! not ours.

mod clients;
mod dual;
mod learners;
mod lessons;
mod netcats;
mod played;
mod refusals;
mod servers;
mod ss;
mod stale;
mod strace;
