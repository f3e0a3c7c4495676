//! nginx: `$name` and `${name}` (<https://nginx.org/en/docs/http/ngx_http_log_module.html>).

use super::{LogFormat, Part, Slot, push_literal};
use crate::format::access_log::keys::{Meaning, meaning};
use crate::http::Coding;

/// Whether a format has nginx variables.
pub(super) fn looks_like(format: &str) -> bool {
    let variable = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '{');
    format.starts_with("log_format") || format.split('$').skip(1).any(variable)
}

/// Compiles the value of a `log_format`, or the whole directive.
pub(super) fn compile(format: &str) -> Result<LogFormat, String> {
    let (text, coding) = pieces(format)?;
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some((name, after)) = variable(rest) {
            let known = slot(name);
            let blanks = matches!(
                known,
                Slot::Field(Meaning::Time | Meaning::RequestLine | Meaning::Request(_) | Meaning::Response(_))
            ) || name.starts_with("upstream_")
                || name == "remote_user";
            push(&mut parts, known, blanks);
            rest = after;
            continue;
        }
        let (literal, after) = rest.split_at_checked(first.len_utf8()).unwrap_or((rest, ""));
        literal.bytes().for_each(|b| push_literal(&mut parts, b));
        rest = after;
    }
    Ok(LogFormat { parts, coding, time_is_end: true })
}

/// Adds a variable. A path ends the host that stands directly before it; `$is_args$args` go on with the path.
fn push(parts: &mut Vec<Part>, slot: Slot, blanks: bool) {
    if let Some(Part::Variable { slot: before, .. }) = parts.last() {
        let path = |s: &Slot| *s == Slot::Field(Meaning::Target);
        if path(before) && matches!(slot, Slot::Field(Meaning::Query | Meaning::Nothing)) {
            return;
        }
        if path(&slot) && !path(before) {
            parts.push(Part::Slash);
        }
    }
    parts.push(Part::Variable { slot, blanks });
}

fn slot(name: &str) -> Slot {
    match name {
        "server_port" => Slot::Port,
        "remote_user" | "time_zone" | "hostname" | "connection" | "https" => Slot::Field(Meaning::Nothing),
        "realip_remote_addr" => Slot::Field(Meaning::Client),
        _ => Slot::Field(meaning(name.as_bytes())),
    }
}

/// The name of `$name` or `${name}`, and what follows.
fn variable(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('$')?;
    if let Some(inside) = rest.strip_prefix('{') {
        return inside.split_once('}');
    }
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end)?;
    (!name.is_empty()).then_some((name, after))
}

/// The format itself: of a directive, the quoted pieces put together, and its escaping.
fn pieces(format: &str) -> Result<(String, Coding), String> {
    let directive = format.strip_prefix("log_format");
    if directive.is_none() && !format.starts_with('\'') {
        return Ok((unescaped(format), Coding::Log));
    }
    let mut rest = directive.unwrap_or(format).trim();
    let mut coding = Coding::Log;
    let mut text = String::new();
    while let Some(first) = rest.chars().next() {
        if first == ';' {
            break;
        }
        if first != '"' && first != '\'' {
            // The name of the format, or `escape=`.
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            coding = match word.trim_end_matches(';') {
                "escape=json" => Coding::Json,
                "escape=none" => Coding::Plain,
                _ => coding,
            };
            rest = after.trim_start();
            continue;
        }
        let inside = rest.get(1..).unwrap_or_default();
        let end = closing(inside, first).ok_or("a quoted piece of the log_format does not end")?;
        let (piece, after) = inside.split_at_checked(end).unwrap_or((inside, ""));
        text.push_str(&unescaped(piece));
        rest = after.get(1..).unwrap_or_default().trim_start();
    }
    Ok((text, coding))
}

fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return Some(at);
        }
    }
    None
}

/// `\"`, `\\`, `\t`, `\n` of a configuration string.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}
