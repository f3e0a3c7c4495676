//! Every reader survives cut and flipped captures, and gives the same whatever the windows are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::Path;

use why401::format::{FORMATS, Format, sniff};

#[path = "support/full.rs"]
mod full;
#[path = "support/saz.rs"]
mod saz;
use full::full;
use saz::unpacked;

/// Numbers that look random and are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below.max(1)
    }

    /// Cuts, flips, doubles, drops or mixes some bytes.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.roll(3) {
            let at = self.roll(out.len());
            let len = self.roll(40).min(out.len() - at);
            match self.roll(6) {
                0 => out.truncate(at),
                1 => {
                    out.drain(..at);
                }
                2 => {
                    out.drain(at..at + len);
                }
                3 => {
                    let copy = out[at..at + len].to_vec();
                    let to = self.roll(out.len());
                    out.splice(to..to, copy);
                }
                _ => {
                    const NASTY: &[u8] = b"\0\n\r\"'\\{}[]<>:* $#\t\xff\xc3\x1b0";
                    for b in out.iter_mut().skip(at).take(1 + self.roll(3)) {
                        *b = NASTY[self.0 as usize % NASTY.len()];
                    }
                }
            }
            if out.is_empty() {
                break;
            }
        }
        out
    }
}

/// A capture: its format, its name, its bytes.
type Capture = (&'static Format, String, Vec<u8>);

/// Small captures of each format: our own, and the shared ones where they are at hand.
fn captures() -> Vec<Capture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var("WHY401_SHARED").map_or_else(|_| root.join("../shared"), Into::into);
    let own = ["samples", "tests/transcripts", "tests/recorded", "tests/sides", "tests/written"].map(|f| root.join(f));
    let more = ["proxies", "wire", "mitmproxy", "logs"].map(|f| shared.join("formats").join(f));
    let mut out = Vec::new();
    for folder in own.iter().chain(more.iter().filter(|f| f.is_dir())) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !path.is_file() || [".tsv", ".md", ".formats"].iter().any(|end| name.ends_with(end)) {
                continue;
            }
            let bytes = unpacked(std::fs::read(&path).unwrap());
            if let Some(format) = sniff(&bytes).filter(|_| bytes.len() < 30_000) {
                out.push((format, name, bytes));
            }
        }
    }
    out.sort_by(|a, b| a.1.cmp(&b.1));
    let own =
        ["har", "access-log", "json-log", "mitmdump", "mitmproxy", "netlog", "tshark", "follow", "forensic", "curl"];
    for name in own
        .iter()
        .chain(&["wget", "httpie", "http-client", "botocore", "okhttp", "wire-log", "java-http", "kubectl"])
        .chain(&["toolbelt", "axios", "undici", "http-text"])
    {
        assert!(out.iter().any(|(f, ..)| f.name == *name), "no capture of {name}");
    }
    out
}

/// Damages captures so many times, each of them in its turn.
fn survive(captures: &[&Capture], times: usize, seed: u64) {
    let mut dice = Dice(seed);
    for turn in 0..times {
        let (format, name, bytes) = captures[turn % captures.len()];
        let damaged = dice.damage(bytes);
        let whole = std::panic::catch_unwind(|| full(format, &damaged, 1 << 20));
        let whole = whole.unwrap_or_else(|_| panic!("{name} was damaged:\n{}", damaged.escape_ascii()));
        // Every fourth also in pieces: bytes may end anywhere.
        if dice.roll(4) == 0 {
            let block = 1 + dice.roll(300);
            let pieces = full(format, &damaged, block);
            let first = pieces.iter().zip(&whole).find(|(a, b)| a != b);
            let same = first.is_none() && pieces.len() == whole.len();
            assert!(same, "{name} in blocks of {block}: {first:?}\n{}", damaged.escape_ascii());
        }
        if let Some(other) = sniff(&damaged).filter(|f| f.name != format.name) {
            full(other, &damaged, 1 << 20);
        }
    }
}

/// So many times for each format.
fn each_format(times: usize, longest: usize, seed: u64) {
    let captures = captures();
    // `WHY401_DAMAGE_FORMATS=netlog,follow` damages only these.
    let only = std::env::var("WHY401_DAMAGE_FORMATS").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|o| o.split(',').any(|n| n == name));
    for format in FORMATS.iter().filter(|f| wanted(f.name)) {
        let all: Vec<&Capture> = captures.iter().filter(|c| c.0.name == format.name).collect();
        let mut of: Vec<&Capture> = all.iter().copied().filter(|c| c.2.len() < longest).collect();
        // Of a format that has long captures only, the shortest.
        if of.is_empty() {
            of.extend(all.iter().copied().min_by_key(|c| c.2.len()));
        }
        if of.is_empty() {
            println!("{}: no capture at hand", format.name);
            continue;
        }
        let begin = std::time::Instant::now();
        survive(&of, times, seed);
        println!("{}: {times} times, {} captures, {:?}", format.name, of.len(), begin.elapsed());
    }
}

#[test]
fn damaged_captures() {
    each_format(90, 30_000, 0x9e37_79b9_7f4a_7c15);
}

/// `WHY401_DAMAGE=100000 cargo test --release --test damage -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn damaged_captures_in_numbers() {
    let times = std::env::var("WHY401_DAMAGE").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000);
    each_format(times, 12_000, 0x1234_5678_9abc_def1);
}
