//! Which profile speaks for an origin: by host, then by fingerprint, else the generic one.

use std::sync::OnceLock;

use serde::Deserialize;

use super::pattern::Pattern;
use super::profile::{Profile, ProfileError, glob};
use super::schema::{Match, Prefix};

/// What is known of an origin when its profile is chosen.
#[derive(Clone, Copy, Debug)]
pub struct OriginEvidence<'e> {
    /// The host, lower case.
    pub host: &'e str,
    /// The port.
    pub port: Option<u16>,
    /// Some request paths.
    pub paths: &'e [&'e str],
    /// The beginnings of some answers.
    pub bodies: &'e [&'e str],
    /// Some response headers: name (lower case) and value.
    pub headers: &'e [(&'e str, &'e str)],
}

/// The profiles in force: the user's before the built-in ones.
#[derive(Debug, Default)]
pub struct Profiles {
    own: Vec<Profile>,
}

/// A profile that is part of the program. Most captures meet one or none of them, so that only the part that
/// recognises an origin is read before one is chosen.
struct BuiltIn {
    id: &'static str,
    text: &'static str,
    matches: OnceLock<Match>,
    whole: OnceLock<Option<Profile>>,
}

macro_rules! built_in {
    ($($id:literal),* $(,)?) => {
        [$(BuiltIn::new($id, include_str!(concat!("profiles/", $id, ".toml")))),*]
    };
}

/// Every built-in profile, in the order in which they are asked: hosts of a special kind stand before the provider's
/// others, and what is known by its answers alone stands last.
#[rustfmt::skip]
static BUILT_IN: [BuiltIn; 107] = built_in![
    "kubernetes", "oci-registry", "cognito", "aws-open", "aws-apigw", "aws", "akamai", "looker", "github", "gemini",
    "firebase", "google-storage", "google-serverless", "google", "graph", "azure-devops", "azure-storage", "azure-cosmos",
    "azure-ai", "azure-apim", "power-bi", "entra", "stripe", "slack", "okta", "auth0", "atlassian", "bitbucket",
    "jira-dc", "gitlab", "salesforce", "twilio", "shopify", "airtable", "algolia", "anthropic", "asana",
    "bigcommerce", "box", "brevo", "circleci", "clickup", "cloudflare", "databricks", "datadog", "deepgram",
    "digitalocean", "discord", "docker-hub", "docusign", "dropbox", "elastic", "elevenlabs", "fastly", "figma",
    "freshdesk", "fusionauth", "grafana", "heroku", "hubspot", "huggingface", "intercom", "jenkins", "klaviyo",
    "linear", "mailgun", "monday", "netlify", "new-relic", "notion", "npm", "onelogin", "openai", "opsgenie",
    "pagerduty", "paypal", "ping-one", "plaid", "postmark", "pypi", "sendgrid", "sentry", "servicenow",
    "shippo", "snowflake", "spotify", "square", "supabase", "tableau", "telegram", "terraform-cloud", "trello",
    "twitch", "vault", "vercel", "zendesk", "zoho", "zoom", "backblaze-b2", "proxmox", "zitadel", "sap-xsuaa", "keycloak",
    "authentik", "sap-gateway", "strava", "launchdarkly",
];

impl BuiltIn {
    const fn new(id: &'static str, text: &'static str) -> Self {
        Self { id, text, matches: OnceLock::new(), whole: OnceLock::new() }
    }

    /// How an origin is recognised.
    fn matches(&self) -> &Match {
        self.matches.get_or_init(|| toml::from_str::<Told>(section(self.text)).map(Told::checked).unwrap_or_default())
    }

    /// The prefixes of its values, without reading the rest; a test holds them against the whole.
    fn prefixes(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split("\nstarts = \"").skip(1).filter_map(|rest| rest.split('"').next())
    }

    /// All of it. One that does not parse is a fault of the build; a test parses them all.
    fn whole(&self) -> Option<&Profile> {
        self.whole.get_or_init(|| Profile::parse(self.text, self.id).ok()).as_ref()
    }
}

/// The prefixes of all built-in profiles, in their order, and whose they are.
fn prefixes() -> &'static [(&'static str, &'static BuiltIn)] {
    static ALL: OnceLock<Vec<(&str, &BuiltIn)>> = OnceLock::new();
    ALL.get_or_init(|| BUILT_IN.iter().flat_map(|b| b.prefixes().map(move |starts| (starts, b))).collect())
}

/// [`Match`] as it stands in a built-in profile, whose patterns a test has checked.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    hosts: Vec<String>,
    ports: Vec<u16>,
    paths: Vec<String>,
    body: Vec<String>,
    headers: Vec<String>,
}

