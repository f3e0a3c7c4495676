//! `secret-in-referer`: a secret in the Referer header of a request to another origin.

use super::common::{Groups, site};
use crate::auth::{form, url};
use crate::facts::{Kind as Value, Line, Mark};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "secret-in-referer",
    chapter: Chapter::Exposure,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "a secret in the Referer header of a request to another origin",
    explain: include_str!("secret_in_referer.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut groups = Groups::default();
    for ex in cx.all().filter(|e| e.fact().flags.secret_referer) {
        let Some(line) = ex.reqs_named("referer") else { continue };
        let text = line.text().into_owned();
        let from = url::parse_url(&text);
        // Hosts of one site, and a login page that the page came from, belong together.
        if site(from.host()) == site(ex.host()) || ex.class().oauth() || ex.class().issues() {
            continue;
        }
        if let Some((mark, sort)) = secret(line, &text) {
            groups.add(format!("{}\t{sort}", from.origin()), ex, (mark.range.clone(), sort));
        }
    }
    for g in groups.into_list() {
        let (range, sort) = &g.what;
        let f = Finding::new(&RULE, g.first.id(), format!("the Referer tells another site {sort} of the page's URL"))
            .hygiene()
            .see(Evidence::row(g.first.id(), Part::Line))
            .see(
                Evidence::primary(g.first.id(), Part::Req("referer".to_owned(), 0), "sent to another site")
                    .at(range.clone()),
            );
        out.push(
            g.counted(f)
                .fix("serve the page with Referrer-Policy: no-referrer, and take the secret out of its URL at once")
                .paste("Referrer-Policy: no-referrer")
                .sure(Confidence::Strong, "the header as sent"),
        );
    }
}

fn secret<'l>(line: &'l Line, text: &str) -> Option<(&'l Mark, &'static str)> {
    let tail = text.split(['?', '#']).skip(1).collect::<Vec<_>>().join("&");
    let has_state = form::pairs(tail.as_bytes()).iter().any(|p| p.name == "state" && !p.value.is_empty());
    let sort = |m: &Mark| match m.kind {
        Value::Token => Some("a token"),
        Value::IdToken => Some("an ID token"),
        Value::Refresh => Some("a refresh token"),
        Value::Password => Some("a password"),
        // Other pages have a parameter "code", too: of a country, of a voucher.
        Value::Code if has_state => Some("the code"),
        _ => None,
    };
    line.marks.iter().find_map(|m| Some((m, sort(m)?)))
}
