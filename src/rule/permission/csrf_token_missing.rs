//! `csrf-token-missing`: a cookie session without its anti-forgery token.

use super::common::{accepted_elsewhere, changes, csrf_cookies, csrf_header, csrf_name};
use crate::auth::form;
use crate::facts::{Kind as Value, Line, Place};
use crate::provider::Class as Says;
use crate::rule::{
    Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe, words,
};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "csrf-token-missing",
    chapter: Chapter::Permission,
    severity: Severity::Error,
    tier: Some((6, 20)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Sb, Need::Profile]],
    summary: "a cookie session without its anti-forgery token",
    explain: include_str!("csrf_token_missing.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| changes(*e) && !e.class().oauth()) {
        let header = ex.uses().iter().any(|u| matches!(u.place, Place::Header(_)) && u.kind != Value::Csrf);
        let f = if ex.says(Says::Csrf) || ex.status() == 419 && !header {
            Some(named(cx, ex))
        } else if !header && ex.status() == 403 && ex.said().is_none() && ex.class() == Class::Call {
            shown(cx, ex)
        } else {
            None
        };
        out.extend(f);
    }
}

/// The server speaks of the token.
fn named(cx: &Cx<'_>, ex: Ex<'_>) -> Finding {
    let slip = slip(cx, ex);
    let f = Finding::new(&RULE, ex.id(), slip.words()).see(Evidence::row(ex.id(), Part::Line)).see(Evidence::primary(
        ex.id(),
        words::speaker(ex),
        "the server's words",
    ));
    let f = evidence(cx, ex, f, &slip);
    let because = if ex.says(Says::Csrf) { "the server names it" } else { "status 419: page expired" };
    match slip {
        // A token is there and nothing is wrong with it as far as can be seen: an old one, or of another session.
        Slip::Other => f.sure(Confidence::Strong, because).or("session-expired", "the token of a page loaded anew"),
        _ => f.sure(Confidence::Certain, because),
    }
}

/// The server says nothing, but the session is good, and it holds an anti-forgery cookie that no header repeats.
fn shown(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let slip = slip(cx, ex);
    if !matches!(slip, Slip::Absent(_)) || csrf_cookies(cx, ex).is_empty() {
        return None;
    }
    let (good, _) = accepted_elsewhere(cx, ex)?;
    let f = Finding::new(&RULE, ex.id(), slip.words())
        .see(Evidence::related(good.id(), Part::Line, "the session is accepted"))
        .see(Evidence::primary(ex.id(), Part::Line, "refused"));
    Some(
        evidence(cx, ex, f, &slip)
            .sure(Confidence::Likely, "the session is good, and its anti-forgery token was not sent along")
            .or("insufficient-permissions", "the same call with the token as header"),
    )
}

/// What is wrong with the token.
enum Slip {
    /// No header or field of it; the header that the framework reads.
    Absent(String),
    /// The cookie that the token is compared with was not sent.
    NoCookie,
    /// Header and cookie differ.
    Differs,
    /// Django wants a Referer on https.
    NoReferer,
    /// It is there.
    Other,
}

impl Slip {
    fn words(&self) -> String {
        match self {
            Self::Absent(_) => "this request changes something, but carries no CSRF token",
            Self::NoCookie => "the CSRF cookie was not sent, so no token can match it",
            Self::Differs => "the CSRF token in the header is not that of the cookie",
            Self::NoReferer => "the server wants a Referer of its own site beside the CSRF token",
            Self::Other => "the CSRF token of this request does not belong to its session",
        }
        .to_owned()
    }
}

