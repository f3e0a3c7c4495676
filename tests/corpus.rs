//! Every shared capture is recognised as what it is and gives the exchanges that it holds.
//!
//! `../shared` (or `WHY401_SHARED`) holds real files with their counts; without it nothing is checked. What is not
//! read, or not as its table says, stands in a list here with the reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail")]
#![allow(clippy::print_stdout, reason = "a test says what it checked")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

fn shared() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned();
    let folder: PathBuf = std::env::var("WHY401_SHARED").unwrap_or(beside).into();
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(folder)
}

/// The status of each exchange.
type Statuses = Vec<Option<u64>>;

/// What was read of a file: format, status of each exchange, problems.
struct Read {
    format: String,
    statuses: Statuses,
    problems: usize,
}

/// Everything in a folder that was recognised, by its name there; members of archives count to their archive.
fn read(folder: &str) -> BTreeMap<String, Read> {
    let Some(shared) = shared() else { return BTreeMap::new() };
    let path = shared.join(folder);
    let out = Command::new(env!("CARGO_BIN_EXE_why401"))
        .args(["dump", "--format", "json"])
        .arg(&path)
        .output()
        .expect("the program runs");
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(matches!(out.status.code(), Some(0 | 2)), "{folder}: {errors}");
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let mut all: BTreeMap<String, Read> = BTreeMap::new();
    for capture in json["captures"].as_array().expect("captures") {
        let file = capture["file"].as_str().unwrap();
        let name = file.rsplit_once(&format!("{folder}/")).map_or(file, |(_, n)| n);
        let name = name.split('!').next().unwrap().to_owned();
        let statuses: Vec<_> = capture["exchanges"].as_array().unwrap().iter().map(|x| x["status"].as_u64()).collect();
        let problems = capture["problems"].as_array().unwrap().len();
        let format = capture["format"].as_str().unwrap().to_owned();
        let entry = all.entry(name).or_insert(Read { format, statuses: Vec::new(), problems: 0 });
        entry.statuses.extend(statuses);
        entry.problems += problems;
    }
    all
}

