//! What may not change a verdict: other names and tokens, unrelated traffic, the order of a file. What must weaken it:
//! evidence that is taken away. Over all samples, and over the labelled captures beside the project where they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use why401::analysis::{Options, analyze, read};
use why401::facts::Kind;
use why401::rule::{RULES, Rule};

/// The root cause of every refused exchange: rule and certainty.
type Verdicts = BTreeMap<u64, (String, String)>;

struct Capture {
    name: String,
    bytes: Vec<u8>,
}

impl Capture {
    fn har(&self) -> Option<Value> {
        serde_json::from_slice(&self.bytes).ok().filter(|v: &Value| v["log"]["entries"].is_array())
    }

    fn curl(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        (self.name.ends_with(".txt") && text.contains("\n< HTTP/") && !self.name.contains("mitm")).then_some(text)
    }
}

fn captures() -> Vec<Capture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in [root.join("samples"), root.join("../shared/captures")] {
        let Ok(list) = std::fs::read_dir(folder) else { continue };
        files.extend(list.map(|e| e.unwrap().path()).filter(|p| {
            let name = p.to_str().unwrap();
            [".har", ".txt", ".log"].iter().any(|end| name.ends_with(end))
        }));
    }
    files.sort();
    let name = |p: &PathBuf| p.file_name().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|p| Capture { name: name(p), bytes: std::fs::read(p).unwrap() }).collect()
}

fn verdicts(bytes: &[u8]) -> Verdicts {
    let run = analyze("capture", bytes, &Options { full: true, ..Options::default() }).unwrap();
    let roots = run.report.findings.iter().filter(|f| f.root_cause);
    roots.flat_map(|f| f.explains.iter().map(|p| (p.index, (f.rule.clone(), f.confidence.clone())))).collect()
}

/// Findings that were no root cause.
fn consequences(bytes: &[u8]) -> Vec<(u64, String)> {
    let run = analyze("capture", bytes, &Options { full: true, ..Options::default() }).unwrap();
    let findings = run.report.findings.iter().filter(|f| !f.root_cause);
    findings.flat_map(|f| f.explains.iter().map(|p| (p.index, f.rule.clone()))).collect()
}

fn rules(v: &Verdicts) -> Vec<(u64, &str)> {
    v.iter().map(|(i, (r, _))| (*i, r.as_str())).collect()
}

