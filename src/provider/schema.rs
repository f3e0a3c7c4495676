//! The tables of a profile (rules.md 6.1).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pattern::Pattern;

/// How an origin is recognised.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Host globs: `*` stands for any characters.
    pub hosts: Vec<String>,
    /// Ports that make a path fingerprint hold.
    pub ports: Vec<u16>,
    /// Patterns on request paths.
    pub paths: Vec<Pattern>,
    /// Patterns on answers.
    pub body: Vec<Pattern>,
    /// Patterns on `name: value` of response headers.
    pub headers: Vec<Pattern>,
}

/// Tenants: every label before the suffix is an issuer of its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tenancy {
    /// `label`: the label before the suffix.
    pub tenant: Option<String>,
    /// Suffixes.
    pub suffixes: Vec<String>,
    /// Lists of host globs (live, sandbox, a region): each takes only the credentials that it issued itself.
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
#[serde(default, deny_unknown_fields)]
pub struct Roles {
    /// Paths of the web server.
    pub ui: Vec<Pattern>,
    /// Paths of the API.
    pub api: Vec<Pattern>,
    /// The path prefix that API calls must have.
    pub api_path: Option<Pattern>,
    /// Routes that are known to need the prefix (`/login`, `/user`).
    pub api_routes: Vec<Pattern>,
    /// Host globs by role (`api`, `ui`, `auth`, `admin`, `sandbox`).
    pub hosts: BTreeMap<String, Vec<String>>,
}

/// How calls are authenticated.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// `header:x-api-key`, `query:key`, `body:token` (a field of a form), `json:token`, `cookie:sid`, `basic`.
    pub place: Option<String>,
    /// Further places that work.
    pub places: Vec<String>,
    /// Schemes as the server takes them.
    pub schemes: Vec<String>,
    /// `exact`: their case matters.
    pub scheme_match: Option<String>,
    /// Seconds that a token lives.
    pub lifetime: Option<i64>,
    /// Seconds that a refresh token lives.
    pub refresh_lifetime: Option<i64>,
    /// Whether a plain login hands out a refresh token.
    pub refresh_on_login: Option<bool>,
    /// Whether a new login ends the older tokens.
    pub single_session: Option<bool>,
    /// `absent`: refusals carry no challenge.
    pub challenge: Option<String>,
    /// Whether the challenge names what the server takes.
    pub challenge_unreliable: bool,
    /// Who may withdraw tokens.
    pub revocable: Option<String>,
    /// Keys are made by hand, so that no login has to come before a call.
    pub keys: bool,
    /// Basic with an empty password is right.
    pub basic_empty_password: bool,
    /// Basic with an empty user is right.
    pub basic_empty_user: bool,
    /// ID tokens are taken.
    pub accepts_id_token: bool,
    /// A token without scheme is taken.
    pub authorization_bare: bool,
    /// Client certificates may stand for credentials.
    pub client_cert: bool,
    /// Prefixes of keys that are public on purpose.
    pub public_keys: Vec<String>,
    /// Seconds that an authorization code lives.
    pub code_lifetime: Option<i64>,
    /// Whether refresh tokens are replaced at use.
    pub rotates_refresh: Option<bool>,
    /// The response header that names the permissions a call needs.
    pub needed_permissions: Option<String>,
    /// Response headers that ask for a stronger login.
    pub step_up_headers: Vec<String>,
    /// Seconds until an idle session ends.
    pub session_idle: Option<i64>,
    /// Seconds that a signed time may differ.
    pub tolerance: Option<i64>,
    /// The helper path that sets the anti-forgery cookie.
    pub csrf_helper: Option<Pattern>,
    /// The header that shows that no form of another site sent the request, as `Name: value`.
    pub csrf_header: Option<String>,
    /// The key of the login answer that names the API's base URL.
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
#[serde(default, deny_unknown_fields)]
pub struct Cors {
    /// What the list of allowed origins is called.
    pub allowlist: Option<String>,
    /// A token works only from the origin that logged in.
    pub token_bound_to_origin: bool,
}

/// OAuth facts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oauth {
    /// The API version that knows OAuth.
    pub api_version: Option<String>,
    /// How clients are registered.
    pub registration: Option<String>,
    /// `required`: a challenge must be sent.
    pub pkce: Option<String>,
    /// `required`: pages must be on https.
    pub https: Option<String>,
}

/// What requests are signed for (AWS Signature): the service and region that a host names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signing {
    /// Patterns on the host with the groups `service` and `region`; the first that fits counts.
    pub hosts: Vec<Pattern>,
    /// Hosts that tell nothing.
    pub except: Vec<Pattern>,
    /// What a name of a service in a host is called in the scope; a service that is not listed is not judged.
    pub services: BTreeMap<String, String>,
    /// The one region of services without regions.
    pub global: BTreeMap<String, String>,
    /// Seconds that the signed time may differ, by service; others: `auth.tolerance`.
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
