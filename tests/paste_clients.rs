//! What pasting does to what other clients printed: the same exchanges are read out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::Path;

use why401::format::{Listing, Options, drive, sniff};

/// A transcript of each client, and how many exchanges it holds.
const TRANSCRIPTS: [&str; 12] = [
    "wget-1.21-d.txt",
    "wget-1.21-S.txt",
    "httpie-v.txt",
    "python-3.11-urllib.txt",
    "python-requests-debug.txt",
    "python-httpx-debug.txt",
    "okhttp-3.13-body-network.txt",
    "kubectl-6-to-9.txt",
    "kubectl-basic.txt",
    "toolbelt-dump_all.txt",
    "node-undici.txt",
    "go-httputil.txt",
];

/// Method, URL and status of each exchange.
fn read(text: &str) -> Vec<String> {
    let Some(format) = sniff(text.as_bytes()) else { return vec!["not recognised".to_owned()] };
    let mut listing = Listing::default();
    drive(&mut *(format.open)(&Options::default()), text.as_bytes(), 1 << 20, &mut listing);
    let call = |line: &String| line.split(' ').take(3).collect::<Vec<_>>().join(" ");
    listing.lines.iter().map(call).collect()
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|l| change(l) + "\n").collect()
}

/// What happens to text on its way into a ticket: its name, and how.
type Damage = (&'static str, fn(&str) -> String);

const DAMAGES: [Damage; 12] = [
    ("indented", |t| each_line(t, |l| format!("    {l}"))),
    ("indented by a tab", |t| each_line(t, |l| format!("\t{l}"))),
    ("quoted", |t| each_line(t, |l| format!("> {l}"))),
    ("quoted, blanks lost", |t| each_line(t, |l| format!("> {l}").trim_end().to_owned())),
    ("blanks at line ends lost", |t| each_line(t, |l| l.trim_end().to_owned())),
    ("line ends of Windows", |t| t.replace("\r\n", "\n").replace('\n', "\r\n")),
    ("byte order mark", |t| format!("\u{feff}{t}")),
    ("stamped", |t| each_line(t, |l| format!("2026-11-21T09:06:27.123Z {l}"))),
    ("by a container", |t| each_line(t, |l| format!("2026-11-21T09:06:27.123456789Z stderr F {l}"))),
    ("coloured", |t| each_line(t, |l| format!("\u{1b}[36m{l}\u{1b}[0m"))),
    ("source of a page", |t| t.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")),
    ("in prose", |t| format!("Hello,\n\nthis is what we see since Monday:\n\n```\n{t}\n```\n\nKind regards\nMira\n")),
];

#[test]
fn transcripts_survive_pasting() {
    let mut wrong = Vec::new();
    for name in TRANSCRIPTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(name);
        let text = std::fs::read_to_string(path).unwrap();
        let want = read(&text);
        assert!(!want.is_empty(), "{name}");
        for (damage, change) in DAMAGES {
            let got = read(&change(&text));
            if got != want {
                wrong.push(format!("{name}, {damage}: {got:?}\n    instead of {want:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), TRANSCRIPTS.len() * DAMAGES.len(), wrong.join("\n"));
}
