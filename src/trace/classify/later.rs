//! What an exchange turns out to be once others are known.

use rustc_hash::FxHashMap;

use super::{Class, Ex, Trace};
use crate::facts::{Id, Kind, StrId};

/// A redirect made a GET of a login: the GET stands for the call, which now lacks its body (RFC 9110 15.4.2, 15.4.3).
pub(in crate::trace) fn turned(t: &mut Trace<'_>) {
    let found: Vec<(Id, Class)> = t.all().filter_map(|ex| Some((ex.id(), turned_from(&ex)?))).collect();
    for (id, class) in found {
        t.node_mut(id, |n| n.class = class);
    }
}

/// An authorization waits this long for its answer (microseconds).
const WAITS: i64 = 900_000_000;

/// An answer to an authorization request that lacks what callbacks are known by: it comes to the redirect URI of one soon
/// after it, with a code, an error or the very state that was sent. Pages have parameters of these names, too.
pub(in crate::trace) fn answers(t: &mut Trace<'_>) {
    let mut waiting: FxHashMap<(StrId, String), Id> = FxHashMap::default();
    let mut found: Vec<Id> = Vec::new();
    for ex in t.all() {
        if ex.class() == Class::Authorize {
            let uri = ex.param_text("redirect_uri");
            let uri = uri.map(|u| u.split(['?', '#']).next().unwrap_or_default().to_owned());
            waiting.extend(uri.map(|u| ((ex.actor(), u), ex.id())));
        } else if !waiting.is_empty() && ex.class() == Class::Call && ex.method() == "GET" && ex.detail().is_some() {
            let Some(asked) = waiting.get(&(ex.actor(), format!("{}{}", ex.origin(), ex.path()))) else { continue };
            let long = |n: &str, least: usize| ex.query(n).is_some_and(|f| f.bytes().len() >= least);
            let state =
                ex.query("state").is_some_and(|f| t.ex(*asked).param_text("state").as_deref() == Some(&*f.text()));
            if (long("code", 8) || long("error", 4) || state) && super::super::link::within(t, *asked, ex.id(), WAITS) {
                found.push(ex.id());
            }
        }
    }
    for id in found {
        t.node_mut(id, |n| n.class = Class::Callback);
    }
}

fn turned_from(ex: &Ex<'_>) -> Option<Class> {
    let from = ex.trace().ex(ex.node().redirected_from?);
    let issued = from.detail().is_some_and(|d| d.issues.iter().any(|i| !i.weak));
    let last = |e: &Ex<'_>| e.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let turned = from.method() == "POST"
        && matches!(ex.method(), "GET" | "HEAD")
        && matches!(from.status(), 301..=303)
        && from.class().issues()
        && ex.class() == Class::Call;
    // The same endpoint in another place: a browser that is sent to a page after its login went elsewhere.
    (turned && !issued && last(&from) == last(ex) && from.full_url() != ex.full_url()).then_some(from.class())
}

/// A POST whose answer hands out a token that is used later is a login, whatever its path and fields are called.
pub(in crate::trace) fn issuers(t: &mut Trace<'_>) {
    let token = |ex: &Ex<'_>| {
        let of_body = |v: &crate::facts::ValueId| {
            let body = |i: &crate::facts::Issue| i.value == *v && i.from == crate::facts::IssuePlace::Body;
            ex.trace().life(*v).is_some_and(|l| l.kind == Kind::Token && !l.uses.is_empty())
                && ex.detail().is_some_and(|d| d.issues.iter().any(body))
        };
        ex.node().issued.iter().any(of_body)
    };
    let found: Vec<Id> = t
        .all()
        .filter(|ex| ex.class() == Class::Call && ex.method() == "POST" && ex.detail().is_some() && token(ex))
        .map(|ex| ex.id())
        .collect();
    for id in found {
        t.node_mut(id, |n| n.class = Class::Login);
    }
}

/// DELETE on the very resource that a login's answer named as its own (`Location`) ends that session.
pub(in crate::trace) fn sessions(t: &mut Trace<'_>) {
    let mut made: FxHashMap<String, Id> = FxHashMap::default();
    let mut found: Vec<Id> = Vec::new();
    for ex in t.all() {
        if ex.class().issues() && ex.status() == 201 {
            let named = ex.res("location").present();
            let named = named.map(|l| crate::auth::url::resolve(&ex.full_url(), &l.text()));
            made.extend(named.map(|l| (l, ex.id())));
        } else if !made.is_empty() && ex.method() == "DELETE" && made.contains_key(&ex.full_url()) {
            found.push(ex.id());
        }
    }
    for id in found {
        t.node_mut(id, |n| n.class = Class::Logout);
    }
}
