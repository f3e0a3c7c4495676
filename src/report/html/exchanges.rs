//! Header fields of the exchanges that matter, closed.

use std::fmt::Write as _;

use super::text::escaped;
use crate::report::sequence::{Exchange, Row, Sequence, Verdict};
use crate::report::words::count;

/// Whether an exchange is listed here.
pub(super) fn listed(e: &Exchange) -> bool {
    !e.fields.is_empty()
}

/// The list; an exchange with the same fields as one before only names that.
pub(super) fn list(out: &mut String, s: &Sequence) {
    let all = s.rows.iter().filter_map(|r| if let Row::Exchange(e) = r { Some(&**e) } else { None });
    let mut known: rustc_hash::FxHashMap<Vec<&(String, String)>, u32> = rustc_hash::FxHashMap::default();
    for (i, e) in all.filter(|e| listed(e)).enumerate() {
        if i == 0 {
            out.push_str("\n<h2 class=\"np\">Exchanges</h2>");
        }
        let line = format!("#{} {} {} \u{2192}\u{a0}{}{}", e.id, e.method, e.url, e.status, word(e.verdict));
        let _ = write!(out, "\n<details id=\"d{}\"><summary class=\"m\">{}</summary><dl>", e.id, escaped(&line));
        let _ = write!(out, "<dt>row</dt><dd><a href=\"#x{}\">#{}</a></dd>", e.id, e.id);
        let key: Vec<&(String, String)> = e.fields.iter().filter(|f| f.0 != "answer: Date").collect();
        match known.get(&key) {
            Some(n) => {
                let _ = write!(out, "<dt>fields</dt><dd>the same as <a href=\"#d{n}\">#{n}</a></dd>");
            }
            None => fields(out, e),
        }
        known.entry(key).or_insert(e.id);
        if let Some(line) = e.line {
            let _ = write!(out, "<dt>in the file</dt><dd>line {line}</dd>");
        }
        out.push_str("</dl></details>");
    }
}

fn fields(out: &mut String, e: &Exchange) {
    for (name, value) in &e.fields {
        let _ = write!(out, "<dt class=\"m\">{}</dt><dd class=\"m\"><bdi>{}</bdi></dd>", escaped(name), escaped(value));
    }
    if e.more_fields > 0 {
        let _ = write!(out, "<dt>not shown</dt><dd>{}</dd>", count(e.more_fields as u64, "other header field"));
    }
}

/// What became of it, where the status does not say so.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Refused => " refused",
        Verdict::Expected => " expected",
        Verdict::Accepted | Verdict::Other => "",
    }
}
