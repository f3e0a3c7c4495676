//! `unknown-token`: a credential was refused and no flaw is visible.

use crate::facts::Id;
use crate::provider::Class as Says;
use crate::rule::signature::common::agreed;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Kind, Need, Part, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-token",
    chapter: Chapter::Capture,
    severity: Severity::Note,
    tier: Some((7, 50)),
    confidence: Confidence::Possible,
    needs: &[&[Need::Qh]],
    summary: "a credential was refused and no flaw is visible",
    explain: include_str!("unknown_token.md"),
    kind: Kind::Fallback(fits),
};

/// The last resort: fits every refused request.
fn fits(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let used = ex.credentials().next();
    if let Some((later, true)) = ex.node().healed_by.filter(|_| used.is_some() && ex.said() != Some(Says::Other)) {
        return Some(passing(ex, later));
    }
    let mut f = match used {
        _ if ex.said() == Some(Says::Other) => return Some(other_matter(ex)),
        Some(_) => Finding::new(&RULE, ex.id(), "the server does not know this credential; no flaw is visible"),
        None if ex.by_certificate() => {
            return Some(certificate(ex));
        }
        None => Finding::new(&RULE, ex.id(), "the server refused this; the capture does not show why"),
    };
    f = f.see(Evidence::row(ex.id(), Part::Line));
    if let Some(u) = used
        && let crate::facts::Place::Header(name) = u.place
    {
        f = f.see(Evidence::primary(ex.id(), Part::Req(cx.text(name).to_owned(), 0), ""));
    }
    if ex.answer().is_some() {
        f = f.see(Evidence::row(ex.id(), Part::ResBody(0..0)));
    } else if ex.res("www-authenticate").present().is_some() {
        f = f.see(Evidence::row(ex.id(), Part::Res("www-authenticate".to_owned(), 0)));
    }
    if let Some(quoted) = agreed(ex) {
        return Some(wrong_key(ex, quoted));
    }
    if used.is_some_and(|u| cx.life(u.value).is_none_or(|l| l.issued.is_empty())) {
        f = f.not_seen("login").not_seen("issue time");
    }
    if used.is_some_and(|u| u.kind == crate::facts::Kind::Basic) {
        f = f
            .fix("check in this order, cheapest first: same host, spelling of user and password, user enabled")
            .paste("1 same host?   is this user of that very server?")
            .paste("2 spelling?    log in by hand with the same two; quote $ and ! for the shell")
            .paste("3 still good?  ask whether the password was changed or the user disabled");
        return Some(f.sure(Confidence::Possible, "by exclusion: no rule found a flaw in this request"));
    }
    f = f
        .fix("check in this order, cheapest first: same host, age, same value at its source, withdrawn")
        .paste("1 same host?   which login made it, and on which host?")
        .paste("2 age?         get a new token and repeat the call")
        .paste("3 same value?  compare the first 4 characters and the length with the source");
    Some(f.sure(Confidence::Possible, "by exclusion: no rule found a flaw in this request"))
}

/// The same request with the same credential was accepted later (G2): whatever it was has passed.
fn passing(ex: Ex<'_>, later: Id) -> Finding {
    Finding::new(&RULE, ex.id(), "refused here; the same call with the same credential worked later")
        .see(Evidence::primary(ex.id(), Part::Line, "refused"))
        .see(Evidence::related(later, Part::Line, "accepted, with the same credential"))
        .fix("look for what passes by itself: servers not in step, a restart, a limit of calls")
        .sure(Confidence::Possible, "the credential is good, for it was accepted later")
}

/// TLS is not recorded: whether a certificate was shown, and which, cannot be told.
fn certificate(ex: Ex<'_>) -> Finding {
    let mut f = Finding::new(&RULE, ex.id(), "the server refused this; a client certificate may have been shown")
        .see(Evidence::row(ex.id(), Part::Line));
    if ex.answer().is_some() {
        f = f.see(Evidence::row(ex.id(), Part::ResBody(0..0)));
    }
    f.not_seen("client certificate")
        .fix("check which client certificate is shown: its dates, its issuer, and whose it is")
        .paste("openssl x509 -in client.pem -noout -subject -issuer -dates")
        .sure(Confidence::Possible, "no header is a credential, and TLS is not recorded")
}

/// The service quotes what it signed, and that is what was sent: the request is right, so the key is not.
fn wrong_key(ex: Ex<'_>, quoted: Part) -> Finding {
    Finding::new(&RULE, ex.id(), "the request arrived as it was sent; its signature is of another key")
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::related(ex.id(), quoted, "the same as was sent"))
        .fix("compare the secret key with its key id: a pair of another account, a cut copy, or an old one")
        .sure(Confidence::Likely, "what the service quotes is what the capture holds")
        .or("sigv4-malformed", "the string that the client signed")
}

/// The server names a reason that no credential changes: billing, a licence, a service that is off.
fn other_matter(ex: Ex<'_>) -> Finding {
    Finding::new(&RULE, ex.id(), "refused for a reason that is no matter of the credential")
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::row(ex.id(), words::speaker(ex)))
        .fix("do what the answer asks for; another credential does not help")
        .sure(Confidence::Likely, "the server names the reason")
}