fn replaced(bytes: &[u8], pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match pairs.iter().find(|(from, _)| bytes[at..].starts_with(from)) {
            Some((from, to)) => {
                out.extend_from_slice(to);
                at += from.len();
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} captures:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn other_host_names_change_no_verdict() {
    let mut wrong = Vec::new();
    for c in captures() {
        // A name of the same length, so that no length in the capture becomes wrong. Claims of a JWT keep the old
        // name, so captures in which they matter are left out.
        if read(&c.bytes, &Options::default()).unwrap().1.values.iter().any(|v| v.1.starts_with(b"eyJ")) {
            continue;
        }
        let renamed = replaced(&c.bytes, &[(b"example.test".to_vec(), b"sampler.test".to_vec())]);
        let (before, after) = (verdicts(&c.bytes), verdicts(&renamed));
        if before != after {
            wrong.push(format!("{}: {before:?} became {after:?}", c.name));
        }
    }
    report(&wrong);
}

/// The same length and kinds of characters, the first six kept: prefixes mean something.
fn other_token(token: &[u8]) -> Vec<u8> {
    let turn = |b: &u8| match b {
        b'a'..=b'z' => (b - b'a' + 7) % 26 + b'a',
        b'A'..=b'Z' => (b - b'A' + 7) % 26 + b'A',
        b'0'..=b'9' => (b - b'0' + 3) % 10 + b'0',
        other => *other,
    };
    token.iter().enumerate().map(|(i, b)| if i < 6 { *b } else { turn(b) }).collect()
}

#[test]
fn other_tokens_change_no_verdict() {
    let mut wrong = Vec::new();
    for c in captures() {
        let (_, facts) = read(&c.bytes, &Options::default()).unwrap();
        // Within base64 a token cannot be turned.
        if facts.values.iter().any(|(_, _, k)| k == Kind::Basic) {
            continue;
        }
        let secret = |k: Kind| matches!(k, Kind::Token | Kind::Refresh | Kind::Code | Kind::Cookie | Kind::ApiKey);
        let opaque = |v: &[u8]| {
            v.len() >= 16 && !v.starts_with(b"eyJ") && v.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
        };
        let mut tokens: Vec<Vec<u8>> =
            facts.values.iter().filter(|(_, v, k)| secret(*k) && opaque(v)).map(|(_, v, _)| v.to_vec()).collect();
        // A cut token is a stretch of the whole one: the longest goes first, and a stretch is turned with it.
        tokens.sort_by_key(|t| std::cmp::Reverse(t.len()));
        let inside = |t: &[u8]| tokens.iter().any(|o| o.len() > t.len() && o.windows(t.len()).any(|w| w == t));
        let pairs: Vec<_> = tokens.iter().filter(|t| !inside(t)).map(|t| (t.clone(), other_token(t))).collect();
        let cut: Vec<_> = tokens.iter().filter(|t| inside(t)).collect();
        if pairs.is_empty() || !cut.is_empty() {
            continue;
        }
        let (before, after) = (verdicts(&c.bytes), verdicts(&replaced(&c.bytes, &pairs)));
        if rules(&before) != rules(&after) {
            wrong.push(format!("{}: {before:?} became {after:?}", c.name));
        }
    }
    report(&wrong);
}

fn entry(host: &str, path: &str, status: u64, like: &Value) -> Value {
    json!({
        "startedDateTime": like["startedDateTime"], "time": 3, "pageref": "why401-other",
        "request": {"method": "GET", "url": format!("https://{host}{path}"), "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
            "headers": [{"name": "Host", "value": host}, {"name": "User-Agent", "value": "other/1.0"}, {"name": "Accept", "value": "*/*"}],
            "headersSize": -1, "bodySize": 0},
        "response": {"status": status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [{"name": "Content-Type", "value": "text/plain"}], "content": {"size": 2, "mimeType": "text/plain", "text": "hm"},
            "redirectURL": "", "headersSize": -1, "bodySize": 2},
        "cache": {}, "timings": {"send": 1, "wait": 1, "receive": 1}
    })
}

#[test]
fn unrelated_traffic_changes_no_verdict() {
    let mut wrong = Vec::new();
    for c in captures() {
        let Some(mut har) = c.har() else { continue };
        let before = verdicts(&c.bytes);
        let old = har["log"]["entries"].as_array().unwrap().clone();
        let mut new = Vec::new();
        let mut place = Vec::new();
        for (i, e) in old.iter().enumerate() {
            new.push(entry("cdn.elsewhere.invalid", &format!("/img/{i}.png"), 200, e));
            place.push(new.len() as u64);
            new.push(e.clone());
            new.push(entry("api.elsewhere.invalid", &format!("/v9/{i}"), 401, e));
        }
        har["log"]["entries"] = Value::Array(new);
        let after = verdicts(&serde_json::to_vec(&har).unwrap());
        let moved: Verdicts = before.iter().map(|(i, v)| (place[*i as usize], v.clone())).collect();
        let own: Verdicts = after.iter().filter(|(i, _)| place.contains(i)).map(|(i, v)| (*i, v.clone())).collect();
        if rules(&moved) != rules(&own) {
            wrong.push(format!("{}: {moved:?} became {own:?}", c.name));
        }
    }
    report(&wrong);
}

#[test]
fn the_order_of_a_har_changes_no_verdict() {
    let mut wrong = Vec::new();
    for c in captures() {
        let Some(mut har) = c.har() else { continue };
        let entries = har["log"]["entries"].as_array_mut().unwrap();
        let n = entries.len() as u64;
        let times: std::collections::BTreeSet<String> =
            entries.iter().map(|e| e["startedDateTime"].to_string()).collect();
        if times.len() < entries.len() {
            continue;
        }
        entries.reverse();
        let (before, after) = (verdicts(&c.bytes), verdicts(&serde_json::to_vec(&har).unwrap()));
        let back: Verdicts = after.into_iter().map(|(i, v)| (n - 1 - i, v)).collect();
        if rules(&before) != rules(&back) {
            wrong.push(format!("{}: {before:?} became {back:?}", c.name));
        }
    }
    report(&wrong);
}

#[test]
fn unrelated_transfers_change_no_verdict_of_a_transcript() {
    const OTHER: &str = "> GET /v9/x HTTP/1.1\n> Host: api.elsewhere.invalid\n> User-Agent: curl/7.88.1\n> Accept: */*\n> \n< HTTP/1.1 401 Unauthorized\n< Content-Length: 0\n< \n";
    let mut wrong = Vec::new();
    for c in captures() {
        let Some(text) = c.curl() else { continue };
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let longer = format!("{text}{end}* Connected to api.elsewhere.invalid (192.0.2.99) port 443 (#77)\n{OTHER}");
        let (before, mut after) = (verdicts(&c.bytes), verdicts(longer.as_bytes()));
        after.pop_last();
        if rules(&before) != rules(&after) {
            wrong.push(format!("{}: {before:?} became {after:?}", c.name));
        }
    }
    report(&wrong);
}

fn rule(name: &str) -> &'static Rule {
    RULES.iter().copied().find(|r| r.name == name).unwrap()
}

/// A cause that claims to be more than the last resort.
fn confident((name, sure): &(String, String)) -> bool {
    !rule(name).is_fallback() && (sure == "certain" || sure == "strong")
}

#[test]
fn without_credentials_no_other_cause_is_certain() {
    let mut wrong = Vec::new();
    for c in captures() {
        let Some(mut har) = c.har() else { continue };
        har["log"]["creator"] = json!({"name": "WebInspector", "version": "537.36"});
        for e in har["log"]["entries"].as_array_mut().unwrap() {
            for (side, names) in [("request", &["authorization", "cookie"][..]), ("response", &["set-cookie"][..])] {
                if let Some(list) = e[side]["headers"].as_array_mut() {
                    list.retain(|h| !names.contains(&h["name"].as_str().unwrap_or_default().to_lowercase().as_str()));
                }
                e[side]["cookies"] = json!([]);
            }
        }
        let (before, after) = (verdicts(&c.bytes), verdicts(&serde_json::to_vec(&har).unwrap()));
        let other = |(i, v): (&u64, &(String, String))| confident(v) && before.get(i).is_some_and(|b| b.0 != v.0);
        if after.iter().any(other) {
            wrong.push(format!("{}: {before:?} became {after:?}", c.name));
        }
    }
    report(&wrong);
}

#[test]
fn without_its_login_no_other_cause_is_certain() {
    let mut wrong = Vec::new();
    for c in captures() {
        let Some(mut har) = c.har() else { continue };
        let (_, facts) = read(&c.bytes, &Options::default()).unwrap();
        let profiles = why401::provider::Profiles::new();
        let trace = why401::trace::Trace::build(&facts, &profiles);
        let login: Vec<bool> = facts.list.iter().map(|f| trace.ex(f.id).class().issues()).collect();
        if !login.contains(&true) {
            continue;
        }
        let entries = har["log"]["entries"].as_array().unwrap().clone();
        let kept: Vec<u64> = (0..entries.len() as u64).filter(|i| !login[*i as usize]).collect();
        har["log"]["entries"] = kept.iter().map(|i| entries[*i as usize].clone()).collect();
        if kept.is_empty() {
            continue;
        }
        let (before, after) = (verdicts(&c.bytes), verdicts(&serde_json::to_vec(&har).unwrap()));
        let followed = consequences(&c.bytes);
        for (i, v) in &after {
            let at = kept[*i as usize];
            let old = before.get(&at);
            // What only followed from the login's failure is a cause of its own once the login is not seen.
            if confident(v) && old.is_some_and(|b| b.0 != v.0) && !followed.contains(&(at, v.0.clone())) {
                wrong.push(format!("{} #{}: {old:?} became {v:?}", c.name, kept[*i as usize]));
            }
        }
    }
    report(&wrong);
}

#[test]
fn the_order_of_the_rules_decides_nothing() {
    for c in captures() {
        let (_, facts) = read(&c.bytes, &Options::default()).unwrap();
        let profiles = why401::provider::Profiles::new();
        let trace = why401::trace::Trace::build(&facts, &profiles);
        let told = |rules: &[&'static Rule]| {
            let outcome = why401::diagnosis::diagnose_with(&trace, rules);
            let roots = outcome.diagnoses.iter();
            roots.map(|d| format!("{} {} {:?}", d.root.rule.name, d.root.subject, d.root.explains)).collect::<Vec<_>>()
        };
        let straight = told(RULES);
        let mut mixed: Vec<&'static Rule> = RULES.to_vec();
        mixed.reverse();
        assert_eq!(straight, told(&mixed), "{}", c.name);
        let half = mixed.len() / 2;
        mixed.rotate_left(half);
        assert_eq!(straight, told(&mixed), "{}", c.name);
    }
}
