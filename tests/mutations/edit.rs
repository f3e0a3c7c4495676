//! Edits of a sample: what a client or a server would have done otherwise.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

/// One edit. Exchanges are named by their place in the sample; `{N.key}` in a text stands for the field of answer N.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    /// A request header: set, added where it is absent, or taken away if the value is empty.
    Head(usize, &'static str, &'static str),
    /// A second request header of that name.
    Add(usize, &'static str, &'static str),
    /// A part of a request header.
    Mend(usize, &'static str, &'static str, &'static str),
    /// A claim of the JWT in this request header.
    Claim(usize, &'static str, &'static str, &'static str),
    /// A part of the URL.
    Url(usize, &'static str, &'static str),
    /// A parameter of the query: set, added, or taken away if the value is empty.
    Query(usize, &'static str, &'static str),
    /// The method.
    Method(usize, &'static str),
    /// The body of the request.
    Put(usize, &'static str),
    /// A field of a form: set, added, or taken away if the value is empty.
    Form(usize, &'static str, &'static str),
    /// Status and body of the answer; a challenge goes.
    Answer(usize, u16, &'static str),
    /// A header of the answer.
    Back(usize, &'static str, &'static str),
    /// Moves one exchange in time by both clocks, seconds.
    Later(usize, i64),
    /// Moves the client's clock alone at one exchange, seconds.
    Client(usize, i64),
    /// Repeats an exchange at the end of the file.
    Copy(usize),
    /// Takes an exchange out; those behind it keep their place in further edits.
    Cut(usize),
    /// Replaces a text wherever it stands in a transcript.
    Swap(&'static str, &'static str),
}

/// A sample that is being edited.
pub(crate) enum Sample {
    /// Entries; none where one was cut.
    Har(Value, Vec<Option<Value>>),
    /// A transcript of curl.
    Text(String),
}

impl Sample {
    pub(crate) fn open(name: &str) -> Self {
        let path = format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        if !name.ends_with(".har") {
            return Self::Text(text);
        }
        let har: Value = serde_json::from_str(&text).unwrap();
        let entries = har["log"]["entries"].as_array().unwrap().iter().cloned().map(Some).collect();
        Self::Har(har, entries)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Har(har, entries) => {
                let mut har = har.clone();
                har["log"]["entries"] = entries.iter().flatten().cloned().collect();
                serde_json::to_vec(&har).unwrap()
            }
        }
    }

    /// Where an exchange stands once others were cut.
    pub(crate) fn place(&self, at: usize) -> u64 {
        match self {
            Self::Text(_) => at as u64,
            Self::Har(_, entries) => entries[..at].iter().flatten().count() as u64,
        }
    }

    pub(crate) fn edit(&mut self, edit: Edit) {
        match self {
            Self::Text(text) => in_text(text, edit),
            Self::Har(_, entries) => in_entries(entries, edit),
        }
    }
}

fn in_text(text: &mut String, edit: Edit) {
    match edit {
        Edit::Swap(from, to) => {
            assert!(text.contains(from), "the transcript lacks {from:?}");
            *text = text.replace(from, to);
        }
        Edit::Answer(at, status, body) => *text = answered(text, at, status, body),
        other => panic!("{other:?} does not fit a transcript"),
    }
}

/// The transcript with another answer to its transfer `at`.
fn answered(text: &str, at: usize, status: u16, body: &str) -> String {
    let (mut out, mut seen, mut within) = (String::new(), 0, false);
    for line in text.lines() {
        if line.starts_with("< HTTP/") {
            seen += 1;
            within = seen == at + 1;
            let version = line.split(' ').nth(1).unwrap();
            if within {
                out += &format!("< {version} {status} \n< content-type: application/json\n");
                continue;
            }
        }
        let name = line.get(2..).unwrap_or_default().to_ascii_lowercase();
        let old = ["www-authenticate", "content-"].iter().any(|n| name.starts_with(n));
        if within && line.starts_with('<') && old {
            continue;
        }
        if within && !line.starts_with(['<', '*', '{', '[', '}']) && !line.starts_with("$ ") {
            continue;
        }
        let body_line = within && line.starts_with(['{', '[']) && line.len() > 2 && !line.contains("bytes data]");
        if body_line {
            continue;
        }
        out += line;
        out.push('\n');
        if within && line.trim_end() == "<" {
            out += body;
            out.push('\n');
        }
        within &= !line.starts_with("$ ");
    }
    assert!(seen > at, "the transcript has {seen} answers");
    out
}

fn in_entries(entries: &mut Vec<Option<Value>>, edit: Edit) {
    let told: Vec<Value> = entries.iter().map(fields).collect();
    let text = |t: &str| filled(t, &told);
    match edit {
        Edit::Head(at, name, value) => head(&mut one(entries, at)["request"], name, &text(value)),
        Edit::Add(at, name, value) => {
            let list = one(entries, at)["request"]["headers"].as_array_mut().unwrap();
            list.push(json!({"name": name, "value": text(value)}));
        }
        Edit::Mend(at, name, from, to) => {
            let value = header(one(entries, at), name);
            assert!(value.contains(from), "{name} lacks {from:?}");
            head(&mut one(entries, at)["request"], name, &value.replace(from, &text(to)));
        }
        Edit::Claim(at, name, claim, value) => {
            let old = header(one(entries, at), name);
            head(&mut one(entries, at)["request"], name, &claimed(&old, claim, value));
        }
        Edit::Url(at, from, to) => {
            let old = one(entries, at)["request"]["url"].as_str().unwrap().to_owned();
            assert!(old.contains(from), "{old} lacks {from:?}");
            address(&mut one(entries, at)["request"], &old.replace(from, &text(to)));
        }
        Edit::Query(at, name, value) => {
            let old = one(entries, at)["request"]["url"].as_str().unwrap().to_owned();
            let (path, query) = old.split_once('?').unwrap_or((&old, ""));
            address(&mut one(entries, at)["request"], &format!("{path}?{}", pairs(query, name, &text(value))));
        }
        Edit::Method(at, method) => one(entries, at)["request"]["method"] = json!(method),
        Edit::Put(at, body) => put(&mut one(entries, at)["request"], &text(body)),
        Edit::Form(at, name, value) => {
            let old = one(entries, at)["request"]["postData"]["text"].as_str().unwrap().to_owned();
            put(&mut one(entries, at)["request"], &pairs(&old, name, &text(value)));
        }
        Edit::Answer(at, status, body) => answer(&mut one(entries, at)["response"], status, body),
        Edit::Back(at, name, value) => {
            head(&mut one(entries, at)["response"], name, &text(value));
            if name.eq_ignore_ascii_case("location") {
                one(entries, at)["response"]["redirectURL"] = json!(text(value));
            }
        }
        Edit::Later(at, seconds) => {
            started(one(entries, at), seconds);
            dated(one(entries, at), seconds);
        }
        Edit::Client(at, seconds) => started(one(entries, at), seconds),
        Edit::Copy(at) => entries.push(entries[at].clone()),
        Edit::Cut(at) => entries[at] = None,
        Edit::Swap(..) => panic!("{edit:?} fits a transcript"),
    }
}

fn one(entries: &mut [Option<Value>], at: usize) -> &mut Value {
    entries[at].as_mut().expect("an exchange that was not cut")
}

/// The fields of an answer.
fn fields(entry: &Option<Value>) -> Value {
    let text = entry.as_ref().and_then(|e| e["response"]["content"]["text"].as_str());
    text.and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default()
}

fn filled(text: &str, told: &[Value]) -> String {
    let mut out = text.to_owned();
    for (n, answer) in told.iter().enumerate() {
        for (key, value) in answer.as_object().into_iter().flatten() {
            out = out.replace(&format!("{{{n}.{key}}}"), value.as_str().unwrap_or_default());
        }
    }
    let open = out.find('{').filter(|at| out[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    assert!(open.is_none(), "no such field: {out}");
    out
}

fn header(entry: &Value, name: &str) -> String {
    let list = entry["request"]["headers"].as_array().unwrap();
    let found = list.iter().find(|h| h["name"].as_str().unwrap().eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("no header {name}"))["value"].as_str().unwrap().to_owned()
}

fn head(side: &mut Value, name: &str, value: &str) {
    let list = side["headers"].as_array_mut().unwrap();
    list.retain(|h| !h["name"].as_str().unwrap().eq_ignore_ascii_case(name));
    if !value.is_empty() {
        list.push(json!({"name": name, "value": value}));
    }
    side["cookies"] = json!([]);
}

fn address(request: &mut Value, url: &str) {
    request["url"] = json!(url);
    request["queryString"] = json!([]);
    let host = url.split("://").nth(1).unwrap().split(['/', '?']).next().unwrap();
    head(request, "Host", host);
}

/// Pairs of a query or form with one of them set, added or taken away.
fn pairs(all: &str, name: &str, value: &str) -> String {
    let own = |pair: &&str| pair.split('=').next() == Some(name);
    let mut out: Vec<String> = all.split('&').filter(|p| !own(p) && !p.is_empty()).map(str::to_owned).collect();
    if !value.is_empty() {
        out.push(format!("{name}={value}"));
    }
    out.join("&")
}

fn put(request: &mut Value, body: &str) {
    let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    head(request, "Content-Type", kind);
    head(request, "Content-Length", &body.len().to_string());
    request["postData"] = json!({"mimeType": kind, "text": body});
}

fn answer(response: &mut Value, status: u16, body: &str) {
    let kind = if body.starts_with('{') { "application/json" } else { "text/html" };
    for gone in ["WWW-Authenticate", "Location"] {
        head(response, gone, "");
    }
    head(response, "Content-Type", kind);
    head(response, "Content-Length", &body.len().to_string());
    response["status"] = json!(status);
    response["statusText"] = json!("");
    response["redirectURL"] = json!("");
    response["content"] = json!({"size": body.len(), "mimeType": kind, "text": body});
}

/// Moves the client's clock.
fn started(entry: &mut Value, seconds: i64) {
    let start: jiff::Timestamp = entry["startedDateTime"].as_str().unwrap().parse().unwrap();
    entry["startedDateTime"] = json!((start + jiff::SignedDuration::from_secs(seconds)).to_string());
}

/// Moves the server's clock.
fn dated(entry: &mut Value, seconds: i64) {
    for h in entry["response"]["headers"].as_array_mut().unwrap() {
        if h["name"].as_str().unwrap().eq_ignore_ascii_case("date") {
            let date = httpdate::parse_http_date(h["value"].as_str().unwrap()).unwrap();
            let span = std::time::Duration::from_secs(seconds.unsigned_abs());
            h["value"] = json!(httpdate::fmt_http_date(if seconds < 0 { date - span } else { date + span }));
        }
    }
}

/// The JWT in a header with another claim, its signature kept.
fn claimed(header: &str, claim: &str, value: &str) -> String {
    let start = header.find("eyJ").expect("a JWT");
    let parts: Vec<&str> = header[start..].split('.').collect();
    let mut body: Value = serde_json::from_slice(&BASE64.decode(parts[1]).unwrap()).unwrap();
    body[claim] = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
    format!("{}{}.{}.{}", &header[..start], parts[0], BASE64.encode(body.to_string()), parts[2])
}