fn slip(cx: &Cx<'_>, ex: Ex<'_>) -> Slip {
    let cookies = csrf_cookies(cx, ex);
    let header = token_header(cx, ex);
    let speech = ex.answer().map(|a| a.head.text().to_ascii_lowercase()).unwrap_or_default();
    if speech.contains("referer checking failed") {
        return Slip::NoReferer;
    }
    if let Some(line) = header {
        let same = |v: &[u8]| form::percent_decode(v) == form::percent_decode(line.bytes());
        let twin = cookies.iter().find(|(n, _)| pairs(n, cx.text(line.name)));
        return match twin {
            Some((_, u)) if !same(cx.bytes(u.value)) => Slip::Differs,
            None if cookies.is_empty() && ex.req("cookie").seen() => Slip::NoCookie,
            _ => Slip::Other,
        };
    }
    if ex.fields().any(|f| csrf_name(f.name()) && !f.is_blank()) {
        return if cookies.is_empty() && speech.contains("cookie not set") { Slip::NoCookie } else { Slip::Other };
    }
    let name = cookies.first().map(|c| c.0).unwrap_or_default().to_ascii_lowercase();
    if let Some((own, _)) = ex.profile().auth.csrf_header.as_deref().and_then(|h| h.split_once(':')) {
        return Slip::Absent(own.trim().to_ascii_lowercase());
    }
    let header = match name.as_str() {
        "csrftoken" => "x-csrftoken",
        n if n.starts_with("xsrf") => "x-xsrf-token",
        "_xsrf" => "x-xsrftoken",
        _ if speech.contains("csrf failed") || speech.contains("csrf verification failed") => "x-csrftoken",
        _ => "x-csrf-token",
    };
    Slip::Absent(header.to_owned())
}

/// Frameworks that compare header and cookie byte by byte.
fn pairs(cookie: &str, header: &str) -> bool {
    cookie.eq_ignore_ascii_case("xsrf-token") && header == "x-xsrf-token"
        || cookie.eq_ignore_ascii_case("csrftoken") && header == "x-csrftoken"
}

fn token_header<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<&'t Line> {
    let lines = ex.detail().map_or(&[][..], |d| &d.request);
    lines.iter().find(|l| csrf_header(ex, cx.text(l.name)) && !l.bytes().trim_ascii().is_empty())
}

fn evidence(cx: &Cx<'_>, ex: Ex<'_>, f: Finding, slip: &Slip) -> Finding {
    let seen = ex.req("cookie").present().is_some();
    let f = if seen { f.see(Evidence::row(ex.id(), Part::Req("cookie".to_owned(), 0))) } else { f };
    match slip {
        Slip::Absent(name) => {
            let f = f.see(Evidence::row(ex.id(), Part::ReqAbsent(name.clone())));
            match &ex.profile().auth.csrf_header {
                Some(own) => f.fix("send the header that guards this site against forged forms").paste(own.clone()),
                None => f
                    .fix("send the CSRF token that the page or cookie holds, as header")
                    .paste(format!("{}: $CSRF_TOKEN", spelled(name))),
            }
        }
        Slip::NoCookie => f
            .see(Evidence::row(ex.id(), Part::ReqAbsent("cookie".to_owned())))
            .fix("keep the cookies of the answer that handed out the token, and send them")
            .paste(recipe::jar(ex)),
        Slip::Differs => match token_header(cx, ex) {
            Some(l) => f.see(Evidence::primary(ex.id(), Part::Req(cx.text(l.name).to_owned(), 0), "not the cookie's")),
            None => f,
        }
        .fix("read the token from the cookie at the time of the call, percent-decoded"),
        Slip::NoReferer => f
            .see(Evidence::row(ex.id(), Part::ReqAbsent("referer".to_owned())))
            .fix("send a Referer of the site")
            .paste(format!("Referer: {}/", ex.origin())),
        Slip::Other => f.fix("load the page (or the token call) anew, and send the token that it hands out"),
    }
}

fn spelled(name: &str) -> &str {
    match name {
        "x-csrftoken" => "X-CSRFToken",
        "x-xsrf-token" => "X-XSRF-TOKEN",
        "x-xsrftoken" => "X-XSRFToken",
        _ => "X-CSRF-Token",
    }
}