fn table(path: &str) -> Vec<Vec<String>> {
    let Some(shared) = shared() else { return Vec::new() };
    let text = std::fs::read_to_string(shared.join(path)).expect(path);
    text.lines().filter(|l| !l.starts_with('#')).map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

/// Compares a folder with what is expected of each file: format, and statuses if they are known.
fn compare(folder: &str, want: &BTreeMap<String, (&str, Option<Statuses>)>) {
    if want.is_empty() {
        return;
    }
    let got = read(folder);
    let mut wrong = Vec::new();
    for (name, (format, statuses)) in want {
        let Some(read) = got.get(name) else {
            wrong.push(format!("{folder}/{name}: not recognised, {format} wanted"));
            continue;
        };
        if read.format != *format {
            wrong.push(format!("{folder}/{name}: taken for {}, {format} wanted", read.format));
        }
        if let Some(statuses) = statuses
            && *statuses != read.statuses
        {
            wrong.push(format!("{folder}/{name}: {:?} read, {statuses:?} wanted", read.statuses));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{folder}: {} files as expected", want.len());
}

/// The expected transfers of the curl samples, in order, by their statuses.
#[test]
fn curl_samples() {
    /// What the table does not list, since it lists what was traced: exchanges of a typed command alone.
    const TYPED_ALONE: [(&str, &str); 4] = [
        ("v8.14.1-conn-refused.txt", "two commands that reached nothing"),
        ("v8.14.1-tls-fail.txt", "a command that found no TLS"),
        ("v8.14.1-https-to-http-port.txt", "a command that found no TLS"),
        ("tls-name-mismatch.txt", "a command whose certificate did not match"),
    ];
    let mut want = BTreeMap::new();
    for row in table("formats/curl/EXPECTED.tsv") {
        if TYPED_ALONE.iter().any(|(name, _)| row[0].ends_with(name)) {
            want.insert(row[0].clone(), ("curl", None));
            continue;
        }
        let status = |w: &&str| w.split([' ', ')']).rev().find_map(|w| w.parse::<u64>().ok());
        let shown = |w: &&str| !w.starts_with('(') || w.starts_with("(response only)") || w.starts_with("(from -w");
        let statuses: Vec<Option<u64>> = row[1].split(" ; ").filter(shown).map(|w| status(&w)).collect();
        want.insert(row[0].clone(), ("curl", Some(statuses)));
    }
    compare("formats/curl", &want);
}

#[test]
fn har_samples() {
    let mut want = BTreeMap::new();
    let mut counts = BTreeMap::new();
    for row in table("formats/har/EXPECTED.tsv") {
        want.insert(row[0].clone(), ("har", None));
        counts.insert(row[0].clone(), row[1].parse::<usize>().ok());
    }
    compare("formats/har", &want);
    let got = read("formats/har");
    for (name, count) in counts {
        if let Some(count) = count {
            assert_eq!(got[&name].statuses.len(), count, "{name}");
        }
    }
}

/// The statuses of each log. Files without a count need the format string of their server.
#[test]
fn log_samples() {
    /// Not read as a log of this kind, and why.
    const EXCEPTIONS: [(&str, &str); 2] = [
        ("nginx-1.26-json-invalid.log", "its one line has neither method nor path"),
        ("haproxy-3.0-syslog-mixed.log", "the table counts three formats of one request, as the file does"),
    ];
    let got = read("formats/logs");
    for row in table("formats/logs/EXPECTED.tsv") {
        if row[2].is_empty() || EXCEPTIONS.iter().any(|(name, _)| *name == row[0]) {
            continue;
        }
        let read = &got[&row[0]];
        assert!(read.format.ends_with("-log"), "{}: {}", row[0], read.format);
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        read.statuses.iter().flatten().for_each(|s| *counts.entry(*s).or_default() += 1);
        let counts: Vec<String> = counts.iter().map(|(s, n)| format!("{s}:{n}")).collect();
        assert_eq!(counts.join(" "), row[2], "{}", row[0]);
    }
}

/// What each client printed, counted by hand in the files.
#[test]
fn client_transcripts() {
    let s = |list: &[u64]| Some(list.iter().map(|n| Some(*n)).collect::<Vec<_>>());
    let known: [(&str, &str, Option<Statuses>); 25] = [
        ("httpie-3.2.4-all-digest.txt", "httpie", s(&[200])),
        ("httpie-3.2.4-all-follow.txt", "httpie", s(&[302, 401])),
        ("httpie-3.2.4-v-401-colors.txt", "httpie", s(&[401])),
        ("httpie-3.2.4-v-401.txt", "httpie", s(&[401])),
        ("httpie-3.2.4-v-binary.txt", "httpie", s(&[200])),
        ("httpie-3.2.4-v-json.txt", "httpie", s(&[404])),
        ("httpie-3.2.4-v-login.txt", "httpie", s(&[200])),
        ("httpie-3.2.4-vv-meta.txt", "httpie", s(&[401])),
        ("httpx-debug-logging.txt", "http-client", s(&[401])),
        ("kubectl-1.32-v8-raw-401.txt", "kubectl", s(&[401])),
        ("kubectl-1.32-v9-token.txt", "kubectl", s(&[200, 200])),
        ("kubectl-v8.txt", "kubectl", s(&[200, 200])),
        ("kubectl-v9.txt", "kubectl", s(&[200, 200])),
        ("node20-NODE_DEBUG-undici-fetch.txt", "undici", s(&[401])),
        ("python-requests-2.34.2-debuglevel1-logging.txt", "http-client", s(&[200, 401, 302, 200])),
        ("python3.11-urllib-debuglevel1.txt", "http-client", s(&[200, 401])),
        ("requests-toolbelt-1.0-dump_all.txt", "toolbelt", s(&[302, 401])),
        ("synthetic-okhttp-body.txt", "okhttp", s(&[401])),
        ("wget-1.25.0-S-login.txt", "wget", s(&[200])),
        ("wget-1.25.0-S-redirect.txt", "wget", s(&[302, 401])),
        ("wget-1.25.0-d-401.txt", "wget", s(&[401])),
        ("wget-1.25.0-d-basic-challenge.txt", "wget", s(&[401, 200])),
        ("wget-1.25.0-d-post.txt", "wget", s(&[404])),
        ("../mitmproxy/mitmdump-11.0.2-detail1-live.txt", "mitmdump", None),
        ("../mitmproxy/mitmdump-11.0.2-detail4-replay.txt", "mitmdump", None),
    ];
    /// Files that are not read, and why.
    const EXCEPTIONS: [(&str, &str); 2] = [
        ("node20-NODE_DEBUG-http.txt", "shows neither methods nor statuses"),
        ("botocore-debug-sts.txt", "shows no status"),
    ];
    let Some(shared) = shared() else { return };
    let here: BTreeMap<_, _> =
        known.iter().filter(|k| !k.0.starts_with("..")).cloned().map(|(n, f, s)| (n.to_owned(), (f, s))).collect();
    compare("formats/clients", &here);
    let other =
        known.iter().filter_map(|(n, f, s)| Some((n.strip_prefix("../mitmproxy/")?.to_owned(), (*f, s.clone()))));
    compare("formats/mitmproxy", &other.collect());
    for file in std::fs::read_dir(shared.join("formats/clients")).unwrap() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        let listed = here.contains_key(&name) || EXCEPTIONS.iter().any(|(n, _)| *n == name);
        assert!(listed, "{name}: say what it is, or why it is not read");
    }
}

/// Public HAR files and transcripts have the exchanges that their manifest tells.
#[test]
fn public_captures() {
    /// What is no HAR although its name says so, and why.
    const NO_HAR: [(&str, &str); 10] = [
        ("FOMILOMI_bac_hunter__sample.har", "its line ends are written as two characters: no JSON"),
        ("mitmproxy_mitmproxy__0643_chrome.har", "the flows that a test wants of a HAR"),
        ("mitmproxy_mitmproxy__398b_charles.har", "the flows that a test wants of a HAR"),
        ("mitmproxy_mitmproxy__brave.har", "the flows that a test wants of a HAR"),
        ("mitmproxy_mitmproxy__brokenfile.har", "no JSON, on purpose"),
        ("mitmproxy_mitmproxy__d1d1_safari.har", "the flows that a test wants of a HAR"),
        ("mitmproxy_mitmproxy__firefox.har", "the flows that a test wants of a HAR"),
        ("postmanlabs_har-to-postman__5b64_invalidHAR.har", "no member log, on purpose"),
        ("postmanlabs_har-to-postman__invalidHAR.har", "no member log, on purpose"),
        ("srewoo_XHRScribe__sample-test-site.har", "another JSON format"),
    ];
    let mut wrong = Vec::new();
    let (har, curl) = (read("corpus/har"), read("corpus/curl"));
    let mut checked = 0;
    for row in table("corpus/MANIFEST.tsv").iter().skip(1) {
        let Some((folder, name)) = row[0].split_once('/') else { continue };
        let got = match folder {
            "har" => har.get(name),
            "curl" => curl.get(name),
            _ => continue,
        };
        if NO_HAR.iter().any(|(n, _)| *n == name) {
            assert!(got.is_none(), "{name} is read: take it off the list");
            continue;
        }
        checked += 1;
        let Some(got) = got else {
            wrong.push(format!("{}: not recognised", row[0]));
            continue;
        };
        if got.format != row[1] {
            wrong.push(format!("{}: taken for {}", row[0], got.format));
        }
        let count = row.get(9).and_then(|n| n.parse::<usize>().ok());
        if count.is_some_and(|n| n != got.statuses.len()) {
            wrong.push(format!("{}: {} of {} exchanges", row[0], got.statuses.len(), row[9]));
        }
        let status =
            row[8].strip_prefix("statuses ").and_then(|s| s.split([';', ',', ' ']).next()?.parse::<u64>().ok());
        if folder == "curl" && got.statuses != [status] {
            wrong.push(format!("{}: {:?}, {status:?} wanted", row[0], got.statuses));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{checked} public captures as expected");
}

/// Whatever stands in the other folders, it is read or refused, never a crash; and what is read is no wild guess.
#[test]
fn everything_else_is_read_or_refused() {
    for folder in ["formats/proxies", "formats/wire", "formats/mitmproxy", "corpus/log", "corpus/flow", "corpus/saz"] {
        for (name, read) in read(folder) {
            println!("{folder}/{name}: {}, {} exchanges, {} problems", read.format, read.statuses.len(), read.problems);
            if folder == "corpus/log" {
                assert!(read.format.ends_with("-log"), "{name}: taken for {}", read.format);
            }
        }
    }
}
