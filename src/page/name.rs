//! Names that nobody can guess: of a page, and of a browser.

use std::io;

use rustix::rand::{GetRandomFlags, getrandom};

/// No two of these are taken for one another; a byte chooses one by its lowest bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// 50 bits: at 10,000 tries a second one of them is found in 1,800 years.
pub(super) const LENGTH: usize = 10;

/// A name that nobody can guess, short enough to be typed: getrandom(2).
pub(crate) fn name() -> io::Result<String> {
    let mut bytes = [0; LENGTH];
    // So few bytes come whole.
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    Ok(letters.into_iter().collect())
}
