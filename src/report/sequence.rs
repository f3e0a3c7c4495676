//! A capture as rows: requests in order of time, what became of them, and the lives of their tokens. Every text has
//! passed the mask. For reports that draw the sequence.

mod detail;
mod rows;
mod tokens;

use rustc_hash::FxHashSet;

use crate::facts::Id;
use crate::mask::Masker;
use crate::trace::{Ex, Trace};

/// Rows at most; above that accepted requests are counted, not listed.
const ROWS: usize = 5000;
/// Hosts with a lane of their own; the rest share one.
pub(crate) const LANES: usize = 5;
/// Tokens with a track of their own.
pub(crate) const TRACKS: usize = 8;

/// The linked model of a capture as rows.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Sequence {
    /// Hosts with a lane, by first use.
    pub hosts: Vec<String>,
    /// Whether there are more, which share a lane.
    pub others: bool,
    /// Hosts in all.
    pub hosts_count: usize,
    /// The first and the last time, by the capture's clock.
    pub span: Option<(String, String)>,
    /// What happened, in order of time.
    pub rows: Vec<Row>,
    /// The first tokens; the first `TRACKS` of them have a track.
    pub tokens: Vec<Token>,
    /// Tokens beyond those.
    pub more_tokens: usize,
    /// Accepted requests that are counted, not listed.
    pub left_out: u64,
}

/// A row.
#[derive(Clone, Debug)]
pub enum Row {
    /// A request.
    Exchange(Box<Exchange>),
    /// Nothing happened: how long.
    Gap(String),
    /// Something that no request shows: a token expires.
    Event {
        /// By the capture's clock.
        time: String,
        /// What happens.
        text: String,
        /// The token's track.
        track: usize,
        /// What it means for the track.
        sign: Sign,
    },
    /// Several accepted requests of one host and credential; they follow, with this group.
    Fold {
        /// The group.
        group: usize,
        /// The numbers of the first and the last.
        range: (Id, Id),
        /// How many.
        count: usize,
        /// The host.
        host: String,
        /// Aliases of their credentials.
        carried: Vec<String>,
    },
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Accepted,
    /// Refused.
    Refused,
    /// Refused as intended.
    Expected,
    /// Not told, or failed for another reason.
    Other,
}

/// What a row means for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Issued.
    Issued,
    /// Used, and the request was accepted.
    Accepted,
    /// Used, and the request was refused.
    Refused,
    /// Used otherwise.
    Used,
    /// Its time is over.
    Expires,
    /// Logged out, revoked or replaced.
    Ends,
}

/// A request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Its number, through all joined files.
    pub id: Id,
    /// Its number in its file.
    pub index: u64,
    /// The file, by its place among joined ones.
    pub file: usize,
    /// By the capture's clock; empty if not recorded.
    pub time: String,
    /// The lane of its host, from 0; none if the host is not known.
    pub lane: Option<usize>,
    /// The host.
    pub host: String,
    /// Aliases of the credentials that it carried.
    pub carried: Vec<String>,
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Its path and query, long ones cut.
    pub path: String,
    /// Aliases of the tokens that it issued.
    pub issued: Vec<String>,
    /// The status in words.
    pub status: String,
    /// What became of it.
    pub verdict: Verdict,
    /// What it means for tokens that have a track.
    pub marks: Vec<(usize, Sign)>,
    /// The fold that it belongs to.
    pub group: Option<usize>,
    /// Fields that matter, with their values; empty where nothing would be learnt.
    pub fields: Vec<(String, String)>,
    /// Further header fields that were recorded.
    pub more_fields: usize,
    /// Its line in the file.
    pub line: Option<u64>,
}

/// A token.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Token {
    /// Its alias.
    pub alias: String,
    /// What it is.
    pub kind: String,
    /// As reports show it.
    pub shown: String,
    /// The exchange that issued it, and its host.
    pub issued: Option<(Id, String)>,
    /// How long it lives, and what ended it.
    pub life: String,
    /// Hosts that accepted it, and how often.
    pub accepted: Vec<(String, u64)>,
    /// Hosts that refused it, and how often.
    pub refused: Vec<(String, u64)>,
}

/// Makes the rows of a judged capture. `wanted` are refusals that the configuration expects or ignores, or a baseline
/// knows.
pub(crate) fn build(trace: &Trace<'_>, masker: &mut Masker, wanted: &FxHashSet<Id>) -> Sequence {
    masker.block();
    let chosen = tokens::choose(trace, wanted);
    let mut out =
        Sequence { tokens: tokens::told(trace, masker, &chosen), more_tokens: chosen.more, ..Sequence::default() };
    rows::fill(&mut out, trace, masker, &chosen, wanted);
    out
}

/// What became of an exchange.
fn verdict(ex: Ex<'_>, wanted: &FxHashSet<Id>) -> Verdict {
    if ex.node().expected || wanted.contains(&ex.id()) {
        Verdict::Expected
    } else if ex.denied() {
        Verdict::Refused
    } else if ex.accepted() {
        Verdict::Accepted
    } else {
        Verdict::Other
    }
}

/// Microseconds by the capture's clock, or by the server's where the recorder kept none.
fn when(ex: Ex<'_>) -> Option<i64> {
    ex.start().or_else(|| ex.server_now()).map(|t| t.0)
}
