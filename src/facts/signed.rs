//! What needs a whole request body while it is there: its hash, where a signature covers it.

use sha2::{Digest, Sha256};

use super::detail::{BodyFact, Field};
use super::record::Line;
use super::{Facts, StrId};
use crate::http::{Body, Text};

/// Headers that name a hash of the body.
const NAMES: [&str; 3] = ["x-amz-content-sha256", "content-digest", "digest"];

/// Keeps the body's SHA-256 beside a body whose hash was signed, and how the body was changed if that is seen.
pub(crate) fn hash(facts: &Facts, sent: &Body<'_>, request: &[Line], query: &[Field], b: &mut BodyFact) {
    let name = |id: StrId| facts.strings.get(id);
    let header = request.iter().any(|l| NAMES.contains(&name(l.name)) || signed(name(l.name), l));
    let link = query.iter().any(|f| f.path.eq_ignore_ascii_case("x-amz-signature"));
    let (true, Body::Text { text, .. }) = (header || link, sent) else { return };
    let bytes = text.decoded();
    b.sha256 = Some(hex(&bytes).into());
    let named = request.iter().find(|l| name(l.name) == "x-amz-content-sha256").map(Line::text);
    b.signed_as = named.and_then(|want| change(text, &want));
}

fn signed(name: &str, line: &Line) -> bool {
    name == "authorization" && line.bytes().get(..5).is_some_and(|s| s.eq_ignore_ascii_case(b"aws4-"))
}

/// The usual changes of a body between signing and sending.
fn change(text: &Text<'_>, want: &str) -> Option<&'static str> {
    let body = text.decoded();
    let is = |bytes: &[u8]| hex(bytes).eq_ignore_ascii_case(want);
    if is(&body) {
        return None;
    }
    let lines = String::from_utf8_lossy(&body).into_owned();
    let candidates: [(Vec<u8>, &'static str); 5] = [
        (Vec::new(), "an empty body"),
        (body.trim_ascii_end().to_vec(), "the body without the blanks at its end"),
        ([&body, &b"\n"[..]].concat(), "the body with a line break at its end"),
        (lines.replace("\r\n", "\n").into_bytes(), "the body with other line breaks"),
        (lines.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes(), "the body with other line breaks"),
    ];
    candidates.iter().find(|(bytes, _)| is(bytes)).map(|(_, words)| *words)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
