//! The life of a credential value: issued, used, replaced, ended.

use crate::facts::{Id, Kind, Place, StrId, ValueId};
use crate::http::Time;

/// One issuance of a value.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The exchange whose answer holds it.
    pub by: Id,
    /// The key, header or cookie name it came under.
    pub key: Box<str>,
    /// Seconds it is to live, by the answer's own words.
    pub lifetime: Option<i64>,
    /// When it ends, by the answer's own words.
    pub expires_at: Option<Time>,
    /// `token_type` of the answer.
    pub token_type: Option<Box<str>>,
    /// `scope` of the answer.
    pub scope: Option<Box<str>>,
    /// A base URL that the answer names (`instance_url`).
    pub base_url: Option<Box<str>>,
}

/// One use of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The request that carried it.
    pub by: Id,
    /// Where it stood.
    pub place: Place,
    /// The scheme as written.
    pub scheme: StrId,
}

/// Everything known of one value.
#[derive(Clone, Debug)]
pub struct Life {
    /// What it is.
    pub kind: Kind,
    /// Its issuances, in order of time.
    pub issued: Vec<Issued>,
    /// Its uses, in order of time.
    pub uses: Vec<Used>,
    /// Its accepted uses, in order of time.
    pub accepted: Vec<Id>,
    /// Origins that accepted it, and the first request that they accepted.
    pub accepted_at: Vec<(StrId, Id)>,
    /// The logouts and revocations that ended it.
    pub ended_by: Vec<Id>,
    /// The value that replaced it, and the exchange that did.
    pub replaced: Option<(ValueId, Id)>,
    /// Its claims, if it is a JWT.
    pub jwt: Option<Box<crate::auth::jwt::Jwt>>,
    /// Registered from a body field only (password, state): no token.
    pub token: bool,
}

/// So many origins of one value are told apart.
const ORIGINS: usize = 64;

impl Life {
    /// Notes an accepted use; they come in order of time.
    pub(super) fn took(&mut self, by: Id, origin: StrId) {
        self.accepted.push(by);
        if self.accepted_at.len() < ORIGINS && !self.accepted_at.iter().any(|(o, _)| *o == origin) {
            self.accepted_at.push((origin, by));
        }
    }

    /// The last issuance before an exchange, given the order of exchanges.
    pub fn issued_before(&self, position: impl Fn(Id) -> usize, at: usize) -> Option<&Issued> {
        let before = self.issued.partition_point(|i| position(i.by) < at);
        self.issued.get(before.checked_sub(1)?)
    }

    /// Its accepted uses before an exchange, latest first, given the order of exchanges.
    pub fn accepted_before(&self, position: impl Fn(Id) -> usize, at: usize) -> impl Iterator<Item = Id> {
        let before = self.accepted.partition_point(|i| position(*i) < at);
        self.accepted.get(..before).unwrap_or_default().iter().rev().copied()
    }

    /// Its accepted uses behind an exchange, earliest first, given the order of exchanges.
    pub fn accepted_after(&self, position: impl Fn(Id) -> usize, at: usize) -> impl Iterator<Item = Id> {
        let before = self.accepted.partition_point(|i| position(*i) <= at);
        self.accepted.get(before..).unwrap_or_default().iter().copied()
    }
}
