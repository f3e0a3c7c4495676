//! What a format cannot show is not missing: no rule says so of these captures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use why401::analysis::{Options, Run, judge, read};

/// Rules and messages of the root causes.
fn roots(text: &str) -> Vec<String> {
    let options = Options::default();
    let (_, facts) = read(text.as_bytes(), &options).unwrap();
    let mut run = Run::new(&options);
    run.add_judged("x", "", judge(&facts, &options));
    let report = serde_json::to_value(&run.report).unwrap();
    let list = report["findings"].as_array().unwrap().iter().filter(|f| f["root_cause"] == true);
    list.map(|f| format!("{}: {}", f["rule"].as_str().unwrap(), f["message"].as_str().unwrap())).collect()
}

fn certificate(text: &str) {
    let got = roots(text);
    assert!(
        got.len() == 1 && got[0].starts_with("unknown-token:") && got[0].contains("certificate"),
        "{got:?}\n{text}"
    );
}

fn missing(text: &str) {
    let got = roots(text);
    assert!(got.len() == 1 && got[0].starts_with("missing-credentials:"), "{got:?}\n{text}");
}

const KUBECTL: &str = "\
I1121 09:20:35.036374   16208 round_trippers.go:470] GET https://10.0.0.1:6443/api/v1/pods
I1121 09:20:35.036379   16208 round_trippers.go:476] Request Headers:
I1121 09:20:35.036388   16208 round_trippers.go:480]     User-Agent: kubectl/v1.32.4 (linux/amd64) kubernetes/4cb5f07
I1121 09:20:35.039208   16208 round_trippers.go:581] Response Status: 401 Unauthorized in 2 milliseconds
I1121 09:20:35.039221   16208 round_trippers.go:584] Response Headers:
I1121 09:20:35.039239   16208 round_trippers.go:587]     Content-Type: application/json
I1121 09:20:35.039273   16208 request.go:1351] Response Body: {\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"Unauthorized\",\"code\":401}
";

#[test]
fn kubectl_shows_no_certificate() {
    certificate(KUBECTL);
    // Without TLS there is none; and the server knows best what it was not shown.
    missing(&KUBECTL.replace("https://", "http://"));
    let anonymous = "\"pods is forbidden: User \\\"system:anonymous\\\" cannot list\"";
    missing(&KUBECTL.replace("\"Unauthorized\"", anonymous).replace("401", "403"));
}

const CALL: &str = "\
* Connected to api.example.test (127.0.0.1) port 443 (#0)
* TLSv1.3 (IN), TLS handshake, Request CERT (13):
* TLSv1.3 (IN), TLS handshake, CERT verify (15):
* TLSv1.3 (OUT), TLS handshake, Certificate (11):
* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
> GET /v1/me HTTP/1.1
> Host: api.example.test
> Accept: */*
>
< HTTP/1.1 401 Unauthorized
< Content-Length: 0
<
";

#[test]
fn curl_with_a_certificate() {
    let typed = |options: &str| format!("$ curl -v {options} https://api.example.test/v1/me\n{CALL}");
    missing(CALL);
    missing(&typed("-s"));
    missing(&typed("--cacert ca.pem"));
    for options in ["--cert client.pem", "-E client.pem:pw", "-skE client.pem", "--cert client.p12 --cert-type P12"] {
        certificate(&typed(options));
    }
    certificate(
        &CALL.replace("* SSL connection", "* TLSv1.3 (OUT), TLS handshake, CERT verify (15):\n* SSL connection"),
    );
    // A server that asks for something else is not content with it.
    missing(&typed("--cert client.pem").replace("< Content", "< WWW-Authenticate: Bearer realm=\"x\"\n< Content"));
}

#[test]
fn other_clients_with_a_certificate() {
    let httpie = |options: &str| {
        format!(
            "$ http -v {options} https://api.example.test/v1/me\nGET /v1/me HTTP/1.1\nHost: api.example.test\n\
             User-Agent: HTTPie/3.2.4\n\n\nHTTP/1.1 401 Unauthorized\nContent-Length: 0\n\n"
        )
    };
    missing(&httpie("--verify=no"));
    certificate(&httpie("--cert=client.pem"));
    let wget = |option: &str| {
        format!(
            "{option}DEBUG output created by Wget 1.25.0 on linux-gnu.\n\n--2026-11-21 09:16:26--  https://api.example.test/v1/me\n\
             ---request begin---\nGET /v1/me HTTP/1.1\nHost: api.example.test\nUser-Agent: Wget/1.25.0\n\n---request end---\n\
             HTTP request sent, awaiting response... \n---response begin---\nHTTP/1.1 401 Unauthorized\nContent-Length: 0\n\n\
             ---response end---\n401 Unauthorized\n"
        )
    };
    missing(&wget(""));
    certificate(&wget("Setting --certificate (certificate) to client.pem\n"));
}

/// A proxy that ended TLS tells what it was shown.
#[test]
fn a_certificate_in_a_header() {
    let call = |header: &str| {
        format!("> GET /v1/me HTTP/1.1\n> Host: api.example.test\n{header}>\n< HTTP/1.1 401 Unauthorized\n<\n")
    };
    missing(&call("> X-Forwarded-For: 192.0.2.7\n"));
    certificate(&call("> X-Forwarded-Client-Cert: Hash=ab;Subject=\"CN=jobs\"\n"));
    missing(&call("> X-SSL-Client-S-DN: (null)\n"));
}
