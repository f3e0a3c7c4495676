//! Against the shared samples, and against pieces of transcripts.

#![allow(clippy::string_slice, reason = "a wrong place in a test's own text may fail")]

use std::path::PathBuf;

use crate::format::{Listing, Window, drive, sniff};

fn shared() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
    let dir = std::env::var("WHY401_SHARED").map_or_else(|_| PathBuf::from(beside), PathBuf::from);
    dir.is_dir().then_some(dir)
}

fn list(bytes: &[u8], block: usize) -> Listing {
    let mut listing = Listing::default();
    drive(&mut *(super::FORMAT.open)(&crate::format::Options::default()), bytes, block, &mut listing);
    listing
}

fn lines(text: &str) -> Vec<String> {
    list(text.as_bytes(), 1 << 20).lines
}

#[test]
fn a_command_and_its_pasted_answer() {
    let text = "$ curl -H \"Authorization: token \" https://a.example/api/4.0/user\nYou get:\n\n{\"message\":\"no\"}\n";
    assert_eq!(lines(text), ["GET https://a.example/api/4.0/user answered req=3 res=?+body typed"]);
}

fn read(path: &std::path::Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    match bytes.strip_prefix(b"\xff\xfe") {
        Some(wide) => encoding_rs::UTF_16LE.decode(wide).0.into_owned().into_bytes(),
        None => bytes,
    }
}

/// Method, path and status of what the list of samples expects; what stands in parentheses was not observed.
#[test]
fn every_sample_gives_its_exchanges() {
    let Some(dir) = shared() else { return };
    let table = std::fs::read_to_string(dir.join("formats/curl/EXPECTED.tsv")).unwrap();
    let mut wrong = Vec::new();
    for row in table.lines().filter(|l| !l.starts_with('#')) {
        let (file, want) = row.split_once('\t').unwrap();
        let want: Vec<String> = want
            .split(" ; ")
            .filter(|w| !w.starts_with('(') || w.starts_with("(response only)") || w.starts_with("(from -w"))
            .map(str::to_owned)
            .collect();
        let bytes = read(&dir.join("formats/curl").join(file));
        let listing = list(&bytes, 1 << 20);
        // Typed commands without a trace are exchanges too, but the list leaves them out.
        let unseen = |l: &&String| {
            l.contains(" failed")
                || l.contains(" answered ")
                || l.contains(" - ") && l.contains(" typed")
                || l.starts_with("(none)")
        };
        let got: Vec<String> = listing.lines.iter().filter(|l| !unseen(l)).map(|l| brief(l)).collect();
        let fits = got.len() == want.len() && got.iter().zip(&want).all(|(g, w)| same(g, w));
        if !fits {
            wrong.push(format!("{file}\n   want {want:?}\n   got  {:?}", listing.lines));
        }
        assert_eq!(sniff(&bytes).map(|f| f.name), Some("curl"), "{file}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn brief(line: &str) -> String {
    let mut words = line.split(' ');
    let (method, url, status) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let path = url.split_once("://").map_or(url, |(_, r)| r.find('/').map_or("/", |i| &r[i..]));
    format!("{method} {path} {status}")
}

fn same(got: &str, want: &str) -> bool {
    let connect = |s: &str| s.starts_with("CONNECT ").then(|| s.rsplit(' ').next().map(str::to_owned));
    match (connect(got), connect(want)) {
        (Some(g), Some(w)) => g == w,
        _ if want.starts_with('(') => got.rsplit(' ').next() == want.rsplit(' ').next(),
        _ => got == want,
    }
}

/// Every exchange that a label names exists, and no request line of a trace is lost.
#[test]
fn every_capture_is_read() {
    let Some(dir) = shared() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(dir.join("captures")).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".labels.json") {
            continue;
        }
        let label: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        if label["format"] != "curl" {
            continue;
        }
        count += 1;
        let file = label["file"].as_str().unwrap();
        let bytes = std::fs::read(dir.join("captures").join(file)).unwrap();
        let listing = list(&bytes, 1 << 20);
        let requests = bytes.split(|b| *b == b'\n').filter(|l| {
            let at = memchr::memmem::find(l, b"> ").unwrap_or(0);
            l.get(at + 2..).is_some_and(|r| super::line::request_line(r).is_some()) && !l.starts_with(b"$")
        });
        assert_eq!(listing.lines.len(), requests.count(), "{file}: {:#?}", listing.lines);
        assert!(listing.problems.is_empty(), "{file}: {:?}", listing.problems);
        for finding in label["findings"].as_array().unwrap() {
            let index = finding["exchange"].as_u64().unwrap() as usize;
            let line = &listing.lines[index];
            assert!(line.contains(" 40") || line.contains(" 30") || finding["rule"] == "x", "{file} #{index}: {line}");
        }
        assert!(
            listing
                .lines
                .iter()
                .all(|l| l.contains("https://") && (l.contains("+body") || l.contains(" 30") || l.contains(" 204"))),
            "{file}: {:#?}",
            listing.lines
        );
        assert_eq!(sniff(&bytes).map(|f| f.name), Some("curl"), "{file}");
    }
    assert!(count > 20, "{count}");
}

