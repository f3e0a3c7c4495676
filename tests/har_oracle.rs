//! The `har` crate as oracle: where it reads a document, the reader sees the same entries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::{Path, PathBuf};

use why401::format::{Problem, Sink, by_name, drive};
use why401::http::{Exchange, Headers};

/// Method, URL, status, request headers, response headers.
type Row = (String, String, i64, Vec<(String, String)>, Vec<(String, String)>);

#[derive(Default)]
struct Rows(Vec<Row>);

impl Sink for Rows {
    fn exchange(&mut self, x: Exchange<'_>) {
        let list = |h: &Headers<'_>| {
            h.list.iter().map(|h| (h.name.lossy().into_owned(), h.value.lossy().into_owned())).collect()
        };
        let r = x.response.as_ref();
        self.0.push((
            x.request.method.lossy().into_owned(),
            x.request.url.lossy().into_owned(),
            r.and_then(|r| r.status).map_or(0, i64::from),
            list(&x.request.headers),
            r.map(|r| list(&r.headers)).unwrap_or_default(),
        ));
    }
    fn problem(&mut self, _: Problem) {}
    fn recorder(&mut self, _: &str, _: &str) {}
}

macro_rules! rows {
    ($log:expr, $header:ty, $entry:ty) => {{
        // Pseudo fields are no header fields.
        let list = |all: &[$header]| -> Vec<(String, String)> {
            let fields = all.iter().filter(|h| !h.name.starts_with(':') && !h.name.is_empty());
            fields.map(|h| (h.name.clone(), h.value.clone())).collect()
        };
        // Cookies that only their own list shows count as sent.
        let asked = |e: &$entry| {
            let mut fields = list(&e.request.headers);
            if !fields.iter().any(|(n, _)| n.eq_ignore_ascii_case("cookie")) {
                let full = e.request.cookies.iter().filter(|c| !c.name.is_empty() && !c.value.is_empty());
                fields.extend(full.map(|c| ("Cookie".to_owned(), format!("{}={}", c.name, c.value))));
            }
            fields
        };
        let row = |e: &$entry| {
            (
                e.request.method.clone(),
                e.request.url.clone(),
                answer(e.response.status),
                asked(e),
                list(&e.response.headers),
            )
        };
        $log.entries.iter().map(row).collect()
    }};
}

/// What is below 100 stands for "no answer".
fn answer(status: i64) -> i64 {
    if status >= 100 { status } else { 0 }
}

fn oracle(input: &[u8]) -> Option<Vec<Row>> {
    Some(match har::from_slice(input).ok()?.log {
        har::Spec::V1_2(log) => rows!(log, har::v1_2::Headers, har::v1_2::Entries),
        har::Spec::V1_3(log) => rows!(log, har::v1_3::Headers, har::v1_3::Entries),
    })
}

#[test]
fn the_har_crate_sees_the_same() {
    let shared = match std::env::var_os("WHY401_SHARED") {
        Some(path) => PathBuf::from(path),
        None => Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).to_owned(),
    };
    let mut compared = 0;
    for folder in ["formats/har", "captures", "corpus/har"] {
        let Ok(files) = std::fs::read_dir(shared.join(folder)) else { continue };
        for file in files {
            let path = file.expect("a file").path();
            if path.extension().is_none_or(|e| e != "har") {
                continue;
            }
            let input = std::fs::read(&path).expect("a file");
            let Some(want) = oracle(&input) else { continue };
            let mut got = Rows::default();
            let mut reader = (by_name("har").expect("a format").open)(&Default::default());
            drive(&mut *reader, &input, 1 << 16, &mut got);
            assert_eq!(got.0.len(), want.len(), "{}", path.display());
            for (i, (got, want)) in got.0.iter().zip(&want).enumerate() {
                assert_eq!(got, want, "{}: entry {i}", path.display());
            }
            compared += 1;
        }
    }
    assert!(compared > 100 || !shared.is_dir(), "only {compared} documents were compared");
}
