//! What became of the tokens that a long capture saw handed out, as far as it tells refusals apart: two expired tokens have
//! the same story, a logged-out one has another.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use super::like::{self, Tables};
use super::strings::Kind;
use super::{Detail, Fact, Issue, IssuePlace, Place};
use crate::http::Time;

/// So many tokens are remembered at once; then all of them are forgotten.
const MOST: usize = 1 << 17;
/// Seconds by which a lifetime must be over: more than any leeway of the rules.
const CLEAR: i64 = 6;
/// Seconds after which an age is not trusted, whatever the lifetime: recordings that were put together.
const STITCHED: i64 = 12 * 3600;

/// One token.
#[derive(Clone, Copy, Debug)]
struct Story {
    /// When it was handed out, by the server's clock if it told it.
    born: Time,
    by_server: bool,
    /// Seconds; from 1.
    lifetime: u32,
    origin: u64,
    /// Who got it, and the logins and logouts of that client up to then.
    client: (usize, u32),
    /// It was handed out or used before.
    again: bool,
    used: bool,
    ended: bool,
}

/// All of them, by the hash of their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Stories {
    of: FxHashMap<u64, Story>,
}

/// When an exchange happened, and whether its server says so.
fn now(f: &Fact) -> Option<(Time, bool)> {
    f.date.map(|d| (d, true)).or(f.start.map(|s| (s, false)))
}

impl Stories {
    /// Notes what an accepted exchange hands out. `client`: who got it, and its logins and logouts, this one among them; `known`:
    /// whether a value was used before, and so has an older story that was not seen.
    pub(super) fn issued(
        &mut self,
        f: &Fact,
        d: &Detail,
        t: Tables<'_>,
        client: (usize, u32),
        known: impl Fn(u64) -> bool,
    ) {
        for issue in &d.issues {
            let value = t.value(issue.value);
            let before = self.of.remove(&value);
            let Some(mut story) = story(f, d, t, client, issue) else { continue };
            story.used = before.map_or_else(|| known(value), |b| b.used);
            story.again = before.is_some() || story.used;
            if self.of.len() >= MOST {
                self.of.clear();
            }
            self.of.insert(value, story);
        }
    }

    /// Notes that a value was taken.
    pub(super) fn accepted(&mut self, value: u64) {
        if let Some(story) = self.of.get_mut(&value) {
            story.used = true;
        }
    }

    /// Notes that the credentials of a call may have ended with it.
    pub(super) fn ended(&mut self, f: &Fact, d: &Detail, t: Tables<'_>) {
        for value in f.uses.iter().map(|u| u.value).chain(d.secrets.iter().copied()) {
            if let Some(story) = self.of.get_mut(&t.value(value)) {
                story.ended = true;
            }
        }
    }

    /// The story of a plain read that was refused with one token long after its lifetime; `None` of every other call.
    pub(super) fn over(&self, f: &Fact, d: &Detail, t: Tables<'_>, (actor, phase): (usize, u32)) -> Option<u64> {
        let [used] = f.uses.as_slice() else { return None };
        let plain = used.kind == Kind::Token && !used.odd && matches!(used.place, Place::Header(_)) && !f.flags.masked;
        if f.outcome.code() != 401 || !plain || like::hands_out(f, d, t) {
            return None;
        }
        let story = self.of.get(&t.value(used.value))?;
        let (now, by_server) = now(f)?;
        let age = (now - story.born) / 1_000_000;
        if by_server != story.by_server || age < i64::from(story.lifetime) + CLEAR || age > STITCHED {
            return None;
        }
        let mut h = FxHasher::default();
        (story.used, story.again, story.ended, story.origin == t.text(f.origin), story.lifetime).hash(&mut h);
        (story.client.0 == actor, phase.saturating_sub(story.client.1).min(3)).hash(&mut h);
        Some(h.finish())
    }
}

/// The story of a token so far; `None` of one whose end is not told beside it, or in itself: what a JWT says is judged by rules.
fn story(f: &Fact, d: &Detail, t: Tables<'_>, client: (usize, u32), issue: &Issue) -> Option<Story> {
    let (born, by_server) = now(f)?;
    let opaque = !t.values.get(issue.value).starts_with(b"eyJ");
    if issue.kind != Kind::Token || issue.from != IssuePlace::Body || issue.weak || !opaque {
        return None;
    }
    let (lifetime, origin) = (lifetime(d, &issue.key)?, t.text(f.origin));
    Some(Story { born, by_server, lifetime, origin, client, again: false, used: false, ended: false })
}

/// `expires_in` beside a token at this path, in seconds.
fn lifetime(d: &Detail, path: &str) -> Option<u32> {
    let beside = match path.rsplit_once('.') {
        Some((prefix, _)) => format!("{prefix}.expires_in"),
        None => "expires_in".to_owned(),
    };
    let seconds = d.answer.as_ref()?.field(&beside)?.text().trim().parse().ok()?;
    (seconds > 0).then_some(seconds)
}
