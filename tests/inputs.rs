//! What is read is the same in whatever way it comes: threads, blocks, pipes, packed; and what no capture is stays aside.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// A folder that goes away.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("why401-inputs-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn why401(at: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401")).current_dir(at).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn piped(bytes: &[u8], arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_why401"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || {
        for piece in bytes.chunks(1000) {
            if pipe.write_all(piece).is_err() {
                break;
            }
        }
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&output.stderr)))
}

/// The folders whose captures are read here; the second is not there in a checkout of the project alone.
fn folders() -> Vec<PathBuf> {
    let shared = std::env::var("WHY401_SHARED").map_or_else(|_| root("../shared"), PathBuf::from);
    [root("samples"), shared.join("captures")].into_iter().filter(|f| f.is_dir()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn threads_blocks_and_packing_change_no_byte() {
    for folder in folders() {
        for format in ["json", "text"] {
            let check = |at: &Path, more: &[&str]| {
                let output = why401(at, &[&["check", ".", "--format", format], more].concat());
                assert!(text(&output.stderr).is_empty(), "{}", text(&output.stderr));
                (text(&output.stdout), output.status.code())
            };
            let want = check(&folder, &["--threads", "1"]);
            assert!(want.0.len() > 1000);
            assert_eq!(check(&folder, &["--threads", "8", "--block-size", "4096"]), want, "{}", folder.display());
            assert_eq!(check(&folder, &["--block-size", "1048576"]), want, "{}", folder.display());
            if format == "json" {
                let packed = Folder::new("packed");
                for entry in std::fs::read_dir(&folder).unwrap().flatten().filter(|e| e.path().is_file()) {
                    let name = format!("{}.gz", entry.file_name().to_string_lossy());
                    packed.put(&name, &gzip(&std::fs::read(entry.path()).unwrap()));
                }
                let got = check(&packed.0, &["--block-size", "5000"]);
                let sorted = |report: &str| {
                    let mut list: Vec<String> = serde_json::from_str::<Value>(report).unwrap()["captures"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|c| c.to_string().replace(".gz\"", "\""))
                        .collect();
                    list.sort();
                    list
                };
                assert_eq!(sorted(&got.0), sorted(&want.0), "{}", folder.display());
            }
        }
    }
}

#[test]
fn a_pipe_and_gzip_are_read_as_the_file_is() {
    for folder in folders() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        let captures = files.iter().filter(|f| {
            let name = f.file_name().unwrap().to_string_lossy();
            !name.ends_with(".labels.json") && !name.ends_with(".md") && !name.ends_with(".tsv")
        });
        for file in captures.step_by(7) {
            let bytes = std::fs::read(file).unwrap();
            let name = file.to_string_lossy();
            let from_file = why401(Path::new("."), &["check", &name, "--format", "json"]);
            let want = text(&from_file.stdout).replace(&*name, "stdin");
            for input in [bytes.clone(), gzip(&bytes)] {
                let output = piped(&input, &["check", "-", "--format", "json", "--block-size", "4096"]);
                assert_eq!(text(&output.stdout), want, "{name}");
                assert_eq!(output.status.code(), from_file.status.code(), "{name}");
            }
        }
    }
}

const REFUSED: &str = "> GET /v1/me HTTP/1.1\r\n> Host: api.example.test\r\n> Accept: */*\r\n>\r\n< HTTP/1.1 401 Unauthorized\r\n< WWW-Authenticate: Bearer\r\n< Content-Length: 0\r\n<\r\n";

#[test]
fn what_is_no_capture_is_skipped_in_folders_and_an_error_where_it_is_named() {
    let folder = Folder::new("skipped");
    folder.put("a/call.txt", REFUSED.replace("401 Unauthorized", "200 OK").as_bytes());
    folder.put("a/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    folder.put("a/empty.har", b"");
    let output = why401(&folder.0, &["check", "a", "--format", "json", "--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = json(&output);
    assert_eq!(report["captures"].as_array().unwrap().len(), 1);
    let skipped: Vec<&str> =
        report["skipped"].as_array().unwrap().iter().map(|s| s["file"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["a/empty.har", "a/picture.png"]);
    assert_eq!(report["summary"]["skipped"], 2);
    let shown = text(&why401(&folder.0, &["check", "a"]).stdout);
    assert!(shown.ends_with("skipped: 2 files that are no capture (--verbose lists them)\n"), "{shown}");
    let shown = text(&why401(&folder.0, &["check", "a", "--verbose"]).stdout);
    assert!(shown.contains("| a/picture.png: not a capture why401 reads"), "{shown}");

    let output = why401(&folder.0, &["check", "a/picture.png", "a/gone.har", "a/call.txt", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("error: a/gone.har: no such file or folder; check the spelling\n"), "{said}");
    assert!(said.contains("error: a/picture.png: not a capture why401 reads"), "{said}");
    let report = json(&output);
    assert_eq!(report["captures"].as_array().unwrap().iter().filter(|c| c["format"] == "curl").count(), 1);
    assert!(report["skipped"].as_array().unwrap().is_empty());

    let output = why401(&folder.0, &["check", "a", "--include", "*.png"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no captures found (1 file looked at"), "{}", text(&output.stderr));
}

#[test]
fn findings_are_told_beside_what_cannot_be_read() {
    let folder = Folder::new("beside");
    folder.put("b.txt", REFUSED.as_bytes());
    folder.put("a.bin", b"\0\x01\x02");
    let output = why401(&folder.0, &["a.bin", "b.txt", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["summary"]["denied"], 1);
    assert_eq!(why401(&folder.0, &["*.txt"]).status.code(), Some(1));
    assert_eq!(why401(&folder.0, &[".", "--exclude", "b.*", "--include", "*"]).status.code(), Some(2));
}

#[test]
fn archives_name_their_members_and_limits_name_their_flag() {
    let folder = Folder::new("archive");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [("one/call.txt", REFUSED.as_bytes()), ("notes.txt", b"buy milk".as_slice())] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    folder.put("c.zip", &zip.finish().unwrap().into_inner());
    let report = json(&why401(&folder.0, &["c.zip", "--format", "json"]));
    assert_eq!(report["captures"][0]["file"], "c.zip!one/call.txt");
    assert_eq!(report["skipped"][0]["file"], "c.zip!notes.txt");
    assert_eq!(report["findings"][0]["exchange"]["file"], "c.zip!one/call.txt");

    folder.put("bomb.gz", &gzip(REFUSED.repeat(40_000).as_bytes()));
    let output = why401(&folder.0, &["bomb.gz", "--max-unpacked", "64K", "--format", "json"]);
    let problems = json(&output)["captures"][0]["problems"].to_string();
    assert!(problems.contains("--max-unpacked SIZE allows more"), "{problems}");
    let whole = 64 * 1024 / REFUSED.len() as u64;
    assert!(json(&output)["summary"]["denied"].as_u64().is_some_and(|n| n == whole || n == whole + 1));
    assert_eq!(why401(&folder.0, &["bomb.gz", "--max-unpacked", "64K", "--strict"]).status.code(), Some(2));
    assert!(text(&why401(&folder.0, &["--max-unpacked", "5 parsecs"]).stderr).contains("is no size"));
}

#[test]
fn utf16_of_powershell_is_read() {
    let folder = Folder::new("utf16");
    let wide: Vec<u8> = format!("\u{feff}{REFUSED}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.put("w.txt", &wide);
    folder.put("n.txt", REFUSED.as_bytes());
    let of = |name: &str| text(&why401(&folder.0, &[name, "--format", "json"]).stdout).replace(name, "x");
    assert_eq!(of("w.txt"), of("n.txt"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let command = format!("{} check samples --format json | head -c 10", env!("CARGO_BIN_EXE_why401"));
    let script = format!("{command}; echo \" ${{PIPESTATUS[0]}}\"");
    let output = Command::new("bash").current_dir(root(".")).args(["-c", &script]).output().unwrap();
    assert!(text(&output.stderr).is_empty(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).trim_end(), "{\"schema\": 1");
}

#[test]
fn a_long_transcript_is_read_alike_by_one_worker_and_by_several() {
    let folder = Folder::new("transcript");
    let token = |n: usize| format!("4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2k{:04}", n / 100);
    let call = |n: usize| {
        let (status, sent) = if n % 50 == 49 { (401, token(n)) } else { (200, format!("Bearer {}", token(n))) };
        let body = format!("{{\"id\": {n}, \"text\": \"{}\"}}", "words and $ curl x ".repeat(150));
        // The body before and behind what curl says of its connection, as one and as two streams give them.
        let intact = "* Connection #0 to host t0.api.example left intact\n";
        let (before, behind) = if n.is_multiple_of(2) { (intact, "") } else { ("", intact) };
        format!(
            "$ curl -v -H 'Authorization: {sent}' https://t0.api.example/users/{n}\n*   Trying 198.51.100.20:443...\n* Connected to t0.api.example (198.51.100.20) port 443 (#0)\n> GET /users/{n} HTTP/1.1\n> Host: t0.api.example\n> Authorization: {sent}\n> \n< HTTP/1.1 {status} X\n< Content-Type: application/json\n< Content-Length: {}\n< \n{before}{body}\n{behind}",
            body.len()
        )
    };
    let calls: String = (0..3000).map(call).collect();
    assert!(calls.len() > 8 << 20, "shorter files have one reader");
    folder.put("calls.txt", calls.as_bytes());
    let check = |arguments: &[&str]| {
        text(&why401(&folder.0, &[&["check", "calls.txt", "--format", "json"], arguments].concat()).stdout)
    };
    let want = check(&["--threads", "1"]);
    let report: Value = serde_json::from_str(&want).unwrap();
    assert_eq!(report["captures"][0]["exchanges"], 3000);
    let explained = report["findings"].as_array().unwrap().iter().filter_map(|f| f["explains_count"].as_u64());
    assert_eq!(explained.sum::<u64>(), 60);
    assert_eq!(check(&["--threads", "3", "--block-size", "50000"]), want);
    let of_pipe = piped(calls.as_bytes(), &["check", "-", "--format", "json", "--block-size", "9000"]);
    assert_eq!(text(&of_pipe.stdout), want.replace("calls.txt", "stdin"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_at_once_and_leaves_the_old_report() {
    use std::os::unix::process::ExitStatusExt;
    let folder = Folder::new("interrupted");
    folder.put("report.json", b"old");
    let mut child = Command::new(env!("CARGO_BIN_EXE_why401"))
        .args(["check", "-", "--output", "json=report.json"])
        .current_dir(&folder.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The input goes on and on: nobody closes it.
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(br#"{"log":{"version":"1.2","entries":["#).unwrap();
    let begun = std::time::Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().signal(), Some(2));
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(left, ["report.json"]);
    assert_eq!(std::fs::read(folder.0.join("report.json")).unwrap(), b"old");
}
