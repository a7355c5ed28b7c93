//! The memory of a stopped thread.

use crate::model::Bytes;
use crate::sys::ptrace;

/// The memory of a stopped thread, of 64 bits.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    pub tid: u32,
}

/// The longest string that is read, in bytes: a path.
const LONGEST: usize = 4096;

impl Memory {
    /// As many bytes from `address` on as can be read, at most `len`.
    pub(crate) fn some(self, address: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        let read = match address {
            0 => 0,
            _ => ptrace::read_memory(self.tid, address, &mut bytes).unwrap_or(0),
        };
        bytes.truncate(read);
        bytes
    }

    /// So many bytes, all of them.
    pub(crate) fn exactly(self, address: u64, len: usize) -> Option<Vec<u8>> {
        Some(self.some(address, len)).filter(|bytes| bytes.len() == len && address != 0)
    }

    /// The number there.
    pub(crate) fn int(self, address: u64) -> Option<i32> {
        let mut bytes = [0; 4];
        self.fill(address, &mut bytes)?;
        Some(i32::from_ne_bytes(bytes))
    }

    /// The long number, or pointer, there.
    pub(crate) fn word(self, address: u64) -> Option<u64> {
        let mut bytes = [0; 8];
        self.fill(address, &mut bytes)?;
        Some(u64::from_ne_bytes(bytes))
    }

    fn fill(self, address: u64, bytes: &mut [u8]) -> Option<()> {
        let read = (address != 0).then(|| ptrace::read_memory(self.tid, address, bytes));
        (read?.ok()? == bytes.len()).then_some(())
    }

    /// Several of them.
    pub(crate) fn words(self, address: u64, count: usize) -> Option<Vec<u64>> {
        let bytes = self.exactly(address, count * 8)?;
        let words = bytes.as_chunks::<8>().0.iter();
        Some(words.map(|word| u64::from_ne_bytes(*word)).collect())
    }

    /// The string there, without the null byte behind it.
    pub(crate) fn string(self, address: u64) -> Option<Vec<u8>> {
        // A string may end shortly before memory that is not there.
        let mut bytes = self.some(address, LONGEST);
        let end = bytes.iter().position(|byte| *byte == 0)?;
        bytes.truncate(end);
        Some(bytes)
    }

    /// The beginning of `len` bytes that a call moves.
    pub(crate) fn bytes(self, address: u64, len: u64) -> Option<Bytes> {
        let len = usize::try_from(len).ok()?;
        let head = match len {
            0 if address != 0 => Vec::new(),
            _ => self.exactly(address, len.min(Bytes::HEAD))?,
        };
        Some(Bytes { head, len })
    }
}
