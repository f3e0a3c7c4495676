//! `malformed-header`: the header line cannot be parsed as a name and a value.

use crate::auth::authorization::{Form, known_scheme, parse_authorization};
use crate::facts::Line;
use crate::http::Origin;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-header",
    chapter: Chapter::Placement,
    severity: Severity::Error,
    tier: Some((3, 10)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Raw, Need::Qh]],
    summary: "the header line cannot be parsed as a name and a value",
    explain: include_str!("malformed_header.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| e.denial().is_some()) {
        if let Some(f) = typed(ex)
            .or_else(|| odd(ex))
            .or_else(|| broken_line(ex))
            .or_else(|| repeated(ex))
            .or_else(|| shadow(cx, ex))
        {
            out.push(f);
        }
    }
}

/// curl drops a `-H` argument without a colon: only the typed command shows it.
fn typed(ex: Ex<'_>) -> Option<Finding> {
    if ex.reqs("authorization").next().is_some() {
        return None;
    }
    let t = ex.detail()?.typed.as_ref()?;
    let (n, line) = t.headers.iter().enumerate().find(|(_, l)| broken(l))?;
    let text = line.text();
    let word = text.find([' ', '=']).unwrap_or(text.len());
    let (words, label) = if text.starts_with(['"', '\'', '“', '‘']) {
        ("a quote is part of the header's name", "this quote was sent")
    } else {
        ("the header has no colon, so curl did not send it", "typed: \"name value\" without \":\"")
    };
    let mut f = Finding::new(&RULE, ex.id(), words)
        .field("authorization")
        .see(Evidence::primary(ex.id(), Part::Typed(n), label).at(0..word.max(1)))
        .see(Evidence::row(ex.id(), Part::Line));
    if ex.fact().origin_of_lines == Origin::Wire {
        f = f.see(Evidence::row(ex.id(), Part::Say(sent(ex))));
    }
    let scheme = scheme_of(&text).unwrap_or_else(|| recipe::scheme(ex));
    Some(
        f.fix("add the colon")
            .paste(format!("-H \"Authorization: {scheme} $TOKEN\""))
            .sure(Confidence::Certain, "seen in the typed command; no sent line carries it"),
    )
}

/// `Authorization token T`, `"Authorization: ...`, `Authorization=...`.
fn broken(l: &Line) -> bool {
    let text = l.text();
    let low = text.trim_start_matches(['"', '\'', '“', '‘']).to_ascii_lowercase();
    let name = low.split([':', ' ', '=', ';']).next().unwrap_or_default();
    let about = matches!(name, "authorization" | "token" | "bearer" | "x-api-key" | "x-auth-token" | "api-key")
        || known_scheme(name);
    let colon = text.find(':');
    let quoted = text.starts_with(['"', '\'', '“', '‘']);
    let removal = text.ends_with(';') && !text.contains(' ');
    about
        && !removal
        && (quoted || colon.is_none() || colon.is_some_and(|c| text.get(..c).unwrap_or_default().trim().contains(' ')))
}

fn scheme_of(text: &str) -> Option<String> {
    text.split([' ', '=']).find(|w| known_scheme(w)).map(str::to_owned)
}

/// The names that went out.
fn sent(ex: Ex<'_>) -> String {
    let names: Vec<&str> = ex.detail().map_or(Vec::new(), |d| d.request.iter().map(|l| &*l.spelled).take(8).collect());
    format!("sent: {}; no Authorization", names.join(", "))
}

