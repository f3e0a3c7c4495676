use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::facts::Spare;
use crate::report::{text::Style, to_json};

fn samples(ending: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|p| p.to_string_lossy().ends_with(ending));
    all.sort();
    all.iter().map(|p| std::fs::read(p).unwrap()).collect()
}

fn report(format: &'static Format, facts: &Facts, options: &Options) -> String {
    let mut run = Run::new(options);
    run.add_judged("x", format.name, judge(facts, options));
    to_json(&run.report).unwrap() + &crate::report::render(&run.report, &run.blocks, Style::default())
}

/// Cut into far shorter stretches than real files are, the report must not change by a byte.
fn same(bytes: &[u8], stretches: [u64; 2]) {
    let options = Options { full: true, ..Options::default() };
    let (format, whole) = super::super::read(bytes, &options).unwrap();
    let want = report(format, &whole, &options);
    let path = std::env::temp_dir().join(format!("why401-stretches-{}-{}", std::process::id(), format.name));
    std::fs::write(&path, bytes).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    for (threads, block, stretch) in [(1, 4096, stretches[0]), (2, 1 << 20, stretches[1])] {
        let plan = Parallel { threads, block, stretch, least: 0 };
        let mut all = Facts::default();
        let of = (&file, bytes.len() as u64);
        let n = feed_parallel(of, format, &options.reading, plan, Facts::default, |f| drop(all.absorb(f))).unwrap();
        all.finish();
        assert!(n > 5, "{n} stretches of {} bytes", bytes.len());
        assert!(report(format, &all, &options) == want, "{} {threads} {block} {stretch}", format.name);
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn stretches_change_no_byte_of_the_report_on_a_har() {
    let mut entries: Vec<Value> = Vec::new();
    for bytes in samples(".har") {
        let har: Value = serde_json::from_slice(&bytes).unwrap();
        entries.extend(har["log"]["entries"].as_array().unwrap().iter().cloned());
    }
    let har =
        serde_json::json!({"log": {"version": "1.2", "creator": {"name": "n", "version": "1"}, "entries": entries}});
    same(&serde_json::to_vec(&har).unwrap(), [40_000, 15_000]);
    same(&serde_json::to_vec_pretty(&har).unwrap(), [70_000, 25_000]);
}

#[test]
fn stretches_change_no_byte_of_the_report_on_a_log() {
    let all: Vec<u8> = samples(".log").concat();
    same(&all.repeat(30), [9000, 4000]);
}

/// A log of clients that log in, call, and at times err; each call has a path of its own.
fn long_log() -> String {
    let mut out = String::new();
    for n in 0..6000_u32 {
        let (client, session, step) = (n % 12, n / 12 / 40, n / 12 % 40);
        let token = format!("{client:02}{session:03}QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2");
        let wrong = client % 4 == 1 && step > 20;
        let (method, path, status, sent) = match (step, client % 3) {
            (0, _) => ("POST", "/api/login".to_owned(), 200, "-".to_owned()),
            (39, 0) => ("DELETE", "/api/logout".to_owned(), 204, format!("Bearer {token}")),
            (_, 1) if wrong => ("GET", format!("/api/looks/{n}"), 401, format!("Bearer Bearer {token}")),
            _ if wrong => ("GET", format!("/api/looks/{n}"), 401, "Bearer ".to_owned()),
            _ => ("GET", format!("/api/looks/{n}"), 200, format!("Bearer {token}")),
        };
        let (min, sec) = (n / 60 % 60, n % 60);
        out.push_str(&format!(
            "10.0.0.{client} - - [01/Jan/2026:10:{min:02}:{sec:02} +0000] \"{method} {path} HTTP/1.1\" {status} 12 \"-\" \"okhttp/4\" \"{sent}\"\n"
        ));
    }
    out
}

/// Reads a text line by line into `facts`, so many lines a stretch; see [`Facts::stretch`].
fn by_lines(text: &str, format: &'static Format, mut facts: Facts, stretch: usize, from: u64, loud: bool) -> Facts {
    let mut reader = (format.open)(&Options::default().reading);
    let mut next = Facts::stretch(from, loud, Spare::default());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let offset = (line.as_ptr() as usize - text.as_ptr() as usize) as u64;
        let window = Window { bytes: line.as_bytes(), offset, last: false, limit: u64::MAX };
        reader.read(window, &mut next);
        next.passed(line.as_bytes(), offset);
        if number % stretch == stretch - 1 {
            facts.absorb(std::mem::replace(&mut next, Facts::stretch(from, loud, Spare::default())));
        }
    }
    facts.absorb(next);
    facts.finish();
    facts
}

/// The root causes with how much each explains, and what else is counted.
fn told(format: &'static Format, facts: &Facts) -> (Vec<(String, u64)>, Value, Value) {
    let options = Options::default();
    let mut run = Run::new(&options);
    run.add_judged("x", format.name, judge(facts, &options));
    let report = serde_json::to_value(&run.report).unwrap();
    let all = report["findings"].as_array().unwrap();
    let mut causes: Vec<(String, u64)> = all
        .iter()
        .filter(|f| f["root_cause"] == true)
        .map(|f| (format!("{} {}", f["rule"], f["message"]), f["explains_count"].as_u64().unwrap()))
        .collect();
    causes.sort();
    (causes, report["captures"].clone(), report["credentials"].clone())
}

/// Clients that log in, call, and call again when the token is over, or was given back, or is another's.
fn long_har() -> String {
    let mut out =
        String::from("{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"n\",\"version\":\"1\"},\"entries\":[\n");
    let mut entry = |minute: u32,
                     client: u32,
                     method: &str,
                     path: &str,
                     token: Option<&str>,
                     status: u16,
                     answer: &str| {
        let at = format!("2026-03-{:02}T{:02}:{:02}:00", 1 + minute / 1440, minute / 60 % 24, minute % 60);
        let sent = token.map_or(String::new(), |t| format!(",{{\"name\":\"Authorization\",\"value\":\"Bearer {t}\"}}"));
        let asked = if status == 401 { ",{\"name\":\"WWW-Authenticate\",\"value\":\"Bearer\"}" } else { "" };
        let comma = if out.ends_with("[\n") { "" } else { "," };
        out.push_str(&format!(
            "{comma}{{\"startedDateTime\":\"{at}.000Z\",\"time\":9,\"request\":{{\"method\":\"{method}\",\"url\":\"https://api.quay.example{path}\",\"headers\":[{{\"name\":\"Host\",\"value\":\"api.quay.example\"}}{sent}]}},\"response\":{{\"status\":{status},\"headers\":[{{\"name\":\"Content-Type\",\"value\":\"application/json\"}}{asked}],\"content\":{{\"mimeType\":\"application/json\",\"text\":{answer}}}}},\"_client\":\"10.0.0.{client}\"}}\n"
        ));
    };
    let no = "\"{\\\"error\\\":\\\"unauthorized\\\"}\"";
    for n in 0..600_u32 {
        let (minute, client) = (n * 20, n % 23);
        // One token in four is handed out again.
        let token = format!("{:04}QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2", if n % 4 == 3 { n - 3 } else { n });
        let grant = format!("\"{{\\\"access_token\\\":\\\"{token}\\\",\\\"expires_in\\\":600}}\"");
        entry(minute, client, "POST", "/api/login", None, 200, &grant);
        if n % 3 > 0 {
            entry(minute + 1, client, "GET", &format!("/api/looks/{n}"), Some(&token), 200, "\"{}\"");
        }
        if n % 5 == 0 {
            entry(minute + 2, client, "DELETE", "/api/logout", Some(&token), 204, "\"\"");
        }
        let files = format!("/files/{n}");
        entry(minute + 2, client, "GET", &files, None, 401, no);
        if n % 6 > 0 {
            entry(minute + 2, client, "GET", &files, Some(&token), 200, "\"{}\"");
        }
        let late = if n % 7 == 0 { 3 } else { 19 };
        if n % 2 == 0 {
            entry(minute + late, client, "GET", &format!("/api/looks/{n}"), Some(&token), 401, no);
        }
    }
    out + "]}}\n"
}

/// Refusals of tokens whose story is the same are counted with one of them; other stories stay apart.
#[test]
fn tokens_of_one_story_are_refused_for_one_reason() {
    let har = long_har();
    let (format, _) = super::super::read(har.as_bytes(), &Options::default()).unwrap();
    let split = format.split.unwrap();
    let read = |facts, stretch, from| by_lines(&har, format, facts, stretch, from, false);
    let thinner = |fine| {
        let mut facts = Facts::thinner(100, 20, fine);
        facts.put_aside(move |bytes, offset| again(split, &crate::format::Options::default(), bytes, offset));
        facts
    };
    let sums = |facts: &Facts| {
        let (causes, captures, _) = told(format, facts);
        let mut of: BTreeMap<String, u64> = BTreeMap::new();
        causes.iter().for_each(|(rule, n)| *of.entry(rule.split(' ').next().unwrap().to_owned()).or_default() += n);
        (of, captures)
    };
    let whole = read(Facts::default(), 50, u64::MAX);
    let (fine, coarse) = (read(thinner(u32::MAX), 50, u64::MAX), read(thinner(10), 50, u64::MAX));
    assert!(coarse.list.len() * 4 < fine.list.len() * 3, "{} of {}", coarse.list.len(), fine.list.len());
    assert!(sums(&whole).0.len() >= 3, "{:?}", sums(&whole).0);
    assert_eq!(sums(&fine), sums(&whole));
    assert_eq!(sums(&coarse), sums(&whole));
    for (stretch, from) in [(7, 0), (31, u64::MAX)] {
        let options = Options::default();
        assert!(report(format, &coarse, &options) == report(format, &read(thinner(10), stretch, from), &options));
    }
}

#[test]
fn a_long_capture_keeps_less_and_says_the_same() {
    let options = Options::default();
    let log = long_log();
    let (format, _) = super::super::read(log.as_bytes(), &options).unwrap();
    let split = format.split.unwrap();
    let read = |facts: Facts, stretch: usize, from: u64, loud: bool| by_lines(&log, format, facts, stretch, from, loud);
    let tell = |facts: &Facts| told(format, facts);
    let whole = read(Facts::default(), 100, u64::MAX, false);
    let thin = read(Facts::thinner(200, 50, 4096), 100, u64::MAX, false);
    assert_eq!(whole.list.len(), 6000);
    assert!(thin.list.len() < 2200, "{} rows", thin.list.len());
    assert_eq!(tell(&thin).0, tell(&whole).0);
    assert_eq!(tell(&thin).1, tell(&whole).1);
    let counts = |c: &Value| {
        let list = c.as_array().unwrap().iter();
        list.map(|c| (c["uses"].clone(), c["accepted"].clone(), c["denied"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(counts(&tell(&thin).2), counts(&tell(&whole).2));
    let other = read(Facts::thinner(200, 50, 4096), 37, 0, false);
    assert!(report(format, &thin, &options) == report(format, &other, &options));

    let parking = || {
        let mut facts = Facts::thinner(200, 50, 4096);
        facts.put_aside(move |bytes, offset| again(split, &crate::format::Options::default(), bytes, offset));
        facts
    };
    let parked = read(parking(), 100, u64::MAX, false);
    assert!(parked.list.len() * 4 < thin.list.len() * 3, "{} rows of {}", parked.list.len(), thin.list.len());
    assert_eq!(tell(&parked).0, tell(&whole).0);
    assert_eq!(tell(&parked).1, tell(&whole).1);
    let other = read(parking(), 37, 0, true);
    assert!(report(format, &parked, &options) == report(format, &other, &options));
}

/// Every log among the samples, read in short where that can be and in full: not a byte may differ.
#[test]
fn lines_in_short_say_what_they_say_in_full() {
    let (mut short, mut logs) = (0, samples(".log"));
    logs.extend(samples(".jsonl"));
    logs.push(long_log().into_bytes());
    for bytes in logs {
        let options = Options { full: true, ..Options::default() };
        let Ok((format, _)) = super::super::read(&bytes, &options) else { continue };
        let read = |from: u64, thin: bool| {
            let mut all = if thin { Facts::thinner(20, 10, 4096) } else { Facts::default() };
            let mut reader = (format.open)(&options.reading);
            let (mut next, mut told) = (Facts::stretch(from, false, Spare::default()), 0);
            for (number, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
                let offset = (line.as_ptr() as usize - bytes.as_ptr() as usize) as u64;
                let window = Window { bytes: line, offset, last: false, limit: u64::MAX };
                reader.read(window, &mut next);
                next.passed(line, offset);
                if number % 50 == 49 {
                    told += next.told_short();
                    all.absorb(std::mem::replace(&mut next, Facts::stretch(from, false, Spare::default())));
                }
            }
            told += next.told_short();
            all.absorb(next);
            all.finish();
            (report(format, &all, &options), all, told)
        };
        for thin in [false, true] {
            let (cheap, whole) = (read(0, thin), read(u64::MAX, thin));
            assert_eq!(
                format!("{:?}", cheap.1.list.iter().map(|f| row(&cheap.1, f)).collect::<Vec<_>>()),
                format!("{:?}", whole.1.list.iter().map(|f| row(&whole.1, f)).collect::<Vec<_>>())
            );
            assert!(cheap.0 == whole.0, "{} {thin}", format.name);
            assert_eq!(whole.2, 0);
            short += cheap.2;
        }
    }
    assert!(short > 5000, "{short} lines were told in short");
}

/// A row with its texts in place of their numbers.
fn row(facts: &Facts, f: &crate::facts::Fact) -> String {
    let t = |id| facts.strings.get(id).to_owned();
    let texts = [f.method, f.origin, f.path, f.route, f.actor, f.server].map(t);
    let uses: Vec<_> = f.uses.iter().map(|u| (facts.values.get(u.value), u.kind, t(u.scheme), u.odd)).collect();
    let rest = (f.id, f.at, f.url_hash, f.outcome, f.start, f.duration, f.date, f.join, &f.header_ids, f.media, f.side);
    format!("{texts:?} {uses:?} {rest:?} {:?} {:?} {} {:?}", f.origin_of_lines, f.flags, f.detail.is_some(), f.like)
}
