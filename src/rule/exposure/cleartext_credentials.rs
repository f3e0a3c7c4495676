//! `cleartext-credentials`: a credential over http to a host that is neither loopback nor private.

use super::common::{Groups, site};
use crate::auth::url;
use crate::facts::{Kind as Value, Place, Use};
use crate::http::{Origin, Side};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "cleartext-credentials",
    chapter: Chapter::Exposure,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Certain,
    needs: &[],
    summary: "a credential travels over http",
    explain: include_str!("cleartext_credentials.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut groups = Groups::default();
    for ex in cx.all().filter(|e| plain(*e)) {
        if let Some((sort, part)) = secret(cx, ex) {
            groups.add(format!("{}\t{sort}", site(ex.host())), ex, (sort, part));
        }
    }
    for g in groups.into_list() {
        let (sort, part) = &g.what;
        let private = url::is_private(g.first.host());
        let f = Finding::new(&RULE, g.first.id(), format!("{sort} travels in the clear: the URL is http, not https"))
            .hygiene()
            .severity(if private { Severity::Note } else { Severity::Warning })
            .see(Evidence::primary(g.first.id(), Part::Line, "readable on the way").at(0..0))
            .see(Evidence::related(g.first.id(), part.clone(), ""));
        out.push(
            g.counted(f)
                .fix("use the https base URL, then replace the credential")
                .sure(Confidence::Certain, if private { "a private address" } else { "seen in the request line" }),
        );
    }
}

/// A client's own request over http. What a server logs behind a TLS proxy says nothing of the client's side.
fn plain(ex: Ex<'_>) -> bool {
    let f = ex.fact();
    // Header lines alone, without the command, do not show the scheme.
    let shown = f.origin_of_lines != Origin::Wire || ex.detail().is_none_or(|d| d.typed.is_some());
    shown
        && ex.origin().starts_with("http://")
        && f.side == Side::Client
        && !f.flags.behind_tls
        && !f.flags.from_cache
        && !url::is_loopback(ex.host())
}

/// The best secret of a request: what a listener could use.
fn secret<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<(&'static str, Part)> {
    let named = |u: &'t Use| match u.kind {
        Value::Basic => Some((0, "the password")),
        Value::Password if u.place == Place::Userinfo => Some((0, "the password")),
        Value::Token | Value::IdToken | Value::Refresh => Some((1, "the token")),
        Value::ApiKey => Some((2, "the API key")),
        Value::Cookie => Some((4, "the session cookie")),
        _ => None,
    };
    let used = ex.credentials().filter(|u| counts(cx, ex, u)).filter_map(|u| Some((named(u)?, words::place(cx, u))));
    let login = ex.class().issues().then(|| ex.body()).flatten().and_then(|b| {
        let field = b.fields.iter().find(|f| f.line.marks.iter().any(|m| m.kind == Value::Password))?;
        Some(((0, "the password"), Part::ReqField(field.path.to_string())))
    });
    let masked = ex.masked().then_some(((3, "the credential"), Part::Line));
    used.chain(login).chain(masked).min_by_key(|((rank, _), _)| *rank).map(|((_, sort), part)| (sort, part))
}

/// Ids of counters and advertisers look like sessions and keys: in a browser's cookies and URLs only those count that a
/// login set, or that the page's own site gets.
fn counts(cx: &Cx<'_>, ex: Ex<'_>, u: &Use) -> bool {
    let open = matches!(u.place, Place::Cookie(_) | Place::Query(_));
    if !open || !ex.fact().flags.browser {
        return true;
    }
    let by_login = cx.life(u.value).is_some_and(|l| l.issued.iter().any(|i| cx.trace.ex(i.by).class().issues()));
    let own = ex.detail().is_some() && !ex.fact().flags.asset && own_page(ex);
    by_login || own && (ex.fact().flags.navigation || ex.fact().flags.script)
}

/// The page that asks belongs to the same site.
fn own_page(ex: Ex<'_>) -> bool {
    let from = ["origin", "referer"].into_iter().find_map(|n| ex.reqs_named(n)).map(|l| l.text().into_owned());
    from.is_none_or(|text| site(url::parse_url(&text).host()) == site(ex.host()))
}
