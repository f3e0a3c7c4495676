//! `docs/formats.md` names every format of the code, and what it calls observable is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail")]

use std::collections::BTreeMap;
use std::path::Path;

use why401::format::{FORMATS, Options, Problem, Sink, drive, sniff};
use why401::http::{Body, Exchange, Headers, Seen};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The rows of the table: their columns.
fn rows() -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/formats.md")).expect("the page");
    let rows = page.lines().filter(|l| l.starts_with("| `"));
    rows.map(|l| l.trim_matches('|').split(" | ").map(|c| c.trim().to_owned()).collect()).collect()
}

#[test]
fn the_page_names_every_format() {
    let rows = rows();
    let named: Vec<(String, String)> = rows.iter().map(|r| (r[0].trim_matches('`').to_owned(), r[1].clone())).collect();
    let known: Vec<(String, String)> = FORMATS.iter().map(|f| (f.name.to_owned(), f.title.to_owned())).collect();
    assert_eq!(named, known);
    for row in &rows {
        assert_eq!(row.len(), 8, "{row:?}");
        assert!(row[2..7].iter().all(|c| ["yes", "some", "no"].contains(&c.as_str())), "{row:?}");
        assert!(row[7].len() > 10, "{row:?}: say what it cannot show");
    }
}

/// How often each of QH, QB, SH, SB, T was observable.
#[derive(Default)]
struct Observed {
    count: [usize; 5],
    of: [usize; 5],
    /// Request bodies that were shown; that there is none may follow from the method alone.
    bodies: usize,
}

impl Sink for Observed {
    fn exchange(&mut self, x: Exchange<'_>) {
        let head = |h: &Headers<'_>| !matches!(h.seen, Seen::None(_));
        let body = |b: &Body<'_>| !matches!(b, Body::NotObserved(_));
        let mut put = |i: usize, seen: bool| {
            self.of[i] += 1;
            self.count[i] += usize::from(seen);
        };
        put(0, head(&x.request.headers));
        // That there is none follows from the method or the status, not from a place for it.
        put(
            1,
            matches!(x.request.body, Body::Text { .. } | Body::Pairs(_))
                || body(&x.request.body) && head(&x.request.headers),
        );
        self.bodies += usize::from(matches!(x.request.body, Body::Text { .. } | Body::Pairs(_)));
        if let Some(r) = &x.response {
            put(2, head(&r.headers));
            put(3, matches!(r.body, Body::Text { .. } | Body::Pairs(_)));
        }
        put(4, x.request.started.is_some());
    }
    fn problem(&mut self, _: Problem) {}
    fn recorder(&mut self, _: &str, _: &str) {}
}

/// What our own captures show is what the page says: never what it denies, always what it promises.
#[test]
fn what_the_page_calls_observable_is() {
    let mut all: BTreeMap<&str, Observed> = BTreeMap::new();
    for folder in ["samples", "tests/transcripts", "tests/recorded", "tests/sides"] {
        for entry in std::fs::read_dir(Path::new(ROOT).join(folder)).expect(folder) {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap_or_default();
            let Some(format) = sniff(&bytes).filter(|_| path.extension().is_some_and(|e| e != "tsv" && e != "md"))
            else {
                continue;
            };
            drive(&mut *(format.open)(&Options::default()), &bytes, 1 << 20, all.entry(format.name).or_default());
        }
    }
    for row in rows() {
        let Some(seen) = all.get(row[0].trim_matches('`')) else { continue };
        for (i, column) in ["QH", "QB", "SH", "SB", "T"].iter().enumerate() {
            let (count, of) = (seen.count[i], seen.of[i]);
            let said = row[2 + i].as_str();
            let holds = match said {
                "no" if i == 1 => seen.bodies == 0,
                "no" => count == 0,
                // A body is there to be seen only if one was sent; typed commands and cut heads are beside the point.
                "yes" => count * 10 >= of * if i == 3 { 5 } else { 8 },
                _ => true,
            };
            assert!(holds, "{}: {column} is said to be {said}, but was observed {count} times of {of}", row[0]);
        }
    }
}
