//! AWS load balancers: application (with a type in front) and classic.

use super::entry::{Entry, duration};
use super::keys::Unit;
use super::token::{Token, tokens};
use super::values::{address, any_time, nothing, status};
use crate::format::lines::Line;
use crate::http::Coding;

/// `[type] time elb client:port target:port t t t status status n n "request" "agent" cipher tls [group "trace" ...]`.
pub(super) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    let mut all = tokens(line.bytes);
    let mut word = || match all.next() {
        Some(Token::Word(w)) => Some(w),
        _ => None,
    };
    let mut first = word()?;
    let kind = matches!(first, b"http" | b"https" | b"h2" | b"ws" | b"wss" | b"grpcs" | b"grpc");
    if kind {
        first = word()?;
    }
    let mut entry = Entry {
        at: line.span(),
        by: "AWS load balancer",
        time: Some(any_time(first)?),
        time_is_end: true,
        ..Entry::default()
    };
    let (_balancer, client, _target) = (word()?, word()?, word()?);
    entry.client = line.text(address(client)?);
    let times = [word()?, word()?, word()?];
    let code = (word()?, word()?, word()?, word()?).0;
    entry.status = Some(status(code)?);
    entry.status_at = line.text(code).at();
    entry.duration = times.iter().try_fold(0, |sum, t| Some(sum + duration(t, Unit::Seconds)?));
    let (Some(Token::Quoted(request)), Some(Token::Quoted(agent))) = (all.next(), all.next()) else { return None };
    let log = |part| line.text(part).with_coding(Coding::Log);
    entry.put_request(request, log);
    entry.request.add("user-agent".into(), log(agent));
    details(&mut entry, line, all);
    Some(entry)
}

/// Trace, and why the balancer itself refused.
fn details<'l>(entry: &mut Entry<'l>, line: Line<'l>, rest: impl Iterator<Item = Token<'l>>) {
    let quoted = rest.filter_map(|t| match t {
        Token::Quoted(q) => Some(q),
        _ => None,
    });
    // "trace" "domain" "certificate" "actions" "redirect" "error reason"
    for (at, value) in quoted.enumerate().filter(|(_, v)| !nothing(v)) {
        match at {
            0 if value.starts_with(b"Root=") || value.starts_with(b"Self=") => entry.join = line.text(value),
            5 => entry.reason = line.text(value),
            _ => {}
        }
    }
}
