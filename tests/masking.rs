//! No secret of any capture stands in any output, in no spelling.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, percent_encode};
use regex::bytes::Regex;
use why401::analysis::{Options, Run, analyze, read};
use why401::auth::token::is_placeholder;
use why401::facts::Kind;
use why401::report::text::Style;
use why401::report::{render, to_json};

/// Shorter values are ordinary words.
const SHORTEST: usize = 6;

/// What anyone would call a secret, found without the readers: values of fields and headers of these names.
const FIELDS: &str = concat!(
    r#"(?i)["'&?\s{](?:access_token|refresh_token|id_token|client_secret|client_assertion|password|passwd|"#,
    r#"code_verifier|api_key|apikey|x-api-key|private-token)["']?\s*[:=]\s*["']?([^"'&\s,;}]{8,})"#
);
const AUTHORIZATION: &str = r"(?i)authorization:\s*(?:bearer|token|basic|apikey|dpop)\s+([A-Za-z0-9+/=._~-]{8,})";

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(list) = std::fs::read_dir(folder) else { return };
    for entry in list.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// All samples; all captures of `../shared`, where it is there.
fn captures() -> Vec<PathBuf> {
    let mut out = Vec::new();
    for folder in ["samples", "tests/seeds", "../shared/captures", "../shared/corpus", "../shared/formats"] {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut out);
    }
    let page = |p: &PathBuf| p.extension().is_some_and(|e| e == "tsv" || e == "md" || e == "py" || e == "rs");
    out.retain(|p| !page(p) && !p.to_string_lossy().ends_with(".labels.json"));
    out.sort();
    out
}

/// The secrets of a capture: those that the facts know, and those that stand in it for everyone to see.
fn secrets(bytes: &[u8], options: &Options) -> BTreeMap<Vec<u8>, String> {
    let mut out = BTreeMap::new();
    let Ok((_, facts)) = read(bytes, options) else { return out };
    for (_, value, kind) in facts.values.iter().filter(|(_, _, kind)| *kind != Kind::ClientId) {
        out.insert(value.to_vec(), format!("{kind:?}"));
        let inner = (kind == Kind::Basic).then(|| STANDARD.decode(value).ok()).flatten();
        if let Some(password) = inner.as_deref().and_then(|b| b.splitn(2, |b| *b == b':').nth(1)) {
            out.insert(password.to_vec(), "password in Basic".to_owned());
        }
    }
    for pattern in [FIELDS, AUTHORIZATION] {
        for found in Regex::new(pattern).unwrap().captures_iter(bytes) {
            let value: Vec<u8> = percent_decode(&found[1]).collect();
            out.entry(value).or_insert_with(|| "plain to see".to_owned());
        }
    }
    let word =
        |v: &[u8]| std::str::from_utf8(v).is_ok_and(|t| is_placeholder(t).is_some() || t.contains(['$', '<', '*']));
    out.retain(|value, _| value.len() >= SHORTEST && !word(value));
    out
}

/// The ways to write a value that a report could use.
fn spellings(value: &[u8]) -> Vec<Vec<u8>> {
    let quoted = serde_json::to_string(&String::from_utf8_lossy(value)).unwrap();
    vec![
        value.to_vec(),
        percent_encode(value, NON_ALPHANUMERIC).to_string().into_bytes(),
        STANDARD_NO_PAD.encode(value).into_bytes(),
        URL_SAFE_NO_PAD.encode(value).into_bytes(),
        quoted.trim_matches('"').as_bytes().to_vec(),
    ]
}

