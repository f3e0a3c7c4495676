//! One line about how far the run has come: on a terminal only, after a second, erased at the end.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::analysis::{Progress, Seen};
use crate::report::thousands;

/// Shorter runs show nothing.
const AFTER: Duration = Duration::from_secs(1);
/// So often the line is written anew.
const EVERY: Duration = Duration::from_millis(200);

/// Does `work` and shows how far it has come.
pub(super) fn shown<T>(progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, wait) = channel::<()>();
        let watcher = std::thread::Builder::new().name("progress".into()).spawn_scoped(scope, || watch(progress, wait));
        let result = work();
        drop(done);
        if let Ok(watcher) = watcher {
            let _ = watcher.join();
        }
        result
    })
}

fn watch(progress: &Progress, wait: Receiver<()>) {
    let begun = Instant::now();
    let mut pause = AFTER;
    let mut any = false;
    while matches!(wait.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
        let _ = write!(std::io::stderr(), "\r{}\x1b[K", line(progress.now(), begun.elapsed()));
        pause = EVERY;
        any = true;
    }
    if any {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

/// `1,204 of 2,000 captures   3.1 of 5.2 GB   410 MB/s   5 s left   21 with a cause`.
fn line(seen: Seen, time: Duration) -> String {
    let mut parts = Vec::new();
    if seen.inputs > 1 {
        parts.push(format!("{} of {} captures", thousands(seen.inputs_done), thousands(seen.inputs)));
    }
    let (all, unit, name) = match seen.bytes.max(seen.bytes_done) {
        n if n >= 1_000_000_000 => (n as f64 / 1e9, 1e9, "GB"),
        n => (n as f64 / 1e6, 1e6, "MB"),
    };
    let done = seen.bytes_done as f64 / unit;
    parts.push(match seen.bytes {
        0 => format!("{done:.1} {name}"),
        _ => format!("{done:.1} of {all:.1} {name}"),
    });
    let speed = seen.bytes_done as f64 / time.as_secs_f64().max(0.001);
    parts.push(format!("{:.0} MB/s", speed / 1e6));
    if let Some(left) = seen.bytes.checked_sub(seen.bytes_done).filter(|left| *left > 0 && speed > 1e5) {
        parts.push(format!("{:.0} s left", (left as f64 / speed).ceil()));
    }
    if seen.causes > 0 {
        parts.push(format!("{} with a cause", thousands(seen.causes)));
    }
    parts.join("   ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_known() {
        let seen =
            Seen { inputs: 2000, inputs_done: 1204, bytes: 5_200_000_000, bytes_done: 3_100_000_000, causes: 21 };
        assert_eq!(
            line(seen, Duration::from_millis(7561)),
            "1,204 of 2,000 captures   3.1 of 5.2 GB   410 MB/s   6 s left   21 with a cause"
        );
        let pipe = Seen { inputs: 1, bytes_done: 12_000_000, ..Seen::default() };
        assert_eq!(line(pipe, Duration::from_secs(2)), "12.0 MB   6 MB/s");
    }
}
