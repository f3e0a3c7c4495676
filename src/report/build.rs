//! Diagnoses -> the masked report: JSON structs and the blocks of the text report, built once and shared by all sinks.

use sha2::{Digest, Sha256};

use super::model::{self, Report};
use super::rows::{self, Row};
use crate::diagnosis::{Diagnosis, Outcome};
use crate::facts::{Id, Kind};
use crate::mask::{Masker, printable};
use crate::rule::{Confidence, Finding, Part, Severity};
use crate::trace::{Class, Trace};

/// A capture that was judged: what the sinks need of it, nothing borrowed.
#[derive(Debug, Default)]
pub struct Block {
    /// The capture.
    pub file: String,
    /// The finding in [`Report::findings`].
    pub finding: model::Finding,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Refused exchanges of the story, other than its subject.
    pub followers: Vec<Id>,
    /// What follows, in words.
    pub so: Vec<String>,
    /// What else it could be.
    pub or: Vec<model::Alternative>,
    /// What the capture proves all the same.
    pub can_say: Option<String>,
    /// What it cannot prove.
    pub cannot_say: Option<String>,
}

/// At most this many exchanges are named.
const NAMED: usize = 100;

/// Adds a judged capture to a report; gives the blocks of the text report.
pub fn add(
    report: &mut Report,
    masker: &mut Masker,
    file: &str,
    trace: &Trace<'_>,
    outcome: &Outcome,
    full: bool,
) -> Vec<Block> {
    let file = printable(file);
    masker.learn(trace.facts.values.iter().map(|(id, v, k)| (v, trace.life(id).map_or(k, |l| l.kind))));
    let mut b = Builder { report, masker, file, trace, full, blocks: Vec::new() };
    for d in &outcome.diagnoses {
        b.diagnosis(d);
    }
    for f in &outcome.hygiene {
        b.finding(f, false, &[]);
    }
    b.credentials(outcome);
    b.blocks
}

struct Builder<'b, 't> {
    report: &'b mut Report,
    masker: &'b mut Masker,
    file: String,
    trace: &'t Trace<'t>,
    full: bool,
    blocks: Vec<Block>,
}

impl Builder<'_, '_> {
    fn diagnosis(&mut self, d: &Diagnosis) {
        let id = self.finding(&d.root, true, &d.root.explains);
        let consequences: Vec<String> = d.consequences.iter().map(|c| self.consequence(c)).collect();
        let alternatives: Vec<model::Alternative> = d
            .alternatives
            .iter()
            .map(|a| model::Alternative {
                rule: a.rule.clone(),
                confidence: a.confidence.word().to_owned(),
                decided_by: self.masker.text(&a.decided_by),
            })
            .collect();
        let so = self.so(d);
        let Some(block) = self.blocks.last_mut() else { return };
        block.so = so.clone();
        block.or = alternatives.clone();
        let f = &block.finding;
        let mut story: Vec<String> =
            block.rows.iter().filter(|r| r.opens || r.gap).map(|r| self.masker.text(&r.text())).collect();
        story.push(f.message.clone());
        story.extend(so);
        self.report.diagnoses.push(model::Diagnosis {
            finding: id,
            rule: f.rule.clone(),
            confidence: f.confidence.clone(),
            summary: f.message.clone(),
            consequences,
            alternatives,
            story,
            fix: f.fix.clone(),
        });
    }

    /// A consequence is listed, but is no block of its own.
    fn consequence(&mut self, c: &Finding) -> String {
        let id = self.finding(c, false, &c.explains);
        self.blocks.pop();
        id
    }

