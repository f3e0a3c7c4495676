//! `why401 providers` and `why401 providers ID`: what is known of a provider, and where it comes from.

use std::fmt::Write as _;
use std::process::ExitCode;

use super::args;
use crate::provider::{Endpoint, Profile, Profiles};

pub(crate) fn run(a: &args::Providers) -> ExitCode {
    let profiles = match super::config::load(&a.configuration) {
        Ok((_, profiles)) => profiles,
        Err(e) => return super::fail(&e.message),
    };
    let text = match &a.id {
        None => list(&profiles),
        Some(id) => match profiles.by_id(id) {
            Some(p) => page(p),
            None => {
                let message = super::explain::unknown("provider", id, profiles.all().map(|p| p.id.as_str()));
                return super::fail(&format!("{message} (why401 providers lists all)"));
            }
        },
    };
    super::print(&text);
    ExitCode::SUCCESS
}

fn list(profiles: &Profiles) -> String {
    let mut out = String::new();
    for p in profiles.all() {
        let by =
            if p.matches.hosts.is_empty() { "by its paths and answers".to_owned() } else { p.matches.hosts.join(", ") };
        let _ = writeln!(out, "{:<14} {:<28} {by}", p.id, p.name);
    }
    out
}

/// Everything that a profile says, a line each.
fn page(p: &Profile) -> String {
    let mut out = format!("{}: {}\n\n", p.id, p.name);
    let mut line = |key: &str, text: String| {
        if !text.is_empty() {
            let _ = writeln!(out, "{key:<14} {text}");
        }
    };
    line("sources", p.sources.join("; "));
    line("hosts", p.matches.hosts.join(", "));
    line("paths", patterns(&p.matches.paths));
    line("answers", patterns(&p.matches.body));
    line("headers", patterns(&p.matches.headers));
    if p.tenancy.tenant.is_some() {
        line("tenants", format!("each label before {} is an issuer of its own", p.tenancy.suffixes.join(", ")));
    }
    for v in &p.variants {
        let hosts = if v.hosts.is_empty() { "any other host".to_owned() } else { v.hosts.join(", ") };
        let ports = [("web", &v.ui_ports), ("API", &v.api_ports)];
        let ports = ports.iter().filter(|p| !p.1.is_empty()).map(|(n, l)| format!("{n} ports {}", numbers(l)));
        line("deployment", format!("{}: {hosts}; {}", v.id, ports.collect::<Vec<_>>().join(", ")));
    }
    for (role, hosts) in &p.roles.hosts {
        line("role", format!("{role}: {}", hosts.join(", ")));
    }
    line("credential", credential(p));
    line("lifetime", lifetime(p));
    for e in &p.endpoints {
        line(&e.kind, endpoint(e));
    }
    for m in &p.messages {
        line("says", message(m));
    }
    for x in &p.prefixes {
        line("prefix", format!("{} is {}", x.starts, x.is));
    }
    line("404 for 403", patterns(&p.masked_denial));
    for s in &p.path_slips {
        line("in paths", format!("{}: {} in place of {}", s.path.as_str(), s.is, s.wants));
    }
    for s in &p.soft_denial {
        line("200 for 401", format!("{} is {}", s.field, s.values.join(", ")));
    }
    line("anti-forgery", p.auth.csrf_header.clone().unwrap_or_default());
    line("OAuth", oauth(p));
    line("rules off", p.off.join(", "));
    for (rule, text) in &p.advice {
        line("advice", format!("{rule}: {text}"));
    }
    out
}

fn patterns(list: &[crate::provider::Pattern]) -> String {
    list.iter().map(|p| p.as_str().to_owned()).collect::<Vec<_>>().join("  ")
}

fn numbers(list: &[u16]) -> String {
    list.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

fn credential(p: &Profile) -> String {
    let a = &p.auth;
    let mut parts: Vec<String> = a.place.iter().cloned().collect();
    if !a.places.is_empty() {
        parts.push(format!("also {}", a.places.join(", ")));
    }
    if !a.schemes.is_empty() {
        let exact = if p.exact() { ", in exactly this case" } else { "" };
        parts.push(format!("scheme {}{exact}", a.schemes.join(" or ")));
    }
    let facts = [
        (a.keys, "keys are made by hand"),
        (a.challenge_unreliable, "the challenge does not name what is taken"),
        (a.challenge.as_deref() == Some("absent"), "refusals carry no challenge"),
        (a.basic_empty_password, "Basic with an empty password is right"),
        (a.basic_empty_user, "Basic with an empty user is right"),
        (a.accepts_id_token, "ID tokens are taken"),
        (a.authorization_bare, "a token without scheme is taken"),
        (a.client_cert, "client certificates may stand for credentials"),
        (a.refresh_on_login == Some(false), "a login hands out no refresh token"),
        (a.single_session == Some(true), "a new login ends the older tokens"),
    ];
    parts.extend(facts.iter().filter(|f| f.0).map(|f| f.1.to_owned()));
    parts.join("; ")
}

fn lifetime(p: &Profile) -> String {
    let a = &p.auth;
    let times = [
        ("token", a.lifetime),
        ("refresh token", a.refresh_lifetime),
        ("code", a.code_lifetime),
        ("idle session", a.session_idle),
        ("signed time", a.tolerance),
    ];
    let mut parts: Vec<String> =
        times.iter().filter_map(|(what, t)| t.map(|t| format!("{what} {}", crate::rule::words::span(t)))).collect();
    parts.extend(
        a.rotates_refresh.map(|r| if r { "refresh tokens are replaced" } else { "refresh tokens stay" }.to_owned()),
    );
    parts.extend(a.revocable.as_ref().map(|r| format!("revocable {r}")));
    parts.join("; ")
}

fn oauth(p: &Profile) -> String {
    let o = &p.oauth;
    let mut parts: Vec<String> = o.api_version.iter().map(|v| format!("only with API version {v}")).collect();
    parts.extend(o.pkce.iter().map(|r| format!("PKCE {r}")));
    parts.extend(o.https.iter().map(|r| format!("https {r}")));
    parts.extend(o.registration.clone());
    parts.join("; ")
}

fn endpoint(e: &Endpoint) -> String {
    let mut parts = vec![format!("{} {}", e.method.as_deref().unwrap_or("any method"), e.path.as_str())];
    let lists = [
        ("on", &e.hosts),
        ("as", &e.content_types),
        ("with", &e.fields),
        ("needs", &e.required),
        ("takes", &e.optional_headers),
    ];
    parts.extend(lists.iter().filter(|l| !l.1.is_empty()).map(|(w, l)| format!("{w} {}", l.join(", "))));
    parts.extend(e.role.as_ref().map(|r| format!("on the {r} host")));
    if !e.failure.is_empty() {
        parts.push(format!("failure {}", numbers(&e.failure)));
    }
    parts.extend(e.cors.map(|c| if c { "callable from a page" } else { "not callable from a page" }.to_owned()));
    parts.join("; ")
}

fn message(m: &crate::provider::Message) -> String {
    let status = m.status.map_or_else(String::new, |s| format!("{s} "));
    let json = m.json.iter().map(|(k, v)| format!("{k} = \"{v}\""));
    let texts = [&m.exact, &m.text, &m.html_title].into_iter().flatten().cloned();
    let what = json.chain(texts).collect::<Vec<_>>().join(", ");
    let vague = if m.vague { ", for every cause" } else { "" };
    format!("{status}{what}: {}{vague}", m.class.name())
}