/// Every output of a run.
fn outputs(run: &Run) -> Vec<(&'static str, String)> {
    let style = Style::default();
    let text = |style: Style| render(&run.report, &run.blocks, style);
    vec![
        ("text", text(style)),
        ("wide text", text(Style { width: 1000, ..style })),
        ("--verbose", text(Style { verbose: true, width: 120, colour: true, ..style })),
        ("--quiet", text(Style { quiet: true, ..style })),
        ("--format json", to_json(&run.report).unwrap()),
        ("--format html", why401::report::html::render(&run.report, &run.blocks)),
        ("reply", why401::report::reply::render(&run.report, &run.blocks)),
        ("snapshot", why401::report::to_snapshot(&run.report)),
        ("baseline", why401::report::baseline::Baseline::of(&run.blocks).to_json().unwrap()),
    ]
}

fn leaks(name: &str, bytes: &[u8], options: &Options) -> Vec<String> {
    let secrets = secrets(bytes, options);
    let Ok(run) = analyze(name, bytes, options) else { return Vec::new() };
    let (mut patterns, mut names) = (Vec::new(), Vec::new());
    for (value, what) in &secrets {
        for spelling in spellings(value) {
            patterns.push(spelling);
            names.push(what);
        }
    }
    let net = AhoCorasick::new(&patterns).unwrap();
    let mut out = Vec::new();
    for (output, text) in outputs(&run) {
        // Said once: the first of each output is enough to find it.
        if let Some(hit) = net.find(text.as_bytes()) {
            let around = &text.as_bytes()[hit.start().saturating_sub(40)..(hit.end() + 20).min(text.len())];
            let around = String::from_utf8_lossy(around);
            out.push(format!("{name}: {output} shows a {}: {around:?}", names[hit.pattern()]));
        }
    }
    out
}

#[test]
fn no_output_shows_a_secret() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for path in captures() {
        let bytes = std::fs::read(&path).unwrap();
        let options = Options { full: true, sequence: true, ..Options::default() };
        seen += secrets(&bytes, &options).len();
        wrong.extend(leaks(&path.file_name().unwrap().to_string_lossy(), &bytes, &options));
    }
    assert!(seen > 300, "only {seen} secrets were planted");
    assert!(wrong.is_empty(), "{} leaks\n{}", wrong.len(), wrong.join("\n"));
}

/// The test above can fail: without the mask nearly every capture leaks.
#[test]
fn the_net_finds_what_is_shown() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/scheme-case.curl.txt");
    let options = Options { show_secrets: true, ..Options::default() };
    assert!(!leaks("scheme-case", &std::fs::read(path).unwrap(), &options).is_empty());
}

