//! Envoy's default text format, and Istio's, which has a few fields more in the middle.

use super::entry::{Entry, duration};
use super::keys::{Meaning, Unit};
use super::token::{Token, tokens};
use super::values::{any_time, nothing, request_line, status};
use crate::format::lines::Line;
use crate::http::Coding;

/// `[time] "request" status flags ... n n ms ms "xff" "agent" "id" "authority" "upstream" ...`.
pub(super) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    let mut all = tokens(line.bytes).skip_while(|t| matches!(t, Token::Word(_)));
    let (Some(Token::Bracketed(time)), Some(Token::Quoted(request)), Some(Token::Word(code)), Some(Token::Word(flags))) =
        (all.next(), all.next(), all.next(), all.next())
    else {
        return None;
    };
    request_line(request)?;
    if !flags.iter().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b',' | b'_' | b'0'..=b'9')) {
        return None;
    }
    let mut entry = Entry { at: line.span(), by: "Envoy", time: Some(any_time(time)?), ..Entry::default() };
    entry.status = Some(status(code)?);
    entry.status_at = line.text(code).at();
    if !nothing(flags) {
        entry.reason = line.text(flags);
    }
    let log = |part| line.text(part).with_coding(Coding::Log);
    entry.put_request(request, log);
    let rest: Vec<Token<'_>> = all.take(64).collect();
    // Bytes in, bytes out, duration, time of the upstream, then at least five quoted.
    let at = rest.windows(9).position(|w| matches!(w, [Token::Word(_), Token::Word(_), Token::Word(_), Token::Word(_), fields @ ..] if fields.iter().all(|t| matches!(t, Token::Quoted(_)))))?;
    // Istio's format says who answered and why: `jwt_authn_access_denied{Jwt_is_expired}`.
    if let Some(Token::Word(details)) = rest.first().filter(|_| at > 0)
        && !nothing(details)
        && *details != b"via_upstream"
    {
        entry.reason = line.text(details);
    }
    if let Some(Token::Word(ms)) = rest.get(at + 2) {
        entry.duration = duration(ms, Unit::Millis);
    }
    let quoted = |n: usize| match rest.get(at + 4 + n) {
        Some(Token::Quoted(q)) => *q,
        _ => Default::default(),
    };
    entry.request.add("x-forwarded-for".into(), log(quoted(0)));
    entry.request.add("user-agent".into(), log(quoted(1)));
    entry.put(Meaning::Join, log(quoted(2)));
    entry.put(Meaning::Host, log(quoted(3)));
    Some(entry)
}
