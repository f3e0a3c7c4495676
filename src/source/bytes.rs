//! A stretch of a file, read at its own place: several workers read one file at once.

use std::fs::File;
use std::io::{self, Read};

/// Reads `at..end` of a file without moving the file's own position.
#[derive(Debug)]
pub struct Stretch<'f> {
    file: &'f File,
    at: u64,
    end: u64,
}

impl<'f> Stretch<'f> {
    /// The bytes `at..end`.
    pub fn new(file: &'f File, at: u64, end: u64) -> Self {
        Self { file, at, end }
    }
}

impl Read for Stretch<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let room = left.min(into.len());
        let n = read_at(self.file, into.get_mut(..room).unwrap_or_default(), self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

/// Without reading at a place, seeking and reading must not be interrupted by another worker.
#[cfg(not(any(unix, windows)))]
fn read_at(mut file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    use std::io::{Seek, SeekFrom};
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    file.read(into)
}

/// Reads until `into` is full or nothing follows; how much there was, also before an error.
pub(super) fn fill(from: &mut dyn Read, into: &mut [u8]) -> (usize, io::Result<()>) {
    let mut have = 0;
    while let Some(room) = into.get_mut(have..).filter(|r| !r.is_empty()) {
        match from.read(room) {
            Ok(0) => break,
            Ok(n) => have += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (have, Err(e)),
        }
    }
    (have, Ok(()))
}
