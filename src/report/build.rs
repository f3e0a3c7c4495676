//! Diagnoses -> the masked report: JSON structs and the blocks of the text report, built once and shared by all sinks.

use sha2::{Digest, Sha256};

use super::model::{self, Report};
use super::rows::Row;
use super::{fold, rows};
use crate::diagnosis::{self, Diagnosis};
use crate::facts::{Id, Kind};
use crate::mask::{Masker, printable};
use crate::rule::{Confidence, Evidence, Finding, Part, Severity};
use crate::trace::Trace;

/// A finding as the text report shows it, nothing borrowed.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Block {
    /// The capture in [`Report::captures`].
    pub capture: usize,
    /// Its name.
    pub file: String,
    /// The finding in [`Report::findings`].
    pub finding: model::Finding,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Refused exchanges that no row shows, in words.
    pub folded: Vec<String>,
    /// Line and column of its exchange.
    pub place: Option<(u64, u64)>,
    /// What follows, in words.
    pub so: Vec<String>,
    /// What else it could be.
    pub or: Vec<model::Alternative>,
    /// What the capture proves all the same.
    pub can_say: Option<String>,
    /// What it cannot prove.
    pub cannot_say: Option<String>,
    /// Of joined captures: which numbers stand in which file. Numbers count through the files in their order.
    pub legend: String,
    /// Method, origin and route of its exchange: what its fingerprint says of the place.
    pub request: String,
}

/// At most this many exchanges are named.
const NAMED: usize = 100;

/// Adds a judged capture to a report; gives the blocks of the text report.
pub fn add(
    report: &mut Report,
    masker: &mut Masker,
    file: &str,
    trace: &Trace<'_>,
    outcome: &diagnosis::Outcome,
    full: bool,
) -> Vec<Block> {
    let parts = &trace.facts.files;
    let files = match parts.is_empty() {
        true => vec![printable(file)],
        false => parts.iter().map(|p| printable(&p.name)).collect(),
    };
    let capture = report.captures.len().saturating_sub(files.len());
    masker.learn(trace.facts.values.iter().map(|(id, v, k)| (v, trace.life(id).map_or(k, |l| l.kind))));
    let mut b = Builder { report, masker, files, capture, trace, full, blocks: Vec::new() };
    for d in &outcome.diagnoses {
        b.diagnosis(d);
    }
    for f in &outcome.hygiene {
        b.finding(f, false, &[], true);
    }
    b.credentials(outcome);
    b.blocks
}

struct Builder<'b, 't> {
    report: &'b mut Report,
    masker: &'b mut Masker,
    /// Names of the captures: one, or several that were joined.
    files: Vec<String>,
    /// The first of them in the report.
    capture: usize,
    trace: &'t Trace<'t>,
    full: bool,
    blocks: Vec<Block>,
}

impl Builder<'_, '_> {
    /// The file of an exchange.
    fn file(&self, id: Id) -> String {
        self.files.get(self.trace.facts.file_of(id)).cloned().unwrap_or_default()
    }

    fn place(&self, id: Id) -> model::Place {
        model::Place { file: self.file(id), index: u64::from(self.trace.facts.number(id)) }
    }

    /// `#0 to #4 in client.har, #5 in proxy.log`; nothing for one capture.
    fn legend(&self) -> String {
        let facts = self.trace.facts;
        if facts.files.is_empty() {
            return String::new();
        }
        let mut out: Vec<String> = Vec::new();
        for (n, name) in self.files.iter().enumerate() {
            let ids: Vec<Id> = facts.of_file(n).map(|f| f.id).collect();
            if let (Some(first), Some(last)) = (ids.first(), ids.last()) {
                let range = if first == last { format!("#{first}") } else { format!("#{first} to #{last}") };
                out.push(format!("{range} in {name}"));
            }
        }
        out.join(", ")
    }

