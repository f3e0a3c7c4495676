//! The schema of a profile (rules.md 6.1) and what can be asked of one.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::pattern::Pattern;

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

/// How an origin is recognised.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Host globs: `*` stands for any characters.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Ports that make a path fingerprint hold.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Patterns on request paths.
    #[serde(default)]
    pub paths: Vec<Pattern>,
    /// Patterns on answers.
    #[serde(default)]
    pub body: Vec<Pattern>,
    /// Patterns on `name: value` of response headers.
    #[serde(default)]
    pub headers: Vec<Pattern>,
}

/// Tenants: every label before the suffix is an issuer of its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenancy {
    /// `label`: the label before the suffix.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Suffixes.
    #[serde(default)]
    pub suffixes: Vec<String>,
    /// Lists of host globs (live, sandbox, a region): each takes only the credentials that it issued itself.
    #[serde(default)]
    pub environments: Vec<Vec<String>>,
}

/// A kind of deployment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its id.
    pub id: String,
    /// Host globs; none: the default.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Ports of the web server.
    #[serde(default)]
    pub ui_ports: Vec<u16>,
    /// Ports of the API.
    #[serde(default)]
    pub api_ports: Vec<u16>,
}

/// Which role of a host a path needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Paths of the web server.
    #[serde(default)]
    pub ui: Vec<Pattern>,
    /// Paths of the API.
    #[serde(default)]
    pub api: Vec<Pattern>,
    /// The path prefix that API calls must have.
    #[serde(default)]
    pub api_path: Option<Pattern>,
    /// Routes that are known to need the prefix (`/login`, `/user`).
    #[serde(default)]
    pub api_routes: Vec<Pattern>,
    /// Host globs by role (`api`, `ui`, `auth`, `admin`, `sandbox`).
    #[serde(default)]
    pub hosts: BTreeMap<String, Vec<String>>,
}

/// How calls are authenticated.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// `header:x-api-key`, `query:key`, `body:token` (a field of a form), `json:token`, `cookie:sid`, `basic`.
    #[serde(default)]
    pub place: Option<String>,
    /// Further places that work.
    #[serde(default)]
    pub places: Vec<String>,
    /// Schemes as the server takes them.
    #[serde(default)]
    pub schemes: Vec<String>,
    /// `exact`: their case matters.
    #[serde(default)]
    pub scheme_match: Option<String>,
    /// Seconds that a token lives.
    #[serde(default)]
    pub lifetime: Option<i64>,
    /// Seconds that a refresh token lives.
    #[serde(default)]
    pub refresh_lifetime: Option<i64>,
    /// Whether a plain login hands out a refresh token.
    #[serde(default)]
    pub refresh_on_login: Option<bool>,
    /// Whether a new login ends the older tokens.
    #[serde(default)]
    pub single_session: Option<bool>,
    /// `absent`: refusals carry no challenge.
    #[serde(default)]
    pub challenge: Option<String>,
    /// Whether the challenge names what the server takes.
    #[serde(default)]
    pub challenge_unreliable: bool,
    /// Who may withdraw tokens.
    #[serde(default)]
    pub revocable: Option<String>,
    /// Keys are made by hand, so that no login has to come before a call.
    #[serde(default)]
    pub keys: bool,
    /// Basic with an empty password is right.
    #[serde(default)]
    pub basic_empty_password: bool,
    /// Basic with an empty user is right.
    #[serde(default)]
    pub basic_empty_user: bool,
    /// ID tokens are taken.
    #[serde(default)]
    pub accepts_id_token: bool,
    /// A token without scheme is taken.
    #[serde(default)]
    pub authorization_bare: bool,
    /// Client certificates may stand for credentials.
    #[serde(default)]
    pub client_cert: bool,
    /// Prefixes of keys that are public on purpose.
    #[serde(default)]
    pub public_keys: Vec<String>,
    /// Seconds that an authorization code lives.
    #[serde(default)]
    pub code_lifetime: Option<i64>,
    /// Whether refresh tokens are replaced at use.
    #[serde(default)]
    pub rotates_refresh: Option<bool>,
    /// The response header that names the permissions a call needs.
    #[serde(default)]
    pub needed_permissions: Option<String>,
    /// Response headers that ask for a stronger login.
    #[serde(default)]
    pub step_up_headers: Vec<String>,
    /// Seconds until an idle session ends.
    #[serde(default)]
    pub session_idle: Option<i64>,
    /// Seconds that a signed time may differ.
    #[serde(default)]
    pub tolerance: Option<i64>,
    /// The helper path that sets the anti-forgery cookie.
    #[serde(default)]
    pub csrf_helper: Option<Pattern>,
    /// The header that shows that no form of another site sent the request, as `Name: value`.
    #[serde(default)]
    pub csrf_header: Option<String>,
    /// The key of the login answer that names the API's base URL.
    #[serde(default)]
    pub base_url_from: Option<String>,
}

