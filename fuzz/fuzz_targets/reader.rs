//! Each reader, on any bytes: no panic, every place inside the input, and the same whatever the windows are.
//!
//! The first byte chooses the format, the second the size of the windows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::format::{FORMATS, Format, Options, Problem, Sink, drive};
use why401::http::Exchange;

/// Everything that was pushed, with every value asked for, so that decoding is tried too.
struct All {
    told: Vec<String>,
    size: u64,
}

impl Sink for All {
    fn exchange(&mut self, x: Exchange<'_>) {
        assert!(x.at.start <= x.at.end && x.at.end <= self.size, "{:?} of {}", x.at, self.size);
        for h in x.request.headers.list.iter().chain(x.response.iter().flat_map(|r| &r.headers.list)) {
            assert!(h.name.at().end.max(h.value.at().end) <= self.size, "{h:?} of {}", self.size);
            let _ = (h.name.lossy(), h.value.decoded());
        }
        self.told.push(format!("{x:?}"));
    }

    fn problem(&mut self, p: Problem) {
        assert!(p.at.end <= self.size, "{p:?} of {}", self.size);
        self.told.push(format!("{p:?}"));
    }

    fn recorder(&mut self, name: &str, version: &str) {
        self.told.push(format!("{name} {version}"));
    }
}

fn read(format: &Format, bytes: &[u8], block: usize) -> Vec<String> {
    let mut all = All { told: Vec::new(), size: bytes.len() as u64 };
    drive(&mut *(format.open)(&Options::default()), bytes, block, &mut all);
    all.told
}

fuzz_target!(|data: &[u8]| {
    let [kind, block, bytes @ ..] = data else { return };
    let Some(format) = FORMATS.get(usize::from(*kind) % FORMATS.len()) else { return };
    let whole = read(format, bytes, 1 << 20);
    let pieces = read(format, bytes, 1 + usize::from(*block));
    assert_eq!(whole, pieces, "{} in windows of {}", format.name, 1 + usize::from(*block));
});
