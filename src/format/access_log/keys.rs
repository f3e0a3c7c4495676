//! What the keys of a log mean: `key=value` extras, JSON members, LTSV labels, variables of a format string.

use std::borrow::Cow;

/// What a value of a log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A request header of this name (lower case).
    Request(Cow<'static, str>),
    /// A response header of this name (lower case).
    Response(Cow<'static, str>),
    /// `auth`: the request header `authorization`, or a word about how it went.
    Auth,
    Host,
    Scheme,
    Method,
    /// Path, or path and query, or the absolute URL.
    Target,
    Query,
    /// `GET /path HTTP/1.1`.
    RequestLine,
    Version,
    Status,
    Time,
    /// How long it took, in this unit if the value names none.
    Duration(Unit),
    /// The address of the client.
    Client,
    /// The id that joins two views of a request.
    Join,
    /// Which of several servers wrote the line.
    View,
    /// The request body.
    Body,
    Nothing,
}

/// The unit of a duration without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
    Micros,
    Nanos,
    /// Seconds if it has a point; otherwise not known.
    Guess,
}

fn request(name: &'static str) -> Meaning {
    Meaning::Request(Cow::Borrowed(name))
}

fn response(name: &'static str) -> Meaning {
    Meaning::Response(Cow::Borrowed(name))
}

/// What a key means; compared without case, `camelCase` and `-` read as `snake_case`.
pub(crate) fn meaning(key: &[u8]) -> Meaning {
    let mut buffer = [0; 72];
    let Some(key) = snake(key, &mut buffer) else { return Meaning::Nothing };
    plain(key).or_else(|| header_name(key)).or_else(|| prefixed(key)).unwrap_or(Meaning::Nothing)
}

/// The same for a name put together from a member and its parent: only names that are known.
pub(crate) fn known_meaning(key: &[u8]) -> Meaning {
    let mut buffer = [0; 72];
    let Some(key) = snake(key, &mut buffer) else { return Meaning::Nothing };
    plain(key).or_else(|| header_name(key)).unwrap_or(Meaning::Nothing)
}

/// The key in lower case with `_` for `-`, `.` and before capitals.
fn snake<'b>(key: &[u8], buffer: &'b mut [u8; 72]) -> Option<&'b str> {
    let key = key.strip_prefix(b"$").or(key.strip_prefix(b"@")).or(key.strip_prefix(b":")).unwrap_or(key);
    let (mut n, mut low) = (0, false);
    for &b in key {
        if b.is_ascii_uppercase() && low {
            *buffer.get_mut(n)? = b'_';
            n += 1;
        }
        low = b.is_ascii_lowercase() || b.is_ascii_digit();
        *buffer.get_mut(n)? = if matches!(b, b'-' | b'.') { b'_' } else { b.to_ascii_lowercase() };
        n += 1;
    }
    std::str::from_utf8(buffer.get(..n)?).ok()
}

