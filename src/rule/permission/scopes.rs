//! Scopes: what a token carries, and what a call needs.

use crate::facts::{Field, Id};
use crate::rule::{Cx, Part};
use crate::trace::Ex;

/// A list of scopes, and where it stands.
pub(super) struct Scopes {
    /// The scopes, in order.
    pub(super) list: Vec<String>,
    /// One of them is enough (`X-Accepted-OAuth-Scopes`).
    pub(super) any: bool,
    /// The exchange that shows it.
    pub(super) by: Id,
    /// Its place there; `None` if the list stands inside a token.
    pub(super) part: Option<Part>,
}

impl Scopes {
    fn new(text: &str, by: Id, part: Option<Part>) -> Option<Self> {
        let list: Vec<String> = text
            .split(|c: char| c.is_whitespace() || c == ',')
            .map(|s| s.trim_matches(['"', '\'', '`', '[', ']']))
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect();
        (!list.is_empty()).then_some(Self { list, any: false, by, part })
    }

    /// The scopes of this list that another one lacks; none if one of several is enough and is there.
    pub(super) fn lacking(&self, granted: &Self) -> Vec<&str> {
        let has = |s: &String| granted.list.iter().any(|g| g.eq_ignore_ascii_case(s));
        if self.any && self.list.iter().any(has) {
            return Vec::new();
        }
        self.list.iter().filter(|s| !has(s)).map(String::as_str).collect()
    }
}

/// What the call needs, by the answer's own words.
pub(super) fn needed(ex: Ex<'_>) -> Option<Scopes> {
    let challenge = ex.challenges().iter().find_map(|c| c.get("scope").map(str::to_owned));
    if let Some(text) = challenge {
        return Scopes::new(&text, ex.id(), Some(Part::Res("www-authenticate".to_owned(), 0)));
    }
    if let Some(line) = ex.res("x-accepted-oauth-scopes").present() {
        let part = Part::Res("x-accepted-oauth-scopes".to_owned(), 0);
        return Scopes::new(&line.text(), ex.id(), Some(part)).map(|s| Scopes { any: true, ..s });
    }
    let field = ex.answer()?.fields.iter().find(|f| !f.is_blank() && !f.bytes().is_empty() && names_need(f))?;
    let all: Vec<String> = ex.answer()?.fields.iter().filter(|f| siblings(f, field)).map(|f| f.text().into()).collect();
    Scopes::new(&all.join(" "), ex.id(), Some(Part::ResField(field.path.to_string())))
}

/// `needed` (Slack), `required_scopes`, `missing_scopes.0`, and `scope` beside an error.
fn names_need(f: &Field) -> bool {
    let squash = |s: &str| s.to_ascii_lowercase().replace(['_', '-'], "");
    let last = f.path.split('.').rfind(|s| s.parse::<u32>().is_err()).map(squash).unwrap_or_default();
    matches!(
        last.as_str(),
        "needed"
            | "requiredgranularscopes"
            | "requiredscope"
            | "requiredscopes"
            | "missingscope"
            | "missingscopes"
            | "scopesrequired"
            | "scope"
    )
}

/// Items of one list.
fn siblings(f: &Field, first: &Field) -> bool {
    let stem = |p: &str| p.rsplit_once('.').filter(|(_, n)| n.parse::<u32>().is_ok()).map(|(s, _)| s.to_owned());
    f.path == first.path || stem(&first.path).is_some_and(|s| stem(&f.path).is_some_and(|t| s == t))
}

/// What the token carries: by the server's words, by its claims, by the answer that issued it.
pub(super) fn granted(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Scopes> {
    if let Some(line) = ex.res("x-oauth-scopes").present() {
        return Scopes::new(&line.text(), ex.id(), Some(Part::Res("x-oauth-scopes".to_owned(), 0)));
    }
    if let Some(f) = ex.answer_field("provided") {
        return Scopes::new(&f.text(), ex.id(), Some(Part::ResField("provided".to_owned())));
    }
    let life = ex.credentials().find_map(|u| ex.life(u))?;
    if let Some(list) = life.jwt.as_ref().and_then(|j| j.scopes.clone()) {
        return Some(Scopes { list, any: false, by: ex.id(), part: None });
    }
    let issued = life.issued.iter().rev().find(|i| cx.trace.ex(i.by).precedes(ex))?;
    let login = cx.trace.ex(issued.by);
    if let Some(text) = &issued.scope {
        let prefix = issued.key.rsplit_once('.').map(|(p, _)| format!("{p}.scope"));
        let path = prefix.filter(|p| login.answer_field(p).is_some()).unwrap_or_else(|| "scope".to_owned());
        let part = Some(Part::ResField(path));
        // `"scope": ""`: the token was given none, which is known.
        if text.trim().is_empty() {
            return Some(Scopes { list: Vec::new(), any: false, by: login.id(), part });
        }
        return Scopes::new(text, login.id(), part);
    }
    // An answer without scope grants what was asked (RFC 6749 5.1).
    let asked = login.field("scope").map(|f| f.text().into_owned())?;
    Scopes::new(&asked, login.id(), Some(Part::ReqField("scope".to_owned())))
}