/// Public transcripts from documents: one exchange each.
#[test]
fn every_public_transcript_is_read() {
    let Some(dir) = shared() else { return };
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(dir.join("corpus/curl")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = read(&path);
        let listing = list(&bytes, 1 << 20);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if listing.lines.len() != 1 || listing.lines[0].contains(" - ") || sniff(&bytes).map(|f| f.name) != Some("curl")
        {
            wrong.push(format!("{name}: {:?}", listing.lines));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The article as one file.
#[test]
fn the_article_gives_its_commands() {
    let Some(dir) = shared() else { return };
    let bytes = std::fs::read(dir.join("seeds/seed-A-looker-401-article.txt")).unwrap();
    let listing = list(&bytes, 1 << 20);
    let want = [
        "POST https://EXAMPLE.cloud.looker.com/api/4.0/login answered req=3+body res=?+body typed",
        "GET https://EXAMPLE.cloud.looker.com/api/4.0/user - req=3 typed",
        "GET https://EXAMPLE.cloud.looker.com/api/4.0/user answered req=2 res=?+body typed",
        "POST https://EXAMPLE.cloud.looker.com/api/4.0/login answered req=3+body res=?+body typed",
        "GET https://EXAMPLE.cloud.looker.com/api/4.0/user answered req=3 res=?+body typed",
        "POST https://EXAMPLE1.cloud.looker.com/api/4.0/login answered req=3+body res=?+body typed",
        "GET https://EXAMPLE2.cloud.looker.com/api/4.0/user answered req=3 res=?+body typed",
        "GET https://EXAMPLE.cloud.looker.com/api/4.0/user answered req=2 res=?+body typed",
        "GET https://EXAMPLE.cloud.looker.com/api/4.0/user answered req=3 res=?+body typed",
        "POST https://EXAMPLE.cloud.looker.com/api/4.0/user answered req=3+body res=?+body typed",
        "GET https://EXAMPLE.customer.com:19999/api/4.0/user - req=3 typed",
        "GET https://EXAMPLE.customer.com/api/4.0/user answered req=3 res=?+body typed",
        "GET https://EXAMPLE.cloud.looker.com/api/4.0/user 401 req=3 res=11+body typed",
    ];
    assert_eq!(listing.lines, want);
}

/// Keeps everything that is pushed, as text.
#[derive(Default)]
struct Full(Vec<String>);

impl crate::format::Sink for Full {
    fn exchange(&mut self, x: crate::http::Exchange<'_>) {
        self.0.push(format!("{x:?}"));
    }
    fn problem(&mut self, p: crate::format::Problem) {
        self.0.push(format!("{p:?}"));
    }
    fn recorder(&mut self, name: &str, version: &str) {
        self.0.push(format!("{name} {version}"));
    }
}

fn full(bytes: &[u8], block: usize) -> Vec<String> {
    let mut sink = Full::default();
    drive(&mut *(super::FORMAT.open)(&crate::format::Options::default()), bytes, block, &mut sink);
    sink.0
}

fn all_samples() -> Vec<(String, Vec<u8>)> {
    let Some(dir) = shared() else { return Vec::new() };
    let mut out = Vec::new();
    for folder in ["formats/curl", "corpus/curl", "captures", "seeds"] {
        for entry in std::fs::read_dir(dir.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "txt") {
                out.push((path.file_name().unwrap().to_string_lossy().into_owned(), read(&path)));
            }
        }
    }
    out.sort();
    out
}

#[test]
fn the_outcome_does_not_depend_on_blocks() {
    for (name, bytes) in all_samples() {
        let whole = full(&bytes, 1 << 20);
        for block in [1, 7, 4096] {
            let got = full(&bytes, block);
            let first = whole.iter().zip(&got).find(|(a, b)| a != b);
            assert!(first.is_none() && got.len() == whole.len(), "{name} in blocks of {block}: {first:#?}");
        }
    }
}

#[test]
fn cut_anywhere() {
    for (name, bytes) in all_samples() {
        let step = 1 + bytes.len() / 300;
        let whole = full(&bytes, 1 << 20).len();
        for end in (0..bytes.len()).step_by(step) {
            let n = full(&bytes[..end], 1 << 20).len();
            assert!(n <= whole + 3, "{name} cut at {end}: {n} of {whole}");
        }
    }
}

#[test]
fn heads_without_v_are_legs_of_the_command() {
    let text = "$ curl -i -L -x http://proxy.example:3128 https://a.example/x\nHTTP/1.1 200 Connection established\n\nHTTP/2 302 \nlocation: /y\n\n\
                HTTP/2 401 \ncontent-length: 4\n\ngone\n$ curl -I https://b.example\nHTTP/2 403 \ncontent-length: 9\n\n";
    let want = [
        "CONNECT http://proxy.example:3128/ 200 req=? res=0 typed",
        "GET https://a.example/x 302 req=2 res=1+body? typed",
        "GET https://a.example/y 401 req=? res=1+body typed",
        "HEAD https://b.example 403 req=2 res=1 typed",
    ];
    let got: Vec<String> =
        lines(text).iter().map(|l| l.replace("+body? res", " res").replace("req=?+body?", "req=?")).collect();
    assert_eq!(got, want);
}

#[test]
fn lengths_say_where_bodies_end() {
    let Some(dir) = shared() else { return };
    for (file, length) in
        [("v8.14.1-big-body-merged.txt", 18200), ("v8.14.1-big-body-pipe.txt", 18200), ("derived-wrapped-80.txt", 98)]
    {
        let whole = full(&std::fs::read(dir.join("formats/curl").join(file)).unwrap(), 1 << 20);
        let first = whole.iter().find(|x| x.starts_with("Exchange")).unwrap();
        let body = &first[first.rfind("body: Text { text: Text { raw: [").unwrap()..];
        let bytes = body.split(']').next().unwrap().matches(',').count() + 1;
        assert_eq!(bytes, length, "{file}");
    }
}

#[test]
fn curl_says_why_there_is_no_answer() {
    let text = "$ curl -v https://a.example/x\n*   Trying 10.0.0.1:443...\n* connect to 10.0.0.1 port 443 failed: Connection refused\n\
                * Closing connection 0\ncurl: (7) Failed to connect to a.example port 443: Connection refused\n$ ls\n";
    let got = full(text.as_bytes(), 1 << 20);
    assert_eq!(got.len(), 1, "{got:#?}");
    let words: String = "curl: (7)".bytes().map(|b| format!("{b}, ")).collect();
    assert!(got[0].contains(&format!("failure: Some(Text {{ raw: [{words}")), "{}", got[0]);
}

/// Each snippet as someone would paste it alone.
#[test]
fn each_snippet_of_the_article_is_one_exchange() {
    let Some(dir) = shared() else { return };
    let text = std::fs::read_to_string(dir.join("seeds/seed-A-looker-401-article.txt")).unwrap();
    let whole = list(text.as_bytes(), 1 << 20).lines;
    let starts: Vec<usize> = text.match_indices("$ curl ").map(|(at, _)| at).collect();
    assert_eq!(starts.len(), whole.len());
    for (i, start) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(text.len());
        assert_eq!(lines(&text[*start..end]), [whole[i].clone()], "{}", &text[*start..end]);
        assert_eq!(sniff(&text.as_bytes()[*start..end]).map(|f| f.name), Some("curl"));
    }
    assert_eq!(sniff(text.as_bytes()).map(|f| f.name), Some("curl"));
}

#[test]
fn damage_and_shells_mixed() {
    let text = "Hi,\n\n    $ curl -v -u 'svc:pw' 'https://a.example/v1?x=1&y=2'\n    * Connected to a.example (10.0.0.1) port 443 (#0)\n    \
                > GET /v1?x=1&y=2 HTTP/1.1\n    > Host: a.example\n    > Authorization: Basic c3ZjOnB3\n    >\n    < HTTP/1.1 401 No\n    \
                < Content-Length: 12\n    <\n    {\n      \"a\":1\n    }\n\nthen\n\n[ada@lab dir]$ curl -s -X POST https://id.example/token \\\n\
                >   -d grant_type=x -u id:pw | jq .\n{\n \"error\": 1\n}\n[ada@lab dir]$ ls\n{}\n[ada@lab dir]$ curl --oauth2-bearer t b.example/y\n\
                <?xml version=\"1.0\"?>\n<Error/>\n<Error>x</Error>\n[ada@lab dir]$ curl -k https://b.example/z\ncurl: (7) refused\n";
    let want = [
        "GET https://a.example/v1 401 req=2 res=1+body typed",
        "POST https://id.example/token answered req=4+body res=?+body typed",
        "GET http://b.example/y answered req=3 res=?+body typed",
        "GET https://b.example/z - req=2 typed failed",
    ];
    assert_eq!(lines(text), want);
}

#[test]
fn requests_without_an_answer_and_their_next_try() {
    let text = "* Connected to a.example (10.0.0.1) port 443 (#0)\n* TLSv1.3 (OUT), TLS handshake, Finished (20):\n> GET /1 HTTP/1.1\n> Host: a.example\n>\n\
                * Recv failure: Connection reset by peer\n* Closing connection 2\n*   Trying 10.0.0.1:443...\n> GET /1 HTTP/1.1\n> Host: a.example\n>\n\
                < HTTP/1.1 403 Forbidden\n< content-length: 2\n<\nno\n";
    assert_eq!(lines(text), ["GET https://a.example/1 - req=1 failed", "GET http://a.example/1 403 req=1 res=1+body"]);
}

/// Bodies that went to a file are never shown: that must cost neither exchanges nor time.
#[test]
fn hidden_bodies_cost_no_square() {
    let one = "> GET /1 HTTP/1.1\n> Host: a.example\n> Accept: */*\n>\n< HTTP/1.1 401 No\n< Content-Length: 77\n< A: b\n<\n{ [77 bytes data]\n* Connection #0 to host a left intact\n";
    let text = one.repeat(1200);
    assert_eq!(lines(&text).len(), 1200);
    assert_eq!(list(text.as_bytes(), 7000).lines.len(), 1200);
    let steps = |n: usize, block: usize| {
        let (mut curl, mut sink) = (super::Curl::default(), Count::default());
        drive(&mut curl, one.repeat(n).as_bytes(), block, &mut sink);
        assert_eq!(sink.0, n);
        curl.steps
    };
    for block in [7000, 1 << 20] {
        let (short, long) = (steps(600, block), steps(2400, block));
        // Ten lines an exchange; a window's last segment is begun again in the next. 4 is linear, 16 a square.
        assert!(short >= 6000, "{short} steps for 600 exchanges");
        assert!(long < short * 6, "{short} steps for 600 exchanges, {long} for 2400");
    }
}

/// Heads whose other half was not shown do not pile up until the input ends: their number would be squared.
#[test]
fn halves_of_exchanges_are_handed_on() {
    let halves = [
        "< HTTP/1.1 200 OK\n< Content-Length: 7\n<\n",
        "HTTP/1.1 200 OK\nContent-Length: 7\n\n",
        "> GET /1 HTTP/1.1\n> Host: a.example\n>\n",
        "=> Send header, 16 bytes (0x10)\n0000: GET /1 HTTP/1.1\n",
    ];
    for half in halves {
        let (text, mut curl, mut sink) = (half.repeat(3000), super::Curl::default(), Count::default());
        let window = Window { bytes: text.as_bytes(), offset: 0, last: false, limit: u64::MAX };
        let used = crate::format::Reader::read(&mut curl, window, &mut sink);
        assert!(text.len() - used < 300 * half.len(), "{} bytes of {half:?} are held back", text.len() - used);
    }
}

/// A command of a megabyte: every transfer would repeat it.
#[test]
fn commands_without_end_are_told_in_part() {
    let count = |text: String| lines(&text).len();
    assert_eq!(count(format!("$ curl {}\n", "http://a.example/ ".repeat(9000))), 256);
    assert!(count(format!("$ curl a.example{}\n", " --next a.example".repeat(9000))) <= 2048);
    let long = format!("$ curl -d {} {}\n", "x".repeat(16 << 20), "http://a.example/ ".repeat(200));
    assert_eq!(count(long), 3);
}

#[test]
fn a_status_that_write_out_printed() {
    let text = "$ curl -s -w '\\nHTTP_CODE:%{http_code}\\n' https://a.example/x\n{\"a\":1}\nHTTP_CODE:401\n$ curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' https://a.example/y\n403 0.001\n";
    let want =
        ["GET https://a.example/x 401 req=2 res=?+body typed", "GET https://a.example/y 403 req=2 res=?+body? typed"];
    assert_eq!(lines(text), want);
}

/// A body that never ends is given up, and what stands behind it is read.
#[test]
fn too_long_a_body_is_given_up() {
    let head = "$ curl -v http://a.example/1\n> GET /1 HTTP/1.1\n> Host: a.example\n>\n< HTTP/1.1 401 No\n<\n";
    let text = [head, &"x".repeat(70 << 20), "\n$ curl -v http://a.example/2\n", &head[29..]].concat();
    let got = list(text.as_bytes(), 4 << 20);
    assert_eq!(got.lines.len(), 2, "{:?}", got.lines);
    assert_eq!(got.problems.len(), 1, "{:?}", got.problems);
}

/// Counts, for measuring: `WHY401_BENCH=file cargo test throughput -- --ignored --nocapture`.
#[derive(Default)]
struct Count(usize, usize);

impl crate::format::Sink for Count {
    fn exchange(&mut self, x: crate::http::Exchange<'_>) {
        self.0 += 1;
        self.1 += usize::from(x.response.and_then(|r| r.status) == Some(401));
    }
    fn problem(&mut self, _: crate::format::Problem) {}
    fn recorder(&mut self, _: &str, _: &str) {}
}

#[test]
#[ignore = "a measurement, needs a file"]
fn throughput() {
    let Ok(file) = std::env::var("WHY401_BENCH") else { return };
    let bytes = std::fs::read(file).unwrap();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let mut sink = Count::default();
        let begun = std::time::Instant::now();
        drive(&mut *(super::FORMAT.open)(&crate::format::Options::default()), &bytes, 4 << 20, &mut sink);
        seen.push((bytes.len() as f64 / begun.elapsed().as_secs_f64() / 1e9, sink.0, sink.1));
    }
    assert!(seen.is_empty(), "GB/s, exchanges, 401s: {seen:?}");
}