/// An endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// `login`, `logout`, `authorize`, `token`, `refresh`, `revoke`, `introspect`, `register`, `whoami`, `csrf`.
    pub kind: String,
    /// The role of the host it lives on.
    #[serde(default)]
    pub role: Option<String>,
    /// The method it takes.
    #[serde(default)]
    pub method: Option<String>,
    /// A pattern on its path.
    pub path: Pattern,
    /// Host globs on which it lives; none: any.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Content types it reads.
    #[serde(default)]
    pub content_types: Vec<String>,
    /// Fields it needs.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Parameters it needs, as `name` or `name=value`.
    #[serde(default)]
    pub required: Vec<String>,
    /// Headers that may be left out.
    #[serde(default)]
    pub optional_headers: Vec<String>,
    /// Statuses of a failure.
    #[serde(default)]
    pub failure: Vec<u16>,
    /// Whether a page of another origin may call it.
    #[serde(default)]
    pub cors: Option<bool>,
}

/// A text of the provider's answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The status it comes with.
    #[serde(default)]
    pub status: Option<u16>,
    /// JSON fields by path.
    #[serde(default)]
    pub json: BTreeMap<String, String>,
    /// The exact body.
    #[serde(default)]
    pub exact: Option<String>,
    /// A piece of the body.
    #[serde(default)]
    pub text: Option<String>,
    /// A piece of an HTML title.
    #[serde(default)]
    pub html_title: Option<String>,
    /// What it means.
    pub class: super::Class,
    /// The server says it for every cause.
    #[serde(default)]
    pub vague: bool,
    /// Only for exchanges of these kinds.
    #[serde(default)]
    pub on: Vec<String>,
    /// Never surer than this.
    #[serde(default)]
    pub at_most: Option<String>,
    /// What else it could be.
    #[serde(default)]
    pub alternatives: Vec<String>,
}

/// Cross-origin facts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// What the list of allowed origins is called.
    #[serde(default)]
    pub allowlist: Option<String>,
    /// A token works only from the origin that logged in.
    #[serde(default)]
    pub token_bound_to_origin: bool,
}

/// OAuth facts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oauth {
    /// The API version that knows OAuth.
    #[serde(default)]
    pub api_version: Option<String>,
    /// How clients are registered.
    #[serde(default)]
    pub registration: Option<String>,
    /// `required`: a challenge must be sent.
    #[serde(default)]
    pub pkce: Option<String>,
    /// `required`: pages must be on https.
    #[serde(default)]
    pub https: Option<String>,
}

/// What requests are signed for (AWS Signature): the service and region that a host names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// Patterns on the host with the groups `service` and `region`; the first that fits counts.
    #[serde(default)]
    pub hosts: Vec<Pattern>,
    /// Hosts that tell nothing.
    #[serde(default)]
    pub except: Vec<Pattern>,
    /// What a name of a service in a host is called in the scope; a service that is not listed is not judged.
    #[serde(default)]
    pub services: BTreeMap<String, String>,
    /// The one region of services without regions.
    #[serde(default)]
    pub global: BTreeMap<String, String>,
    /// Seconds that the signed time may differ, by service; others: `auth.tolerance`.
    #[serde(default)]
    pub tolerance: BTreeMap<String, i64>,
}

/// The scope that a host's requests are signed for, as far as its name tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SigningScope {
    /// The service.
    pub service: Option<String>,
    /// The region.
    pub region: Option<String>,
}

