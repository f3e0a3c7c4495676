//! Words that rules share.

use super::Part;
use crate::trace::Ex;

/// A length of time, two units at most: `2 min 25 s`, `1 h 2 min`, `3 days`.
pub fn span(secs: i64) -> String {
    let s = secs.abs();
    let two = |a: i64, u: &str, b: i64, v: &str| if b == 0 { format!("{a} {u}") } else { format!("{a} {u} {b} {v}") };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => two(s / 60, "min", s % 60, "s"),
        3600..86_400 => two(s / 3600, "h", s % 3600 / 60, "min"),
        _ => two(s / 86_400, if s / 86_400 == 1 { "day" } else { "days" }, s % 86_400 / 3600, "h"),
    }
}

/// Where the server speaks: its challenge if that names an error, else its body.
pub fn speaker(ex: Ex<'_>) -> Part {
    let named = ex.challenges().iter().any(|c| c.get("error").is_some());
    if named || ex.answer().is_none() { Part::Res("www-authenticate".to_owned(), 0) } else { Part::ResBody(0..0) }
}

/// Where a credential stood.
pub fn place(cx: &super::Cx<'_>, used: &crate::facts::Use) -> Part {
    use crate::facts::Place;
    match used.place {
        Place::Header(n) => Part::Req(cx.text(n).to_owned(), 0),
        Place::Query(n) => Part::Query(cx.text(n).to_owned()),
        Place::Field(n) => Part::ReqField(cx.text(n).to_owned()),
        Place::Cookie(_) => Part::Req("cookie".to_owned(), 0),
        Place::Userinfo | Place::Path => Part::Line,
    }
}

/// Where a parameter of a request stands: in its body, else in its query.
pub fn param_part(ex: Ex<'_>, name: &str) -> Part {
    match ex.field(name) {
        Some(f) => Part::ReqField(f.path.to_string()),
        None => Part::Query(name.to_owned()),
    }
}
