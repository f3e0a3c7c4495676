//! Server access logs of Amazon S3.

use super::entry::{Entry, duration};
use super::keys::Unit;
use super::token::{Token, tokens};
use super::values::{address, clf_time, nothing, status};
use crate::format::lines::Line;
use crate::http::{Coding, Span, Text};

/// `owner bucket [time] ip requester id operation key "request" status error bytes size ms ms "referer" "agent" version
/// host-id signature cipher auth-type host tls ...`.
pub(super) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    let mut all = tokens(line.bytes);
    let mut word = || match all.next() {
        Some(Token::Word(w)) => Some(w),
        _ => None,
    };
    let (owner, _bucket) = (word()?, word()?);
    let Some(Token::Bracketed(time)) = all.next() else { return None };
    let mut word = || match all.next() {
        Some(Token::Word(w)) => Some(w),
        _ => None,
    };
    let (client, _requester, id, operation, _key) = (word()?, word()?, word()?, word()?, word()?);
    // `REST.GET.OBJECT`
    if owner.len() != 64 && !nothing(owner) || operation.split(|b| *b == b'.').count() < 3 {
        return None;
    }
    let mut entry = Entry { at: line.span(), by: "Amazon S3", time: Some(clf_time(time)?), ..Entry::default() };
    entry.client = line.text(address(client).unwrap_or(client));
    entry.join = line.text(id);
    let Some(Token::Quoted(request)) = all.next() else { return None };
    let log = |part| line.text(part).with_coding(Coding::Log);
    entry.put_request(request, log);
    let mut word = || match all.next() {
        Some(Token::Word(w)) => Some(w),
        _ => None,
    };
    let (code, error, _sent, _size, total, _turn) = (word()?, word()?, word()?, word()?, word()?, word()?);
    entry.status = Some(status(code)?);
    entry.status_at = line.text(code).at();
    if !nothing(error) {
        entry.reason = line.text(error);
    }
    entry.duration = duration(total, Unit::Millis);
    let mut quoted = || match all.next() {
        Some(Token::Quoted(q)) => Some(q),
        _ => None,
    };
    let (referer, agent) = (quoted().unwrap_or_default(), quoted().unwrap_or_default());
    entry.request.add("referer".into(), log(referer));
    entry.request.add("user-agent".into(), log(agent));
    let mut rest = all.filter_map(|t| match t {
        Token::Word(w) => Some(w),
        _ => None,
    });
    let (_version, _host_id, _signature, cipher) = (rest.next(), rest.next(), rest.next(), rest.next());
    entry.scheme = cipher.filter(|c| !nothing(c)).map(|_| "https");
    if let Some(kind) = rest.next() {
        credential(&mut entry, line, kind);
    }
    if let Some(host) = rest.next().filter(|h| !nothing(h)) {
        entry.host = line.text(host);
    }
    Some(entry)
}

/// Whether a header carried the signature is all that is told of it.
fn credential<'l>(entry: &mut Entry<'l>, line: Line<'l>, kind: &'l [u8]) {
    match kind {
        b"AuthHeader" => {
            let at = Span::at(line.offset(kind), kind.len());
            entry.request.show("authorization".into(), Text::made(&b"REDACTED"[..], at));
            entry.request.names.push("authorization".into());
        }
        b"-" | b"QueryString" => entry.request.names.push("authorization".into()),
        _ => {}
    }
}