/// What the first characters of a value tell.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prefix {
    /// The first characters.
    pub starts: String,
    /// What it is, for people: `publishable key`, `refresh token`.
    pub is: String,
    /// `refresh`, `id`, `access`, `key`, `public`, `wrong`: how it may be used.
    pub kind: String,
    /// The places it is taken at; none: wherever the profile takes credentials.
    #[serde(default)]
    pub places: Vec<String>,
    /// The schemes it is sent with; empty text: none. Where nothing is named, those of the profile.
    #[serde(default)]
    pub schemes: Vec<String>,
    /// No other provider's values begin so: seen at another provider, the value is none of that one.
    #[serde(default)]
    pub unique: bool,
}

/// A path in which one kind of identifier stands for another.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathSlip {
    /// A pattern on the path.
    pub path: Pattern,
    /// What stands there.
    pub is: String,
    /// What belongs there.
    pub wants: String,
}

/// A denial behind a status of success.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftDenial {
    /// Path of the field.
    pub field: String,
    /// Its value; one of them.
    pub values: Vec<String>,
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
        if let Some(wrong) = profile.wrong_word() {
            return Err(ProfileError { message: format!("{file}: {wrong}") });
        }
        Ok(profile)
    }

    /// The first value that is none of the words its key takes.
    fn wrong_word(&self) -> Option<String> {
        const KINDS: [&str; 10] =
            ["login", "logout", "authorize", "token", "refresh", "revoke", "introspect", "register", "whoami", "csrf"];
        const PREFIXES: [&str; 6] = ["refresh", "id", "access", "key", "public", "wrong"];
        let (auth, oauth) = (&self.auth, &self.oauth);
        let one = |what, value: &Option<String>, known: &[&'static str]| {
            value.as_deref().filter(|v| !known.contains(v)).map(|v| unknown(what, v, known.iter().copied()))
        };
        let kind = self.endpoints.iter().find(|e| !KINDS.contains(&e.kind.as_str()));
        let prefix = self.prefixes.iter().find(|p| !PREFIXES.contains(&p.kind.as_str()));
        let at_most = self.messages.iter().find_map(|m| one("at_most", &m.at_most, &["certain", "strong", "likely"]));
        let place = |p: &&String| {
            let fits = ["header:", "query:", "body:", "json:", "cookie:"].iter().any(|s| p.starts_with(s))
                || p.as_str() == "basic";
            !fits
        };
        let place = auth.place.iter().chain(&auth.places).find(place);
        kind.map(|e| unknown("endpoint kind", &e.kind, KINDS.into_iter()))
            .or_else(|| prefix.map(|p| unknown("prefix kind", &p.kind, PREFIXES.into_iter())))
            .or_else(|| {
                place.map(|p| {
                    format!("unknown place \"{p}\"; write header:NAME, query:NAME, body:NAME, json:NAME, cookie:NAME or basic")
                })
            })
            .or(at_most)
            .or_else(|| one("scheme_match", &auth.scheme_match, &["exact"]))
            .or_else(|| one("challenge", &auth.challenge, &["absent"]))
            .or_else(|| one("tenant", &self.tenancy.tenant, &["label"]))
            .or_else(|| one("pkce", &oauth.pkce, &["required"]))
            .or_else(|| one("https", &oauth.https, &["required"]))
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

/// TOML's message with the file and line, and the nearest known key.
pub(crate) fn explain(e: &toml::de::Error, text: &str, file: &str) -> String {
    let line = e.span().map_or(1, |s| text.get(..s.start).unwrap_or_default().matches('\n').count() + 1);
    let message = e.message().to_owned();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let nearest = quoted.next().filter(|_| message.starts_with("unknown field")).and_then(|bad| {
        let known: Vec<&str> = quoted.collect();
        let best =
            known.into_iter().max_by(|a, b| strsim::jaro_winkler(a, bad).total_cmp(&strsim::jaro_winkler(b, bad)))?;
        Some(format!("unknown key `{bad}`; did you mean `{best}`?"))
    });
    format!("{file}:{line}: {}", nearest.unwrap_or(message))
}

/// `unknown field "x"; did you mean "y"?`: the nearest known name, if one is near.
pub(crate) fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let shown = crate::mask::printable(name);
    let near = |k: &'n str| (strsim::jaro_winkler(k, name), k);
    let best = known.map(near).filter(|n| n.0 > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((_, near)) => format!("unknown {what} \"{shown}\"; did you mean \"{near}\"?"),
        None => format!("unknown {what} \"{shown}\""),
    }
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