/// Secrets planted where rules, problems and cuts may quote them; `@` is the secret. Every request is refused.
const PLANTED: &[(&str, &str)] = &[
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: Bearer @\n>\n< HTTP/1.1 401 Unauthorized\n<\n",
    ),
    ("curl", "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: @\n>\n< HTTP/1.1 401 Unauthorized\n<\n"),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: Bearer Bearer @\n>\n< HTTP/1.1 401 Unauthorized\n<\n",
    ),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: Bearer \"@\"\n>\n< HTTP/1.1 401 Unauthorized\n<\n",
    ),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: Basic user:@\n>\n< HTTP/1.1 401 Unauthorized\n<\n",
    ),
    ("curl", "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> X-Api-Key: @\n>\n< HTTP/1.1 401 Unauthorized\n<\n"),
    ("curl", "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> X-Acme-Token: @\n>\n< HTTP/1.1 401 Unauthorized\n<\n"),
    ("curl", "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Cookie: session=@\n>\n< HTTP/1.1 401 Unauthorized\n<\n"),
    ("curl", "> GET /v1/me?access_token=@ HTTP/1.1\n> Host: a.example.test\n>\n< HTTP/1.1 401 Unauthorized\n<\n"),
    ("curl", "> GET /v1/me?x=1&api_key=@&y=2 HTTP/1.1\n> Host: a.example.test\n>\n< HTTP/1.1 403 Forbidden\n<\n"),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Referer: https://a.example.test/cb?code=@&state=abc\n>\n< HTTP/1.1 401 Unauthorized\n<\n",
    ),
    (
        "curl",
        "$ curl -v -u user:@ https://a.example.test/v1/me\n> GET /v1/me HTTP/1.1\n> Host: a.example.test\n>\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Basic realm=\"a\"\n<\n",
    ),
    ("curl", "$ curl https://user:@@a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n"),
    ("curl", "$ curl --oauth2-bearer @ https://a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n"),
    (
        "curl",
        "$ curl -H 'Authorization token @' https://a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n",
    ),
    (
        "curl",
        "$ curl -H 'Authorization: @' -H 'X-Api-Key @' https://a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n",
    ),
    ("curl", "$ curl -b 'sid=@' https://a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n"),
    (
        "curl",
        "$ curl -d 'Authorization: token @' https://a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n",
    ),
    (
        "curl",
        "$ curl -d 'a=1&Authorization=Bearer+@' https://a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n",
    ),
    (
        "curl",
        "$ curl -d '{\"headers\":{\"Authorization\":\"token @\"}}' https://a.example.test/v1/me\n{\"message\":\"Requires authentication.\"}\n",
    ),
    (
        "curl",
        "$ curl -d 'username=u&password=@' https://a.example.test/login\n{\"error\":\"invalid username or password\"}\n",
    ),
    (
        "curl",
        "$ curl --json '{\"user\":{\"email\":\"u@example.test\",\"password\":\"@\"}}' https://a.example.test/api/login\n{\"error\":\"invalid username or password\"}\n",
    ),
    (
        "curl",
        "$ curl -F username=u -F password=@ https://a.example.test/login\n{\"error\":\"invalid username or password\"}\n",
    ),
    (
        "curl",
        "$ curl --data-urlencode 'client_secret=@' -d grant_type=client_credentials https://a.example.test/oauth/token\n{\"error\":\"invalid_client\"}\n",
    ),
    (
        "curl",
        "$ curl -d 'grant_type=authorization_code&code=@&code_verifier=short' https://a.example.test/oauth/token\n{\"error\":\"invalid_grant\"}\n",
    ),
    (
        "curl",
        "$ curl -d 'grant_type=authorization_code&code=abc&code_verifier=@' https://a.example.test/oauth/token\n{\"error\":\"invalid_grant\",\"error_description\":\"PKCE verification failed\"}\n",
    ),
    (
        "curl",
        "$ curl -d 'grant_type=refresh_token&refresh_token=@' https://a.example.test/oauth/token\n{\"error\":\"invalid_grant\"}\n",
    ),
    (
        "curl",
        "$ curl -H 'Content-Type: application/json' -d 'client_secret=@' https://a.example.test/oauth/token\n{\"error\":\"invalid_request\"}\n",
    ),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: Bearer @\n>\n< HTTP/1.1 401 Unauthorized\n< Content-Type: text/plain\n<\nno such token: @\n",
    ),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n>\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"Bearer @ is unknown\"\n<\n",
    ),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: Bearer @\n>\n< HTTP/1.1 302 Found\n< Location: https://b.example.test/me#access_token=@\n<\n> GET /me HTTP/1.1\n> Host: b.example.test\n>\n< HTTP/1.1 401 Unauthorized\n<\n",
    ),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: a.example.test\n> Authorization: Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/x\", response=\"@\"\n>\n< HTTP/1.1 401 Unauthorized\n<\n",
    ),
    (
        "curl",
        "> GET /v1/me HTTP/1.1\n> Host: s3.amazonaws.com\n> Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=@\n>\n< HTTP/1.1 403 Forbidden\n<\n",
    ),
    (
        "har",
        r#"{"log":{"entries":[{"request":{"method":"POST","url":"https://a.example.test/login","headers":[],"postData":{"mimeType":"multipart/form-data; boundary=b","text":"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n@\r\n--b--\r\n"}},"response":{"status":401,"headers":[],"content":{"text":"{\"error\":\"invalid username or password\"}"}}}]}}"#,
    ),
    (
        "har",
        r#"{"log":{"entries":[{"request":{"method":"POST","url":"https://a.example.test/graphql","headers":[],"postData":{"mimeType":"application/json","text":"{\"query\":\"mutation{login}\",\"variables\":{\"password\":\"@\"}}"}},"response":{"status":401,"headers":[],"content":{"text":"{\"error\":\"unauthorized\"}"}}}]}}"#,
    ),
    (
        "har",
        r#"{"log":{"entries":[{"request":{"method":"POST","url":"https://a.example.test/ws","headers":[],"postData":{"mimeType":"text/xml","text":"<Envelope><Body><login><username>u</username><password>@</password></login></Body></Envelope>"}},"response":{"status":401,"headers":[],"content":{"text":"<Fault>INVALID_LOGIN</Fault>"}}}]}}"#,
    ),
    (
        "har",
        r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example.test/v1/me","headers":[{"name":"Authorization","value":"Bearer @"}]},"response":{"status":401,"headers":[{"name":"Set-Cookie","value":"sid=@; Path=/"}],"content":{"text":"{\"error\":\"invalid_token\"}"}}},{"request":{"method":"GET","#,
    ),
    (
        "access-log",
        "192.0.2.1 - - [09/Dec/2025:16:38:07 +0000] \"GET /v1/me?access_token=@ HTTP/1.1\" 401 98 \"-\" \"curl/8.0\"\n",
    ),
    (
        "access-log",
        "192.0.2.1 - - [09/Dec/2025:16:38:07 +0000] \"GET /v1/me HTTP/1.1\" 401 98 \"https://a.example.test/cb?code=@\" \"curl/8.0\" authorization=\"Bearer @\"\n",
    ),
];

