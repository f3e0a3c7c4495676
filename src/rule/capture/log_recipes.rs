//! What to add to a server's configuration so that its log shows the shape of a credential, but not the credential.

use crate::rule::Finding;

/// Puts in the fix for the program that wrote the log.
pub(super) fn add(f: Finding, recorder: &str) -> Finding {
    let known = RECIPES.iter().find(|(names, ..)| names.iter().any(|n| contains(recorder, n)));
    let (fix, paste) = known.map_or((ANY, ANY_PASTE), |(_, fix, paste)| (fix, paste));
    paste.iter().fold(f.fix(fix), |f, line| f.paste(*line))
}

fn contains(recorder: &str, name: &str) -> bool {
    recorder.to_ascii_lowercase().contains(name)
}

type Recipe = (&'static [&'static str], &'static str, &'static [&'static str]);

const ANY: &str = "log the scheme of the credential, not the credential";

/// nginx and Apache write the same lines.
const ANY_PASTE: &[&str] = &[
    "nginx: map $http_authorization $auth_scheme { default \"\"; \"~^(?<s>\\S+)\" \"$s\"; }",
    "nginx: log_format auth '$remote_addr [$time_local] \"$request\" $status auth=\"$auth_scheme\" www=\"$sent_http_www_authenticate\"';",
    "Apache: SetEnvIf Authorization \"^(\\S+)\" auth_scheme=$1, and %{auth_scheme}e in its LogFormat",
];

const RECIPES: &[Recipe] = &[
    (
        &["nginx"],
        ANY,
        &[
            "map $http_authorization $auth_scheme { default \"\"; \"~^(?<s>\\S+)\" \"$s\"; }",
            "log_format auth '$remote_addr [$time_local] \"$request\" $status auth=\"$auth_scheme\" www=\"$sent_http_www_authenticate\"';",
        ],
    ),
    (
        &["apache", "httpd"],
        ANY,
        &[
            "SetEnvIf Authorization \"^(\\S+)\" auth_scheme=$1",
            "LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b auth=\\\"%{auth_scheme}e\\\" www=\\\"%{WWW-Authenticate}o\\\"\" auth",
        ],
    ),
    (
        &["haproxy"],
        "capture the scheme of the credential and the challenge",
        &[
            "http-request capture req.hdr(Authorization),word(1,' ') len 16",
            "http-response capture res.hdr(WWW-Authenticate) len 64",
        ],
    ),
    (&["squid"], "log the heads, which show credentials: share such a log with care", &["log_mime_hdrs on"]),
    (
        &["envoy", "istio"],
        "log the first letters of the credential, which are its scheme",
        &["auth=\"%REQ(AUTHORIZATION):6%\" www=\"%RESP(WWW-AUTHENTICATE)%\" %RESPONSE_CODE_DETAILS%"],
    ),
    (
        &["traefik"],
        "let the log say that the header was there",
        &[
            "accessLog: { format: json, fields: { headers: { names: { Authorization: redact, Www-Authenticate: keep } } } }",
        ],
    ),
    (
        &["caddy"],
        "log credentials, as a hash",
        &["servers { log_credentials }", "log { format filter { request>headers>Authorization hash } }"],
    ),
    (
        &["internet information", "iis"],
        "add the challenge and the sub-status as fields of the log",
        &["<add logFieldName=\"www-authenticate\" sourceName=\"WWW-Authenticate\" sourceType=\"ResponseHeader\" />"],
    ),
    (
        &["varnish"],
        "record the refused requests with their headers: share that with care",
        &["varnishlog -q 'RespStatus == 401 or RespStatus == 403'"],
    ),
    (
        &["cloudfront"],
        "this log cannot show it: use real-time logs with the field cs-headers, or record at the client",
        &["curl -v ... 2>&1 | why401"],
    ),
    (
        &["api gateway"],
        "add what the gateway knows of the refusal to its access log",
        &["$context.authorizer.error $context.error.responseType $context.error.message"],
    ),
    (
        &["load balanc", "alb", "application gateway", "s3", "zeek", "gcp", "azure"],
        "this log cannot show it: record at the client, or log it in the service behind",
        &["curl -v ... 2>&1 | why401"],
    ),
];
