//! `socklab trace`: any program, its calls held against strace, its life against itself.

mod against_strace;
mod bounds;
mod compared;
mod ends;
mod fixtures;
mod foreign;
mod mistakes;
mod speaks;
