//! A reader on any bytes; the fuzz target reads so too.

use why401::format::{Format, Options, Problem, Sink, drive};
use why401::http::Exchange;

/// Everything that is pushed: every place inside the input, every value asked for, so that decoding is tried too.
struct Full {
    told: Vec<String>,
    size: u64,
    format: &'static str,
}

impl Sink for Full {
    fn exchange(&mut self, x: Exchange<'_>) {
        for h in x.request.headers.list.iter().chain(x.response.iter().flat_map(|r| &r.headers.list)) {
            let end = h.name.at().end.max(h.value.at().end);
            assert!(end <= self.size, "{}: {h:?} of {}", self.format, self.size);
            let _ = (h.name.lossy(), h.value.decoded());
        }
        assert!(x.at.start <= x.at.end && x.at.end <= self.size, "{}: {:?} of {}", self.format, x.at, self.size);
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

/// Everything that a reader says of these bytes, in windows of so many.
pub(super) fn full(format: &'static Format, bytes: &[u8], block: usize) -> Vec<String> {
    let mut sink = Full { size: bytes.len() as u64, format: format.name, told: Vec::new() };
    drive(&mut *(format.open)(&Options::default()), bytes, block, &mut sink);
    sink.told
}
