//! Each reader, on any bytes: no panic, every place inside the input, and the same whatever the windows are.
//!
//! The first byte chooses the format, the second the size of the windows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::format::FORMATS;

#[path = "../../tests/support/full.rs"]
mod full;
use full::full;

fuzz_target!(|data: &[u8]| {
    let [kind, block, bytes @ ..] = data else { return };
    let Some(format) = FORMATS.get(usize::from(*kind) % FORMATS.len()) else { return };
    let whole = full(format, bytes, 1 << 20);
    let pieces = full(format, bytes, 1 + usize::from(*block));
    assert_eq!(whole, pieces, "{} in windows of {}", format.name, 1 + usize::from(*block));
});
