//! The page: inert whatever a capture holds, the same each time, with the sequence of a single capture.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use why401::analysis::{Options, Run, analyze, judge, read};
use why401::report::html::render;

fn options() -> Options {
    Options { sequence: true, ..Options::default() }
}

fn page(name: &str, bytes: &[u8]) -> String {
    let run = analyze(name, bytes, &options()).unwrap();
    render(&run.report, &run.blocks)
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let name = |p: &PathBuf| p.file_name().unwrap().to_str().unwrap().to_owned();
    files.retain(|p| !name(p).ends_with(".md") && !name(p).ends_with(".tsv"));
    files.iter().map(|p| (name(p), std::fs::read(p).unwrap())).collect()
}

/// All samples as one batch.
fn batch() -> Run {
    let options = options();
    let mut run = Run::new(&options);
    for (name, bytes) in samples() {
        let (format, facts) = read(&bytes, &options).unwrap();
        run.add_judged(&name, format.name, judge(&facts, &options));
    }
    run.add_unreadable("<img src=x onerror=alert(1)>\u{202e}.har", "it is <b>empty</b>");
    run.finish();
    run
}

/// Every tag of a page: its name and its attributes. Fails on what a lenient parser could read otherwise.
fn tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut out = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let bytes = rest.as_bytes();
        let name: String = rest.chars().take_while(|c| !matches!(c, ' ' | '>' | '/')).collect();
        if bytes[0] == b'/' || bytes[0] == b'!' {
            let end = rest.find('>').unwrap();
            assert!(rest[..end].chars().all(|c| c.is_ascii_alphanumeric() || "/! ".contains(c)), "{}", &rest[..end]);
            rest = &rest[end..];
            continue;
        }
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "<{name}");
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '/']);
            if let Some(behind) = rest.strip_prefix('>') {
                rest = behind;
                break;
            }
            let end = rest.find([' ', '=', '>', '/']).unwrap();
            let key = rest[..end].to_owned();
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let end = quoted.find('"').unwrap();
                value = quoted[..end].to_owned();
                rest = &quoted[end + 1..];
            }
            assert!(!key.is_empty() && !value.contains('<'), "{name} {key}={value}");
            attributes.push((key, value));
        }
        if name == "style" || name == "script" {
            rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
        }
        out.push((name, attributes));
    }
    out
}

const ELEMENTS: &str = "html head meta title style body main header footer script a p h1 h2 h3 section ol ul li i b br \
    div span mark dl dt dd code button input output table caption thead tbody tr th td wbr bdi details summary svg rect";
const ATTRIBUTES: &str = "lang charset http-equiv content name class href id hidden data-f data-g data-k data-l data-o \
    aria-pressed aria-live aria-label aria-hidden type placeholder scope colspan title open viewBox \
    preserveAspectRatio height width fill";

/// Elements and attributes are of a fixed set, links lead into the page, and the policy names what the page holds.
fn is_inert(name: &str, page: &str) {
    let elements: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    let tags = tags(page);
    let mut ids = BTreeSet::new();
    for (element, list) in &tags {
        assert!(elements.contains(element.as_str()), "{name}: <{element}>");
        for (key, value) in list {
            assert!(attributes.contains(key.as_str()), "{name}: <{element} {key}={value}>");
            assert!(key != "id" || ids.insert(value.clone()), "{name}: two elements are {value}");
            assert!(key != "http-equiv" || value == "Content-Security-Policy");
        }
    }
    let links = tags.iter().flat_map(|t| &t.1).filter(|a| a.0 == "href");
    for (_, to) in links {
        assert!(to.strip_prefix('#').is_some_and(|id| ids.contains(id)), "{name}: a link to {to}");
    }
    for element in ["style", "script"] {
        assert_eq!(tags.iter().filter(|t| t.0 == element).count(), 1, "{name}: {element}");
        let text = page.split_once(&format!("<{element}>")).unwrap().1.split_once(&format!("</{element}>")).unwrap().0;
        let hash = format!("{element}-src 'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
        assert!(page.contains(&hash), "{name}: the policy does not name the {element}");
    }
    let hidden = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!page.contains(hidden), "{name}: a control character");
}

#[test]
fn every_sample_gives_an_inert_page_with_its_requests() {
    let list = samples();
    assert!(list.len() > 100);
    for (name, bytes) in list {
        let page = page(&name, &bytes);
        is_inert(&name, &page);
        let run = analyze(&name, &bytes, &options()).unwrap();
        let rows = page.matches("<tr id=\"x").count() as u64;
        assert_eq!(rows, run.report.captures[0].exchanges, "{name}");
        let refused = page.matches("data-k=\"bad\"").count() as u64;
        assert_eq!(refused, run.report.captures[0].denied, "{name}");
        for b in run.blocks.iter().filter(|b| b.finding.root_cause) {
            assert!(page.contains(&format!("<span class=\"m\">{}</span>", b.finding.rule)), "{name}");
        }
        assert_eq!(page, self::page(&name, &bytes), "{name}");
    }
}

