//! A view of one exchange: the credentials it carried.

use crate::auth::authorization;
use crate::facts::{Field, Kind, Line, Place, Use, ValueId};
use crate::provider::Class as Says;

use super::{Class, Ex, Life};

impl<'t> Ex<'t> {
    /// The Authorization header, parsed, with its line; `None` if there is none to read.
    pub fn authorization(self) -> Option<(&'t Line, authorization::Authorization)> {
        let line = self.req("authorization").present()?;
        Some((line, authorization::parse_authorization(line.bytes())))
    }

    /// The credentials it carried.
    pub fn uses(self) -> &'t [Use] {
        &self.fact().uses
    }

    /// Credentials that authenticate a call: tokens, keys, Basic, signatures, session cookies; not states, codes, csrf tokens
    /// or cookies that no login set and that look like no session.
    pub fn credentials(self) -> impl Iterator<Item = &'t Use> {
        self.uses().iter().filter(move |u| !self.of_described(u)).filter(move |u| match u.kind {
            Kind::Token | Kind::ApiKey | Kind::Basic | Kind::Signature | Kind::IdToken | Kind::Refresh => true,
            Kind::Password => matches!(u.place, Place::Userinfo | Place::Header(_)),
            Kind::Cookie => self.session_cookie(u),
            _ => false,
        })
    }

    /// A header that stands inside the body (`headers.Authorization`), with a value that nobody issued here: of a request
    /// that the body describes. It authenticates nothing here.
    fn of_described(self, u: &Use) -> bool {
        let Place::Field(path) = u.place else { return false };
        let inside = self.trace().text(path).to_ascii_lowercase().rsplit('.').nth(1) == Some("headers");
        inside && self.life(u).is_none_or(|l| l.issued.is_empty())
    }

    fn session_cookie(self, u: &Use) -> bool {
        let Place::Cookie(name) = u.place else { return u.kind == Kind::Cookie };
        // An anti-forgery cookie authenticates nobody, even if the login set it.
        let lower = self.trace().text(name).to_ascii_lowercase();
        if lower.contains("csrf") || lower.contains("xsrf") {
            return false;
        }
        let by_login =
            self.trace().life(u.value).is_some_and(|l| l.issued.iter().any(|i| self.trace().node(i.by).class.issues()));
        by_login || crate::auth::cookie::session_like(self.trace().text(name))
    }

    /// The use in the Authorization header, if any.
    pub fn bearer(self) -> Option<&'t Use> {
        self.uses().iter().find(|u| matches!(u.place, Place::Header(n) if self.trace().text(n) == "authorization"))
    }

    /// The token that a call rests on: in `Authorization`, else the first other one (a gateway's key may stand beside it).
    pub fn token(self) -> Option<&'t Use> {
        let token = |u: &&Use| matches!(u.kind, Kind::Token | Kind::ApiKey | Kind::IdToken);
        self.bearer().filter(token).or_else(|| self.credentials().find(token))
    }

    /// What is known of a value.
    pub fn life(self, u: &Use) -> Option<&'t Life> {
        self.trace().life(u.value)
    }

    /// Whether a credential is there but masked.
    pub fn masked(self) -> bool {
        self.fact().flags.masked
    }

    /// Whether credentials could have been recorded: Authorization and Cookie were observable, or one was seen.
    pub fn sees_credentials(self) -> bool {
        self.req("authorization").seen() && !self.masked() && !self.by_certificate()
    }

    /// Whether a TLS certificate was, or may have been, all that the client showed. A server that says that nothing was
    /// shown, or asks for something else, is believed.
    pub fn by_certificate(self) -> bool {
        self.fact().flags.certificate
            && self.uses().is_empty()
            && self.reqs("authorization").next().is_none()
            && self.said() != Some(Says::Missing)
            && self.challenges().is_empty()
    }

    /// Whether no credential of any kind is there although it could have been seen.
    pub fn bare(self) -> bool {
        self.sees_credentials()
            && !self.masked()
            && self.credentials().next().is_none()
            && self.reqs("authorization").next().is_none()
            && !self.unexpanded()
    }

    /// A typed command puts a variable where a credential belongs (`?key=$API_KEY`): what was sent is not known.
    fn unexpanded(self) -> bool {
        const NAMES: [&str; 8] =
            ["key", "api_key", "apikey", "api-key", "token", "access_token", "auth_token", "subscription-key"];
        let variable =
            |f: &Field| f.bytes().first() == Some(&b'$') && NAMES.contains(&f.name().to_ascii_lowercase().as_str());
        self.fact().origin_of_lines == crate::http::Origin::Typed
            && self.detail().is_some_and(|d| d.query.iter().any(variable))
    }

    /// Refresh tokens that it carries, wherever they stand.
    pub fn refresh_tokens(self) -> impl Iterator<Item = ValueId> {
        let t = self.trace();
        let known = move |v: ValueId| t.life(v).is_some_and(|l| l.kind == Kind::Refresh);
        let fields = self.fields().filter(|f| !f.line.marks.is_empty()).flat_map(move |f| {
            let named = f.name().eq_ignore_ascii_case("refresh_token") || f.name().eq_ignore_ascii_case("refreshtoken");
            f.line.marks.iter().map(|m| m.value).filter(move |v| named || known(*v))
        });
        let cookie = move |u: &&Use| {
            matches!(u.place, Place::Cookie(n) if t.text(n).to_ascii_lowercase().contains("refresh"))
                && self.class() == Class::Refresh
        };
        let cookies = self.uses().iter().filter(cookie).map(|u| u.value);
        let mut all: Vec<ValueId> =
            fields.chain(self.uses().iter().map(|u| u.value).filter(move |v| known(*v))).chain(cookies).collect();
        all.dedup();
        all.into_iter()
    }

    /// Who logs in or calls: client id, user name or subject, as a key for grouping; never printed.
    pub fn principal(self) -> String {
        let named = ["client_id", "username", "user", "email", "login"].iter().find_map(|n| self.param_text(n));
        if let Some(name) = named {
            return name;
        }
        let basic = self.uses().iter().find(|u| u.kind == Kind::Basic);
        basic.map(|u| format!("basic {}", u.value.0)).unwrap_or_default()
    }
}
