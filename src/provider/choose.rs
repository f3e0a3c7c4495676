//! Which profile speaks for an origin: by host, then by fingerprint, else the generic one.

use std::sync::OnceLock;

use super::profile::{Profile, ProfileError, glob};

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

/// File name and text of every built-in profile, in the order in which they are asked.
const BUILTIN: &[(&str, &str)] = &[
    ("aws-apigw.toml", include_str!("profiles/aws-apigw.toml")),
    ("aws.toml", include_str!("profiles/aws.toml")),
    ("looker.toml", include_str!("profiles/looker.toml")),
    ("github.toml", include_str!("profiles/github.toml")),
    ("google.toml", include_str!("profiles/google.toml")),
    ("entra.toml", include_str!("profiles/entra.toml")),
    ("stripe.toml", include_str!("profiles/stripe.toml")),
    ("slack.toml", include_str!("profiles/slack.toml")),
    ("okta.toml", include_str!("profiles/okta.toml")),
    ("auth0.toml", include_str!("profiles/auth0.toml")),
    ("atlassian.toml", include_str!("profiles/atlassian.toml")),
    ("gitlab.toml", include_str!("profiles/gitlab.toml")),
    ("salesforce.toml", include_str!("profiles/salesforce.toml")),
    ("twilio.toml", include_str!("profiles/twilio.toml")),
    ("shopify.toml", include_str!("profiles/shopify.toml")),
    ("keycloak.toml", include_str!("profiles/keycloak.toml")),
    ("oci-registry.toml", include_str!("profiles/oci-registry.toml")),
    ("kubernetes.toml", include_str!("profiles/kubernetes.toml")),
];

fn builtin() -> &'static [Profile] {
    static LIST: OnceLock<Vec<Profile>> = OnceLock::new();
    // A built-in profile that does not parse is a fault of the build; a test parses them all.
    LIST.get_or_init(|| BUILTIN.iter().filter_map(|(file, text)| Profile::parse(text, file).ok()).collect())
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

    /// All profiles, the user's first.
    pub fn all(&self) -> impl Iterator<Item = &Profile> {
        self.own.iter().chain(builtin())
    }

    /// The profile of this id.
    pub fn by_id(&self, id: &str) -> Option<&Profile> {
        self.all().find(|p| p.id == id)
    }

    /// The profile for an origin.
    pub fn for_origin(&self, e: &OriginEvidence<'_>) -> &Profile {
        let by_host = |p: &&Profile| p.matches.hosts.iter().any(|g| glob(g, e.host));
        let found = self.all().find(by_host).or_else(|| self.all().find(|p| fingerprint(p, e)));
        found.unwrap_or_else(|| Profile::generic())
    }
}

fn fingerprint(p: &Profile, e: &OriginEvidence<'_>) -> bool {
    let m = &p.matches;
    let port = m.ports.is_empty() || e.port.is_some_and(|p| m.ports.contains(&p));
    let path = port && m.paths.iter().any(|r| e.paths.iter().any(|p| r.is_match(p)));
    let body = m.body.iter().any(|r| e.bodies.iter().any(|b| r.is_match(b)));
    let header = || m.headers.iter().any(|r| e.headers.iter().any(|(n, v)| r.is_match(&format!("{n}: {v}"))));
    path || body || header()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_parses() {
        for (file, text) in BUILTIN {
            let p = Profile::parse(text, file).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(format!("{}.toml", p.id), *file);
        }
    }
}