#[test]
fn a_batch_is_one_inert_page() {
    let run = batch();
    assert!(run.report.sequence.is_none());
    let page = render(&run.report, &run.blocks);
    is_inert("batch", &page);
    assert!(!page.contains("<tr id=\"x") && page.contains("Causes, by captures"));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;\\u{202e}.har"));
    assert!(page.len() < 250_000, "{}", page.len());
    assert_eq!(page, render(&batch().report, &batch().blocks));
}

/// Markup, script, quotes and direction marks wherever a capture has text.
#[test]
fn a_hostile_capture_stays_text() {
    let evil = "</style></script><script>alert(1)</script><img src=x onerror='alert(2)' \" style=\"x\u{202e}\u{7}";
    let json = |t: &str| serde_json::to_string(t).unwrap();
    let header = |n: &str, v: &str| format!("{{\"name\":{},\"value\":{}}}", json(n), json(v));
    let entry = |method: &str, url: &str, status: u16, at: &str| {
        format!(
            "{{\"startedDateTime\":\"2026-05-05T09:{at}Z\",\"time\":5,\"request\":{{\"method\":{},\"url\":{},\"headers\":\
             [{},{},{},{}],\"postData\":{{\"mimeType\":\"application/json\",\"text\":{}}}}},\"response\":{{\"status\":{status},\
             \"headers\":[{},{},{}],\"content\":{{\"mimeType\":\"application/json\",\"text\":{}}}}}}}",
            json(method),
            json(url),
            header("Authorization", &format!("Bearer {evil}")),
            header("User-Agent", evil),
            header("Cookie", &format!("session={evil}")),
            header(evil, evil),
            json(&format!("{{\"password\":{},\"grant_type\":{}}}", json(evil), json(evil))),
            header("WWW-Authenticate", &format!("Bearer error=\"invalid_token\", error_description=\"{evil}\"")),
            header("Location", &format!("javascript:alert(3)//{evil}")),
            header("Set-Cookie", &format!("{evil}={evil}")),
            json(&format!("{{\"access_token\":{0},\"error\":{0},\"expires_in\":5}}", json(evil))),
        )
    };
    let url = format!("https://a.example.test/{evil}?access_token={evil}&x={evil}");
    let entries = [
        entry("POST", "https://a.example.test/login", 200, "00:00"),
        entry("GET", &url, 401, "10:00"),
        entry(evil, &format!("javascript:alert(4)//{evil}"), 401, "10:01"),
        entry("GET", &format!("https://{evil}/me"), 401, "30:00"),
        entry("GET", "https://a.example.test/me", 401, "30:01"),
    ];
    let creator = format!("\"creator\":{{\"name\":{},\"version\":{}}}", json(evil), json(evil));
    let har = format!("{{\"log\":{{{creator},\"entries\":[{}]}}}}", entries.join(","));
    let page = page(&format!("{evil}.har"), har.as_bytes());
    is_inert("hostile", &page);
    assert_eq!(page.matches("<tr id=\"x").count(), 5);
    assert!(page.contains("data-k=\"bad\"") && page.contains("&lt;img src=x onerror=&#39;alert(2)&#39;"));
}

/// More requests than anyone reads: the accepted ones are counted, the refused ones stay.
#[test]
fn a_long_capture_is_bounded() {
    let mut log = String::new();
    for i in 0..9000 {
        let status = if i % 100 == 0 { 401 } else { 200 };
        log.push_str(&format!(
            "192.0.2.1 - - [09/Dec/2025:16:{:02}:{:02} +0000] \"GET /v1/items/{i} HTTP/1.1\" {status} 98 \"-\" \"curl/8.0\"\n",
            i / 60 % 60,
            i % 60
        ));
    }
    let page = page("long.log", log.as_bytes());
    is_inert("long", &page);
    assert!(page.len() < 1_500_000, "{}", page.len());
    assert!(page.contains("accepted requests are counted here, not listed"));
}

/// Only a page asks for the sequence, and no other form is changed by it.
#[test]
fn the_command_writes_a_page_beside_the_report() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("page.html");
    let run = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_why401"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args([
            "samples/mixed-expired-and-cross.har",
            "--format",
            "json",
        ]);
        command.args(more).output().unwrap().stdout
    };
    let page = format!("html={}", file.display());
    assert_eq!(run(&[]), run(&["-o", &page]));
    let page = std::fs::read_to_string(&file).unwrap();
    is_inert("written", &page);
    assert!(page.contains("2 causes explain both refused requests") && page.contains("T1 expires, 1 h after #0"));
}
