//! Facts -> the linked model: actors, credentials, logins, grants, redirects, retries, denials. Built once, then only read.

mod classify;
mod clock;
mod credentials;
mod denial;
mod expected;
mod foreign;
mod issuance;
mod join;
mod life;
mod link;
mod lists;
mod node;
mod oauth;
mod origin;
mod preflight;
mod redaction;
mod signed;
mod soft;
mod trade;
mod view;

use rustc_hash::FxHashMap;

use crate::facts::{Facts, Id, Place, StrId, ValueId};
use crate::provider::{Profile, Profiles};
use crate::workers;

pub use clock::Clocks;
pub use join::align;
pub use life::{Issued, Life, Used};
pub use node::{Class, Denial, Foreign, Node, Said};
pub use oauth::{Attempt, Grant};
pub(crate) use oauth::{back as callback_param, published_issuer, redeems_code};
pub use origin::{Origin, Route};
pub use preflight::{PreflightFault, preflight_fault};
pub use redaction::Unseen;
pub use view::Ex;

/// The linked model of one capture.
#[derive(Debug)]
pub struct Trace<'f> {
    /// The records it was built from.
    pub facts: &'f Facts,
    /// All profiles in force.
    pub providers: &'f Profiles,
    /// The profiles in use; [`Node::profile`] counts into it.
    pub profiles: Vec<&'f Profile>,
    /// All exchanges in order of time.
    pub order: Vec<Id>,
    /// What is known of each exchange.
    pub nodes: Vec<Node>,
    /// What is known of each value.
    pub lives: Vec<Life>,
    /// OAuth grants, one an authorization request or an unmatched token call.
    pub grants: Vec<Grant>,
    /// Clocks of the hosts.
    pub clocks: Clocks,
    /// How headers came to be missing.
    pub redaction: redaction::Resolved,
    /// The same for each of several joined captures.
    redactions: Vec<redaction::Resolved>,
    position: Vec<u32>,
    origins: FxHashMap<StrId, Origin>,
    routes: FxHashMap<StrId, Route>,
    by_actor: FxHashMap<StrId, Vec<Id>>,
    lists: lists::Lists,
}

impl<'f> Trace<'f> {
    /// Links the facts of one capture. The cost is linear in their number.
    pub fn build(facts: &'f Facts, profiles: &'f Profiles) -> Self {
        let mut t = Self {
            facts,
            providers: profiles,
            profiles: Vec::new(),
            order: link::order(facts),
            nodes: vec![Node::default(); facts.list.len()],
            lives: Vec::new(),
            grants: Vec::new(),
            clocks: Clocks::default(),
            redaction: redaction::Resolved::default(),
            redactions: Vec::new(),
            position: Vec::new(),
            origins: FxHashMap::default(),
            routes: FxHashMap::default(),
            by_actor: FxHashMap::default(),
            lists: lists::Lists::default(),
        };
        t.position = link::positions(facts, &t.order);
        t.by_actor = link::by_actor(&t);
        t.redaction = redaction::resolve(facts);
        t.redactions = redaction::of_each(facts);
        origin::choose_profiles(&mut t, profiles);
        classify::all(&mut t);
        t.clocks = clock::measure(&t);
        link::redirects(&mut t);
        classify::turned(&mut t);
        classify::answers(&mut t);
        link::twins(&mut t);
        issuance::lives(&mut t);
        classify::issuers(&mut t);
        classify::sessions(&mut t);
        lists::classes(&mut t);
        denial::said(&mut t);
        denial::all(&mut t);
        link::preflights(&mut t);
        oauth::grants(&mut t);
        denial::grants(&mut t);
        link::retries(&mut t);
        expected::all(&mut t);
        issuance::endings(&mut t);
        denial::masked(&mut t);
        denial::content(&mut t);
        origin::accepted(&mut t);
        foreign::all(&mut t);
        lists::outcomes(&mut t);
        t
    }

    /// How headers came to be missing in the capture that shows this exchange.
    pub fn redaction_at(&self, id: Id) -> &redaction::Resolved {
        self.redactions.get(self.facts.file_of(id)).unwrap_or(&self.redaction)
    }

    /// How headers came to be missing in one of several joined captures.
    pub fn redaction_of(&self, file: usize) -> &redaction::Resolved {
        self.redactions.get(file).unwrap_or(&self.redaction)
    }