    fn diagnosis(&mut self, d: &Diagnosis) {
        let id = self.finding(&d.root, true, &d.root.explains, true);
        let mut consequences: Vec<String> = Vec::new();
        for (i, c) in d.consequences.iter().enumerate() {
            consequences.push(self.finding(c, false, &c.explains, false));
            // A consequence is listed, but is no block of its own; the first one tells how the client went on.
            let rows = self.blocks.pop().map(|b| b.rows).unwrap_or_default();
            if let (0, Some(block)) = (i, self.blocks.last_mut()) {
                fold::went_on(self.trace, &mut block.rows, rows, d.root.subject, c.subject);
            }
        }
        let alternatives: Vec<model::Alternative> = d
            .alternatives
            .iter()
            .map(|a| model::Alternative {
                rule: a.rule.clone(),
                confidence: a.confidence.word().to_owned(),
                decided_by: self.masker.text(&a.decided_by),
            })
            .collect();
        let Some(block) = self.blocks.last_mut() else { return };
        let so = fold::so(self.trace, self.masker, &block.rows, d);
        block.folded = fold::folded(self.trace, self.masker, &block.rows, d);
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

    fn finding(&mut self, f: &Finding, root: bool, explains: &[Id], fresh: bool) -> String {
        if fresh {
            self.masker.block();
        }
        let id = format!("F{}", self.report.taken[0] + self.report.findings.len() as u64 + 1);
        let (ids, more) = self.trace.with_like(explains);
        let (rows, evidence) = self.rows(f);
        let shown = if self.full { ids.len() } else { NAMED };
        let message = self.masker.text(&f.message);
        let explained = ids.iter().take(shown).map(|i| self.place(*i)).collect();
        let exchange = self.exchange(f.subject);
        let finding = model::Finding {
            id: id.clone(),
            rule: f.rule.name.to_owned(),
            severity: f.severity.word().to_owned(),
            confidence: f.confidence.word().to_owned(),
            root_cause: root,
            exchange,
            explains: explained,
            explains_count: ids.len() as u64 + more,
            message: prefixed(f, message),
            fix: model::Fix {
                text: self.masker.text(&f.fix.text),
                paste: f.fix.paste.iter().map(|p| self.masker.text(p)).collect(),
            },
            evidence,
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
            s.explained += ids.len() as u64 + more;
        }
        self.report.findings.push(finding.clone());
        let ex = self.trace.ex(f.subject);
        let route = self.trace.text(ex.fact().route);
        let (method, path) = route.split_once(' ').unwrap_or((ex.method(), route));
        let request = self.masker.text(&format!("{method} {}{path}", ex.origin()));
        self.blocks.push(Block {
            capture: self.capture + self.trace.facts.file_of(f.subject),
            file: self.file(f.subject),
            finding,
            rows,
            folded: Vec::new(),
            place: ex.detail().map(|d| d.lines.locate(ex.fact().at.start, d.url.at.start)),
            so: Vec::new(),
            or: Vec::new(),
            can_say: f.can_say.as_ref().map(|t| self.masker.text(t)),
            cannot_say: f.cannot_say.as_ref().map(|t| self.masker.text(t)),
            legend: self.legend(),
            request,
        });
        id
    }

    /// The rows of a finding, and its evidence for machines. Each exchange begins with its request line, or with the
    /// typed command; marks in the same text share a row.
    fn rows(&mut self, f: &Finding) -> (Vec<Row>, Vec<model::Evidence>) {
        let mut list: Vec<Evidence> = f.evidence.clone();
        if !list.iter().any(|e| e.exchange == f.subject) {
            list.push(Evidence::row(f.subject, Part::Line));
        }
        list.sort_by_key(|e| self.trace.position(e.exchange));
        let mut rows = Vec::new();
        let mut told = Vec::new();
        for group in list.chunk_by(|a, b| a.exchange == b.exchange) {
            self.exchange_rows(group, &mut rows, &mut told);
        }
        (fold::at_most_three(rows, f.subject), told)
    }

    fn exchange_rows(&mut self, group: &[Evidence], rows: &mut Vec<Row>, told: &mut Vec<model::Evidence>) {
        let Some(id) = group.first().map(|e| e.exchange) else { return };
        let ahead = |e: &&Evidence| matches!(e.part, Part::Gap(_) | Part::Typed(_));
        let line = Evidence::row(id, Part::Line);
        let first = group.iter().filter(ahead);
        let rest = group.iter().filter(|e| !ahead(e));
        let mut own: Vec<Row> = Vec::new();
        for e in first.chain([&line]).chain(rest) {
            let (row, t) = rows::resolve(self.trace, self.masker, e);
            if !row.gap && !std::ptr::eq(e, &line) {
                told.push(self.evidence(id, t, &e.label));
            }
            match own.iter_mut().find(|o| fold::same_text(o, &row)) {
                Some(known) => known.marks.extend(row.marks),
                None => own.push(row),
            }
        }
        if let Some(opening) = own.iter_mut().find(|r| !r.gap) {
            opening.opens = true;
        }
        rows.extend(own);
    }

    fn evidence(&mut self, exchange: Id, t: rows::Told, label: &str) -> model::Evidence {
        model::Evidence {
            file: self.file(exchange),
            exchange: u64::from(self.trace.facts.number(exchange)),
            part: t.part,
            line: t.place.map(|p| p.0),
            column: t.place.map(|p| p.1),
            bytes: t.span.map(|s| [s.start, s.end]),
            value_offset: t.value_offset,
            quote: t.quote,
            why: self.masker.text(label),
        }
    }

    fn exchange(&mut self, id: Id) -> model::Exchange {
        let ex = self.trace.ex(id);
        let url = match ex.detail() {
            Some(d) => self.masker.line_text(&d.url),
            None => self.masker.text(&ex.full_url()),
        };
        model::Exchange {
            file: self.file(id),
            index: u64::from(self.trace.facts.number(id)),
            method: printable(ex.method()),
            url,
            status: Some(ex.status()).filter(|s| *s > 0),
        }
    }

    /// Credentials that the rows of the report name, and those of logins.
    fn credentials(&mut self, outcome: &diagnosis::Outcome) {
        if outcome.diagnoses.is_empty() {
            return;
        }
        let t = self.trace;
        for (id, bytes, _) in t.facts.values.iter() {
            let Some(life) = t.life(id).filter(|l| l.token && (!l.uses.is_empty() || !l.issued.is_empty())) else {
                continue;
            };
            if !matches!(
                life.kind,
                Kind::Token | Kind::Refresh | Kind::IdToken | Kind::ApiKey | Kind::Basic | Kind::Cookie
            ) {
                continue;
            }
            if self.report.taken[1] + self.report.credentials.len() as u64 >= 1000 {
                break;
            }
            let gone = t.facts.gone.uses.get(&id).copied().unwrap_or(0);
            let accepted = life.accepted.iter().map(|u| t.weight(*u)).sum::<u64>() + gone;
            let refused = life.uses.iter().filter(|u| t.ex(u.by).denied());
            let denied = refused.map(|u| t.weight(u.by)).sum::<u64>();
            let uses = life.uses.iter().map(|u| t.weight(u.by)).sum::<u64>() + gone;
            if denied == 0 && life.issued.is_empty() {
                continue;
            }
            let alias = self.masker.alias(bytes, life.kind);
            let issued_by = life.issued.first().map(|i| self.place(i.by));
            let first_uses = life.uses.iter().take(5).map(|u| self.place(u.by)).collect();
            let kind = kind_word(life.kind, life.jwt.is_some()).to_owned();
            self.report.credentials.push(model::Credential {
                alias,
                kind,
                issued_by,
                uses,
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

pub(super) fn kind_word(kind: Kind, jwt: bool) -> &'static str {
    match kind {
        Kind::Token if jwt => "jwt",
        Kind::Token => "bearer",
        Kind::Refresh => "refresh",
        Kind::IdToken => "id_token",
        Kind::ApiKey => "api_key",
        Kind::Basic => "basic",
        Kind::Cookie => "session_cookie",
        Kind::Code => "code",
        Kind::Csrf => "csrf",
        Kind::Signature => "signature",
        _ => "secret",
    }
}

/// Rule, origin, route and header or field: what stays when a capture is recorded again.
pub(super) fn fingerprint(trace: &Trace<'_>, f: &Finding) -> String {
    let ex = trace.ex(f.subject);
    let route = trace.text(ex.fact().route);
    let text = format!("{}\n{}\n{}\n{}", f.rule.name, ex.origin(), route, f.field.as_deref().unwrap_or_default());
    let sum = Sha256::digest(text.as_bytes());
    sum.iter().take(12).map(|b| format!("{b:02x}")).collect()
}
