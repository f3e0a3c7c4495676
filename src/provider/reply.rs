//! The class that the texts of an answer name (rules.md section 3): the profile's own rows first, then the table.

use super::class::Class;
use super::messages::Hit;
use super::profile::Profile;
use super::schema::Message;

/// An answer, as far as its texts matter.
pub struct Reply<'r> {
    /// The status, 0 if it was not recorded.
    pub status: u16,
    /// The beginning of the body.
    pub body: std::borrow::Cow<'r, str>,
    /// The title of an HTML page.
    pub title: Option<&'r str>,
    /// The text of a JSON field by its path.
    pub json: &'r dyn Fn(&str) -> Option<String>,
    /// Whether the body has the form of an error: a field near its root is called like one, or like a code.
    pub error: &'r dyn Fn() -> bool,
    /// It answers a login, token or refresh call.
    pub login: bool,
    /// The `grant_type` of the request.
    pub grant: Option<String>,
    /// What [`scan`](super::scan) found.
    pub hits: &'r [Hit],
}

impl std::fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).field("hits", &self.hits).finish_non_exhaustive()
    }
}

/// How much more a class tells than the others that an answer names: a lower number wins.
fn order(class: Class) -> u8 {
    match class {
        Class::Port | Class::Route | Class::Dpop => 0,
        Class::Rate | Class::Csrf | Class::StepUp | Class::Conflict | Class::Cors => 1,
        Class::Pkce | Class::Redirect | Class::Code | Class::Refresh | Class::Skew => 2,
        Class::Audience | Class::Issuer | Class::Expired | Class::Revoked | Class::Blank | Class::Scheme => 3,
        Class::Scope | Class::Signature | Class::Malformed => 4,
        Class::Other => 5,
        Class::User | Class::Client | Class::Permission => 6,
        Class::Missing | Class::AmbiguousExpired => 7,
        Class::Invalid => 8,
        Class::Intermediary => 9,
    }
}

/// What an answer says: the profile's own rows first, then the table, the class that tells most in front.
/// The flag says that the server gives this text for every cause.
pub fn classes(profile: &Profile, reply: &Reply<'_>) -> Vec<(Class, bool)> {
    let mut out: Vec<(Class, bool)> = Vec::new();
    for row in &profile.messages {
        if fits(row, reply) {
            out.push((row.class, row.vague));
        }
    }
    if !out.is_empty() {
        return out;
    }
    if (200..400).contains(&reply.status) && !reply.login {
        // A page that talks about expired tokens is no refusal; only answers in the form of an error are read.
        if !(reply.error)() && reply.title.is_none() {
            return out;
        }
    }
    // "invalid or expired" holds the words of an expiry, but leaves open which it is.
    let open = |h: &Hit| {
        let overlap = |o: &Hit| o.at.0 < h.at.1 && h.at.0 < o.at.1 && o.place == h.place;
        h.class == Class::Expired && reply.hits.iter().any(|o| o.class == Class::AmbiguousExpired && overlap(o))
    };
    let mut hits: Vec<&Hit> = reply.hits.iter().filter(|h| !open(h)).collect();
    hits.sort_by_key(|h| (h.weak, order(h.class), h.at.0));
    for h in hits {
        let class = by_grant(h.class, reply);
        if !out.iter().any(|(c, _)| *c == class) {
            out.push((class, false));
        }
    }
    out
}

/// 70008 names "authorization code or refresh token", and others only say "expired": the grant type decides.
fn by_grant(class: Class, reply: &Reply<'_>) -> Class {
    // What a refresh call brings is the refresh token, unless it is the client that the words are about.
    let client = reply.hits.iter().any(|h| h.class == Class::Client);
    match (class, reply.grant.as_deref()) {
        (Class::Refresh, Some("authorization_code")) => Class::Code,
        (Class::Expired | Class::AmbiguousExpired | Class::Revoked, Some("refresh_token")) if !client => Class::Refresh,
        (Class::Expired | Class::AmbiguousExpired | Class::Revoked, Some("authorization_code")) if !client => {
            Class::Code
        }
        (c, _) => c,
    }
}

fn fits(row: &Message, reply: &Reply<'_>) -> bool {
    let status = row.status.is_none_or(|s| s == reply.status || reply.status == 0);
    let on = row.on.is_empty() || reply.login && row.on.iter().any(|o| o == "login");
    let named = !row.json.is_empty() || row.exact.is_some() || row.text.is_some() || row.html_title.is_some();
    status
        && on
        && named
        && row.json.iter().all(|(path, want)| (reply.json)(path).is_some_and(|v| v == *want))
        && row.exact.as_deref().is_none_or(|e| reply.body.trim() == e)
        && row.text.as_deref().is_none_or(|t| reply.body.to_ascii_lowercase().contains(&t.to_ascii_lowercase()))
        && row.html_title.as_deref().is_none_or(|t| reply.title.is_some_and(|title| title.contains(t)))
}
