//! The header fields of an exchange that matter for authentication.

use crate::facts::{HeadSeen, Line, Place};
use crate::mask::Masker;
use crate::report::rows::{text_of, title};
use crate::trace::Ex;

/// Bytes of a value that are shown.
const VALUE: usize = 300;
/// Fields of one name that are shown.
const LINES: usize = 40;

const REQUEST: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "host",
    "origin",
    "referer",
    "content-type",
    "user-agent",
    "x-forwarded-proto",
];
const RESPONSE: [&str; 9] = [
    "www-authenticate",
    "proxy-authenticate",
    "date",
    "location",
    "set-cookie",
    "content-type",
    "server",
    "retry-after",
    "authentication-info",
];

/// The fields that matter, and how many more there are.
pub(super) fn fields(ex: Ex<'_>, masker: &mut Masker) -> (Vec<(String, String)>, usize) {
    let Some(d) = ex.detail() else { return (Vec::new(), 0) };
    let t = ex.trace();
    let carries = |name: &str| ex.uses().iter().any(|u| matches!(u.place, Place::Header(n) if t.text(n) == name));
    let mut out = Vec::new();
    for line in d.request.iter().filter(|l| REQUEST.contains(&t.text(l.name)) || carries(t.text(l.name))).take(LINES) {
        out.push(shown(line, t.text(line.name), masker));
    }
    if d.request_seen == HeadSeen::All && d.request.len() > 1 && ex.bare() {
        out.push(("Authorization".to_owned(), format!("absent ({} request headers recorded)", d.request.len())));
    }
    let cross = |name: &str| name.starts_with("access-control-");
    let answers = d.response.iter().filter(|l| RESPONSE.contains(&t.text(l.name)) || cross(t.text(l.name)));
    for line in answers.take(LINES) {
        let (name, value) = shown(line, t.text(line.name), masker);
        out.push((format!("answer: {name}"), value));
    }
    let more = (d.request.len() + d.response.len()).saturating_sub(out.len());
    (out, more)
}

fn shown(line: &Line, name: &str, masker: &mut Masker) -> (String, String) {
    let mut value = text_of(&masker.apart(|m| m.window(line, &[], 0..VALUE)));
    if line.bytes().len() > VALUE {
        value.push_str("...");
    }
    (masker.text(&title(name)), value)
}