/// A line of the head that is no header.
fn odd(ex: Ex<'_>) -> Option<Finding> {
    let d = ex.detail()?;
    let (n, line) = d.odd.iter().enumerate().find(|(_, l)| {
        let low = l.text().trim_start().to_ascii_lowercase();
        let word = low.split([' ', ':', '=', '\t']).next().unwrap_or_default().trim_matches(['"', '\'']).to_owned();
        matches!(word.as_str(), "authorization" | "token" | "bearer" | "x-api-key")
    })?;
    let text = line.text();
    let (words, at) = match text.find(':') {
        None => ("the header line has no colon", text.find(' ').unwrap_or(text.len())),
        Some(c) => ("a blank stands before the colon, or the line is folded", c.saturating_sub(1)),
    };
    Some(
        Finding::new(&RULE, ex.id(), words)
            .field("authorization")
            .see(Evidence::primary(ex.id(), Part::ReqOdd(n), "a header is \"Name: value\"").at(at..at + 1))
            .fix("write the header as name, colon, blank, value")
            .paste(recipe::header(ex, &recipe::scheme(ex)))
            .sure(Confidence::Certain, "the line as sent"),
    )
}

/// The value goes on in the next line, which no header may (RFC 9112 5.2): `base64` breaks its output every 76 characters.
fn broken_line(ex: Ex<'_>) -> Option<Finding> {
    let (n, line) = rest_of_value(ex)?;
    Some(
        Finding::new(&RULE, ex.id(), "the Authorization value is broken into two lines")
            .field("authorization")
            .see(Evidence::row(ex.id(), Part::Req("authorization".to_owned(), 0)))
            .see(Evidence::primary(ex.id(), Part::ReqOdd(n), "the rest of the value").at(0..line.bytes().len()))
            .fix("make the value one line: base64 -w0, tr -d '\\n', or let the client encode it")
            .paste(recipe::basic(ex))
            .sure(Confidence::Certain, "the lines as sent"),
    )
}

/// A line without a colon right behind the Authorization header.
pub(super) fn rest_of_value(ex: Ex<'_>) -> Option<(usize, &Line)> {
    const GAP: u64 = 6;
    let header = ex.reqs("authorization").next()?;
    let one_word = |l: &Line| !l.text().trim().is_empty() && !l.text().trim().contains([':', ' ']);
    let behind = |l: &Line| (header.at.end..header.at.end + GAP).contains(&l.at.start);
    ex.detail()?.odd.iter().enumerate().find(|(_, l)| one_word(l) && behind(l))
}

/// `Authorization: Authorization: Bearer T`.
fn repeated(ex: Ex<'_>) -> Option<Finding> {
    let line = ex.reqs("authorization").next()?;
    let a = parse_authorization(line.bytes());
    let control = line.bytes().iter().any(|b| *b < 32 && *b != b'\t');
    if a.form != Form::RepeatsName && !control {
        return None;
    }
    let words = if control {
        "the header's value holds a control character"
    } else {
        "the header's name stands in its value again"
    };
    Some(
        Finding::new(&RULE, ex.id(), words)
            .field("authorization")
            .see(
                Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "the value begins here")
                    .at(0..13.min(line.bytes().len())),
            )
            .fix("give only scheme and token as value")
            .paste(recipe::header(ex, &recipe::scheme(ex)))
            .sure(Confidence::Certain, "the value as sent"),
    )
}

/// A recorder's view of a broken line: a header whose name is a scheme, or holds a blank.
fn shadow(_cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let d = ex.detail()?;
    let line = d.request.iter().find(|l| {
        let low = l.spelled.to_ascii_lowercase();
        let first = low.split(' ').next().unwrap_or_default();
        low.contains(' ') && (first == "authorization" || known_scheme(first))
            || low.starts_with(['"', '\'']) && low.contains("authorization")
    })?;
    let name = line.spelled.to_ascii_lowercase();
    Some(
        Finding::new(&RULE, ex.id(), "a header name holds a blank or a quote, so Authorization was not sent")
            .field("authorization")
            .see(Evidence::primary(ex.id(), Part::Req(name, 0), "the name as sent"))
            .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
            .fix("write the header as name, colon, blank, value")
            .paste(recipe::header(ex, &recipe::scheme(ex)))
            .sure(Confidence::Strong, "the name as recorded"),
    )
}
