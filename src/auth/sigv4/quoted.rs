//! What a refusal quotes of the request that the service signed, held against the one that was sent.

use super::{Canonical, squeeze};
use crate::auth::form;

/// A part of the canonical request in which two views differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The method.
    Method,
    /// The path.
    Path,
    /// The query.
    Query,
    /// A signed header of this name.
    Header(String),
    /// The list of signed headers.
    SignedHeaders,
    /// The hash of the payload.
    Payload,
    /// The signed time.
    Time,
    /// Day, region and service.
    Scope,
}

/// The first difference between the server's canonical request and the capture's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub part: Part,
    /// Where it stands in the text that was searched.
    pub at: std::ops::Range<usize>,
}

/// Where a refusal quotes the canonical request that the server laid out: between the quotes behind these words.
pub fn quoted_canonical(message: &str) -> Option<std::ops::Range<usize>> {
    quoted(message, "Canonical String for this request should have been")
}

/// Where a refusal quotes the string that the server signed.
pub fn quoted_to_sign(message: &str) -> Option<std::ops::Range<usize>> {
    quoted(message, "String-to-Sign should have been")
}

fn quoted(message: &str, words: &str) -> Option<std::ops::Range<usize>> {
    let lead = message.find(words)?;
    let open = lead + message.get(lead..)?.find('\'')? + 1;
    let inner = message.get(open..)?;
    let end = inner.find("'\n").or_else(|| inner.rfind('\''))?;
    Some(open..open + end)
}

/// Compares the server's canonical request, which stands at `at` in `text`, with the capture's. XML escapes are undone.
pub fn first_difference(text: &str, at: std::ops::Range<usize>, ours: &Canonical) -> Option<Difference> {
    let mut lines = Vec::new();
    let mut start = at.start;
    for piece in text.get(at)?.split('\n') {
        lines.push((start..start + piece.len(), unescape(piece.trim_end_matches('\r'))));
        start += piece.len() + 1;
    }
    // Method, path, query, headers, an empty line, the list, the hash.
    if lines.len() < 6 {
        return None;
    }
    let differs = |n: usize, part: Part, same: &dyn Fn(&str) -> bool| {
        let (at, line) = lines.get(n)?;
        (!same(line)).then(|| Difference { part, at: at.clone() })
    };
    let count = lines.len();
    let head = differs(0, Part::Method, &|l| l == ours.method)
        .or_else(|| differs(1, Part::Path, &|l| ours.paths.iter().any(|p| p == l) || same_path(l, &ours.paths)))
        .or_else(|| differs(2, Part::Query, &|l| l == ours.query));
    if head.is_some() {
        return head;
    }
    for (at, line) in lines.get(3..count.checked_sub(3)?)? {
        let Some((name, value)) = line.split_once(':') else { continue };
        let mine = ours.headers.iter().find(|(n, _)| n == name);
        if mine.is_none_or(|(_, v)| !v.is_empty() && squeeze(value) != *v) {
            return Some(Difference { part: Part::Header(name.to_owned()), at: at.clone() });
        }
    }
    differs(count - 2, Part::SignedHeaders, &|l| l == ours.signed)
        .or_else(|| differs(count - 1, Part::Payload, &|l| ours.payload.as_deref().is_none_or(|p| p == l)))
}

/// What is signed, line by line, as the sender made it: algorithm, time, scope, hash of the canonical request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToSign {
    /// The time as sent, empty if unknown.
    pub time: String,
    /// `day/region/service/aws4_request`, empty if unknown.
    pub scope: String,
    /// The hash of the canonical request, in both ways to write its path; empty if a part of it is unknown.
    pub hashes: Vec<String>,
}

impl ToSign {
    /// The first line of the server's string, which stands at `at` in `text`, that is not the sender's. A hash says only
    /// that something differs, so it is left to [`ToSign::agrees`].
    pub fn difference(&self, text: &str, at: std::ops::Range<usize>) -> Option<Difference> {
        let lines = string_lines(text, at)?;
        let other = |n: usize, part: Part, mine: &str| {
            let (at, line) = lines.get(n)?;
            (!mine.is_empty() && line != mine).then(|| Difference { part, at: at.clone() })
        };
        other(1, Part::Time, &self.time).or_else(|| other(2, Part::Scope, &self.scope))
    }

    /// Whether the server signed the very same.
    pub fn agrees(&self, text: &str, at: std::ops::Range<usize>) -> bool {
        let hash = string_lines(text, at.clone()).and_then(|l| l.get(3).map(|(_, hash)| hash.clone()));
        self.difference(text, at).is_none() && hash.is_some_and(|h| self.hashes.contains(&h))
    }
}

/// The four lines of a string to sign, and where each stands.
fn string_lines(text: &str, at: std::ops::Range<usize>) -> Option<Vec<(std::ops::Range<usize>, String)>> {
    let mut start = at.start;
    let mut lines = Vec::new();
    for piece in text.get(at)?.split('\n') {
        lines.push((start..start + piece.len(), piece.trim().to_owned()));
        start += piece.len() + 1;
    }
    (lines.len() >= 4).then_some(lines)
}

/// Servers encode a path in their own way: only other characters count.
fn same_path(line: &str, paths: &[String; 2]) -> bool {
    let plain = |t: &str| {
        let once = form::percent_decode(t.as_bytes()).into_owned();
        form::percent_decode(&once).into_owned()
    };
    paths.iter().any(|p| plain(p) == plain(line))
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#xA;", "").replace("&amp;", "&")
}
