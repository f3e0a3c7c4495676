//! What a rule says: a claim about one exchange, with symbolic evidence. Places become bytes, lines and masked text later.

use std::ops::Range;

use super::Rule;
use crate::facts::Id;

/// How sure a finding is (rules.md 4.1). The order is from weak to sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint, by exclusion.
    Possible,
    /// A pattern with a known innocent reading.
    Likely,
    /// Shown by the capture alone.
    Strong,
    /// The server names the cause and the request shows it, or it is impossible to accept.
    Certain,
}

impl Confidence {
    /// One step less, or nothing below `possible`.
    pub fn lower(self) -> Option<Self> {
        match self {
            Self::Certain => Some(Self::Strong),
            Self::Strong => Some(Self::Likely),
            Self::Likely => Some(Self::Possible),
            Self::Possible => None,
        }
    }

    /// One step more.
    #[must_use]
    pub fn raise(self) -> Self {
        match self {
            Self::Possible => Self::Likely,
            Self::Likely => Self::Strong,
            Self::Strong | Self::Certain => Self::Certain,
        }
    }

    /// The confidence of a word as profiles and configurations write it.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Certain, Self::Strong, Self::Likely, Self::Possible].into_iter().find(|c| c.word() == word)
    }

    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Strong => "strong",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For information: cannot tell, or by the way.
    Note,
    /// It works, but is risky or fragile.
    Warning,
    /// It broke a request.
    Error,
}

impl Severity {
    /// The severity of a word as profiles and configurations write it.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Error, Self::Warning, Self::Note].into_iter().find(|s| s.word() == word)
    }

    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A part of an exchange, named symbolically; the report finds its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// `METHOD URL -> STATUS`.
    Line,
    /// The value of a query parameter, in the request line.
    Query(String),
    /// The n-th request header of this name (lower case).
    Req(String, usize),
    /// A request header that was recordable and is absent.
    ReqAbsent(String),
    /// A request header that could not be recorded; the reason in words.
    ReqUnseen(String, String),
    /// The n-th line of the request head that is no `name: value`.
    ReqOdd(usize),
    /// The n-th `-H` argument of the typed command.
    Typed(usize),
    /// The n-th response header of this name (lower case).
    Res(String, usize),
    /// A response header that was recordable and is absent.
    ResAbsent(String),
    /// The field of the request body at this path (`headers.Authorization`).
    ReqField(String),
    /// The field of the response body at this path.
    ResField(String),
    /// A range of the request body.
    ReqBody(Range<usize>),
    /// A range of the response body.
    ResBody(Range<usize>),
    /// A client-side failure text.
    Failure,
    /// A line made of names and numbers only, no captured secret (`sent: Host, Accept; no Authorization`).
    Say(String),
    /// Time or exchanges left out: printed behind `:`.
    Gap(String),
}

/// One row of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The exchange it belongs to.
    pub exchange: Id,
    /// Which part of it.
    pub part: Part,
    /// The bytes to mark within the part's value (decoded); `None` marks nothing.
    pub mark: Option<Range<usize>>,
    /// What the marked bytes show, at most 44 characters.
    pub label: String,
    /// Whether this is the place of the mistake (`^`) or only related to it (`-`).
    pub primary: bool,
}

impl Evidence {
    /// A row without marks.
    pub fn row(exchange: Id, part: Part) -> Self {
        Self { exchange, part, mark: None, label: String::new(), primary: false }
    }

    /// A row whose whole value is the mistake.
    pub fn primary(exchange: Id, part: Part, label: impl Into<String>) -> Self {
        Self { exchange, part, mark: Some(0..usize::MAX), label: label.into(), primary: true }
    }

    /// A row whose whole value is related to the mistake.
    pub fn related(exchange: Id, part: Part, label: impl Into<String>) -> Self {
        Self { exchange, part, mark: Some(0..usize::MAX), label: label.into(), primary: false }
    }

    /// Marks only these bytes of the value.
    #[must_use]
    pub fn at(mut self, mark: Range<usize>) -> Self {
        self.mark = Some(mark);
        self
    }
}