    fn finding(&mut self, f: &Finding, root: bool, explains: &[Id]) -> String {
        self.masker.block();
        let id = format!("F{}", self.report.findings.len() + 1);
        let mut ids: Vec<Id> = explains.to_vec();
        ids.sort_unstable();
        let rows: Vec<Row> = self.rows(f);
        let shown = if self.full { ids.len() } else { NAMED };
        let message = self.masker.text(&f.message);
        let place = |file: &str, i: Id| model::Place { file: file.to_owned(), index: u64::from(i) };
        let finding = model::Finding {
            id: id.clone(),
            rule: f.rule.name.to_owned(),
            severity: f.severity.word().to_owned(),
            confidence: f.confidence.word().to_owned(),
            root_cause: root,
            exchange: self.exchange(f.subject),
            explains: ids.iter().take(shown).map(|i| place(&self.file, *i)).collect(),
            explains_count: ids.len() as u64,
            message: prefixed(f, message),
            fix: model::Fix {
                text: self.masker.text(&f.fix.text),
                paste: f.fix.paste.iter().map(|p| self.masker.text(p)).collect(),
            },
            evidence: rows.iter().filter(|r| !r.gap).map(|r| self.evidence(r)).collect(),
            because: self.masker.text(&f.because),
            not_seen: f.not_seen.iter().map(|n| self.masker.text(n)).collect(),
            fingerprint: fingerprint(self.trace, f),
        };
        let s = &mut self.report.summary;
        match f.severity {
            Severity::Error => s.errors += 1,
            Severity::Warning => s.warnings += 1,
            Severity::Note => s.notes += 1,
        }
        if root {
            s.explained += ids.len() as u64;
        }
        self.report.findings.push(finding.clone());
        let followers = ids.into_iter().filter(|i| *i != f.subject).collect();
        self.blocks.push(Block {
            file: self.file.clone(),
            finding,
            rows,
            followers,
            so: Vec::new(),
            or: Vec::new(),
            can_say: f.can_say.as_ref().map(|t| self.masker.text(t)),
            cannot_say: f.cannot_say.as_ref().map(|t| self.masker.text(t)),
        });
        id
    }

    /// The rows of a finding; each exchange begins with its request line.
    fn rows(&mut self, f: &Finding) -> Vec<Row> {
        let mut evidence = f.evidence.clone();
        evidence.sort_by_key(|e| self.trace.position(e.exchange));
        let mut out: Vec<Row> = Vec::new();
        let mut current: Option<Id> = None;
        for e in &evidence {
            if current != Some(e.exchange) && e.part != Part::Line && !matches!(e.part, Part::Gap(_)) {
                let line = crate::rule::Evidence::row(e.exchange, Part::Line);
                let row = rows::resolve(self.trace, self.masker, &line);
                out.push(row);
            }
            if !matches!(e.part, Part::Gap(_)) {
                current = Some(e.exchange);
            }
            let row = rows::resolve(self.trace, self.masker, e);
            // A request line that is named twice is shown once.
            let twice =
                row.opens && out.last().is_some_and(|l| l.opens && l.exchange == row.exchange && l.mark.is_none());
            if twice {
                out.pop();
            }
            out.push(row);
        }
        if !out.iter().any(|r| r.exchange == f.subject && r.opens) {
            let line = crate::rule::Evidence::row(f.subject, Part::Line);
            out.push(rows::resolve(self.trace, self.masker, &line));
        }
        out
    }

    fn evidence(&mut self, r: &Row) -> model::Evidence {
        model::Evidence {
            file: self.file.clone(),
            exchange: u64::from(r.exchange),
            part: r.part.clone(),
            line: r.place.map(|p| p.0),
            column: r.place.map(|p| p.1),
            bytes: r.span.map(|s| [s.start, s.end]),
            value_offset: r.value_offset,
            quote: r.text(),
            why: r.label.clone(),
        }
    }

    fn exchange(&mut self, id: Id) -> model::Exchange {
        let ex = self.trace.ex(id);
        let url = match ex.detail() {
            Some(d) => self.masker.line(&d.url).into_iter().map(|p| p.shown).collect(),
            None => self.masker.text(&ex.full_url()),
        };
        model::Exchange {
            file: self.file.clone(),
            index: u64::from(id),
            method: printable(ex.method()),
            url,
            status: Some(ex.status()).filter(|s| *s > 0),
        }
    }

    /// `#1 to #5 were refused because ...`.
    fn so(&mut self, d: &Diagnosis) -> Vec<String> {
        let mut ids: Vec<Id> = d.root.explains.iter().copied().filter(|i| *i != d.root.subject).collect();
        ids.sort_unstable();
        if ids.is_empty() {
            return Vec::new();
        }
        let mut rules: Vec<&str> =
            d.consequences.iter().filter(|c| c.rule.tier.is_some()).map(|c| c.rule.name).collect();
        rules.sort_unstable();
        rules.dedup();
        let verb = if ids.len() == 1 { "was" } else { "were" };
        let why = if rules.is_empty() {
            "for the same reason".to_owned()
        } else {
            format!("because of it ({})", rules.join(", "))
        };
        vec![format!("{} {verb} refused {why}", ranges(&ids))]
    }