/// PHP's curl writes the head of a request with one mark.
#[test]
fn a_head_with_one_mark() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts/php-8.2-curl.txt");
    let listing = crate::format::testing::listing(super::open, &std::fs::read(path).unwrap(), 1 << 20);
    assert_eq!(listing.lines, ["GET http://127.0.0.1:8471/v2/berths 401 req=3 res=5+body"]);
}

/// The timeline of Insomnia: the URL is told first, what is sent stands behind bars.
#[test]
fn insomnia() {
    let text = "* Preparing request to https://a.example/v1/me\n* Current time is 2026-11-25T10:00:00.000Z\n* Using libcurl/8.4.0\n\
        * Connected to a.example (203.0.113.9) port 443 (#0)\n\n> POST /v1/me HTTP/1.1\n> Host: a.example\n> User-Agent: insomnia/8.4.5\n\
        > Content-Length: 10\n\n| {\n| \"a\": 1}\n\n* Mark bundle as not supporting multiuse\n\n< HTTP/1.1 401 Unauthorized\n\
        < Content-Length: 24\n\n\n* Received 24 B chunk\n* Connection #0 to host a.example left intact\n";
    let told = crate::format::transcript::tests::told(text.as_bytes()).0;
    let [one] = told.as_slice() else { panic!("{told:?}") };
    assert!(one.starts_with("POST https://a.example/v1/me 401\n"), "{one}");
    assert!(one.ends_with("\n{\n\"a\": 1}\n?"), "{one}");
}
