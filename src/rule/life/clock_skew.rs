//! `clock-skew`: client and server clocks differ.

use crate::auth::jwt;
use crate::facts::StrId;
use crate::http::Time;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "clock-skew",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((5, 10)),
    confidence: Confidence::Strong,
    needs: &[&[Need::T], &[Need::Sh]],
    summary: "client and server clocks differ",
    explain: include_str!("clock_skew.md"),
    kind: Kind::Rule(check),
};

/// Seconds from which a difference is worth a note.
const NOTED: i64 = 60;
/// Seconds from which servers refuse.
const REFUSED: i64 = 300;
/// A credential that was made right before it was sent is at most this old (seconds).
const FRESH: i64 = 120;
/// Longer differences come from edited recordings, unless the server itself speaks of its clock.
const EDITED: i64 = 12 * 3600;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut told: Vec<StrId> = Vec::new();
    for ex in cx.denied() {
        if let Some(f) = refused(cx, ex) {
            told.push(ex.fact().origin);
            out.push(f);
        }
    }
    notes(cx, &told, out);
}

/// Seconds that the server's clock is ahead of the client's, if they are to be trusted.
fn offset(cx: &Cx<'_>, origin: StrId, said: bool) -> Option<i64> {
    let off = cx.trace.clocks.steady(origin)? / 1_000_000;
    (off.abs() > NOTED && !time_zone(off) && (said || off.abs() <= EDITED)).then_some(off)
}

/// Whole and half hours are a zone that a log left out; zones of three quarters lie further out.
fn time_zone(off: i64) -> bool {
    let near = |step: i64| {
        let rest = off.rem_euclid(step);
        rest.min(step - rest) <= 60
    };
    off.abs() >= 1740 && near(1800) || off.abs() >= 4 * 3600 && near(900)
}

fn refused(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let fits = matches!(
        ex.said(),
        None | Some(
            Says::Skew
                | Says::Invalid
                | Says::Missing
                | Says::Signature
                | Says::Expired
                | Says::AmbiguousExpired
                | Says::Dpop
                | Says::Malformed
                | Says::Client
        )
    );
    let said = ex.says(Says::Skew);
    let off = offset(cx, ex.fact().origin, said).filter(|_| fits)?;
    if off.abs() <= REFUSED && !said {
        return None;
    }
    let (part, label, at) = dated(cx, ex, off)?;
    let odd = odd_server(cx, ex.fact().origin);
    let (message, fix) = words(off, odd);
    let (start, now) = (ex.start()?, ex.server_now()?);
    Some(
        Finding::new(&RULE, ex.id(), message)
            .see(Evidence::primary(ex.id(), part, label))
            .see(Evidence::row(ex.id(), Part::Say(format!("time in the credential: {}", at.utc()))))
            .see(Evidence::row(ex.id(), Part::Say(format!("client's clock: {}", start.utc()))))
            .see(Evidence::row(ex.id(), Part::Say(format!("server's clock: {}", now.utc()))))
            .fix(fix)
            .paste("timedatectl set-ntp true   # in a container: on its host")
            .sure(Confidence::Strong, "the server's Date against the recorder's clock"),
    )
}

fn words(off: i64, odd_server: bool) -> (String, &'static str) {
    let by = words::span(off);
    match (off > 0, odd_server) {
        (true, true) => (format!("the server's clock is {by} ahead of all others"), "set the clock of this server"),
        (false, true) => (format!("the server's clock is {by} behind all others"), "set the clock of this server"),
        (true, false) => {
            (format!("the client's clock is {by} behind the server's"), "set the clock of the client's machine")
        }
        (false, false) => {
            (format!("the client's clock is {by} ahead of the server's"), "set the clock of the client's machine")
        }
    }
}

/// Other hosts agree with the client.
fn odd_server(cx: &Cx<'_>, origin: StrId) -> bool {
    let mut agree = false;
    let mut seen: Vec<StrId> = vec![origin];
    for ex in cx.all().take(2000) {
        let o = ex.fact().origin;
        if !seen.contains(&o) {
            seen.push(o);
            agree |= cx.trace.clocks.steady(o).is_some_and(|off| off.abs() < 30_000_000);
        }
        if seen.len() > 32 {
            break;
        }
    }
    agree
}

