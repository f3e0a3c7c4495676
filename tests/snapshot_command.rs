//! `why401 snapshot`: a text a capture, and a readable difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::{Path, PathBuf};
use std::process::Command;

const BLANK: &str = include_str!("../samples/blank-token.curl.txt");
const SCHEME: &str = include_str!("../samples/scheme-case.curl.txt");

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("snapshot-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("c/deep")).unwrap();
    std::fs::write(dir.join("c/blank.txt"), BLANK).unwrap();
    std::fs::write(dir.join("c/deep/scheme.txt"), SCHEME).unwrap();
    dir
}

/// Status, and both outputs.
fn why401(dir: &Path, arguments: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
    let out = command.args(arguments.split(' ')).current_dir(dir).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    (out.status.code().unwrap(), text)
}

#[test]
fn what_is_kept_is_compared_line_by_line() {
    let dir = folder("lines");
    assert_eq!(why401(&dir, "snapshot --no-config c -o kept"), (0, "2 snapshots written to kept\n".to_owned()));
    let text = std::fs::read_to_string(dir.join("kept/deep/scheme.txt.txt")).unwrap();
    assert!(
        text.starts_with("capture deep/scheme.txt\n  format: curl\n") && text.contains("\ncause scheme-case\n"),
        "{text}"
    );
    assert!(!text.contains("V95rVv0avDpMiEPm"), "a secret: {text}");
    assert_eq!(why401(&dir, "snapshot --no-config c -o kept --check"), (0, "2 snapshots as kept\n".to_owned()));

    // Another layout is no difference, one byte of a header is one.
    std::fs::write(dir.join("c/blank.txt"), format!("words in front\n{BLANK}")).unwrap();
    assert_eq!(why401(&dir, "snapshot --no-config c -o kept --check").0, 0);
    std::fs::write(
        dir.join("c/deep/scheme.txt"),
        SCHEME
            .replace("> Authorization: Token ", "> Authorization: TOken ")
            .replace("Authorization: Token", "Authorization: TOken"),
    )
    .unwrap();
    let (status, shown) = why401(&dir, "snapshot --no-config c -o kept --check");
    assert_eq!(status, 1, "{shown}");
    assert!(shown.starts_with("kept/deep/scheme.txt.txt differs\n"), "{shown}");
    assert!(shown.contains("\n  -   ") && shown.contains("\n  +   ") && shown.contains("TOken"), "{shown}");
    assert!(shown.lines().filter(|l| l.starts_with("  - ")).count() <= 4, "{shown}");
    assert!(shown.ends_with("1 of 2 snapshots differs; without --check it is written anew\n"), "{shown}");
}

#[test]
fn a_missing_and_a_stale_snapshot_are_differences() {
    let dir = folder("stale");
    why401(&dir, "snapshot --no-config c -o kept");
    std::fs::rename(dir.join("c/blank.txt"), dir.join("c/renamed.txt")).unwrap();
    let (status, shown) = why401(&dir, "snapshot --no-config c -o kept --check");
    assert_eq!(status, 1);
    assert!(shown.contains("kept/renamed.txt.txt is missing\n"), "{shown}");
    assert!(shown.contains("kept/blank.txt.txt belongs to no capture\n"), "{shown}");
    assert!(!dir.join("kept/renamed.txt.txt").exists(), "--check writes nothing");
}

#[test]
fn a_capture_has_the_same_snapshot_alone_and_among_others() {
    let dir = folder("alone");
    why401(&dir, "snapshot --no-config c -o all");
    why401(&dir, "snapshot --no-config c/deep -o alone");
    let read = |file: &str| std::fs::read_to_string(dir.join(file)).unwrap().replace("deep/", "");
    assert_eq!(read("all/deep/scheme.txt.txt"), read("alone/scheme.txt.txt"));
    assert_eq!(why401(&dir, "snapshot --no-config none -o kept").0, 2);
}
