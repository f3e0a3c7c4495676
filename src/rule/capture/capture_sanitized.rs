//! `capture-sanitized`: the recorder removed the credential, so the cause cannot be read.

use crate::http::{Observed, Why};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Kind, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "capture-sanitized",
    chapter: Chapter::Capture,
    severity: Severity::Note,
    tier: Some((7, 40)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the recorder removed the credential, so the cause cannot be read",
    explain: include_str!("capture_sanitized.md"),
    kind: Kind::Fallback(fits),
};

fn fits(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let hidden = matches!(ex.req("authorization"), Observed::NotObserved(Why::Redacted)) || ex.masked();
    let visible = ex.credentials().any(|u| !matches!(u.kind, crate::facts::Kind::Cookie)) && !ex.masked();
    // Where the server names a reason that is none of the credential's, the credential need not be seen.
    if !hidden || visible || ex.said() == Some(Says::Other) {
        return None;
    }
    let recorder = cx.trace.redaction_at(ex.id()).recorder.clone().unwrap_or_else(|| "the recorder".to_owned());
    let stripped = cx.trace.redaction_at(ex.id()).stripped && !ex.masked();
    let why = if stripped {
        format!("{recorder} leaves it out of this export")
    } else {
        "a mask stands in its place".to_owned()
    };
    let mut f = Finding::new(&RULE, ex.id(), "a request was refused; its credential was removed from the capture")
        .see(Evidence::row(ex.id(), Part::Line));
    f = match ex.req("authorization").present() {
        Some(_) => f.see(Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "masked")),
        None => f.see(Evidence::row(ex.id(), Part::ReqUnseen("authorization".to_owned(), why.clone()))),
    };
    if ex.res("www-authenticate").present().is_some() {
        f = f.see(Evidence::row(ex.id(), Part::Res("www-authenticate".to_owned(), 0)));
        f.can_say = Some("the server asked for a credential, or judged the one it got".to_owned());
    } else {
        let said = match ex.said() {
            Some(Says::Missing) => ", and says that it saw no credential",
            Some(Says::Invalid) => ", and that it does not take the credential",
            _ => "",
        };
        f.can_say = Some(format!("the server answered {}{said}", ex.status()));
    }
    if let Some(sent) = ex.asked_to_authorize().filter(|_| stripped) {
        let (label, say) = match sent {
            true => ("the page sends Authorization", "the page sent an Authorization header, its preflight says"),
            false => {
                ("no Authorization among them", "no Authorization was sent, its preflight says; cookies may have been")
            }
        };
        let (by, list) = (ex.node().preflight, "access-control-request-headers".to_owned());
        if let Some(by) = by.filter(|by| ex.trace().ex(*by).req(&list).present().is_some()) {
            f = f.see(Evidence::related(by, Part::Req(list, 0), label));
        }
        f.can_say = Some(say.to_owned());
    }
    if ex.answer().is_some_and(|a| !a.head.bytes().trim_ascii().is_empty()) {
        f = f.see(Evidence::row(ex.id(), Part::ResBody(0..0)));
    }
    f.cannot_say = Some("was it absent, mistyped, expired or of another host?".to_owned());
    let (fix, paste) = if stripped {
        (
            "export again with credentials, and mask the file before it is shared",
            "Chrome: Settings, Network, \"Allow to generate HAR with sensitive data\"",
        )
    } else {
        (
            "repeat the one request with curl and read it here",
            "curl -v -H \"Authorization: Bearer $TOKEN\" URL 2>&1 | why401",
        )
    };
    let because = if stripped {
        format!("{recorder} export without any Authorization, Cookie or Set-Cookie")
    } else {
        "the value is a mask".to_owned()
    };
    Some(f.fix(fix).paste(paste).not_seen("credentials").sure(Confidence::Strong, because))
}
