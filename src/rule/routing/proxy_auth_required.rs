//! `proxy-auth-required`: the proxy asks for a login of its own.

use crate::facts::Line;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, recipe};
use crate::trace::{Denial, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "proxy-auth-required",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((0, 30)),
    confidence: Confidence::Certain,
    needs: &[],
    summary: "the proxy asks for a login of its own",
    explain: include_str!("proxy_auth_required.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| e.denial() == Some(Denial::Proxy)) {
        let sent = ex.reqs("proxy-authorization").next().is_some();
        let challenge = ex.res("proxy-authenticate").present();
        let message = if sent {
            "the proxy refused the login sent to it; the API was not asked"
        } else {
            "the proxy asks for a login of its own; the API was not asked"
        };
        let mut f = Finding::new(&RULE, ex.id(), message).field("proxy-authorization").see(Evidence::primary(
            ex.id(),
            Part::Line,
            "the proxy answered",
        ));
        if let Some(via) = ex.res("via").present() {
            f = f.see(Evidence::related(ex.id(), Part::Res("via".to_owned(), 0), "the proxy").at(0..via.bytes().len()));
        }
        if challenge.is_some() {
            f = f.see(Evidence::related(ex.id(), Part::Res("proxy-authenticate".to_owned(), 0), "what it takes"));
        }
        if sent {
            f = f.see(Evidence::related(ex.id(), Part::Req("proxy-authorization".to_owned(), 0), "refused"));
        }
        // A server that is no proxy may give this status by mistake; then it names no scheme.
        let seen = ex.fact().flags.sees_response;
        let (sure, because) = match (challenge, seen) {
            (Some(_), _) => (Confidence::Certain, "407 and Proxy-Authenticate come from a proxy only"),
            (None, false) => (Confidence::Strong, "407 comes from a proxy"),
            (None, true) => (Confidence::Likely, "407, but no Proxy-Authenticate: the answer is not complete"),
        };
        out.push(
            f.fix("give the client the proxy's user and password, or go around the proxy")
                .paste(paste(ex, challenge))
                .sure(sure, because),
        );
    }
}

fn paste(ex: Ex<'_>, challenge: Option<&Line>) -> String {
    let asks = challenge.map(|l| l.text().to_ascii_lowercase()).unwrap_or_default();
    let how = if asks.starts_with("ntlm") {
        "--proxy-ntlm "
    } else if asks.starts_with("negotiate") {
        "--proxy-negotiate "
    } else if asks.starts_with("digest") {
        "--proxy-digest "
    } else {
        ""
    };
    match recipe::client(ex) {
        recipe::Client::Requests => "proxies={\"https\": \"http://user:password@proxy:3128\"}".to_owned(),
        recipe::Client::Axios => "proxy: {host, port, auth: {username, password}}".to_owned(),
        recipe::Client::Fetch => "HTTPS_PROXY=http://user:password@proxy:3128".to_owned(),
        recipe::Client::Postman => "Settings, Proxy: this proxy requires authentication".to_owned(),
        recipe::Client::Curl => format!("curl -x http://proxy:3128 {how}-U \"$PROXY_USER:$PROXY_PASSWORD\" ..."),
    }
}
