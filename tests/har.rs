//! Every HAR sample gives the entries it holds, in windows of any size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::{Path, PathBuf};

use why401::format::{Listing, Window, by_name, drive, sniff};

fn shared() -> Option<PathBuf> {
    let path = match std::env::var_os("WHY401_SHARED") {
        Some(path) => PathBuf::from(path),
        None => Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).to_owned(),
    };
    path.join("formats").is_dir().then_some(path)
}

fn list(input: &[u8], block: usize) -> Listing {
    let mut sink = Listing::default();
    let Some(format) = by_name("har") else { return sink };
    let mut reader = (format.open)(&Default::default());
    drive(&mut *reader, input, block, &mut sink);
    sink
}

/// Those that `source` unpacks or transcodes before a reader sees them.
fn packed(input: &[u8]) -> bool {
    input.starts_with(b"\x1f\x8b") || input.starts_with(b"PK") || input.starts_with(b"\xff\xfe")
}

#[test]
fn samples_give_the_expected_entries() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("formats/har");
    let table = std::fs::read_to_string(folder.join("EXPECTED.tsv")).expect("a table");
    let mut read = 0;
    for line in table.lines().filter(|l| !l.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(name), Some(count)) = (columns.next(), columns.next()) else { continue };
        let input = std::fs::read(folder.join(name)).expect(name);
        if packed(&input) {
            continue;
        }
        read += 1;
        let got = list(&input, 1 << 20);
        assert_eq!(got.lines.len().to_string(), count, "{name}: {:?}", got.problems);
        assert_eq!(sniff(&input[..input.len().min(65_536)]).map(|f| f.name), Some("har"), "{name}");
        assert_eq!(got.problems.is_empty(), !name.contains("truncated"), "{name}: {:?}", got.problems);
    }
    assert!(read > 55, "only {read} samples");
}

#[test]
fn windows_do_not_matter() {
    let Some(shared) = shared() else { return };
    for folder in ["formats/har", "corpus/har"] {
        for file in std::fs::read_dir(shared.join(folder)).expect(folder) {
            let path = file.expect("a file").path();
            let input = std::fs::read(&path).expect("a file");
            if packed(&input) {
                continue;
            }
            let whole = list(&input, usize::MAX);
            // Byte by byte is slow in a debug build: only where it stays short.
            let blocks: &[usize] = match input.len() {
                0..=60_000 => &[1, 7, 4096, 1 << 20],
                60_001..=400_000 => &[997, 4096, 1 << 20],
                _ => &[4096, 1 << 20],
            };
            for block in blocks {
                let got = list(&input, *block);
                assert_eq!(got.lines, whole.lines, "{} in blocks of {block}", path.display());
                assert_eq!(got.problems, whole.problems, "{} in blocks of {block}", path.display());
                assert_eq!(got.recorder, whole.recorder, "{}", path.display());
            }
        }
    }
}

#[test]
fn corpus_counts_agree() {
    let Some(shared) = shared() else { return };
    let corpus = shared.join("corpus");
    let Ok(table) = std::fs::read_to_string(corpus.join("MANIFEST.tsv")) else { return };
    let mut wrong = Vec::new();
    for line in table.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, "har", .., count] = columns[..] else { continue };
        let got = list(&std::fs::read(corpus.join(name)).expect(name), 1 << 20);
        let Ok(want) = count.parse::<usize>() else {
            println!("{name}: {count:?}, read {}", got.lines.len());
            continue;
        };
        if got.lines.len() != want {
            wrong.push(format!("{name}: {} of {want}: {:?}", got.lines.len(), got.problems));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Readers that begin in the middle of a capture meet, and see together what one reader sees.
#[test]
fn workers_see_the_same() {
    let Some(shared) = shared() else { return };
    let format = by_name("har").expect("a format");
    let split = format.split.expect("a way to split");
    let (mut met, mut missed) = (0, 0);
    for folder in ["formats/har", "captures", "corpus/har"] {
        let Ok(files) = std::fs::read_dir(shared.join(folder)) else { continue };
        for file in files {
            let input = std::fs::read(file.expect("a file").path()).expect("a file");
            if packed(&input) || sniff(&input).map(|f| f.name) != Some("har") {
                continue;
            }
            let whole = list(&input, 1 << 20);
            for part in 1..6 {
                let cut = input.len() * part / 6;
                let Some(next) = (split.next)(&input[cut..]).map(|n| n + cut) else { continue };
                let mut sink = Listing::default();
                let window =
                    |from: usize, limit: u64| Window { bytes: &input[from..], offset: from as u64, last: true, limit };
                let used = (format.open)(&Default::default()).read(window(0, next as u64), &mut sink);
                if used != next {
                    missed += 1;
                    continue;
                }
                (split.inside)(&Default::default()).read(window(next, u64::MAX), &mut sink);
                assert_eq!(sink.lines, whole.lines);
                met += 1;
            }
        }
    }
    println!("{met} met, {missed} missed");
    assert!(missed * 100 <= met, "{met} met, {missed} missed");
}
