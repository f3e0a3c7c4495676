//! The absolute URL of a request: curl's `-v` shows only its target.

use super::options::Operation;
use super::transfer::Transfer;
use super::typed;
use crate::http::Text;

/// The absolute URL: from the request line, what curl told, the typed command, the connection.
pub(super) fn url<'w>(t: &Transfer<'w>, op: Option<(&Operation, &Text<'static>)>) -> Text<'w> {
    let target = t.target.raw();
    if typed::scheme_len(target.get(..16).unwrap_or(target)).is_some() {
        return t.target.clone();
    }
    let made = |scheme: &[u8], authority: &[u8], path: &[u8]| {
        Text::made([scheme, b"://", authority, path].concat(), t.target.at())
    };
    let method = t.method.as_ref().map(Text::raw).unwrap_or_default();
    if method == b"CONNECT" {
        return proxy(t, op)
            .map_or_else(|| t.target.clone(), |p| made(if t.conn.tls { b"https" } else { b"http" }, &p, b"/"));
    }
    let host =
        t.request.get("host").or_else(|| t.request.get(":authority")).map(<[u8]>::trim_ascii).unwrap_or_default();
    let told = t.url.as_deref().filter(|u| ends_with_target(u, target));
    if let Some(u) = told.filter(|u| host.is_empty() || same_host(typed::authority(u), host)) {
        return made(scheme(u).unwrap_or(b"http"), host_of(u, host), target);
    }
    if let Some((o, u)) = op {
        let fits = host.is_empty() || same_host(typed::authority(u.raw()), host);
        let overridden = o.headers.iter().any(|h| h.raw().get(..5).is_some_and(|n| n.eq_ignore_ascii_case(b"host:")));
        if fits {
            return made(
                scheme(u.raw()).unwrap_or(if t.conn.tls { b"https" } else { b"http" }),
                host_of(u.raw(), host),
                target,
            );
        }
        if overridden {
            return made(scheme(u.raw()).unwrap_or(b"http"), host, target);
        }
    }
    let scheme: &[u8] = if t.conn.tls { b"https" } else { b"http" };
    if host.is_empty() && t.conn.host.is_empty() {
        return t.target.clone();
    }
    let authority =
        if host.is_empty() { with_port(&t.conn.host, t.conn.port, t.conn.tls) } else { port_of_connection(t, host) };
    made(scheme, &authority, target)
}

/// The `Host` line lacks a port only where it was written by hand: the connection knows it.
fn port_of_connection(t: &Transfer<'_>, host: &[u8]) -> Vec<u8> {
    if !t.conn.tunnel && *host == *t.conn.host {
        return with_port(host, t.conn.port, t.conn.tls);
    }
    host.to_vec()
}

fn with_port(host: &[u8], port: u16, tls: bool) -> Vec<u8> {
    let default = if tls { 443 } else { 80 };
    if port == 0 || port == default { host.to_vec() } else { [host, format!(":{port}").as_bytes()].concat() }
}

pub(super) fn proxy(t: &Transfer<'_>, op: Option<(&Operation, &Text<'static>)>) -> Option<Vec<u8>> {
    if let Some(p) = op.and_then(|(o, _)| o.proxy.as_ref()) {
        let authority = typed::authority(p.raw());
        return Some(authority.rsplit(|b| *b == b'@').next().unwrap_or_default().to_vec());
    }
    (!t.conn.host.is_empty()).then(|| with_port(&t.conn.host, t.conn.port, t.conn.tls))
}

fn scheme(url: &[u8]) -> Option<&[u8]> {
    typed::scheme_len(url).and_then(|at| url.get(..at))
}

fn ends_with_target(url: &[u8], target: &[u8]) -> bool {
    let url = url.get(..memchr::memchr(b'#', url).unwrap_or(url.len())).unwrap_or_default();
    url.ends_with(target) || target == b"/"
}

/// Host and port of a URL without its userinfo.
fn host_of<'u>(url: &'u [u8], host: &'u [u8]) -> &'u [u8] {
    if !host.is_empty() {
        return host;
    }
    typed::authority(url).rsplit(|b| *b == b'@').next().unwrap_or_default()
}

/// Whether the authority of a URL is the one of a `Host` line, which leaves out the default port.
fn same_host(authority: &[u8], host: &[u8]) -> bool {
    let authority = authority.rsplit(|b| *b == b'@').next().unwrap_or_default();
    let bare = |a: &[u8]| a.strip_suffix(b":443").or_else(|| a.strip_suffix(b":80")).unwrap_or(a).to_ascii_lowercase();
    bare(authority) == bare(host)
}