    /// A view of one exchange.
    pub fn ex(&self, id: Id) -> Ex<'_> {
        Ex::new(self, id)
    }

    /// All exchanges in order of time.
    pub fn all(&self) -> impl Iterator<Item = Ex<'_>> {
        self.order.iter().map(|id| self.ex(*id))
    }

    /// Refused exchanges in order of time, expected refusals left out.
    pub fn denied(&self) -> impl Iterator<Item = Ex<'_>> {
        self.lists.denied.iter().map(|id| self.ex(*id))
    }

    /// Exchanges whose detail was kept, in order of time. All others were accepted, carry nothing but a credential, and
    /// are plain calls.
    pub fn detailed(&self) -> impl Iterator<Item = Ex<'_>> {
        self.lists.detailed.iter().map(|id| self.ex(*id))
    }

    /// Exchanges of a class other than [`Class::Call`], in order of time.
    pub fn of_class(&self, class: Class) -> impl DoubleEndedIterator<Item = Ex<'_>> {
        self.lists.by_class.get(&class).map_or(&[][..], Vec::as_slice).iter().map(|id| self.ex(*id))
    }

    /// Exchanges of a class before another one, latest first.
    pub fn class_before<'t>(&'t self, class: Class, ex: Ex<'t>) -> impl Iterator<Item = Ex<'t>> {
        let list = self.lists.by_class.get(&class).map_or(&[][..], Vec::as_slice);
        let at = list.partition_point(|id| self.position(*id) < self.position(ex.id()));
        list.get(..at).unwrap_or_default().iter().rev().map(|id| self.ex(*id))
    }

    /// Logins, token calls and authorization requests of an actor, in order of time.
    pub fn steps_of(&self, actor: StrId) -> &[Id] {
        self.lists.steps.get(&actor).map_or(&[], Vec::as_slice)
    }

    /// JWTs that the audience of an exchange took from its actor, each with the first request that was taken: some before
    /// the exchange, the latest first, then some behind it.
    pub fn jwts_near<'t>(
        &'t self,
        ex: Ex<'t>,
        most: usize,
    ) -> impl Iterator<Item = (Ex<'t>, &'t crate::auth::jwt::Jwt)> {
        let audience = self.origin(ex.fact().origin).map_or(u32::MAX, |o| o.audience);
        let list = self.lists.jwts.get(&(ex.actor(), audience)).map_or(&[][..], Vec::as_slice);
        let at = list.partition_point(|(id, _)| self.position(*id) < self.position(ex.id()));
        let (before, behind) = list.split_at_checked(at).unwrap_or((list, &[]));
        let near = before.iter().rev().take(most).chain(behind.iter().take(most));
        near.filter_map(|(id, value)| Some((self.ex(*id), self.life(*value)?.jwt.as_deref()?)))
    }

    /// Whether any login of the capture hands out tokens for the audience of an exchange.
    pub fn login_for(&self, ex: Ex<'_>) -> bool {
        self.lists.logins.any_for(self, ex)
    }

    /// Whether the host of an exchange logs in itself.
    pub fn logs_in(&self, ex: Ex<'_>) -> bool {
        self.lists.logins.own(ex)
    }

    /// An exchange and those that were only counted as like it.
    pub fn weight(&self, id: Id) -> u64 {
        1 + self.facts.get(id).and_then(|f| f.like.as_ref()).map_or(0, |l| l.count)
    }

    /// Exchanges with those that are like them, in the order of the file, as far as their numbers are known; and how
    /// many more there are.
    pub fn with_like(&self, ids: &[Id]) -> (Vec<Id>, u64) {
        let mut all = ids.to_vec();
        let mut more = 0;
        for like in ids.iter().filter_map(|id| self.facts.get(*id)?.like.as_ref()) {
            all.extend(&like.first);
            more += like.count.saturating_sub(like.first.len() as u64);
        }
        all.sort_unstable();
        (all, more)
    }

    /// The exchanges of an actor, in order of time.
    pub fn of_actor(&self, actor: StrId) -> &[Id] {
        self.by_actor.get(&actor).map_or(&[], Vec::as_slice)
    }

    /// The place of an exchange in the order of time.
    pub fn position(&self, id: Id) -> usize {
        self.facts.slot(id).and_then(|at| self.position.get(at)).copied().unwrap_or(u32::MAX) as usize
    }

    /// What is known of an exchange.
    pub fn node(&self, id: Id) -> &Node {
        const NONE: &Node = &Node {
            class: Class::Call,
            denial: None,
            expected: false,
            said: Vec::new(),
            redirected_from: None,
            redirected_to: None,
            retry_of: None,
            healed_by: None,
            actual: None,
            preflight: None,
            issued: Vec::new(),
            answered_by: None,
            twin: None,
            foreign: None,
            grant: None,
            profile: 0,
        };
        self.facts.slot(id).and_then(|at| self.nodes.get(at)).unwrap_or(NONE)
    }

    /// What is known of a value.
    pub fn life(&self, value: ValueId) -> Option<&Life> {
        self.lives.get(value.0 as usize)
    }

    /// What is known of an origin.
    pub fn origin(&self, origin: StrId) -> Option<&Origin> {
        self.origins.get(&origin)
    }

    /// What is known of a route.
    pub fn route(&self, route: StrId) -> Option<&Route> {
        self.routes.get(&route)
    }

    /// Whether two origins are one audience (rules.md 2.5).
    pub fn same_audience(&self, a: StrId, b: StrId) -> bool {
        a == b || self.origins.get(&a).is_some_and(|o| self.origins.get(&b).is_some_and(|p| o.audience == p.audience))
    }

    /// Whether the capture shows the host of an exchange on several ports.
    pub fn several_ports(&self, ex: Ex<'_>) -> bool {
        self.origin(ex.fact().origin).is_some_and(|o| o.siblings)
    }

    /// The text of a number.
    pub fn text(&self, id: StrId) -> &str {
        self.facts.strings.get(id)
    }

    /// The name of a place in words: `header Authorization`, `query access_token`.
    pub fn place_words(&self, place: Place) -> String {
        match place {
            Place::Header(n) => format!("header {}", self.text(n)),
            Place::Query(n) => format!("query parameter {}", self.text(n)),
            Place::Cookie(n) => format!("cookie {}", self.text(n)),
            Place::Field(n) => format!("body field {}", self.text(n)),
            Place::Userinfo => "user part of the URL".to_owned(),
            Place::Path => "path of the URL".to_owned(),
        }
    }

    /// What a job gives for each exchange, in order of time.
    fn each<O: Send>(&self, job: impl Fn(Ex<'_>) -> O + Sync + Send) -> Vec<(Id, O)> {
        workers::each(self.facts, &self.order, |id| (*id, job(self.ex(*id))))
    }

    fn node_mut(&mut self, id: Id, f: impl FnOnce(&mut Node)) {
        if let Some(n) = self.facts.slot(id).and_then(|at| self.nodes.get_mut(at)) {
            f(n);
        }
    }
}