/// Tokens, a JWT, a password, a key with a vendor's prefix.
const SECRETS: [&str; 4] = [
    "Zq8vT3nXw7LkB2mRf6YcJ1hD9sPa4GeU5oVi",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3NDIiLCJleHAiOjE1fQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg",
    "ghp_R7vXk2LmQ9sTz4WcY1bN8dHf3JgP6aKe5uVo",
    "xK7-Qr9_mV2pLw",
];

#[test]
fn no_planted_secret_is_shown() {
    let mut wrong = Vec::new();
    for (at, (format, capture)) in PLANTED.iter().enumerate() {
        for secret in SECRETS {
            let format = why401::format::by_name(format);
            let options = Options { format, sequence: true, ..Options::default() };
            let capture = capture.replace("u@example", "u[at]example").replace("@@", "@\u{1}").replace('@', secret);
            let capture = capture.replace('\u{1}', "@").replace("[at]", "@");
            let run = analyze("planted", capture.as_bytes(), &options).unwrap();
            assert!(run.report.summary.denied > 0, "nothing was refused in {capture}");
            // Four characters may be shown, and a vendor's prefix.
            let (head, tail) = (&secret[..8], &secret[secret.len() - 6..]);
            for (output, text) in outputs(&run) {
                if text.contains(head) || text.contains(tail) {
                    let line = text.lines().find(|l| l.contains(head) || l.contains(tail)).unwrap_or_default();
                    let line = line.chars().take(300).collect::<String>();
                    wrong.push(format!("plant {at}, {output}: {line}\n  in {capture}"));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} leaks\n{}", wrong.len(), wrong.join("\n"));
}

/// Errors of the program itself: an input of no known format, a file that is not there.
#[test]
fn errors_keep_secrets() {
    let folder = std::env::temp_dir().join(format!("why401-masking-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for secret in SECRETS {
        let path = folder.join("saved.key");
        std::fs::write(&path, format!("{secret}\n")).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_why401")).arg(&path).args(["--format", "json"]).output().unwrap();
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8(shown).unwrap();
        assert!(!shown.contains(&secret[..8]), "{shown}");
        assert_eq!(output.status.code(), Some(2), "{shown}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