impl Told {
    fn checked(self) -> Match {
        let all = |texts: Vec<String>| texts.iter().map(|t| Pattern::unchecked(t)).collect();
        Match {
            hosts: self.hosts,
            ports: self.ports,
            paths: all(self.paths),
            body: all(self.body),
            headers: all(self.headers),
        }
    }
}

/// The lines of `[match]`, up to the next table.
fn section(text: &str) -> &str {
    let from = text.split_once("\n[match]\n").map_or("", |(_, rest)| rest);
    from.split_once("\n[").map_or(from, |(section, _)| section)
}

impl Profiles {
    /// Only the built-in profiles.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a user's profile; it is asked before the built-in ones.
    ///
    /// # Errors
    /// [`ProfileError`] if the text is no profile.
    pub fn add(&mut self, text: &str, file: &str) -> Result<(), ProfileError> {
        self.own.push(Profile::parse(text, file)?);
        Ok(())
    }

    /// Adds a profile that was read; it is asked before the built-in ones.
    pub fn push(&mut self, profile: Profile) {
        self.own.push(profile);
    }

    /// All profiles, the user's first.
    pub fn all(&self) -> impl Iterator<Item = &Profile> {
        self.own.iter().chain(BUILT_IN.iter().filter_map(BuiltIn::whole))
    }

    /// The profile of this id.
    pub fn by_id(&self, id: &str) -> Option<&Profile> {
        let own = self.own.iter().find(|p| p.id == id);
        own.or_else(|| BUILT_IN.iter().find(|b| b.id == id)?.whole())
    }

    /// The provider whose values alone begin as this one does.
    pub fn owner_of(&self, value: &str) -> Option<(&Profile, &Prefix)> {
        let begins = prefixes().iter().filter(|(starts, _)| value.starts_with(starts));
        let all = self.own.iter().chain(begins.filter_map(|(_, b)| b.whole()));
        all.filter_map(|p| Some((p, p.prefix_of(value).filter(|x| x.unique)?))).next()
    }

    /// The profile for an origin: the first that names its host, else the first whose fingerprint it bears.
    pub fn for_origin(&self, e: &OriginEvidence<'_>) -> &Profile {
        let hosts = |m: &Match| m.hosts.iter().any(|g| glob(g, e.host));
        let found = self.first(&hosts).or_else(|| {
            let headers: Vec<String> = e.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
            self.first(&|m| fingerprint(m, e, &headers))
        });
        found.unwrap_or_else(|| Profile::generic())
    }

    fn first(&self, fits: &dyn Fn(&Match) -> bool) -> Option<&Profile> {
        let own = self.own.iter().find(|p| fits(&p.matches));
        own.or_else(|| BUILT_IN.iter().filter(|b| fits(b.matches())).find_map(BuiltIn::whole))
    }
}

/// `headers`: those of the evidence as lines.
fn fingerprint(m: &Match, e: &OriginEvidence<'_>, headers: &[String]) -> bool {
    let port = m.ports.is_empty() || e.port.is_some_and(|p| m.ports.contains(&p));
    let path = port && m.paths.iter().any(|r| e.paths.iter().any(|p| r.is_match(p)));
    let body = m.body.iter().any(|r| e.bodies.iter().any(|b| r.is_match(b)));
    let header = || m.headers.iter().any(|r| headers.iter().any(|h| r.is_match(h)));
    path || body || header()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_parses() {
        for b in &BUILT_IN {
            let p = Profile::parse(b.text, b.id).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(p.id, b.id);
            assert!(!p.sources.is_empty(), "{} names no source", b.id);
            assert_eq!(p.schema, b.whole().unwrap().schema);
        }
    }

    #[test]
    fn the_part_that_recognises_an_origin_is_the_one_of_the_whole_profile() {
        for b in &BUILT_IN {
            let texts = |list: &[Pattern]| list.iter().map(|p| p.as_str().to_owned()).collect::<Vec<_>>();
            let all = |m: &Match| (m.hosts.clone(), m.ports.clone(), [&m.paths, &m.body, &m.headers].map(|l| texts(l)));
            let whole = Profile::parse(b.text, b.id).unwrap();
            assert_eq!(all(b.matches()), all(&whole.matches), "{}", b.id);
            assert!(all(b.matches()) != all(&Match::default()), "{}: nothing recognises it", b.id);
            assert!(b.prefixes().eq(whole.prefixes.iter().map(|p| p.starts.as_str())), "{}", b.id);
        }
    }
}
