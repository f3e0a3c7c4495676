//! A profile and what can be asked of it (rules.md 6.1).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::check::{self, explain};
use super::pattern::Pattern;
use super::schema::{
    Auth, Cors, Endpoint, Match, Message, Oauth, PathSlip, Prefix, Roles, Signing, SigningScope, SoftDenial, Tenancy,
    Variant,
};

/// A provider's profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[allow(missing_docs)]
pub struct Profile {
    /// Version of the schema: 1.
    pub schema: u32,
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where its facts come from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How an origin is recognised.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// Tenants of one suffix.
    #[serde(default)]
    pub tenancy: Tenancy,
    /// Kinds of deployment.
    #[serde(default, rename = "variant")]
    pub variants: Vec<Variant>,
    /// Which role of a host a path needs.
    #[serde(default)]
    pub roles: Roles,
    /// How calls are authenticated.
    #[serde(default)]
    pub auth: Auth,
    /// Endpoints.
    #[serde(default, rename = "endpoint")]
    pub endpoints: Vec<Endpoint>,
    /// Texts of its answers, before the generic table.
    #[serde(default, rename = "message")]
    pub messages: Vec<Message>,
    /// Cross-origin facts.
    #[serde(default)]
    pub cors: Cors,
    /// OAuth facts.
    #[serde(default)]
    pub oauth: Oauth,
    /// What requests are signed for.
    #[serde(default)]
    pub signing: Signing,
    /// Advice by rule id.
    #[serde(default)]
    pub advice: BTreeMap<String, String>,
    /// Audience ids under which its API is known.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Lists of hosts (globs) that share one audience.
    #[serde(default)]
    pub audience: Vec<Vec<String>>,
    /// What the first characters of a value tell.
    #[serde(default, rename = "prefix")]
    pub prefixes: Vec<Prefix>,
    /// Routes whose 404 may hide a denial (patterns on the path).
    #[serde(default)]
    pub masked_denial: Vec<Pattern>,
    /// What stands wrongly in paths.
    #[serde(default, rename = "path_slip")]
    pub path_slips: Vec<PathSlip>,
    /// Answers with success that are denials.
    #[serde(default)]
    pub soft_denial: Vec<SoftDenial>,
    /// Rules that are off here.
    #[serde(default)]
    pub off: Vec<String>,
    /// Severity by rule id.
    #[serde(default)]
    pub severity: BTreeMap<String, String>,
}

/// Why a profile cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// File, line and what is wrong, in one sentence.
    pub message: String,
}

impl std::fmt::Display for ProfileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ProfileError {}

/// Whether a scheme is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// As written.
    Yes,
    /// In another case only.
    OtherCase,
    /// No.
    No,
    /// The profile does not say.
    Unknown,
}