    /// Credentials that the rows of the report name, and those of logins.
    fn credentials(&mut self, outcome: &Outcome) {
        if outcome.diagnoses.is_empty() {
            return;
        }
        let t = self.trace;
        for (id, bytes, kind) in t.facts.values.iter() {
            let Some(life) = t.life(id).filter(|l| l.token && (!l.uses.is_empty() || !l.issued.is_empty())) else {
                continue;
            };
            if !matches!(
                life.kind,
                Kind::Token | Kind::Refresh | Kind::IdToken | Kind::ApiKey | Kind::Basic | Kind::Cookie
            ) {
                continue;
            }
            if self.report.credentials.len() >= 1000 {
                break;
            }
            let accepted = life.uses.iter().filter(|u| t.ex(u.by).accepted()).count() as u64;
            let denied = life.uses.iter().filter(|u| t.ex(u.by).denied()).count() as u64;
            if denied == 0 && life.issued.is_empty() {
                continue;
            }
            let place = |i: Id| model::Place { file: self.file.clone(), index: u64::from(i) };
            let alias = self.masker.alias(bytes, life.kind);
            let issued_by = life.issued.first().map(|i| place(i.by));
            let first_uses = life.uses.iter().take(5).map(|u| place(u.by)).collect();
            let kind = kind_word(life.kind, life.jwt.is_some(), kind).to_owned();
            self.report.credentials.push(model::Credential {
                alias,
                kind,
                issued_by,
                uses: life.uses.len() as u64,
                accepted,
                denied,
                first_uses,
            });
        }
    }
}

/// The certainty's prefix is the report's, not the rule's, since guards may lower it.
fn prefixed(f: &Finding, message: String) -> String {
    match f.confidence {
        Confidence::Likely if f.severity != Severity::Note => format!("probably: {message}"),
        Confidence::Possible => format!("possibly: {message}"),
        _ => message,
    }
}

fn kind_word(kind: Kind, jwt: bool, _seen: Kind) -> &'static str {
    match kind {
        Kind::Token if jwt => "jwt",
        Kind::Token => "bearer",
        Kind::Refresh => "refresh",
        Kind::IdToken => "id_token",
        Kind::ApiKey => "api_key",
        Kind::Basic => "basic",
        Kind::Cookie => "session_cookie",
        _ => "secret",
    }
}

/// `#1`, `#1 and #2`, `#1 to #5`, `#1, #3 and 7 more`.
pub(crate) fn ranges(ids: &[Id]) -> String {
    let mut runs: Vec<(Id, Id)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == *id => *end = *id,
            _ => runs.push((*id, *id)),
        }
    }
    let shown: Vec<String> = runs
        .iter()
        .take(4)
        .map(|(a, b)| match b - a {
            0 => format!("#{a}"),
            1 => format!("#{a} and #{b}"),
            _ => format!("#{a} to #{b}"),
        })
        .collect();
    let named: usize = runs.iter().take(4).map(|(a, b)| (b - a + 1) as usize).sum();
    let mut text = shown.join(", ");
    if ids.len() > named {
        text.push_str(&format!(" and {} more", ids.len() - named));
    }
    text
}

/// Rule, origin, route and header or field: what stays when a capture is recorded again.
fn fingerprint(trace: &Trace<'_>, f: &Finding) -> String {
    let ex = trace.ex(f.subject);
    let route = trace.text(ex.fact().route);
    let text = format!("{}\n{}\n{}\n{}", f.rule.name, ex.origin(), route, f.field.as_deref().unwrap_or_default());
    let sum = Sha256::digest(text.as_bytes());
    sum.iter().take(12).map(|b| format!("{b:02x}")).collect()
}

/// What a capture without refusals holds.
pub(crate) fn healthy(trace: &Trace<'_>) -> model::Healthy {
    let logins = trace
        .all()
        .filter(|ex| {
            ex.class().issues() && ex.class() != Class::Refresh && ex.accepted() && !ex.node().issued.is_empty()
        })
        .count();
    let tokens = trace
        .lives
        .iter()
        .filter(|l| l.token && !l.uses.is_empty() && matches!(l.kind, Kind::Token | Kind::ApiKey | Kind::Basic))
        .count();
    let mut not_seen = Vec::new();
    let some = trace.facts.list.len();
    let count = |f: &dyn Fn(&crate::facts::Flags) -> bool| trace.facts.list.iter().filter(|x| f(&x.flags)).count();
    if some > 0 && (trace.redaction.stripped || count(&|f| f.sees_authorization) == 0) {
        not_seen.push("credentials");
    }
    if some > 0 && count(&|f| f.sees_answer) == 0 {
        not_seen.push("bodies");
    }
    model::Healthy { logins, tokens, not_seen }
}
