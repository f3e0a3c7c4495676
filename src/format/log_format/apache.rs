//! Apache: `%[modifiers]{argument}x` (<https://httpd.apache.org/docs/2.4/mod/mod_log_config.html>).

use super::nginx::unescaped;
use super::{LogFormat, Part, Slot, push_literal};
use crate::format::access_log::keys::{Meaning, Unit, meaning};
use crate::http::Coding;

/// Compiles the value of a `LogFormat`, or the whole directive.
pub(super) fn compile(format: &str) -> Result<LogFormat, String> {
    let text = unescaped(value(format));
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some((directive, after)) = directive(rest) {
            rest = after;
            match directive {
                Directive::Percent => push_literal(&mut parts, b'%'),
                Directive::Bracketed => {
                    push_literal(&mut parts, b'[');
                    parts.push(Part::Variable { slot: Slot::Field(Meaning::Time), blanks: true });
                    push_literal(&mut parts, b']');
                }
                Directive::Value(slot, blanks) => push(&mut parts, slot, blanks),
            }
            continue;
        }
        let (literal, after) = rest.split_at_checked(first.len_utf8()).unwrap_or((rest, ""));
        literal.bytes().for_each(|b| push_literal(&mut parts, b));
        rest = after;
    }
    Ok(LogFormat { parts, coding: Coding::Log, time_is_end: false })
}

/// What stands between the outer quotes of a directive; else the text itself.
fn value(format: &str) -> &str {
    let directive = format.strip_prefix("LogFormat").or_else(|| format.strip_prefix("CustomLog"));
    let Some(rest) = directive else { return format };
    match (rest.find('"'), rest.rfind('"')) {
        (Some(first), Some(last)) if first < last => rest.get(first + 1..last).unwrap_or(rest),
        _ => rest.trim(),
    }
}

/// Adds a variable. Path and query, and the pieces of one time, are written without a blank between them: one value.
fn push(parts: &mut Vec<Part>, slot: Slot, blanks: bool) {
    let same = |p: &Part| matches!(p, Part::Variable { slot: s, .. } if *s == slot);
    if slot == Slot::Field(Meaning::Query)
        && matches!(parts.last(), Some(Part::Variable { slot: Slot::Field(Meaning::Target), .. }))
    {
        return;
    }
    if slot == Slot::Field(Meaning::Time) {
        if parts.last().is_some_and(same) {
            return;
        }
        if let [.., time, Part::Literal(between)] = &parts[..]
            && same(time)
            && !between.contains(&b' ')
            && !between.contains(&b'"')
        {
            parts.pop();
            return;
        }
    }
    parts.push(Part::Variable { slot, blanks });
}

enum Directive {
    Percent,
    /// `%t` writes its brackets itself.
    Bracketed,
    Value(Slot, bool),
}

fn directive(text: &str) -> Option<(Directive, &str)> {
    let rest = text.strip_prefix('%')?;
    if let Some(rest) = rest.strip_prefix('%') {
        return Some((Directive::Percent, rest));
    }
    // Conditions on the status, and which of several requests.
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | ',' | '<' | '>'));
    let (argument, rest) = match rest.strip_prefix('{') {
        Some(inside) => inside.split_once('}')?,
        None => ("", rest),
    };
    let letter = rest.chars().next().filter(char::is_ascii_alphabetic)?;
    let rest = rest.strip_prefix("^ti").or_else(|| rest.get(1..))?;
    if letter == 't' && argument.is_empty() {
        return Some((Directive::Bracketed, rest));
    }
    let (meaning, blanks) = named(letter, argument);
    let slot = if letter == 'p' { Slot::Port } else { Slot::Field(meaning) };
    Some((Directive::Value(slot, blanks), rest))
}

/// What a directive means, and whether its value may hold blanks.
fn named(letter: char, argument: &str) -> (Meaning, bool) {
    let lower = || argument.to_ascii_lowercase().into();
    match letter {
        'a' | 'h' => (Meaning::Client, false),
        'u' => (Meaning::Nothing, true),
        'r' => (Meaning::RequestLine, true),
        'm' => (Meaning::Method, false),
        'U' => (Meaning::Target, true),
        'q' => (Meaning::Query, true),
        'H' => (Meaning::Version, false),
        's' => (Meaning::Status, false),
        't' => (Meaning::Time, true),
        'v' | 'V' => (Meaning::Host, false),
        'D' => (Meaning::Duration(Unit::Micros), false),
        'T' => match argument {
            "ms" => (Meaning::Duration(Unit::Millis), false),
            "us" => (Meaning::Duration(Unit::Micros), false),
            _ => (Meaning::Duration(Unit::Seconds), false),
        },
        'i' => match argument.to_ascii_lowercase().as_str() {
            "host" => (Meaning::Host, true),
            "x-request-id" | "traceparent" => (Meaning::Join, true),
            _ => (Meaning::Request(lower()), true),
        },
        'o' => (Meaning::Response(lower()), true),
        'L' => (Meaning::Join, false),
        'e' | 'n' | 'x' => match meaning(argument.as_bytes()) {
            Meaning::Join => (Meaning::Join, false),
            _ => (Meaning::Nothing, true),
        },
        _ => (Meaning::Nothing, false),
    }
}