fn plain(key: &str) -> Option<Meaning> {
    use Meaning as M;
    Some(match key {
        "method" | "request_method" | "http_method" | "verb" | "cs_method" | "req_method" => M::Method,
        "uri"
        | "url"
        | "path"
        | "request_uri"
        | "request_url"
        | "request_path"
        | "target"
        | "http_path"
        | "http_url"
        | "http_target"
        | "http_uri"
        | "req_url"
        | "url_path"
        | "url_original"
        | "url_full"
        | "cs_uri_stem"
        | "cs_uri"
        | "original_uri"
        | "resource_path"
        | "req_uri"
        | "document_uri"
        | "x_envoy_origin_path"
        | "x_envoy_original_path" => M::Target,
        "query" | "query_string" | "args" | "request_query" | "cs_uri_query" | "url_query" => M::Query,
        "request" | "request_line" | "req" | "http_request" => M::RequestLine,
        "protocol"
        | "proto"
        | "server_protocol"
        | "http_version"
        | "version"
        | "request_protocol"
        | "cs_version"
        | "cs_protocol_version" => M::Version,
        "status"
        | "status_code"
        | "code"
        | "response_code"
        | "http_status"
        | "downstream_status"
        | "sc_status"
        | "response_status"
        | "http_code"
        | "http_status_code"
        | "response_status_code"
        | "res_status" => M::Status,
        "time" | "ts" | "timestamp" | "time_iso8601" | "msec" | "time_local" | "datetime" | "date_time" | "t"
        | "start_utc" | "start_local" | "time_stamp" | "start_time" | "request_time_local" => M::Time,
        "host" | "vhost" | "server_name" | "http_host" | "authority" | "virtual_host" | "request_host"
        | "request_addr" | "cs_host" | "x_host_header" | "url_domain" | "domain_name" => M::Host,
        "scheme" | "request_scheme" | "http_x_forwarded_proto" | "x_forwarded_proto" | "url_scheme" | "cs_protocol" => {
            M::Scheme
        }
        "client"
        | "client_ip"
        | "remote_addr"
        | "remote"
        | "remote_ip"
        | "ip"
        | "clientip"
        | "client_addr"
        | "remote_host"
        | "addr"
        | "peer"
        | "client_host"
        | "realip"
        | "real_ip"
        | "source_ip"
        | "src"
        | "c_ip"
        | "remote_address"
        | "downstream_remote_address"
        | "client_address"
        | "id_orig_h"
        | "src_ip" => M::Client,
        "request_id"
        | "id"
        | "req_id"
        | "reqid"
        | "rid"
        | "trace"
        | "trace_id"
        | "x_request_id"
        | "traceparent"
        | "http_traceparent"
        | "http_x_request_id"
        | "correlation_id"
        | "x_correlation_id"
        | "unique_id"
        | "traceid"
        | "requestid"
        | "x_amzn_trace_id"
        | "http_x_amzn_trace_id"
        | "x_edge_request_id"
        | "b3" => M::Join,
        "rt" | "request_time" | "reqtime" | "time_taken_s" => M::Duration(Unit::Seconds),
        "duration_ms" | "latency_ms" | "rt_ms" | "elapsed_ms" | "request_time_ms" | "response_time" | "took_ms"
        | "duration_millis" => M::Duration(Unit::Millis),
        "duration_us" | "latency_us" | "request_time_us" => M::Duration(Unit::Micros),
        "duration_ns" | "latency_ns" | "event_duration" => M::Duration(Unit::Nanos),
        "duration" | "elapsed" | "latency" | "took" | "time_taken" | "d" | "responsetime" => M::Duration(Unit::Guess),
        "view" | "side" | "tier" | "hop" | "layer" | "role" | "source" | "from" | "component" | "log" | "logger"
        | "server" | "service" | "node" | "stage" | "where" => M::View,
        "request_body" | "body" | "req_body" | "post_data" => M::Body,
        // Named as headers, but something else.
        "http_referrer" => request("referer"),
        "http_user" | "http_response_code" | "upstream_status" | "origin_status" | "auth_type" => M::Nothing,
        _ => return None,
    })
}

/// Keys that are the name of a header or a usual short form of it.
fn header_name(key: &str) -> Option<Meaning> {
    Some(match key {
        "authorization" | "auth_header" | "authorization_header" => request("authorization"),
        "auth" | "authz" => Meaning::Auth,
        "cookie" | "cookies" => request("cookie"),
        "ua" | "user_agent" | "agent" | "useragent" | "user_agent_original" => request("user-agent"),
        "referer" | "referrer" => request("referer"),
        "xff" | "x_forwarded_for" | "forwardedfor" | "forwarded_for" => request("x-forwarded-for"),
        "proxy_authorization" => request("proxy-authorization"),
        "api_key" | "apikey" | "x_api_key" => request("x-api-key"),
        "private_token" => request("private-token"),
        "origin" => request("origin"),
        "dpop" => request("dpop"),
        "www" | "www_authenticate" | "wwwauthenticate" | "challenge" => response("www-authenticate"),
        "proxy_authenticate" => response("proxy-authenticate"),
        "set_cookie" => response("set-cookie"),
        "location" => response("location"),
        "retry_after" => response("retry-after"),
        _ => {
            let named = ["key", "token", "auth", "secret", "session", "csrf", "xsrf", "signature", "amz_date"];
            let own = key.starts_with("x_") && named.iter().any(|w| key.contains(w));
            return own.then(|| Meaning::Request(Cow::Owned(key.replace('_', "-"))));
        }
    })
}