impl Profile {
    /// Parses a profile.
    ///
    /// # Errors
    /// [`ProfileError`] names the file, the line and the offending key or value, with the nearest known key.
    pub fn parse(text: &str, file: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|e| ProfileError { message: explain(&e, text, file) })?;
        if profile.schema != 1 {
            return Err(ProfileError {
                message: format!("{file}: schema = {} is not known; write schema = 1", profile.schema),
            });
        }
        if let Some(wrong) = check::wrong_word(&profile) {
            return Err(ProfileError { message: format!("{file}: {wrong}") });
        }
        Ok(profile)
    }

    /// The profile of an origin that nothing is known of.
    pub fn generic() -> &'static Self {
        static GENERIC: OnceLock<Profile> = OnceLock::new();
        GENERIC.get_or_init(|| Self { schema: 1, id: "generic".into(), name: "any HTTP API".into(), ..Self::default() })
    }

    /// The endpoint that a request asks; one whose method fits wins.
    pub fn endpoint(&self, method: &str, path: &str) -> Option<&Endpoint> {
        let mut fits = self.endpoints.iter().filter(|e| e.path.is_match(path));
        let first = fits.next()?;
        let by_method = |e: &&Endpoint| e.method.as_deref().is_none_or(|m| m == method);
        Some(std::iter::once(first).chain(fits).find(by_method).unwrap_or(first))
    }

    /// The first endpoint of a kind.
    pub fn endpoint_of(&self, kind: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|e| e.kind == kind)
    }

    /// The role that a path needs: `ui` or `api`.
    pub fn role_of_path(&self, path: &str) -> Option<&'static str> {
        if self.roles.ui.iter().any(|p| p.is_match(path)) {
            return Some("ui");
        }
        self.roles.api.iter().any(|p| p.is_match(path)).then_some("api")
    }

    /// The role of a host, where hosts have roles.
    pub fn role_of_host(&self, host: &str) -> Option<&str> {
        self.roles.hosts.iter().find(|(_, globs)| globs.iter().any(|g| glob(g, host))).map(|(role, _)| role.as_str())
    }

    /// The deployment of a host: the first variant that names it, else the one without hosts.
    pub fn variant(&self, host: &str) -> Option<&Variant> {
        let named = self.variants.iter().find(|v| v.hosts.iter().any(|g| glob(g, host)));
        named.or_else(|| self.variants.iter().find(|v| v.hosts.is_empty()))
    }

    /// The tenant of a host: suffix and label, or the profile and the first host of its environment.
    pub fn tenant<'h>(&'h self, host: &'h str) -> Option<(&'h str, &'h str)> {
        let here = self.tenancy.environments.iter().find(|list| list.iter().any(|g| glob(g, host)));
        if let Some(first) = here.and_then(|list| list.first()) {
            return Some((self.id.as_str(), first.as_str()));
        }
        self.tenancy.tenant.as_ref()?;
        self.tenancy.suffixes.iter().find_map(|s| {
            let label = host.strip_suffix(s.as_str())?.strip_suffix('.')?;
            Some((s.as_str(), label))
        })
    }

    /// What the first characters of a value tell; the longest prefix wins.
    pub fn prefix_of(&self, value: &str) -> Option<&Prefix> {
        self.prefixes.iter().filter(|p| value.starts_with(&p.starts)).max_by_key(|p| p.starts.len())
    }

    /// Whether a scheme is taken.
    pub fn accepts_scheme(&self, scheme: &str) -> Accepts {
        if self.auth.schemes.is_empty() {
            return Accepts::Unknown;
        }
        if self.auth.schemes.iter().any(|s| s == scheme) {
            return Accepts::Yes;
        }
        match self.auth.schemes.iter().any(|s| s.eq_ignore_ascii_case(scheme)) {
            true if self.exact() => Accepts::OtherCase,
            true => Accepts::Yes,
            false => Accepts::No,
        }
    }

    /// Whether the case of a scheme matters.
    pub fn exact(&self) -> bool {
        self.auth.scheme_match.as_deref() == Some("exact")
    }

    /// The number of the audience list that names a host.
    pub fn audience_of(&self, host: &str) -> Option<usize> {
        self.audience.iter().position(|list| list.iter().any(|g| glob(g, host)))
    }

    /// Whether a 404 on this route may hide a denial.
    pub fn masks_denial(&self, _method: &str, path: &str) -> bool {
        self.masked_denial.iter().any(|p| p.is_match(path))
    }

    /// Whether an answer with a status of success is a denial here.
    pub fn soft_denied(&self, json: &dyn Fn(&str) -> Option<String>) -> bool {
        self.soft_denial.iter().any(|s| json(&s.field).is_some_and(|v| s.values.contains(&v)))
    }

    /// The scope that requests to a host are signed for; empty if its name does not tell.
    pub fn signing_scope(&self, host: &str) -> SigningScope {
        let s = &self.signing;
        let Some(pattern) = s.hosts.iter().find(|p| p.is_match(host)) else { return SigningScope::default() };
        if s.except.iter().any(|p| p.is_match(host)) {
            return SigningScope::default();
        }
        let label = pattern.group(host, "service");
        let region = pattern.group(host, "region");
        let region = region.or_else(|| label.as_ref().and_then(|l| s.global.get(l)).cloned());
        SigningScope { service: label.and_then(|l| s.services.get(&l).cloned()), region }
    }

    /// Whether credentials are taken at a place (`header:x-api-key`, `query:access_token`).
    pub fn takes_at(&self, place: &str) -> bool {
        self.auth.place.as_deref() == Some(place) || self.auth.places.iter().any(|p| p == place)
    }
}

/// Whether a host fits a glob whose `*` stands for any characters.
pub(crate) fn glob(pattern: &str, host: &str) -> bool {
    // Most hosts differ in their last letters.
    if !pattern.rsplit('*').next().is_some_and(|end| host.ends_with(end)) {
        return false;
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = host.strip_prefix(first) else { return false };
    let mut last = first;
    for part in parts {
        last = part;
        if part.is_empty() {
            continue;
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.is_empty() || pattern.ends_with('*') || !last.is_empty() && pattern.contains('*') && host.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(
            glob("*.looker.com", "a.looker.com")
                && !glob("*.looker.com", "looker.com")
                && !glob("*.looker.com", "a.looker.com.evil")
        );
        assert!(
            glob("*.execute-api.*.amazonaws.com", "x.execute-api.eu-west-1.amazonaws.com")
                && glob("h", "h")
                && !glob("h", "hh")
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_with_the_nearest_name() {
        let e = Profile::parse("schema = 1\nid = \"x\"\nname = \"X\"\n[auth]\nlifetme = 3\n", "x.toml").unwrap_err();
        assert_eq!(e.message, "x.toml:5: unknown key `lifetme`; did you mean `lifetime`?");
        let e =
            Profile::parse("schema = 1\nid = \"x\"\nname = \"X\"\n[match]\npaths = [\"(\"]\n", "x.toml").unwrap_err();
        assert!(e.message.starts_with("x.toml:5: `(` is no regular expression"), "{}", e.message);
        let wrong = |more: &str| {
            let text = format!("schema = 1\nid = \"x\"\nname = \"X\"\n{more}");
            Profile::parse(&text, "x.toml").unwrap_err().message
        };
        let kind = wrong("[[endpoint]]\nkind = \"logn\"\npath = \"/x\"");
        assert_eq!(kind, "x.toml: unknown endpoint kind \"logn\"; did you mean \"login\"?");
        assert!(wrong("[auth]\nplace = \"authorization\"").starts_with("x.toml: unknown place \"authorization\""));
    }
}
