use super::*;
use crate::format::by_name;
use crate::source::testing::{Folder, Found, Numbers};

fn line_start(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes).map(|at| at + 1)
}

fn numbers(_: &Options) -> Box<dyn Reader + Send> {
    Box::new(Numbers::default())
}

const TOY: Format = Format {
    name: "toy",
    title: "lines",
    sniff: |_| 0,
    open: numbers,
    split: Some(Split { next: line_start, inside: numbers, alone: true }),
};

fn read(bytes: &[u8], format: &Format, plan: Parallel) -> (Found, u64) {
    let folder = Folder::new();
    let file = File::open(folder.put("x", bytes)).unwrap();
    let mut all = Found::default();
    let of = (&file, bytes.len() as u64);
    let n = feed_parallel(of, format, &Options::default(), plan, Found::default, |s| all.absorb(s)).unwrap();
    (all, n)
}

fn plan(threads: usize, block: usize, stretch: u64) -> Parallel {
    Parallel { threads, block, stretch, least: 0 }
}

/// Every plan must find what one reader finds.
fn same(bytes: &[u8], format: &Format, stretches: &[u64]) -> u64 {
    let (want, one) = read(bytes, format, Parallel { least: u64::MAX, ..Parallel::default() });
    assert_eq!(one, 1);
    assert_eq!(want.passed, Some((0, bytes.len() as u64)));
    let mut most = 0;
    for stretch in stretches {
        for (threads, block) in [(1, 64), (2, 1 << 20), (3, 1000), (0, 7000)] {
            let (found, n) = read(bytes, format, plan(threads, block, *stretch));
            assert!(found.lines == want.lines && found.at == want.at, "{threads} {block} {stretch}");
            assert_eq!((found.passed, found.breaks), (want.passed, want.breaks), "{threads} {block} {stretch}");
            assert_eq!(found.problems, want.problems, "{threads} {block} {stretch}");
            most = most.max(n);
        }
    }
    most
}

#[test]
fn lines_are_the_same_for_every_plan() {
    let text: String = (0..4000).map(|i| format!("{i}{}\n", "x".repeat(i * 7 % 90))).collect();
    assert!(same(text.as_bytes(), &TOY, &[100, 1000, 4096, 50_000]) > 1000);
}

#[test]
fn wrong_guesses_are_dropped_and_read_again() {
    // Every second line start is a wrong guess, and long exchanges run over many of them.
    let parts = |i: usize| if i.is_multiple_of(3) { i * i % 40 } else { 0 };
    let text: String = (0..3000).map(|i| format!("{i}{}\n", "some text\\\nx".repeat(parts(i)))).collect();
    let n = same(text.as_bytes(), &TOY, &[60, 500, 4096]);
    assert!((10..text.len() as u64 / 60).contains(&n), "{n}");
}

#[test]
fn no_guess_is_right() {
    let text = "a\\\n".repeat(40_000);
    assert_eq!(same(text.as_bytes(), &TOY, &[9000, 30_000]), 1);
    assert_eq!(same(b"no line break at all", &TOY, &[3]), 1);
}

#[test]
fn small_files_and_formats_without_split_have_one_reader() {
    let (found, n) = read(b"1\n2\n", &TOY, Parallel::default());
    assert_eq!((found.lines.len(), n), (2, 1));
    let whole = Format { split: None, ..TOY };
    assert_eq!(read(&b"1\n".repeat(999), &whole, plan(2, 10, 10)).1, 1);
    assert_eq!(read(b"", &TOY, plan(2, 10, 10)), (Found::default(), 1));
}

#[test]
fn access_logs_are_the_same_for_every_plan() {
    let line = |i: usize| {
        let status = if i.is_multiple_of(9) { 401 } else { 200 };
        let path = "p".repeat(i % 50);
        format!(
            "10.0.0.{} - - [10/Oct/2024:13:55:36 +0000] \"GET /{i}/{path} HTTP/1.1\" {status} 12 \"-\" \"c\"\n",
            i % 200
        )
    };
    let text: String = (0..6000).map(line).collect();
    assert!(same(text.as_bytes(), by_name("access-log").unwrap(), &[5000, 65_536]) > 50);
}

#[test]
fn hars_are_the_same_for_every_plan() {
    let entry = |i: usize| {
        let inner = r#"{\"log\":{\"entries\":[{\"startedDateTime\":\"x\",\"request\":{}},{\"startedDateTime\""#;
        let body = if i % 40 == 7 { inner.repeat(300) } else { "y".repeat(i * 13 % 700) };
        let own = if i % 50 == 3 { r#""_x":[{"startedDateTime":"a"},{"request":{}},{"request":{}}],"# } else { "" };
        format!(
            r#"{{"startedDateTime":"2024-01-01T00:00:00Z",{own}"time":1,"request":{{"method":"GET","url":"https://a.example/{i}","headers":[]}},"response":{{"status":401,"headers":[],"content":{{"text":"{body}"}}}},"timings":{{}}}}"#
        )
    };
    let pages = r#"{"startedDateTime":"2024-01-01T00:00:00Z","id":"p","title":"t","pageTimings":{}}"#;
    let entries: Vec<String> = (0..1500).map(entry).collect();
    let text = format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"n","version":"1"}},"entries":[{}],"pages":[{pages},{pages}]}}}}"#,
        entries.join(",\n")
    );
    assert!(same(text.as_bytes(), by_name("har").unwrap(), &[4000, 30_000, 200_000]) > 50);
}

#[test]
fn transcripts_of_curl_are_the_same_for_every_plan() {
    let call = |i: usize| {
        let body = match i % 11 {
            3 => "$ curl https://a.example/not\n".repeat(9),
            5 => "y".repeat(i * 13 % 3000),
            _ => format!("{{\"id\": {i}}}\n"),
        };
        // With and without a length, before and behind what curl notes, with another hop, without a prompt, typed only.
        let length = if i.is_multiple_of(4) { String::new() } else { format!("< Content-Length: {}\r\n", body.len()) };
        let prompt = if i % 7 == 2 { String::new() } else { format!("$ curl -v https://a.example/{i} -H 'A: b'\n") };
        let head = format!(
            "*   Trying 10.0.0.1:443...\n* Connected to a.example (10.0.0.1) port 443 (#{})\n> GET /{i} HTTP/1.1\r\n> Host: a.example\r\n> \r\n< HTTP/1.1 {} X\r\n{length}< \r\n",
            i % 3,
            if i.is_multiple_of(9) { 401 } else { 200 },
        );
        let intact = format!("* Connection #{} to host a.example left intact\n", i % 3);
        match i % 13 {
            4 => format!("{prompt}{head}{intact}{body}\n\nsome prose\n"),
            6 => format!("ada@lab:~$ curl https://a.example/typed/{i}\n{{\"error\":\"x\"}}\n"),
            8 => format!(
                "{prompt}{head}{body}{intact}* Re-using existing connection #{} with host a.example\n{head}{body}",
                i % 3
            ),
            10 => "  Resolving a.example... done\n".to_owned(),
            _ => format!("{prompt}{head}{body}{intact}"),
        }
    };
    let text: String = (0..2500).map(call).collect();
    assert!(same(text.as_bytes(), by_name("curl").unwrap(), &[4000, 30_000, 200_000]) > 50);
    // Quoted, a prompt carries its marks over: one reader reads it all.
    let quoted: String = text.lines().take(4000).map(|l| format!("> {l}\n")).collect();
    same(quoted.as_bytes(), by_name("curl").unwrap(), &[30_000]);
}