/// Keys that say which message a header belongs to: `http_x`, `sent_http_x`, `request_x`, `resp_x`.
fn prefixed(key: &str) -> Option<Meaning> {
    const SENT: [&str; 9] = [
        "sent_http_",
        "upstream_http_",
        "resp_header_",
        "response_header_",
        "downstream_",
        "resp_",
        "res_",
        "response_",
        "sc_",
    ];
    const GOT: [&str; 7] = ["http_", "req_header_", "request_header_", "request_", "req_", "header_", "cs_"];
    for prefix in SENT {
        if let Some(name) = key.strip_prefix(prefix) {
            return known_header(name).then(|| Meaning::Response(Cow::Owned(name.replace('_', "-"))));
        }
    }
    if let Some(rest) = key.strip_prefix("http_").filter(|r| r.starts_with("request_") || r.starts_with("response_")) {
        return plain(rest).or_else(|| prefixed(rest));
    }
    for prefix in GOT {
        if let Some(name) = key.strip_prefix(prefix) {
            let sure = prefix == "http_" || known_header(name);
            let found = || header_name(name).unwrap_or_else(|| Meaning::Request(Cow::Owned(name.replace('_', "-"))));
            return sure.then(found);
        }
    }
    None
}

/// Whether a name (with `_`) is a header's: `request_authorization`, but not `request_size`.
fn known_header(name: &str) -> bool {
    name.starts_with("x_")
        || matches!(
            name,
            "authorization"
                | "cookie"
                | "user_agent"
                | "referer"
                | "host"
                | "origin"
                | "accept"
                | "content_type"
                | "proxy_authorization"
                | "www_authenticate"
                | "proxy_authenticate"
                | "set_cookie"
                | "location"
                | "retry_after"
                | "cache_control"
                | "date"
                | "server"
                | "vary"
                | "allow"
                | "dpop"
                | "forwarded"
                | "private_token"
                | "content_length"
                | "access_control_allow_origin"
                | "access_control_allow_credentials"
                | "access_control_allow_headers"
        )
}

/// Whether a value under the short key `auth` says how it went instead of quoting the header.
pub(crate) fn verdict(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 15] = [
        b"true",
        b"false",
        b"yes",
        b"no",
        b"ok",
        b"fail",
        b"failed",
        b"success",
        b"denied",
        b"granted",
        b"none",
        b"basic",
        b"jwt",
        b"oauth",
        b"anonymous",
    ];
    WORDS.iter().any(|w| value.eq_ignore_ascii_case(w)) || (!value.is_empty() && value.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_keys() {
        for key in
            ["authorization", "http_authorization", "Authorization", "request_Authorization", "$http_authorization"]
        {
            assert_eq!(meaning(key.as_bytes()), request("authorization"), "{key}");
        }
        for key in
            ["www_authenticate", "sent_http_www_authenticate", "resp_www_authenticate", "downstream_Www-Authenticate"]
        {
            assert_eq!(meaning(key.as_bytes()), response("www-authenticate"), "{key}");
        }
        assert_eq!(meaning(b"RequestMethod"), Meaning::Method);
        assert_eq!(meaning(b"DownstreamStatus"), Meaning::Status);
        assert_eq!(meaning(b"OriginStatus"), Meaning::Nothing);
        assert_eq!(meaning(b"StartUTC"), Meaning::Time);
        assert_eq!(meaning(b"http_x_tenant_token"), Meaning::Request("x-tenant-token".into()));
        assert_eq!(meaning(b"x-acme-key"), Meaning::Request("x-acme-key".into()));
        assert_eq!(meaning(b"request_size"), Meaning::Nothing);
        assert_eq!(meaning(&[b'k'; 500]), Meaning::Nothing);
    }
}
