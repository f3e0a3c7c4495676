//! `token-leaked-third-party`: a credential went to a stranger.

use rustc_hash::FxHashMap;

use super::common::{Groups, site};
use crate::facts::{Kind as Value, Place, ValueId};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex, Life};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-leaked-third-party",
    chapter: Chapter::Exposure,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[],
    summary: "a credential went to a site that has nothing to do with it",
    explain: include_str!("token_leaked_third_party.md"),
    kind: Kind::Rule(check),
};

/// Where a value is at home: an exchange that issued it, or accepted it as a header or cookie.
type Homes<'t> = FxHashMap<ValueId, Vec<Ex<'t>>>;

/// Values with more homes than this are no secret of one site.
const HOMES: usize = 8;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut homes: Homes<'_> = Homes::default();
    let mut groups = Groups::default();
    for ex in cx.all() {
        for (value, part) in carried(cx, ex) {
            let Some(life) = cx.life(value).filter(|l| secret(cx, value, l)) else { continue };
            let own = homes.entry(value).or_insert_with(|| home(cx, life));
            if own.is_empty() || own.len() >= HOMES || own.iter().any(|h| related(*h, ex)) {
                continue;
            }
            let Some(first) = own.first().copied() else { continue };
            groups.add(format!("{}\t{}", value.0, site(ex.host())), ex, (first, part));
        }
    }
    for g in groups.into_list() {
        let (home, part) = &g.what;
        let redirected = g.first.node().redirected_from.is_some() && matches!(part, Part::Req(..));
        let f = Finding::new(&RULE, g.first.id(), "a credential of one site was sent to another, unrelated one")
            .hygiene()
            .see(Evidence::related(home.id(), Part::Line, "at home here"))
            .see(Evidence::primary(g.first.id(), Part::Line, "another site").at(0..0))
            .see(Evidence::primary(g.first.id(), part.clone(), "the same credential"));
        let f = g.counted(f).sure(Confidence::Strong, "the same value, two unrelated sites");
        out.push(match redirected {
            true => f.fix("revoke it, and do not forward credentials across redirects").paste(recipe::without(g.first)),
            false => f.fix("revoke it, and keep it out of URLs and of what is sent to other sites"),
        });
    }
}

/// Credentials in places where strangers get them: query and body of a call, links inside them, headers after a redirect.
fn carried<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Vec<(ValueId, Part)> {
    if ex.class() != Class::Call || ex.presigned() {
        return Vec::new();
    }
    let redirected = ex.node().redirected_from.is_some();
    let mut out: Vec<(ValueId, Part)> = Vec::new();
    for u in ex.uses() {
        match u.place {
            Place::Query(n) => out.push((u.value, Part::Query(cx.text(n).to_owned()))),
            Place::Field(n) => out.push((u.value, Part::ReqField(cx.text(n).to_owned()))),
            Place::Header(n) if redirected => out.push((u.value, Part::Req(cx.text(n).to_owned(), 0))),
            _ => {}
        }
    }
    for f in ex.detail().map_or(&[][..], |d| &d.query) {
        out.extend(f.line.marks.iter().map(|m| (m.value, Part::Query(f.path.to_string()))));
    }
    out
}

/// A value that only one site should know.
fn secret(cx: &Cx<'_>, value: ValueId, life: &Life) -> bool {
    let kind = matches!(life.kind, Value::Token | Value::IdToken | Value::Refresh | Value::Basic | Value::ApiKey);
    kind && cx.bytes(value).len() >= 16
}

fn home<'t>(cx: &Cx<'t>, life: &'t Life) -> Vec<Ex<'t>> {
    let issued = life.issued.iter().map(|i| cx.trace.ex(i.by));
    let accepted = life
        .uses
        .iter()
        .take(500)
        .filter(|u| matches!(u.place, Place::Header(_) | Place::Cookie(_)))
        .map(|u| cx.trace.ex(u.by))
        .filter(|o| o.accepted() && o.node().redirected_from.is_none());
    let mut out: Vec<Ex<'t>> = Vec::new();
    for ex in issued.chain(accepted) {
        if out.len() < HOMES && !out.iter().any(|o| o.fact().origin == ex.fact().origin) {
            out.push(ex);
        }
    }
    out
}

/// One site, or two services of one known provider.
fn related(home: Ex<'_>, ex: Ex<'_>) -> bool {
    let provider = home.profile().id != "generic" && home.profile().id == ex.profile().id;
    provider || site(home.host()) == site(ex.host()) || crate::auth::url::is_loopback(ex.host())
}