/// A time within the refused credential that the difference of the clocks spoils.
fn dated<'t>(cx: &Cx<'t>, ex: Ex<'t>, off: i64) -> Option<(Part, &'static str, Time)> {
    let start = ex.start()?;
    let fresh = |at: Time| ((start - at) / 1_000_000).abs() <= FRESH;
    let header = |n: &str| Part::Req(n.to_owned(), 0);
    if let Some(sig) = ex.sigv4().filter(|s| !s.presigned) {
        let _ = sig;
        let name = ["x-amz-date", "date"].into_iter().find(|n| ex.reqs_named(n).is_some())?;
        let at = crate::auth::sigv4::parse_time(&ex.reqs_named(name)?.text())?;
        return fresh(at).then(|| (header(name), "signed by the client's clock", at));
    }
    if let Some(at) = ex.proof().and_then(|p| p.iat).map(Time::from_secs_f64).filter(|at| fresh(*at)) {
        return Some((header("dpop"), "iat is of the client's clock", at));
    }
    if let Some((name, signed)) = ex.signed_time().filter(|(_, s)| fresh(s.time)) {
        return Some((header(name), "signed by the client's clock", signed.time));
    }
    assertion(ex, fresh).or_else(|| token(cx, ex, off, fresh))
}

/// A signed assertion in a token call: the client made it.
fn assertion(ex: Ex<'_>, fresh: impl Fn(Time) -> bool) -> Option<(Part, &'static str, Time)> {
    let field = ["client_assertion", "assertion"].into_iter().find_map(|n| ex.field(n))?;
    let claims = jwt::parse_jwt(&field.text()).ok()?;
    let at = [claims.iat, claims.nbf].into_iter().flatten().map(Time::from_secs_f64).find(|at| fresh(*at))?;
    Some((Part::ReqField(field.path.to_string()), "dated by the client's clock", at))
}

/// A bearer token: signed by the client a moment ago, or starting ahead of the server's clock.
fn token<'t>(cx: &Cx<'t>, ex: Ex<'t>, off: i64, fresh: impl Fn(Time) -> bool) -> Option<(Part, &'static str, Time)> {
    let used = ex.bearer()?;
    let life = cx.life(used.value)?;
    let claims = life.jwt.as_deref()?;
    let now = ex.server_now()?;
    let times: Vec<Time> = [claims.nbf, claims.iat].into_iter().flatten().map(Time::from_secs_f64).collect();
    let part = Part::Req("authorization".to_owned(), 0);
    // The server's clock is behind: the token has not begun there.
    let ahead = times.iter().copied().find(|at| (*at - now) / 1_000_000 > NOTED);
    if let Some(at) = ahead.filter(|at| off < 0 && (*at - now) / 1_000_000 <= -off + FRESH) {
        return Some((part, "begins ahead of the server's clock", at));
    }
    // The client's clock is behind and it signs its own tokens: they are over before they arrive.
    let own = life.issued.is_empty() && times.iter().any(|at| fresh(*at));
    let over = claims.exp.map(Time::from_secs_f64).is_some_and(|exp| exp < now);
    (off > 0 && own && over)
        .then(|| (part, "made and ended by the client's clock", times.first().copied().unwrap_or(now)))
}

/// One note for each difference, at hosts that take credentials.
fn notes(cx: &Cx<'_>, told: &[StrId], out: &mut Findings) {
    let mut known: Vec<i64> = told.iter().filter_map(|o| offset(cx, *o, true)).collect();
    let mut seen: Vec<StrId> = Vec::new();
    for ex in cx.all().filter(|e| e.fact().date.is_some() && e.start().is_some() && e.credentials().next().is_some()) {
        let origin = ex.fact().origin;
        if seen.contains(&origin) || seen.len() >= 64 {
            continue;
        }
        seen.push(origin);
        let Some(off) = offset(cx, origin, false).filter(|o| !known.iter().any(|k| (k - o).abs() <= NOTED)) else {
            continue;
        };
        known.push(off);
        let (message, fix) = words(off, odd_server(cx, origin));
        let f = Finding::new(&RULE, ex.id(), message)
            .hygiene()
            .severity(Severity::Note)
            .see(Evidence::row(ex.id(), Part::Line))
            .see(Evidence::row(ex.id(), Part::Res("date".to_owned(), 0)))
            .fix(fix)
            .sure(Confidence::Strong, "the server's Date against the recorder's clock");
        out.push(f);
    }
}