/// What to change: one sentence in the imperative and at most three lines to paste.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// The sentence, without a full stop.
    pub text: String,
    /// Lines to paste; never a secret (`$TOKEN` instead).
    pub paste: Vec<String>,
}

/// Another reading of the evidence, and what would decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// A rule id, or a cause in words.
    pub rule: String,
    /// The observation that would decide, obtainable by the reader.
    pub decided_by: String,
    /// How sure it is on its own.
    pub confidence: Confidence,
}

/// A claim of one rule.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How sure.
    pub confidence: Confidence,
    /// What the server's words may not raise it above: they have other causes, too.
    pub at_most: Confidence,
    /// How bad; the rule's severity unless the case differs.
    pub severity: Severity,
    /// Where the mistake stands.
    pub subject: Id,
    /// The denied exchanges that it accounts for; empty for hygiene.
    pub explains: Vec<Id>,
    /// The header (`authorization`) or field (`code_verifier`) that it is about; settles the scope `same-header`.
    pub field: Option<String>,
    /// One clause, at most 68 characters, lower case start, no full stop. Captured text in it passes the mask.
    pub message: String,
    /// The rows, in order of time.
    pub evidence: Vec<Evidence>,
    /// What to change.
    pub fix: Fix,
    /// Why so sure: the reason printed behind the certainty.
    pub because: String,
    /// What else it could be.
    pub or: Vec<Alternative>,
    /// What was not recorded and mattered: nouns.
    pub not_seen: Vec<String>,
    /// What the capture proves all the same (capture-sanitized).
    pub can_say: Option<String>,
    /// What it cannot prove.
    pub cannot_say: Option<String>,
}

impl Finding {
    /// A finding of `rule` that explains its own subject, with the rule's severity and confidence.
    pub fn new(rule: &'static Rule, subject: Id, message: impl Into<String>) -> Self {
        Self {
            rule,
            confidence: rule.confidence,
            at_most: Confidence::Certain,
            severity: rule.severity,
            subject,
            explains: vec![subject],
            field: None,
            message: message.into(),
            evidence: Vec::new(),
            fix: Fix::default(),
            because: String::new(),
            or: Vec::new(),
            not_seen: Vec::new(),
            can_say: None,
            cannot_say: None,
        }
    }

    /// Explains nothing: hygiene.
    #[must_use]
    pub fn hygiene(mut self) -> Self {
        self.explains.clear();
        self
    }

    /// Another confidence, with its reason.
    #[must_use]
    pub fn sure(mut self, confidence: Confidence, because: impl Into<String>) -> Self {
        self.confidence = confidence;
        self.because = because.into();
        self
    }

    /// Never surer than this, whatever the server says.
    #[must_use]
    pub fn at_most(mut self, confidence: Confidence) -> Self {
        self.at_most = confidence;
        self.confidence = self.confidence.min(confidence);
        self
    }

    /// Another severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The header or field it is about, lower case.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// One more row of evidence.
    #[must_use]
    pub fn see(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// What to change.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix.text = text.into();
        self
    }

    /// One line to paste.
    #[must_use]
    pub fn paste(mut self, line: impl Into<String>) -> Self {
        self.fix.paste.push(line.into());
        self
    }

    /// Another reading and what would decide.
    #[must_use]
    pub fn or(mut self, rule: impl Into<String>, decided_by: impl Into<String>) -> Self {
        self.or.push(Alternative {
            rule: rule.into(),
            decided_by: decided_by.into(),
            confidence: Confidence::Possible,
        });
        self
    }

    /// Something that was not recorded and mattered.
    #[must_use]
    pub fn not_seen(mut self, what: impl Into<String>) -> Self {
        self.not_seen.push(what.into());
        self
    }

    /// Further denied exchanges that it accounts for.
    #[must_use]
    pub fn explains(mut self, more: impl IntoIterator<Item = Id>) -> Self {
        self.explains.extend(more);
        self
    }
}
